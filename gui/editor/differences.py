"""In what lanes differ from the common experiment, as short texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import msgspec

from engine.core.registry import Choice
from engine.experiments.changes import HIDDEN
from engine.experiments.schema import KIND, fields_at, kinds_in, options_at
from gui.editor.experiment_words import said
from gui.editor.form import Difference
from gui.editor.starting_values import class_of
from gui.text.language import translate

Documents: TypeAlias = list[tuple[str, dict[str, Any]]]
"""Lanes by name, each as an experiment file has it."""
MANY = {"*": slice(None), HIDDEN: slice(-1)}
"""What stands in paths for several layers, and which it is: all of them, or all but the last one."""
LONGEST_VALUE, MOST_LINES = 40, 12
"""Characters of a value, and differences of one lane that are listed."""


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


def differing(common: Any, lanes: Documents, path: str) -> tuple[Difference, ...]:
    """Return the lanes whose value at a path is not the common one."""
    usual = value_at(common, path)
    return tuple(
        Difference(name, value_text(document, path))
        for name, document in lanes
        if value_at(document, path) != usual
    )


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
    if isinstance(value, dict) and KIND in value:
        return _kind_text(document, path, cast("dict[str, Any]", value))
    return plain_text(value)


def plain_text(value: Any) -> str:
    """Return a value that has no parts, or the beginning of a list."""
    if value is None:
        return translate("experiment panel", "none")
    if isinstance(value, bool):
        return translate("experiment panel", "yes") if value else translate("experiment panel", "no")
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _kind_text(document: Any, path: str, value: dict[str, Any]) -> str:
    struct = kinds_in(options_at(path, document)).get(value[KIND])
    label = said(class_of(struct, Choice).label) if struct is not None else str(value[KIND])
    fields = fields_at(path, document)
    numbers = [field for field in fields if isinstance(value.get(field.name), int | float)]
    told = [field for field in fields if field.required or value[field.name] != field.default]
    if not told and len(numbers) == 1:
        told = numbers
    return ", ".join([label, *(f"{said(field.label)} {plain_text(value[field.name])}" for field in told)])


def lines_of(common: dict[str, Any], lane: dict[str, Any]) -> tuple[str, ...]:
    """Return in what a lane differs, a line for each difference; what all layers share is told once."""
    lines = list(dict.fromkeys(_lines(common, lane)))
    return tuple(lines[:MOST_LINES])


def _lines(common: dict[str, Any], lane: dict[str, Any]) -> Iterator[str]:
    for field in fields_at("", common):
        if field.name == "network":
            yield from _lines_of_layers(common, lane)
        elif common[field.name] != lane[field.name] and field.name not in {
            "variants",
            "name",
            "title",
            "notes",
        }:
            yield from _lines_within(common, lane, field.name, said(field.label))


def _lines_within(common: Any, lane: Any, path: str, label: str) -> Iterator[str]:
    """Yield what differs in a field: the parameters that do if the kind is the same, otherwise all of it."""
    one, other = value_at(common, path), value_at(lane, path)
    if not (isinstance(one, dict) and isinstance(other, dict) and one.get(KIND) == other.get(KIND)):
        yield f"{label}: {value_text(lane, path)}"
        return
    for field in fields_at(path, common):
        if one.get(field.name) != other.get(field.name):
            yield f"{label}, {said(field.label)}: {value_text(lane, f'{path}.{field.name}')}"


def _lines_of_layers(common: dict[str, Any], lane: dict[str, Any]) -> Iterator[str]:
    path = "network.layers"
    ours, theirs = value_at(common, path), value_at(lane, path)
    if len(ours) != len(theirs):
        yield translate("experiment panel", "widths: {0}").format(
            "-".join(str(one["units"]) for one in theirs)
        )
        return
    for field in fields_at(f"{path}.0", common):
        changed = [place for place, one in enumerate(ours) if one[field.name] != theirs[place][field.name]]
        texts = [value_text(lane, f"{path}.{place}.{field.name}") for place in changed]
        if len(changed) == len(ours) and len(set(texts)) == 1:
            yield f"{said(field.label)}: {texts[0]}"
            continue
        for place, text in zip(changed, texts, strict=True):
            yield translate("experiment panel", "{0} of layer {1}: {2}").format(
                said(field.label), place + 1, text
            )
