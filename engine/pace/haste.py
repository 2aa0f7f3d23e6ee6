"""The time that a dragged value has: to come to the shown step, and to be explained where it rests."""

from __future__ import annotations

from time import perf_counter

from engine.report.probes import Probes

RERUN_SECONDS = 0.15
"""The seconds that a dragged value has to come to the shown step, before the next one takes its place."""
RERUN_SLICE, LARGE_SLICE = 0.05, 0.008
"""The seconds that a dragged value trains before it is shown on its way, in small and in large networks."""
REST_SECONDS = 0.15
"""A value that has not moved for so many seconds rests."""


class Haste:
    """Knows when a dragged value was moved last, and whether reasons are still to come for what is shown of it.

    In a small network they come when the value rests, in a large one when the person lets go of it.
    """

    def __init__(self) -> None:
        self._moved_at = -RERUN_SECONDS - REST_SECONDS
        self._was_hasty = self._is_small = False

    def move(self) -> None:
        """Take note that the value is another one now."""
        self._moved_at = perf_counter()

    @property
    def has_time(self) -> bool:
        """Return whether the value may still come to the shown step before the next one takes its place."""
        return perf_counter() < self._moved_at + RERUN_SECONDS

    def asked(self, probes: Probes, *, is_on_its_way: bool, is_small: bool) -> Probes:
        """Return what is worked out now while a value is dragged; it may be on its way to the shown step."""
        rests = is_small and not is_on_its_way and not self._seconds_to_rest
        return probes if rests else probes.while_dragged()

    def is_all(self, asked: Probes) -> bool:
        """Return whether nothing of what is asked was left out of the snapshot before."""
        return asked.is_hasty or not self._was_hasty

    def show(self, asked: Probes, *, is_small: bool) -> None:
        """Take note of what the snapshot tells that is made now."""
        self._was_hasty, self._is_small = asked.is_hasty, is_small

    @property
    def seconds_to_reasons(self) -> float | None:
        """Return in how many seconds reasons are due if nothing happens, None where they are not."""
        return self._seconds_to_rest if self._was_hasty and self._is_small else None

    @property
    def _seconds_to_rest(self) -> float:
        return max(0.0, self._moved_at + REST_SECONDS - perf_counter())
