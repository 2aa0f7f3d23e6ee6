"""Curves over the steps of a run, in a bounded number of points, what is measured over all samples at one step, and marks
at the steps at which something happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats


@dataclass(frozen=True)
class Curve:
    """Points of a curve at steps 0, `every`, 2·every, …: the smallest and largest value of the steps up to the next.

    `low` and `high` are locked arrays (points,) and are the same object where every point is one value.
    """

    every: int
    low: Floats
    high: Floats


@dataclass(frozen=True)
class NoisyCurve(Curve):
    """A curve of a value of every step 0 … `length` - 1, with the `mean` (points,) of the steps of each point, too."""

    mean: Floats
    length: int


@dataclass(frozen=True)
class SampleScore:
    """What a network does on all samples of one kind: training or test samples.

    `loss` is comparable with that of a batch. `accuracy` is the share, from 0 to 1, that is classified correctly, and
    `counts` (classes, classes) how often samples of one class (row) are taken for each class (column); None where targets
    are no classes, `counts` also where there are many.
    """

    samples: int
    loss: float
    accuracy: float | None
    counts: npt.NDArray[np.intp] | None


@dataclass(frozen=True)
class Score:
    """What a network does on all samples before the update of a `step`; `test` is None without test samples."""

    step: int
    training: SampleScore
    test: SampleScore | None


@dataclass(frozen=True)
class ScoreCurves:
    """What was measured over all samples at some ascending steps; all arrays are (points,).

    NaN stands for what makes no sense or is not finite.
    """

    steps: Floats
    loss: Floats
    accuracy: Floats
    test_accuracy: Floats


class MarkKind(Enum):
    """What can happen in a run. Columns are counted with their biases, as in `LayerSymmetry`."""

    PARTED = "parted"
    """A layer has more distinct columns than before."""
    JOINED = "joined"
    """A layer has fewer distinct columns than before."""
    REGROUPED = "regrouped"
    """The groups of a layer are others, and its distinct columns as many as before."""
    DIED = "died"
    """Neurons are off for every sample that is looked at, which they were not before."""
    REVIVED = "revived"
    """Neurons are no longer off for every sample."""
    BASE_RATE = "base-rate"
    """The mean loss is for the first time at that of outputs that ignore the inputs: at most 1 % above it."""
    DIVERGED = "diverged"
    """Numbers are no longer finite."""
    EDITED = "edited"
    """Somebody has changed weights."""
    SETTING = "setting"
    """Somebody has changed a setting, from here on."""


@dataclass(frozen=True)
class Mark:
    """Something that happened in a run. `step` is the first one that shows it; one step before it is not yet so.

    `layer` counts from 1. `before` and `now` are numbers of distinct columns, or of groups; `neurons` (from 0) are those
    that died or revived on the `samples` looked at. `value` is the base-rate loss, `formula` the first result that was
    not finite, `edit` what somebody did.
    """

    step: int
    kind: MarkKind
    layer: int = 0
    before: int = 0
    now: int = 0
    neurons: tuple[int, ...] = ()
    samples: int = 0
    value: float = 0.0
    formula: str = ""
    edit: Any = None


def in_order(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return marks ascending in their steps."""
    return tuple(sorted(marks, key=lambda mark: mark.step))


def smoothed(curve: NoisyCurve, steps: int) -> tuple[Floats, Floats]:
    """Return x and y (points,) of the mean of the last `steps` values of a curve.

    Where a point stands for more steps than that, its own mean is shown. What is not finite makes a gap.
    """
    count = len(curve.mean)
    ends = np.minimum((np.arange(count) + 1) * curve.every, curve.length)
    starts = np.maximum(np.arange(count) - max(1, steps // curve.every) + 1, 0)
    sizes = np.diff(ends, prepend=0)
    broken = ~np.isfinite(curve.mean)
    sums = np.concatenate([[0.0], np.cumsum(np.where(broken, 0.0, curve.mean * sizes))])
    gaps = np.concatenate([[0], np.cumsum(broken)])
    places = np.arange(count) + 1
    y = (sums[places] - sums[starts]) / (ends - starts * curve.every)
    y[gaps[places] > gaps[starts]] = np.nan
    return ends - 1.0, y
