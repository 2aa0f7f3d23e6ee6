"""What mean-field theory says of one network and its start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import exp, log, sqrt

import numpy as np

from engine.advice.gains import Gains
from engine.advice.mean_field import MeanField, depth_scale
from engine.core.arrays import Floats
from engine.core.norms import deviation
from engine.kinds.initializer import Initializer
from engine.training.trainer import Trainer

field_of = cache(MeanField)


@dataclass(frozen=True)
class Theory:
    """What is expected of a network between its hidden layers.

    `chi` is the factor by which the mean square of a gradient is multiplied from layer to layer, `critical` the σw that
    makes it 1 where the biases have the deviation `biases`, `expected` the gains of all layers. None where theory says
    nothing: without hidden layers, where units are mixed, of weights or biases that are not spread around 0, and where
    layers are normalized or residual (`is_beyond`).
    """

    chi: float | None = None
    critical: float | None = None
    biases: float = 0.0
    expected: Gains | None = None
    is_beyond: bool = False

    @property
    def depth_scale(self) -> float | None:
        """Return over how many layers a gradient grows or shrinks by the factor e."""
        return None if self.chi is None else depth_scale(self.chi)


def theory_of(trainer: Trainer, input_square: float) -> Theory:
    """Return what is expected of a network as it starts, with inputs of this mean square."""
    hidden = trainer.experiment.network.layers[:-1]
    if any(layer.normalize or layer.residual for layer in hidden):
        return Theory(is_beyond=True)
    if not hidden or any(layer.activation.mixes_units for layer in hidden):
        return Theory()
    weights, biases = _variances(trainer)
    known = [variance for variance in biases if variance is not None]
    if len(known) < len(biases):
        return Theory()
    inner = _inner(len(biases))
    square = sum(known[number] for number in inner) / len(inner)
    critical = field_of(hidden[0].activation).critical(square)
    spread = [variance for variance in weights if variance is not None]
    if len(spread) < len(weights):
        return Theory(critical=critical, biases=sqrt(square))
    fields = [field_of(layer.activation) for layer in hidden]
    chis = [fields[number - 1].chi(spread[number], known[number]) for number in inner]
    chi = exp(sum(map(log, chis)) / len(chis)) if min(chis) > 0 else 0.0
    expected = _expected(trainer, fields, spread, known, input_square)
    return Theory(chi, critical, sqrt(square), expected)


def _inner(count: int) -> range:
    """Return the numbers (from 0) of the layers between hidden ones; of a single hidden layer, that behind it."""
    return range(1, count - 1) if count > 2 else range(1, 2)


def _variances(trainer: Trainer) -> tuple[list[float | None], list[float | None]]:
    """Return σw² and σb² of every layer, None where values are not spread around 0."""
    layers, blocks = trainer.experiment.network.layers, trainer.layout.blocks
    weights: list[float | None] = []
    biases: list[float | None] = []
    for layer, block in zip(layers, blocks, strict=True):
        fans, theta = (block.fan_in, block.fan_out), trainer.theta
        square = _variance(layer.weights, block.weights(theta), *fans)
        weights.append(None if square is None else block.fan_in * square)
        drawn = block.biases(theta)
        biases.append(0.0 if layer.biases is None or drawn is None else _variance(layer.biases, drawn, *fans))
    return weights, biases


def _variance(initializer: Initializer, values: Floats, fan_in: int, fan_out: int) -> float | None:
    """Return the variance that an initializer has, or, where it does not say, that of its `values` around 0."""
    known = initializer.variance(fan_in, fan_out)
    if known is not None:
        return known
    spread = float(deviation(values))
    return spread**2 if spread > abs(float(np.mean(values))) else None


def _expected(
    trainer: Trainer, fields: Sequence[MeanField], weights: list[float], biases: list[float], square: float
) -> Gains:
    """Return the gains that theory expects from σw² and σb² of every layer and the mean square of the inputs."""
    sizes = list(_sizes(fields, weights, biases, square))
    forward = [after / before if before else 0.0 for before, after in pairwise([square, *sizes])]
    backward: list[float] = []
    for number, field in enumerate(fields):
        block = trainer.layout.blocks[number + 1]
        slope = field.sizes(sizes[number])[1]
        backward.append(weights[number + 1] * block.fan_out / block.fan_in * slope)
    return Gains(tuple(forward), (*backward, 1.0))


def _sizes(
    fields: Sequence[MeanField], weights: list[float], biases: list[float], square: float
) -> Iterator[float]:
    """Yield the mean square of z of every layer."""
    size = weights[0] * square + biases[0]
    yield size
    for field, weight, bias in zip(fields, weights[1:], biases[1:], strict=True):
        size = field.next_size(size, weight, bias)
        yield size
