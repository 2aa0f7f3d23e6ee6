"""The time of a frame: a snapshot has to be there when the next frame begins, and looks for alarms take turns."""

from __future__ import annotations

from math import isinf
from time import perf_counter

from engine.pace.alarm_turns import AlarmTurns

FRAMES_PER_SECOND = 60
"""How often the window shows a new frame."""
REPLAY_FRAMES = 120
"""The approximate number of frames in which all recorded steps are shown again as fast as possible."""
FRAME_SECONDS, RESERVE = 0.016, 0.0005
"""The whole milliseconds of the window's timer, and the part of a frame that is kept free for being late."""

FORGETTING = 0.95
"""A snapshot is expected to take as long as the longest of late; each new one makes that count for a little less."""


class FrameBudget:
    """Learns how long snapshots take. Times are those of `perf_counter`; the last one was `taken_at` by the window."""

    def __init__(self) -> None:
        self.taken_at = 0.0
        self._turns = AlarmTurns()
        self._snapshot_seconds = self._begun = 0.0
        self._looks: tuple[int, ...] = ()

    def next_snapshot_at(self) -> float:
        """Return when the next snapshot has to begin."""
        work = self._snapshot_seconds + self._turns.reserve(perf_counter())
        return self.taken_at + FRAME_SECONDS - RESERVE - work

    def begin_snapshot(self, lanes: int, *, resting: bool) -> tuple[int, ...]:
        """Return the numbers of the lanes, of so many, that are looked at for alarms in the snapshot that begins now."""
        self._begun = perf_counter()
        self._looks = self._turns.lanes(lanes, self._begun, resting=resting)
        return self._looks

    def end_snapshot(self, lanes: int, *, resting: bool) -> None:
        """Take note that it is made."""
        now = perf_counter()
        seconds = now - self._begun
        if not self._looks:
            # A snapshot takes longer now and then; being late costs a frame, being early a few steps.
            self._snapshot_seconds = max(seconds, FORGETTING * self._snapshot_seconds)
        elif not resting:
            self._turns.looked(lanes, max(0.0, seconds - self._snapshot_seconds), now)


def steps_per_frame(speed: float, replayed: int | None = None) -> int:
    """Return how many steps a frame has at a speed in steps per second; an infinite one shows so many quickly again."""
    if not isinf(speed):
        return max(1, round(speed / FRAMES_PER_SECOND))
    return 10**9 if replayed is None else replayed // REPLAY_FRAMES + 1
