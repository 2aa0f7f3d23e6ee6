"""Which steps are shown along a line, where they stand on it, and how the wheel shows fewer or more of them: pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TypeAlias

ZOOM, WHEEL_STEP, FEWEST_STEPS = 1.25, 120, 4.0
"""How much a step of the wheel enlarges, its size in eighths of a degree, and the fewest steps that are shown."""
WIDE_STEP = 28.0
"""Pixels from which on there is room for marks inside a step."""
Part: TypeAlias = tuple[float, float]
"""The first and the last step that are shown."""


@dataclass(frozen=True)
class StepScale:
    """A line from `first` to `last`, which is `left` pixels from the left and `width` pixels long."""

    first: int
    last: int
    left: int
    width: int

    @property
    def pixels(self) -> float:
        """Return how many pixels a step has."""
        return self.width / max(self.last - self.first, 1)

    @property
    def has_wide_steps(self) -> bool:
        """Return whether there is room for marks inside a step."""
        return self.last > self.first and self.pixels >= WIDE_STEP

    def x(self, step: float) -> float:
        """Return where a step is, in pixels."""
        return self.left + (step - self.first) * self.pixels

    def step_at(self, x: float) -> float:
        """Return the step, with a part of the next one, at a place in pixels."""
        return self.first + (x - self.left) / self.pixels


def zoomed(part: Part, whole: float, middle: float, turned: float) -> Part | None:
    """Return the steps that are shown after the wheel is turned over step `middle`; None for all up to `whole`.

    No fewer than a few: then they stay as they are.
    """
    first, last = part
    scale = ZOOM ** (-turned / WHEEL_STEP)
    steps = max(middle - (middle - first) * scale, 0.0), min(middle + (last - middle) * scale, whole)
    if steps[1] - steps[0] >= whole or whole <= FEWEST_STEPS:
        return None
    return steps if steps[1] - steps[0] >= FEWEST_STEPS else part


def part_around(part: Part | None, step: int, end: int) -> tuple[int, int]:
    """Return the whole steps of a part of 0 to `end`, moved along so far that a step is among them."""
    if part is None:
        return 0, end
    first, last = ceil(part[0]), floor(part[1])
    last = min(last + min(step - first, 0) + max(step - last, 0), end)
    return max(last - (floor(part[1]) - ceil(part[0])), 0), last
