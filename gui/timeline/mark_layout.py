"""Where the marks of all lanes stand along the timeline: pure, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.report.curve import Mark
from engine.report.snapshot import LaneSnapshot
from gui.timeline.step_scale import StepScale

APART = 7
"""Marks that are closer than so many pixels stand at one place."""


@dataclass(frozen=True)
class LaneMark:
    """A mark, and the number and the name of its lane."""

    lane: int
    name: str
    mark: Mark


@dataclass(frozen=True)
class MarkPlace:
    """Marks at one place, `x` pixels from the left, ascending in their steps."""

    x: int
    marks: tuple[LaneMark, ...]

    @property
    def step(self) -> int:
        """Return the step to go to from here: that of the first one."""
        return self.marks[0].mark.step


def marks_of(lanes: Sequence[LaneSnapshot]) -> tuple[LaneMark, ...]:
    """Return the marks of all lanes, ascending in their steps."""
    found = (LaneMark(number, lane.name, mark) for number, lane in enumerate(lanes) for mark in lane.marks)
    return tuple(sorted(found, key=lambda one: one.mark.step))


def placed(marks: Iterable[LaneMark], scale: StepScale) -> tuple[MarkPlace, ...]:
    """Return the places of those marks whose steps are on a line."""
    return tuple(_placed((one for one in marks if scale.first <= one.mark.step <= scale.last), scale))


def _placed(marks: Iterable[LaneMark], scale: StepScale) -> Iterator[MarkPlace]:
    here: list[LaneMark] = []
    x = 0
    for one in marks:
        place = round(scale.x(one.mark.step))
        if here and place - x >= APART:
            yield MarkPlace(x, tuple(here))
            here = []
        if not here:
            x = place
        here.append(one)
    if here:
        yield MarkPlace(x, tuple(here))


def neighbour(marks: Sequence[LaneMark], step: int, *, forward: bool) -> int | None:
    """Return the step of the next mark after a step, or of the one before it; None if there is none."""
    steps = [one.mark.step for one in marks]
    if forward:
        return min((other for other in steps if other > step), default=None)
    return max((other for other in steps if other < step), default=None)
