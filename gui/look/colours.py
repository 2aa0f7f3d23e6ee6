"""From numbers to colours: one symmetric scale, zero in the middle, linear or signed logarithm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import floor, log10

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QColor, QImage

from engine.core.arrays import Floats
from gui.look.theme import THEMES

Shares = npt.NDArray[np.float32]

HALF = 255
"""Colours on each side of zero; zero has one of its own."""
NOT_A_NUMBER = 2 * HALF + 1
WEIGHT_DECADES, GRADIENT_DECADES = 4, 8
"""How many powers of ten below its limit the signed logarithm tells apart."""
SMALLEST_LIMIT = 1e-30
"""The inverse of a smaller limit can overflow in single precision; a quotient cannot, but it takes longer."""
MAP_END = 0.94
"""The outermost part of the colour maps, where they get very dark, is left out."""


@cache
def lookup_table(theme: str) -> npt.NDArray[np.uint32]:
    """Return 2·255 + 1 colours as 0xffrrggbb, from most negative (red) over zero to most positive (blue).

    One more, yellow, stands for what is not a number.
    """
    colour_map = pg.colormap.get(THEMES[theme].colour_map)
    assert colour_map is not None, "the colour maps ship with pyqtgraph"
    # In these maps blue comes first; here blue is positive.
    positions = 0.5 - 0.5 * MAP_END * np.linspace(-1, 1, 2 * HALF + 1)
    rgb = np.asarray(colour_map.map(positions, mode=colour_map.BYTE))[:, :3].astype(np.uint32)
    colours = (0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]).astype(np.uint32)
    return np.append(colours, np.uint32(0xFFD0D000))


def nice_ceiling(value: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below a value; 1 for 0."""
    if not value > 0 or not np.isfinite(value):
        return 1.0
    power = 10.0 ** floor(log10(value))
    steps = (float(f"{step * power:.3g}") for step in (1.0, 2.0, 5.0, 10.0))
    # beside the smallest and the largest numbers there is no round one
    return next((step for step in steps if value <= step * (1 + 1e-12) < np.inf), value)


@dataclass(frozen=True)
class Scale:
    """Colours for values from -limit to limit.

    `decades` is how many powers of ten a signed logarithm shows; with 0 the colours are linear.
    """

    limit: float
    decades: int
    theme: str

    def shares(self, values: Floats) -> Shares:
        """Return values as shares of the limit, in numbers short enough to be quick."""
        shares = np.empty(values.shape, np.float32)
        if self.limit >= SMALLEST_LIMIT:
            return np.multiply(values, 1 / self.limit, out=shares, casting="unsafe")
        return np.divide(values, self.limit, out=shares, casting="unsafe")

    def places(self, shares: Shares) -> npt.NDArray[np.intp]:
        """Return for each share the place of its colour in the lookup table; NaN has the last one."""
        part = np.minimum(np.maximum(shares, -1), 1)
        if self.decades:
            steepness = 10.0**self.decades
            part = np.copysign(np.log1p(np.abs(part) * steepness) * float(1 / np.log1p(steepness)), part)
        places = np.rint(part * HALF) + HALF
        places[np.isnan(places)] = NOT_A_NUMBER
        return places.astype(np.intp)

    def pixels(self, places: npt.NDArray[np.intp]) -> npt.NDArray[np.uint32]:
        """Return the colours at places in the lookup table, as 0xffrrggbb."""
        return lookup_table(self.theme).take(places)

    def colour(self, share: float) -> QColor:
        """Return the colour at a position from -1 to 1."""
        index = round(max(-1.0, min(1.0, share)) * HALF) + HALF
        return QColor.fromRgb(int(lookup_table(self.theme)[index]))


@dataclass(frozen=True)
class Scales:
    """The scales of all weights, of all gradients and of all last changes of a snapshot."""

    weights: Scale
    gradients: Scale
    changes: Scale


def picture(pixels: npt.NDArray[np.uint32]) -> QImage:
    """Return a matrix of colours, 0xffrrggbb, as a picture."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    return image.copy()  # the buffer belongs to NumPy and goes away


def largest(values: Floats) -> float:
    """Return the largest finite absolute value, 0 if there is none."""
    top = float(max(values.max(initial=0.0), -values.min(initial=0.0)))
    if np.isfinite(top):
        return top
    sizes = np.abs(values)
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))
