"""Names that beginners and other libraries use: `xavier`, `mse`, `leaky_relu`, a bare `"adam"`.

They are understood wherever an experiment is written: in files, in variants, in changes. What is kept is always the
name of the kind itself, so files are written in one form. The name of a kind never means another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeAlias, cast

import msgspec
from msgspec.inspect import ListType, StructType

from engine.experiments.experiment import Experiment, Variant
from engine.experiments.schema import (
    KIND,
    Option,
    fields_of,
    kinds_in,
    options_of,
    struct_of,
    structs_in,
)

Options: TypeAlias = tuple[Option, ...]
Meaning: TypeAlias = tuple[str, dict[str, Any]]
"""A kind and the parameters that a name stands for."""

LONGEST_NAME = 40
"""Characters of a name that is compared with the known ones."""
ALIASES: dict[str, Meaning] = {
    # initializers
    "zeros": ("constant", {"value": 0.0}),
    "zero": ("constant", {"value": 0.0}),
    "ones": ("constant", {"value": 1.0}),
    "one": ("constant", {"value": 1.0}),
    "random": ("normal", {}),
    "randn": ("normal", {}),
    "gaussian": ("normal", {}),
    "rand": ("uniform", {"low": 0.0, "high": 1.0}),
    "xavier": ("glorot-normal", {}),
    "xaviernormal": ("glorot-normal", {}),
    "xavieruniform": ("glorot-uniform", {}),
    "glorot": ("glorot-normal", {}),
    "kaiming": ("he-normal", {}),
    "kaimingnormal": ("he-normal", {}),
    "kaiminguniform": ("he-uniform", {}),
    "he": ("he-normal", {}),
    "lecun": ("lecun-normal", {}),
    "eye": ("identity", {}),
    "pytorch": ("pytorch-linear", {}),
    "torch": ("pytorch-linear", {}),
    # activations
    "linear": ("identity", {}),
    "none": ("identity", {}),
    "logistic": ("sigmoid", {}),
    "lrelu": ("leaky-relu", {}),
    "swish": ("silu", {}),
    "exp": ("exponential", {}),
    "sin": ("sine", {}),
    # losses
    "mse": ("squared-error", {"reduction": "mean"}),
    "meansquarederror": ("squared-error", {"reduction": "mean"}),
    "sse": ("squared-error", {"reduction": "sum"}),
    "mae": ("absolute-error", {"reduction": "mean"}),
    "l1loss": ("absolute-error", {"reduction": "mean-all"}),
    "huberloss": ("huber", {"reduction": "mean-all"}),
    "hingeloss": ("hinge", {}),
    "bcewithlogits": ("logits-binary-cross-entropy", {}),
    "crossentropyfromlogits": ("logits-cross-entropy", {}),
    "bce": ("binary-cross-entropy", {}),
    "logloss": ("binary-cross-entropy", {}),
    "ce": ("cross-entropy", {}),
    "categoricalcrossentropy": ("cross-entropy", {}),
    # optimizers
    "gd": ("sgd", {}),
    "gradientdescent": ("sgd", {}),
    "momentum": ("sgd", {"momentum": 0.9}),
    "nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
}
"""What each name means where that kind can be chosen; written without capitals, spaces, hyphens and underscores."""
BESIDE: dict[str, str] = {"linear": "sigmoid", "none": "sigmoid", "eye": "constant"}
"""The kind beside which a name has its meaning, where several sorts have a kind of that name."""
_IGNORED = str.maketrans("", "", " -_")


def spelled_out(document: dict[str, Any]) -> dict[str, Any]:
    """Return an experiment as plain JSON data with every kind under its own name; what is not known stays as it is."""
    return cast("dict[str, Any]", _spelled(document, _options_of_experiment()))


def change_spelled_out(target: str, value: Any) -> list[tuple[str, Any]]:
    """Return the changes that putting a value at a dotted path means, with every kind under its own name."""
    *inner, last = target.split(".")
    around = _options_at(inner)
    if last == KIND and isinstance(value, str) and kinds_in(around):
        kind, fixed = _meaning(value, around) or (value, {})
        place = ".".join(inner)
        return [(target, kind), *((f"{place}.{name}", given) for name, given in fixed.items())]
    return [(target, _spelled(value, _inside(around, last)))]


def nearest_name(kind: str, kinds: list[str]) -> str | None:
    """Return the known name that is spelt most like a name that is not known; None if none is like it."""
    known = {_bare(name): name for name in kinds}
    known.update({alias: alias for alias, (meant, _) in ALIASES.items() if meant in kinds})
    found = get_close_matches(_bare(kind[:LONGEST_NAME]), known, n=1)
    return known[found[0]] if found else None


def _bare(name: str) -> str:
    return name.lower().translate(_IGNORED)


def _meaning(name: str, options: Options) -> Meaning | None:
    """Return which of the kinds that can be chosen a name means; None if none."""
    kinds = kinds_in(options)
    if name in kinds or len(name) > LONGEST_NAME:
        return (name, {}) if name in kinds else None
    bare = _bare(name)
    same = next((kind for kind in kinds if _bare(kind) == bare), None)
    if same is not None:
        return same, {}
    meant = ALIASES.get(bare)
    if meant is None or BESIDE.get(bare, meant[0]) not in kinds:
        return None
    return meant if meant[0] in kinds else None


def _spelled(node: Any, options: Options) -> Any:
    if isinstance(node, str) and kinds_in(options):
        return _choice({KIND: node}, options)
    if isinstance(node, list):
        inner = _items(options)
        items = cast("list[Any]", node)
        return [_spelled(item, inner) for item in items] if structs_in(inner) else items
    if isinstance(node, dict) and structs_in(options):
        return _object(_choice(cast("dict[str, Any]", node), options), options)
    return cast("Any", node)


def _choice(node: dict[str, Any], options: Options) -> dict[str, Any]:
    """Return a choice under the name of its kind; as it is where the name is not known or something contradicts it."""
    name = node.get(KIND)
    meant = _meaning(name, options) if isinstance(name, str) else None
    if meant is None:
        return node
    kind, fixed = meant
    if any(key in node and node[key] != value for key, value in fixed.items()):
        return node
    return {**node, KIND: kind, **fixed}


def _object(node: dict[str, Any], options: Options) -> dict[str, Any]:
    struct = struct_of(options, node)
    if struct is None:
        return node
    places = _places(struct.cls)
    whole = {key: _spelled(value, places[key]) if key in places else value for key, value in node.items()}
    if struct.cls is Variant and isinstance(whole.get("set"), dict):
        whole["set"] = _changes_spelled_out(cast("dict[str, Any]", whole["set"]))
    return whole


def _changes_spelled_out(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of a variant; what they say themselves counts more than what a name stands for."""
    return {
        place: meant
        for target, value in changes.items()
        for place, meant in change_spelled_out(target, value)
        if place == target or place not in changes
    }


@cache
def _options_of_experiment() -> Options:
    return tuple(options_of(msgspec.inspect.type_info(Experiment)))


@cache
def _places(struct: type) -> dict[str, Options]:
    """Return what the fields of a part may be, by their names."""
    found = msgspec.inspect.type_info(struct)
    return {field.name: field.options for field in fields_of(cast("StructType", found))}


def _items(options: Options) -> Options:
    """Return what the elements of a list may be."""
    return tuple(
        inner
        for option in options
        if isinstance(option.type, ListType)
        for inner in options_of(option.type.item_type)
    )


def _options_at(keys: list[str]) -> Options:
    """Return what may stand at a dotted path, as far as that does not depend on which kinds were chosen."""
    options = _options_of_experiment()
    for key in keys:
        options = _inside(options, key)
    return options


def _inside(options: Options, key: str) -> Options:
    parts = [struct for struct in structs_in(options) if struct.tag is None]
    return (*_items(options), *(found for part in parts for found in _places(part.cls).get(key, ())))
