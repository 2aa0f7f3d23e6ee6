"""Data written in the experiment file itself."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.registry import named
from engine.datasets.base import Data
from engine.datasets.dataset import Dataset

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


def _rectangle(rows: list[list[float]], path: str) -> npt.NDArray[np.float64]:
    width = len(rows[0])
    for index, row in enumerate(rows):
        if len(row) != width:
            raise ExperimentError(f"{path}.{index}", Problem.TABLE_WIDTH, width=width, got=len(row))
    return np.array(rows, dtype=np.float64)
