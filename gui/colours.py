"""From numbers to colours: one symmetric scale, zero in the middle, linear or signed logarithm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import floor, log10

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QColor, QImage

from engine.randomness import Floats
from gui.theme import THEMES

HALF = 255
"""Colours on each side of zero; zero has one of its own."""
WEIGHT_DECADES, GRADIENT_DECADES = 4, 8
"""How many powers of ten below its limit the signed logarithm tells apart."""
MAP_END = 0.94
"""The outermost part of the colour maps, where they get very dark, is left out."""


@cache
def lookup_table(theme: str) -> npt.NDArray[np.uint32]:
    """Return 2·255 + 1 colours as 0xffrrggbb, from most negative (red) over zero to most positive (blue)."""
    colour_map = pg.colormap.get(THEMES[theme].colour_map)
    assert colour_map is not None, "the colour maps ship with pyqtgraph"
    # In these maps blue comes first; here blue is positive.
    positions = 0.5 - 0.5 * MAP_END * np.linspace(-1, 1, 2 * HALF + 1)
    rgb = np.asarray(colour_map.map(positions, mode="byte"))[:, :3].astype(np.uint32)
    return (0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]).astype(np.uint32)


def nice_ceiling(value: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below a value; 1 for 0."""
    if not value > 0 or not np.isfinite(value):
        return 1.0
    power = 10.0 ** floor(log10(value))
    for step in (1.0, 2.0, 5.0, 10.0):
        if value <= step * power * (1 + 1e-12):
            return float(f"{step * power:.3g}")
    return 10.0 * power


@dataclass(frozen=True)
class Scale:
    """Colours for values from -limit to limit.

    `decades` is how many powers of ten a signed logarithm shows; with 0 the colours are linear.
    """

    limit: float
    decades: int
    theme: str

    def shares(self, values: Floats) -> Floats:
        """Return values as positions on the colour bar, from -1 to 1; what is not a number is 0."""
        with np.errstate(all="ignore"):
            part = np.clip(np.nan_to_num(values / self.limit, nan=0.0), -1, 1)
        if not self.decades:
            return part
        steepness = 10.0**self.decades
        return np.sign(part) * np.log1p(np.abs(part) * steepness) / np.log1p(steepness)

    def indices(self, values: Floats) -> npt.NDArray[np.intp]:
        """Return for each value the place of its colour in the lookup table."""
        return np.rint(self.shares(values) * HALF).astype(np.intp) + HALF

    def image(self, indices: npt.NDArray[np.intp]) -> QImage:
        """Return a picture with one pixel per value of a matrix of colour places."""
        pixels = np.ascontiguousarray(lookup_table(self.theme)[indices])
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        return image.copy()  # the buffer belongs to NumPy and goes away

    def colour(self, share: float) -> QColor:
        """Return the colour at a position from -1 to 1."""
        index = round(max(-1.0, min(1.0, share)) * HALF) + HALF
        return QColor.fromRgb(int(lookup_table(self.theme)[index]))


@dataclass(frozen=True)
class Scales:
    """The scale of all weights and the scale of all gradients of a snapshot."""

    weights: Scale
    gradients: Scale


def largest(arrays: list[Floats]) -> float:
    """Return the largest finite absolute value in some arrays, 0 if there is none."""
    found = 0.0
    for array in arrays:
        values = np.abs(array)
        top = float(values.max(initial=0.0))
        if not np.isfinite(top):
            top = float(values[np.isfinite(values)].max(initial=0.0))
        found = max(found, top)
    return found
