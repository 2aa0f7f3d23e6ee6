"""The lowest, highest and mean value of a curve of any length, in a bounded number of points."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats, locked
from engine.report.curve import NoisyCurve

CAPACITY = 512
"""The most points of a curve; a plot has fewer pixels to show them."""


class Envelope:
    """Lowest, highest and mean of all values in up to `CAPACITY` stretches of steps.

    A stretch has `every` steps, more the longer the curve is; every value counts in its stretch.
    """

    def __init__(self) -> None:
        self._low = np.full(CAPACITY, np.inf)
        self._high = np.full(CAPACITY, -np.inf)
        self._sum = np.zeros(CAPACITY)
        self.every = 1
        self.length = 0

    def extend(self, values: Floats) -> None:
        """Append the values (n,) of the next n steps; values that are not finite make gaps."""
        while self.length + len(values) > CAPACITY * self.every:
            self._merge()
        values = np.where(np.isfinite(values), values, np.nan)
        places = np.arange(self.length, self.length + len(values)) // self.every
        np.minimum.at(self._low, places, values)
        np.maximum.at(self._high, places, values)
        np.add.at(self._sum, places, values)
        self.length += len(values)

    def start_of_point(self, step: int) -> int:
        """Return the first step of the point that a step belongs to."""
        return step // self.every * self.every

    def until(self, length: int) -> Envelope:
        """Return an envelope of its own of the first `length` steps, at which a point begins."""
        other = Envelope()
        if length:
            points = length // self.every
            other.every, other.length = self.every, length
            other._low[:points] = self._low[:points]
            other._high[:points] = self._high[:points]
            other._sum[:points] = self._sum[:points]
        return other

    def curve(self) -> NoisyCurve:
        """Return the curve of all values so far, one point for each stretch."""
        points = -(-self.length // self.every)
        low = locked(self._low[:points])
        if self.every == 1:
            return NoisyCurve(1, low, low, low, self.length)
        in_stretch = np.full(points, self.every)
        in_stretch[-1] = self.length - (points - 1) * self.every
        return NoisyCurve(
            self.every, low, locked(self._high[:points]), locked(self._sum[:points] / in_stretch), self.length
        )

    def _merge(self) -> None:
        half = CAPACITY // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._sum[:half] = self._sum[::2] + self._sum[1::2]
        self._low[half:], self._high[half:], self._sum[half:] = np.inf, -np.inf, 0.0
        self.every *= 2
