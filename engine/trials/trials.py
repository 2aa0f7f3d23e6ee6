"""Runs the same experiment from several seeds, on all cores, and keeps what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from time import perf_counter, thread_time
from typing import TypeAlias

import msgspec
import numpy as np

from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.ensemble.sweep import Starts
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan, default_limit
from engine.training.first_state import has_given_start, starting_parameters
from engine.training.loop import train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from engine.training.watchers import StopWhenAsked
from engine.trials.outcome import Outcome, Run, Scale

CORES = os.cpu_count() or 1
"""How many runs are done at the same time."""

Job: TypeAlias = tuple[Experiment, int, int]
"""An experiment, the seed that it starts from instead of its own, and how many updates it does."""

_Key: TypeAlias = tuple[bytes, int]

MOST_SECONDS = 5.0
"""The most seconds of a processor for one run; longer ones are cut, for all that is compared."""

MEASURED_STEPS, MEASURED_SECONDS = 1000, 0.05
"""The most steps and seconds from which it is estimated how long a run takes."""


def memory_plan(limit: int | None) -> MemoryPlan:
    """Return how trials keep runs in at most `limit` bytes; None stands for the default."""
    return MemoryPlan(default_limit() if limit is None else limit, trainers=CORES + 2, alone_above=0)


class Stopped(Exception):  # noqa: N818 - it is no error
    """Somebody has asked to end."""


class Trials:
    """Runs experiments and keeps what came of them. All of them do at most `steps` updates, unless more are asked for."""

    def __init__(
        self,
        is_stopped: Callable[[], bool] = lambda: False,
        plan: MemoryPlan | None = None,
        on_run: Callable[[], object] = lambda: None,
    ) -> None:
        """Run nothing that needs more memory than a plan allows; `on_run` is called after each run, in its thread."""
        self._is_stopped, self._plan, self._on_run = is_stopped, plan, on_run
        self._datasets: dict[bytes, Dataset] = {}
        self._runs: dict[_Key, Run] = {}
        self._seconds: dict[bytes, tuple[float, float]] = {}

    def take_data(self, experiment: Experiment, dataset: Dataset) -> None:
        """Use data that are loaded already."""
        self._datasets[msgspec.json.encode(experiment.data)] = dataset

    def data_of(self, experiment: Experiment) -> Dataset:
        """Return the data of an experiment, which fits them; raise InitscopeError where it does not."""
        key = msgspec.json.encode(experiment.data)
        if key not in self._datasets:
            self._datasets[key] = experiment.data.load()
        experiment.check_data(self._datasets[key])
        return self._datasets[key]

    def fits(self, experiment: Experiment) -> bool:
        """Return whether an experiment can be run."""
        try:
            dataset = self.data_of(experiment)
            if self._plan is not None:
                self._plan.check([(experiment, dataset)])
            if any(map(has_given_start, experiment.network.layers)):
                starting_parameters(experiment, experiment.layout(dataset.inputs), dataset)
        except InitscopeError:
            return False
        return True

    def seconds_per_step(self, experiment: Experiment) -> float:
        """Return about how long an update takes now, on a machine that may have other work."""
        return self._measured(experiment)[0]

    def steps_for(self, experiment: Experiment) -> int:
        """Return the planned steps, or fewer where a processor takes too long for these, whatever else it has to do."""
        seconds = max(self._measured(experiment)[1], np.finfo(float).tiny)  # some clocks tick seldom
        return max(1, int(min(MOST_SECONDS / seconds, experiment.steps)))

    def _measured(self, experiment: Experiment) -> tuple[float, float]:
        """Return the seconds of an update: those that pass, and those of a processor."""
        key = msgspec.json.encode(experiment)
        if key not in self._seconds:
            trainer = Trainer(experiment, self.data_of(experiment))
            updates = updates_of([trainer])
            done = train(updates, 0, 2)
            started, worked = perf_counter(), thread_time()
            done = train(updates, done, done + MEASURED_STEPS, deadline=started + MEASURED_SECONDS)
            steps = max(1, done - 2)
            self._seconds[key] = (perf_counter() - started) / steps, (thread_time() - worked) / steps
        return self._seconds[key]

    def train(self, trainer: Trainer, steps: int) -> None:
        """Train for so many steps, and keep nothing; raise Stopped when asked to."""
        train(updates_of([trainer]), 0, steps, [StopWhenAsked(self.check)])

    def check(self) -> bool:
        """Return False; raise Stopped when asked to end. Long work that is no run calls it now and then."""
        if self._is_stopped():
            raise Stopped
        return False

    def run(self, experiment: Experiment, seeds: Sequence[int], steps: int) -> Outcome:
        """Return what came of an experiment from `seeds`, on all cores; raise Stopped when asked to."""
        return Outcome(tuple(self.run_each([(experiment, seed, steps) for seed in seeds])))

    def run_each(self, jobs: Sequence[Job]) -> list[Run]:
        """Return what came of each job, on all cores; raise Stopped when asked to."""
        keys = [_key(*job) for job in jobs]
        missing = {key: job for key, job in zip(keys, jobs, strict=True) if key not in self._runs}
        cores = max(1, min(CORES, len(missing)))
        places = [len(missing) * core // cores for core in range(cores + 1)]
        with ThreadPoolExecutor(cores) as pool:
            parts = [list(missing.items())[start:end] for start, end in pairwise(places)]
            list(pool.map(self._do_quietly, parts))
        self.check()
        return [self._runs[key] for key in keys]

    def finished(self, jobs: Sequence[Job]) -> list[Run | None]:
        """Return what came of each job, None for those that are not done."""
        return [self._runs.get(_key(*job)) for job in jobs]

    def _do_quietly(self, jobs: Sequence[tuple[_Key, Job]]) -> None:
        """Do jobs; infinite numbers are results. What NumPy says of them is a matter of each thread."""
        with np.errstate(all="ignore"):
            self._do(jobs)

    def _do(self, jobs: Sequence[tuple[_Key, Job]]) -> None:
        """Do jobs one after another; those that follow each other and differ in their start only are compiled once."""
        bench: _Bench | None = None
        for key, (experiment, seed, steps) in jobs:
            if self._is_stopped():
                return
            dataset = self.data_of(experiment)
            if bench is None or not bench.serves(experiment, dataset, steps):
                bench = _Bench(experiment, dataset, steps, self._is_stopped)
            run = bench.run(experiment, seed)
            if run is not None:
                self._runs[key] = run
                self._on_run()


def _key(experiment: Experiment, seed: int, steps: int) -> _Key:
    """Return what a run depends on."""
    return msgspec.json.encode(msgspec.structs.replace(experiment, seed=seed, steps=1)), steps


class _Bench:
    """Trains experiments that differ in their start only, one after another, and judges what comes of them.

    Two runs that start from the same numbers, and draw none, are the same, as are all from zeros: it is done once.
    """

    def __init__(
        self, experiment: Experiment, dataset: Dataset, steps: int, is_stopped: Callable[[], bool]
    ) -> None:
        self._steps, self._is_stopped = steps, is_stopped
        self._starts, self._scale = Starts(experiment, dataset, steps), Scale(experiment, dataset)
        self.serves = self._starts.serves
        self._last: tuple[bytes, Run] | None = None

    def run(self, experiment: Experiment, seed: int) -> Run | None:
        """Return what came of an experiment from a seed; None where it was stopped."""
        trainer = self._starts.trainer
        self._starts.begin(msgspec.structs.replace(experiment, seed=seed))
        start = trainer.theta.tobytes()
        if self._last is not None and self._last[0] == start and not trainer.is_random:
            return replace(self._last[1], seed=seed)
        found = self._trained(trainer, seed)
        self._last = None if found is None else (start, found)
        return found

    def _trained(self, trainer: Trainer, seed: int) -> Run | None:
        first = trainer.measure_training().loss
        losses = np.full(self._steps, np.nan)
        if self._starts.train(losses, [StopWhenAsked(self._is_stopped)]) < self._steps:
            return None
        end, skill = self._scale.judge(trainer, first)
        return Run(seed, end.loss, end.accuracy, skill, self._scale.chance, losses, trainer.theta.copy())
