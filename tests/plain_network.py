"""One step of a network in plain NumPy, written from the textbook: an oracle for what the program says of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.core.arrays import Floats
from engine.core.registry import kind_of
from engine.training.trainer import Trainer

Function = Callable[[Floats], Floats]

GELU = np.sqrt(2 / np.pi)
SELU, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def gelu_slope(z: Floats) -> Floats:
    t = np.tanh(GELU * (z + 0.044715 * z**3))
    return (1 + t) / 2 + z / 2 * (1 - t * t) * GELU * (1 + 3 * 0.044715 * z * z)


SLOPES: dict[str, Function] = {
    "identity": np.ones_like,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "relu": lambda z: (z > 0) * 1.0,
    "leaky-relu": lambda z: np.where(z > 0, 1.0, 0.01),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "selu": lambda z: SELU * np.where(z > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0))),
    "gelu": gelu_slope,
    "silu": lambda z: sigmoid(z) * (1 + z * sigmoid(-z)),
    "softplus": sigmoid,
    "softsign": lambda z: 1 / (1 + abs(z)) ** 2,
    "hard-sigmoid": lambda z: (abs(z) < 3) / 6,
    "hard-tanh": lambda z: (abs(z) < 1) * 1.0,
    "exponential": np.exp,
    "sine": np.cos,
}


@dataclass(frozen=True)
class PlainLayer:
    """One layer: what feeds it (samples, fan_in), W and z, a, dA and dZ (samples, fan_out); W is (fan_in, fan_out)."""

    kind: str
    inputs: Floats
    weights: Floats
    z: Floats
    a: Floats
    error: Floats
    delta: Floats

    @property
    def gradient(self) -> Floats:
        """Return the gradient of the loss with respect to W (fan_in, fan_out)."""
        return self.inputs.T @ self.delta


def plain_step(trainer: Trainer) -> list[PlainLayer]:
    """Return the layers of the trainer's step in float64: z, a, batch and dropout masks are those of the program."""
    layers = trainer.experiment.network.layers
    arrays = trainer.step.layers
    batch = trainer.step.batch
    targets = trainer.dataset.y_train if batch is None else trainer.dataset.y_train[batch]
    found: list[PlainLayer] = []
    error = np.zeros(0)
    for index in range(len(layers) - 1, -1, -1):
        kind, z, a = (
            kind_of(layers[index].activation),
            *(np.array(x, float) for x in (arrays[index].z, arrays[index].a)),
        )
        if index == len(layers) - 1:
            error = a - targets.astype(trainer.experiment.float_type)
            delta = _output_delta(trainer, kind, z, a, error)
        else:
            error = found[0].delta @ found[0].weights.T
            mask = arrays[index].mask
            error = error if mask is None else error * mask
            delta = _behind(kind, z, a, error)
        inputs, weights = (np.array(x, float) for x in (arrays[index].inputs, arrays[index].weights))
        found.insert(0, PlainLayer(kind, inputs, weights, z, a, error, delta))
    return found


def _output_delta(trainer: Trainer, kind: str, z: Floats, a: Floats, error: Floats) -> Floats:
    share = error / len(error)
    if kind_of(trainer.experiment.loss) != "squared-error":
        return share
    return _behind(kind, z, a, share)


def _behind(kind: str, z: Floats, a: Floats, error: Floats) -> Floats:
    """Return dZ (samples, units) of an activation whose dA is `error`."""
    if kind == "softmax":
        return a * (error - (error * a).sum(axis=1, keepdims=True))
    return error * SLOPES[kind](z)
