"""How much of a diagnosis is done. What is still to be tried depends on what is found, so that a share is an estimate."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Progress:
    """A share from 0 to 1 that never falls: each part of the work leads up to a share, and each run is a step to it."""

    def __init__(self, tell: Callable[[float], object] = lambda _share: None) -> None:
        """`tell` is told the share, by whichever thread has made a run."""
        self._tell, self._lock = tell, threading.Lock()
        self._share, self._end, self._step = 0.0, 0.0, 0.0

    def begin(self, end: float, runs: int) -> None:
        """Begin a part of at most so many runs, after which the share is `end`."""
        with self._lock:
            self._share = self._end
            self._end = max(self._end, end)
            self._step = (self._end - self._share) / max(1, runs)
            share = self._share
        self._tell(share)

    def begin_half(self, end: float, runs: int) -> None:
        """Begin a part that leads half of the way to `end`: another one like it may follow."""
        self.begin((self._end + end) / 2.0, runs)

    def go_on(self) -> None:
        """Take note of a run that is done."""
        with self._lock:
            self._share = min(self._end, self._share + self._step)
            share = self._share
        self._tell(share)
