"""Where the neurons of a network stand in its graph, and what is written beneath its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from gui.text.language import translate

CAPTION, MARGIN, SIDE, SIDE_SHARE = 16, 16, 32, 0.2
"""Pixels for the captions below, and of the margins above and at the sides, which are at most this share of the width."""
MAX_RADIUS, MIN_RADIUS = 13.0, 2.5
SHARE_OF_STRIP = 0.42
"""The largest radius as a share of the distance between two layers: no neuron hides one of another layer."""
MIN_PITCH = 7.5
"""Minimum distance of two neurons; layers that need less leave out the neurons in the middle."""


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


@dataclass(frozen=True)
class GraphLayout:
    """Where the layers of a network stand, inputs first, and the radius of their neurons in pixels."""

    columns: tuple[Column, ...]
    radius: float


def lay_out(widths: Sequence[int], width: int, height: int) -> GraphLayout:
    """Spread layers of these `widths` over an area of `width` by `height` pixels."""
    top, bottom = MARGIN / 2, height - CAPTION - 2
    most = max(2, int((bottom - top) / MIN_PITCH))
    tallest = max(min(units, most) for units in widths)
    radius = float(np.clip(0.36 * (bottom - top) / max(tallest - 0.4, 1), MIN_RADIUS, MAX_RADIUS))
    side = min(SIDE, SIDE_SHARE * width)
    xs = np.linspace(side, width - side, len(widths))
    radius = float(np.clip(SHARE_OF_STRIP * (xs[1] - xs[0]), 1.0, radius))
    pitch = (bottom - top) / max(tallest, 2)
    columns = (
        column_of(units, most, float(x), (top, bottom, pitch)) for units, x in zip(widths, xs, strict=True)
    )
    return GraphLayout(tuple(columns), radius)


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
