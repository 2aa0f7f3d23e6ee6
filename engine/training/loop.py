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
"""Numbers in NumPy's buffer: larger, and it copies small stacked arrays into it although nothing needs that."""


class Watcher(Protocol):
    """Looks at a training run between two updates, at step numbers that it chooses itself."""

    next_look: int
    """The step number at which it wants to look next; training goes on to there without asking."""

    def look(self, step: int) -> bool:
        """Look at the weights before update `step`, set `next_look`, and return whether training may go on."""
        ...


@contextmanager
def training_conditions() -> Generator[None, None, None]:
    """Compute inside this: infinite numbers are results, and stacked calls are quick."""
    with np.errstate(all="ignore"):  # keeps the size of the buffer, too, and restores it
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
