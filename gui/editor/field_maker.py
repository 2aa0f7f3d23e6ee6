"""One field of a form, read from the types of the file format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from msgspec.inspect import BoolType, FloatType, IntType, ListType, LiteralType, NoneType, StructType

from engine.core.registry import Choice
from engine.experiments.schema import KIND, Field, Option, fields_of, kinds_in, names_of
from gui.editor.differences import (
    Documents,
    Missing,
    counterpart,
    differing,
    is_of_many,
    value_at,
    value_text,
)
from gui.editor.form import Control, Difference, FormChoice, FormField, Histogram
from gui.editor.starting_values import WRITTEN, class_of, files_needed, names_a_file, starting_value
from gui.terms.experiment_words import about, said
from gui.terms.setting_words import plain_text

INWARDS = 1e-3
"""How far from a limit that must not be reached dragging ends, as a share of the range or as a number."""
WORDY = {"number", "whole", "text", "path", "rows"}
"""Controls of values that may be a word, or nothing, instead."""
LONG_TEXTS = {"notes"}
STARTS_OF_WORDS = {"size": 32.0, "train": 1000.0, "test": 200.0}
"""The numbers that fields begin with where they were a word: the batch size, instead of full."""


@dataclass(frozen=True)
class FieldMaker:
    """Makes fields for the values of a document.

    `lanes` are compared with `common`; `refusal` says why a kind does not fit at a path, `name_refusal` why a name or a
    position of a switch does not, `held` why none of some other values is possible now, `drawn` what a kind draws,
    `written` with which numbers a layer starts there, if they are few enough to be written down.
    """

    document: dict[str, Any]
    common: dict[str, Any]
    lanes: Documents
    refusal: Callable[[str, Any], str]
    name_refusal: Callable[[str, Any], str]
    held: Callable[[str, list[Any]], str]
    drawn: Callable[[str], Histogram | None]
    written: Callable[[str], list[Any] | None]

    def field(self, field: Field, path: str) -> FormField:
        """Return the field of the value at a path; of a path with *, the value that all layers have."""
        value, is_mixed = _agreed(value_at(self.document, path), is_of_many(path))
        there = counterpart(path, self.document, self.common)
        usual, is_nowhere = _agreed(value_at(self.common, there), is_of_many(path))
        is_nowhere = is_nowhere or usual is Missing  # then there is nothing to differ from, or to go back to
        differs = () if is_nowhere else self._differing(path, there)
        kinds = kinds_in(field.options)
        kind = value.get(KIND) if isinstance(value, dict) else None
        struct = kinds.get(kind) if isinstance(kind, str) else None
        control = _control(field, kinds)
        numbers = [option for option in field.options if isinstance(option.type, IntType | FloatType)]
        choices = self._kinds(field, path, kinds) if kinds else self._named(field, path, value)
        start = STARTS_OF_WORDS.get(field.name, 1.0)
        return FormField(
            path=path,
            label=said(field.label),
            description=said(field.description),
            control=control,
            value=value,
            choices=choices,
            **_limits(numbers[0]) if numbers else {},
            word=_word(field.options) if control in WORDY else None,
            start=start,
            about=about(class_of(struct, Choice)) if struct else "",
            formula=class_of(struct, Choice).formula if struct else "",
            histogram=self.drawn(path) if struct else None,
            parameters=self.parameters(struct, path) if struct else (),
            differs=differs,
            common=None if is_nowhere else usual,
            usual=value_text(self.common, there) if differs else "",
            is_mixed=is_mixed,
            refused=self.held(path, _others(control, value, choices, start)),
        )

    def _differing(self, path: str, there: str) -> tuple[Difference, ...]:
        return differing(value_at(self.common, there), self.lanes, path, self.document)

    def _named(self, field: Field, path: str, value: Any) -> tuple[FormChoice, ...]:
        """Return the names, or the positions of a switch; those that are not so may not fit."""
        return tuple(
            choice
            if choice.value == value
            else replace(choice, refused=self.name_refusal(path, choice.value))
            for choice in _names(field.options)
        )

    def parameters(self, struct: StructType, path: str) -> tuple[FormField, ...]:
        """Return the fields of a part or of the chosen kind at a path."""
        return tuple(self.field(found, f"{path}.{found.name}") for found in fields_of(struct))

    def _kinds(self, field: Field, path: str, kinds: dict[str, StructType]) -> tuple[FormChoice, ...]:
        found = [self._kind(path, struct) for struct in kinds.values()]
        if _allows_none(field.options):
            found.insert(0, FormChoice(None, plain_text(None)))
        return tuple(found)

    def _kind(self, path: str, struct: StructType) -> FormChoice:
        start = starting_value(struct)
        if start[KIND] == WRITTEN and (numbers := self.written(path)) is not None:
            start[WRITTEN] = numbers
        needed = files_needed(struct)
        told = "\n".join(filter(None, (class_of(struct, Choice).formula, about(class_of(struct, Choice)))))
        if not needed:
            return FormChoice(start, said(class_of(struct, Choice).label), told, self.refusal(path, start))
        empty = tuple(
            FormField(f"{path}.{field.name}", said(field.label), said(field.description), "path", "")
            for field in needed
        )
        return FormChoice(start, said(class_of(struct, Choice).label), told, needs=empty)


def _agreed(value: Any, is_of_many: bool) -> tuple[Any, bool]:
    """Return the value that all of many have, and whether they do not agree."""
    if not is_of_many or not isinstance(value, list) or not value:
        return value, False
    same = all(item == value[0] for item in value)
    return (value[0], False) if same else (None, True)


def _others(control: Control, value: Any, choices: tuple[FormChoice, ...], start: float) -> list[Any]:
    """Return other values that show whether a value can be changed a bit; of kinds, texts and tables there are none."""
    if control in {"choice", "switch"}:
        return [choice.value for choice in choices if choice.value != value]
    if control not in {"number", "whole"}:
        return []
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [start]
    if control == "whole":
        return [value + 1, value - 1]
    return [1.5 * value, 0.5 * value] if value else [start, start / 1000]


def _control(field: Field, kinds: dict[str, StructType]) -> Control:
    types = {type(option.type) for option in field.options}
    is_number = not types - {IntType, FloatType, LiteralType, NoneType}
    tests: tuple[tuple[bool, Control], ...] = (
        (bool(kinds), "kind"),
        (ListType in types, "rows"),
        (types == {BoolType}, "switch"),
        (types <= {LiteralType, NoneType, BoolType}, "choice"),
        (names_a_file(field), "path"),
        (is_number and FloatType in types, "number"),
        (is_number, "whole"),
        (field.name in LONG_TEXTS, "notes"),
    )
    fitting: list[Control] = [control for is_so, control in tests if is_so]
    return fitting[0] if fitting else "text"


def _names(options: tuple[Option, ...]) -> tuple[FormChoice, ...]:
    """Return the values that may be chosen where they have names, in the order in which they are written."""
    found: list[FormChoice] = []
    for option in options:
        if isinstance(option.type, LiteralType):
            values = option.type.values
            ordered = sorted(names_of(option.type), key=[str(value) for value in values].index)
            found += [FormChoice(value, plain_text(value)) for value in ordered]
        elif isinstance(option.type, BoolType):
            found += [FormChoice(value, plain_text(value)) for value in (True, False)]
    if _allows_none(options):
        found.insert(0, FormChoice(None, plain_text(None)))
    return tuple(found)


def _word(options: tuple[Option, ...]) -> FormChoice | None:
    """Return what a number or a text can be instead: a name, or nothing."""
    return next(iter(_names(options)), None)


def _allows_none(options: tuple[Option, ...]) -> bool:
    return any(isinstance(option.type, NoneType) for option in options)


def _limits(option: Option) -> dict[str, Any]:
    """Return where dragging a number ends, and whether it multiplies: numbers from 0 on without a near end do."""
    kind = option.type
    assert isinstance(kind, IntType | FloatType)
    low = kind.ge if kind.ge is not None else kind.gt
    high = kind.le if kind.le is not None else kind.lt
    is_logarithmic = (
        isinstance(kind, FloatType) and low is not None and low >= 0 and (high is None or high > 1)
    )
    whole = 1 if isinstance(kind, IntType) else INWARDS
    return {
        "minimum": low + whole if kind.gt is not None and low is not None and not is_logarithmic else low,
        "maximum": high - whole if kind.lt is not None and high is not None else high,
        "is_logarithmic": is_logarithmic,
    }
