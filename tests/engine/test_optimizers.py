"""Optimizers against numbers worked out by hand, and against the rules as PyTorch's documentation states them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.training.trainer import Trainer
from tests.builders import NO_BIASES, advance, constant, experiment, layer, table, trainer_of

SQUARED_SUM = {"kind": "squared-error", "reduction": "sum"}
MOMENTUM = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}


def one_weight(optimizer: dict[str, Any]) -> Trainer:
    """Return a network of one weight w = 1 with the loss ½w², so that its gradient is w."""
    neuron = layer(1, "identity", constant(1.0), **NO_BIASES)
    return trainer_of(experiment(neuron, data=table([[1]], [[0]]), loss=SQUARED_SUM, optimizer=optimizer))


BY_HAND: dict[str, tuple[dict[str, Any], list[float]]] = {
    "sgd": ({"kind": "sgd", "learning_rate": 0.1}, [0.9, 0.81, 0.729]),
    # v = 1, 1.8, 2.34
    "momentum": (MOMENTUM, [0.9, 0.72, 0.486]),
    # v = 1, 1.71, 2.1141; g + 0.9·v = 1.9, 2.349, 2.47779
    "nesterov": ({**MOMENTUM, "nesterov": True}, [0.81, 0.5751, 0.327321]),
    # v = 0.25, 0.25, 0.203125
    "rmsprop": (
        {"kind": "rmsprop", "learning_rate": 0.25, "decay": 0.75, "epsilon": 1e-12},
        [0.5, 0.25, 0.25 - 0.25 * 0.25 / 0.203125**0.5],
    ),
    # m̂ / √v̂ is 1 at the first step; then m = 0.625, m̂ = 0.8333…, v = 0.625, v̂ = 0.8333…
    "adam": (
        {"kind": "adam", "learning_rate": 0.5, "beta1": 0.5, "beta2": 0.5, "epsilon": 1e-12},
        [0.5, 0.5 - 0.5 * (0.5 / 0.75) / (0.375 / 0.75) ** 0.5],
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_first_steps_are_those_worked_out_by_hand(name: str) -> None:
    optimizer, expected = BY_HAND[name]
    trainer = one_weight(optimizer)
    found = []
    for _ in expected:
        advance(trainer, 1)
        found.append(float(trainer.theta[0]))
    assert found == pytest.approx(expected, rel=1e-10)


# The rules as torch.optim states them

X = np.array([[1.0, -0.5, 0.2], [0.3, 0.8, -1.0], [0.0, 0.4, 0.9], [-1.2, 0.1, 0.5]])
Y = np.array([[1.0], [-0.5], [0.3], [2.0]])
Gradient = Callable[[Floats], Floats]


def sgd(w: Floats, g: Gradient, lr: float) -> Iterator[Floats]:
    while True:
        w = w - lr * g(w)
        yield w


def momentum(w: Floats, g: Gradient, lr: float, mu: float, *, nesterov: bool) -> Iterator[Floats]:
    b = g(w)
    while True:
        w = w - lr * (g(w) + mu * b if nesterov else b)
        yield w
        b = mu * b + g(w)


def rmsprop(w: Floats, g: Gradient, lr: float, alpha: float, eps: float) -> Iterator[Floats]:
    v = np.zeros_like(w)
    while True:
        now = g(w)
        v = alpha * v + (1 - alpha) * now**2
        w = w - lr * now / (np.sqrt(v) + eps)
        yield w


def adam(w: Floats, g: Gradient, lr: float, b1: float, b2: float, eps: float) -> Iterator[Floats]:
    m, v, t = np.zeros_like(w), np.zeros_like(w), 0
    while True:
        now, t = g(w), t + 1
        m = b1 * m + (1 - b1) * now
        v = b2 * v + (1 - b2) * now**2
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        yield w


Rule = Callable[[Floats, Gradient], Iterator[Floats]]
RULES: dict[str, tuple[dict[str, Any], Rule]] = {
    "sgd": ({"kind": "sgd", "learning_rate": 0.05}, lambda w, g: sgd(w, g, 0.05)),
    "sgd-defaults": ({"kind": "sgd"}, lambda w, g: sgd(w, g, 0.01)),
    "momentum": (MOMENTUM, lambda w, g: momentum(w, g, 0.1, 0.9, nesterov=False)),
    "nesterov": ({**MOMENTUM, "nesterov": True}, lambda w, g: momentum(w, g, 0.1, 0.9, nesterov=True)),
    "rmsprop": (
        {"kind": "rmsprop", "learning_rate": 0.02, "decay": 0.9, "epsilon": 1e-6},
        lambda w, g: rmsprop(w, g, 0.02, 0.9, 1e-6),
    ),
    "rmsprop-defaults": ({"kind": "rmsprop"}, lambda w, g: rmsprop(w, g, 0.01, 0.99, 1e-8)),
    "adam": (
        {"kind": "adam", "learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        lambda w, g: adam(w, g, 0.05, 0.8, 0.95, 1e-3),
    ),
    "adam-defaults": ({"kind": "adam"}, lambda w, g: adam(w, g, 0.001, 0.9, 0.999, 1e-8)),
}


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", RULES)
def test_fifty_steps_follow_the_rule_that_pytorch_documents(name: str, decay: float) -> None:
    optimizer, rule = RULES[name]
    linear = layer(1, "identity", **NO_BIASES)
    fields = {"data": table(X, Y), "loss": SQUARED_SUM, "optimizer": optimizer, "weight_decay": decay}
    trainer = trainer_of(experiment(linear, **fields))
    expected = rule(trainer.theta.copy(), lambda w: X.T @ (X @ w - Y[:, 0]) + decay * w)
    for _ in range(50):
        advance(trainer, 1)
        np.testing.assert_allclose(trainer.theta, next(expected), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(("name", "remembered"), [("sgd", 0), ("momentum", 1), ("rmsprop", 1), ("adam", 2)])
def test_a_state_is_the_parameters_and_what_the_optimizer_remembers(name: str, remembered: int) -> None:
    trainer = one_weight(RULES[name][0])
    assert trainer.state_size == 1 + remembered


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_adam_moves_whatever_its_betas_are_rounded_to(dtype: str) -> None:
    optimizer = {"kind": "adam", "learning_rate": 0.01, "beta2": 0.99999999}
    neuron = layer(1, "identity", constant(1.0), **NO_BIASES)
    data = table([[1]], [[0]])
    trainer = trainer_of(experiment(neuron, data=data, loss=SQUARED_SUM, optimizer=optimizer, dtype=dtype))
    advance(trainer, 1)
    assert trainer.theta.tolist() == pytest.approx([0.99], rel=1e-6), "the first step of Adam is its rate"
