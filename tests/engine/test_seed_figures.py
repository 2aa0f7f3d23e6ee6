"""Every figure that the seed documents 002 and 003 print, to the last digit that they print."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.session.lane import Lane
from tests.builders import lane_of, recorded_states

pytestmark = pytest.mark.untraced

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "seeds.json").read_text(encoding="utf-8"))
COLUMNS: dict[str, Any] = GOLDEN["csdn_3_4_1"]
CIRCLES: dict[str, Any] = GOLDEN["circles_2_10_5_1"]
GOLDEN_NAMES = {"zeros": "zeros", "constant-2": "constant_2", "random": "random"}
"""Variant of the preset `columns` → its key in the golden file."""

EQUAL_COLUMNS = ("zeros", "constant-2")
COSTS = {"zeros": 1e-12, "large": 1e-3, "he": 1e-10}
"""Variant of the preset `circles` with printed costs → how exactly they are reproduced."""

Trained: TypeAlias = Callable[[str, str], Lane]


@pytest.fixture(scope="module")
def trained(way_of_training: str) -> Trained:  # anew for each way
    """Return (preset, variant) → its lane at the end of the run; each is trained once."""

    @cache
    def train(preset: str, variant: str) -> Lane:
        (spec,) = lane_specs(open_target(preset), [variant])
        return lane_of(spec.experiment, spec.experiment.steps)

    return train


def weights(lane: Lane, number: int, states: Floats | None = None) -> Floats:
    """Return W of a layer, at the end or at each of some states."""
    return lane.trainer.layout.blocks[number - 1].weights(lane.trainer.theta if states is None else states)


def printed(values: Floats) -> Floats:
    """Return the numbers as NumPy prints them: with 8 decimals."""
    return np.round(values, 8)


# Document 003: 3-4-1 on four samples


def test_columns_is_the_experiment_of_document_003() -> None:
    chosen = open_target("columns")
    data = chosen.data.load()
    np.testing.assert_array_equal(data.x_train, COLUMNS["setup"]["X"])
    np.testing.assert_array_equal(data.y_train, COLUMNS["setup"]["Y"])
    assert chosen.widths(data) == (3, 4, 1)
    assert [variant.name for variant in chosen.variants] == list(GOLDEN_NAMES)
    assert chosen.steps == 60_000


@pytest.mark.parametrize("variant", EQUAL_COLUMNS)
def test_columns_repeats_the_printed_errors(trained: Trained, variant: str) -> None:
    lane = trained("columns", variant)
    figures: dict[str, float] = COLUMNS[GOLDEN_NAMES[variant]]["mean_abs_error"]
    for step, error in figures.items():
        assert lane.visit(int(step)).measure_training().mean_abs_error == pytest.approx(
            error, rel=0, abs=1e-12
        )
    assert len(figures) == 6


@pytest.mark.parametrize("variant", EQUAL_COLUMNS)
def test_columns_ends_with_the_printed_equal_weights(trained: Trained, variant: str) -> None:
    lane, figures = trained("columns", variant), COLUMNS[GOLDEN_NAMES[variant]]
    for column in printed(weights(lane, 1)).T:
        np.testing.assert_array_equal(column, figures["W1_columns_all_equal_to"])
    np.testing.assert_array_equal(printed(weights(lane, 2)), np.full((4, 1), figures["W2_all_equal_to"]))


def test_columns_ends_with_the_printed_random_weights(trained: Trained) -> None:
    lane, figures = trained("columns", "random"), COLUMNS["random"]
    np.testing.assert_array_equal(printed(weights(lane, 1)), figures["W1"])
    np.testing.assert_array_equal(printed(weights(lane, 2))[:, 0], figures["W2"])


@pytest.mark.parametrize("variant", EQUAL_COLUMNS)
def test_four_columns_stay_identical_bit_for_bit_at_every_step(trained: Trained, variant: str) -> None:
    lane = trained("columns", variant)
    w1 = weights(lane, 1, recorded_states(lane))
    assert w1.shape == (60_001, 3, 4)
    bits = np.ascontiguousarray(w1).view(np.int64)
    np.testing.assert_array_equal(bits, np.broadcast_to(bits[:, :, :1], bits.shape))


def test_random_columns_differ_at_every_step(trained: Trained) -> None:
    lane = trained("columns", "random")
    w1 = weights(lane, 1, recorded_states(lane))
    for one, other in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        assert (w1[:, :, one] != w1[:, :, other]).any(axis=1).all()


# Document 002: 2-10-5-1 on two circles


def predictions(lane: Lane, inputs: Floats) -> Floats:
    """Return the classes (samples,) that the ReLU network of `circles` gives, computed apart from the engine."""
    theta = lane.trainer.theta
    a = inputs
    for number, block in enumerate(lane.trainer.layout.blocks, start=1):
        z = a @ block.weights(theta) + block.biases(theta)
        a = np.maximum(z, 0.0) if number < 3 else 1 / (1 + np.exp(-z))
    return (a[:, 0] > 0.5).astype(int)


def circles_data() -> Dataset:
    """Return the samples of the preset `circles`."""
    return open_target("circles").data.load()


def test_circles_is_the_experiment_of_document_002() -> None:
    chosen: Experiment = open_target("circles")
    data = circles_data()
    assert chosen.widths(data) == (2, 10, 5, 1)
    assert data.x_test is not None
    assert (len(data.x_train), len(data.x_test)) == (300, 100)
    assert [variant.name for variant in chosen.variants] == ["zeros", "large", "xavier", "he"]
    assert chosen.steps == 15_000


@pytest.mark.parametrize("variant", COSTS)
def test_circles_repeats_the_printed_costs(trained: Trained, variant: str) -> None:
    figures = [float(cost) for cost in CIRCLES[variant]["cost_every_1000"]]
    costs = trained("circles", variant).history.losses[::1000].tolist()
    assert len(figures) == 15
    assert costs == pytest.approx(figures, rel=0, abs=COSTS[variant])


def test_the_first_cost_of_large_weights_is_infinite(trained: Trained) -> None:
    assert trained("circles", "large").history.losses[0] == np.inf


@pytest.mark.parametrize("variant", COSTS)
def test_circles_reaches_exactly_the_printed_accuracies(trained: Trained, variant: str) -> None:
    trainer, figures = trained("circles", variant).trainer, CIRCLES[variant]
    test = trainer.measure_test()
    assert test is not None
    assert trainer.measure_training().accuracy == figures["train_accuracy"]
    assert test.accuracy == figures["test_accuracy"]


@pytest.mark.parametrize("part", ["x_train", "x_test"])
def test_zeros_predict_0_for_every_sample(trained: Trained, part: str) -> None:
    inputs = getattr(circles_data(), part)
    assert not predictions(trained("circles", "zeros"), inputs).any()


@pytest.mark.parametrize("variant", COSTS)
def test_printed_accuracies_are_those_of_the_final_weights(trained: Trained, variant: str) -> None:
    data = circles_data()
    assert data.x_test is not None
    assert data.y_test is not None
    lane, figures = trained("circles", variant), CIRCLES[variant]
    right = predictions(lane, data.x_train) == data.y_train[:, 0]
    right_in_test = predictions(lane, data.x_test) == data.y_test[:, 0]
    assert (right.mean(), right_in_test.mean()) == (figures["train_accuracy"], figures["test_accuracy"])
