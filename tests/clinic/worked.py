"""Worked cases: networks that people have asked about, written anew, with the causes that may be named first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.datasets import load_iris

from tests.builders import Document, constant, layer, table
from tests.clinic.wards import Case

GLOROT, GLOROT_UNIFORM, HE, HE_UNIFORM = (
    {"kind": kind} for kind in ("glorot-normal", "glorot-uniform", "he-normal", "he-uniform")
)
SMALL = {"kind": "uniform", "low": -0.05, "high": 0.05}
UNIT = {"kind": "normal", "std": 1.0}
XOR = table([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
CLASSES, NUMBERS = {"kind": "binary-cross-entropy"}, {"kind": "squared-error"}
CIRCLES = {"kind": "circles", "train": 800, "noise": 0.1, "factor": 0.8, "seed": 1}


def adam(rate: float = 0.001) -> Document:
    return {"kind": "adam", "learning_rate": rate}


def sgd(rate: float) -> Document:
    return {"kind": "sgd", "learning_rate": rate}


def net(
    name: str, data: Any, layers: list[Document], loss: Document, optimizer: Document, size: Any, steps: int
) -> Document:
    return {
        "name": name,
        "data": data,
        "network": {"layers": layers},
        "loss": loss,
        "optimizer": optimizer,
        "batch": {"size": size},
        "steps": steps,
    }


def deep(units: int, depth: int, hidden: str, start: Document, out: Document | None = None) -> list[Document]:
    return [*(layer(units, hidden, start) for _ in range(depth)), layer(1, "sigmoid", out or start)]


def patients() -> tuple[np.ndarray, np.ndarray]:
    """A table of three raw columns and a class."""
    rng = np.random.default_rng(3)
    x = np.column_stack(
        [rng.integers(18, 90, 400), rng.integers(800, 4000, 400), rng.integers(20000, 90000, 400)]
    )
    y = (x[:, 0] / 90 + x[:, 2] / 90000 > 1.15).astype(float)
    return x.astype(float), y[:, np.newaxis]


def cars() -> tuple[np.ndarray, np.ndarray]:
    """Nine columns from 0 to 1 and a target from 0 to 1."""
    rng = np.random.default_rng(5)
    x = rng.random((314, 9))
    y = x[:, :1] * 0.8 - 0.9 * x[:, 1:2] * x[:, 2:3] + 0.5 * np.sin(5 * x[:, 3:4]) + 0.3 * x[:, 4:5] ** 2
    return x, (y - y.min()) / np.ptp(y)


def mpg(name: str, first: Document, second: Document, optimizer: Document, scale: Any = 1.0) -> Document:
    x, y = cars()
    layers = [layer(64, "relu", first), layer(64, "relu", second), layer(1, "identity", GLOROT_UNIFORM)]
    found = net(name, table(x * scale, y), layers, NUMBERS, optimizer, 32, 2000)
    return {**found, "weight_decay": 1e-5}


def worked() -> Iterator[Case]:
    rng = np.random.default_rng(0)
    mnist = {"kind": "mnist", "train": 1000, "test": 200}
    x5 = np.linspace(0, 5, 200)[:, np.newaxis]
    x4 = np.linspace(-100, 100, 400)[:, np.newaxis]
    raw, sick_or_not = patients()
    iris = load_iris()
    noise = rng.normal(size=(200, 6))
    scaled = (raw - raw.mean(0)) / raw.std(0)
    sums = {"kind": "squared-error", "reduction": "mean"}

    yield Case(
        "1",
        net(
            "1",
            mnist,
            [layer(30, "identity", UNIT, biases=UNIT), layer(10, "identity", UNIT, biases=UNIT)],
            sums,
            sgd(3.0),
            10,
            1000,
        ),
        ("rate-too-high", "linear-network", "not-finite", "loss-mismatch", "start-too-large"),
    )
    two = [layer(4, "sigmoid", GLOROT_UNIFORM), layer(1, "sigmoid", GLOROT_UNIFORM)]
    absolute = net("2", XOR, two, {"kind": "absolute-error"}, sgd(0.05), 4, 20_000)
    yield Case("2", absolute, ("loss-mismatch", "rate-too-low", "too-few-steps"))
    exponential = deep(5, 9, "exponential", HE)
    yield Case(
        "23", net("23", CIRCLES, exponential, CLASSES, adam(), 32, 1000), ("not-finite", "start-too-large")
    )
    yield Case(
        "3",
        net(
            "3",
            table(scaled, scaled[:, :1] * 2 - 4),
            [layer(4, "relu", GLOROT), layer(1, "relu", GLOROT)],
            NUMBERS,
            sgd(0.01),
            "full",
            2000,
        ),
        ("output-range",),
    )
    yield Case(
        "4",
        net(
            "4",
            table(scaled, 1e4 + 3e3 * scaled[:, :1]),
            [layer(3, "tanh", SMALL), layer(2, "tanh", SMALL), layer(1, "softmax", SMALL)],
            NUMBERS,
            adam(0.01),
            32,
            1000,
        ),
        ("output-constant",),
    )
    yield Case(
        "5",
        net(
            "5",
            XOR,
            [layer(2, "sigmoid", SMALL), layer(3, "sigmoid", SMALL), layer(1, "softmax", SMALL)],
            NUMBERS,
            sgd(0.001),
            "full",
            2000,
        ),
        ("output-constant",),
    )
    yield Case(
        "6",
        net(
            "6",
            table(raw, sick_or_not),
            [layer(12, "relu", SMALL), layer(3, "relu", SMALL), layer(1, "sigmoid", SMALL)],
            CLASSES,
            adam(),
            10,
            2000,
        ),
        ("inputs-not-scaled",),
    )
    yield Case(
        "7",
        net(
            "7",
            table(x5, 5 * x5**2),
            [layer(50, "relu", GLOROT), layer(30, "relu", GLOROT), layer(1, "identity", GLOROT)],
            NUMBERS,
            sgd(0.1),
            32,
            2000,
        ),
        ("rate-too-high",),
    )
    yield Case(
        "8",
        net(
            "8",
            table(x4, x4**2 * 50),
            [layer(50, "sigmoid", GLOROT), layer(50, "elu", GLOROT), layer(1, "identity", GLOROT)],
            NUMBERS,
            adam(),
            32,
            3000,
        ),
        ("targets-not-scaled",),
    )
    yield Case(
        "9",
        net(
            "9",
            table(noise, rng.integers(2, size=(200, 1)).astype(float)),
            [layer(60, "relu", GLOROT), layer(50, "relu", GLOROT), layer(1, "softmax", GLOROT)],
            NUMBERS,
            adam(),
            32,
            300,
        ),
        ("output-constant",),
    )
    yield Case(
        "11",
        net(
            "11",
            table(raw, sick_or_not),
            [layer(64, "relu", GLOROT, dropout=0.5), layer(1, "sigmoid", GLOROT)],
            CLASSES,
            adam(),
            32,
            1000,
        ),
        ("inputs-not-scaled",),
    )
    yield Case(
        "12",
        net(
            "12",
            table(scaled, sick_or_not),
            [layer(16, "relu", GLOROT), layer(8, "relu", GLOROT), layer(1, "sigmoid", GLOROT)],
            CLASSES,
            adam(),
            32,
            1500,
        ),
    )
    yield Case(
        "13",
        net(
            "13",
            mnist,
            [layer(100, "sigmoid", constant(0.0)), layer(10, "softmax", UNIT)],
            {"kind": "cross-entropy"},
            sgd(0.5),
            32,
            1000,
        ),
    )
    yield Case(
        "14",
        net(
            "14",
            table([[0, 0], [0, 1], [1, 0], [1, 1]], [[0, 1], [1, 0], [1, 0], [0, 1]]),
            [
                layer(3, "sigmoid", constant(1.0), biases=constant(1.0)),
                layer(3, "sigmoid", constant(1.0), biases=constant(1.0)),
                layer(2, "sigmoid", constant(1.0), biases=constant(1.0)),
            ],
            NUMBERS,
            sgd(0.5),
            "full",
            3000,
        ),
        ("symmetry",),
    )
    yield Case("15", mpg("15", HE, HE, adam()))
    yield Case("16", mpg("16", constant(0.01), constant(0.01), adam()), ("symmetry",))
    yield Case("17", mpg("17", {"kind": "normal", "std": 0.25}, {"kind": "normal", "std": 0.25}, adam()))
    yield Case("18", mpg("18", HE, HE, adam(1.0)), ("rate-too-high",))
    yield Case("19", mpg("19", HE, HE, adam(1e-6)), ("rate-too-low",))
    yield Case(
        "20",
        mpg("20", HE, HE, adam(), np.array([8, 5000, 230, 5000, 25, 12, 1, 1, 1])),
        ("inputs-not-scaled",),
    )
    yield Case("21", mpg("21", HE, HE, adam(1e-4), 1 / 5000), ("inputs-too-small",))
    yield Case(
        "22",
        net("22", CIRCLES, deep(5, 8, "sigmoid", HE_UNIFORM), CLASSES, adam(), 32, 3000),
        ("too-deep-for-activation",),
    )
    yield Case(
        "24", net("24", CIRCLES, deep(5, 16, "relu", HE), CLASSES, adam(0.01), 32, 3000), ("dead-at-start",)
    )
    yield Case(
        "25",
        net(
            "25",
            {**CIRCLES, "factor": 0.4},
            deep(5, 7, "tanh", HE, constant(0.5)),
            CLASSES,
            adam(),
            32,
            3000,
        ),
    )
    yield Case(
        "25 zero",
        net(
            "25z",
            {**CIRCLES, "factor": 0.4},
            deep(5, 7, "tanh", HE, constant(0.0)),
            CLASSES,
            adam(),
            32,
            3000,
        ),
    )
    x8 = np.linspace(-8, 8, 17)[:, np.newaxis]
    yield Case(
        "26",
        net("26", table(x8, 3 * x8), [layer(1, "identity", constant(0.0))], NUMBERS, sgd(0.1), "full", 200),
        ("rate-too-high",),
    )
    yield Case(
        "10",
        net(
            "10",
            table(iris.data, np.eye(3)[iris.target]),
            [
                layer(4, "relu", {"kind": "normal", "std": 0.05}),
                layer(3, "sigmoid", {"kind": "normal", "std": 0.05}),
            ],
            CLASSES,
            adam(),
            16,
            1000,
        ),
        ("loss-mismatch", "start-too-small", "too-few-steps", "rate-too-low", "inputs-not-scaled", ""),
    )
