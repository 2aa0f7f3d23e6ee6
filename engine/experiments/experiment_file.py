"""Experiment files: strict JSON in, plain JSON out, and the changes that variants and `--set` make.

An error names the path of the field and what is allowed there. Nothing is ever evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Any, cast

import msgspec

from engine.core.cancellation import checkpoint
from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.experiments.aliases import spelled_out
from engine.experiments.changes import build_experiment, changed
from engine.experiments.experiment import VERSION, Experiment, Variant
from engine.experiments.variants import single_variant
from engine.formats.json_text import parse_json
from engine.formats.short_code import code_of, content_of
from engine.formats.signatures import HEAD_BYTES, binary_instead, table_instead

MAX_BYTES = 64 * 2**20


def read_experiment(path: Path, changes: list[tuple[str, Any]] | None = None) -> Experiment:
    """Return the checked experiment in a file, with `changes` made to it first.

    Raises FileError where there is nothing to read and ExperimentError, naming a path, where it makes no sense.
    """
    return experiment_in(read_document(path), path, changes)


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, an experiment or a session; raise FileError where there is none."""
    text = _read(path)
    try:
        return parse_document(text)
    except ExperimentError as error:
        if table := table_instead(path, text[:HEAD_BYTES]):
            raise table from error
        raise FileError(path, Problem.EXPERIMENT_MISTAKE, cause=error) from error


def experiment_in(
    document: dict[str, Any], path: Path, changes: list[tuple[str, Any]] | None = None
) -> Experiment:
    """Return the experiment that a document of a file describes; raise as `read_experiment` does."""
    try:
        return _experiment_of(document, changes, path.resolve().parent)
    except ExperimentError as error:
        if changes:
            raise  # the mistake may be in what the caller wanted changed
        raise FileError(path, Problem.EXPERIMENT_MISTAKE, cause=error) from error


def _read(path: Path) -> bytes:
    """Return what is in a file, if it is an ordinary file of text that is not too large."""
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise FileError(path, Problem.EXPERIMENT_NO_FILE)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if binary := binary_instead(path, head):
                raise binary
            text = head + file.read(MAX_BYTES + 1 - len(head))  # the size of some files is said to be 0
    except OSError as error:
        raise FileError(path, Problem.UNREADABLE, reason=error.strerror or str(error)) from error
    if len(text) > MAX_BYTES:
        raise FileError(path, Problem.EXPERIMENT_TOO_LARGE, megabytes=MAX_BYTES // 2**20)
    return text


def parse_document(text: bytes | str) -> dict[str, Any]:
    """Return the JSON object in a text; raise ExperimentError if it is none."""
    document = parse_json(text)
    if not isinstance(document, dict):
        raise ExperimentError("", Problem.NO_JSON_OBJECT)
    return cast("dict[str, Any]", document)


def parse_experiment(
    text: bytes | str, changes: list[tuple[str, Any]] | None = None, base: Path | None = None
) -> Experiment:
    """Return the checked experiment written as JSON, with `changes` made to it first.

    `base` is the folder that relative paths in it start from; they become absolute, so that the experiment means the
    same files wherever it is saved.
    """
    return _experiment_of(parse_document(text), changes, base)


def _experiment_of(
    document: dict[str, Any], changes: list[tuple[str, Any]] | None, base: Path | None
) -> Experiment:
    version = document.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        raise ExperimentError("version", Problem.NEWER_VERSION, version=version, newest=VERSION)
    if base is not None:
        document = cast("dict[str, Any]", _with_absolute_paths(document, base))
    document = spelled_out(document)
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
        key: _absolute(key, base / value)
        if isinstance(value, str) and key.rpartition(".")[2] in PATH_FIELDS
        else _with_absolute_paths(value, base)
        for key, value in cast("dict[str, Any]", node).items()
    }


def _absolute(key: str, path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:  # no experiment file could name it, and no result
        field = key.rpartition(".")[2]
        raise ExperimentError(f"data.{field}", Problem.FOLDER_NOT_UTF8) from error
    return str(path)


def _check_variant(experiment: Experiment, index: int, variant: Variant) -> None:
    checkpoint()
    names = [other.name for other in experiment.variants[:index]]
    if variant.name in names:
        raise ExperimentError(f"variants.{index}.name", Problem.VARIANT_NAME_TWICE, name=variant.name)
    if any(target.split(".")[0] in {"variants", "format", "version"} for target in variant.set):
        raise ExperimentError(f"variants.{index}.set", Problem.VARIANT_CHANGES_VARIANTS)
    try:
        single_variant(experiment, variant)
    except ExperimentError as error:
        raise error.within(f"variants.{index}.set") from error


def encode_experiment(experiment: Experiment) -> bytes:
    """Return an experiment as indented JSON that `parse_experiment` reads back to an equal one."""
    return msgspec.json.format(msgspec.json.encode(experiment), indent=1) + b"\n"


def encode_code(experiment: Experiment) -> str:
    """Return the short code of an experiment, a line of text that `read_code` reads back to an equal one.

    Data and weights in files stay there: the code has their paths. Raise InitscopeError if it is too large for a code.
    """
    return code_of(msgspec.json.encode(_told(experiment)))


def read_code(code: str, changes: list[tuple[str, Any]] | None = None) -> Experiment:
    """Return the checked experiment in a short code, with `changes` made to it first."""
    return parse_experiment(content_of(code), changes)


def named_files(experiment: Experiment) -> list[str]:
    """Return the paths of the files that an experiment needs."""
    return list(dict.fromkeys(_paths_in(msgspec.to_builtins(experiment))))


def _paths_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            yield from _paths_in(item)
    elif isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            if isinstance(value, str) and key.rpartition(".")[2] in PATH_FIELDS:
                yield value
            else:
                yield from _paths_in(value)


def _told(node: Any) -> Any:
    """Return parts of an experiment as plain data, without the fields that have the value that is assumed."""
    if isinstance(node, list):
        return [_told(item) for item in cast("list[Any]", node)]
    if not isinstance(node, msgspec.Struct):
        return node
    config = node.__struct_config__
    told = {config.tag_field: config.tag} if config.tag_field else {}
    for field in msgspec.structs.fields(node):
        value = getattr(node, field.name)
        if not _is_assumed(value, field):
            told[field.name] = _told(value)
    return told


def _is_assumed(value: Any, field: msgspec.structs.FieldInfo) -> bool:
    if field.required:
        return False
    assumed = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()  # type: ignore[operator]
    return msgspec.json.encode(value) == msgspec.json.encode(assumed)  # 0.0 is not -0.0
