"""What theory says of a start: how signals grow from layer to layer, forward and backward, and how deep they reach.

Mean-field theory of wide networks (Poole et al. 2016, Schoenholz et al. 2017): with weights of variance σw²/fan_in and
biases of variance σb², the variance q of z goes to a fixed point q = σw²·E f(√q·u)² + σb², u normal, and gradients are
multiplied by χ = σw²·E f'(√q·u)² in each layer. χ = 1 is critical: signals reach any depth; else about 1/|ln χ| layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, log

import msgspec
import numpy as np

from engine.compile.compiler import compile_step, over_all_samples
from engine.compile.step import Step
from engine.core.arrays import Floats
from engine.core.norms import deviation, root_mean_square
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.kinds.activation import Activation
from engine.tape.instructions import Phase
from engine.tape.writer import TapeWriter
from engine.training.first_state import starting_parameters

POINTS = 2000
"""The points at which expectations are summed, from -8 to 8 deviations; an even number: none on the kink of ReLU."""

ROUNDS = 500
"""The layers after which the variance is taken for its fixed point."""

LARGEST = 1e12
"""A variance above this grows without end; there, activations are what they are far from 0."""

SEEDS = 5
"""The seeds over which gains are averaged."""

MOST_SAMPLES = 512

SETTLED = 1e-9
"""The variance has come to its fixed point where a layer changes it by less than this share."""

STRONGEST, HALVINGS = 10.0, 40
"""Up to which σw a critical one is looked for, and how often the interval is halved."""


@dataclass(frozen=True)
class Gains:
    """How a start changes signals: layer by layer z beside what enters (`forward`), and dZ beside that of the next
    layer (`backward`, 1 for the output layer). Both are ratios of sizes, as geometric means over some seeds.
    """

    forward: tuple[float, ...]
    backward: tuple[float, ...]

    def per_layer(self) -> tuple[float, float]:
        """Return the geometric means over the layers behind the first one; 1 where there is only one."""
        return _mean(self.forward[1:]), _mean(self.backward[:-1])


@dataclass(frozen=True)
class MeanField:
    """χ of the hidden layers and the depth that signals reach; `critical` is the σw with χ = 1 without biases, if any."""

    chi: float
    depth_scale: float
    critical: float | None


def gains_of(experiment: Experiment, dataset: Dataset) -> Gains:
    """Return how the start of an experiment changes signals, over some seeds and samples."""
    x, y = dataset.x_train[:MOST_SAMPLES], dataset.y_train[:MOST_SAMPLES]
    layout = experiment.layout(dataset.inputs)
    step = compile_step(over_all_samples(experiment), layout, x, y)
    rows: list[tuple[list[float], list[float]]] = []
    for number in range(SEEDS):
        other = msgspec.structs.replace(experiment, seed=(experiment.seed + number) % 2**32)
        theta = starting_parameters(other, layout, dataset)
        with np.errstate(all="ignore"):
            step.run(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, theta=theta)
            rows.append(_sizes(step, root_mean_square(x)))
    forward = np.array([row[0] for row in rows])
    backward = np.array([row[1] for row in rows])
    return Gains(_geometric(forward), _geometric(backward))


def _sizes(step: Step, inputs: float) -> tuple[list[float], list[float]]:
    sizes = [inputs, *(float(deviation(layer.z)) for layer in step.layers)]
    deltas = [root_mean_square(layer.delta) for layer in step.layers]
    forward = [_ratio(size, before) for before, size in pairwise(sizes)]
    backward = [*(_ratio(delta, later) for delta, later in pairwise(deltas)), 1.0]
    return forward, backward


def _ratio(size: float, before: float) -> float:
    return size / before if before > 0 and np.isfinite(size) else 0.0


def _geometric(rows: Floats) -> tuple[float, ...]:
    """Return the geometric mean of each column of (seeds, layers)."""
    with np.errstate(divide="ignore"):
        return tuple(np.exp(np.log(rows).mean(axis=0)).tolist())


def _mean(ratios: tuple[float, ...]) -> float:
    return _geometric(np.array([ratios]).T)[0] if ratios else 1.0


class Responses:
    """f and f' of an activation at normal inputs of any variance."""

    def __init__(self, activation: Activation) -> None:
        nodes = np.linspace(-8.0, 8.0, POINTS)
        weights = np.exp(-0.5 * nodes**2)
        self._nodes, self._weights = nodes[:, np.newaxis], weights / weights.sum()
        tape = TapeWriter(np.dtype(np.float64))
        for name in ("z", "a", "da", "dz"):
            tape.arrays[name] = np.ones_like(self._nodes)
        activation.write_forward(tape, "z", "a")
        activation.write_backward(tape, "z", "a", "da", "dz")
        self._arrays, self._instructions = tape.arrays, tape.instructions

    def squares(self, variance: float) -> tuple[float, float]:
        """Return E f(z)² and E f'(z)² for normal z of a variance."""
        self._arrays["z"][...] = self._nodes * variance**0.5
        self._arrays["da"][...] = 1.0
        with np.errstate(all="ignore"):
            for instruction in self._instructions:
                instruction.call()
            a, slope = self._arrays["a"][:, 0], self._arrays["dz"][:, 0]
            return float(self._weights @ a**2), float(self._weights @ slope**2)

    def chi(self, weights: float, biases: float = 0.0, start: float = 1.0) -> float:
        """Return χ for σw² = `weights` and σb² = `biases`, at the fixed point of the variance."""
        variance = start
        for _ in range(ROUNDS):
            before, variance = variance, weights * self.squares(variance)[0] + biases
            if not variance < LARGEST or abs(variance - before) <= SETTLED * before:
                break
        return weights * self.squares(variance)[1]

    def critical(self) -> float | None:
        """Return the smallest σw with χ = 1 without biases; None where no weights carry a signal."""
        low, high = 0.0, STRONGEST
        if self.chi(high**2) < 1.0:
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.chi(middle**2) < 1.0 else (low, middle)
        return high


def mean_field(experiment: Experiment, dataset: Dataset) -> MeanField | None:
    """Return χ and depth of the hidden layers as they start; None without hidden layers of one neuron each."""
    hidden = experiment.network.layers[:-1]
    if not hidden or hidden[-1].activation.mixes_units:
        return None
    weights, biases = _variances(experiment, dataset)
    responses = Responses(hidden[-1].activation)
    chi = responses.chi(weights, biases)
    return MeanField(chi, _depth(chi), responses.critical())


def _variances(experiment: Experiment, dataset: Dataset) -> tuple[float, float]:
    """Return σw² and σb² of the hidden layers that follow a hidden layer, or of the only one, over some seeds."""
    layout = experiment.layout(dataset.inputs)
    blocks = layout.blocks[1:-1] or layout.blocks[:1]
    weights, biases = list[float](), list[float]()
    for number in range(SEEDS):
        other = msgspec.structs.replace(experiment, seed=(experiment.seed + number) % 2**32)
        theta = starting_parameters(other, layout, dataset)
        weights += [root_mean_square(block.weights(theta)) ** 2 * block.fan_in for block in blocks]
        given = [block.biases(theta) for block in blocks]
        biases += [0.0 if found is None else root_mean_square(found) ** 2 for found in given]
    return float(np.mean(weights)), float(np.mean(biases))


def _depth(chi: float) -> float:
    if chi in {0.0, inf}:
        return 0.0
    distance = abs(log(chi))
    return 1.0 / distance if distance > 0 else inf
