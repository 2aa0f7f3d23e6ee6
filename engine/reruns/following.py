"""A lane trained from many seeds in another process, in stacked passes, as far as its own run has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import perf_counter, sleep

import msgspec

from engine.core.own_process import PATIENCE, Report, SharedNumber, in_own_process
from engine.report.probes import Probes
from engine.reruns.bands import accuracy_band, curve_band, loss_band
from engine.reruns.company import Company, Member
from engine.session.lab import Lab
from engine.session.recipe import LaneRecipe, Recipe
from engine.training.divergence import has_diverged
from engine.training.trainer import Trainer
from engine.trials.outcome import LEARNT, Scale

BUDGET = 64 * 2**20
"""The bytes of recorded states and losses of all seeds together: enough for their curves."""

SLICE = 0.1
"""Seconds of training between two looks how far the lane is."""

TOLD_SHARE = 0.2
"""The largest share of the time that goes into telling how far they are."""

CURVES = Probes(lane=-1, scores=True, at_rest=True)
"""What is worked out besides losses and spreads."""

Tell = Callable[[Company], object]


def follow(
    lane: LaneRecipe, seeds: Sequence[int], goal: SharedNumber, memory: int | None, tell: Tell
) -> None:
    """Train a lane from other seeds up to the step `goal`, whenever that grows, and tell what has come of them.

    Nothing but Cancelled ends it, at a checkpoint where nobody wants it any more; raise InitscopeError where a seed
    gives no start, or all of them take more than `memory` bytes.
    """
    in_own_process("seeds", partial(_follow, lane, seeds, goal, memory), tell)


def _follow(
    lane: LaneRecipe, seeds: Sequence[int], goal: SharedNumber, memory: int | None, report: Report
) -> None:
    following = Following(lane, seeds, memory)
    while not report.is_orphaned():
        if following.go_on(goal.value):
            report.tell(following.company())
        elif following.is_at_rest:
            sleep(PATIENCE)


class Following:
    """Runs of one lane from many seeds, in lockstep."""

    def __init__(self, lane: LaneRecipe, seeds: Sequence[int], memory: int | None) -> None:
        """Begin at step 0; raise as `Lab` does."""
        self._seeds, experiment = seeds, lane.experiment
        lanes = tuple(
            LaneRecipe(
                f"seed {seed}", lane.origin, msgspec.structs.replace(experiment, seed=seed), lane.edits
            )
            for seed in seeds
        )
        self._lab = Lab(Recipe(experiment, lanes), budget=BUDGET, memory=memory)
        self._measuring = Trainer(experiment, self._lab.lanes[0].trainer.dataset)
        self._scale = Scale(experiment, self._measuring.dataset)
        self._first = [self._measure(trainer).measure_training().loss for trainer in self._lab.visited()]
        self._goal, self._told, self._costs, self.is_at_rest = 0, 0.0, 0.0, False

    def go_on(self, goal: int) -> bool:
        """Train for a moment, not beyond step `goal`; return whether there is something to tell by now."""
        self._goal, missing = goal, goal - self._lab.last_step
        if missing > 0:
            self._lab.train(missing, perf_counter() + SLICE)
            self.is_at_rest = False
        elif self.is_at_rest:
            return False
        else:
            self._lab.snapshot(
                probes=CURVES
            )  # which brings some points of the curves that are made little by little
        return self._is_complete or perf_counter() - self._told > self._costs / TOLD_SHARE

    @property
    def _is_complete(self) -> bool:
        return self._lab.last_step >= self._goal and not self._lab.grows(CURVES)

    def company(self) -> Company:
        """Return what has come of them so far."""
        began = perf_counter()
        lanes = self._lab.snapshot(probes=CURVES).lanes
        scores = [lane.score_curves for lane in lanes if lane.score_curves is not None]
        spreads = zip(*(lane.spread_curves for lane in lanes), strict=True)
        found = Company(
            step=self._lab.step,
            members=tuple(self._members()),
            loss=loss_band([lane.loss_curve for lane in lanes], lanes[0].smoothing),
            accuracy=accuracy_band(scores) if scores else None,
            spreads=tuple(curve_band(curves) for curves in spreads),
            is_complete=self._is_complete,
        )
        self._told = perf_counter()
        self._costs, self.is_at_rest = self._told - began, found.is_complete
        return found

    def _members(self) -> Iterator[Member]:
        for seed, trainer, first in zip(self._seeds, self._lab.visited(), self._first, strict=True):
            end, skill = self._scale.judge(self._measure(trainer), first)
            yield Member(seed, end.loss, end.accuracy, skill >= LEARNT, has_diverged(trainer.theta))

    def _measure(self, trainer: Trainer) -> Trainer:
        """Return the trainer that measures all of them, with the parameters of another one."""
        self._measuring.theta[...] = trainer.theta
        return self._measuring
