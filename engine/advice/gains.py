"""How much of a signal each layer passes on at the start, and how much of a gradient: measured, and as theory expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from statistics import median

import msgspec
import numpy as np

from engine.core.norms import root_mean_square
from engine.datasets import Dataset
from engine.experiments.experiment import Batch, Experiment
from engine.symmetry.prediction import predict
from engine.training.trainer import Trainer

MOST_SAMPLES = 512
"""The most training samples on which a start is looked at."""


@dataclass(frozen=True)
class Gains:
    """What each layer does to variances, the first layer first.

    Variances are those over draws of the weights, which have the mean 0: mean squares over samples and neurons.
    `forward` is that of z beside that of the z before it, of layer 1 beside that of the inputs. `backward` is that of dZ
    beside that of the layer behind it; for the last layer, where gradients begin, it is 1. Of a normalized layer it
    is z as the activation gets it that counts, and its gradient: how large the weights are says nothing there.
    """

    forward: tuple[float, ...]
    backward: tuple[float, ...]

    @property
    def signal(self) -> float:
        """Return the gain from the inputs to the last z."""
        return prod(self.forward)

    @property
    def gradient(self) -> float:
        """Return the gain from the last dZ to the first."""
        return prod(self.backward)


class Look:
    """Looks at starts of one network on some of its samples, all in one batch."""

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        some = Dataset(dataset.x_train[:MOST_SAMPLES], dataset.y_train[:MOST_SAMPLES])
        self._trainer = Trainer(msgspec.structs.replace(experiment, batch=Batch()), some)
        self.input_square = _squared(root_mean_square(some.x_train))
        self.widths = experiment.widths(dataset)

    def at_start(self, experiment: Experiment, seed: int) -> Trainer:
        """Return the live trainer of an experiment that differs in its start only, at step 0 from a seed."""
        self._trainer.begin(msgspec.structs.replace(experiment, seed=seed, batch=Batch()))
        return self._trainer

    def gains(self, experiment: Experiment, seeds: Sequence[int]) -> Gains:
        """Return the gains of an experiment that differs in its start only: the medians over seeds."""
        found = [self._gains_of(self.at_start(experiment, seed)) for seed in seeds]
        forward = zip(*(gains.forward for gains in found), strict=True)
        backward = zip(*(gains.backward for gains in found), strict=True)
        return Gains(tuple(map(median, forward)), tuple(map(median, backward)))

    def stays_equal(self, experiment: Experiment) -> bool:
        """Return whether the neurons of a hidden layer start equal, and no training parts them."""
        trainer = self.at_start(experiment, experiment.seed)
        hidden = predict(trainer)[:-1]
        return any(
            layer.columns == 1 < width and -1 not in trainer.layout.chain(layer.layer - 1)
            for layer, width in zip(hidden, self.widths[1:], strict=False)
        )

    def _gains_of(self, trainer: Trainer) -> Gains:
        layers = trainer.gradient_over_all_samples().layers
        with np.errstate(all="ignore"):
            sizes = [self.input_square**0.5, *(root_mean_square(layer.u) for layer in layers)]
            deltas = [root_mean_square(layer.u_delta) for layer in layers]
            forward = [_ratio(after, before) for before, after in pairwise(sizes)]
            backward = [_ratio(before, after) for before, after in pairwise(deltas)]
        return Gains(tuple(forward), (*backward, 1.0))


def _ratio(size: float, other: float) -> float:
    """Return how much larger a variance is, from deviations; of nothing nothing is left."""
    return _squared(size / other) if other > 0 else 0.0


def _squared(size: float) -> float:
    """Return a square, infinite where it is too large: a power would be an error there."""
    return size * size
