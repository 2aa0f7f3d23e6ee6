"""Whose health is looked at for the next snapshot: that of all lanes while training rests, else of one after another."""

from __future__ import annotations

SECONDS_BETWEEN_LOOKS = 0.25
"""Minimum seconds between two looks at the same lane while training plays."""

MOST_SHARE = 0.05
"""Looking takes at most this share of the time: large networks are looked at more seldom."""


class AlarmTurns:
    """Gives the lanes their turns. Times are those of `perf_counter`, in seconds."""

    def __init__(self) -> None:
        self._last = -1
        self._due = 0.0
        self._seconds = 0.0

    def lanes(self, count: int, now: float, *, resting: bool) -> tuple[int, ...]:
        """Return the numbers of the lanes, of `count`, that are looked at now."""
        if resting:
            return tuple(range(count))
        if now < self._due:
            return ()
        self._last = (self._last + 1) % count
        return (self._last,)

    def reserve(self, now: float) -> float:
        """Return how long a look will take in the frame that begins now, 0 where no lane has its turn."""
        return self._seconds if now >= self._due else 0.0

    def looked(self, count: int, seconds: float, now: float) -> None:
        """Take note that a look at one of `count` lanes has taken `seconds`."""
        self._seconds = seconds
        self._due = now + max(SECONDS_BETWEEN_LOOKS / count, seconds / MOST_SHARE)
