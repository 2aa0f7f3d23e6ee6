"""The variants of one experiment in lockstep: trained, recorded and shown at the same step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import msgspec
import numpy as np

from engine.curves import Envelope, Samples
from engine.datasets import Dataset
from engine.divergence import Divergence, has_diverged, locate_divergence
from engine.errors import ExperimentError
from engine.experiment import Experiment
from engine.experiment_file import single_variant, variants_of
from engine.history import History
from engine.randomness import Floats
from engine.snapshot import Activity, LaneSnapshot, LayerSnapshot, Snapshot
from engine.stack import Stack, training_conditions
from engine.symmetry import count_distinct, layer_symmetry, spread
from engine.trainer import Trainer

HISTORY_BUDGET = 256 * 2**20
"""Bytes of recorded states for all lanes together."""

SPREADS_AT_ONCE = 2**21
"""How many numbers of recorded states are looked at in one go for the spread curve."""

SMALL_STATE = 2**14
"""The spread curve looks at every state of up to so many numbers, of larger ones at every second, fourth, …"""


class Lane:
    """One variant: a trainer that only goes forward, and an inspector that visits any recorded step."""

    def __init__(self, name: str, experiment: Experiment, dataset: Dataset, budget: int) -> None:
        self.name = name
        self.trainer = Trainer(experiment, dataset)
        self.inspector = Trainer(experiment, dataset)
        self.history = History(self.trainer.state_size, experiment.float_type, budget)
        self._hidden = self.trainer.layout.blocks[:-1]
        self._losses = Envelope()
        self._spreads = Samples(len(self._hidden))
        self._present = np.empty_like(self.trainer.initial_state)
        self._divergence: Divergence | None = None

    def record_state(self) -> None:
        """Record the present state, before an update."""
        row = self.history.next_state()
        if row is not None:
            self.trainer.save(row)

    def record_loss(self) -> None:
        """Record the loss of the update just done."""
        self.history.append_loss(self.trainer.loss)

    def restart(self) -> None:
        """Go back to the same weights and forget what came after."""
        self.trainer.restore(self.trainer.initial_state, 0)
        self.history.clear()
        self._losses = Envelope()
        self._spreads = Samples(len(self._hidden))
        self._divergence = None

    def visit(self, step: int) -> None:
        """Put the inspector at the state before update `step`, exactly as it was."""
        if step == self.trainer.step_number:
            self.trainer.save(self._present)
            self.inspector.restore(self._present, step)
            return
        number, state = self.history.keyframe_before(step)
        if not number <= self.inspector.step_number <= step:
            self.inspector.restore(state, number)
        while self.inspector.step_number < step:
            self.inspector.advance()

    def snapshot(self, step: int) -> LaneSnapshot:
        """Return this lane at a recorded step."""
        self._look_for_divergence()
        self.visit(step)
        self._extend_curves()
        gradient = _locked(self.inspector.compute_gradient())
        theta = _locked(self.inspector.theta)
        layout = self.inspector.layout
        layers = tuple(
            LayerSnapshot(
                weights=block.weights(theta),
                gradient=block.weights(gradient),
                biases=block.biases(theta),
                bias_gradient=block.biases(gradient),
                symmetry=symmetry,
                gradient_columns=count_distinct(block.of(gradient).T),
            )
            for block, symmetry in zip(layout.blocks, layer_symmetry(layout, theta), strict=True)
        )
        return LaneSnapshot(
            name=self.name,
            image_shape=self.trainer.dataset.image_shape,
            loss=self.inspector.loss,
            layout=layout,
            theta=theta,
            gradient=gradient,
            layers=layers,
            loss_curve=self._losses.curve(),
            spread_curves=self._spreads.curves(),
            divergence=self._divergence,
        )

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


@dataclass(frozen=True)
class LaneSpec:
    """A lane to be made: its name and its experiment, which has no variants itself."""

    name: str
    experiment: Experiment


def lane_specs(experiment: Experiment, names: Sequence[str] = ()) -> list[LaneSpec]:
    """Return the lanes of an experiment, all or those named; raise ExperimentError for a name it does not have."""
    variants = variants_of(experiment)
    known = [variant.name for variant in variants]
    for name in names:
        if name not in known:
            raise ExperimentError("variants", f"there is no variant {name}; there are: {', '.join(known)}")
    return [
        LaneSpec(variant.name, single_variant(experiment, variant))
        for variant in variants
        if not names or variant.name in names
    ]


class Lab:
    """The lanes of one experiment. `step` is shown, `last_step` is the newest one; every step between is recorded."""

    def __init__(self, experiment: Experiment, run: int = 0, budget: int = HISTORY_BUDGET) -> None:
        """Compile every variant; raise ExperimentError where one does not fit its data."""
        self.experiment = experiment
        self.run = run
        specs = lane_specs(experiment)
        loaded: dict[bytes, Dataset] = {}
        self.lanes = [
            Lane(spec.name, spec.experiment, _load_once(spec.experiment, loaded), budget // len(specs))
            for spec in specs
        ]
        self._stack = Stack([lane.trainer for lane in self.lanes])
        self._baseline = _baseline(self.lanes[0].trainer)
        self.step = 0
        self.last_step = 0

    @property
    def should_stop(self) -> bool:
        """Return whether the experiment wants to stop because a lane has diverged."""
        return self.experiment.on_divergence == "stop" and any(
            has_diverged(lane.trainer.theta) for lane in self.lanes
        )

    def move(self, step: int) -> None:
        """Show another step that was reached already."""
        self.step = max(0, min(step, self.last_step))

    def train(self, steps: int, deadline: float = math.inf) -> None:
        """Do at most so many new updates in every lane, none after `deadline` (of `perf_counter`); show the newest."""
        before = [lane.record_state for lane in self.lanes]
        after = [lane.record_loss for lane in self.lanes]
        with training_conditions():
            for _ in range(steps):
                for record in before:
                    record()
                self._stack.advance()
                for record in after:
                    record()
                self.last_step += 1
                if perf_counter() >= deadline:
                    break
        self.step = self.last_step

    def restart(self) -> None:
        """Go back to step 0 with the same weights and forget the recorded steps."""
        for lane in self.lanes:
            lane.restart()
        self.step = self.last_step = 0

    def snapshot(self, activity: Activity = Activity.IDLE, goal: int | None = None) -> Snapshot:
        """Return all lanes at the shown step."""
        with np.errstate(all="ignore"):  # infinite numbers are results
            lanes = tuple(lane.snapshot(self.step) for lane in self.lanes)
        return Snapshot(self.run, self.step, self.last_step, activity, goal, self._baseline, lanes)


def _baseline(trainer: Trainer) -> float | None:
    loss = trainer.experiment.loss
    return loss.baseline(trainer.dataset.y_train) if loss.classifies else None


def _load_once(experiment: Experiment, loaded: dict[bytes, Dataset]) -> Dataset:
    """Variants that use the same data share it."""
    key = msgspec.json.encode(experiment.data)
    if key not in loaded:
        loaded[key] = experiment.data.load()
    return loaded[key]


def _locked(values: Floats) -> Floats:
    copy = values.copy()
    copy.flags.writeable = False
    return copy
