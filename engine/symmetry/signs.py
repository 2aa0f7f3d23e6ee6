"""What can be known of a number at every step of a training run: its possible signs, and whether it may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats

Bools: TypeAlias = npt.NDArray[np.bool_]


def any_along(flags: Bools, axis: int) -> Bools:
    """Return whether any flag along an axis is set."""
    return np.logical_or.reduce(flags, axis=axis)


@dataclass(frozen=True)
class Signs:
    """Which of many numbers may be above 0, and which may be below 0; a number that may be neither is exactly 0."""

    positive: Bools
    negative: Bools

    @classmethod
    def of(cls, *values: Floats) -> Signs:
        """Return the signs of arrays of one shape, element by element. A NaN may be of any sign."""
        positive = np.logical_or.reduce([~(array <= 0) for array in values])
        negative = np.logical_or.reduce([~(array >= 0) for array in values])
        return cls(positive, negative)

    @property
    def live(self) -> Bools:
        """Return which may be other than 0."""
        return self.positive | self.negative

    def any(self, axis: int) -> Signs:
        """Return the signs that occur along an axis."""
        return Signs(any_along(self.positive, axis), any_along(self.negative, axis))


@dataclass(frozen=True)
class Numbers:
    """The signs that numbers may have at any step, and which of them may change from one step to another."""

    signs: Signs
    changes: Bools

    @classmethod
    def of_any_sign(cls, live: Bools, changes: Bools) -> Numbers:
        """Return numbers of unknown signs: `live` says which are not 0 at the start, `changes` which may change."""
        live = live | changes
        return cls(Signs(live, live), changes)

    def times(self, other: Numbers) -> Numbers:
        """Return the products, element by element: one may change if a factor does and the other is not always 0."""
        mine, others = self.signs, other.signs
        signs = Signs(
            (mine.positive & others.positive) | (mine.negative & others.negative),
            (mine.positive & others.negative) | (mine.negative & others.positive),
        )
        return Numbers(signs, (self.changes & others.live) | (mine.live & other.changes))

    def rows(self, count: int) -> Numbers:
        """Return the first `count` rows."""
        signs = Signs(self.signs.positive[:count], self.signs.negative[:count])
        return Numbers(signs, self.changes[:count])

    def behind(self, count: int) -> Numbers:
        """Return the rows behind the first `count`."""
        signs = Signs(self.signs.positive[count:], self.signs.negative[count:])
        return Numbers(signs, self.changes[count:])

    def row(self, index: int) -> Numbers:
        """Return one row."""
        return Numbers(Signs(self.signs.positive[index], self.signs.negative[index]), self.changes[index])

    def spread(self) -> Numbers:
        """Return numbers that may be each what any of these may be."""
        live, changes = self.signs.live, self.changes
        return Numbers.of_any_sign(np.full_like(live, live.any()), np.full_like(changes, changes.any()))

    def as_column(self) -> Numbers:
        """Return the same numbers in the shape (numbers, 1)."""
        column = np.s_[:, np.newaxis]
        return Numbers(Signs(self.signs.positive[column], self.signs.negative[column]), self.changes[column])


def stacked(rows: Sequence[Numbers]) -> Numbers:
    """Return numbers of one shape as rows."""
    signs = Signs(
        np.stack([row.signs.positive for row in rows]), np.stack([row.signs.negative for row in rows])
    )
    return Numbers(signs, np.stack([row.changes for row in rows]))
