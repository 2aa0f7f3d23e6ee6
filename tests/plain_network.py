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
    """One layer: what feeds it (samples, fan_in), W and z, a, dA and dZ (samples, fan_out); W is (fan_in, fan_out).

    `u` is what the activation gets, and `u_delta` its gradient: z and dZ unless the layer is normalized. Of a normalized
    layer `normalized_size` is how large dZ would be at the most if nothing of dU were taken away.
    """

    kind: str
    inputs: Floats
    weights: Floats
    z: Floats
    a: Floats
    error: Floats
    delta: Floats
    u: Floats
    u_delta: Floats
    normalized_size: float = 0.0

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
        kind, z, u, a = (
            kind_of(layers[index].activation),
            *(np.array(x, float) for x in (arrays[index].z, arrays[index].u, arrays[index].f)),
        )
        if index == len(layers) - 1:
            error = a - targets.astype(trainer.experiment.float_type)
            delta = _output_delta(trainer, kind, z, a, error)
        else:
            error = found[0].delta @ found[0].weights.T
            error = error + found[0].error if layers[index + 1].residual else error
            mask = arrays[index].mask
            error = error if mask is None else error * mask
            delta = _behind(kind, u, a, error)
        u_delta, size = delta, 0.0
        if layers[index].normalize is not None:
            norm = trainer.layout.norms[index]
            scales = norm.learnt(np.array(trainer.theta, float))[0]
            delta, size = _before_norm(layers[index].normalize, z, scales * u_delta)
        inputs, weights = (np.array(x, float) for x in (arrays[index].inputs, arrays[index].weights))
        found.insert(0, PlainLayer(kind, inputs, weights, z, a, error, delta, u, u_delta, size))
    return found


def _before_norm(kind: str, z: Floats, error: Floats) -> tuple[Floats, float]:
    """Return dZ (samples, units) of a normalization with the gradient `error` behind it, and how large it could be.

    It is the derivative of (z - mean) / √(variance + ε) written out (Ioffe and Szegedy 2015, section 3).
    """
    axis = 0 if kind == "batch" else 1
    count = z.shape[axis]
    centred = z - z.mean(axis, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis, keepdims=True) + 1e-5)
    of_variance = (error * centred).sum(axis, keepdims=True) * -0.5 * inverse**3
    of_mean = -(error * inverse).sum(axis, keepdims=True) - 2 * of_variance * centred.mean(
        axis, keepdims=True
    )
    delta = error * inverse + of_variance * 2 * centred / count + of_mean / count
    return delta, float(np.abs(error * inverse).max() * (1 + count))


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
