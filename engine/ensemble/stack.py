"""Several runs of one architecture in one pass: every array gets a leading batch axis, every instruction is called once.

The runs may differ in everything that is a number: seeds, weights, learning rates, weight decay. Each gives the results
of a run alone, bit for bit (but after a divergence NaNs may have other signs). For that, an instruction is stacked only
if its function is known to write the same bits for all runs at once as for one after the other, and has just been seen
to do so. Instructions that cannot be stacked are called for one run after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.core.arrays import Floats
from engine.ensemble.batch_axis import SharedMemory, working_bytes
from engine.training.loop import Calls, Update, train
from engine.training.trainer import Trainer
from engine.training.updates import OnlyLosses, updates_of

MAX_BYTES_PER_PASS = 5 * 2**18
"""The most working memory in one pass: the cache of a processor, less room for what the runs only read."""

MIN_RUNS_PER_PASS = 3
"""The fewest runs in one pass; two are as quick one after the other, because a stacked call costs more than a single."""


class Stack:
    """Trainers that do their updates together; each can be looked at, saved and restored as if it were alone.

    The trainers are in `passes`, `run_count` of them in all. `advances` are the calls that do one update in every
    trainer; call them inside `training_conditions()`. `disturbs_nobody` says that the driver trains all of them
    without the interpreter lock and in the cache.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        """Take over trainers of any experiments; those whose steps are alike share passes."""
        self.passes = [Pass([trainers[i] for i in indices], indices) for indices in _alike(trainers)]
        self.advances = [one.advance for one in self.passes]
        self.run_count = len(trainers)
        small = sum(working_bytes(trainer.step) for trainer in trainers) <= MAX_BYTES_PER_PASS
        self.disturbs_nobody = small and all(one.is_driven for one in self.passes)

    def train(self, steps: int) -> Floats:
        """Do `steps` updates in every trainer and return their losses (steps, run_count).

        Each pass goes to the end before the next one begins: so its memory stays in the cache. The driver needs no
        interpreter, and passes of its own train on all cores.
        """
        losses = np.empty((steps, self.run_count))

        def do(one: Pass) -> None:
            losses[:, one.indices] = one.train(steps)

        driven = [one for one in self.passes if one.is_driven]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(do, driven))
        for one in self.passes:
            if not one.is_driven:
                do(one)
        return losses


def can_share(trainer: Trainer) -> bool:
    """Return whether a trainer trains quicker in one pass with others: it is small, and no driver does its steps."""
    return trainer.program is None and MAX_BYTES_PER_PASS // working_bytes(trainer.step) >= MIN_RUNS_PER_PASS


def _alike(trainers: Sequence[Trainer]) -> Iterator[list[int]]:
    """Yield groups of trainers, by number, whose steps are the same instructions on arrays of the same shapes.

    A group is never larger than the cache holds; a trainer that cannot share is one of its own.
    """
    found: dict[str, list[int]] = {}
    for index, trainer in enumerate(trainers):
        if can_share(trainer):
            found.setdefault(trainer.step.tape.form(), []).append(index)
        else:
            yield [index]
    for group in found.values():
        several = MAX_BYTES_PER_PASS // working_bytes(trainers[group[0]].step)
        if min(several, len(group)) < MIN_RUNS_PER_PASS:
            several = 1
        for first in range(0, len(group), several):
            yield group[first : first + several]


class Pass:
    """Trainers with equal instructions in one memory, or a single trainer.

    `indices` are their numbers in the stack, `losses` (trainers,) the live losses of the last update, and `advance`
    does one update in all of them; call it inside `training_conditions()`.
    """

    def __init__(self, trainers: list[Trainer], indices: list[int]) -> None:
        self.indices = indices
        self.advance: Callable[[], object]
        self._trainers = trainers
        self._drawing = [trainer for trainer in trainers if trainer.is_random]
        if len(trainers) == 1:
            self.losses = trainers[0].step.loss[np.newaxis]
            self.advance = trainers[0].advance
            return
        memory = SharedMemory([trainer.step for trainer in trainers])
        for trainer, tape in zip(trainers, memory.tapes, strict=True):
            trainer.use(tape)
        self.losses = memory.with_batch_axis([trainer.step.loss for trainer in trainers])
        self._calls = memory.training_calls()
        self.advance = self._advance_all

    @property
    def updates(self) -> Update:
        """Return the updates of all trainers in the pass."""
        return updates_of(self._trainers, advances=[self.advance])

    def train(self, steps: int) -> Floats:
        """Do `steps` updates and return their losses (steps, trainers)."""
        if self.is_driven:
            alone = np.empty(steps)
            train(updates_of(self._trainers, [OnlyLosses(alone)]), 0, steps)
            return alone[:, np.newaxis]
        losses = np.empty((steps, len(self.indices)))
        rows = iter(losses)

        def record() -> None:
            next(rows)[:] = self.losses

        train(Calls([self.advance, record]), 0, steps)
        return losses

    @property
    def is_driven(self) -> bool:
        """Return whether the driver does the updates, which needs no interpreter."""
        return self._trainers[0].program is not None

    def _advance_all(self) -> None:
        for trainer in self._drawing:
            trainer.draw()
        for call in self._calls:
            call()
        for trainer in self._trainers:
            trainer.step_number += 1
