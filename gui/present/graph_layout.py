"""Where the neurons of a network stand in its graph, and what is written beneath its layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from gui.text.language import translate


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


def full_caption(column: Column, index: int, last: int) -> str:
    """Return what a layer is and how many of its units are drawn."""
    shown, total = len(column.units), column.total
    if total == shown:
        return short_caption(column, index, last)
    if index == 0:
        return translate("graph", "{0} of {1} inputs").format(shown, total)
    if index == last:
        return translate("graph", "{0} of {1} outputs").format(shown, total)
    return translate("graph", "layer {0}: {1} of {2}").format(index, shown, total)


def short_caption(column: Column, index: int, last: int) -> str:
    """Return what a layer is."""
    total = column.total
    if index == 0:
        return translate("graph", "input") if total == 1 else translate("graph", "%n input(s)", None, total)
    if index == last:
        return translate("graph", "output") if total == 1 else translate("graph", "%n output(s)", None, total)
    return translate("graph", "layer {0}").format(index)


def number(column: Column, _index: int, _last: int) -> str:
    """Return how many units a layer has."""
    return str(column.total)


CAPTIONS = (full_caption, short_caption, number)
"""Ways to say what a layer is, the fullest first, of a column, its layer and the last layer."""
