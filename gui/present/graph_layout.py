"""Where the neurons of a network stand in its graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats


@dataclass(frozen=True)
class Column:
    """The drawn units of one layer: their numbers and their places from top to bottom."""

    units: npt.NDArray[np.intp]
    x: float
    y: Floats
    total: int

    @property
    def gap(self) -> float | None:
        """Return the middle of the gap that stands for the units left out; None where all are drawn."""
        if len(self.units) == self.total:
            return None
        after = int(np.argmax(np.diff(self.units)))
        return float(self.y[after] + self.y[after + 1]) / 2


def column_of(units: int, most: int, x: float, place: tuple[float, float, float]) -> Column:
    """Return the drawn units of a layer; of more than `most` only the first and the last ones."""
    top, bottom, pitch = place
    drawn = np.arange(units)
    gap = 0.0
    if units > most:
        first = most // 2
        drawn = np.concatenate([np.arange(first), np.arange(units - (most - 2 - first), units)])
        gap = 1.6
    count = len(drawn) + gap
    rows = np.arange(len(drawn)) + gap * (np.arange(len(drawn)) >= most // 2)
    y = (top + bottom) / 2 + (rows - (count - 1) / 2) * pitch
    return Column(drawn, x, y.astype(np.float64), units)
