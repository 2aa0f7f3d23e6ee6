"""What is wrong with a document that is no experiment: its first mistake, with its path and what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import msgspec
from msgspec.inspect import (
    AnyType,
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NoneType,
    StrType,
    StructType,
)

from engine.core.errors import ExperimentError
from engine.experiments.schema import (
    KIND,
    Option,
    experiment_type,
    fields_of,
    in_words,
    kinds_in,
    options_of,
    struct_of,
    structs_in,
)

Options: TypeAlias = tuple[Option, ...]
LARGEST_WHOLE = 2**63
LONGEST_SHOWN = 60
"""Characters of a wrong value that an error repeats."""


def first_mistake(document: Any) -> ExperimentError | None:
    """Return what is wrong first in plain JSON data that should be an experiment; None if its form is right."""
    return next(_mistakes(document, tuple(options_of(experiment_type())), ""), None)


def _mistakes(value: Any, options: Options, path: str) -> Iterator[ExperimentError]:
    fitting = tuple(option for option in options if _fits(value, option))
    if not fitting:
        yield ExperimentError(path, "must be " + _alternatives(options) + _got(value))
    elif isinstance(value, dict):
        yield from _in_object(cast("dict[str, Any]", value), fitting, path)
    elif isinstance(value, list):
        yield from _in_list(cast("list[Any]", value), fitting[0], path)
    elif not any(_problem(value, option) == "" for option in fitting):
        yield ExperimentError(path, "must be " + _problem(value, fitting[0]) + _got(value))


def _fits(value: Any, option: Option) -> bool:
    """Return whether a value has the form of a type in JSON, whatever its limits are."""
    kind = option.type
    if isinstance(kind, LiteralType):
        return type(value) is type(kind.values[0])
    forms: dict[type, tuple[type, ...]] = {
        bool: (BoolType,),
        int: (IntType, FloatType),
        float: (FloatType, IntType) if isinstance(value, float) and value.is_integer() else (FloatType,),
        str: (StrType,),
        list: (ListType,),
        dict: (StructType, DictType),
        type(None): (NoneType,),
    }
    return isinstance(kind, (AnyType, *forms[type(value)]))


def _alternatives(options: Options) -> str:
    return " or ".join(dict.fromkeys(map(in_words, options)))


def _in_object(value: dict[str, Any], options: Options, path: str) -> Iterator[ExperimentError]:
    if not structs_in(options):
        return  # any object will do
    kinds = kinds_in(options)
    struct = struct_of(options, value)
    if struct is None:
        yield _wrong_kind(value, list(kinds), _join(path, KIND))
        return
    fields = {field.name: field for field in fields_of(struct)}
    allowed = [*([KIND] if kinds else []), *fields]
    for key, inner in value.items():
        if key in fields:
            yield from _mistakes(inner, fields[key].options, _join(path, key))
        elif key not in allowed:
            names = ", ".join(allowed) or "nothing more"
            yield ExperimentError(
                _join(path, key or '""'), f"is not a field that belongs here; allowed: {names}"
            )
    for name, field in fields.items():
        if field.required and name not in value:
            yield ExperimentError(_join(path, name), "is missing, and nothing can be assumed for it")


def _wrong_kind(value: dict[str, Any], kinds: list[str], path: str) -> ExperimentError:
    if KIND not in value:
        return ExperimentError(path, "is missing, and nothing can be assumed for it")
    kind = value[KIND]
    if not isinstance(kind, str):
        return ExperimentError(path, "must be text" + _got(kind))
    return ExperimentError(path, f"'{kind}' is not known; allowed: {', '.join(kinds)}")


def _in_list(values: list[Any], option: Option, path: str) -> Iterator[ExperimentError]:
    kind = option.type
    if not isinstance(kind, ListType):
        return  # any list will do
    least, most = kind.min_length or 0, kind.max_length
    if len(values) < least:
        yield ExperimentError(path, f"must be a list of length {least} or more, got {len(values)}")
    if most is not None and len(values) > most:
        yield ExperimentError(path, f"must be a list of length {most} or less, got {len(values)}")
    inner = tuple(options_of(kind.item_type))
    for place, value in enumerate(values):
        yield from _mistakes(value, inner, _join(path, str(place)))


def _problem(value: Any, option: Option) -> str:
    """Return what a value of the right form must be to lie within the limits of a type; nothing if it does."""
    kind = option.type
    if isinstance(kind, LiteralType):
        return "" if value in kind.values else "one of " + ", ".join(sorted(map(str, kind.values)))
    if isinstance(kind, (IntType, FloatType)):
        return _number_problem(value, option)
    if isinstance(kind, StrType):
        return _text_problem(value, option)
    return ""


def _number_problem(value: float, option: Option) -> str:
    kind = option.type
    assert isinstance(kind, (IntType, FloatType)), "a number"
    if kind.gt is not None and value <= kind.gt:
        return f"{in_words(option)} above {_short(kind.gt)}"
    if kind.ge is not None and value < kind.ge:
        return f"{in_words(option)} of at least {_short(kind.ge)}"
    if kind.lt is not None and value >= kind.lt:
        whole = isinstance(kind, IntType)
        return f"{in_words(option)} " + (f"of at most {kind.lt - 1}" if whole else f"below {_short(kind.lt)}")
    if kind.le is not None and value > kind.le:
        return f"{in_words(option)} of at most {_short(kind.le)}"
    if isinstance(value, int) and abs(value) >= LARGEST_WHOLE:
        return f"{in_words(option)} of at most 19 digits"
    return ""


def _short(limit: float) -> str:
    return str(int(limit) if limit == int(limit) else limit)


def _text_problem(value: str, option: Option) -> str:
    kind = option.type
    assert isinstance(kind, StrType), "text"
    if kind.min_length is not None and len(value) < kind.min_length:
        return f"text of length {kind.min_length} or more"
    if kind.max_length is not None and len(value) > kind.max_length:
        return f"text of length {kind.max_length} or less"
    if kind.pattern is not None and not re.search(kind.pattern, value):
        return option.form or f"text of the form {kind.pattern}"
    return ""


def _got(value: Any) -> str:
    if value is None or isinstance(value, (int, float, str)):
        return f", got {msgspec.json.encode(value).decode()[:LONGEST_SHOWN]}"
    return ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
