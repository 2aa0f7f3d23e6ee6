"""The user's own data: files of arrays and CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.archives.any_arrays import read_named
from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.core.randomness import Purpose, stream
from engine.core.registry import named
from engine.datasets.base import Data, Seed
from engine.datasets.dataset import Dataset
from engine.datasets.targets import Columns, encode_names, encode_numbers
from engine.formats.bounded_reading import FileName, parse_number
from engine.formats.csv_table import Sheet, read_sheet
from engine.formats.npz_arrays import read_arrays

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
ArrayName: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
TestShare: TypeAlias = Annotated[
    float, Meta(ge=0, lt=1), named("test share", "The share of the rows that is kept for testing.")
]
TargetForm: TypeAlias = Annotated[
    Literal["auto", "numbers", "classes", "one-hot"],
    named(
        "target as", "Whether targets are numbers or classes; one-hot gives a column to each of two classes."
    ),
]
DataSeed: TypeAlias = Annotated[Seed, named("data seed", "The number that the samples are drawn from.")]


class Npz(Data, frozen=True, tag="npz"):
    """Arrays of an NPZ file: x_train and y_train, and x_test and y_test where there are test samples.

    x: (n, inputs), or images (n, height, width). y: targets (n, outputs), or class numbers (n,), which become
    one column of 0 and 1 for two classes and one-hot columns for more.
    """

    label: ClassVar[str] = "NPZ file"

    path: Annotated[FileName, named("file", "The file that holds the samples.")]

    def unscaled(self) -> Dataset:
        """Return the arrays as 64-bit numbers."""
        path = Path(self.path)
        arrays = read_arrays(path, ("x_train", "y_train"), ("x_test", "y_test"))
        parts = _parts(path, arrays)
        x = [_inputs(path, arrays, part) for part in parts]
        y, names = _targets(path, arrays, parts)
        images = arrays["x_train"].shape[1:]
        shape = (images[0], images[1]) if len(images) == 2 else None
        x_test, y_test = (x[1], y[1]) if len(parts) == 2 else (None, None)
        return Dataset(x[0], y[0], x_test, y_test, shape, names)


class Csv(Data, frozen=True, tag="csv"):
    """A CSV file: one row per sample, every column an input but the `target`.

    `target` is the column's name, or its number from 0 (-1: the last). `target_as`: `numbers` (one column of
    targets), `classes` (in the order of their names), `one-hot` (a column for each class, also of two), or `auto`:
    what the first sample looks like.
    `test_share` of the rows, drawn with `seed`, become test samples; both parts keep the order of the file.
    `header`: whether the first row has names; found out where it is not given.
    """

    label: ClassVar[str] = "CSV file"

    path: Annotated[FileName, named("file", "The file that holds the samples.")]
    target: Annotated[
        int | str, named("target", "The column that is to be predicted, by name or by number.")
    ] = -1
    target_as: TargetForm = "auto"
    test_share: TestShare = 0.2
    seed: DataSeed = 0
    header: Annotated[
        bool | None, named("header", "Whether the first row holds the names of the columns.")
    ] = None

    def unscaled(self) -> Dataset:
        """Return the rows, divided into training and test samples."""
        sheet = read_sheet(Path(self.path), self.target, self.header)
        x = sheet.inputs
        y, names = self._targets(sheet)
        return _divided(x, y, self.test_share, self.seed, class_names=names)

    def _targets(self, sheet: Sheet) -> tuple[Columns, tuple[str, ...]]:
        numeric = parse_number(sheet.targets[0]) is not None
        if self.target_as == "numbers" or (self.target_as == "auto" and numeric):
            return sheet.target_numbers(), ()
        return encode_names(sheet.path, sheet.target_names(), one_hot=self.target_as == "one-hot")


class NamedArrays(Data, frozen=True, tag="arrays", kw_only=True):
    """Any two arrays (n, …) of an NPZ, NPY or safetensors file, by their names; one row for each sample.

    Without `targets`, the last column of `inputs` is the target. `target_as`: `numbers`, `classes` or `one-hot` as for
    CSV files; `auto` takes a single column of whole numbers of a type without fractions for classes.
    `test_inputs` and `test_targets` are test samples; without them, `test_share` of the rows, drawn with `seed`.
    """

    label: ClassVar[str] = "arrays of a file"

    path: Annotated[FileName, named("file", "The file that holds the samples.")]
    inputs: Annotated[ArrayName, named("inputs", "The array with the inputs of all samples.")]
    targets: Annotated[
        ArrayName | None,
        named("targets", "The array with the targets; without it, they are the last column of the inputs."),
    ] = None
    test_inputs: Annotated[ArrayName | None, named("test inputs", "The inputs of the test samples.")] = None
    test_targets: Annotated[ArrayName | None, named("test targets", "The targets of the test samples.")] = (
        None
    )
    target_as: TargetForm = "auto"
    test_share: TestShare = 0.0
    seed: DataSeed = 0

    def unscaled(self) -> Dataset:
        """Return the arrays as 64-bit numbers."""
        x, y = self._samples(self.inputs, self.targets)
        shape = _image_shape(x)
        if self.test_inputs is None:
            [columns], names = self._encoded([y])
            return _divided(_flat(x), columns, self.test_share, self.seed, shape, names)
        if self.targets is not None and self.test_targets is None:
            raise ExperimentError("data.test_targets", Problem.TEST_TARGETS_MISSING)
        x_test, y_test = self._samples(self.test_inputs, self.test_targets)
        for name, train, test in (
            (self.test_inputs, x, x_test),
            (self.test_targets or self.test_inputs, y, y_test),
        ):
            if test.shape[1:] != train.shape[1:]:
                raise FileError(
                    self.path, Problem.TEST_ARRAY_UNLIKE, array=name, train=train.shape, shape=test.shape
                )
        columns, names = self._encoded([y, y_test])
        return Dataset(_flat(x), columns[0], _flat(x_test), columns[1], shape, names)

    def _samples(self, inputs: str, targets: str | None) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return inputs (n, …) and targets (n, …) of as many samples."""
        path = Path(self.path)
        x = read_named(path, (inputs,))[inputs]
        if targets is None:
            if x.ndim != 2 or x.shape[1] < 2:
                raise FileError(path, Problem.ARRAY_ONE_COLUMN, array=inputs, shape=x.shape)
            return x[:, :-1], x[:, -1:]
        y = read_named(path, (targets,))[targets]
        if len(x) != len(y):
            raise FileError(
                path, Problem.ARRAYS_LENGTHS, inputs=inputs, samples=len(x), targets=targets, got=len(y)
            )
        return x, y

    def _encoded(self, parts: list[npt.NDArray[Any]]) -> tuple[list[Columns], tuple[str, ...]]:
        """Return the targets of each part as columns, and the names of the classes where they are classes."""
        columns = [np.reshape(part, (len(part), -1)) for part in parts]
        whole = columns[0].shape[1] == 1 and columns[0].dtype.kind in "biu"
        if self.target_as == "numbers" or (self.target_as == "auto" and not whole):
            return [part.astype(np.float64) for part in columns], ()
        path, name = Path(self.path), self.targets or self.inputs
        if columns[0].shape[1] != 1:
            raise FileError(path, Problem.TARGETS_SHAPE, array=name, shape=parts[0].shape)
        numbers = [_class_numbers(path, name, part[:, 0]) for part in columns]
        return encode_numbers(path, numbers, one_hot=self.target_as == "one-hot")


def _flat(x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return inputs (n, …) as rows (n, inputs)."""
    return np.reshape(x, (len(x), -1)).astype(np.float64)


def _image_shape(x: npt.NDArray[Any]) -> tuple[int, int] | None:
    """Return height and width where samples (n, height, width) or (n, height, width, 1) are pictures."""
    picture = x.shape[1:3] if x.ndim == 3 or (x.ndim == 4 and x.shape[3] == 1) else ()
    return (picture[0], picture[1]) if picture else None


def _divided(
    x: npt.NDArray[np.float64],
    y: Columns,
    share: float,
    seed: int,
    image_shape: tuple[int, int] | None = None,
    class_names: tuple[str, ...] = (),
) -> Dataset:
    """Return samples with a share of them drawn for the test; both parts keep their order."""
    test = test_rows(len(x), share, seed)
    if not test.any():
        return Dataset(x, y, None, None, image_shape, class_names)
    return Dataset(x[~test], y[~test], x[test], y[test], image_shape, class_names)


def test_rows(samples: int, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Return which samples are for the test (samples,); at least one is left for training."""
    many = min(round(samples * share), samples - 1)
    test = np.zeros(samples, np.bool_)
    test[stream(seed, Purpose.TEST_DATA).permutation(samples)[:many]] = True
    return test


def _parts(path: Path, arrays: Arrays) -> list[str]:
    """Return the parts of the data that the file has: `train`, and `test` if both of its arrays are there."""
    test = [name for name in ("x_test", "y_test") if name in arrays]
    if len(test) == 1:
        raise FileError(path, Problem.TEST_ARRAY_ALONE, array=test[0])
    return ["train", "test"] if test else ["train"]


def _inputs(path: Path, arrays: Arrays, part: str) -> npt.NDArray[np.float64]:
    x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
    if x.ndim not in {2, 3}:
        raise FileError(path, Problem.INPUTS_SHAPE, array=f"x_{part}", shape=x.shape)
    if x.shape[1:] != arrays["x_train"].shape[1:]:
        train = arrays["x_train"].shape
        raise FileError(path, Problem.INPUTS_UNLIKE_TRAINING, array=f"x_{part}", train=train, shape=x.shape)
    if len(x) != len(y):
        raise FileError(path, Problem.TARGETS_COUNT, part=part, samples=len(x), got=len(y))
    return np.reshape(x, (len(x), -1)).astype(np.float64)


def _targets(path: Path, arrays: Arrays, parts: list[str]) -> tuple[list[Columns], tuple[str, ...]]:
    """Return the targets of each part, and the names of the classes where they are classes."""
    names = [f"y_{part}" for part in parts]
    shape = arrays["y_train"].shape
    for name in names:
        if arrays[name].ndim not in {1, 2}:
            raise FileError(path, Problem.TARGETS_SHAPE, array=name, shape=arrays[name].shape)
        if arrays[name].shape[1:] != shape[1:]:
            raise FileError(
                path, Problem.TARGETS_UNLIKE_TRAINING, array=name, train=shape, shape=arrays[name].shape
            )
    if len(shape) == 2:
        return [arrays[name].astype(np.float64) for name in names], ()
    return encode_numbers(path, [_class_numbers(path, name, arrays[name]) for name in names])


def _class_numbers(path: Path, name: str, numbers: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    with np.errstate(invalid="ignore"):  # of a number beyond 64 bits, which then differs
        whole = numbers.astype(np.int64)
    if (whole != numbers).any():
        raise FileError(path, Problem.CLASSES_NOT_WHOLE, array=name)
    return whole
