"""Curves over the steps of a run, in a bounded number of points, and what is measured over all samples at one step."""

from __future__ import annotations

from dataclasses import dataclass

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
