"""What is known about starts: who parts from whom, and what never moves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.symmetry.groups import layer_symmetry
from engine.training.trainer import Trainer
from tests.builders import advance, constant, experiment, lane_of, layer, recorded_states, table, trainer_of

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "golden" / "which_matrix.json").read_text(encoding="utf-8")
)["which_matrix"]


# Who parts from whom, and who does not

SIGMOID_10 = (layer(10, "sigmoid", constant(0.5)), layer(1, weights=constant(0.5)))


def after(chosen: Experiment, steps: int) -> Trainer:
    trainer = trainer_of(chosen)
    advance(trainer, steps)
    return trainer


def hidden_groups(trainer: Trainer) -> list[int]:
    return [found.groups for found in layer_symmetry(trainer.layout, trainer.theta)[:-1]]


DETERMINISTIC: dict[str, dict[str, Any]] = {
    "full batch": {},
    "momentum": {"optimizer": {"kind": "sgd", "learning_rate": 0.3, "momentum": 0.9}},
    "adam": {"optimizer": {"kind": "adam"}},
    "weight decay": {"weight_decay": 0.01},
}


@pytest.mark.parametrize("training", DETERMINISTIC)
def test_no_deterministic_training_breaks_the_symmetry(training: str) -> None:
    assert hidden_groups(after(experiment(*SIGMOID_10, **DETERMINISTIC[training]), 500)) == [1]


@pytest.mark.parametrize(
    "start",
    [{"biases": {"kind": "normal", "std": 1.0}}, {"weights": {"kind": "constant-noise", "value": 0.5}}],
    ids=["random biases", "noise of 0.001"],
)
def test_random_biases_and_noise_break_it(start: dict[str, Any]) -> None:
    chosen = experiment(SIGMOID_10[0] | start, SIGMOID_10[1])
    assert hidden_groups(after(chosen, 500)) == [10]


@pytest.mark.parametrize(("nudged", "sizes"), [((3,), [9, 1]), ((3, 6), [8, 1, 1])])
def test_a_nudged_neuron_leaves_its_group_and_the_others_stay(
    nudged: tuple[int, ...], sizes: list[int]
) -> None:
    trainer = trainer_of(experiment(*SIGMOID_10))
    state = trainer.initial_state.copy()
    for size, neuron in enumerate(nudged, start=1):
        trainer.layout.blocks[0].weights(state)[0, neuron] += 1e-3 * size
    trainer.restore(state, 0)
    advance(trainer, 500)
    labels = layer_symmetry(trainer.layout, trainer.theta)[0].labels
    assert sorted((labels.count(label) for label in set(labels)), reverse=True) == sizes


def test_equal_columns_with_random_outgoing_rows_part_at_the_first_step() -> None:
    trainer = trainer_of(experiment(layer(10, "tanh", constant(0.5)), layer(1)))
    before = layer_symmetry(trainer.layout, trainer.theta)[0]
    assert (before.columns, before.groups, before.spread) == (1, 10, 0.0)
    advance(trainer, 1)
    first = layer_symmetry(trainer.layout, trainer.theta)[0]
    assert (first.columns, first.groups) == (10, 10)
    assert first.spread > 0


def test_columns_of_the_output_layer_part_at_once() -> None:
    data = {"kind": "gaussians", "classes": 3, "train": 90, "noise": 0.3}
    chosen = experiment(
        layer(5, "tanh", constant(0.5)),
        layer(3, "softmax", constant(0.5)),
        data=data,
        loss={"kind": "cross-entropy"},
    )
    trainer = after(chosen, 1)
    output = layer_symmetry(trainer.layout, trainer.theta)[-1]
    assert output.columns == 3
    assert hidden_groups(after(chosen, 200)) == [1]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("pattern", GOLDEN)
def test_which_matrix_must_be_random(pattern: str, activation: str) -> None:
    start = {"c": constant(0.5), "0": constant(0.0), "r": {"kind": "normal", "std": 0.6}}
    w1, w2, w3 = (start[letter] for letter in pattern)
    chosen = experiment(
        layer(10, activation, w1),
        layer(5, activation, w2),
        layer(1, weights=w3),
        data={"kind": "moons", "train": 205, "noise": 0.15, "seed": 0, "stream": "mt19937"},
        optimizer={"kind": "sgd", "learning_rate": 0.3},
        stream="mt19937",
    )
    trainer = after(chosen, 600)
    found = layer_symmetry(trainer.layout, trainer.theta)[:-1]
    expected = GOLDEN[pattern][activation]
    assert [hidden.columns for hidden in found] == expected["columns"]
    assert [hidden.groups for hidden in found] == expected["groups"]


def test_circles_with_small_random_weights_have_distinct_columns_and_do_not_learn() -> None:
    small = {"network.layers.*.weights": {"kind": "normal", "std": 0.01}, "variants": []}
    lane = lane_of(with_changes(open_target("circles"), list(small.items())), 15_000)
    columns = [found.columns for found in layer_symmetry(lane.trainer.layout, lane.trainer.theta)]
    assert columns == [10, 5, 1]
    np.testing.assert_array_equal(np.round(lane.history.losses, 4), 0.6931)


def forward(layers: list[tuple[Floats, Floats]], x: Floats) -> Floats:
    """Return the outputs of a tanh network with a sigmoid output."""
    for w, b in layers[:-1]:
        x = np.tanh(x @ w + b)
    w, b = layers[-1]
    return 1 / (1 + np.exp(-(x @ w + b)))


def test_ten_equal_neurons_are_one_neuron_with_the_sum_of_their_outgoing_weights() -> None:
    """After 500 steps 2-10-5-1 from a constant does what a 2-1-1-1 network does."""
    hidden_layers = layer(10, "tanh", constant(0.5)), layer(5, "tanh", constant(0.5))
    trainer = after(experiment(*hidden_layers, layer(1, weights=constant(0.5))), 500)
    large = [(b.weights(trainer.theta), b.biases(trainer.theta)) for b in trainer.layout.blocks]
    small = [(large[0][0][:, :1], large[0][1][:1])]
    for w, b in large[1:]:
        small.append((w.sum(axis=0, keepdims=True)[:, :1], b[:1]))
    x = trainer.dataset.x_train
    assert [w.shape for w, _ in small] == [(2, 1), (1, 1), (1, 1)]
    np.testing.assert_allclose(forward(small, x), forward(large, x), rtol=0, atol=1e-14)


# From zeros

ZERO_AT_ZERO = ("relu", "tanh", "identity", "elu", "leaky-relu", "selu", "gelu")


def from_zeros(activation: str, **fields: Any) -> Experiment:
    """Return 2-10-5-1 with all weights 0 on two moons that are not balanced: 31 of 61 are in class 1."""
    zeros = constant(0.0)
    unbalanced = {"kind": "moons", "train": 61, "noise": 0.1}
    layers = layer(10, activation, zeros), layer(5, activation, zeros), layer(1, weights=zeros)
    return experiment(*layers, **{"data": unbalanced, **fields})


@pytest.mark.parametrize("activation", ZERO_AT_ZERO)
def test_from_zeros_nothing_ever_moves_but_the_output_bias(activation: str) -> None:
    lane = lane_of(from_zeros(activation), 3000)
    states = recorded_states(lane)
    for block in lane.trainer.layout.blocks:
        assert not block.weights(states).any()
    first, second, last = (block.biases(states) for block in lane.trainer.layout.blocks)
    assert not first.any()
    assert not second.any()
    assert (last[1:] != 0).all()
    trained = lane.trainer.experiment
    base_rate = trained.loss.baseline(lane.trainer.dataset.y_train, trained.output_layer.activation)
    assert lane.history.losses[-1] == pytest.approx(base_rate, abs=1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "softplus"])
def test_from_zeros_a_function_that_is_not_0_at_0_moves_one_layer_per_step_from_the_output_back(
    activation: str,
) -> None:
    trainer = trainer_of(from_zeros(activation))
    moving = []
    for _ in range(4):
        gradient = trainer.compute_gradient()
        moving.append([bool(block.weights(gradient).any()) for block in trainer.layout.blocks])
        advance(trainer, 1)
    assert moving == [[False, False, True], [False, True, True], [True, True, True], [True, True, True]]
    advance(trainer, 500)
    assert hidden_groups(trainer) == [1, 1]


def test_from_zeros_with_balanced_classes_a_sigmoid_network_is_at_a_critical_point() -> None:
    """The 2-3-1 example of document 002."""
    zeros = constant(0.0)
    data = table([[1, 1], [-1, -1]], [[1], [0]])
    trainer = trainer_of(experiment(layer(3, weights=zeros), layer(1, weights=zeros), data=data))
    gradient = trainer.compute_gradient()
    assert not gradient.any()
    np.testing.assert_array_equal(trainer.step.tape["A1"], np.full((2, 3), 0.5))
    np.testing.assert_array_equal(trainer.step.tape["A2"], [[0.5], [0.5]])
    np.testing.assert_array_equal(2 * trainer.step.tape["dZ2"], [[-0.5], [0.5]])


def test_without_a_hidden_layer_zeros_are_fine() -> None:
    lane = lane_of(experiment(layer(1, weights=constant(0.0))), 2000)
    assert lane.history.losses[0] == pytest.approx(np.log(2))
    assert lane.history.losses[-1] < 0.4


def test_zeros_in_the_last_layer_alone_are_fine_and_in_two_layers_stop_both() -> None:
    def gradients_after_three_steps(*weights: dict[str, Any]) -> list[bool]:
        layers = [layer(n, "relu", w) for n, w in zip((10, 5), weights[:2], strict=True)]
        trainer = after(experiment(*layers, layer(1, weights=weights[2])), 3)
        gradient = trainer.compute_gradient()
        return [bool(block.weights(gradient).any()) for block in trainer.layout.blocks]

    random, zeros = {"kind": "he-normal"}, constant(0.0)
    assert gradients_after_three_steps(random, random, zeros) == [True, True, True]
    assert gradients_after_three_steps(random, zeros, zeros) == [False, False, False]


def test_softmax_from_a_constant_sends_nothing_back_at_the_first_step() -> None:
    """The output deltas of a sample sum to 0, and every outgoing weight is the same."""
    data = {"kind": "gaussians", "classes": 3, "train": 90, "noise": 0.3}
    layers = layer(5, "tanh", constant(0.5)), layer(3, "softmax", constant(0.5))
    trainer = trainer_of(experiment(*layers, data=data, loss={"kind": "cross-entropy"}))
    gradient = trainer.compute_gradient()
    first, last = (np.abs(block.weights(gradient)).max() for block in trainer.layout.blocks)
    assert first < 1e-15
    assert last > 1e-3
