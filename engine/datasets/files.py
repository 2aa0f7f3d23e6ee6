"""The user's own data: NPZ files of arrays and CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.errors import FileError
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


class Npz(Data, frozen=True, tag="npz"):
    """Arrays of an NPZ file: x_train and y_train, and x_test and y_test where there are test samples.

    x: (n, inputs), or images (n, height, width). y: targets (n, outputs), or class numbers (n,), which become
    one column of 0 and 1 for two classes and one-hot columns for more.
    """

    label: ClassVar[str] = "NPZ file"

    path: Annotated[FileName, named("file", "The file that holds the samples.")]

    def load(self) -> Dataset:
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
    targets), `classes` (in the order of their names), or `auto`: what the first sample looks like.
    `test_share` of the rows, drawn with `seed`, become test samples; both parts keep the order of the file.
    `header`: whether the first row has names; found out where it is not given.
    """

    label: ClassVar[str] = "CSV file"

    path: Annotated[FileName, named("file", "The file that holds the samples.")]
    target: Annotated[
        int | str, named("target", "The column that is to be predicted, by name or by number.")
    ] = -1
    target_as: Annotated[
        Literal["auto", "numbers", "classes"], named("target as", "Whether targets are numbers or classes.")
    ] = "auto"
    test_share: Annotated[
        float, Meta(ge=0, lt=1), named("test share", "The share of the rows that is kept for testing.")
    ] = 0.2
    seed: Annotated[Seed, named("data seed", "The number that the samples are drawn from.")] = 0
    header: Annotated[
        bool | None, named("header", "Whether the first row holds the names of the columns.")
    ] = None

    def load(self) -> Dataset:
        """Return the rows, divided into training and test samples."""
        sheet = read_sheet(Path(self.path), self.target, self.header)
        x = sheet.inputs
        y, names = self._targets(sheet)
        test = self._test_rows(len(x))
        if not test.any():
            return Dataset(x, y, class_names=names)
        return Dataset(x[~test], y[~test], x[test], y[test], class_names=names)

    def _targets(self, sheet: Sheet) -> tuple[Columns, tuple[str, ...]]:
        numeric = parse_number(sheet.targets[0]) is not None
        if self.target_as == "numbers" or (self.target_as == "auto" and numeric):
            return sheet.target_numbers(), ()
        return encode_names(sheet.path, sheet.target_names())

    def _test_rows(self, samples: int) -> npt.NDArray[np.bool_]:
        """Return which samples are for the test (samples,); at least one is left for training."""
        many = min(round(samples * self.test_share), samples - 1)
        test = np.zeros(samples, np.bool_)
        test[stream(self.seed, Purpose.TEST_DATA).permutation(samples)[:many]] = True
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
