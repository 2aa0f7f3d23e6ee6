"""Sizes of arrays that neither vanish nor overflow."""

from __future__ import annotations

import numpy as np

from engine.core.arrays import Floats

HARMLESS_NORM = 1e-12
"""Norms above this and below its inverse are computed from squares as they are, in float32 too."""


def norm(values: Floats) -> float:
    """Return √Σx², exactly 0 only for zeros: where squares would vanish or overflow, x is scaled first."""
    norm = float(np.linalg.norm(values))
    if HARMLESS_NORM < norm < 1 / HARMLESS_NORM:
        return norm
    largest = float(np.abs(values).max())
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(values.astype(np.float64) / largest))


def deviation(values: Floats, axis: int | None = None) -> Floats:
    """Return the standard deviation of all values, or along an axis, as float64; squares neither vanish nor overflow."""
    largest = float(np.abs(values).max())
    if HARMLESS_NORM < largest < 1 / HARMLESS_NORM or largest == 0 or not np.isfinite(largest):
        return values.std(axis=axis, dtype=np.float64)
    return largest * (values.astype(np.float64) / largest).std(axis=axis)


def root_mean_square(values: Floats) -> float:
    """Return the root of the mean square of an array, exactly 0 only for zeros."""
    return norm(values) / values.size**0.5
