"""Two-dimensional toy data, drawn in the order of scikit-learn's generators so that equal seeds give equal bits."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.randomness import Rng

Pair: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def circles(samples: int, noise: float, factor: float, rng: Rng) -> Pair:
    """Return points on two circles, (samples, 2), and their class, (samples, 1): 0 outside, 1 inside.

    Shuffled, then moved by normal noise of standard deviation `noise`; the same draws from the same RandomState as
    scikit-learn's `make_circles`.
    """
    outside = samples // 2
    inside = samples - outside
    outer = np.linspace(0, 2 * np.pi, outside, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, inside, endpoint=False)
    x = np.concatenate([_on_circle(outer), _on_circle(inner) * factor])
    y = np.concatenate([np.zeros(outside), np.ones(inside)])
    return _shuffled_with_noise(x, y, noise, rng)


def _on_circle(angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _shuffled_with_noise(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], noise: float, rng: Rng
) -> Pair:
    order = np.arange(len(x))
    rng.shuffle(order)
    x = x[order]
    if noise:
        x = x + rng.normal(scale=noise, size=x.shape)
    return x, y[order, np.newaxis]
