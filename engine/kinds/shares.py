"""Shares of a whole, as softmax gives them: numbers that are at least 0 and sum to 1."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Bools, Floats


def sum_to_one(values: Floats) -> Bools:
    """Return for which samples (samples,) the numbers (samples, units) sum to 1, but for rounding."""
    return np.isclose(values.sum(axis=1), 1.0)


def are_shares(values: Floats) -> Bools:
    """Return for which samples (samples,) the numbers (samples, units) are shares, but for rounding."""
    return sum_to_one(values) & (values >= 0).all(axis=1)


def nearest_shares(values: Floats) -> Floats:
    """Return the shares (samples, units) that are nearest to the numbers of each sample; shares stay as they are.

    They are what is left above one level, chosen so that it sums to 1 (Duchi and others 2008).
    """
    nearest, others = values.copy(), ~are_shares(values)
    below_largest = values[others] - values[others].max(axis=1, keepdims=True)
    falling = -np.sort(-below_largest, axis=1)
    counts: Floats = np.arange(1.0, values.shape[1] + 1)
    levels = (falling.cumsum(axis=1) - 1.0) / counts
    last = np.count_nonzero(falling > levels, axis=1, keepdims=True) - 1
    nearest[others] = np.maximum(below_largest - np.take_along_axis(levels, last, axis=1), 0.0)
    return nearest
