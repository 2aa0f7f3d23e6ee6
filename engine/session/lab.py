"""The variants of one experiment in lockstep: trained, recorded and shown at the same step.

Editing a lane at a step forks it: a new lane has the same past and the changed state at that step, and a future of its
own; the edited lane stays as it was. New lanes are behind at first, and catch up with the others.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

import numpy as np

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.ensemble.ahead import Ahead
from engine.ensemble.stack import Stack
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan, default_limit
from engine.experiments.variants import LaneSpec, load_datasets
from engine.insight.scorer import Scoring
from engine.native.driver import DriverError
from engine.report.probes import NO_PROBES, Probes
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from engine.session.lane import Lane
from engine.session.recipe import LaneRecipe, Recipe, beginning
from engine.session.takeover import Successors, start_of, take_same
from engine.tape.instructions import Renumbering
from engine.training.divergence import has_diverged
from engine.training.loop import NEVER, train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of

HISTORY_BUDGET = 256 * 2**20
"""The bytes of recorded states and losses of all lanes together; every lane has the same share."""

SCORE_SECONDS, SCORE_SECONDS_AT_REST = 0.003, 0.012
"""Seconds of a frame that measuring over all samples may take: while something moves, and at rest."""

TRAINERS_PER_LANE = 2
"""Each lane has a trainer that goes forward and one that visits recorded steps."""

STATES_PER_LANE = 10
"""The fewest states of a lane in memory: four recorded, three on the way between its trainers, and those in pictures."""


class Lab:
    """The lanes of one experiment. `step` is shown; every step of every lane up to `last_step` is recorded.

    `wanted` is the newest step that was recorded before lanes began anew: they are trained to it again.

    Only lanes that were forked in the past are behind `last_step`; `reached` is the newest step that all lanes have.
    """

    def __init__(
        self,
        made_from: Experiment | Recipe,
        opening: int = 0,
        budget: int = HISTORY_BUDGET,
        memory: int | None = None,
    ) -> None:
        """Compile every lane; raise ExperimentError where one does not fit its data.

        Raise InitscopeError where all of it would take more than `memory` bytes, which are those of `default_limit`
        if it is not given.
        """
        self.opening = opening
        self.generation = 0
        self._memory = default_limit() if memory is None else memory
        self._plan = MemoryPlan(
            self._memory, trainers=TRAINERS_PER_LANE, states=STATES_PER_LANE, recorded=budget
        )
        self._budget = budget
        self.lanes: list[Lane] = []
        self.step = 0
        self.wanted = 0
        self._ahead: Ahead | None = None
        self._left_out: list[InitscopeError] = []
        self.become(made_from if isinstance(made_from, Recipe) else beginning(made_from))

    @property
    def experiment(self) -> Experiment:
        """Return what the lanes have in common."""
        return self.recipe.experiment

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
    def falls_short(self) -> bool:
        """Return whether a lane has to catch up with others, or with what was recorded before."""
        return self.reached < max(self.last_step, self.wanted)

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
            and (self.is_ahead or self.step == self.last_step)
            and any(has_diverged(lane.trainer.theta) for lane in self.lanes)
        )

    def up_to_the_planned_end(self, steps: int) -> int:
        """Return how many of some steps there are until the experiment ends; playing again goes on beyond its end."""
        planned = self.experiment.steps - self.step
        return min(steps, planned) if planned > 0 else steps

    def grows(self, probes: Probes) -> bool:
        """Return whether the next snapshot of the same step will show more: some curves are made little by little."""
        if probes.scores and (
            not self._scoring.is_at(self.step) or any(lane.score_gap is not None for lane in self.lanes)
        ):
            return True
        return any(lane.grows(probes.of_lane(number)) for number, lane in enumerate(self.lanes))

    def move(self, step: int) -> None:
        """Show another step that was reached already."""
        self.step = max(0, min(step, self.reached))

    def visited(self) -> list[Trainer]:
        """Return a trainer of each lane that stands at the shown step, which is used again for the next one."""
        return [lane.visit(self.step) for lane in self.lanes]

    def train(self, steps: int, deadline: float = math.inf) -> None:
        """Do at most `steps` new updates, none after `deadline` (of `perf_counter`); show the newest step of all lanes.

        Lanes that are behind do theirs first, alone.
        """
        self._train(steps, deadline)
        self.step = self.reached

    @property
    def may_go_ahead(self) -> bool:
        """Return whether `go_ahead` is possible: nothing but the driver has to do with the next steps of any lane."""
        return (
            self.disturbs_nobody
            and not self.is_behind
            and not any(lane.trainer.is_random or lane.next_stop < NEVER for lane in self.lanes)
        )

    @property
    def is_ahead(self) -> bool:
        """Return whether the lanes train in another thread."""
        return self._ahead is not None

    def go_ahead(self, steps: int) -> None:
        """Train all lanes in a thread of their own, at most `steps` updates.

        Until `land`, only `follow`, `snapshot` and what the properties tell are possible.
        """
        for lane in self.lanes:
            lane.keep_state()
        trainers = [lane.trainer for lane in self.lanes]
        self._ahead = Ahead(trainers, [lane.history for lane in self.lanes], steps)

    def follow(self) -> bool:
        """Show the newest step of which all lanes have recorded the state; return whether they go on."""
        assert self._ahead is not None, "they train in another thread"
        with self._ahead.undisturbed():
            stride = max(lane.history.stride for lane in self.lanes)
            self.step = max(self.step, (self.reached - 1) // stride * stride)
        return not self._ahead.is_done

    def land(self) -> None:
        """End training in another thread, if there is any, and show the newest step.

        Raise DriverError where an update could not be done.
        """
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            with self._whole_steps():
                ahead.end()
            self.step = self.reached

    @contextmanager
    def _undisturbed(self) -> Generator[None, None, None]:
        if self._ahead is None:
            yield
        else:
            with self._ahead.undisturbed():
                yield

    def catch_up(self, deadline: float = math.inf) -> None:
        """Train the lanes that fall short, until `deadline` or nothing is missing; the shown step stays."""
        self._train(max(self.last_step, self.wanted) - self.reached, deadline)

    def _train(self, steps: int, deadline: float) -> None:
        end = self.reached + steps
        while (start := self.reached) < end:
            numbers = [lane.trainer.step_number for lane in self.lanes]
            behind = [lane for lane in self.lanes if lane.trainer.step_number == start]
            others = [number for number in numbers if number > start]
            stop = min(end, *others, *(lane.next_stop for lane in behind))
            self._train_together(behind, start, stop, deadline)
            self._do_edits()
            if perf_counter() >= deadline:
                break

    def _do_edits(self) -> None:
        """Do the edits of lanes that have come to them; a lane goes on without one that is not possible."""
        while due := [lane for lane in self.lanes if lane.next_stop == lane.trainer.step_number]:
            try:
                edited = due[0].after_next_edit()
            except InitscopeError as error:
                self.leave_out(error)
            else:
                self._use([edited if other is due[0] else other for other in self.lanes])

    def leave_out(self, why: InitscopeError) -> None:
        """Take note of what a change has made impossible; it is told when the change is shown."""
        self._left_out.append(why)

    def left_out(self) -> list[InitscopeError]:
        """Return, once, what was left out, as edits that something changed before them has made impossible."""
        found, self._left_out = self._left_out, []
        return found

    def _train_together(self, lanes: list[Lane], start: int, end: int, deadline: float) -> None:
        """Do updates in lanes that have reached the same step; the last one, which is shown, even after the deadline."""
        together = self._stack.advances if len(lanes) == len(self.lanes) else None
        updates = updates_of([lane.trainer for lane in lanes], [lane.history for lane in lanes], together)
        with self._whole_steps():
            last = train(updates, start, end - 1, deadline=deadline)
            for lane in lanes:
                lane.keep_state()
            train(updates, last, last + 1)

    @contextmanager
    def _whole_steps(self) -> Generator[None, None, None]:
        """Make all lanes anew where the driver fails: it may have done a part of a step."""
        try:
            yield
        except DriverError:
            self.lanes, self.step = [], 0
            self.become(self.recipe)
            raise

    def become(self, recipe: Recipe) -> None:
        """Have the lanes of a recipe; those that are there already stay, and edited ones fork from their past.

        Others begin at step 0, and are behind until they are trained. Raise InitscopeError, and change nothing, where
        a lane is not possible.
        """
        recorded = max([self.wanted, *(lane.trainer.step_number for lane in self.lanes)])
        known = [(lane.trainer.experiment, lane.trainer.dataset) for lane in self.lanes]
        specs = [LaneSpec(lane.name, lane.experiment) for lane in recipe.lanes]
        datasets = load_datasets(specs, self._plan, known)
        unused = list(self.lanes)
        found = [take_same(unused, lane) for lane in recipe.lanes]
        found = [kept or self._forked(lane) for kept, lane in zip(found, recipe.lanes, strict=True)]
        missing = [place for place, lane in enumerate(found) if lane is None]
        for place, lane in self._begun(
            [recipe.lanes[n] for n in missing], [datasets[n] for n in missing], unused
        ):
            found[missing[place]] = lane
        lanes = [lane for lane in found if lane is not None]
        for lane, made_from in zip(lanes, recipe.lanes, strict=True):
            lane.recipe = made_from
        self._count_generation(lanes)
        self.recipe, self.wanted = recipe, recorded
        self._use(lanes)
        self._do_edits()
        self.step = min(self.step, self.reached)

    def _begun(
        self, recipes: list[LaneRecipe], datasets: list[Dataset], unused: list[Lane]
    ) -> Iterator[tuple[int, Lane]]:
        """Yield lanes that begin at step 0, by number; what differs from an unused one in numbers only takes it over.

        All that can fail is done before the first lane is taken over.
        """
        budget = self._budget // max(1, len(recipes))
        takes: list[tuple[int, Lane, Renumbering, Floats]] = []
        successors = Successors()
        for number, (recipe, dataset) in enumerate(zip(recipes, datasets, strict=True)):
            start = start_of(recipe, dataset, unused)
            found = successors.numbers_for(recipe, [old for old in unused if old.trainer.dataset is dataset])
            if found is None:
                yield number, Lane(recipe, dataset, budget)
            else:
                unused.remove(found[0])
                takes.append((number, *found, start))
        for number, old, numbers, start in takes:
            yield number, old.begun_anew(recipes[number], numbers, start, budget)

    def _forked(self, recipe: LaneRecipe) -> Lane | None:
        """Return a lane forked from the one that has most of its past; None where no lane has any."""
        kin = [(shared, lane) for lane in self.lanes if (shared := lane.shared_edits(recipe)) is not None]
        if not kin:
            return None
        shared, nearest = max(kin, key=lambda pair: pair[0])
        return nearest.fork(recipe, shared)

    def _count_generation(self, lanes: Sequence[Lane]) -> None:
        """Take note where a view of the lanes has to begin anew: other networks, other data, or other lanes alike."""
        before = [(lane.trainer.layout, lane.trainer.dataset) for lane in self.lanes]
        now = [(lane.trainer.layout, lane.trainer.dataset) for lane in lanes]
        if any(one not in before for one in now):
            self.generation += 1

    def _use(self, lanes: list[Lane]) -> None:
        """Have other lanes, and share the memory for what is recorded among them."""
        self.lanes = lanes
        for lane in lanes:
            lane.history.resize(self._budget // len(lanes))
        self._stack = Stack([lane.alone() for lane in lanes])
        self._scoring = Scoring([lane.scorer for lane in lanes])

    def restart(self) -> None:
        """Go back to step 0 with the same weights and forget the recorded steps."""
        self.wanted = 0
        for lane in self.lanes:
            lane.restart()
        self._scoring = Scoring([lane.scorer for lane in self.lanes])
        self.step = 0

    def begin_anew(self) -> None:
        """Show step 0, as the beginning of other runs."""
        self.wanted = 0
        self.generation += 1
        self.step = 0

    def snapshot(
        self, activity: Activity = Activity.IDLE, goal: int | None = None, probes: Probes = NO_PROBES
    ) -> Snapshot:
        """Return all lanes at the shown step, with the answers to the probes."""
        with self._undisturbed():
            return self._snapshot(activity, goal, probes)

    def _snapshot(self, activity: Activity, goal: int | None, probes: Probes) -> Snapshot:
        with np.errstate(all="ignore"):  # infinite numbers are results
            lanes = tuple(
                lane.snapshot(self.step, probes.of_lane(number), number)
                for number, lane in enumerate(self.lanes)
            )
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
            generation=self.generation,
            edited=tuple(lane.name for lane in self.recipe.lanes if lane.edits),
            is_hasty=probes.is_hasty,
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
