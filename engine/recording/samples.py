"""Values at a bounded number of steps of a run of any length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.core.arrays import Floats, locked
from engine.recording.envelope import CAPACITY
from engine.report.curve import Curve


class Samples:
    """Values at up to `CAPACITY` equally distant steps, for curves that are smooth and costly to compute."""

    def __init__(self, width: int) -> None:
        """Keep `width` values per step."""
        self._values = np.empty((CAPACITY, width))
        self.every = 1
        self.points = 0

    def extend(self, length: int, stride: int, compute: Callable[[int, int, int], Floats]) -> None:
        """Bring the samples up to date for a run of the steps 0 … length - 1.

        `compute(first, count, every)` returns the values (count, width) of `count` steps from `first` on, `every` steps
        apart; `first` and `every` are multiples of `stride`.
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
        """Return one curve for each of the `width` values."""
        columns = (locked(column) for column in self._values[: self.points].T)
        return tuple(Curve(self.every, column, column) for column in columns)
