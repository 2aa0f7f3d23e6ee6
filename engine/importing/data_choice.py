"""What somebody chooses of the samples in a file, and the `data` of an experiment that says the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.core.registry import kind_of
from engine.datasets import Dataset
from engine.datasets.files import Csv, NamedArrays, TargetForm
from engine.datasets.targets import class_columns
from engine.formats.csv_table import LONGEST_TEXT
from engine.importing.inspection import FileContents
from engine.importing.own_data import IDX_FILES
from engine.importing.table_columns import SeenTargets

Document: TypeAlias = dict[str, Any]
Scaling: TypeAlias = Literal["none", "unit", "standardize", "both"]
TEST_SHARE = 0.2
"""The share of samples that is kept for testing if nobody chooses another."""


@dataclass(frozen=True)
class DataChoice:
    """What is learned of a file.

    `column` is the place of the target column of a table; of arrays, `inputs` and `targets` are names, and without
    `targets` they are the last column of the inputs. `form` is what targets are taken for, `scaling` what is done to
    the inputs, or to inputs and targets, `test_share` the share of samples that are kept for testing, where the file
    has none itself.
    """

    column: int = -1
    inputs: str = ""
    targets: str | None = None
    form: TargetForm = "numbers"
    scaling: Scaling = "none"
    test_share: float = TEST_SHARE


LARGEST_UNSCALED = 5.0
"""Inputs of a larger size are scaled if nobody says otherwise."""


@dataclass(frozen=True)
class Outlook:
    """What an experiment gets to learn: samples for training and for testing, and what each of them has.

    `targets` has the same outputs and the same least and largest targets as the data will have.
    """

    train: int
    test: int
    inputs: int
    targets: npt.NDArray[np.float64]

    @property
    def sketch(self) -> Dataset:
        """Return data of this size without its numbers, which takes no memory."""
        return Dataset(np.broadcast_to(0.0, (self.train, self.inputs)), self.targets)


def first_choice(contents: FileContents) -> DataChoice:
    """Return what is learned of a file if nobody chooses anything."""
    if contents.table is not None:
        choice = DataChoice(column=contents.table.target)
    elif contents.idx is not None:
        images, labels, *_ = contents.arrays
        choice = DataChoice(inputs=images.name, targets=labels.name)
    else:
        roles = contents.roles
        first = next(
            (array.name for array in contents.arrays if len(array.shape) > 1), contents.arrays[0].name
        )
        choice = DataChoice(inputs=roles.inputs if roles else first, targets=roles.targets if roles else None)
    choice = with_usual_form(contents, choice)
    return replace(choice, scaling=_usual_scaling(contents, choice))


def with_usual_form(contents: FileContents, choice: DataChoice) -> DataChoice:
    """Return a choice whose targets are taken for what they most likely are."""
    targets = targets_of(contents, choice)
    form = targets.usual_form(_samples(contents, choice)) if targets else "numbers"
    form = "classes" if contents.idx is not None else form
    return with_fitting_scaling(replace(choice, form=form))


def with_fitting_scaling(choice: DataChoice) -> DataChoice:
    """Return a choice in which no classes are scaled."""
    return replace(choice, scaling="standardize") if _scales_classes(choice) else choice


def _scales_classes(choice: DataChoice) -> bool:
    return choice.scaling == "both" and choice.form != "numbers"


def targets_of(contents: FileContents, choice: DataChoice) -> SeenTargets | None:
    """Return what the chosen targets can be; None where that is not known."""
    if contents.table is not None:
        return contents.table.columns[choice.column].as_targets
    if choice.targets is None:
        return contents.array(choice.inputs).last_column
    return contents.array(choice.targets).as_targets


def has_own_test(contents: FileContents, choice: DataChoice) -> bool:
    """Return whether the file itself says which samples are for testing, or cannot say it otherwise."""
    return contents.idx is not None or _test_arrays(contents, choice)[0] is not None


def problem_of(contents: FileContents, choice: DataChoice) -> FileError | None:
    """Return why a choice is not possible, as far as it can be told without reading the file again; None if it is."""
    path = contents.path
    if contents.table is not None:
        return contents.table.no_number(path, choice.column)
    inputs = contents.array(choice.inputs)
    if inputs.problem is not None:
        return inputs.problem
    if choice.targets is None:
        is_table = len(inputs.shape) == 2 and inputs.shape[1] > 1
        return (
            None
            if is_table
            else FileError(path, Problem.ARRAY_ONE_COLUMN, array=inputs.name, shape=inputs.shape)
        )
    targets = contents.array(choice.targets)
    if targets.problem is not None:
        return targets.problem
    if inputs.shape[:1] == targets.shape[:1] and inputs.shape:
        return None
    counts = [array.shape[0] if array.shape else 1 for array in (inputs, targets)]
    return FileError(
        path,
        Problem.ARRAYS_LENGTHS,
        inputs=inputs.name,
        samples=counts[0],
        targets=targets.name,
        got=counts[1],
    )


def outlook(contents: FileContents, choice: DataChoice) -> Outlook:
    """Return what an experiment gets to learn by a choice that is possible."""
    samples, own = _samples(contents, choice), _own_test(contents, choice)
    test = own if has_own_test(contents, choice) else min(round(samples * choice.test_share), samples - 1)
    train = samples if has_own_test(contents, choice) else samples - test
    return Outlook(train, test, _inputs(contents, choice), _targets(contents, choice))


def document_of(contents: FileContents, choice: DataChoice) -> Document:
    """Return what an experiment file says as its `data` to learn what was chosen."""
    document = _file_document(contents, choice)
    if choice.scaling == "none" or (choice.scaling == "unit" and contents.idx is not None):
        return document
    if choice.scaling == "unit":
        return {**document, "scale": "unit"}
    return {**document, "standardize": "both" if choice.scaling == "both" else "inputs"}


def _file_document(contents: FileContents, choice: DataChoice) -> Document:
    if contents.idx is not None:
        files = {name: getattr(contents.idx, name) for name in IDX_FILES}
        pixels = {"pixels": "raw" if choice.scaling == "none" else "scaled"}
        return {
            "kind": kind_of(contents.idx),
            **{name: file for name, file in files.items() if file},
            **pixels,
        }
    file = {"path": str(contents.path.resolve()), "target_as": choice.form}
    if contents.table is not None:
        return {
            "kind": kind_of(Csv),
            **file,
            "target": _column(contents, choice),
            "test_share": choice.test_share,
        }
    test_inputs, test_targets = _test_arrays(contents, choice)
    arrays = {"inputs": choice.inputs, "targets": choice.targets}
    if test_inputs is not None:
        return {
            "kind": kind_of(NamedArrays),
            **file,
            **arrays,
            "test_inputs": test_inputs,
            "test_targets": test_targets,
        }
    return {"kind": kind_of(NamedArrays), **file, **arrays, "test_share": choice.test_share}


def _column(contents: FileContents, choice: DataChoice) -> int | str:
    """Return the target column by its name, or by its number where that says more."""
    table = contents.table
    assert table is not None, "tables have columns"
    names = [column.name for column in table.columns]
    name, place = names[choice.column], table.places[choice.column]
    is_name = table.has_names and names.count(name) == 1 and 0 < len(name) < LONGEST_TEXT
    return name if is_name else place


def _test_arrays(contents: FileContents, choice: DataChoice) -> tuple[str | None, str | None]:
    """Return the arrays of test samples that belong to the chosen ones."""
    roles = contents.roles
    if roles is None or (roles.inputs, roles.targets) != (choice.inputs, choice.targets):
        return None, None
    return roles.test_inputs, roles.test_targets


def _own_test(contents: FileContents, choice: DataChoice) -> int:
    name = _test_arrays(contents, choice)[0]
    if name is not None:
        return contents.array(name).shape[0]
    return contents.arrays[2].shape[0] if contents.idx is not None and len(contents.arrays) > 2 else 0


def _samples(contents: FileContents, choice: DataChoice) -> int:
    if contents.table is not None:
        return contents.table.rows
    return contents.array(choice.inputs).shape[0] if contents.array(choice.inputs).shape else 1


def _inputs(contents: FileContents, choice: DataChoice) -> int:
    if contents.table is not None:
        return contents.table.width - 1
    numbers = prod(contents.array(choice.inputs).shape[1:])
    return numbers - 1 if choice.targets is None else numbers


def _targets(contents: FileContents, choice: DataChoice) -> npt.NDArray[np.float64]:
    seen = targets_of(contents, choice)
    if seen is None:
        shape = contents.array(choice.targets).shape[1:] if choice.targets else ()
        return np.array([[-1.0], [1.0]]).repeat(prod(shape), axis=1)
    if choice.scaling == "both":
        return np.array([[-1.0], [1.0]]).repeat(seen.outputs, axis=1)
    if choice.form == "numbers":
        return np.array([[seen.least], [seen.most]]).repeat(seen.outputs, axis=1)
    count = seen.different or 1
    return class_columns(np.arange(count), count, one_hot=choice.form == "one-hot")


def _usual_scaling(contents: FileContents, choice: DataChoice) -> Scaling:
    """Return none for small numbers; pixels go from 0 to 1, others are standardized, with targets that are large."""
    targets = targets_of(contents, choice)
    if choice.form == "numbers" and targets and max(-targets.least, targets.most) > LARGEST_UNSCALED:
        return "both"
    if contents.table is None and contents.array(choice.inputs).dtype == "uint8":
        return "unit"
    return "standardize" if _largest_input(contents, choice) > LARGEST_UNSCALED else "none"


def _largest_input(contents: FileContents, choice: DataChoice) -> float:
    """Return the size of the largest input, 0 where that is not known."""
    if contents.table is None:
        inputs = contents.array(choice.inputs)
        return max(-(inputs.least or 0.0), inputs.most or 0.0)
    columns = [
        column.as_targets for place, column in enumerate(contents.table.columns) if place != choice.column
    ]
    return max((max(-seen.least, seen.most) for seen in columns if seen.are_numbers), default=0.0)
