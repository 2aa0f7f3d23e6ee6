"""Watches a run until a condition holds, at every step: training ends exactly where it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Protocol

import numpy as np

from engine.conditions.terms import Condition, Place, Quantity, SignChanges, Term
from engine.conditions.witnesses import Witnesses, can_speak
from engine.core.arrays import Bools, Floats
from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.report.equality import LayerSymmetry
from engine.symmetry.groups import layer_symmetry
from engine.training.divergence import has_diverged
from engine.training.loop import training_conditions
from engine.training.trainer import Measurement, Trainer


@dataclass(frozen=True)
class Held:
    """Where a condition held: the step, and the terms by which it did, as people write them."""

    step: int
    terms: tuple[str, ...]


class Until:
    """Ends training at the first state for which a condition holds, from step `start` on.

    `held` says where that was; None before.
    """

    def __init__(self, condition: Condition, trainer: Trainer, start: int = 0) -> None:
        """Raise InitscopeError where the network or its data do not have what the condition is about."""
        for term in condition.terms():
            _check(term, trainer)
        self.held: Held | None = None
        self.next_look = start
        self._condition, self._trainer = condition, trainer
        self._lookout = _Lookout(trainer, condition)

    def look(self, step: int) -> bool:
        """Return whether the condition does not hold yet."""
        self._lookout.see(step, self._trainer)
        if holding := self._condition.holding(self._lookout):
            self.held = Held(step, tuple(map(str, holding)))
            return False
        self.next_look = step + 1 if self._lookout.has_to_see_all else self._condition.next_look(step)
        return True


class Lanes(Protocol):
    """Runs in lockstep: the step that is shown, and the newest one that all have reached."""

    @property
    def reached(self) -> int:
        """Return the newest step that all have reached."""
        ...

    step: int

    def move(self, step: int) -> None:
        """Show a step that was reached already."""
        ...

    def train(self, steps: int, deadline: float = inf) -> None:
        """Do at most so many new updates, none after `deadline` (of `perf_counter`), and show the newest step."""
        ...

    def visited(self) -> Sequence[Trainer]:
        """Return a trainer of each run that stands at the shown step."""
        ...


class UntilAny:
    """Goes on with several runs in lockstep until a condition holds in one of them.

    `held` says in which ones it does, by their numbers, with the terms by which; nothing before.
    """

    def __init__(self, condition: Condition, lanes: Lanes) -> None:
        """Begin at the shown step; raise InitscopeError where a run does not have what the condition is about."""
        self._condition = condition
        self._check(lanes)
        self.held: tuple[tuple[int, tuple[str, ...]], ...] = ()
        self._lookouts: list[_Lookout] = []
        self._next_look = 0

    def begin_anew(self, lanes: Lanes) -> InitscopeError | None:
        """Go on with other runs from the step that is shown then; return why that is not possible, None if it is."""
        self._lookouts, self.held = [], ()
        try:
            self._check(lanes)
        except InitscopeError as error:
            return error
        return None

    def _check(self, lanes: Lanes) -> None:
        for trainer in lanes.visited():
            for term in self._condition.terms():
                _check(term, trainer)

    def advance(self, lanes: Lanes, end: int, deadline: float = inf) -> None:
        """Go on until the condition holds, to step `end`, or until `deadline` (of `perf_counter`)."""
        if not self._lookouts:
            self._lookouts = [_Lookout(trainer, self._condition) for trainer in lanes.visited()]
            self._next_look = lanes.step
        while not self.held:
            if lanes.step == self._next_look:
                self._look(lanes)
            if self.held or lanes.step >= end or perf_counter() >= deadline:
                return
            goal = min(end, self._next_look)
            if goal <= lanes.reached:
                lanes.move(goal)
            else:
                lanes.train(goal - lanes.reached, deadline)

    def _look(self, lanes: Lanes) -> None:
        found: list[tuple[int, tuple[str, ...]]] = []
        with training_conditions():
            for number, (lookout, trainer) in enumerate(zip(self._lookouts, lanes.visited(), strict=True)):
                lookout.see(lanes.step, trainer)
                if holding := self._condition.holding(lookout):
                    found.append((number, tuple(map(str, holding))))
        self.held = tuple(found)
        sees_all = self._lookouts[0].has_to_see_all
        self._next_look = lanes.step + 1 if sees_all else self._condition.next_look(lanes.step)


class _Lookout:
    """What there is to be seen of a trainer, each thing worked out once for a step."""

    def __init__(self, trainer: Trainer, condition: Condition) -> None:
        self._trainer = trainer
        self.step = trainer.step_number
        self.has_to_see_all = any(isinstance(term, SignChanges) for term in condition.terms())
        self._start: tuple[LayerSymmetry, ...] | None = None
        self._witnesses: dict[tuple[Quantity, float], Witnesses] = {}
        self._positive = np.zeros(trainer.layout.size, bool)
        self._negative = np.zeros(trainer.layout.size, bool)

    def see(self, step: int, trainer: Trainer) -> None:
        """Look at the state before update `step`, at which the trainer stands."""
        self.step, self._trainer = step, trainer
        self._measured: Measurement | None = None
        self._symmetry: tuple[LayerSymmetry, ...] | None = None
        if self._start is None:
            self._start = self._symmetries()
        if self.has_to_see_all:
            self._positive |= self._trainer.theta > 0
            self._negative |= self._trainer.theta < 0

    def rules_out(self, quantity: Quantity, limit: float, *, is_above: bool) -> bool:
        """Return whether a few samples show that loss or accuracy are not beyond a limit, unless all are measured."""
        if self._measured is not None or not can_speak(self._trainer, quantity, is_above=is_above):
            return False
        witnesses = self._witnesses.setdefault((quantity, limit), Witnesses(self._trainer, quantity, limit))
        return witnesses.rule_out(self._trainer)

    def quantity(self, quantity: Quantity, place: Place | None) -> float:
        """Return loss or accuracy over all training samples, or the largest spread."""
        if quantity == "spread":
            return max(layer.spread for layer in self._of(self._symmetries(), place))
        measured = self._measurement()
        if quantity == "loss":
            return measured.loss
        assert measured.accuracy is not None, "it was checked"
        return measured.accuracy

    def groups_changed(self, place: Place | None) -> bool:
        """Return whether the groups of neurons are others than at the start."""
        assert self._start is not None, "somebody has begun to look"
        pairs = zip(self._of(self._symmetries(), place), self._of(self._start, place), strict=True)
        return any(now.labels != before.labels for now, before in pairs)

    def sign_changed(self, place: Place | None) -> bool:
        """Return whether a weight has had both signs from the start on."""
        both: Bools = self._positive & self._negative
        if place is None:
            return any(block.weights(both).any() for block in self._trainer.layout.blocks)
        weights = self._trainer.layout.blocks[place.layer - 1].weights(both)
        return bool(weights.any() if place.weight is None else weights[place.weight])

    def gradient_is_zero(self) -> bool:
        """Return whether every gradient of the step is exactly 0."""
        return not self._trainer.compute_gradient().any()

    def is_finite(self) -> bool:
        """Return whether all parameters are finite."""
        return not has_diverged(self._theta)

    @property
    def _theta(self) -> Floats:
        return self._trainer.theta

    def _measurement(self) -> Measurement:
        if self._measured is None:
            self._measured = self._trainer.measure_training()
            for witnesses in self._witnesses.values():
                witnesses.choose(self._trainer, self._trainer.measured_step)
        return self._measured

    def _symmetries(self) -> tuple[LayerSymmetry, ...]:
        if self._symmetry is None:
            self._symmetry = tuple(layer_symmetry(self._trainer.layout, self._theta))
        return self._symmetry

    def _of(self, layers: tuple[LayerSymmetry, ...], place: Place | None) -> tuple[LayerSymmetry, ...]:
        """Return one layer, or all hidden ones."""
        return layers[:-1] if place is None else (layers[place.layer - 1],)


def _check(term: Term, trainer: Trainer) -> None:
    """Raise InitscopeError where a network or its data do not have what a term is about."""
    layers, place = len(trainer.layout.blocks), term.place
    if term.needs_classes and not trainer.has_classes:
        raise InitscopeError(Problem.CONDITION_NO_CLASSES, term=str(term))
    if place is None:
        if term.needs_hidden_layer and layers == 1:
            raise InitscopeError(Problem.CONDITION_NO_HIDDEN_LAYER, term=str(term))
        return
    if not 1 <= place.layer <= layers:
        raise InitscopeError(Problem.NO_LAYER, layer=place.layer, layers=layers)
    block = trainer.layout.blocks[place.layer - 1]
    if place.weight and not (place.weight[0] < block.fan_in and place.weight[1] < block.fan_out):
        raise InitscopeError(
            Problem.NO_WEIGHT, layer=place.layer, row=place.weight[0] + 1, neuron=place.weight[1] + 1
        )
