"""The news of a race: how many runs are done, and the ranking so far."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter

from engine.advice.advice import Advice

NEWS_SECONDS = 0.25
"""A ranking so far is told after so many seconds, when the next run is done."""

Tell = Callable[[Advice], object]
"""Who is told the advice so far."""


class RaceNews:
    """Counts runs, and has the ranking so far told now and then, by whichever thread has made a run."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._lock = tell, threading.Lock()
        self._told = perf_counter()
        self._ranking: Callable[[int], Advice] | None = None
        self.done = 0

    def begin(self, ranking: Callable[[int], Advice]) -> None:
        """From now on tell what `ranking` gives for the number of runs that are done."""
        self._ranking = ranking

    def count_run(self) -> None:
        """Take note of a run that is done."""
        with self._lock:
            self.done += 1
            if self._ranking is not None and perf_counter() >= self._told + NEWS_SECONDS:
                self._tell(self._ranking(self.done))
                self._told = perf_counter()
