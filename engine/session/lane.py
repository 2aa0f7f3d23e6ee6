"""One variant in training: every step is recorded, and every recorded step can be looked at again."""

from __future__ import annotations

import math

import numpy as np

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.insight.observer import Observer
from engine.model.layout import Block
from engine.recording.envelope import Envelope
from engine.recording.history import History
from engine.recording.samples import Samples
from engine.report.condition import Divergence
from engine.report.equality import LayerSymmetry
from engine.report.probes import NO_PROBES, Probes
from engine.report.snapshot import LaneSnapshot, LayerSnapshot
from engine.symmetry.groups import count_distinct, layer_symmetry, spread
from engine.training.divergence import has_diverged, locate_divergence
from engine.training.edits import Edit
from engine.training.trainer import Trainer

SPREADS_AT_ONCE = 2**21
"""Numbers of recorded states that are read at once for the spread curve."""

SMALL_STATE = 2**14
"""Largest state, in numbers, of which the spread curve reads every step; of larger ones every second, fourth, …"""


class Lane:
    """One variant: a trainer that only goes forward, and an inspector that visits any recorded step.

    `edits` are the steps at which somebody touched it, ascending, with the states that it had then. `variant` is the
    name of what it was before it was ever touched.
    """

    def __init__(self, name: str, experiment: Experiment, dataset: Dataset, budget: int) -> None:
        self.name = self.variant = name
        self.trainer = Trainer(experiment, dataset)
        self.inspector = Trainer(experiment, dataset)
        self.history = History(self.trainer.state_size, experiment.float_type, budget)
        self.edits: tuple[tuple[int, Floats], ...] = ()
        self._tape = self.trainer.step.tape
        self._hidden = self.trainer.layout.blocks[:-1]
        self._losses = Envelope()
        self._spreads = Samples(len(self._hidden))
        self._present = np.empty_like(self.trainer.initial_state)
        self._divergence: Divergence | None = None
        self._observer = Observer(self.inspector)
        self._before = np.empty_like(self._present)
        self._before_step = -1

    def keep_state(self) -> None:
        """Keep the present state, before an update that may be the last one shown."""
        self.trainer.save(self._before)
        self._before_step = self.trainer.step_number

    def record_state(self) -> None:
        """Record the present state, before an update."""
        row = self.history.next_state()
        if row is not None:
            self.trainer.save(row)

    def record_loss(self) -> None:
        """Record the loss of the update just done."""
        self.history.append_loss(self.trainer.loss)

    def alone(self) -> Trainer:
        """Return the trainer in the memory that it was made in: only there a new stack can find it."""
        self.trainer.save(self._present)
        self.trainer.use(self._tape)
        self.trainer.restore(self._present, self.trainer.step_number)
        return self.trainer

    def fork(self, step: int, edit: Edit) -> Lane:
        """Return a lane with the same past and with a changed state at a recorded step; it goes on from there.

        Raise InitscopeError where the edit is not possible.
        """
        self.visit(step)
        state = np.empty_like(self._present)
        self.inspector.save(state)
        if has_diverged(self.inspector.theta):
            raise InitscopeError(
                f"{self.name} has diverged, at step {step} it has weights that are not finite"
            )
        state = edit.apply(state, self.trainer.layout, step)
        if has_diverged(state[: self.trainer.layout.size]):
            raise InitscopeError(f"the changed weights are too large for {state.dtype}")
        lane = Lane(self.variant, self.trainer.experiment, self.trainer.dataset, 0)
        earlier = [edit for edit in self.edits if edit[0] <= step]
        lane.name += f" + … + {edit.name} at {step}" if earlier else f" + {edit.name} at {step}"
        lane.history = self.history.until(step)
        lane.edits = (*(edit for edit in earlier if edit[0] < step), (step, state))
        for trainer in (lane.trainer, lane.inspector):
            trainer.restore(state, step)
        return lane

    def restart(self) -> None:
        """Go back to the same weights, those of an edit at step 0 if there is one, and forget what came after."""
        self.edits = tuple(edit for edit in self.edits if edit[0] == 0)
        self.trainer.restore(self.edits[0][1] if self.edits else self.trainer.initial_state, 0)
        self.history.clear()
        self._losses = Envelope()
        self._spreads = Samples(len(self._hidden))
        self._divergence = None
        self._observer.begin_again()
        self._before_step = -1

    def visit(self, step: int) -> None:
        """Put the inspector at the state before update `step`, exactly as it was."""
        if step == self.trainer.step_number:
            self.trainer.save(self._present)
            self.inspector.restore(self._present, step)
            return
        number, state = self._last_known(step)
        if not number <= self.inspector.step_number <= step:
            self.inspector.restore(state, number)
        while self.inspector.step_number < step:
            self.inspector.advance()

    def _last_known(self, step: int) -> tuple[int, Floats]:
        """Return (number, state) of the last keyframe or edit at or before a recorded step."""
        edits = [edit for edit in self.edits if edit[0] <= step]
        if not self.history.keyframes:
            return edits[-1]
        keyframe = self.history.keyframe_before(step)
        return edits[-1] if edits and edits[-1][0] >= keyframe[0] else keyframe

    def snapshot(self, step: int, wanted: Probes = NO_PROBES, number: int = 0) -> LaneSnapshot:
        """Return this lane, which is lane `number`, at a recorded step."""
        self._look_for_divergence()
        if wanted.gradients:
            self._observer.extend_gradient_curves(self.history.length, self.history.stride, self.visit)
        if wanted.causes and wanted.lane == number:
            step_of_start, start = self.edits[-1] if self.edits else (0, self.trainer.initial_state)
            self._observer.predict(start, step_of_start)
        before = self._parameters_before(step) if wanted.change else None
        self.visit(step)
        self._extend_curves()
        gradient = _locked(self.inspector.compute_gradient())
        theta, loss = _locked(self.inspector.theta), self.inspector.loss
        layout = self.inspector.layout
        symmetries = layer_symmetry(layout, theta, wanted.tolerance)
        spreads = self._spreads.curves()
        return LaneSnapshot(
            name=self.name,
            experiment=self.trainer.experiment,
            image_shape=self.trainer.dataset.image_shape,
            loss=loss,
            layout=layout,
            theta=theta,
            gradient=gradient,
            change=None if before is None else _locked(theta - before),
            layers=tuple(
                _layer_snapshot(block, theta, gradient, symmetry)
                for block, symmetry in zip(layout.blocks, symmetries, strict=True)
            ),
            loss_curve=self._losses.curve(),
            spread_curves=spreads,
            divergence=self._divergence,
            insight=self._observer.look(wanted, number, symmetries, spreads),
        )

    def has_more_to_show(self, wanted: Probes) -> bool:
        """Return whether the next snapshot of the same step will show more: curves that come little by little."""
        return wanted.gradients and not self._observer.has_all_gradients(self.history.length)

    def _parameters_before(self, step: int) -> Floats:
        """Return the parameters (parameters,) one update earlier; at step 0, where there was none, those of step 0."""
        if step == self.trainer.step_number and self._before_step == step - 1:
            return self._before[: self.trainer.layout.size]
        self.visit(max(step - 1, 0))
        return self.inspector.theta.copy()

    def _look_for_divergence(self) -> None:
        """Find out where the run diverged, once it has: from the last recorded state that was finite."""
        if self._divergence is not None or not has_diverged(self.trainer.theta):
            return
        finite, broken = 0, self.history.keyframes
        while broken - finite > 1:
            middle = (finite + broken) // 2
            _, state = self.history.keyframe_before(middle * self.history.stride)
            if has_diverged(state[: self.trainer.layout.size]):
                broken = middle
            else:
                finite = middle
        step, state = self.history.keyframe_before(finite * self.history.stride)
        if self.edits and self.edits[-1][0] > step:
            step, state = self.edits[-1]  # only finite states are touched, and only finite ones come of it
        self._divergence = locate_divergence(self.inspector, state, step)

    def _extend_curves(self) -> None:
        history = self.history
        self._losses.extend(history.losses[self._losses.length :])
        every = 2 ** max(0, round(math.log2(self.trainer.state_size / SMALL_STATE)))
        self._spreads.extend(history.length, max(history.stride, every), self._spreads_of)

    def _spreads_of(self, first: int, count: int, every: int) -> Floats:
        """Return the spread (count, hidden layers) of the recorded states first, first + every, …"""
        found = np.empty((count, len(self._hidden)))
        portion = max(1, SPREADS_AT_ONCE // self.trainer.state_size)
        for start in range(0, count, portion):
            many = min(portion, count - start)
            states = self.history.states(first + start * every, many, every)
            for column, block in enumerate(self._hidden):
                found[start : start + many, column] = spread(block.weights(states))
        return found


def _layer_snapshot(block: Block, theta: Floats, gradient: Floats, symmetry: LayerSymmetry) -> LayerSnapshot:
    return LayerSnapshot(
        weights=block.weights(theta),
        gradient=block.weights(gradient),
        biases=block.biases(theta),
        bias_gradient=block.biases(gradient),
        symmetry=symmetry,
        gradient_columns=count_distinct(block.of(gradient).T),
    )


def _locked(values: Floats) -> Floats:
    copy = values.copy()
    copy.flags.writeable = False
    return copy
