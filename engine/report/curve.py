"""A curve over the steps of a run, in a bounded number of points."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.arrays import Floats


@dataclass(frozen=True)
class Curve:
    """Points of a curve at steps 0, `every`, 2·every, …: the smallest and largest value of the steps up to the next.

    `low` and `high` are locked arrays (points,) and are the same object where every point is one value.
    """

    every: int
    low: Floats
    high: Floats
