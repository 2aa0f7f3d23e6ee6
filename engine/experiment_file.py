"""Experiment files: strict JSON in, plain JSON out, and the changes that variants and `--set` make.

An error names the path of the field and what is allowed there. Nothing is ever evaluated.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.errors import ExperimentError, FileError
from engine.experiment import VERSION, Experiment, Variant

MAX_BYTES = 64 * 2**20
MAX_DIGITS = 9
"""Of a list position; Python refuses to read numbers of thousands of digits."""


def read_experiment(path: Path, changes: list[tuple[str, Any]] | None = None) -> Experiment:
    """Return the checked experiment in a file, with `changes` made to it first.

    Raises FileError where there is nothing to read and ExperimentError, naming a path, where it makes no sense.
    """
    try:
        if path.exists() and not path.is_file():
            raise FileError(path, "cannot be read (it is no regular file)")
        if path.stat().st_size > MAX_BYTES:
            raise FileError(path, f"is larger than {MAX_BYTES // 2**20} MB, which no experiment file needs")
        text = path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror or error})") from error
    try:
        return parse_experiment(text, changes, path.resolve().parent)
    except ExperimentError as error:
        if changes:
            raise  # the mistake may be in what the caller wanted changed
        raise FileError(path, str(error)) from error


def parse_experiment(
    text: bytes | str, changes: list[tuple[str, Any]] | None = None, base: Path | None = None
) -> Experiment:
    """Return the checked experiment written as JSON, with `changes` made to it first.

    `base` is the folder that relative paths in it start from; they become absolute, so that the experiment means the
    same files wherever it is saved.
    """
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExperimentError("", f"is not valid JSON ({error})") from error
    if not isinstance(raw, dict):
        raise ExperimentError("", "must be a JSON object with the fields of an experiment")
    document = cast("dict[str, Any]", raw)
    version = document.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise ExperimentError(
            "version", f"{version} was written by a newer program, this one reads up to {VERSION}"
        )
    if base is not None:
        document = cast("dict[str, Any]", _with_absolute_paths(document, base))
    for target, value in changes or []:
        document = changed(document, target, value)
    experiment = build_experiment(document)
    for index, variant in enumerate(experiment.variants):
        _check_variant(experiment, index, variant)
    return experiment


PATH_FIELDS = frozenset({"path", "train_images", "train_labels", "test_images", "test_labels"})
"""The fields, wherever they stand, that name files."""


def _with_absolute_paths(node: Any, base: Path) -> Any:
    if isinstance(node, list):
        return [_with_absolute_paths(item, base) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    return {
        key: str(base / value)
        if isinstance(value, str) and key.rpartition(".")[2] in PATH_FIELDS
        else _with_absolute_paths(value, base)
        for key, value in cast("dict[str, Any]", node).items()
    }


def build_experiment(document: dict[str, Any]) -> Experiment:
    """Return the checked experiment that plain JSON data describes."""
    try:
        experiment = msgspec.convert(document, Experiment)
    except msgspec.ValidationError as error:
        raise _explained(error, document) from error
    experiment.check()
    return experiment


def with_changes(experiment: Experiment, changes: list[tuple[str, Any]]) -> Experiment:
    """Return the experiment with values put at dotted paths (`network.layers.*.weights`)."""
    document = plain(experiment)
    for target, value in changes:
        document = changed(document, target, value)
    return build_experiment(document)


def single_variant(experiment: Experiment, variant: Variant) -> Experiment:
    """Return the experiment that one variant of `experiment` runs; it has no variants itself."""
    return with_changes(experiment, [("variants", []), *variant.set.items()])


def variants_of(experiment: Experiment) -> list[Variant]:
    """Return the variants of an experiment; one that changes nothing, with its name, if it has none."""
    return list(experiment.variants) or [Variant(name=experiment.name)]


def plain(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment as plain JSON data."""
    return cast("dict[str, Any]", msgspec.to_builtins(experiment))


def changed(document: dict[str, Any], target: str, value: Any) -> dict[str, Any]:
    """Return a copy of plain JSON data with `value` at the dotted path `target` (`*` is every list element)."""
    return cast("dict[str, Any]", _put(document, target.split("."), value, target, 0))


def _put(node: Any, keys: list[str], value: Any, target: str, depth: int) -> Any:
    if depth == len(keys):
        return value
    key = keys[depth]
    where = ".".join(keys[: depth + 1])
    if isinstance(node, dict):
        table = cast("dict[str, Any]", node)
        if depth < len(keys) - 1 and key not in table:
            raise ExperimentError(where, f"is not there, so nothing can be put at {target}")
        return {**table, key: _put(table.get(key), keys, value, target, depth + 1)}
    if isinstance(node, list):
        items = cast("list[Any]", node)
        places = range(len(items)) if key == "*" else [_position(key, items, where)]
        copy = list(items)
        for place in places:
            copy[place] = _put(items[place], keys, value, target, depth + 1)
        return copy
    raise ExperimentError(where, f"is not there, so nothing can be put at {target}")


def _position(key: str, items: list[Any], where: str) -> int:
    if not key.isdecimal() or len(key) > MAX_DIGITS or int(key) >= len(items):
        raise ExperimentError(
            where, f"must be a list position from 0 to {len(items) - 1}, or * for every one"
        )
    return int(key)


def _check_variant(experiment: Experiment, index: int, variant: Variant) -> None:
    names = [other.name for other in experiment.variants[:index]]
    if variant.name in names:
        raise ExperimentError(
            f"variants.{index}.name", f"must differ from the other names, got {variant.name} again"
        )
    if any(target.split(".")[0] in {"variants", "format", "version"} for target in variant.set):
        raise ExperimentError(f"variants.{index}.set", "cannot change variants, format or version")
    try:
        single_variant(experiment, variant)
    except ExperimentError as error:
        raise ExperimentError(f"variants.{index}.set: {error.path}", error.problem) from error


_LOCATED = re.compile(r"^(?P<problem>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)


def _explained(error: msgspec.ValidationError, document: dict[str, Any]) -> ExperimentError:
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


def encode_experiment(experiment: Experiment) -> bytes:
    """Return an experiment as indented JSON that `parse_experiment` reads back to an equal one."""
    return msgspec.json.format(msgspec.json.encode(experiment), indent=1) + b"\n"
