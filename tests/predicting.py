"""Experiments whose columns are predicted, and what is predicted and shown of their hidden layers."""

from __future__ import annotations

from typing import Any

from engine.experiments.experiment import Experiment
from engine.report.equality import LayerPrediction, PredictionReason
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.training.trainer import Trainer
from gui.findings.why_words import PREDICTIONS
from gui.findings.why_words import prediction_reason_text as reason
from tests.builders import advance, constant, experiment, layer, table, trainer_of

OF_RESIDUALS = {PredictionReason.RESIDUAL, PredictionReason.EQUAL_IN_CHAIN}
ONE, DIFFERENT, DIFFERENT_AT_START, STILL, DECAYS, SOME_STILL, *_REST = (
    PREDICTIONS[code] for code in PredictionReason if "targets" not in code.value and code not in OF_RESIDUALS
)
EQUAL, EQUAL_MEMORY, ROWS, MEMORY, DROPOUT, ROUNDING = _REST

UNBALANCED = {"kind": "moons", "train": 205, "noise": 0.15, "seed": 0, "stream": "mt19937"}
BALANCED = table([[1, 1], [-1, -1]], [[1], [0]])
CLASSES = {"kind": "gaussians", "classes": 3, "train": 90, "noise": 0.3}
ZERO, HALF, RANDOM = constant(0.0), constant(0.5), {"kind": "normal", "std": 0.6}
START = {"c": HALF, "0": ZERO, "r": RANDOM}
HE = {"kind": "he-normal"}


def two_hidden(pattern: str, activation: str, **fields: Any) -> Experiment:
    """Return 2-10-5-1 with W1 W2 W3 constant (c), random (r) or zero (0)."""
    w1, w2, w3 = (START[letter] for letter in pattern)
    layers = layer(10, activation, w1), layer(5, activation, w2), layer(1, weights=w3)
    optimizer = {"kind": "sgd", "learning_rate": 0.3}
    return experiment(*layers, **{"data": UNBALANCED, "optimizer": optimizer, "stream": "mt19937", **fields})


def one_hidden(hidden: dict[str, Any] | None = None, **fields: Any) -> Experiment:
    """Return 2-10-1, sigmoid, all weights 0.5; `hidden` changes the hidden layer."""
    return experiment(layer(10, weights=HALF) | (hidden or {}), layer(1, weights=HALF), **fields)


def of_hidden(trainer: Trainer) -> tuple[LayerPrediction, ...]:
    """Return what is predicted of the hidden layers."""
    return predict(trainer)[:-1]


def predicted(found: tuple[LayerPrediction, ...]) -> list[int]:
    return [layer.columns for layer in found]


def real_columns(trainer: Trainer) -> list[int]:
    return [found.columns for found in layer_symmetry(trainer.layout, trainer.theta)[:-1]]


def with_columns(chosen: Experiment, *weights: Any) -> Trainer:
    """Return an experiment that starts from these matrices (fan_in, fan_out)."""
    trainer = trainer_of(chosen)
    for block, values in zip(trainer.layout.blocks, weights, strict=True):
        block.weights(trainer.initial_state)[...] = values
    trainer.restore(trainer.initial_state, 0)
    return trainer


def check(trainer: Trainer, columns: list[int], reasons: list[str], steps: int = 300) -> None:
    """Assert a prediction and its reasons, and that real training then shows these columns."""
    found = of_hidden(trainer)
    assert predicted(found) == columns
    assert [reason(layer) for layer in found] == reasons
    assert [layer.layer for layer in found] == list(range(1, len(columns) + 1))
    assert [layer.columns_at_start for layer in found] == real_columns(trainer)
    advance(trainer, steps)
    assert real_columns(trainer) == columns
