"""What is wrong with a document that is no experiment: its first mistake, with its path and what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
from engine.core.problems import Form, Problem
from engine.experiments.aliases import nearest_name
from engine.experiments.schema import (
    KIND,
    Option,
    experiment_type,
    fields_of,
    form_of,
    kinds_in,
    names_of,
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


def mistake_in(value: Any, struct: type[msgspec.Struct], path: str) -> ExperimentError | None:
    """Return what is wrong first in plain JSON data at a path that should be a struct; None if its form is right."""
    return next(_mistakes(value, tuple(options_of(msgspec.inspect.type_info(struct))), path), None)


def _mistakes(value: Any, options: Options, path: str) -> Iterator[ExperimentError]:
    fitting = tuple(option for option in options if _fits(value, option))
    if all(_is_other_name(value, option) for option in fitting):
        yield _wrong_form(value, list(dict.fromkeys(map(form_of, options))), path)
    elif isinstance(value, dict):
        yield from _in_object(cast("dict[str, Any]", value), fitting, path)
    elif isinstance(value, list):
        yield from _in_list(cast("list[Any]", value), fitting[0], path)
    else:
        beyond = [found for option in fitting if (found := _beyond(value, option, path)) is not None]
        if len(beyond) == len(fitting):
            yield beyond[0]


def _is_other_name(value: Any, option: Option) -> bool:
    return isinstance(value, str) and isinstance(option.type, LiteralType) and value not in option.type.values


def _fits(value: Any, option: Option) -> bool:
    """Return whether a value has the form of a type in JSON, whatever its limits are."""
    kind = option.type
    if isinstance(kind, LiteralType):
        return type(value) is type(kind.values[0])
    forms: dict[type, tuple[type, ...]] = {
        bool: (BoolType,),
        int: (IntType, FloatType),
        float: (FloatType,),
        str: (StrType,),
        list: (ListType,),
        dict: (StructType, DictType),
        type(None): (NoneType,),
    }
    return isinstance(kind, (AnyType, *forms[type(value)]))


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
            yield _unknown_field(allowed, _join(path, key or '""'))
    for name, field in fields.items():
        if field.required and name not in value:
            yield ExperimentError(_join(path, name), Problem.MISSING_FIELD)


def _unknown_field(allowed: list[str], path: str) -> ExperimentError:
    if not allowed:
        return ExperimentError(path, Problem.UNKNOWN_FIELD_OF_NONE)
    return ExperimentError(path, Problem.UNKNOWN_FIELD, allowed=allowed)


def _wrong_kind(value: dict[str, Any], kinds: list[str], path: str) -> ExperimentError:
    if KIND not in value:
        return ExperimentError(path, Problem.MISSING_FIELD)
    kind = value[KIND]
    if not isinstance(kind, str):
        return _wrong_form(kind, [Form.TEXT], path)
    nearest = nearest_name(kind, kinds)
    if nearest is None:
        return ExperimentError(path, Problem.UNKNOWN_KIND, kind=kind, allowed=kinds)
    return ExperimentError(path, Problem.UNKNOWN_KIND_NEAR, kind=kind, allowed=kinds, nearest=nearest)


def _in_list(values: list[Any], option: Option, path: str) -> Iterator[ExperimentError]:
    kind = option.type
    if not isinstance(kind, ListType):
        return  # any list will do
    least, most = kind.min_length or 0, kind.max_length
    if len(values) < least:
        yield ExperimentError(path, Problem.LIST_TOO_SHORT, least=least, got=len(values))
    if most is not None and len(values) > most:
        yield ExperimentError(path, Problem.LIST_TOO_LONG, most=most, got=len(values))
    inner = tuple(options_of(kind.item_type))
    for place, value in enumerate(values):
        yield from _mistakes(value, inner, _join(path, str(place)))


def _beyond(value: Any, option: Option, path: str) -> ExperimentError | None:
    """Return how a value of the right form leaves the limits of a type; None if it does not."""
    kind = option.type
    if isinstance(kind, LiteralType):
        return None if value in kind.values else _wrong_form(value, [names_of(kind)], path)
    if isinstance(kind, IntType):
        return _beyond_whole(value, kind, path)
    if isinstance(kind, FloatType):
        return _beyond_number(value, kind, path)
    if isinstance(kind, StrType):
        return _beyond_text(value, kind, option.form, path)
    return None


def _beyond_number(value: float, kind: FloatType, path: str) -> ExperimentError | None:
    if kind.gt is not None and value <= kind.gt:
        return ExperimentError(path, Problem.NUMBER_NOT_ABOVE, limit=_short(kind.gt), got=_shown(value))
    if kind.ge is not None and value < kind.ge:
        return ExperimentError(path, Problem.NUMBER_TOO_SMALL, least=_short(kind.ge), got=_shown(value))
    if kind.lt is not None and value >= kind.lt:
        return ExperimentError(path, Problem.NUMBER_NOT_BELOW, limit=_short(kind.lt), got=_shown(value))
    if kind.le is not None and value > kind.le:
        return ExperimentError(path, Problem.NUMBER_TOO_LARGE, most=_short(kind.le), got=_shown(value))
    if isinstance(value, int) and abs(value) >= LARGEST_WHOLE:
        return ExperimentError(path, Problem.NUMBER_TOO_LONG, got=_shown(value))
    return None


def _beyond_whole(value: int, kind: IntType, path: str) -> ExperimentError | None:
    if kind.gt is not None and value <= kind.gt:
        return ExperimentError(path, Problem.WHOLE_NOT_ABOVE, limit=kind.gt, got=_shown(value))
    if kind.ge is not None and value < kind.ge:
        return ExperimentError(path, Problem.WHOLE_TOO_SMALL, least=kind.ge, got=_shown(value))
    if kind.lt is not None and value >= kind.lt:
        return ExperimentError(path, Problem.WHOLE_TOO_LARGE, most=kind.lt - 1, got=_shown(value))
    if kind.le is not None and value > kind.le:
        return ExperimentError(path, Problem.WHOLE_TOO_LARGE, most=kind.le, got=_shown(value))
    if abs(value) >= LARGEST_WHOLE:
        return ExperimentError(path, Problem.WHOLE_TOO_LONG, got=_shown(value))
    return None


def _short(limit: float) -> float:
    return int(limit) if abs(limit) < LARGEST_WHOLE and limit == int(limit) else limit


def _beyond_text(value: str, kind: StrType, form: Form | None, path: str) -> ExperimentError | None:
    if kind.min_length is not None and len(value) < kind.min_length:
        return ExperimentError(path, Problem.TEXT_TOO_SHORT, least=kind.min_length, got=_shown(value))
    if kind.max_length is not None and len(value) > kind.max_length:
        return ExperimentError(path, Problem.TEXT_TOO_LONG, most=kind.max_length, got=_shown(value))
    if kind.pattern is None or re.search(kind.pattern, value):
        return None
    if form is not None:
        return _wrong_form(value, [form], path)
    return ExperimentError(path, Problem.TEXT_PATTERN, pattern=kind.pattern, got=_shown(value))


def _wrong_form(value: Any, forms: Sequence[Form | tuple[str, ...]], path: str) -> ExperimentError:
    if isinstance(value, (list, dict)):  # too long to be repeated
        return ExperimentError(path, Problem.WRONG_FORM_OF_MANY, forms=forms)
    return ExperimentError(path, Problem.WRONG_FORM, forms=forms, got=_shown(value))


def _shown(value: Any) -> str:
    """Return a wrong value as the file writes it, cut to what an error repeats."""
    return msgspec.json.encode(value).decode()[:LONGEST_SHOWN]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
