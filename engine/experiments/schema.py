"""What the experiment format allows at a path, and what is wrong with a document, in words."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from engine.core.errors import ExperimentError
from engine.experiments.experiment import Experiment

_LOCATED = re.compile(r"^(?P<problem>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)


def explained(error: msgspec.ValidationError, document: dict[str, Any]) -> ExperimentError:
    """Return msgspec's message as `path: problem`, with what is allowed there."""
    unknown = _unknown_field(str(error), document)
    if unknown:
        path, field = unknown
        field = field or '""'
        allowed = _allowed_at(path, document)
        return ExperimentError(
            f"{path}.{field}" if path else field, f"is not a field that belongs here; allowed: {allowed}"
        )
    match = _LOCATED.match(str(error))
    assert match is not None, "the pattern matches every text"
    path = _dotted(match["path"] or "")
    problem = match["problem"].replace("`", "")
    if problem.startswith("Invalid value") and path.endswith("kind"):
        problem = (
            f"{problem.removeprefix('Invalid value ')} is not known; allowed: {_kinds_at(path, document)}"
        )
    elif problem.startswith("Invalid enum value"):
        problem = f"must be one of {_literals_at(path, document)}" + _got(path, document)
    elif missing := re.search(r"missing required field (\S+)", problem):
        path = f"{path}.{missing[1]}" if path else missing[1]
        problem = "is missing, and nothing can be assumed for it"
    elif "matching regex" in problem:
        problem = "must be one line of text without slashes" + _got(path, document)
    else:
        problem = _in_words(problem) + _got(path, document)
    return ExperimentError(path, problem)


_UNKNOWN = "Object contains unknown field `"


def _unknown_field(message: str, document: Any) -> tuple[str, str] | None:
    """Return (path of the object, field) of msgspec's message about an unknown field, whatever the field is called."""
    if not message.startswith(_UNKNOWN):
        return None
    rest = message.removeprefix(_UNKNOWN)
    field, marked, location = rest.rpartition("` - at `$")
    path = _dotted(location.removesuffix("`")) if marked else ""
    node = _value_at(path, document) if marked else None
    if isinstance(node, dict) and field in node:
        return path, field
    return "", rest.removesuffix("`")


def _dotted(path: str) -> str:
    return re.sub(r"\[(\d+|\.\.\.)\]", r".\1", path).lstrip(".")


_WORDS = {
    "Expected ": "must be ",
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "array": "a list",
    "object": "an object in braces",
    "bool": "true or false",
    " >= ": " of at least ",
    " <= ": " of at most ",
    " > ": " above ",
    " < ": " below ",
    ".0": "",
}


def _in_words(problem: str) -> str:
    problem = problem.partition(", got ")[0]
    for term, words in _WORDS.items():
        problem = re.sub(
            rf"(?<!\w){re.escape(term)}(?!\w)" if term.isalpha() else re.escape(term), words, problem
        )
    return problem


def _got(path: str, document: Any) -> str:
    value = _value_at(path, document)
    if isinstance(value, (int, float, str, bool)) or value is None:
        return f", got {msgspec.json.encode(value).decode()[:60]}"
    return ""


def _value_at(path: str, document: Any) -> Any:
    node = document
    for key in filter(None, path.split(".")):
        if isinstance(node, dict):
            node = cast("dict[str, Any]", node).get(key)
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(cast("list[Any]", node)):
            node = cast("list[Any]", node)[int(key)]
        else:
            return None
    return node


def _types_at(path: str, document: Any) -> list[msgspec.inspect.Type]:
    """Return the types that the experiment format has at a path of a document; several for a choice."""
    types: list[msgspec.inspect.Type] = [msgspec.inspect.type_info(Experiment)]
    node = document
    for key in filter(None, path.split(".")):
        kind = cast("dict[str, Any]", node).get("kind") if isinstance(node, dict) else None
        types = [inner for outer in types for inner in _inside(outer, key, kind)]
        node = _value_at(key, node)
    return types


def _inside(outer: msgspec.inspect.Type, key: str, kind: Any) -> list[msgspec.inspect.Type]:
    found: list[msgspec.inspect.Type] = []
    for option in _options(outer):
        if isinstance(option, msgspec.inspect.ListType):
            found += _options(option.item_type)
        elif isinstance(option, msgspec.inspect.StructType) and (option.tag is None or option.tag == kind):
            found += [t for field in option.fields if field.name == key for t in _options(field.type)]
    return found


def _options(kind: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    if isinstance(kind, msgspec.inspect.Metadata):
        return _options(kind.type)
    if isinstance(kind, msgspec.inspect.UnionType):
        return [option for member in kind.types for option in _options(member)]
    return [kind]


def _allowed_at(path: str, document: Any) -> str:
    node = _value_at(path, document)
    kind = cast("dict[str, Any]", node).get("kind") if isinstance(node, dict) else None
    names: list[str] = []
    for option in _types_at(path, document):
        if isinstance(option, msgspec.inspect.StructType) and (option.tag is None or option.tag == kind):
            names += ["kind"] if option.tag else []
            names += [field.name for field in option.fields]
    return ", ".join(names) or "nothing more"


def _kinds_at(path: str, document: Any) -> str:
    options = _types_at(path.rpartition(".")[0], document)
    return ", ".join(str(o.tag) for o in options if isinstance(o, msgspec.inspect.StructType) and o.tag)


def _literals_at(path: str, document: Any) -> str:
    options = _types_at(path, document)
    return ", ".join(
        str(value) for o in options if isinstance(o, msgspec.inspect.LiteralType) for value in o.values
    )
