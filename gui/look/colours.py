"""From numbers to colours: one symmetric scale, linear or signed logarithm. Exactly zero has a colour of its own."""

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
"""Colours on each side of the middle one, which numbers close to zero have."""
NOT_A_NUMBER, EXACTLY_ZERO = 2 * HALF + 1, 2 * HALF + 2
"""Places of two more colours: zero itself is told from a number that is only close to it."""
WEIGHT_DECADES, GRADIENT_DECADES = 4, 8
"""How many powers of ten below its limit the signed logarithm tells apart."""
LIMIT_MANTISSAS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
SMALLEST_LIMIT = 1e-30
"""The inverse of a smaller limit can overflow in single precision; a quotient cannot, but it takes longer."""
SMALLEST_SHARE = np.finfo(np.float32).tiny
"""The share of numbers that are not zero, but too small a part of the limit for single precision."""
CLEAR = 0
"""The colour that shows what is below a picture."""
DARK_INK, LIGHT_INK = "#14181f", "#ffffff"


@cache
def lookup_table(theme: str) -> npt.NDArray[np.uint32]:
    """Return 2·255 + 1 colours as 0xffrrggbb, from most negative (red) to most positive (blue).

    Two more stand for what is not a number (yellow) and for exactly zero.
    """
    signs = THEMES[theme].signs
    colour_map = pg.ColorMap(np.linspace(0, 1, len(signs)), list(signs))
    positions = np.linspace(0, 1, 2 * HALF + 1)
    rgb = np.asarray(colour_map.map(positions, mode=colour_map.BYTE))[:, :3].astype(np.uint32)
    colours = (0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]).astype(np.uint32)
    others = np.array([0xFFD0D000, QColor(THEMES[theme].exactly_zero).rgb()], np.uint32)
    return np.append(colours, others)


@cache
def inks(theme: str) -> tuple[QColor, ...]:
    """Return, for each colour of the lookup table, the colour in which a number on it is legible."""
    dark, light = QColor(DARK_INK), QColor(LIGHT_INK)
    return tuple(
        dark if _brightness(QColor.fromRgb(colour)) > 0.5 else light
        for colour in lookup_table(theme).tolist()
    )


def _brightness(colour: QColor) -> float:
    """Return how bright a colour looks, from 0 to 1 (luma of ITU-R BT.601)."""
    return 0.299 * colour.redF() + 0.587 * colour.greenF() + 0.114 * colour.blueF()


def nice_ceiling(value: float, mantissas: tuple[float, ...] = (1.0, 2.0, 5.0)) -> float:
    """Return the smallest of some mantissas times a power of ten that is not below a value; 1 for 0."""
    if not value > 0 or not np.isfinite(value):
        return 1.0
    power = 10.0 ** floor(log10(value))
    steps = (float(f"{step * power:.3g}") for step in (*mantissas, 10.0))
    # beside the smallest and the largest numbers there is no round one
    return next((step for step in steps if value <= step * (1 + 1e-12) < np.inf), value)


def colour_limit(value: float) -> float:
    """Return where a scale for numbers up to a value ends: growing by one step should hardly change its colours."""
    return nice_ceiling(value, LIMIT_MANTISSAS)


@dataclass(frozen=True)
class Scale:
    """Colours for values from -limit to limit.

    `decades` is how many powers of ten a signed logarithm shows; with 0 the colours are linear.
    """

    limit: float
    decades: int
    theme: str

    def shares(self, values: Floats) -> Shares:
        """Return values as shares of the limit, in numbers short enough to be quick; only zeros have the share 0."""
        shares = np.empty(values.shape, np.float32)
        if self.limit >= SMALLEST_LIMIT:
            np.multiply(values, 1 / self.limit, out=shares, casting="unsafe")
        else:
            np.divide(values, self.limit, out=shares, casting="unsafe")
        if np.count_nonzero(shares) != np.count_nonzero(values):
            shares[(shares == 0) & (values != 0)] = SMALLEST_SHARE
        return shares

    def places(self, shares: Shares) -> npt.NDArray[np.intp]:
        """Return for each share the place of its colour in the lookup table; NaN and 0 have places of their own."""
        part = np.minimum(np.maximum(shares, -1), 1)
        if self.decades:
            steepness = 10.0**self.decades
            # log of 1 + x in single precision is six times as fast as log1p, and as good for 255 colours
            part = np.copysign(np.log(np.abs(part) * steepness + 1) * float(1 / np.log1p(steepness)), part)
        places = np.rint(part * HALF) + HALF
        places[np.isnan(places)] = NOT_A_NUMBER
        places[shares == 0] = EXACTLY_ZERO
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


@dataclass(frozen=True)
class Sizes:
    """The largest weight, gradient and last change for which there are colours; 0 where there was none."""

    weights: float = 0.0
    gradients: float = 0.0
    changes: float = 0.0

    def grown(self, others: Sizes) -> Sizes:
        """Return the larger one of each."""
        return Sizes(
            max(self.weights, others.weights),
            max(self.gradients, others.gradients),
            max(self.changes, others.changes),
        )


NO_SIZES = Sizes()
"""Nothing was shown yet."""


def mixed(ground: QColor, colour: QColor, strength: float) -> QColor:
    """Return a colour that covers the ground with some strength; opaque ones are painted faster than clear ones."""
    parts = zip(_parts(ground), _parts(colour), strict=True)
    return QColor(*(round(below + strength * (above - below)) for below, above in parts))


def _parts(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def picture(pixels: npt.NDArray[np.uint32], *, clear: bool = False) -> QImage:
    """Return a matrix of colours, 0xffrrggbb, as a picture; with `clear`, some of them may be `CLEAR`."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    form = QImage.Format.Format_ARGB32_Premultiplied if clear else QImage.Format.Format_RGB32
    image = QImage(pixels.data, width, height, 4 * width, form)
    return image.copy()  # the buffer belongs to NumPy and goes away


def largest(values: Floats) -> float:
    """Return the largest finite absolute value, 0 if there is none."""
    top = float(max(values.max(initial=0.0), -values.min(initial=0.0)))
    if np.isfinite(top):
        return top
    sizes = np.abs(values)
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))
