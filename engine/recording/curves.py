"""Curves of any length in a bounded number of points, made as the run goes on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.arrays import Floats
from engine.report.curve import Curve

CAPACITY = 512
"""The most points a curve has; more than a plot has pixels to show them."""


class Envelope:
    """Lowest and highest of all values in up to `CAPACITY` equal stretches of steps; nothing is left out."""

    def __init__(self) -> None:
        self._low = np.full(CAPACITY, np.inf)
        self._high = np.full(CAPACITY, -np.inf)
        self.every = 1
        self.length = 0

    def extend(self, values: Floats) -> None:
        """Append the values (n,) of the next n steps; what is not finite makes a gap."""
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
        low = _locked(self._low[:points])
        return Curve(self.every, low, low if self.every == 1 else _locked(self._high[:points]))

    def _merge(self) -> None:
        half = CAPACITY // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._low[half:], self._high[half:] = np.inf, -np.inf
        self.every *= 2


class Samples:
    """Values at up to `CAPACITY` equally distant steps, for curves that are smooth and costly to compute."""

    def __init__(self, width: int) -> None:
        """Keep `width` values per step."""
        self._values = np.empty((CAPACITY, width))
        self.every = 1
        self.points = 0

    def extend(self, length: int, stride: int, compute: Callable[[int, int, int], Floats]) -> None:
        """Bring the samples up to steps 0 … length - 1.

        `compute(first, count, every)` returns (count, width) values; it is asked for multiples of `stride` only.
        """
        while self.every < stride or -(-length // self.every) > CAPACITY:
            kept = self._values[: self.points : 2].copy()
            self.points = len(kept)
            self._values[: self.points] = kept
            self.every *= 2
        count = -(-length // self.every) - self.points
        if count > 0:
            first = self.points * self.every
            self._values[self.points : self.points + count] = compute(first, count, self.every)
            self.points += count

    def curves(self) -> tuple[Curve, ...]:
        """Return one curve for each of the values."""
        columns = (_locked(column) for column in self._values[: self.points].T)
        return tuple(Curve(self.every, column, column) for column in columns)


def _locked(values: Floats) -> Floats:
    copy = values.copy()
    copy.flags.writeable = False
    return copy
