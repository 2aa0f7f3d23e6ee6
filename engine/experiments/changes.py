"""Changes of an experiment: values put at dotted paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.experiments.aliases import change_spelled_out, spelled_out
from engine.experiments.experiment import Experiment
from engine.experiments.mistakes import first_mistake
from engine.formats.json_text import MAX_DEPTH, check_depth

LAYERS, HIDDEN = ("network", "layers"), "hidden"
"""The list of the layers, and what stands in a path for all of them but the output layer."""
MAX_DIGITS = 9
"""Of a list position; Python refuses to read numbers of thousands of digits."""


def build_experiment(document: dict[str, Any]) -> Experiment:
    """Return the checked experiment that plain JSON data describes, whatever names its kinds have there."""
    check_depth(document)
    experiment = _read_as_it_stands(document) or _read_spelled_out(document)
    experiment.check()
    return experiment


def _read_as_it_stands(document: dict[str, Any]) -> Experiment | None:
    """Return an experiment whose kinds have their own names, which is quick; None where other names may be in it.

    The panel tries hundreds of them. Variants hold values of any sort: those are always looked through.
    """
    if document.get("variants"):
        return None
    try:
        return msgspec.convert(document, Experiment)
    except msgspec.ValidationError:
        return None


def _read_spelled_out(document: dict[str, Any]) -> Experiment:
    document = spelled_out(document)
    try:
        return msgspec.convert(document, Experiment)
    except msgspec.ValidationError as error:
        raise first_mistake(document) or ExperimentError("", Problem.NO_EXPERIMENT) from error


def with_changes(experiment: Experiment, changes: list[tuple[str, Any]]) -> Experiment:
    """Return the experiment with values put at dotted paths (`network.layers.*.weights`)."""
    document = plain(experiment)
    for target, value in changes:
        document = changed(document, target, value)
    return build_experiment(document)


def gathered(changes: Sequence[tuple[str, Any]], layers: int) -> list[tuple[str, Any]]:
    """Return changes of a network with so many layers that make the same, in one where `*` or `hidden` can stand.

    That is where all layers, or all hidden ones, get the same value. Changes of which one writes over another stay.
    """
    paths = [path.split(".") for path, _ in changes]
    if any(_overlap(one, other) for place, one in enumerate(paths) for other in paths[:place]):
        return list(changes)
    found = dict(changes)
    for key, count in (("*", layers), (HIDDEN, layers - 1)):
        for path in [path for path in found if path.startswith(".".join((*LAYERS, "0", "")))]:
            rest = path.split(".")[len(LAYERS) + 1 :]
            alike = [".".join((*LAYERS, str(number), *rest)) for number in range(count)]
            if count > 1 and len({_text(found, each) for each in alike}) == 1:
                found = {
                    ".".join((*LAYERS, key, *rest)) if each == path else each: value
                    for each, value in found.items()
                    if each == path or each not in alike
                }
    return list(found.items())


def _text(changes: dict[str, Any], path: str) -> bytes | None:
    """Return what a path is given, as it would be written: 0.0 and -0.0 are equal, and two values; None for nothing."""
    return msgspec.json.encode(changes[path]) if path in changes else None


def _overlap(one: list[str], other: list[str]) -> bool:
    """Return whether two paths may lead to the same value, or one of them into the other's."""
    many = {"*", HIDDEN}
    return all(a == b or not many.isdisjoint((a, b)) for a, b in zip(one, other, strict=False))


def changes_in_common(
    common: Experiment, own: Experiment, changes: list[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """Return which changes of the `common` experiment one of its variants can have, too.

    Where it has another kind than the common one, or fewer layers, it has no such settings.
    """
    try:
        with_changes(own, changes)
    except ExperimentError:
        one, other = plain(common), plain(own)
        places = [(place, value) for target, value in changes for place in _places(other, target)]
        return [(place, value) for place, value in places if _is_alike(one, other, place.split("."))]
    return changes


def places_of(document: dict[str, Any], target: str) -> list[str]:
    """Return the dotted paths that a target stands for, where an experiment as plain data has such a setting."""
    return [place for place in _places(document, target) if _is_alike(document, document, place.split("."))]


def _places(document: dict[str, Any], target: str) -> list[str]:
    """Return the dotted paths that a target stands for: one for each layer, if it means several."""
    keys = target.split(".")
    layers = len(document["network"]["layers"])
    meant = {"*": layers, HIDDEN: layers - 1}
    if tuple(keys[:2]) != LAYERS or len(keys) == 2 or keys[2] not in meant:
        return [target]
    return [".".join([*LAYERS, str(layer), *keys[3:]]) for layer in range(meant[keys[2]])]


def _is_alike(one: Any, other: Any, keys: list[str]) -> bool:
    """Return whether both of two plain data have a place at these keys, and the same kinds on the way to it.

    Kinds that are alike have the same settings. Lists that are longer go on as they end.
    """
    for key in keys:
        if isinstance(one, list) and isinstance(other, list):
            ours, theirs = cast("list[Any]", one), cast("list[Any]", other)
            if not key.isdecimal() or len(key) > MAX_DIGITS or int(key) >= len(theirs):
                return False
            one, other = ours[min(int(key), len(ours) - 1)], theirs[int(key)]
        elif isinstance(one, dict) and isinstance(other, dict):
            mine, own = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
            if mine.get("kind") != own.get("kind") or not (key in mine and key in own):
                return False
            one, other = mine[key], own[key]
        else:
            return False
    return True


def plain(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment as plain JSON data."""
    return cast("dict[str, Any]", msgspec.to_builtins(experiment))


def changed(document: dict[str, Any], target: str, value: Any) -> dict[str, Any]:
    """Return a copy of plain JSON data with `value` at the dotted path `target` (`*` is every list element).

    `hidden` in place of the number of a layer is every layer but the last one.
    """
    keys = target.split(".")
    if len(keys) > MAX_DEPTH:  # nothing lies that deep, and looking for it calls itself
        raise ExperimentError(".".join(keys[:MAX_DEPTH]), Problem.NOTHING_TO_CHANGE, target=target)
    for place, meant in change_spelled_out(target, value):
        document = cast("dict[str, Any]", _put(document, place.split("."), meant, target, 0))
    return document


def differences(common: Any, own: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return the values at dotted paths that make one plain document of another, in as small pieces as there are."""
    if common == own and type(common) is type(own):
        return []
    pairs: list[tuple[str, Any, Any]] | None = None
    if isinstance(common, dict) and isinstance(own, dict):
        mine, theirs = cast("dict[str, Any]", common), cast("dict[str, Any]", own)
        if mine.keys() == theirs.keys() and mine.get("kind") == theirs.get("kind"):
            pairs = [(key, mine[key], theirs[key]) for key in mine]
    elif isinstance(common, list) and isinstance(own, list):
        first, second = cast("list[Any]", common), cast("list[Any]", own)
        if len(first) == len(second) and first and isinstance(first[0], dict):
            pairs = [(str(place), *pair) for place, pair in enumerate(zip(first, second, strict=True))]
    if pairs is None:
        return [(path, own)]
    return [
        found
        for key, one, other in pairs
        for found in differences(one, other, f"{path}.{key}" if path else key)
    ]


def _put(node: Any, keys: list[str], value: Any, target: str, depth: int) -> Any:
    if depth == len(keys):
        return value
    key = keys[depth]
    where = ".".join(keys[: depth + 1])
    if isinstance(node, dict):
        table = cast("dict[str, Any]", node)
        if depth < len(keys) - 1 and key not in table:
            raise ExperimentError(where, Problem.NOTHING_TO_CHANGE, target=target)
        return {**table, key: _put(table.get(key), keys, value, target, depth + 1)}
    if isinstance(node, list):
        items = cast("list[Any]", node)
        places = _positions(key, items, where, of_layers=tuple(keys[:depth]) == LAYERS)
        if not places:
            raise ExperimentError(where, Problem.NOTHING_TO_CHANGE, target=target)
        copy = list(items)
        for place in places:
            copy[place] = _put(items[place], keys, value, target, depth + 1)
        return copy
    raise ExperimentError(where, Problem.NOTHING_TO_CHANGE, target=target)


def _positions(key: str, items: list[Any], where: str, *, of_layers: bool) -> range:
    if key == "*":
        return range(len(items))
    if key == HIDDEN and of_layers:
        return range(len(items) - 1)
    place = _position(key, items, where)
    return range(place, place + 1)


def _position(key: str, items: list[Any], where: str) -> int:
    if not key.isdecimal() or len(key) > MAX_DIGITS or int(key) >= len(items):
        raise ExperimentError(where, Problem.NO_LIST_POSITION, last=len(items) - 1)
    return int(key)
