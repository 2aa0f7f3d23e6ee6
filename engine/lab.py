"""The variants of one experiment in lockstep: trained, recorded and shown at the same step.

Touching a lane at a step forks it: a new lane has the same past and the changed state at that step, and a future of its
own; the touched lane stays as it was. New lanes are behind at first, and catch up with the others.
"""

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
from engine.errors import ExperimentError, InitscopeError
from engine.experiment import Experiment
from engine.experiment_file import single_variant, variants_of
from engine.history import History
from engine.insight import NOTHING_MORE, Observer, Wanted
from engine.network import Block
from engine.randomness import Floats
from engine.snapshot import Activity, LaneSnapshot, LayerSnapshot, Snapshot
from engine.stack import Stack, training_conditions
from engine.symmetry import LayerSymmetry, count_distinct, layer_symmetry, spread
from engine.touch import Edit
from engine.trainer import Trainer

HISTORY_BUDGET = 256 * 2**20
"""Bytes of recorded states for all lanes together. Each has the same share; with every lane more, shares get smaller."""

MAX_LANES = 8
"""No lane can be added to so many."""

SPREADS_AT_ONCE = 2**21
"""How many numbers of recorded states are looked at in one go for the spread curve."""

SMALL_STATE = 2**14
"""The spread curve looks at every state of up to so many numbers, of larger ones at every second, fourth, …"""


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

    def snapshot(self, step: int, wanted: Wanted = NOTHING_MORE, number: int = 0) -> LaneSnapshot:
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
    """The lanes of one experiment. `step` is shown; every step of every lane up to `last_step` is recorded.

    Only lanes that were forked in the past are behind `last_step`; `reached` is the newest step that all lanes have.
    """

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
        self.wanted = NOTHING_MORE
        self._budget = budget
        self._variants = len(specs)
        self._stack = Stack([lane.trainer for lane in self.lanes])
        self._baseline = _baseline(self.lanes[0].trainer)
        self.step = 0

    @property
    def last_step(self) -> int:
        """Return the newest step that any lane has reached."""
        return max(lane.trainer.step_number for lane in self.lanes)

    @property
    def reached(self) -> int:
        """Return the newest step that every lane has reached."""
        return min(lane.trainer.step_number for lane in self.lanes)

    @property
    def is_behind(self) -> bool:
        """Return whether a lane has to catch up with others."""
        return self.reached < self.last_step

    @property
    def should_stop(self) -> bool:
        """Return whether the experiment wants to stop at the shown step because a lane has diverged."""
        return (
            self.experiment.on_divergence == "stop"
            and self.step == self.last_step
            and any(has_diverged(lane.trainer.theta) for lane in self.lanes)
        )

    def index(self, name: str) -> int:
        """Return which lane has a name; raise InitscopeError if none has."""
        names = [lane.name for lane in self.lanes]
        if name not in names:
            raise InitscopeError(f"there is no lane {name}; there are: {', '.join(names)}")
        return names.index(name)

    def move(self, step: int) -> None:
        """Show another step that was reached already."""
        self.step = max(0, min(step, self.reached))

    def train(self, steps: int, deadline: float = math.inf) -> None:
        """Do at most so many new updates, none after `deadline` (of `perf_counter`); show the newest step of all lanes.

        Lanes that are behind do theirs first, alone.
        """
        self._train(steps, deadline)
        self.step = self.reached

    def catch_up(self, deadline: float = math.inf) -> None:
        """Train the lanes that are behind, until `deadline` or `last_step`; the shown step stays."""
        self._train(self.last_step - self.reached, deadline)

    def _train(self, steps: int, deadline: float) -> None:
        end = self.reached + steps
        with training_conditions():
            while (start := self.reached) < end:
                numbers = [lane.trainer.step_number for lane in self.lanes]
                behind = [lane for lane in self.lanes if lane.trainer.step_number == start]
                next_stop = min((number for number in numbers if number > start), default=end)
                self._train_together(behind, min(next_stop, end) - start, deadline)
                if perf_counter() >= deadline:
                    break

    def _train_together(self, lanes: list[Lane], steps: int, deadline: float) -> None:
        """Do updates in lanes that have reached the same step."""
        all_lanes = len(lanes) == len(self.lanes)
        before = [lane.record_state for lane in lanes]
        updates = [self._stack.advance] if all_lanes else [lane.trainer.advance for lane in lanes]
        after = [lane.record_loss for lane in lanes]
        for number in range(1, steps + 1):
            is_last = number == steps or perf_counter() >= deadline
            if is_last:
                for lane in lanes:
                    lane.keep_state()
            for record in before:
                record()
            for update in updates:
                update()
            for record in after:
                record()
            if is_last:
                break

    def fork(self, index: int, edit: Edit) -> None:
        """Change a lane at the shown step, in a new last lane; raise InitscopeError where that is not possible."""
        if len(self.lanes) >= MAX_LANES:
            raise InitscopeError(
                f"there are {len(self.lanes)} lanes already, at most {MAX_LANES} are possible"
            )
        with np.errstate(all="ignore"):
            lane = self.lanes[index].fork(self.step, edit)
        lane.name = _new_name(lane.name, [other.name for other in self.lanes])
        self._use([*self.lanes, lane])

    def drop(self, index: int) -> None:
        """Take a forked lane away; raise InitscopeError for a variant of the experiment."""
        if index < self._variants:
            raise InitscopeError(
                f"{self.lanes[index].name} is a variant of the experiment; only lanes made by touching can be removed"
            )
        self._use([lane for lane in self.lanes if lane is not self.lanes[index]])

    def _use(self, lanes: list[Lane]) -> None:
        """Have other lanes, and share the memory for recorded states among them."""
        self.lanes = lanes
        for lane in lanes:
            lane.history.resize(self._budget // len(lanes))
        self._stack = Stack([lane.alone() for lane in lanes])

    def restart(self) -> None:
        """Go back to step 0 with the same weights and forget the recorded steps.

        A lane that was forked later has no past any more and goes; one that was forked at step 0 starts from there.
        """
        if any(step for lane in self.lanes for step, _ in lane.edits):
            self._use([lane for lane in self.lanes if not any(step for step, _ in lane.edits)])
        for lane in self.lanes:
            lane.restart()
        self.step = 0

    def snapshot(self, activity: Activity = Activity.IDLE, goal: int | None = None) -> Snapshot:
        """Return all lanes at the shown step."""
        with np.errstate(all="ignore"):  # infinite numbers are results
            lanes = tuple(
                lane.snapshot(self.step, self.wanted, number) for number, lane in enumerate(self.lanes)
            )
        return Snapshot(self.run, self.step, self.last_step, activity, goal, self._baseline, lanes)


def _new_name(wanted: str, taken: list[str]) -> str:
    """Return a name that no other lane has: the wanted one, or with a number behind it."""
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, MAX_LANES + 2))]
    return next(name for name in names if name not in taken)


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
