"""Toy data in the plane, drawn in the order of scikit-learn's generators so that equal seeds give equal bits.

Every function returns inputs (samples, 2) and classes as target columns: (samples, 1) with 0 and 1 for two
classes, one-hot (samples, K) for K. Samples are divided among the classes as evenly as possible.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.randomness import Rng
from engine.datasets.targets import class_columns

Pair: TypeAlias = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
Numbers: TypeAlias = npt.NDArray[np.integer[Any]]


def circles(samples: int, noise: float, factor: float, rng: Rng) -> Pair:
    """Return points on two circles, (samples, 2), and their class, (samples, 1): 0 outside, 1 inside.

    x = (cos φ, sin φ) outside and factor·(cos φ, sin φ) inside, φ in equal steps from 0 to 2π, which is left
    out. Shuffled, then moved by normal noise of standard deviation `noise`; the same draws from the same
    RandomState as scikit-learn's `make_circles`.
    """
    outside = samples // 2
    inside = samples - outside
    outer = np.linspace(0, 2 * np.pi, outside, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, inside, endpoint=False)
    x = np.concatenate([_on_circle(outer), _on_circle(inner) * factor])
    return _shuffled_with_noise(x, np.repeat([0, 1], [outside, inside]), 2, noise, rng)


def moons(samples: int, noise: float, rng: Rng) -> Pair:
    """Return points on two interleaving half circles, (samples, 2), and their class, (samples, 1).

    Class 0 is the upper one, x = (cos φ, sin φ); class 1 the lower one, x = (1 - cos φ, 1 - sin φ - 0.5);
    φ in equal steps from 0 to π. Shuffled, then moved by normal noise of standard deviation `noise`; the same
    draws from the same RandomState as scikit-learn's `make_moons`.
    """
    upper = samples // 2
    lower = samples - upper
    up, down = np.linspace(0, np.pi, upper), np.linspace(0, np.pi, lower)
    bowl = np.stack([1 - np.cos(down), 1 - np.sin(down) - 0.5], axis=1)
    x = np.concatenate([_on_circle(up), bowl])
    return _shuffled_with_noise(x, np.repeat([0, 1], [upper, lower]), 2, noise, rng)


def xor(samples: int, noise: float, rng: Rng) -> Pair:
    """Return points around the corners of a square, (samples, 2), and their class, (samples, 1).

    The corners are (±1, ±1); class 1 where the two signs of the corner differ. Normal noise of standard
    deviation `noise` around each; without noise it is the textbook problem that no single layer solves.
    The points are those of `gaussians` with the corners as centers.
    """
    corners = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    x, corner = _blobs(samples, noise, corners, rng)
    return x, class_columns(corner // 2, 2)


def gaussians(samples: int, noise: float, centers: npt.NDArray[np.float64], rng: Rng) -> Pair:
    """Return points around `centers` (K, 2): points (samples, 2) and their class, which is their center.

    x = centers[k] + noise·N(0, 1); the same draws from the same RandomState as scikit-learn's `make_blobs`
    with these centers and cluster_std `noise`.
    """
    x, center = _blobs(samples, noise, centers, rng)
    return x, class_columns(center, len(centers))


def spirals(samples: int, noise: float, classes: int, turns: float, rng: Rng) -> Pair:
    """Return points on `classes` arms of a spiral, (samples, 2), and their class, which is their arm.

    Arm k of K: x = t·(cos φ, sin φ) with φ = 2π·(turns·t + k/K), and t = 1/n, 2/n, … 1 for its n samples
    (not 0, where all arms would meet). Shuffled, then moved by normal noise of standard deviation `noise`.
    """
    sizes = _even_sizes(samples, classes)
    arm = np.repeat(np.arange(classes), sizes)
    t = np.concatenate([np.arange(1, size + 1) / size for size in sizes])
    x = t[:, np.newaxis] * _on_circle(2 * np.pi * (turns * t + arm / classes))
    return _shuffled_with_noise(x, arm, classes, noise, rng)


def around_circle(count: int, radius: float) -> npt.NDArray[np.float64]:
    """Return `count` points in equal distances on a circle, (count, 2), from (radius, 0) counterclockwise."""
    return radius * _on_circle(2 * np.pi * np.arange(count) / count)


def _on_circle(angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _even_sizes(samples: int, classes: int) -> list[int]:
    """Return how many samples each class has; the first classes get what is left over."""
    size, left = divmod(samples, classes)
    return [size + (k < left) for k in range(classes)]


def _blobs(
    samples: int, noise: float, centers: npt.NDArray[np.float64], rng: Rng
) -> tuple[npt.NDArray[np.float64], Numbers]:
    """Return shuffled points around centers, and which center each belongs to (samples,)."""
    sizes = _even_sizes(samples, len(centers))
    clouds = [
        rng.normal(loc=center, scale=noise, size=(size, 2))
        for center, size in zip(centers, sizes, strict=True)
    ]
    order = np.arange(samples)
    rng.shuffle(order)
    return np.concatenate(clouds)[order], np.repeat(np.arange(len(centers)), sizes)[order]


def _shuffled_with_noise(
    x: npt.NDArray[np.float64], numbers: Numbers, classes: int, noise: float, rng: Rng
) -> Pair:
    order = np.arange(len(x))
    rng.shuffle(order)
    x = x[order]
    if noise:
        x = x + rng.normal(scale=noise, size=x.shape)
    return x, class_columns(numbers[order], classes)
