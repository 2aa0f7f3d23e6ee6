"""The lowest and highest value of a curve of any length, in a bounded number of points."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats, locked
from engine.report.curve import Curve

CAPACITY = 512
"""The most points of a curve; a plot has fewer pixels to show them."""


class Envelope:
    """Lowest and highest of all values in up to `CAPACITY` stretches of steps.

    A stretch has `every` steps; no value is left out.
    """

    def __init__(self) -> None:
        self._low = np.full(CAPACITY, np.inf)
        self._high = np.full(CAPACITY, -np.inf)
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
        self.length += len(values)

    def curve(self) -> Curve:
        """Return the present points."""
        points = -(-self.length // self.every)
        low = locked(self._low[:points])
        return Curve(self.every, low, low if self.every == 1 else locked(self._high[:points]))

    def _merge(self) -> None:
        half = CAPACITY // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._low[half:], self._high[half:] = np.inf, -np.inf
        self.every *= 2
