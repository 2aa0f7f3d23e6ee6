"""What a kind starts with when it is chosen: its defaults, and something sensible where it has none."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import msgspec
from msgspec.inspect import FloatType, IntType, ListType, LiteralType, Metadata, StructType

from engine.core.problems import Form
from engine.core.registry import Choice
from engine.experiments.schema import KIND, Field, fields_of

Kind = TypeVar("Kind", bound=Choice)

WRITTEN = "values"
"""The kind of weights that are written down, and their field."""

STARTS: dict[tuple[str, str], Any] = {
    ("table", "x"): [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
    ("table", "y"): [[0.0], [1.0], [1.0], [0.0]],
    ("file", "array"): "W1",
    (WRITTEN, WRITTEN): [0.0],
}
"""Values of fields without a default, by kind and field: a table starts as exclusive or."""


def starting_value(struct: StructType) -> dict[str, Any]:
    """Return a kind as a file has it, all defaults written out; without the names of files that it needs."""
    kind = str(struct.tag)
    needed = [field for field in fields_of(struct) if field.required]
    values = {
        field.name: _nested(field, STARTS.get((kind, field.name), _any_value(field)))
        for field in needed
        if not names_a_file(field)
    }
    start = {KIND: kind, **values}
    if len(values) < len(needed):
        return start
    whole = msgspec.to_builtins(msgspec.convert(start, cast("type[Any]", struct.cls)))
    return cast("dict[str, Any]", whole)


def class_of(struct: StructType, base: type[Kind]) -> type[Kind]:
    """Return the class of a kind, which is one of `base`."""
    assert issubclass(struct.cls, base)
    return struct.cls


def files_needed(struct: StructType) -> list[Field]:
    """Return the fields of a kind that somebody has to fill in: the files that it cannot be without."""
    return [field for field in fields_of(struct) if field.required and names_a_file(field)]


def names_a_file(field: Field) -> bool:
    """Return whether the value of a field is the name of a file."""
    return any(option.form is Form.PATH for option in field.options)


def _nested(field: Field, value: Any) -> Any:
    """Return a value, or of a list of numbers a list of it where the field has lists of lists."""
    kind = field.options[0].type
    inner = kind.item_type if isinstance(kind, ListType) else None
    while isinstance(inner, Metadata):
        inner = inner.type
    return [value] if isinstance(inner, ListType) and value and not isinstance(value[0], list) else value


def _any_value(field: Field) -> Any:
    """Return a value that a field without default may have."""
    kind = field.options[0].type
    if isinstance(kind, LiteralType):
        return kind.values[0]
    if isinstance(kind, IntType | FloatType):
        return max(kind.ge or 0, 1)
    return [] if isinstance(kind, ListType) else field.name
