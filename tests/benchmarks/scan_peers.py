"""A textbook step of any network of these benchmarks: by plain NumPy, and compiled by JAX into a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.core.registry import kind_of
from engine.session.lane import Lane
from tests.benchmarks.peers import Parameters, Peer, relu, sigmoid, softmax


def tanh_slope(a: Any) -> Any:
    return 1 - a * a


def sigmoid_slope(a: Any) -> Any:
    return a * (1 - a)


def relu_slope(a: Any) -> Any:
    return a > 0


SLOPES: dict[str, Callable[[Any], Any]] = {"tanh": tanh_slope, "sigmoid": sigmoid_slope, "relu": relu_slope}


class AnyNetwork(Peer):
    """Samples as rows, with any activations and losses of these benchmarks; `biases` may be missing."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        experiment, layout = lane.trainer.experiment, lane.trainer.layout
        self.activations = [kind_of(layer.activation) for layer in experiment.network.layers]
        self.squares = kind_of(experiment.loss) == "squared-error"
        self.divisor = 1 if getattr(experiment.loss, "reduction", "mean") == "sum" else None
        theta = lane.trainer.theta
        self.W = [np.array(block.weights(theta), order="C") for block in layout.blocks]
        found = [block.biases(theta) for block in layout.blocks]
        self.b = [np.zeros(len(W.T)) if b is None else b.copy() for W, b in zip(self.W, found, strict=True)]
        self.learns_biases = [b is not None for b in found]
        self.apply: dict[str, Callable[[Any], Any]] = {
            "tanh": np.tanh,
            "sigmoid": sigmoid,
            "relu": relu,
            "softmax": softmax,
        }

    def updated(self, W: list[Any], b: list[Any], X: Any, Y: Any) -> tuple[list[Any], list[Any], Any]:
        """Return the parameters after an update by gradients as textbooks derive them, and the outputs before it."""
        A = [X]
        for number, name in enumerate(self.activations):
            A.append(self.apply[name](A[-1] @ W[number] + b[number]))
        dZ = (A[-1] - Y) / (self.divisor or len(X))
        if self.squares:
            dZ = dZ * SLOPES[self.activations[-1]](A[-1])
        W, b = list(W), list(b)
        for k in reversed(range(len(W))):
            dW, db = A[k].T @ dZ, dZ.sum(axis=0)
            if self.weight_decay:
                dW = dW + self.weight_decay * W[k]
            if k > 0:
                dZ = (dZ @ W[k].T) * SLOPES[self.activations[k - 1]](A[k])
            W[k] = W[k] - self.learning_rate * dW
            if self.learns_biases[k]:
                b[k] = b[k] - self.learning_rate * db
        return W, b, A[-1]

    def step(self) -> None:
        batch = self.next_batch()
        self.W, self.b, _ = self.updated(self.W, self.b, self.X[batch], self.Y[batch])

    def parameters(self) -> Parameters:
        found = {f"W{number}": np.asarray(W) for number, W in enumerate(self.W, start=1)}
        return found | {f"b{number}": np.asarray(b) for number, b in enumerate(self.b, start=1)}


class JaxScan(AnyNetwork):
    """The same step compiled by XLA; all steps of a round are one `lax.scan`, which records every state and loss."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.jax = jax = pytest.importorskip("jax", reason="JAX is not here: pip install -e '.[peers]'")
        jax.config.update("jax_enable_x64", True)
        self.apply = {
            "tanh": jax.numpy.tanh,
            "sigmoid": jax.nn.sigmoid,
            "relu": jax.nn.relu,
            "softmax": jax.nn.softmax,
        }
        X, Y = jax.numpy.asarray(self.X), jax.numpy.asarray(self.Y)

        def one(state: Any, batch: Any) -> Any:
            x, y = (X, Y) if batch is None else (X[batch], Y[batch])
            W, b, A = self.updated(*state, x, y)
            return (W, b), (state, self.loss(A, y))

        def several(state: Any, batches: Any, length: int) -> Any:
            return jax.lax.scan(one, state, batches, length)

        self.several = jax.jit(several, static_argnums=2)

    def loss(self, A: Any, Y: Any) -> Any:
        np = self.jax.numpy
        if self.squares:
            return 0.5 * ((A - Y) ** 2).sum() / (self.divisor or len(Y))
        if A.shape[1] > 1:
            return -(Y * np.log(A)).sum() / len(Y)
        return -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum() / len(Y)

    def train(self, steps: int) -> None:
        batches = [self.next_batch() for _ in range(steps)]
        chosen = None if isinstance(batches[0], slice) else np.array(batches)
        state, self.recorded = self.jax.block_until_ready(self.several((self.W, self.b), chosen, steps))
        self.W, self.b = state
