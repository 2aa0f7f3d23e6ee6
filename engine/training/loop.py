"""The one training loop. Recording belongs to an update; measuring and stopping are watchers."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

import numpy as np

NEVER = sys.maxsize
"""A step number that no training reaches."""

BUFFER = 1024
"""The number of numbers in NumPy's buffer. With a larger buffer, NumPy copies small stacked arrays into it, which takes
time and is not needed."""


class Update(Protocol):
    """Does updates, one after another."""

    def do(self, steps: int, deadline: float = math.inf) -> int:
        """Do at most `steps` updates, of which none begins after `deadline` (of `perf_counter`); return how many."""
        ...


class Calls:
    """Does an update by calling everything in `calls`."""

    def __init__(self, calls: Sequence[Callable[[], object]]) -> None:
        self._calls = calls

    def do(self, steps: int, deadline: float = math.inf) -> int:
        """Do at most `steps` updates, of which none begins after `deadline` (of `perf_counter`); return how many."""
        for done in range(steps):
            if perf_counter() >= deadline:
                return done
            for call in self._calls:
                call()
        return steps


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
    update: Update,
    start: int,
    end: int,
    watchers: Sequence[Watcher] = (),
    deadline: float = math.inf,
) -> int:
    """Do updates `start` … `end` - 1; return the step that was reached.

    Training ends early when a watcher says so, or before an update that would begin after `deadline` (of
    `perf_counter`). Watchers cost nothing between their looks. The first one that ends training is the last to look.
    """
    step = start
    with training_conditions():
        while all(watcher.look(step) for watcher in watchers if watcher.next_look == step) and step < end:
            stop = min(end, *(watcher.next_look for watcher in watchers), NEVER)
            step += update.do(stop - step, deadline)
            if step < stop:
                break
    return step
