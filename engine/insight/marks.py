"""What happened in a run, found in what was recorded: where columns parted, neurons died, the loss came to the base rate.

A change is looked for by halving the steps between two states that differ, so that the step of every mark is exact:
the state one step before is another one. What changes and changes back between two looks is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from engine.health.health_check import HealthCheck
from engine.health.slopes import turns_off
from engine.insight.replayer import Replayer
from engine.report.condition import Divergence
from engine.report.curve import Mark, MarkKind, in_order
from engine.symmetry.groups import count, layer_symmetry

NEAR_BASE_RATE = 1.01
"""A loss is at the base rate from this multiple of it on."""

MOST_CHANGES = 20
"""Changes of one sort that are looked for in a run: more marks than that tell nothing."""

LOOKS_APART, FEW_LOOKS_APART = 200, 16
"""Steps that are new are looked at in at least so many places, in fewer where most of them have to be computed again."""

SECONDS, SECONDS_AT_REST = 0.0015, 0.006
"""Seconds of a frame for marks: while training goes on, and at rest."""

Labels: TypeAlias = tuple[int, ...]
Columns: TypeAlias = tuple[tuple[int, Labels], ...]
"""The number of distinct columns, and the groups, of each hidden layer."""

Off: TypeAlias = tuple[tuple[int, ...], ...]
"""The neurons of each layer that are off."""

State = TypeVar("State")


class Search(Generic[State]):
    """Finds where something that is read from recorded states changes: `changes` are (step, before, from there on)."""

    def __init__(self) -> None:
        self._newest: tuple[int, State] | None = None
        self._open: list[tuple[int, State, int, State]] = []
        self.changes: list[tuple[int, State, State]] = []

    def is_done(self, newest: int) -> bool:
        """Return whether there is nothing more to look for up to a step."""
        looked = self._newest is not None and self._newest[0] >= newest
        return len(self.changes) >= MOST_CHANGES or (looked and not self._open)

    def work(self, look: Callable[[int], State], newest: int, looks: int, deadline: float) -> None:
        """Look for changes up to a step, in that many places at first, until a time (of `perf_counter`).

        `look(step)` returns the state at a recorded step, the same one whenever it is asked.
        """
        while not self.is_done(newest) and perf_counter() < deadline:
            if self._open:
                self._halve(look, *self._open.pop())
            else:
                self._look_ahead(look, newest, looks)

    def _look_ahead(self, look: Callable[[int], State], newest: int, looks: int) -> None:
        if self._newest is None:
            self._newest = 0, look(0)
            return
        start, before = self._newest
        step = min(newest, start + max(1, (newest - start) // looks))
        self._newest = step, look(step)
        self._open.append((start, before, step, self._newest[1]))

    def _halve(self, look: Callable[[int], State], start: int, before: State, end: int, after: State) -> None:
        if before == after:
            return
        if end == start + 1:
            self.changes.append((end, before, after))
            return
        middle = (start + end) // 2
        state = look(middle)
        self._open += [(middle, state, end, after), (start, before, middle, state)]


class MarkFinder:
    """The marks of one run. Looking for them moves the replayer."""

    def __init__(self, replayer: Replayer, check: Callable[[], HealthCheck]) -> None:
        self._replayer, self._check = replayer, check
        layers = replayer.trainer.experiment.network.layers
        self._can_be_off = any(turns_off(layer.activation) for layer in layers)
        self.begin_again()

    def begin_again(self) -> None:
        """Forget all marks: the run starts anew."""
        self._columns, self._off = Search[Columns](), Search[Off]()
        self._base_rate: Mark | None = None
        self._scanned = 0
        self._known: tuple[object, tuple[Mark, ...]] = (None, ())

    def is_complete(self, divergence: Divergence | None) -> bool:
        """Return whether the marks reach the end of the run, or as far as its numbers are finite."""
        newest = self._newest(divergence)
        return self._columns.is_done(newest) and (not self._can_be_off or self._off.is_done(newest))

    def extend(self, divergence: Divergence | None, *, at_rest: bool) -> None:
        """Look for more marks for a while: among the recorded steps, and `at_rest` at the present one, too."""
        newest = self._newest(divergence) if at_rest else self._recorded(divergence)
        end = perf_counter() + (SECONDS_AT_REST if at_rest else SECONDS)
        looks = LOOKS_APART if self._replayer.past.history.stride == 1 else FEW_LOOKS_APART
        self._columns.work(self._columns_at, newest, looks, end)
        if self._can_be_off:
            self._off.work(self._off_at, newest, looks, end)

    def _newest(self, divergence: Divergence | None) -> int:
        newest = self._replayer.newest
        return newest if divergence is None else min(newest, divergence.step)

    def _recorded(self, divergence: Divergence | None) -> int:
        return max(0, min(self._newest(divergence), self._replayer.past.history.length - 1))

    def _columns_at(self, step: int) -> Columns:
        trainer = self._replayer.visit(step)
        found = layer_symmetry(trainer.layout, trainer.theta)[:-1]
        return tuple((layer.columns, layer.labels) for layer in found)

    def _off_at(self, step: int) -> Off:
        self._replayer.visit(step)
        return self._check().off_neurons()

    def marks(
        self, divergence: Divergence | None, baseline: float | None, smoothing: int
    ) -> tuple[Mark, ...]:
        """Return what is known so far, ascending in its steps.

        `baseline` is the base-rate loss, which is compared with the mean loss of up to `smoothing` steps.
        """
        if self._base_rate is None and baseline is not None:
            self._look_for_base_rate(baseline, smoothing)
        known = len(self._columns.changes), len(self._off.changes), self._base_rate, divergence
        if known != self._known[0]:
            found = [*self._parted(), *self._died()]
            if self._base_rate is not None:
                found.append(self._base_rate)
            if divergence is not None:
                found.append(
                    Mark(divergence.step + 1, MarkKind.DIVERGED, divergence.layer, formula=divergence.formula)
                )
            self._known = known, in_order(found)
        return self._known[1]

    def _parted(self) -> Iterator[Mark]:
        for step, before, after in self._columns.changes:
            for layer, (old, new) in enumerate(zip(before, after, strict=True), start=1):
                if new[0] != old[0]:
                    kind = MarkKind.PARTED if new[0] > old[0] else MarkKind.JOINED
                    yield Mark(step, kind, layer, old[0], new[0])
                elif new != old:
                    yield Mark(step, MarkKind.REGROUPED, layer, count(old[1]), count(new[1]))

    def _died(self) -> Iterator[Mark]:
        for step, before, after in self._off.changes:
            for layer, (old, new) in enumerate(zip(before, after, strict=True), start=1):
                for kind, neurons in (
                    (MarkKind.DIED, sorted(set(new) - set(old))),
                    (MarkKind.REVIVED, sorted(set(old) - set(new))),
                ):
                    if neurons:
                        yield Mark(step, kind, layer, neurons=tuple(neurons), samples=self._check().samples)

    def _look_for_base_rate(self, baseline: float, smoothing: int) -> None:
        """Look for the first step whose mean loss is near the base rate; losses that were dropped are not looked at."""
        history = self._replayer.past.history
        first = max(self._scanned - smoothing + 1, 0)
        if first < history.first_loss:
            return
        losses = history.losses[first - history.first_loss :]
        steps = np.arange(self._scanned - first, len(losses))
        start = np.maximum(steps - smoothing + 1, 0)
        sums = np.concatenate([[0.0], np.cumsum(losses)])
        means = (sums[steps + 1] - sums[start]) / (steps + 1 - start)
        near = np.flatnonzero(means <= NEAR_BASE_RATE * baseline)
        if near.size:
            self._base_rate = Mark(self._scanned + int(near[0]), MarkKind.BASE_RATE, value=baseline)
        self._scanned += len(steps)
