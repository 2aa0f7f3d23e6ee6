"""Updates of several trainers in lockstep: by the driver, many at a time, or each by calls from Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Protocol

import numpy as np

from engine.core.arrays import Floats
from engine.native.driver import Call
from engine.native.program import Room
from engine.training.loop import NEVER, Calls, Update
from engine.training.trainer import Trainer


class Recorder(Protocol):
    """What the steps of a run are recorded in, one by one or many at a time."""

    def next_state(self) -> Floats | None:
        """Return the live row (state_size,) for the state before the next step; None if it is not recorded."""
        ...

    def append_loss(self, loss: float) -> None:
        """Record the loss of that step."""
        ...

    def room(self, steps: int) -> Room:
        """Return where the next steps are to be recorded, at most `steps` of them."""
        ...

    def extend(self, steps: int) -> None:
        """Take note that so many steps have been recorded there."""
        ...


class OnlyLosses:
    """Records the losses of a run, and no states."""

    def __init__(self, losses: Floats) -> None:
        """Record in `losses` (steps,), contiguous in float64."""
        self._no_states = np.empty((1, 0))
        self.begin(losses)

    def begin(self, losses: Floats) -> None:
        """Record another run in `losses` (steps,)."""
        self._losses = losses

    def next_state(self) -> None:
        """Say that no state is recorded."""

    def append_loss(self, loss: float) -> None:
        """Record the loss of a step."""
        self._losses[0] = loss
        self.extend(1)

    def room(self, steps: int) -> Room:
        """Return where the losses of the next steps go; the next state is due in a step that is never reached."""
        return Room(steps, self._no_states, stride=NEVER, passed=1, losses=self._losses)

    def extend(self, steps: int) -> None:
        """Go on behind the losses of so many steps."""
        self._losses = self._losses[steps:]


class Driven:
    """Does updates by the driver, step after step in all trainers, and records them where there are recorders.

    Every trainer has a program, and a recorder of its own if there are any. `call` does the updates that are prepared.
    """

    def __init__(self, trainers: Sequence[Trainer], recorders: Sequence[Recorder] = ()) -> None:
        self._trainers, self._recorders = trainers, recorders
        self._programs = [trainer.program for trainer in trainers if trainer.program is not None]
        programs = [program.recorded if recorders else program.unrecorded for program in self._programs]
        self.call = Call(programs, self._programs)

    def do(self, steps: int, deadline: float = math.inf) -> int:
        """Do at most `steps` updates, of which none begins after `deadline` (of `perf_counter`); return how many."""
        done = 0
        while done < steps and (seconds := deadline - perf_counter()) > 0:
            just_done = self.call.run(self.prepare(steps - done), seconds)
            self.note(just_done)
            done += just_done
        return done

    def prepare(self, steps: int) -> int:
        """Draw for the next steps and make room for them; return for how many of them."""
        for trainer, program in zip(self._trainers, self._programs, strict=True):
            if trainer.is_random:
                prepared, row = trainer.draws.prepare(trainer.step_number, steps)
                program.feed(prepared, row)
                steps = min(steps, len(prepared[0]) - row)
        for recorder, program in zip(self._recorders, self._programs, strict=False):
            room = recorder.room(steps)
            program.record_in(room)
            steps = min(steps, room.steps)
        return steps

    def note(self, steps: int) -> None:
        """Take note that `call` has done so many of the steps that were prepared."""
        for trainer in self._trainers:
            trainer.step_number += steps
        for recorder in self._recorders:
            recorder.extend(steps)


def updates_of(
    trainers: Sequence[Trainer],
    recorders: Sequence[Recorder] = (),
    advances: Sequence[Callable[[], object]] | None = None,
) -> Update:
    """Return the updates of trainers in lockstep, by the driver if every one of them has a program.

    If there are `recorders`, one for each trainer, they get states and losses. `advances` do one update in all trainers
    where that is not a call for each.
    """
    if all(trainer.program is not None for trainer in trainers):
        return Driven(trainers, recorders)
    pairs = list(zip(trainers, recorders, strict=False))
    return Calls(
        [
            *(partial(_record_state, *pair) for pair in pairs),
            *(advances or [trainer.advance for trainer in trainers]),
            *(partial(_record_loss, *pair) for pair in pairs),
        ]
    )


def _record_state(trainer: Trainer, recorder: Recorder) -> None:
    row = recorder.next_state()
    if row is not None:
        trainer.save(row)


def _record_loss(trainer: Trainer, recorder: Recorder) -> None:
    recorder.append_loss(trainer.loss)
