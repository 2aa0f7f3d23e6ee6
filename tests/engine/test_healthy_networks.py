"""Networks that are known to learn: in none of their first 500 steps is there an alarm.

They are looked at at their first twenty steps, at every tenth up to 100 and at every hundredth up to 500, on the samples
that the window looks at; the slow test looks at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import single_variant, variants_of
from engine.health.health_check import HealthCheck
from tests.builders import advance, constant, experiment, layer, table, trainer_of

pytestmark = pytest.mark.untraced

STEPS = 500
CHOSEN = [*range(20), *range(20, 100, 10), *range(100, STEPS + 1, 100)]

HE, GLOROT, LECUN = {"kind": "he-normal"}, {"kind": "glorot-uniform"}, {"kind": "lecun-normal"}
ZERO = constant(0.0)
SQUARED, CROSS_ENTROPY = {"kind": "squared-error"}, {"kind": "cross-entropy"}
CIRCLES = {"kind": "circles", "train": 200, "noise": 0.1, "seed": 1}
DIGITS = {"kind": "mnist", "train": 500, "test": 100}


def adam(rate: float) -> dict[str, Any]:
    return {"kind": "adam", "learning_rate": rate}


def sgd(rate: float, **fields: Any) -> dict[str, Any]:
    return {"kind": "sgd", "learning_rate": rate, **fields}


def preset(name: str, variant: str) -> Experiment:
    whole = open_target(name)
    return next(single_variant(whole, found) for found in variants_of(whole) if found.name == variant)


def digits(*layers: dict[str, Any], rate: float = 0.1) -> Experiment:
    """Return a classifier of digits, with batches of 32."""
    return experiment(*layers, data=DIGITS, loss=CROSS_ENTROPY, batch={"size": 32}, optimizer=sgd(rate))


def sine() -> dict[str, Any]:
    x = np.linspace(-1.7, 1.7, 100)[:, np.newaxis]
    return table(x, 1.4 * np.sin(2 * x))


def regression() -> dict[str, Any]:
    """Return nine standardised inputs and a standardised target."""
    x = np.random.default_rng(0).standard_normal((200, 9))
    y = np.tanh(x[:, :3] @ [1.0, -1.0, 0.5]) + 0.3 * x[:, 3] * x[:, 4]
    return table(x, ((y - y.mean()) / y.std())[:, np.newaxis])


def deep(activation: str, weights: dict[str, Any]) -> Experiment:
    layers = [layer(8, activation, weights) for _ in range(5)]
    return experiment(*layers, layer(1, weights=weights), data=CIRCLES, optimizer=adam(0.001))


HEALTHY: dict[str, Callable[[], Experiment]] = {
    "circles, He": lambda: preset("circles", "he"),
    "circles, LeCun": lambda: preset("circles", "xavier"),
    "MNIST, one sample a step": lambda: preset("mnist-per-sample", "xavier"),
    "moons, tanh": lambda: experiment(layer(16, "tanh", GLOROT), layer(1, weights=GLOROT)),
    "moons, ReLU, Adam: some neurons die": lambda: experiment(
        layer(16, "relu", HE), layer(16, "relu", HE), layer(1, weights=GLOROT), optimizer=adam(0.01)
    ),
    "moons, GELU": lambda: experiment(
        layer(16, "gelu", HE), layer(16, "gelu", HE), layer(1, weights=HE), optimizer=adam(0.01)
    ),
    "moons, ELU, RMSProp": lambda: experiment(
        layer(16, "elu", HE), layer(1, weights=HE), optimizer={"kind": "rmsprop", "learning_rate": 0.001}
    ),
    "moons, leaky ReLU, Nesterov, float32": lambda: experiment(
        layer(16, "leaky-relu", HE),
        layer(1, weights=HE),
        optimizer=sgd(0.1, momentum=0.9, nesterov=True),
        dtype="float32",
    ),
    "moons, sigmoid": lambda: experiment(
        layer(10, weights=LECUN), layer(1, weights=LECUN), optimizer=sgd(2.0)
    ),
    "moons, softplus": lambda: experiment(layer(16, "softplus", GLOROT), layer(1, weights=GLOROT)),
    "moons, dropout": lambda: experiment(
        layer(32, "relu", HE, dropout=0.3), layer(1, weights=HE), batch={"size": 8}, optimizer=sgd(0.1)
    ),
    "moons, logistic regression from 0": lambda: experiment(layer(1, weights=ZERO), optimizer=sgd(0.05)),
    "circles, five layers of tanh": lambda: deep("tanh", GLOROT),
    "circles, five layers of SELU": lambda: deep("selu", LECUN),
    "circles, five layers of ReLU": lambda: deep("relu", HE),
    "digits, ReLU": lambda: digits(layer(64, "relu", HE), layer(10, "softmax", GLOROT)),
    "digits, softmax regression from 0": lambda: digits(layer(10, "softmax", ZERO)),
    "digits, the output from 0": lambda: digits(layer(64, "relu", HE), layer(10, "softmax", ZERO)),
    "digits, LSUV": lambda: digits(
        *[layer(32, "tanh", {"kind": "lsuv"}) for _ in range(3)], layer(10, "softmax", {"kind": "lsuv"})
    ),
    "sine, tanh": lambda: experiment(
        layer(20, "tanh", GLOROT),
        layer(1, "identity", GLOROT),
        data=sine(),
        loss=SQUARED,
        optimizer=sgd(0.05),
    ),
    "sine, ReLU, Adam": lambda: experiment(
        layer(20, "relu", HE), layer(1, "identity", HE), data=sine(), loss=SQUARED, optimizer=adam(0.01)
    ),
    "regression, ReLU, Adam": lambda: experiment(
        layer(64, "relu", HE),
        layer(64, "relu", HE),
        layer(1, "identity", HE),
        data=regression(),
        loss=SQUARED,
        optimizer=adam(0.001),
        batch={"size": 32},
        weight_decay=1e-5,
    ),
    "regression, linear from 0, to its minimum": lambda: experiment(
        layer(1, "identity", ZERO), data=regression(), loss=SQUARED, optimizer=sgd(0.5)
    ),
}


def alarms_on_the_way(chosen: Experiment, steps: list[int]) -> list[tuple[int, str, tuple[int, ...]]]:
    trainer = trainer_of(chosen)
    check = HealthCheck(trainer)
    found: list[tuple[int, str, tuple[int, ...]]] = []
    for step in steps:
        advance(trainer, step - trainer.step_number)
        found += [(step, alarm.kind.value, alarm.layers) for alarm in check.look().alarms]
    return found


@pytest.mark.parametrize("name", HEALTHY)
def test_a_network_that_learns_raises_no_alarm(name: str) -> None:
    assert not alarms_on_the_way(HEALTHY[name](), CHOSEN)


@pytest.mark.slow
@pytest.mark.parametrize("name", HEALTHY)
def test_a_network_that_learns_raises_no_alarm_at_any_step(name: str) -> None:
    assert not alarms_on_the_way(HEALTHY[name](), list(range(STEPS + 1)))
