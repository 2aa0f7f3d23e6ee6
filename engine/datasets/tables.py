"""Tables of numbers: written in the experiment file itself, and two that come with the program."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.registry import named
from engine.datasets.base import Data, Seed
from engine.datasets.dataset import Dataset
from engine.datasets.files import test_rows
from engine.datasets.images import FOLDER
from engine.datasets.targets import class_columns
from engine.formats.npz_arrays import read_arrays

SPECIES = ("setosa", "versicolor", "virginica")

Rows: TypeAlias = Annotated[list[Annotated[list[float], Meta(min_length=1)]], Meta(min_length=1)]


class Table(Data, frozen=True, tag="table"):
    """Samples written in the experiment file itself: `x` and `y`, one list per sample."""

    label: ClassVar[str] = "table"

    x: Annotated[Rows, named("inputs", "One row of numbers for each sample.")]
    y: Annotated[Rows, named("targets", "One row of numbers for each sample.")]

    def unscaled(self) -> Dataset:
        """Return the written samples; there are no test samples."""
        x, y = _rectangle(self.x, "data.x"), _rectangle(self.y, "data.y")
        if len(x) != len(y):
            raise ExperimentError("data.y", Problem.TABLE_LENGTHS, rows=len(x), got=len(y))
        return Dataset(x, y)


class BundledTable(Data, frozen=True):
    """A table that comes with the program; a share of its rows, drawn with `seed`, become test samples."""

    file: ClassVar[str]
    test_share: Annotated[
        float, Meta(ge=0, lt=1), named("test share", "The share of the samples that is kept for the test.")
    ] = 0.2
    seed: Annotated[Seed, named("data seed", "The number that the test samples are drawn from.")] = 0

    @abstractmethod
    def targets(self, values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
        """Return the targets (n, outputs) of the last column (n,), and the names of classes."""

    def unscaled(self) -> Dataset:
        """Return the rows, both parts in the order of the file."""
        rows = read_arrays(FOLDER / self.file, ("rows",))["rows"].astype(np.float64)
        y, names = self.targets(rows[:, -1])
        x, test = rows[:, :-1], test_rows(len(rows), self.test_share, self.seed)
        if not test.any():
            return Dataset(x, y, class_names=names)
        return Dataset(x[~test], y[~test], x[test], y[test], class_names=names)


class Iris(BundledTable, frozen=True, tag="iris"):
    """150 irises of three species: length and width of their sepals and petals in cm (Fisher 1936)."""

    label: ClassVar[str] = "iris"

    file: ClassVar[str] = "iris.npz"

    def targets(self, values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
        """Return a column for each species."""
        return class_columns(values.astype(np.intp), len(SPECIES)), SPECIES


class Diabetes(BundledTable, frozen=True, tag="diabetes"):
    """442 patients: ten measurements as they are, and how far their diabetes has gone a year later (Efron 2004)."""

    label: ClassVar[str] = "diabetes"

    file: ClassVar[str] = "diabetes.npz"

    def targets(self, values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
        """Return the number from 25 to 346."""
        return values[:, np.newaxis], ()


def _rectangle(rows: list[list[float]], path: str) -> npt.NDArray[np.float64]:
    width = len(rows[0])
    for index, row in enumerate(rows):
        if len(row) != width:
            raise ExperimentError(f"{path}.{index}", Problem.TABLE_WIDTH, width=width, got=len(row))
    return np.array(rows, dtype=np.float64)
