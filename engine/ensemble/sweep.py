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
from engine.training.loop import train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of


@dataclass(frozen=True)
class Sweep:
    """What came of runs: `losses` (steps, runs) and the last `parameters` (runs, parameters)."""

    losses: Floats
    parameters: Floats


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
        trainer = Trainer(experiments[numbers[0]], dataset)
        recorder = OnlyLosses(losses[0])
        updates = updates_of([trainer], [recorder])
        for number in numbers:
            trainer.begin(experiments[number])
            recorder.begin(losses[number])
            train(updates, 0, steps)
            parameters[number] = trainer.theta

    with ThreadPoolExecutor(cores) as pool:
        for numbers in groups.values():
            list(pool.map(train_some, (numbers[core::cores] for core in range(min(cores, len(numbers))))))
    return Sweep(losses.T, parameters)


def compiled_from(experiment: Experiment) -> bytes:
    """Return everything that a compiled step depends on, but the data."""
    layers = [
        (layer.units, layer.activation, layer.dropout, layer.biases is None, layer.rate)
        for layer in experiment.network.layers
    ]
    others = (
        experiment.loss,
        experiment.optimizer,
        experiment.batch,
        experiment.weight_decay,
        experiment.l1,
        experiment.clip,
    )
    return msgspec.json.encode((layers, *others, experiment.dtype, experiment.arithmetic))
