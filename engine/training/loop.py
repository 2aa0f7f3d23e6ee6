"""The one training loop. Recording is a call among the calls of an update; measuring and stopping are watchers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

import numpy as np

Call = Callable[[], object]

NEVER = sys.maxsize
"""A step number that no training reaches."""

BUFFER = 1024
"""The number of numbers in NumPy's buffer. With a larger buffer, NumPy copies small stacked arrays into it, which takes
time and is not needed."""


class Watcher(Protocol):
    """Looks at a training run between two updates, at step numbers that it chooses itself."""

    next_look: int
    """The step number at which it wants to look next; training goes on to there without asking."""

    def look(self, step: int) -> bool:
        """Look at the weights before update `step`, set `next_look`, and return whether training may go on."""
        ...


@contextmanager
def training_conditions() -> Generator[None, None, None]:
    """Make infinite numbers results and stacked calls quick, for what is computed inside this context."""
    with np.errstate(all="ignore"):  # it restores the size of the buffer, too
        np.setbufsize(BUFFER)
        yield


def train(
    update: Sequence[Call],
    start: int,
    end: int,
    watchers: Sequence[Watcher] = (),
    deadline: float = math.inf,
) -> int:
    """Do updates `start` … `end` - 1, each by calling everything in `update`; return the step that was reached.

    Training ends early when a watcher says so, or before an update that would begin after `deadline` (of
    `perf_counter`). Watchers cost nothing between their looks. The first one that ends training is the last to look.
    """
    step = start
    with training_conditions():
        while all(watcher.look(step) for watcher in watchers if watcher.next_look == step) and step < end:
            stop = min((watcher.next_look for watcher in watchers), default=end)
            for _ in range(min(stop, end) - step):
                if perf_counter() >= deadline:
                    return step
                for call in update:
                    call()
                step += 1
    return step
