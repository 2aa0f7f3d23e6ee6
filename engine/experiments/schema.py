"""The form of an experiment: which fields and kinds there are, read from the types themselves.

Forms, help and error messages are made from this, so that a new kind or field appears in all of them by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias, cast

import msgspec
from msgspec.inspect import (
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
)

from engine.core.problems import Form
from engine.experiments.experiment import Experiment

KIND = "kind"
"""The field that tells choices apart."""

Extra: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One type that a value may have; `form` says what its pattern allows."""

    type: Type
    form: Form | None = None


@dataclass(frozen=True)
class Field:
    """One field of an experiment: its name in files and for people, what it is for, and what it may be.

    `default` is what is assumed where the field is left out; it means nothing if the field is `required`.
    """

    name: str
    label: str
    description: str
    options: tuple[Option, ...]
    required: bool
    default: Any = field(compare=False)


@cache
def experiment_type() -> Type:
    """Return the type of a whole experiment."""
    return msgspec.inspect.type_info(Experiment)


def options_of(kind: Type, form: Form | None = None) -> Iterator[Option]:
    """Yield the types that a value may have."""
    if isinstance(kind, Metadata):
        extra = cast("Extra", kind.extra or {})  # pyright: ignore[reportUnknownMemberType]
        yield from options_of(kind.type, extra.get("form", form))
    elif isinstance(kind, UnionType):
        for member in kind.types:
            yield from options_of(member, form)
    else:
        yield Option(kind, form)


def fields_of(struct: StructType) -> tuple[Field, ...]:
    """Return the fields of a part or a choice of an experiment, in the order of the file format."""
    if struct.cls not in _FIELDS:
        _FIELDS[struct.cls] = tuple(_fields_of(struct))
    return _FIELDS[struct.cls]


_FIELDS: dict[type, tuple[Field, ...]] = {}
"""Those of every part that somebody has asked for: a form asks for thousands, and a type has no hash to cache by."""


def _fields_of(struct: StructType) -> Iterator[Field]:
    return (
        Field(
            name=found.encode_name,
            label=_told(found.type, "title"),
            description=_told(found.type, "description"),
            options=tuple(options_of(found.type)),
            required=found.required,
            default=found.default,
        )
        for found in struct.fields
    )


def _told(kind: Type, key: str) -> str:
    """Return what an annotation tells about a field, the outermost first."""
    while isinstance(kind, Metadata):
        told = cast("Extra", kind.extra_json_schema or {})  # pyright: ignore[reportUnknownMemberType]
        if key in told:
            return str(told[key])
        kind = kind.type
    return ""


def structs_in(options: tuple[Option, ...]) -> list[StructType]:
    """Return the parts or choices among the types that a value may have."""
    return [option.type for option in options if isinstance(option.type, StructType)]


def kinds_in(options: tuple[Option, ...]) -> dict[str, StructType]:
    """Return the choices among the types that a value may have, by the name of their kind."""
    return {str(struct.tag): struct for struct in structs_in(options) if struct.tag is not None}


def options_at(path: str, document: Any) -> tuple[Option, ...]:
    """Return the types that a value at a dotted path of a document may have; none where nothing belongs."""
    options = tuple(options_of(experiment_type()))
    node = document
    for key in filter(None, path.split(".")):
        options = tuple(_inside(options, key, node))
        node = _value_in(node, key)
    return options


def _inside(options: tuple[Option, ...], key: str, node: Any) -> Iterator[Option]:
    for option in options:
        if isinstance(option.type, ListType):
            yield from options_of(option.type.item_type)
    struct = struct_of(options, node)
    if struct is not None:
        yield from (inner for found in fields_of(struct) if found.name == key for inner in found.options)


def struct_of(options: tuple[Option, ...], node: Any) -> StructType | None:
    """Return which part or choice an object of a document is; None where its kind is not known."""
    structs = structs_in(options)
    if not isinstance(node, dict) or not structs:
        return None
    if structs[0].tag is None:
        return structs[0]
    kind = cast("dict[str, Any]", node).get(KIND)
    return kinds_in(options).get(kind) if isinstance(kind, str) else None


def _value_in(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return cast("dict[str, Any]", node).get(key)
    if isinstance(node, list) and key.isdecimal() and int(key) < len(cast("list[Any]", node)):
        return cast("list[Any]", node)[int(key)]
    return None


def fields_at(path: str, document: Any) -> tuple[Field, ...]:
    """Return the fields that the object at a dotted path of a document may have, by its kind."""
    options, node = options_at(path, document), document
    for key in filter(None, path.split(".")):
        node = _value_in(node, key)
    struct = struct_of(options, node)
    return () if struct is None else fields_of(struct)


def kinds_at(path: str, document: Any) -> tuple[str, ...]:
    """Return the kinds that can be chosen at a dotted path of a document."""
    return tuple(kinds_in(options_at(path, document)))


_FORMS: dict[type[Type], Form] = {
    NoneType: Form.NULL,
    BoolType: Form.BOOLEAN,
    IntType: Form.WHOLE,
    FloatType: Form.NUMBER,
    StrType: Form.TEXT,
    ListType: Form.LIST,
    DictType: Form.OBJECT,
    StructType: Form.OBJECT,
}


def form_of(option: Option) -> Form | tuple[str, ...]:
    """Return what a value of a type looks like in a file, or the names that it may be."""
    if isinstance(option.type, LiteralType):
        return names_of(option.type) if isinstance(option.type.values[0], str) else Form.WHOLE
    return _FORMS[type(option.type)]


def names_of(kind: LiteralType) -> tuple[str, ...]:
    """Return the names or numbers that a value may be, in the order of the alphabet."""
    return tuple(sorted(map(str, kind.values)))
