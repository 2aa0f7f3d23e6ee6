"""Many runs that differ in where they start: their network is compiled once, and each run begins with a copy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.ensemble.stack import OnlyLosses
from engine.experiments.experiment import Experiment
from engine.training.loop import Watcher, train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of


@dataclass(frozen=True)
class Sweep:
    """What came of runs: `losses` (steps, runs) and the last `parameters` (runs, parameters)."""

    losses: Floats
    parameters: Floats


class Starts:
    """Trains experiments that differ in seed and initializers only, one after another: each begins with a copy."""

    def __init__(self, experiment: Experiment, dataset: Dataset, steps: int) -> None:
        """Compile one of them; raise ExperimentError where it does not fit the data."""
        self.trainer = Trainer(experiment, dataset)
        self._compiled, self._steps = compiled_from(experiment), steps
        self._recorder = OnlyLosses(np.empty(steps))
        self._updates = updates_of([self.trainer], [self._recorder])

    def serves(self, experiment: Experiment, dataset: Dataset, steps: int) -> bool:
        """Return whether an experiment on a data set is one of them, trained for so many steps."""
        is_same = dataset is self.trainer.dataset and steps == self._steps
        return is_same and compiled_from(experiment) == self._compiled

    def begin(self, experiment: Experiment) -> None:
        """Go to step 0 of an experiment."""
        self.trainer.begin(experiment)

    def train(self, losses: Floats, watchers: Sequence[Watcher] = ()) -> int:
        """Do all updates, unless a watcher ends them, and record `losses` (steps,); return how many."""
        self._recorder.begin(losses)
        return train(self._updates, 0, self._steps, watchers)


def sweep(experiments: Sequence[Experiment], dataset: Dataset, steps: int) -> Sweep:
    """Train experiments with networks of one size on one data set, for `steps` updates each, on all cores.

    Each gives the numbers of a run alone, bit for bit. Those that differ in seed and initializers only are compiled once
    for all. Raise ExperimentError where one does not fit the data.
    """
    groups: dict[bytes, list[int]] = {}
    for number, experiment in enumerate(experiments):
        groups.setdefault(compiled_from(experiment), []).append(number)
    losses = np.empty((len(experiments), steps))
    size, dtype = experiments[0].layout(dataset.inputs).size, experiments[0].float_type
    parameters = np.empty((len(experiments), size), dtype)
    cores = os.cpu_count() or 1

    def train_some(numbers: list[int]) -> None:
        starts = Starts(experiments[numbers[0]], dataset, steps)
        for number in numbers:
            starts.begin(experiments[number])
            starts.train(losses[number])
            parameters[number] = starts.trainer.theta

    with ThreadPoolExecutor(cores) as pool:
        for numbers in groups.values():
            list(pool.map(train_some, (numbers[core::cores] for core in range(min(cores, len(numbers))))))
    return Sweep(losses.T, parameters)


def compiled_from(experiment: Experiment) -> bytes:
    """Return everything that a compiled step may depend on: the experiment without its start, data, length and texts."""
    replace = msgspec.structs.replace
    layers = [
        replace(layer, weights=None, biases=None if layer.biases is None else True)
        for layer in experiment.network.layers
    ]
    network = replace(experiment.network, layers=layers)
    compiled = replace(
        experiment, network=network, name="", title="", notes="", data=None, seed=0, steps=0, variants=[]
    )
    return msgspec.json.encode(compiled)
