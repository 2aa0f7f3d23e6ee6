"""Other programs that do the same updates as this engine, and the way all are measured: in turns.

Every peer is what its users write: it records nothing, and plain NumPy computes no loss. `train(steps)` is the common
word, of this engine's `Lab` too, which records every step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.model.optimizers import Sgd
from engine.session.lane import Lane
from engine.training.draws import BatchOrder

Parameters = dict[str, Floats]

BATCHES = 1000
"""Peers go round so many batches, drawn beforehand."""


class Trains(Protocol):
    def train(self, steps: int) -> object: ...


def measured_in_turns(*programs: Trains, rounds: int, steps_per_round: int, warm_up: int = 10) -> list[float]:
    """Return the median seconds of a step of each, measured in rounds that take turns, so that all see the same load."""
    with np.errstate(all="ignore"):
        times = [
            [_seconds_per_step(program, steps_per_round) for program in programs]
            for _ in range(warm_up + rounds)
        ]
    return [median(mine) for mine in zip(*times[warm_up:], strict=True)]


def _seconds_per_step(program: Trains, steps: int) -> float:
    started = perf_counter()
    program.train(steps)
    return (perf_counter() - started) / steps


class Peer(ABC):
    """A program that starts from the weights of a lane and does its updates."""

    def __init__(self, lane: Lane) -> None:
        experiment, dataset = lane.trainer.experiment, lane.trainer.dataset
        assert isinstance(experiment.optimizer, Sgd)
        self.learning_rate, self.weight_decay = experiment.optimizer.learning_rate, experiment.weight_decay
        self.X, self.Y = dataset.x_train, dataset.y_train
        self.steps = count()
        self.batches: list[Any] = [slice(None)]
        size = experiment.batch.size
        if size != "full":
            order = BatchOrder(dataset.samples, size, experiment.seed, shuffle=experiment.batch.shuffle)
            self.batches = [order.indices(step).copy() for step in range(BATCHES)]

    def next_batch(self) -> Any:
        return self.batches[next(self.steps) % len(self.batches)]

    def train(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    @abstractmethod
    def step(self) -> None: ...

    @abstractmethod
    def parameters(self) -> Parameters:
        """Return W1, b1, … as arrays (fan_in, fan_out) and (fan_out,)."""


def parameters_of(lane: Lane) -> Parameters:
    """Return the parameters of a lane in the form of `Peer.parameters`."""
    found: Parameters = {}
    for number, block in enumerate(lane.trainer.layout.blocks, start=1):
        biases = block.biases(lane.trainer.theta)
        assert biases is not None
        found[f"W{number}"] = np.array(block.weights(lane.trainer.theta), order="C")
        found[f"b{number}"] = biases.copy()
    return found


# Plain NumPy: a perceptron of sigmoid layers and softmax as it stands in many a forum post


def sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class PlainNumpy(Peer):
    """Samples as rows; `np.outer` for single samples, which is quicker than a product of matrices."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        ours = parameters_of(lane)
        self.layers = len(ours) // 2
        self.W = [ours[f"W{number}"] for number in range(1, self.layers + 1)]
        self.b = [ours[f"b{number}"] for number in range(1, self.layers + 1)]

    def step(self) -> None:
        batch = self.next_batch()
        X, Y = self.X[batch], self.Y[batch]
        A = [X]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            A.append(sigmoid(A[-1] @ W + b))
        dZ = (softmax(A[-1] @ self.W[-1] + self.b[-1]) - Y) / len(X)
        for k in reversed(range(self.layers)):
            dW = np.outer(A[k], dZ) if len(X) == 1 else A[k].T @ dZ
            db = dZ.sum(axis=0)
            if self.weight_decay:
                dW = dW + self.weight_decay * self.W[k]
            if k > 0:
                dZ = dZ @ self.W[k].T * A[k] * (1 - A[k])
            self.W[k] -= self.learning_rate * dW
            self.b[k] -= self.learning_rate * db

    def parameters(self) -> Parameters:
        found = {f"W{number}": W for number, W in enumerate(self.W, start=1)}
        return found | {f"b{number}": b for number, b in enumerate(self.b, start=1)}


# The program of document 002 for 2-10-5-1, samples as columns


def relu(z: Floats) -> Floats:
    return np.maximum(0, z)


def forward_propagation(X: Floats, parameters: Parameters) -> tuple[Floats, tuple[Floats, ...]]:
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)


def compute_loss(A3: Floats, Y: Floats) -> float:
    m = Y.shape[1]
    logprobs = np.multiply(-np.log(A3), Y) + np.multiply(-np.log(1 - A3), 1 - Y)
    return float(1.0 / m * np.nansum(logprobs))


def backward_propagation(X: Floats, Y: Floats, cache: tuple[Floats, ...]) -> Parameters:
    m = X.shape[1]
    _, A1, _, _, _, A2, W2, _, _, A3, W3, _ = cache
    dZ3 = 1.0 / m * (A3 - Y)
    dW3 = np.dot(dZ3, A2.T)
    db3 = np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW3": dW3, "db3": db3, "dW2": dW2, "db2": db2, "dW1": dW1, "db1": db1}


def update_parameters(parameters: Parameters, grads: Parameters, learning_rate: float) -> Parameters:
    for k in range(len(parameters) // 2):
        parameters["W" + str(k + 1)] = parameters["W" + str(k + 1)] - learning_rate * grads["dW" + str(k + 1)]
        parameters["b" + str(k + 1)] = parameters["b" + str(k + 1)] - learning_rate * grads["db" + str(k + 1)]
    return parameters


class CirclesProgram(Peer):
    """The loop of the document; one `step` is one of its iterations, without its loss."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.X, self.Y = np.array(self.X.T, order="C"), np.array(self.Y.T, order="C")
        ours = parameters_of(lane)
        self.theirs = {
            name: np.array(value.reshape(-1, value.shape[-1]).T, order="C") for name, value in ours.items()
        }

    def step(self) -> None:
        _, cache = forward_propagation(self.X, self.theirs)
        self._update(cache)

    def _update(self, cache: tuple[Floats, ...]) -> None:
        grads = backward_propagation(self.X, self.Y, cache)
        self.theirs = update_parameters(self.theirs, grads, self.learning_rate)

    def parameters(self) -> Parameters:
        return {
            name: value.T if name.startswith("W") else value.ravel() for name, value in self.theirs.items()
        }


class CirclesProgramWithLoss(CirclesProgram):
    def step(self) -> None:
        A3, cache = forward_propagation(self.X, self.theirs)
        compute_loss(A3, self.Y)
        self._update(cache)


# Libraries


class PyTorch(Peer):
    """Modules, a loss and `torch.optim.SGD`, eager, on one thread."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.torch = torch = pytest.importorskip(
            "torch", reason="PyTorch is not here: pip install -e '.[peers]'"
        )
        torch.set_num_threads(1)
        layers = lane.trainer.experiment.network.layers
        self.linear = [self._linear(W, b) for W, b in _pairs(parameters_of(lane))]
        hidden = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}
        modules = [self.linear[0]]
        for layer, linear in zip(layers[:-1], self.linear[1:], strict=True):
            modules += [hidden[str(layer.activation.__struct_config__.tag)](), linear]
        self.model = torch.nn.Sequential(*modules)
        classes = self.Y.shape[1] > 1
        self.loss = torch.nn.CrossEntropyLoss() if classes else torch.nn.BCEWithLogitsLoss()
        self.X = torch.tensor(self.X)
        self.Y = torch.tensor(self.Y.argmax(axis=1) if classes else self.Y)
        self.batches = [batch if isinstance(batch, slice) else torch.tensor(batch) for batch in self.batches]
        weights = {"params": [linear.weight for linear in self.linear], "weight_decay": self.weight_decay}
        biases = {"params": [linear.bias for linear in self.linear]}
        self.optimizer = torch.optim.SGD([weights, biases], lr=self.learning_rate)

    def _linear(self, W: Floats, b: Floats) -> Any:
        linear = self.torch.nn.Linear(*W.shape, dtype=self.torch.float64)
        linear.weight.data, linear.bias.data = self.torch.tensor(W.T.copy()), self.torch.tensor(b)
        return linear

    def step(self) -> None:
        batch = self.next_batch()
        self.optimizer.zero_grad()
        self.loss(self.model(self.X[batch]), self.Y[batch]).backward()
        self.optimizer.step()

    def parameters(self) -> Parameters:
        found = {f"W{n}": linear.weight.detach().numpy().T for n, linear in enumerate(self.linear, start=1)}
        return found | {
            f"b{n}": linear.bias.detach().numpy() for n, linear in enumerate(self.linear, start=1)
        }


class ScikitLearn(Peer):
    """`MLPClassifier.partial_fit` on the full batch; one call is one update."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not here")
        self.y = self.Y.ravel().astype(int)
        self.model = networks.MLPClassifier(
            hidden_layer_sizes=tuple(layer.units for layer in lane.trainer.experiment.network.layers[:-1]),
            activation="relu",
            solver="sgd",
            alpha=0.0,
            batch_size=len(self.y),
            learning_rate_init=self.learning_rate,
            momentum=0.0,
            shuffle=False,
        )
        self.model.partial_fit(self.X, self.y, classes=[0, 1])
        for number, (W, b) in enumerate(_pairs(parameters_of(lane))):
            self.model.coefs_[number][...], self.model.intercepts_[number][...] = W, b

    def step(self) -> None:
        self.model.partial_fit(self.X, self.y)

    def parameters(self) -> Parameters:
        found = {f"W{number}": W for number, W in enumerate(self.model.coefs_, start=1)}
        return found | {f"b{number}": b for number, b in enumerate(self.model.intercepts_, start=1)}


def _pairs(parameters: Parameters) -> list[tuple[Floats, Floats]]:
    numbers = range(1, len(parameters) // 2 + 1)
    return [(parameters[f"W{number}"], parameters[f"b{number}"]) for number in numbers]
