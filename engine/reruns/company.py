"""What came of a lane that was trained from many seeds: where their curves lie, and which of them have learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats


@dataclass(frozen=True, eq=False)
class Band:
    """Where the curves of many seeds lie at some ascending `steps`; all arrays are (points,) and locked.

    `low` and `high` are the smallest and the largest value, `middle` is the median, all of the `finite` seeds whose
    value is finite there; NaN where there is none.
    """

    steps: Floats
    low: Floats
    middle: Floats
    high: Floats
    finite: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Member:
    """What came of one seed, measured over all training samples; `accuracy` is None where targets are no classes."""

    seed: int
    loss: float
    accuracy: float | None
    has_learned: bool
    has_diverged: bool


@dataclass(frozen=True, eq=False)
class Company:
    """All seeds before update `step`, with their curves up to there.

    `loss` is what the lane shows of its own loss: the mean of its last steps where they use a few samples each.
    `accuracy` is that over all training samples, None where there is none, and `spreads` are those of the hidden layers.
    It `is_complete` if nothing more comes as long as the lane stays where it is.
    """

    step: int
    members: tuple[Member, ...]
    loss: Band
    accuracy: Band | None
    spreads: tuple[Band, ...]
    is_complete: bool

    @property
    def learned(self) -> int:
        """Return how many of them have learned."""
        return sum(member.has_learned for member in self.members)
