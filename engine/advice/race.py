"""A race of starts by successive halving: all of them from a few seeds, the better half from twice as many, and so on.

Jamieson and Talwalkar (2016). Runs do all planned steps if there is time for that, else as many as there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf, inf, sqrt
from statistics import median
from time import perf_counter

import numpy as np

from engine.advice.candidates import Weights
from engine.experiments.experiment import Experiment
from engine.trials.outcome import Outcome, Run
from engine.trials.trials import CORES, Trials

FIRST_SEEDS, FEWEST = 2, 3
"""From how many seeds all starts run first, and how many starts are left in the last round."""

COMPILING, LATER = 0.03, 3.0
"""The seconds of a run beside its steps; all rounds together take about three times as long as the first one."""

FEWEST_TIED = 4
"""With fewer seeds nothing can be told from chance, and nothing is called tied."""

LIKELY = 0.05
"""Two starts are tied where a difference as large as theirs comes by chance more often than this."""


@dataclass(frozen=True)
class Racer:
    """A start and what its runs gave. It was `dropped` in a round, counted from 0; None for those in the last one."""

    weights: Weights
    experiment: Experiment
    outcome: Outcome
    dropped: int | None
    is_tied: bool = False

    @property
    def order(self) -> tuple[float, float]:
        """Return what racers are ranked by, the smallest first: the share that fails, the median loss."""
        return _order(self.outcome)


def _order(outcome: Outcome) -> tuple[float, float]:
    return -outcome.learned / len(outcome.runs), outcome.loss


class Race:
    """Lets starts run against each other from `seeds`, within about `seconds`."""

    def __init__(self, trials: Trials, seeds: int, seconds: float) -> None:
        self._trials, self._seeds, self._seconds = trials, seeds, seconds
        self.steps = 0

    def run(
        self,
        starts: Sequence[tuple[Weights, Experiment]],
        tell: Callable[[int, int], object] = lambda _left, _seeds: None,
    ) -> list[Racer]:
        """Return all starts, the best first; raise Stopped when that is asked for in the first round."""
        began = perf_counter()
        self.steps = self._steps_for(starts[0][1], len(starts))
        left, out, seeds, number = list(starts), list[Racer](), FIRST_SEEDS, 0
        while True:
            tell(len(left), seeds)
            racers = self._round(left, seeds, number)
            is_last = len(left) <= FEWEST and seeds >= self._seeds
            if is_last or perf_counter() - began > self._seconds:
                return _ranked([*(_staying(racer) for racer in racers), *out])
            keep = max(FEWEST, -(-len(racers) // 2))
            out = [*racers[keep:], *out]
            left = [(racer.weights, racer.experiment) for racer in racers[:keep]]
            seeds, number = min(2 * seeds, max(self._seeds, FIRST_SEEDS)), number + 1

    def _steps_for(self, experiment: Experiment, count: int) -> int:
        """Return how many steps each run may do."""
        run = COMPILING + experiment.steps * self._trials.seconds_per_step(experiment)
        whole = run * count * FIRST_SEEDS * LATER / CORES
        return max(1, int(experiment.steps * min(1.0, self._seconds / whole)))

    def _round(self, left: Sequence[tuple[Weights, Experiment]], seeds: int, number: int) -> list[Racer]:
        jobs = [
            (experiment, (experiment.seed + seed) % 2**32, self.steps)
            for _, experiment in left
            for seed in range(seeds)
        ]
        runs = self._trials.run_each(jobs)
        racers = [
            Racer(weights, experiment, Outcome(tuple(runs[place * seeds : (place + 1) * seeds])), number)
            for place, (weights, experiment) in enumerate(left)
        ]
        return sorted(racers, key=lambda racer: racer.order)


def _staying(racer: Racer) -> Racer:
    return Racer(racer.weights, racer.experiment, racer.outcome, None)


def _ranked(racers: list[Racer]) -> list[Racer]:
    """Return racers with ties marked: those that chance cannot tell from the first."""
    first = racers[0]
    return [
        first,
        *(
            Racer(r.weights, r.experiment, r.outcome, r.dropped, is_tied(first.outcome, r.outcome))
            for r in racers[1:]
        ),
    ]


def is_tied(one: Outcome, other: Outcome) -> bool:
    """Return whether the losses of two starts may differ by chance alone (rank sum, normal approximation)."""
    first, second = [_loss(run) for run in one.runs], [_loss(run) for run in other.runs]
    n, m = len(first), len(second)
    if min(n, m) < FEWEST_TIED:
        return False
    wins = sum((a < b) + 0.5 * (a == b) for a in first for b in second)
    deviation = sqrt(n * m * (n + m + 1) / 12)
    distance = abs(wins - n * m / 2) / deviation
    return 1.0 - erf(distance / sqrt(2)) > LIKELY


def _loss(run: Run) -> float:
    return run.loss if np.isfinite(run.loss) else inf


def spread(outcome: Outcome) -> float:
    """Return the median distance of the losses from their median."""
    losses = [_loss(run) for run in outcome.runs]
    middle = median(losses)
    return median(abs(loss - middle) for loss in losses) if np.isfinite(middle) else inf
