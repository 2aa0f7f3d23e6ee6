"""The starts that take part in a race: every initializer that makes sense, with the scales worth trying."""

from __future__ import annotations

from typing import Any, TypeAlias

from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment

Weights: TypeAlias = dict[str, Any]
"""An initializer as it stands in a file."""

GAINS = (0.5, 1.0, 1.5, 2.0)
"""The gains of the usual initializers; 5/3 is that of PyTorch for tanh, √2 turns LeCun's start into He's."""

DEVIATIONS = (0.01, 0.05, 0.1, 0.3, 1.0)
"""Deviations that people write down without a thought for the width."""

EVERY_LAYER = "network.layers.*.weights"


def _with_gains(kind: str) -> list[Weights]:
    return [{"kind": kind} if gain == 1.0 else {"kind": kind, "gain": gain} for gain in GAINS]


CANDIDATES: tuple[Weights, ...] = (
    *_with_gains("he-normal"),
    *_with_gains("glorot-normal"),
    {"kind": "lecun-normal"},
    {"kind": "lecun-normal", "gain": 5 / 3},
    {"kind": "he-uniform"},
    {"kind": "glorot-uniform"},
    *_with_gains("orthogonal"),
    {"kind": "lsuv"},
    {"kind": "pytorch-linear"},
    *({"kind": "normal", "std": std} for std in DEVIATIONS),
    {"kind": "uniform", "low": -0.05, "high": 0.05},
)


def candidates(experiment: Experiment) -> list[tuple[Weights, Experiment]]:
    """Return the starts for an experiment, each with the experiment that starts from it, without repetitions."""
    found: list[tuple[Weights, Experiment]] = []
    for weights in CANDIDATES:
        started = with_changes(experiment, [(EVERY_LAYER, weights)])
        if all(started != other for _, other in found):
            found.append((weights, started))
    return found
