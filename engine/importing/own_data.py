"""Data of people's own: which kind of data, with which fields, reads a file so that it suits an experiment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.archives.any_arrays import format_of, read_headers, read_named
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.core.registry import kind_of
from engine.datasets.files import Csv, NamedArrays, Npz, TargetForm
from engine.datasets.images import Idx
from engine.experiments.experiment import Experiment
from engine.formats.bounded_reading import open_data, parse_number
from engine.formats.csv_table import MAX_BYTES, read_sheet
from engine.formats.idx_arrays import idx_shape, is_idx, read_images
from engine.formats.npz_arrays import ArrayHeader
from engine.importing.sample_arrays import Roles, roles_of

Document: TypeAlias = dict[str, Any]
NOT_IN_TEXT = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
"""Bytes that no text has, in UTF-8 or in an older encoding. Some end with 26, as in DOS."""
IDX_FILES = ("train_images", "train_labels", "test_images", "test_labels")


def data_of_file(path: Path, experiment: Experiment, target: int | str = -1) -> Document:
    """Return what an experiment file says as its `data` to take all samples of a file.

    `target` is the target column of a CSV file. Numbers stay numbers where the network has one output, and become
    classes where it has more. Raise FileError for a file whose samples cannot be told.
    """
    path = path.resolve()
    form = format_of(path)
    if form is None:
        return _idx(path) if is_idx(path) else _csv(path, experiment, target)
    if form.name == "torch":
        raise FileError(path, Problem.WEIGHTS_NOT_DATA)
    headers = read_headers(path)
    roles = roles_of(headers)
    if roles is None:
        raise FileError(path, Problem.NO_SAMPLES_TOLD, present=described(headers))
    return _arrays(path, form.name, roles, experiment)


def described(headers: dict[str, ArrayHeader]) -> list[str]:
    """Return name and shape of the first arrays of a file."""
    return [f"{name[:40]} {'×'.join(map(str, header.shape))}" for name, header in list(headers.items())[:10]]


def target_form(column: npt.NDArray[Any] | None, different: int, experiment: Experiment) -> TargetForm:
    """Return what the targets of samples are taken for.

    `column` holds them as numbers (n,), or is None if they are words; `different` is how many different ones there
    are. Numbers are classes if the network has an output for each, or if its loss needs shares and they are none.
    """
    units = experiment.output_layer.units
    classes: TargetForm = "one-hot" if units > 1 and different == 2 else "classes"
    if column is None:
        return classes
    whole = bool((column == np.floor(column)).all())
    if units > 1:
        return classes if whole else "numbers"
    outside = bool(column.min() < 0 or column.max() > 1)
    return "classes" if experiment.loss.classifies and outside and different == 2 and whole else "numbers"


def _csv(path: Path, experiment: Experiment, target: int | str) -> Document:
    refuse_what_is_no_text(path)
    sheet = read_sheet(path, target, None)
    numeric = parse_number(sheet.targets[0]) is not None
    column = sheet.target_numbers()[:, 0] if numeric else None
    form = target_form(column, len(set(sheet.targets)), experiment)
    fields = {"path": str(path), "target": target, "target_as": form, "test_share": 0.0}
    return {"kind": kind_of(Csv), **fields}


def _arrays(path: Path, file_format: str, roles: Roles, experiment: Experiment) -> Document:
    """Return the data of two arrays; as NPZ data where they are called and used as that kind of data does."""
    name = roles.targets or roles.inputs
    values = read_named(path, (name,))[name]
    targets = values[:, -1] if roles.targets is None else values
    form: TargetForm = "numbers"
    different = np.unique(targets)
    if targets.size == len(targets):
        form = target_form(np.reshape(targets, -1), len(different), experiment)
    usual = Roles("x_train", "y_train", roles.test_inputs and "x_test", roles.test_targets and "y_test")
    is_binary = form == "numbers" and different.tolist() == [0, 1]
    fits = form == "numbers" if targets.ndim == 2 else form == "classes" or is_binary
    if roles == usual and fits and file_format == "npz":
        return {"kind": kind_of(Npz), "path": str(path)}
    named = {
        "inputs": roles.inputs,
        "targets": roles.targets,
        "test_inputs": roles.test_inputs,
        "test_targets": roles.test_targets,
    }
    return {"kind": kind_of(NamedArrays), "path": str(path), **named, "target_as": form}


def _idx(path: Path) -> Document:
    pair = idx_beside(path)
    files = {name: getattr(pair, name) for name in IDX_FILES}
    return {"kind": kind_of(Idx), **{name: file for name, file in files.items() if file is not None}}


def idx_beside(path: Path) -> Idx:
    """Return the data of IDX images whose labels lie beside them, named as those of MNIST; raise FileError if none do."""
    path = _images_of(path.resolve())
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    if labels == path or not labels.exists():
        read_images(path)  # says what it is if it is something else
        raise FileError(path, Problem.IDX_LABELS_MISSING, labels=labels.name)
    test = [Path(str(file).replace("train", "t10k")) for file in (path, labels)]
    if all(file.exists() for file in test) and not set(test) & {path, labels}:
        return Idx(
            train_images=str(path),
            train_labels=str(labels),
            test_images=str(test[0]),
            test_labels=str(test[1]),
        )
    return Idx(train_images=str(path), train_labels=str(labels))


def idx_among(paths: Sequence[Path]) -> Idx | None:
    """Return the data of IDX images and their labels, whatever they are called; None where files are something else.

    With four files, those of fewer samples are for tests.
    """
    shapes = {path: shape for path in paths if (shape := idx_shape(path)) is not None}
    images = sorted((path for path in shapes if len(shapes[path]) == 3), key=lambda path: -shapes[path][0])
    labels = {shapes[path][0]: path for path in shapes if len(shapes[path]) == 1}
    pairs = [(path, labels[shapes[path][0]]) for path in images if shapes[path][0] in labels]
    if len(paths) not in {2, 4} or 2 * len(pairs) != len(paths) or len(labels) != len(pairs):
        return None
    files = [str(path.resolve()) for pair in pairs for path in pair]
    return Idx(**dict(zip(IDX_FILES, files, strict=False)))


def _images_of(path: Path) -> Path:
    """Return the file of images that lies beside a file of labels, if this is one."""
    images = path.with_name(path.name.replace("labels", "images").replace("idx1", "idx3"))
    return images if images.exists() else path


def refuse_what_is_no_text(path: Path) -> None:
    """Raise FileError for a file that cannot be a table because it begins as no text does."""
    with open_data(path, MAX_BYTES) as file:
        if not NOT_IN_TEXT.isdisjoint(file.read(1024)):
            raise FileError(path, Problem.NO_ARRAYS_NOR_TABLE)


def check_names(*files: Path | None) -> None:
    """Raise FileError for a file that no experiment file, which is text in UTF-8, could name."""
    for file in files:
        try:
            str(file and file.resolve()).encode()
        except UnicodeEncodeError as error:
            raise FileError(file, Problem.NAME_NOT_UTF8) from error
