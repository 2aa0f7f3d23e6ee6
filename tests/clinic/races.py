"""Twenty tasks for the advisor: activation, depth, width and data in all mixtures, none of them in use elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.experiments.experiment import Experiment
from tests.builders import Document, experiment, layer, table

GLOROT: Document = {"kind": "glorot-normal"}

SHAPES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("relu", (8,)),
    ("relu", (16, 16)),
    ("relu", (12,) * 5),
    ("relu", (32, 16)),
    ("tanh", (8,)),
    ("tanh", (16, 16)),
    ("tanh", (12,) * 5),
    ("tanh", (32, 8)),
    ("sigmoid", (16,)),
    ("sigmoid", (12, 12)),
    ("elu", (16, 16)),
    ("leaky-relu", (16, 8)),
    ("gelu", (16, 16)),
    ("selu", (16,) * 4),
    ("softplus", (12, 12)),
    ("relu", (24, 24, 24)),
    ("tanh", (24, 24, 24)),
    ("elu", (8,)),
    ("gelu", (24,)),
    ("sigmoid", (32,)),
)


def tasks() -> Iterator[tuple[str, Experiment]]:
    """Yield the name of each task and its experiment, which starts as Keras starts it."""
    rng = np.random.default_rng(15)
    for number, (activation, widths) in enumerate(SHAPES):
        data, outputs, last, loss = _data(number % 5, rng)
        hidden = [layer(width, activation, GLOROT) for width in widths]
        optimizer = (
            {"kind": "adam", "learning_rate": 0.01}
            if number % 2
            else {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
        )
        chosen = experiment(
            *hidden,
            layer(outputs, last, GLOROT),
            data=data,
            loss={"kind": loss},
            optimizer=optimizer,
            batch={"size": 32 if number % 3 else "full"},
            seed=number,
            steps=600,
        )
        yield f"{activation} {'-'.join(map(str, widths))} on {data['kind']}", chosen


def _data(number: int, rng: np.random.Generator) -> tuple[Document, int, str, str]:
    seed = int(rng.integers(1000))
    two = (1, "sigmoid", "binary-cross-entropy")
    if number == 0:
        return {"kind": "moons", "train": 200, "noise": 0.2, "seed": seed}, *two
    if number == 1:
        return {"kind": "circles", "train": 200, "noise": 0.1, "factor": 0.5, "seed": seed}, *two
    if number == 2:
        clouds = {"kind": "gaussians", "classes": 4, "radius": 1.2, "noise": 0.4, "train": 200, "seed": seed}
        return clouds, 4, "softmax", "cross-entropy"
    if number == 3:
        return {"kind": "xor", "train": 200, "noise": 0.3, "seed": seed}, *two
    x = rng.normal(size=(150, 4))
    y = np.sin(2 * x[:, :1]) * x[:, 1:2] + 0.5 * x[:, 2:3] ** 2
    return table(x, (y - y.mean()) / y.std()), 1, "identity", "squared-error"
