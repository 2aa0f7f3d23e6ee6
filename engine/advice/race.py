"""A race of starts: all run from a few seeds, the better half from more of them, until few are left.

Every run does the same number of updates on the same data, so that all losses can be compared, also with those that are
out. A race has a budget of seconds; it is planned to fit into it, and where it would not, it ends with what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from time import perf_counter

import numpy as np

from engine.experiments.experiment import Experiment
from engine.trials.outcome import Outcome
from engine.trials.trials import CORES, Job, Stopped, Trials

SHARES = (1.0, 0.5, 0.25)
"""Which share of the starts each round has …"""

SEED_SHARES = (0.25, 0.5, 1.0)
"""… and from which share of the seeds they have run after it."""

FINALISTS = 4
"""So many are in the last round at least."""

FEWEST_SEEDS = 3
"""Steps are cut rather than seeds below this number."""

FEWEST_STEPS = 20

SHARE_OF_TIME = 0.7
"""A race is planned for this share of its seconds; how long a step takes is only known about."""

RUN_SECONDS = 0.002
"""What a run takes beside its steps."""

TIME_SHARES = (0.5, 0.6, 1.0)
"""Which share of the time that is left a round may take, where a step takes longer than was measured."""

RELIABLE = 0.75
"""A start that learns from this share of its seeds is reliable; among reliable ones the loss decides."""


@dataclass(frozen=True)
class Plan:
    """How a race is run: `seeds` of them in the last round, and `steps` in every run."""

    starts: int
    seeds: int
    steps: int

    @property
    def rounds(self) -> list[tuple[int, int]]:
        """Return for each round how many starts there are, and from how many seeds they have run after it."""
        least = min(FINALISTS, self.starts)
        return [
            (max(least, ceil(share * self.starts)), max(1, ceil(seeds * self.seeds)))
            for share, seeds in zip(SHARES, SEED_SHARES, strict=True)
        ]

    @property
    def runs(self) -> int:
        """Return how many runs there are in all."""
        before, total = 0, 0
        for starts, seeds in self.rounds:
            total += starts * (seeds - before)
            before = seeds
        return total


def plan(starts: int, seeds: int, steps: int, seconds: float, seconds_per_step: float) -> Plan:
    """Return a plan that fits into the seconds on all cores: first with fewer seeds, then with fewer steps."""
    possible = SHARE_OF_TIME * seconds * CORES

    def fits(count: int) -> bool:
        return Plan(starts, count, steps).runs * (steps * seconds_per_step + RUN_SECONDS) <= possible

    few = min(FEWEST_SEEDS, seeds)
    count = next((count for count in range(seeds, few, -1) if fits(count)), few)
    cut = int((possible / Plan(starts, count, steps).runs - RUN_SECONDS) / seconds_per_step)
    return Plan(starts, count, min(steps, max(FEWEST_STEPS, cut)))


class Budget:
    """Says when to stop: when the seconds are over, or when somebody asks."""

    def __init__(self, seconds: float, is_asked: Callable[[], bool]) -> None:
        self._end, self._is_asked = perf_counter() + seconds, is_asked
        self.was_asked = False

    @property
    def seconds_left(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self._end - perf_counter())

    def is_over(self) -> bool:
        """Return whether to stop."""
        self.was_asked = self.was_asked or self._is_asked()
        return self.was_asked or perf_counter() >= self._end


def order_key(outcome: Outcome) -> tuple[int, float, float]:
    """Return what starts are put in order by: whether they learn from most seeds, some or none, and then the loss."""
    share = outcome.learned / len(outcome.runs)
    level = 0 if share >= RELIABLE else 1 if share > 0 else 2
    loss = outcome.loss
    return level, loss if np.isfinite(loss) else inf, -share


class Race:
    """Starts of one network, each an experiment of its own, racing by a plan."""

    def __init__(
        self,
        trials: Trials,
        experiments: Sequence[Experiment],
        seeds: Sequence[int],
        planned: Plan,
        budget: Budget,
    ) -> None:
        """Race `experiments`; of equal ones the first wins."""
        self._trials, self._experiments = trials, experiments
        self._seeds, self._plan, self._budget = seeds[: planned.seeds], planned, budget
        self._done = 0
        self.is_complete = False
        self._rounds: dict[int, int] = {}

    def run(self) -> None:
        """Race to the end, or until the trials are stopped."""
        racing = list(range(len(self._experiments)))
        before = 0
        try:
            for number, (starts, seeds) in enumerate(self._plan.rounds):
                racing = racing[:starts]
                self._rounds |= dict.fromkeys(racing, number)
                before = self._round(racing, before, seeds, TIME_SHARES[number])
                racing.sort(key=self._key)
        except Stopped:
            return
        self.is_complete = self._done == self._plan.runs

    def _round(self, racing: Sequence[int], before: int, after: int, time_share: float) -> int:
        """Run from more seeds while there is time, and return from how many it was then."""
        least = (1.0 - time_share) * self._budget.seconds_left
        for number in range(before, after):
            if number > before and self._budget.seconds_left < least:
                return number
            self._run(racing, self._seeds[number])
        return after

    def _run(self, racing: Sequence[int], seed: int) -> None:
        if self._budget.is_over():
            raise Stopped
        self._trials.run_each([(self._experiments[number], seed, self._plan.steps) for number in racing])
        self._done += len(racing)

    def _key(self, number: int) -> tuple[int, float, float]:
        outcome = self.outcome(number)
        return order_key(outcome) if outcome is not None else (3, inf, 0.0)

    def outcome(self, number: int) -> Outcome | None:
        """Return what came of a start in the runs that are done; None without any."""
        jobs: list[Job] = [(self._experiments[number], seed, self._plan.steps) for seed in self._seeds]
        runs = tuple(run for run in self._trials.finished(jobs) if run is not None)
        return Outcome(runs) if runs else None

    def ranking(self) -> list[tuple[int, Outcome]]:
        """Return the starts that have run, the best first: who came further in the race is better."""
        known = [(number, self.outcome(number)) for number in range(len(self._experiments))]
        ran = [(number, outcome) for number, outcome in known if outcome is not None]
        return sorted(ran, key=lambda one: (-self._rounds.get(one[0], 0), order_key(one[1])))
