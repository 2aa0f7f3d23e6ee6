"""Groups, distinct columns, spread and cosine."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
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
from tests.builders import experiment, layer, table

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


@pytest.mark.parametrize("tolerance", [0.0, 1e-3])
def test_a_column_of_nan_equals_no_other_column(tolerance: float) -> None:
    theta = network([[np.nan, np.nan, 1], [1, 1, 1]], [0, 0, 0], [1, 1, 1])
    found = layer_symmetry(LAYOUT_2_3_1, theta, tolerance)[0]
    assert (found.columns, found.groups, found.labels) == (3, 3, (0, 1, 2))
    assert np.isnan(found.spread)


def test_wide_columns_of_nan_are_counted_each() -> None:
    rows = np.ones((4, 300))
    rows[1:3, 299] = np.nan
    assert group_labels(rows) == (0, 1, 2, 0)


@pytest.mark.parametrize("tolerance", [0.0, 1e-3])
def test_equal_infinite_columns_are_equal_and_have_no_spread(tolerance: float) -> None:
    theta = network([[np.inf, np.inf, -np.inf], [1, 1, 1]], [0, 0, 0], [1, 1, 1])
    assert layer_symmetry(LAYOUT_2_3_1, theta, tolerance)[0].labels == (0, 0, 1)
    assert hidden(network([[np.inf] * 3, [1, 1, 1]], 0, 1)).spread == 0.0


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


@pytest.mark.parametrize("size", [5e-324, 1e-320, 1e-200, 1e-155, 1e-30, 1e20, 1e155, 1e200, 1.7e308])
def test_the_cosine_does_not_depend_on_the_size_of_the_weights(size: float) -> None:
    equal = np.full((3, 4), size)
    assert mean_abs_cosine(equal) == pytest.approx(1.0, abs=1e-15)
    opposite = np.array([[size, size, 0.0], [0.0, size, size]])
    assert mean_abs_cosine(opposite) == pytest.approx((2 * 0.5**0.5 + 0) / 3, abs=1e-15)
    sizes = np.array([[1.0, size], [1.0, size]])
    assert mean_abs_cosine(sizes) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("size", [1e-45, 1e-38, 1e-20, 1e20, 3e38])
def test_the_cosine_of_float32_weights_is_that_of_the_same_numbers_in_float64(size: float) -> None:
    equal = np.full((3, 4), size, np.float32)
    assert mean_abs_cosine(equal) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_the_cosine_is_that_of_exact_fractions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((3, 4)) * 10.0 ** rng.uniform(-300, 300, 4)
    columns = [[Fraction(value) for value in column] for column in weights.T.tolist()]

    def squared(one: list[Fraction], other: list[Fraction]) -> Fraction:
        return sum((x * y for x, y in zip(one, other, strict=True)), Fraction(0)) ** 2

    cosines = [
        float(squared(a, b) / (sum(x * x for x in a) * sum(x * x for x in b))) ** 0.5
        for a, b in combinations(columns, 2)
    ]
    assert mean_abs_cosine(weights) == pytest.approx(np.mean(cosines), rel=1e-12)


def test_random_columns_of_two_inputs_have_the_mean_cosine_two_over_pi() -> None:
    columns = np.random.default_rng(3).normal(size=(2, 2000))
    assert mean_abs_cosine(columns) == pytest.approx(2 / np.pi, abs=0.02)


def test_all_positive_random_columns_begin_nearly_alike() -> None:
    columns = np.random.default_rng(4).uniform(size=(784, 100)) * (1 / 784) ** 0.5
    assert mean_abs_cosine(columns) == pytest.approx(0.75, abs=0.01)


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
