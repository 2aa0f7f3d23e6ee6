"""What is known about symmetry and initialization, as this engine shows it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.report.equality import LayerSymmetry
from engine.symmetry.groups import layer_symmetry
from engine.training.trainer import Trainer
from tests.builders import constant, experiment, layer, trainer_of

pytestmark = pytest.mark.untraced

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "which_matrix.json"
WHICH_MATRIX = json.loads(GOLDEN.read_text("utf-8"))["which_matrix"]
WEIGHTS = {"c": constant(0.5), "r": {"kind": "normal", "std": 0.6}, "0": constant(0.0)}
UNBALANCED = {"kind": "moons", "train": 205, "noise": 0.15, "seed": 0, "stream": "mt19937"}
HALF = constant(0.5)


def trained(chosen: Experiment, steps: int) -> Trainer:
    trainer = trainer_of(chosen)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            trainer.advance()
    return trainer


def symmetry(trainer: Trainer) -> tuple[LayerSymmetry, ...]:
    return layer_symmetry(trainer.layout, trainer.theta)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("pattern", WHICH_MATRIX)
def test_which_matrix_must_be_random(pattern: str, activation: str) -> None:
    kinds = (activation, activation, "sigmoid")
    layers = [
        layer(units, kind, WEIGHTS[start])
        for units, kind, start in zip((10, 5, 1), kinds, pattern, strict=True)
    ]
    chosen = experiment(
        *layers, data=UNBALANCED, optimizer={"kind": "sgd", "learning_rate": 0.3}, stream="mt19937"
    )
    first, second, _ = symmetry(trained(chosen, 600))
    found = {"columns": [first.columns, second.columns], "groups": [first.groups, second.groups]}
    assert found == WHICH_MATRIX[pattern][activation]


def one_hidden_layer(**changes: Any) -> Experiment:
    hidden = layer(10, "sigmoid", changes.pop("weights", HALF), **changes.pop("hidden", {}))
    return experiment(hidden, layer(1, "sigmoid", HALF), data=UNBALANCED, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch": {"size": 20}},
        {"batch": {"size": 1}},
        {"optimizer": {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9}},
        {"optimizer": {"kind": "adam", "learning_rate": 0.01}},
        {"optimizer": {"kind": "rmsprop", "learning_rate": 0.01}},
        {"weight_decay": 0.01},
    ],
    ids=["full batch", "mini-batch", "single samples", "momentum", "adam", "rmsprop", "weight decay"],
)
def test_what_treats_equal_neurons_alike_never_parts_them(changes: dict[str, Any]) -> None:
    hidden, _ = symmetry(trained(one_hidden_layer(**changes), 500))
    assert (hidden.groups, hidden.spread) == (1, 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": {"dropout": 0.5}},
        {"hidden": {"biases": {"kind": "normal", "std": 0.1}}},
        {"weights": {"kind": "constant-noise", "value": 0.5, "std": 1e-3}},
    ],
    ids=["dropout", "random biases", "noise"],
)
def test_what_treats_equal_neurons_differently_parts_all_of_them(changes: dict[str, Any]) -> None:
    hidden, _ = symmetry(trained(one_hidden_layer(**changes), 500))
    assert hidden.groups == 10


def test_dropout_does_not_rescue_relu_from_zeros() -> None:
    chosen = experiment(
        layer(10, "relu", constant(0.0), dropout=0.5), layer(1, "sigmoid", constant(0.0)), data=UNBALANCED
    )
    hidden, _ = symmetry(trained(chosen, 500))
    assert hidden.groups == 1


@pytest.mark.parametrize(("nudged", "sizes"), [((3,), [9, 1]), ((3, 7), [8, 1, 1])])
def test_a_nudged_neuron_leaves_its_group_and_the_others_stay(
    nudged: tuple[int, ...], sizes: list[int]
) -> None:
    trainer = trainer_of(one_hidden_layer())
    weights = trainer.layout.blocks[0].weights(trainer.theta)
    for count, neuron in enumerate(nudged, start=1):
        weights[0, neuron] += 1e-3 * count
    with np.errstate(all="ignore"):
        for _ in range(500):
            trainer.advance()
    hidden, _ = symmetry(trainer)
    assert sorted(Counter(hidden.labels).values(), reverse=True) == sizes


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity", "elu", "leaky-relu"])
def test_from_zeros_only_the_output_bias_learns_if_f_of_0_is_0(activation: str) -> None:
    zero = constant(0.0)
    chosen = experiment(
        layer(10, activation, zero), layer(5, activation, zero), layer(1, "sigmoid", zero), data=UNBALANCED
    )
    trainer = trained(chosen, 2000)
    for number in (1, 2, 3):
        assert not trainer.step.layers[number - 1].weights.any()
    rate = trainer.dataset.y_train.mean()
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    assert trainer.measure_training().loss == pytest.approx(entropy, abs=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "softplus"])
def test_from_zeros_one_layer_more_moves_at_every_step_if_f_of_0_is_not_0(activation: str) -> None:
    zero = constant(0.0)
    chosen = experiment(
        layer(10, activation, zero), layer(5, activation, zero), layer(1, "sigmoid", zero), data=UNBALANCED
    )
    trainer = trainer_of(chosen)
    moving = []
    for _ in range(3):
        gradient = trainer.compute_gradient()
        moving.append([bool(block.weights(gradient).any()) for block in trainer.layout.blocks])
        trainer.advance()
    assert moving == [[False, False, True], [False, True, True], [True, True, True]]
    assert [found.groups for found in symmetry(trained(chosen, 300))[:2]] == [1, 1]


def test_from_zeros_with_balanced_classes_every_gradient_is_exactly_0() -> None:
    trainer = trained(
        experiment(
            layer(3, "sigmoid", constant(0.0)),
            layer(1, "sigmoid", constant(0.0)),
            data={"kind": "table", "x": [[1, 1], [-1, -1]], "y": [[1], [0]]},
        ),
        50,
    )
    assert not trainer.compute_gradient().any()
    tape = trainer.step.tape
    assert (tape["A1"] == 0.5).all()
    assert (tape["A2"] == 0.5).all()
    np.testing.assert_array_equal(tape["dZ2"].ravel() * 2, [-0.5, 0.5])


def test_without_a_hidden_layer_zero_is_fine() -> None:
    trainer = trained(experiment(layer(1, "sigmoid", constant(0.0)), data=UNBALANCED), 500)
    accuracy = trainer.measure_training().accuracy
    assert accuracy is not None
    assert accuracy > 0.8
