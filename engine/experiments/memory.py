"""How much memory the runs of an experiment take, estimated from sizes alone, before they are compiled."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment

GIGABYTE = 10**9

MOST_BYTES = 4 * GIGABYTE
"""The limit where nobody asks for another one, on machines that have twice as much."""

ARRAYS_PER_LAYER = 5
"""What a step keeps for every neuron and sample: z, its output, both gradients, and what products need beside them."""

LOOK_ARRAYS = 4
"""The arrays of all neurons and samples that looking at a run takes for a while, at one run after the other."""

LAYER_ARRAYS, ROUNDED_LAYER_ARRAYS = 4, 12
"""The arrays of one layer, the largest, that looking takes besides; of random steps everything is asked three times."""

MASKS = 2
"""What a step with dropout keeps besides, for every neuron and sample."""

RESIDUAL_ARRAYS = 2
"""What a step keeps besides of a residual layer, for every neuron and sample."""

NORM_ARRAYS, NORM_PARAMETERS = 5, 4
"""What a step keeps besides of a normalized layer: for every neuron and sample, and for every neuron."""

VECTORS = 8
"""What a trainer keeps for every parameter: itself, its gradient, its update, its start, and what products copy."""


@dataclass(frozen=True)
class MemoryPlan:
    """How runs are kept, and the `limit` in bytes.

    Each run has a number of `trainers` and keeps at least some `states`, all of them may fill `recorded` bytes with what
    they record. Runs whose step takes more than `alone_above` bytes are kept one after the other.
    """

    limit: int
    trainers: int = 1
    states: int = 0
    recorded: int = 0
    alone_above: float = inf

    def check(self, runs: Sequence[tuple[Experiment, Dataset]]) -> None:
        """Raise InitscopeError if these runs, each on its data, would take more than the limit."""
        together, alone, looking = 0, 0, 0
        for experiment, dataset in runs:
            step, run = self._bytes_of_step_and_run(experiment, dataset)
            looking = max(looking, _bytes_of_looking(experiment, dataset))
            together, alone = (
                (together, max(alone, run)) if step > self.alone_above else (together + run, alone)
            )
        samples = {id(dataset): _bytes_of_data(dataset) for _, dataset in runs}
        needed = together + alone + looking + sum(samples.values()) + self.recorded
        if needed > self.limit:
            raise InitscopeError(
                Problem.TOO_MUCH_MEMORY, needed=needed / GIGABYTE, limit=self.limit / GIGABYTE
            )

    def _bytes_of_step_and_run(self, experiment: Experiment, dataset: Dataset) -> tuple[int, int]:
        size = experiment.batch.size
        per_sample, parameters = _numbers_per_sample(experiment, dataset), _parameters(experiment, dataset)
        in_step = dataset.samples if size == "full" else size
        tested = 0 if dataset.x_test is None else len(dataset.x_test)
        measured = tested + _steps_over_all_samples(experiment) * dataset.samples
        vectors = VECTORS + 2 * experiment.optimizer.state_count
        step = in_step * per_sample + vectors * parameters
        states = self.states * (1 + experiment.optimizer.state_count) * parameters
        run = self.trainers * step + measured * per_sample + states
        return step * experiment.float_type.itemsize, run * experiment.float_type.itemsize


def _bytes_of_looking(experiment: Experiment, dataset: Dataset) -> int:
    units = [layer.units for layer in experiment.network.layers]
    of_layer = ROUNDED_LAYER_ARRAYS if _is_random(experiment) else LAYER_ARRAYS
    return (
        (LOOK_ARRAYS * sum(units) + of_layer * max(units)) * dataset.samples * experiment.float_type.itemsize
    )


def _steps_over_all_samples(experiment: Experiment) -> int:
    """Return how many steps over all samples there are beside that of training."""
    kinds = [layer.normalization for layer in experiment.network.layers]
    keeps_averages = any(kind is not None and kind.keeps_averages for kind in kinds)
    return int(_is_random(experiment)) + int(keeps_averages)


def _is_random(experiment: Experiment) -> bool:
    """Return whether a step uses some of the samples or leaves out some outputs."""
    return experiment.batch.size != "full" or any(layer.dropout for layer in experiment.network.layers)


def default_limit() -> int:
    """Return how many bytes experiments may take where nobody says it: `MOST_BYTES`, or half of what the machine has."""
    if not hasattr(os, "sysconf"):
        return MOST_BYTES
    return min(MOST_BYTES, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)


def _numbers_per_sample(experiment: Experiment, dataset: Dataset) -> int:
    """Return how many numbers a compiled step keeps for each of its samples."""
    each = [
        (
            *(ARRAYS_PER_LAYER, MASKS * (layer.dropout > 0)),
            *(NORM_ARRAYS * (layer.normalize is not None), RESIDUAL_ARRAYS * layer.residual),
        )
        for layer in experiment.network.layers
    ]
    layers = zip(each, experiment.network.layers, strict=True)
    in_layers = sum(sum(arrays) * (layer.units + 1) for arrays, layer in layers)
    return in_layers + dataset.inputs + 1 + dataset.outputs


def _parameters(experiment: Experiment, dataset: Dataset) -> int:
    widths = experiment.widths(dataset)
    of_norms = sum(NORM_PARAMETERS * layer.units for layer in experiment.network.layers if layer.normalize)
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in itertools.pairwise(widths)) + of_norms


def _bytes_of_data(dataset: Dataset) -> int:
    arrays = (dataset.x_train, dataset.y_train, dataset.x_test, dataset.y_test)
    return sum(array.nbytes for array in arrays if array is not None)
