"""A whole step as one program for the driver, between what is drawn before it and what is recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.native.driver import RECORD, Operation
from engine.native.lowering import Stretch
from engine.native.records import Way, address


@dataclass(frozen=True)
class Room:
    """Where a run is recorded for its next `steps` steps.

    The state before every `stride`-th step goes to a row of `states` (rows, state_size), the first one to row 0 if
    `passed` is 0; otherwise `passed` steps went by since the last state, which is in row 0. The losses go to `losses`
    (steps,), in float64.
    """

    steps: int
    states: Floats
    stride: int
    passed: int
    losses: Floats


class Program:
    """The program of a step. Several steps of it are one call of the driver."""

    def __init__(
        self, step: Stretch, state: Sequence[AnyArray], drawn: Sequence[AnyArray], loss: AnyArray
    ) -> None:
        """Surround `step`, which has a program.

        `state` are the parts of the state, live vectors of one size; `drawn` the live arrays that are drawn before each
        step, and `loss` is the live loss.
        """
        assert step.program is not None
        saved, fed, after = Way(), Way(), Way()
        for part in state:
            saved.add(Operation.SAVE, (address(part),), dimensions=(part.nbytes,))
        for array in drawn:
            fed.add(Operation.FEED, (0, address(array)), dimensions=(array.nbytes,), strides=(array.nbytes,))
        wide = after.working(loss, np.dtype(np.float64))
        after.copy(loss, wide)
        after.add(Operation.SAVE, (address(wide),), dimensions=(wide.nbytes, 0, 1), strides=(0, wide.nbytes))
        self._kept = (step, state, drawn, loss, after.scratch)
        self._records = np.concatenate(
            [np.array(way, RECORD) for way in (saved.records, fed.records)]
            + [step.program, np.array(after.records, RECORD)]
        )
        first, count = len(state), len(state) + len(drawn)
        self._states, self._feeds = self._records[:first], self._records[first:count]
        self._loss = self._records[-1:]
        self.recorded = self._records
        self.unrecorded = self._records[first : -len(after.records)]
        self.step = self._records[count : -len(after.records)]

    def feed(self, prepared: Sequence[AnyArray], first: int) -> None:
        """Take the drawn numbers of the next steps from rows `first` … of `prepared` (rows, …), an array for each."""
        for record, rows in zip(self._feeds, prepared, strict=True):
            record["data"][0] = address(rows) + first * rows.strides[0]
            record["dimensions"][1] = len(rows) - first

    def record_in(self, room: Room) -> None:
        """Record the next steps there; it must live until they are done."""
        start, part_bytes = address(room.states), int(self._states["dimensions"][0, 0])
        self._states["data"][:, 1] = start + part_bytes * np.arange(len(self._states))
        self._states["dimensions"][:, 1:] = len(room.states), room.stride, room.passed
        self._states["strides"][:, 1] = room.states.strides[0]
        self._loss["data"][:, 1] = address(room.losses)
        self._loss["dimensions"][:, 1] = len(room.losses)
