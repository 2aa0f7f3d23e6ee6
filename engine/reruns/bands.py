"""The curves of many runs in lockstep as one band: the smallest, the largest and the middle value at every point."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Bools, Floats, locked
from engine.report.curve import Curve, NoisyCurve, ScoreCurves, smoothed
from engine.reruns.company import Band


def loss_band(curves: Sequence[NoisyCurve], smoothing: int) -> Band:
    """Return the band of losses, or of their means over `smoothing` steps where that is more than one."""
    if smoothing > 1:
        means = [smoothed(curve, smoothing) for curve in curves]
        values = np.stack([mean for _, mean in means])
        return _band(means[0][0], values, values, values)
    low, high, mean = (
        np.stack([getattr(curve, name) for curve in curves]) for name in ("low", "high", "mean")
    )
    return _band(_steps(low, curves[0].every), low, mean, high)


def curve_band(curves: Sequence[Curve]) -> Band:
    """Return the band of curves that have a value at each of their points."""
    values = np.stack([curve.low for curve in curves])
    return _band(_steps(values, curves[0].every), values, values, values)


def accuracy_band(curves: Sequence[ScoreCurves]) -> Band | None:
    """Return the band of accuracies at the steps at which all runs were measured; None where there is none."""
    steps = reduce(np.intersect1d, (curve.steps for curve in curves))
    values = np.stack([curve.accuracy[np.searchsorted(curve.steps, steps)] for curve in curves])
    return None if np.isnan(values).all() else _band(steps, values, values, values)


def _steps(values: Floats, every: int) -> Floats:
    return np.arange(values.shape[1], dtype=np.float64) * every


def _band(steps: Floats, low: Floats, middle: Floats, high: Floats) -> Band:
    """Return the band of values (runs, points), without those that are not finite."""
    good = np.isfinite(low) & np.isfinite(high)
    finite = good.sum(axis=0)
    empty = finite == 0
    lowest = np.where(good, low, np.inf).min(axis=0)
    highest = np.where(good, high, -np.inf).max(axis=0)
    lowest[empty] = highest[empty] = np.nan
    return Band(locked(steps), locked(lowest), locked(_median(middle, good)), locked(highest), locked(finite))


def _median(values: Floats, good: Bools) -> Floats:
    """Return the median (points,) of the good ones of values (runs, points); NaN where there are none."""
    ordered = np.sort(np.where(good, values, np.inf), axis=0)
    count = good.sum(axis=0)
    points: npt.NDArray[np.intp] = np.arange(values.shape[1], dtype=np.intp)
    with np.errstate(invalid="ignore"):
        middle = (ordered[(count - 1) // 2, points] + ordered[count // 2, points]) / 2
    return np.where(count > 0, middle, np.nan)
