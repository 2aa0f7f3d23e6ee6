"""A setting of an experiment as people call it: `width of layer 1: 8`, also where a file has a path and a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from msgspec.inspect import ListType

from engine.core.registry import Choice
from engine.experiments.changes import HIDDEN
from engine.experiments.schema import (
    KIND,
    Field,
    Option,
    experiment_type,
    fields_at,
    fields_of,
    kinds_in,
    options_of,
    structs_in,
)
from gui.terms.experiment_words import said
from gui.text.language import QT_TRANSLATE_NOOP, translate

LAYERS, ALL = "network.layers", "*"
LONGEST_VALUE = 40
"""Characters of a value."""
NAMES: dict[str, str] = {
    "fan_in_first": QT_TRANSLATE_NOOP("experiment", "inputs × neurons"),
    "fan_out_first": QT_TRANSLATE_NOOP("experiment", "neurons × inputs"),
    "fan_in": QT_TRANSLATE_NOOP("experiment", "inputs of the layer"),
    "fan_out": QT_TRANSLATE_NOOP("experiment", "neurons of the layer"),
    "fan_avg": QT_TRANSLATE_NOOP("experiment", "mean of inputs and neurons"),
}
"""Values that are called otherwise than in files."""


def setting(path: str, value: Any, document: Any = None) -> str:
    """Return what stands at a path now. `document` is the experiment before, if it is known: it has the kinds."""
    label, options = _label(path, document)
    return translate("actions", "{0}: {1}").format(label, value_words(value, options))


def _label(path: str, document: Any) -> tuple[str, tuple[Option, ...]]:
    """Return what a path is called, and what may stand there."""
    options, labels, before = tuple(options_of(experiment_type())), list[str](), list[str]()
    for key in path.split("."):
        if any(isinstance(option.type, ListType) for option in options):
            lists = [option.type for option in options if isinstance(option.type, ListType)]
            options = tuple(inner for one in lists for inner in options_of(one.item_type))
        else:
            found = [one for one in _fields(options, ".".join(before), document) if one.name == key]
            names = Counter(one.label for one in found).most_common(1)
            labels.append(said(names[0][0]) if names else key)
            options = tuple(option for one in found for option in one.options)
        before.append(key)
    return _of_layer(before, labels), options


def _fields(options: Sequence[Option], path: str, document: Any) -> Sequence[Field]:
    """Return the fields of what is at a path; where that is not known, of all that may be there."""
    known = () if document is None else fields_at(path, document)
    return known or [found for struct in structs_in(tuple(options)) for found in fields_of(struct)]


def _of_layer(keys: list[str], labels: list[str]) -> str:
    if ".".join(keys[:2]) != LAYERS or len(keys) < 4:
        return ", ".join(labels)
    if keys[2] == ALL:
        told = translate("actions", "{0} of all layers").format(labels[2])
    elif keys[2] == HIDDEN:
        told = translate("experiment panel", "{0} of the hidden layers").format(labels[2])
    else:
        told = translate("experiment panel", "{0} of layer {1}").format(labels[2], _number(keys[2]))
    return ", ".join([told, *labels[3:]])


def _number(place: str) -> str:
    return str(int(place) + 1) if place.isdecimal() else place


def value_words(value: Any, options: Sequence[Option]) -> str:
    """Return a value, which may be one of `options`: a kind with what is not usual in it."""
    if not isinstance(value, dict):
        return plain_text(value)
    parts = cast("dict[str, Any]", value)
    if KIND not in parts:
        fields = [found for struct in structs_in(tuple(options)) for found in fields_of(struct)]
        return ", ".join(
            f"{said(one.label)} {plain_text(parts[one.name])}" for one in fields if one.name in parts
        )
    struct = kinds_in(tuple(options)).get(parts[KIND])
    if struct is None:
        return plain_text(parts[KIND])
    fields = [found for found in fields_of(struct) if found.name in parts]
    numbers = [found for found in fields if isinstance(parts[found.name], int | float)]
    told = [found for found in fields if found.required or parts[found.name] != found.default]
    if not told and len(numbers) == 1:
        told = numbers
    label = said(cast("type[Choice]", struct.cls).label)
    return ", ".join([label, *(f"{said(found.label)} {plain_text(parts[found.name])}" for found in told)])


def plain_text(value: Any) -> str:
    """Return a value that has no parts, or the beginning of a list."""
    if value is None:
        return translate("experiment panel", "none")
    if isinstance(value, bool):
        return translate("experiment panel", "yes") if value else translate("experiment panel", "no")
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, str) and value in NAMES:
        return said(NAMES[value])
    text = " ".join((value if isinstance(value, str) else msgspec.json.encode(value).decode()).split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def layers_words(layers: Sequence[Any], before: Sequence[Any] | None) -> str:
    """Return what was done to the layers of a network, of which there were `before`; their widths where many changed."""
    old, new = list(before or ()), list(layers)
    told = _added(old, new) or _removed(old, new) or _moved(old, new)
    if told and before is not None:
        return told
    widths = ", ".join(str(one.get("units", "?")) if isinstance(one, dict) else "?" for one in new)
    return translate("actions", "layers with widths {0}").format(widths)


def _without(layers: list[Any], place: int) -> list[Any]:
    return layers[:place] + layers[place + 1 :]


def _added(old: list[Any], new: list[Any]) -> str:
    places = [place for place in range(len(new)) if _without(new, place) == old]
    return translate("actions", "layer {0} added").format(places[-1] + 1) if places else ""


def _removed(old: list[Any], new: list[Any]) -> str:
    places = [place for place in range(len(old)) if _without(old, place) == new]
    return translate("actions", "layer {0} removed").format(places[0] + 1) if places else ""


def _moved(old: list[Any], new: list[Any]) -> str:
    """Say which layer has another place, if that is all."""
    if len(old) != len(new):
        return ""
    for place in range(len(old)):
        for to in range(len(new)):
            if to != place and old[place] == new[to] and _without(old, place) == _without(new, to):
                return translate("actions", "layer {0} moved to place {1}").format(place + 1, to + 1)
    return ""
