"""The variants of one experiment in lockstep: trained, recorded and shown at the same step.

Editing a lane at a step forks it: a new lane has the same past and the changed state at that step, and a future of its
own; the edited lane stays as it was. New lanes are behind at first, and catch up with the others.
"""

from __future__ import annotations

import math
from dataclasses import replace
from time import perf_counter

import msgspec
import numpy as np

from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.ensemble.stack import Stack
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan, default_limit
from engine.experiments.variants import lane_specs, load_datasets
from engine.insight.scorer import Scoring
from engine.report.probes import NO_PROBES, Probes
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from engine.session.lane import Lane
from engine.training.divergence import has_diverged
from engine.training.edits import Edit
from engine.training.loop import train
from engine.training.updates import updates_of

HISTORY_BUDGET = 256 * 2**20
"""The bytes of recorded states and losses of all lanes together; every lane has the same share."""

SCORE_SECONDS, SCORE_SECONDS_AT_REST = 0.003, 0.012
"""Seconds of a frame that measuring over all samples may take: while something moves, and at rest."""

TRAINERS_PER_LANE = 2
"""Each lane has a trainer that goes forward and one that visits recorded steps."""

STATES_PER_LANE = 10
"""The fewest states of a lane in memory: four recorded, three on the way between its trainers, and those in pictures."""

MAX_LANES = 8
"""The most lanes that a lab may have."""


class Lab:
    """The lanes of one experiment. `step` is shown; every step of every lane up to `last_step` is recorded.

    Only lanes that were forked in the past are behind `last_step`; `reached` is the newest step that all lanes have.
    """

    def __init__(
        self,
        experiment: Experiment,
        opening: int = 0,
        budget: int = HISTORY_BUDGET,
        memory: int | None = None,
    ) -> None:
        """Compile every variant; raise ExperimentError where one does not fit its data.

        Raise InitscopeError where all of it would take more than `memory` bytes, which are those of `default_limit`
        if it is not given.
        """
        self.experiment = experiment
        self.opening = opening
        specs = lane_specs(experiment)
        self._memory = default_limit() if memory is None else memory
        self._plan = MemoryPlan(
            self._memory, trainers=TRAINERS_PER_LANE, states=STATES_PER_LANE, recorded=budget
        )
        self.lanes = [
            Lane(spec.name, spec.experiment, dataset, budget // len(specs))
            for spec, dataset in zip(specs, load_datasets(specs, self._plan), strict=True)
        ]
        self._budget = budget
        self._variants = len(specs)
        self._stack = Stack([lane.trainer for lane in self.lanes])
        self._scoring = Scoring([lane.scorer for lane in self.lanes])
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
    def disturbs_nobody(self) -> bool:
        """Return whether lanes train without the interpreter lock and in the cache of one core.

        Large networks would take the memory's time from a window that draws.
        """
        return self._stack.disturbs_nobody

    @property
    def should_stop(self) -> bool:
        """Return whether the experiment wants to stop at the shown step because a lane has diverged."""
        return (
            self.experiment.on_divergence == "stop"
            and self.step == self.last_step
            and any(has_diverged(lane.trainer.theta) for lane in self.lanes)
        )

    def grows(self, probes: Probes) -> bool:
        """Return whether the next snapshot of the same step will show more: some curves are made little by little."""
        if probes.scores and (
            not self._scoring.is_at(self.step) or any(lane.score_gap is not None for lane in self.lanes)
        ):
            return True
        return any(lane.grows(probes) for lane in self.lanes)

    def index(self, name: str) -> int:
        """Return which lane has a name; raise InitscopeError if none has."""
        names = [lane.name for lane in self.lanes]
        if name not in names:
            raise InitscopeError(Problem.NO_LANE, name=name, names=names)
        return names.index(name)

    def move(self, step: int) -> None:
        """Show another step that was reached already."""
        self.step = max(0, min(step, self.reached))

    def train(self, steps: int, deadline: float = math.inf) -> None:
        """Do at most `steps` new updates, none after `deadline` (of `perf_counter`); show the newest step of all lanes.

        Lanes that are behind do theirs first, alone.
        """
        self._train(steps, deadline)
        self.step = self.reached

    def catch_up(self, deadline: float = math.inf) -> None:
        """Train the lanes that are behind, until `deadline` or `last_step`; the shown step stays."""
        self._train(self.last_step - self.reached, deadline)

    def _train(self, steps: int, deadline: float) -> None:
        end = self.reached + steps
        while (start := self.reached) < end:
            numbers = [lane.trainer.step_number for lane in self.lanes]
            behind = [lane for lane in self.lanes if lane.trainer.step_number == start]
            next_stop = min((number for number in numbers if number > start), default=end)
            self._train_together(behind, start, min(next_stop, end), deadline)
            if perf_counter() >= deadline:
                break

    def _train_together(self, lanes: list[Lane], start: int, end: int, deadline: float) -> None:
        """Do updates in lanes that have reached the same step; the last one, which is shown, even after the deadline."""
        together = self._stack.advances if len(lanes) == len(self.lanes) else None
        updates = updates_of([lane.trainer for lane in lanes], [lane.history for lane in lanes], together)
        last = train(updates, start, end - 1, deadline=deadline)
        for lane in lanes:
            lane.keep_state()
        train(updates, last, last + 1)

    def fork(self, index: int | None, edit: Edit) -> None:
        """Make a new last lane: a lane with an edit at the shown step. With None every lane gets such a new lane.

        Raise InitscopeError, and change nothing, where that is not possible.
        """
        touched = self.lanes if index is None else [self.lanes[index]]
        if len(self.lanes) + len(touched) > MAX_LANES:
            raise InitscopeError(Problem.TOO_MANY_LANES, lanes=len(self.lanes), most=MAX_LANES)
        self._plan.check(
            [(lane.trainer.experiment, lane.trainer.dataset) for lane in [*self.lanes, *touched]]
        )
        with np.errstate(all="ignore"):
            forked = [lane.fork(self.step, edit) for lane in touched]
        lanes = list(self.lanes)
        for lane in forked:
            lane.name = _new_name(lane.name, [other.name for other in lanes])
            lanes.append(lane)
        self._use(lanes)

    def drop(self, index: int) -> None:
        """Take a forked lane away; raise InitscopeError for a variant of the experiment."""
        if index < self._variants:
            raise InitscopeError(Problem.LANE_IS_VARIANT, name=self.lanes[index].name)
        self._use([lane for lane in self.lanes if lane is not self.lanes[index]])

    def _use(self, lanes: list[Lane]) -> None:
        """Have other lanes, and share the memory for what is recorded among them."""
        self.lanes = lanes
        for lane in lanes:
            lane.history.resize(self._budget // len(lanes))
        self._stack = Stack([lane.alone() for lane in lanes])
        self._scoring = Scoring([lane.scorer for lane in lanes])

    def with_seed(self, seed: int) -> Lab:
        """Return a lab at step 0 of the same experiment with another seed, the next opening."""
        return Lab(
            msgspec.structs.replace(self.experiment, seed=seed), self.opening + 1, self._budget, self._memory
        )

    @property
    def _passing(self) -> tuple[str, ...]:
        """Return the names of the lanes that were edited after step 0."""
        return tuple(lane.name for lane in self.lanes if any(step for step, _ in lane.edits))

    def restart(self) -> None:
        """Go back to step 0 with the same weights and forget the recorded steps.

        A lane that was forked later has no past any more and goes; one that was forked at step 0 starts from there.
        """
        if passing := self._passing:
            self._use([lane for lane in self.lanes if lane.name not in passing])
        for lane in self.lanes:
            lane.restart()
        self._scoring = Scoring([lane.scorer for lane in self.lanes])
        self.step = 0

    def snapshot(
        self, activity: Activity = Activity.IDLE, goal: int | None = None, probes: Probes = NO_PROBES
    ) -> Snapshot:
        """Return all lanes at the shown step, with the answers to the probes."""
        with np.errstate(all="ignore"):  # infinite numbers are results
            lanes = tuple(lane.snapshot(self.step, probes, number) for number, lane in enumerate(self.lanes))
        if probes.scores:
            lanes = self._with_scores(lanes, at_rest=activity is Activity.IDLE)
        return Snapshot(
            opening=self.opening,
            experiment=self.experiment,
            step=self.step,
            last_step=self.last_step,
            activity=activity,
            goal=goal,
            lanes=lanes,
            variants=self._variants,
            passing=self._passing,
        )

    def _with_scores(self, lanes: tuple[LaneSnapshot, ...], *, at_rest: bool) -> tuple[LaneSnapshot, ...]:
        """Return the lanes with what is known of them over all samples, after some work on it.

        At rest the steps that went by unmeasured, as on the way to a far step, are measured too, a few in each frame.
        """
        lane_of = {lane.scorer: lane for lane in self.lanes}
        if not self._scoring.is_at(self.step):
            seconds = SCORE_SECONDS_AT_REST if at_rest else SCORE_SECONDS
            self._scoring.work(self.step, lambda scorer: lane_of[scorer].computed, seconds)
        elif at_rest:
            self._scoring.fill(lambda scorer: lane_of[scorer].in_score_gap(), SCORE_SECONDS_AT_REST)
        return tuple(
            replace(shown, score=score, score_curves=lane.scorer.record.curves())
            for lane, shown, score in zip(self.lanes, lanes, self._scoring.scores, strict=True)
        )


def _new_name(wanted: str, taken: list[str]) -> str:
    """Return a name that no other lane has: the wanted one, or with a number behind it."""
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, MAX_LANES + 2))]
    return next(name for name in names if name not in taken)
