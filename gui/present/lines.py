"""Lines through the curves of many lanes and layers, worked out together: a frame has little time for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

import numpy as np

from engine.core.arrays import Floats
from engine.report.curve import Curve

PIXELS_PER_STRETCH, PIXELS_IN_MOTION = 2.0, 4.0
"""How narrow a stretch of steps is, and how narrow while the network trains: painting costs as much as a line has
points."""
FLAT_PARTS = 4
"""A line counts as level while it stays within a pixel divided by this number."""
COMMON_SHARE = 0.5
"""The share of its points by which a line is on another one."""
MOST_COMPARED = 64
"""The points of a line that are compared with others: a deep network has hundreds of lines."""

Key: TypeAlias = tuple[int, int]
"""Lane and layer, both from 0."""
GHOST = 10_000
"""The old curves of a lane, which somebody keeps, are those of a lane with this added to its number."""


@dataclass(frozen=True)
class Bundle:
    """Lines over the same steps: whose they are, steps x (points,) and values y (lines, points).

    `end` is the step of the last point of their curves, and a point of a curve stands for `every` steps.
    """

    keys: tuple[Key, ...]
    x: Floats
    y: Floats
    end: int
    every: int


def bundles(curves: Mapping[Key, Curve], width: float, *, moving: bool) -> list[Bundle]:
    """Return lines that touch the lowest and the highest value of every stretch of steps.

    The axis is `width` pixels wide. Lanes in lockstep have their lines in one bundle.
    """
    stretches = width / (PIXELS_IN_MOTION if moving else PIXELS_PER_STRETCH)
    alike: dict[tuple[int, int, bool], list[Key]] = {}
    for key, curve in curves.items():
        alike.setdefault((curve.every, len(curve.low), curve.low is curve.high), []).append(key)
    return [_bundle(keys, [curves[key] for key in keys], stretches) for keys in alike.values()]


def _bundle(keys: list[Key], curves: list[Curve], stretches: float) -> Bundle:
    first = curves[0]
    one_value = first.low is first.high
    low = np.stack([curve.low for curve in curves])
    high = low if one_value else np.stack([curve.high for curve in curves])
    every, count = first.every, len(first.low)
    together = ceil(count / max(stretches, 1))
    if together > 1:
        starts = np.arange(0, count, together)
        low, high = np.minimum.reduceat(low, starts, axis=1), np.maximum.reduceat(high, starts, axis=1)
        every *= together
    x, y = np.arange(low.shape[1], dtype=np.float64) * every, low
    if low is not high:
        last_of_stretch = every - (first.every if one_value else 1)
        x = np.stack([x, x + last_of_stretch], axis=1).ravel()
        np.minimum(x, count * first.every, out=x)
        y = _in_turn(low, high)
    return Bundle(tuple(keys), x, y, (count - 1) * first.every, first.every)


def _in_turn(low: Floats, high: Floats) -> Floats:
    """Return low and high (lines, stretches) in turn (lines, 2 · stretches), high first where the line falls."""
    middle = low + high
    falls = np.zeros(low.shape, bool)
    with np.errstate(invalid="ignore"):
        falls[:, :-1] = middle[:, 1:] < middle[:, :-1]
    y = np.empty((len(low), 2 * low.shape[1]))
    y[:, ::2], y[:, 1::2] = np.where(falls, high, low), np.where(falls, low, high)
    return y


def bends(y: Floats) -> np.typing.NDArray[np.bool_]:
    """Return which points of lines at heights y (lines, points), in pixels, are not inside of a level stretch."""
    with np.errstate(invalid="ignore"):
        level = np.rint(y * FLAT_PARTS)
        same = level[:, 1:] == level[:, :-1]
    keep = np.ones(y.shape, bool)
    keep[:, 1:-1] = ~(same[:, 1:] & same[:, :-1])
    return keep


def on_earlier_lines(y: Floats, width: float, ends: tuple[float, float]) -> list[int]:
    """Return for each line on how many earlier ones a good part of it is, so that they cannot be told apart.

    `y` (lines, points) are heights of lines of a `width`; only points between the two `ends` are seen.
    """
    points = y.shape[1]
    some = y[:, np.linspace(0, points - 1, min(points, MOST_COMPARED)).astype(np.intp)]
    found: list[int] = []
    with np.errstate(invalid="ignore"):
        for place, line in enumerate(some):
            near = (np.abs(some[:place] - line) < width) & (line >= ends[0]) & (line <= ends[1])
            found.append(int(np.count_nonzero(near.mean(axis=1) > COMMON_SHARE)))
    return found
