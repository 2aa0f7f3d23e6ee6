"""In what lanes differ from the common experiment, as short texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import msgspec

from engine.experiments.changes import HIDDEN, plain
from engine.experiments.experiment import Experiment
from engine.experiments.schema import KIND, Field, fields_at, options_at
from gui.editor.form import Difference, LaneDifference
from gui.terms.experiment_words import said
from gui.terms.setting_words import LONGEST_VALUE, value_words
from gui.text.lane_names import told_apart
from gui.text.language import translate

Documents: TypeAlias = list[tuple[str, dict[str, Any]]]
"""Lanes by name, each as an experiment file has it."""
MANY = {"*": slice(None), HIDDEN: slice(-1)}
"""What stands in paths for several layers, and which it is: all of them, or all but the last one."""
LAYERS, WIDTH = "network.layers", "units"
NOT_COMPARED = {"variants", "name", "title", "notes"}
"""What is said of an experiment, and changes nothing in its training."""


class Missing:
    """The value of what is not there."""


def value_at(document: Any, path: str) -> Any:
    """Return the value at a dotted path of plain data, `Missing` where nothing is; of several, the list of all values."""
    node = document
    keys = path.split(".")
    for place, key in enumerate(keys):
        if key in MANY and isinstance(node, list):
            rest = ".".join(keys[place + 1 :])
            return [value_at(item, rest) if rest else item for item in node[MANY[key]]]
        if isinstance(node, dict) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            return Missing
    return node


def is_of_many(path: str) -> bool:
    """Return whether a path leads to the values of several layers."""
    return not MANY.keys().isdisjoint(path.split("."))


def counterpart(path: str, document: Any, other: Any) -> str:
    """Return the path of what stands in the `other` network where a path leads to in the network of `document`.

    Outputs belong to outputs, the first hidden layer to the first; empty where the other network has no such layer.
    """
    keys = path.split(".")
    if not path.startswith(f"{LAYERS}.") or not keys[2].isdecimal():
        return path
    place = place_in(int(keys[2]), len(value_at(document, LAYERS)), len(value_at(other, LAYERS)))
    return "" if place is None else ".".join([*keys[:2], str(place), *keys[3:]])


def place_in(place: int, layers: int, others: int) -> int | None:
    """Return which of so many `others` stands where a layer of so many `layers` does; None where none does."""
    if place == layers - 1:
        return others - 1
    return place if place < others - 1 else None


def differing(usual: Any, lanes: Documents, path: str, document: Any) -> tuple[Difference, ...]:
    """Return the lanes that have not the `usual` value where a path of a document leads to."""
    places = ((name, lane, counterpart(path, document, lane)) for name, lane in lanes)
    return tuple(
        Difference(name, value_text(lane, place))
        for name, lane, place in places
        if not _is_same(value_at(lane, place), usual, is_of_many(path))
    )


def _is_same(value: Any, usual: Any, is_of_many: bool) -> bool:
    """Return whether two values are the same; of layers that all agree their number does not matter."""
    if is_of_many and value and usual:
        return value == usual or all(one == usual[0] for one in (*value, *usual))
    return value == usual


def value_text(document: Any, path: str) -> str:
    """Return a value as people read it: a kind with what is not usual in it."""
    if is_of_many(path):
        values = value_at(document, path)
        if not values:
            return translate("experiment panel", "not there")
        if any(value != values[0] for value in values):
            return translate("experiment panel", "not the same in all layers")
        return value_text(document, ".".join("0" if key in MANY else key for key in path.split(".")))
    value = value_at(document, path)
    if value is Missing:
        return translate("experiment panel", "not there")
    return value_words(value, options_at(path, document))


def differences_of(
    common: dict[str, Any], lane: dict[str, Any], inputs: int | None
) -> tuple[LaneDifference, ...]:
    """Return in what a lane differs; what all its layers share is told once. `inputs` of the network, where known."""
    return tuple(_differences(common, lane, inputs))


def differences_later(
    changes: Sequence[tuple[int, Experiment, Experiment]], inputs: int | None
) -> tuple[LaneDifference, ...]:
    """Return what changes in a lane at later steps: `changes` are steps, with the experiments before and after each."""
    told = translate("experiment panel", "from step {0} on, {1}")
    return tuple(
        LaneDifference(told.format(step, one.label), one.text, one.usual)
        for step, before, after in changes
        for one in differences_of(plain(before), plain(after), inputs)
    )


def _differences(common: Any, lane: Any, inputs: int | None) -> Iterator[LaneDifference]:
    for field in fields_at("", common):
        if field.name == "network":
            yield from _of_network(common, lane, inputs)
        elif field.name not in NOT_COMPARED:
            yield from _within(common, lane, field.name, field.name, said(field.label))


def _within(common: Any, lane: Any, theirs: str, path: str, label: str) -> Iterator[LaneDifference]:
    """Yield what differs between two paths: the parameters that do if the kind is the same, otherwise all of it."""
    usual, value = value_at(common, theirs), value_at(lane, path)
    if usual == value:
        return
    if isinstance(usual, dict) and isinstance(value, dict) and usual.get(KIND) == value.get(KIND):
        for field in fields_at(path, lane):
            inner = f"{label}, {said(field.label)}"
            yield from _within(common, lane, f"{theirs}.{field.name}", f"{path}.{field.name}", inner)
        return
    texts = value_text(lane, path), value_text(common, theirs)
    if texts[0] == texts[1]:  # they are long, and begin alike
        whole = [msgspec.json.encode(one).decode() for one in (value, usual)]
        texts = tuple(told_apart(whole, LONGEST_VALUE))
    yield LaneDifference(label, texts[0], texts[1], path, usual)


def _of_network(common: Any, lane: Any, inputs: int | None) -> Iterator[LaneDifference]:
    ours, theirs = value_at(lane, LAYERS), value_at(common, LAYERS)
    fields = fields_at(f"{LAYERS}.0", common)
    if len(ours) != len(theirs):
        widths = (_widths(ours, inputs), _widths(theirs, inputs))
        yield LaneDifference(translate("experiment panel", "layers"), *widths, LAYERS, theirs)
        fields = tuple(field for field in fields if field.name != WIDTH)
    for field in fields:
        yield from _of_layers(common, lane, field)


def _widths(layers: list[Any], inputs: int | None) -> str:
    """Return how many layers there are, and their widths after the inputs."""
    widths = [*([] if inputs is None else [inputs]), *(layer[WIDTH] for layer in layers)]
    return f"{len(layers)} ({'-'.join(map(str, widths))})"


def _of_layers(common: Any, lane: Any, field: Field) -> Iterator[LaneDifference]:
    """Yield how layers differ in a field, in one line where all of them or all hidden ones do so in the same way."""
    layers, others = len(value_at(lane, LAYERS)), len(value_at(common, LAYERS))
    places, label = list(range(layers)), said(field.label)
    hidden = translate("experiment panel", "{0} of the hidden layers").format(label)
    for key, told, alike in (("*", label, places), (HIDDEN, hidden, places[:-1])):
        if layers == others and len(alike) > 1 and _change_alike(common, lane, alike, field.name):
            path = f"{LAYERS}.{alike[0]}."
            for found in _within(common, lane, path + field.name, path + field.name, told):
                yield replace(found, path=found.path.replace(path, f"{LAYERS}.{key}.", 1))
            places = places[len(alike) :]
            break
    for place in places:
        told = translate("experiment panel", "{0} of layer {1}").format(label, place + 1)
        path, other = f"{LAYERS}.{place}.{field.name}", place_in(place, layers, others)
        if other is not None:
            yield from _within(common, lane, f"{LAYERS}.{other}.{field.name}", path, told)
        elif field.required or value_at(lane, path) != _like_others(common, field):
            yield LaneDifference(told, value_text(lane, path))


def _change_alike(common: Any, lane: Any, places: list[int], name: str) -> bool:
    """Return whether layers have one value of a field in the common experiment, and another one in a lane."""
    values = [
        [value_at(document, f"{LAYERS}.{place}.{name}") for place in places] for document in (common, lane)
    ]
    return values[0][0] != values[1][0] and all(one == row[0] for row in values for one in row)


def _like_others(common: Any, field: Field) -> Any:
    """Return what a further hidden layer would have as a copy of the last one; where there is none, what is usual."""
    hidden = value_at(common, f"{LAYERS}.{HIDDEN}.{field.name}")
    return hidden[-1] if hidden else field.default
