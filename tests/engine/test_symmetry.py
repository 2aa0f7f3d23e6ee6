"""Groups, distinct columns, spread and cosine; and what is known about who parts from whom."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.model.layout import Layout
from engine.report.equality import LayerSymmetry
from engine.symmetry.groups import (
    count_distinct,
    group_labels,
    layer_symmetry,
    mean_abs_cosine,
    near_labels,
    spread,
)
from engine.training.trainer import Trainer
from tests.builders import advance, constant, experiment, lane_of, layer, recorded_states, table, trainer_of

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "golden" / "which_matrix.json").read_text(encoding="utf-8")
)["which_matrix"]

LAYOUT_2_3_1 = experiment(layer(3), layer(1)).layout(inputs=2)


def network(w1: Any, b1: Any, w2: Any, layout: Layout = LAYOUT_2_3_1) -> Floats:
    """Return the parameters of a 2-3-1 network with these hidden weights, hidden biases and output weights."""
    theta = np.zeros(layout.size)
    first, second = layout.blocks
    first.weights(theta)[...] = w1
    biases = first.biases(theta)
    assert biases is not None
    biases[...] = b1
    second.weights(theta)[:, 0] = w2
    return theta


def hidden(theta: Floats, layout: Layout = LAYOUT_2_3_1) -> LayerSymmetry:
    return layer_symmetry(layout, theta)[0]


# Hand-made networks


@pytest.mark.parametrize(
    ("tolerance", "groups"),
    [(0.0, 3), (1e-9, 3), (1e-6, 2), (1e-3, 1)],
    ids=["bitwise", "1e-9", "1e-6", "1e-3"],
)
def test_a_wider_tolerance_makes_larger_groups(tolerance: float, groups: int) -> None:
    theta = network([[1, 1 + 1e-7, 1 + 1e-4], [2, 2, 2]], [3, 3, 3], [4, 4, 4])
    found = layer_symmetry(LAYOUT_2_3_1, theta, tolerance)[0]
    assert (found.groups, found.columns) == (groups, groups)


def test_a_tolerance_is_measured_by_the_size_of_the_numbers() -> None:
    small = network([[1e-9, 2e-9, 1e-9], [1e-9, 1e-9, 1e-9]], [0, 0, 0], [4, 4, 4])
    assert layer_symmetry(LAYOUT_2_3_1, small, 1e-3)[0].labels == (0, 1, 0)


def test_outgoing_rows_have_a_tolerance_of_their_own() -> None:
    theta = network([[100, 100, 100], [100, 100, 100]], [0, 0, 0], [1e-6, 2e-6, 1e-6])
    found = layer_symmetry(LAYOUT_2_3_1, theta, 1e-3)[0]
    assert (found.columns, found.labels) == (1, (0, 1, 0))


def test_every_neuron_belongs_somewhere_even_where_numbers_are_not_finite() -> None:
    theta = network([[np.nan, np.inf, 1], [1, 1, 1]], [0, 0, 0], [1, 1, 1])
    with np.errstate(invalid="ignore"):
        assert layer_symmetry(LAYOUT_2_3_1, theta, 1e-3)[0].groups == 3


def test_wide_layers_are_grouped_within_a_tolerance_by_all_their_numbers() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.standard_normal((5, 300)), 4, axis=0) * (1 + 1e-8 * rng.standard_normal((20, 300)))
    rows[3, 299] += 1.0
    assert near_labels([rows], 1e-6) == tuple(
        label for label in (0, 0, 0, 1, *(2 + i for i in range(4) for _ in range(4)))
    )


def test_columns_of_nan_are_equal_whatever_their_signs() -> None:
    theta = network([[np.nan, -np.nan, np.nan], [1, 1, 1]], [0, 0, 0], [1, 1, 1])
    assert hidden(theta).groups == 1


def test_equal_columns_biases_and_outgoing_rows_are_one_group() -> None:
    found = hidden(network([[1, 1, 1], [2, 2, 2]], [3, 3, 3], [4, 4, 4]))
    assert (found.units, found.columns, found.groups, found.labels) == (3, 1, 1, (0, 0, 0))
    assert found.spread == 0.0


def test_one_other_incoming_weight_makes_a_group_of_its_own() -> None:
    found = hidden(network([[1, 1, 1], [2, 7, 2]], [3, 3, 3], [4, 4, 4]))
    assert (found.columns, found.labels, found.spread) == (2, (0, 1, 0), 5.0)


def test_another_bias_makes_another_column_but_no_spread() -> None:
    found = hidden(network([[1, 1, 1], [2, 2, 2]], [3, 3, 9], [4, 4, 4]))
    assert (found.columns, found.labels, found.spread) == (2, (0, 0, 1), 0.0)


def test_another_outgoing_row_parts_the_group_but_not_the_columns() -> None:
    found = hidden(network([[1, 1, 1], [2, 2, 2]], [3, 3, 3], [4, 8, 4]))
    assert (found.columns, found.groups, found.labels) == (1, 2, (0, 1, 0))


def test_groups_are_numbered_in_the_order_of_their_first_neuron() -> None:
    neurons = np.array([[5.0], [1.0], [5.0], [0.0], [1.0]])
    assert group_labels(neurons) == (0, 1, 0, 2, 1)


def test_minus_zero_equals_zero() -> None:
    found = hidden(network([[0.0, -0.0, 0.0], [1, 1, 1]], [0.0, 0.0, -0.0], [-0.0, 0.0, 0.0]))
    assert (found.columns, found.groups, found.spread) == (1, 1, 0.0)
    assert count_distinct(np.array([[0.0, -0.0], [-0.0, 0.0]])) == 1


def test_the_smallest_difference_parts_columns() -> None:
    found = hidden(network([[1, np.nextafter(1, 2), 1], [2, 2, 2]], 0, 0))
    assert (found.columns, found.groups) == (2, 2)
    assert found.spread == np.nextafter(1, 2) - 1


def test_an_output_layer_has_groups_of_columns_because_nothing_goes_out_of_it() -> None:
    layout = experiment(layer(3), data=table([[1, 2]], [[1, 0, 1]])).layout(inputs=2)
    theta = np.zeros(layout.size)
    layout.blocks[0].weights(theta)[...] = [[1, 1, 2], [0, 0, 0]]
    (found,) = layer_symmetry(layout, theta)
    assert (found.units, found.columns, found.labels, found.spread) == (3, 2, (0, 0, 1), 1.0)


def test_the_order_of_the_neurons_changes_neither_columns_nor_groups_nor_spread() -> None:
    rng = np.random.default_rng(0)
    w1, b1, w2 = rng.integers(2, size=(2, 3)), rng.integers(2, size=3), rng.integers(2, size=3)
    one = hidden(network(w1, b1, w2))
    other = hidden(network(w1[:, ::-1], b1[::-1], w2[::-1]))
    assert (one.columns, one.groups, one.spread) == (other.columns, other.groups, other.spread)


def test_spread_is_the_largest_difference_between_any_two_columns() -> None:
    weights = np.random.default_rng(1).normal(size=(4, 5))
    largest = max(np.abs(weights[:, i] - weights[:, j]).max() for i in range(5) for j in range(5))
    assert spread(weights) == largest


def test_spread_of_many_networks_is_the_spread_of_each() -> None:
    many = np.random.default_rng(2).normal(size=(6, 4, 5))
    np.testing.assert_array_equal(spread(many), [spread(weights) for weights in many])


def test_a_single_neuron_is_one_group_without_spread() -> None:
    (found, _) = layer_symmetry(experiment(layer(1), layer(1)).layout(2), np.arange(5.0))
    assert (found.groups, found.columns, found.spread) == (1, 1, 0.0)


# Cosine


@pytest.mark.parametrize(
    ("columns", "cosine"),
    [
        ([[1, 0], [0, 1]], 0.0),
        ([[1, 2], [2, 4]], 1.0),
        ([[1, 2], [-2, -4]], 1.0),
        ([[1, 0], [1, 1]], 0.5**0.5),
        ([[1, 0], [0, 1], [1, 1]], (0 + 2 * 0.5**0.5) / 3),
        ([[1, 0], [0, 0], [1, 1]], 0.5**0.5),
    ],
)
def test_mean_abs_cosine_is_over_all_pairs_of_columns_that_are_not_zero(
    columns: list[list[float]], cosine: float
) -> None:
    assert mean_abs_cosine(np.array(columns, float).T) == pytest.approx(cosine, abs=1e-12)


@pytest.mark.parametrize("columns", [[[1, 2]], [[0, 0], [0, 0]], [[1, 2], [0, 0]], [[np.inf, 1], [1, 1]]])
def test_mean_abs_cosine_needs_two_finite_columns_that_are_not_zero(columns: list[list[float]]) -> None:
    with np.errstate(invalid="ignore"):
        assert mean_abs_cosine(np.array(columns, float).T) is None


def test_random_columns_of_two_inputs_have_the_mean_cosine_two_over_pi() -> None:
    columns = np.random.default_rng(3).normal(size=(2, 2000))
    assert mean_abs_cosine(columns) == pytest.approx(2 / np.pi, abs=0.02)


def test_all_positive_random_columns_begin_nearly_alike() -> None:
    columns = np.random.default_rng(4).uniform(size=(784, 100)) * (1 / 784) ** 0.5
    assert mean_abs_cosine(columns) == pytest.approx(0.75, abs=0.01)


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
    base_rate = lane.trainer.experiment.loss.baseline(lane.trainer.dataset.y_train)
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


def test_neighbouring_layers_are_compared_where_they_meet() -> None:
    """Outgoing rows of a layer are the rows of the next matrix."""
    layout = experiment(layer(2), layer(2), layer(1)).layout(inputs=1)
    theta = np.zeros(layout.size)
    for block, following in pairwise(layout.blocks):
        assert following.fan_in == block.fan_out
    layout.blocks[1].weights(theta)[...] = [[1, 1], [2, 2]]
    first, second, _ = layer_symmetry(layout, theta)
    assert (first.columns, first.groups) == (1, 2)
    assert (second.columns, second.groups) == (1, 1)
