"""A network as the doctor sees it: what its experiment says, the scales of its data and its start, and a look at step 0.

Scales are beside what is usual: inputs of deviation 1, weights of deviation 1/√fan_in, rates of 0.1 (0.003 where the
optimizer divides by the size of the gradient).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from engine.core.arrays import Floats
from engine.core.errors import ExperimentError
from engine.core.norms import deviation, root_mean_square
from engine.core.registry import kind_of
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment, Layer
from engine.health.health_check import HealthCheck
from engine.report.condition import Health, LayerHealth
from engine.report.equality import LayerPrediction
from engine.symmetry.motion import Movement, movements
from engine.symmetry.prediction import predict
from engine.symptoms.findings import Change
from engine.training.first_state import starting_parameters
from engine.training.trainer import Trainer
from engine.trials.outcome import Scale

USUAL_RATE, USUAL_ADAPTIVE_RATE = 0.1, 0.003

DEAD_SEEDS = 24
"""The seeds from which it is counted how often a layer starts dead."""


@dataclass(frozen=True)
class Patient:
    """An experiment without variants, and its data."""

    experiment: Experiment
    dataset: Dataset

    @property
    def layers(self) -> list[Layer]:
        """Return the layers, the output layer last."""
        return self.experiment.network.layers

    @property
    def hidden(self) -> list[Layer]:
        """Return the hidden layers."""
        return self.layers[:-1]

    @property
    def output_kind(self) -> str:
        """Return the name of the output activation."""
        return kind_of(self.layers[-1].activation)

    @cached_property
    def scale(self) -> Scale:
        """Return what chance is."""
        return Scale(self.experiment, self.dataset)

    @property
    def tells_classes(self) -> bool:
        """Return whether its targets are classes."""
        return self.experiment.loss.tells_classes(self.dataset.y_train)

    @cached_property
    def input_sizes(self) -> Floats:
        """Return the root mean square of every input."""
        return _column_sizes(self.dataset.x_train)

    @cached_property
    def input_deviation(self) -> float:
        """Return the largest deviation of an input over the samples."""
        return float(deviation(self.dataset.x_train, axis=0).max())

    @cached_property
    def target_size(self) -> float:
        """Return the root mean square of the largest target."""
        return float(_column_sizes(self.dataset.y_train).max())

    @property
    def batch(self) -> int:
        """Return how many samples a step uses."""
        size = self.experiment.batch.size
        return self.dataset.samples if size == "full" else size

    @property
    def relative_rate(self) -> float:
        """Return the learning rate beside a usual one, with momentum and summed losses counted in."""
        optimizer = self.experiment.optimizer
        if kind_of(optimizer) != "sgd":
            return optimizer.learning_rate / USUAL_ADAPTIVE_RATE
        rate = optimizer.learning_rate / USUAL_RATE / (1.0 - getattr(optimizer, "momentum", 0.0))
        summed = getattr(self.experiment.loss, "reduction", "mean") == "sum"
        return rate * (self.batch if summed else 1)

    @cached_property
    def start(self) -> Start:
        """Return how it is at step 0."""
        return Start(self.experiment, self.dataset)

    def changed(self, changes: Sequence[Change]) -> Experiment | None:
        """Return the experiment with changes; None where it would make no sense."""
        try:
            return with_changes(self.experiment, list(changes))
        except ExperimentError:
            return None


def _column_sizes(values: Floats) -> Floats:
    return np.array([root_mean_square(column) for column in values.T])


class Start:
    """An experiment at step 0: its health, what can ever move and part, and the sizes of its weights."""

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self._experiment, self._dataset = experiment, dataset
        self._trainer = trainer = Trainer(experiment, dataset)
        self.health: Health = HealthCheck(trainer).look()
        self.predictions: tuple[LayerPrediction, ...] = predict(trainer)
        self.movements: list[Movement] = movements(trainer)
        self.gains = [_gain(block.weights(trainer.theta)) for block in trainer.layout.blocks]
        self.shifts = [_shift(block.weights(trainer.theta)) for block in trainer.layout.blocks]
        self.all_zero = [not block.weights(trainer.theta).any() for block in trainer.layout.blocks]

    @property
    def still(self) -> list[bool]:
        """Return which layers no gradient ever moves."""
        return [not movement.first_update.any() for movement in self.movements]

    @cached_property
    def dead_layers(self) -> list[int]:
        """Return which hidden layers (numbers from 1) are off for every sample."""
        return dead_layers(self.health)

    @cached_property
    def dead_seeds(self) -> dict[int, int]:
        """Return which of the next `DEAD_SEEDS` seeds start with a dead layer, and its number (from 1).

        Of several it is the first: all after it only pass that on.
        """
        found: dict[int, int] = {}
        if not any(layer.dead is not None for layer in self.health.layers[:-1]):
            return found
        check, first = HealthCheck(self._trainer), self._experiment.seed
        for seed in range(first, first + DEAD_SEEDS):
            self._trainer.begin(msgspec.structs.replace(self._experiment, seed=seed % 2**32))
            dead = _dead(check.layers())
            if dead:
                found[seed % 2**32] = dead[0]
        self._trainer.begin(self._experiment)
        return found

    def begins_anew(self) -> bool:
        """Return whether another seed gives other weights."""
        other = msgspec.structs.replace(self._experiment, seed=(self._experiment.seed + 1) % 2**32)
        theta = starting_parameters(other, self._trainer.layout, self._dataset)
        return not np.array_equal(theta, self._trainer.initial_state[: len(theta)])


def _gain(weights: Floats) -> float:
    """Return the root mean square of W (fan_in, fan_out) times √fan_in: about 1 keeps the size of a signal."""
    return root_mean_square(weights) * len(weights) ** 0.5


FEWEST_WEIGHTS = 8
"""Of fewer weights the mean is away from 0 by chance."""


def _shift(weights: Floats) -> float:
    """Return by how many deviations the mean of W is away from 0; 0 where all are equal or few."""
    spread = float(deviation(weights))
    if spread == 0.0 or weights.size < FEWEST_WEIGHTS:
        return 0.0
    return abs(float(weights.mean())) / spread


MOST_DEAD = 0.95
"""A layer is called dead where at least this share of its neurons is off for every sample."""


def dead_layers(health: Health) -> list[int]:
    """Return which hidden layers (numbers from 1) of a look are off for every sample."""
    return _dead(health.layers)


def _dead(layers: Sequence[LayerHealth]) -> list[int]:
    return [
        number
        for number, layer in enumerate(layers[:-1], start=1)
        if layer.dead is not None and layer.dead >= MOST_DEAD
    ]
