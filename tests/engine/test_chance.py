"""Chance, the least loss of outputs that ignore the inputs, is one that the output activation can give."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.health.health_check import HealthCheck
from engine.kinds.shares import nearest_shares
from engine.model.activations import Sigmoid, Softmax
from engine.model.losses import SquaredError
from engine.report.condition import AlarmKind, Health
from engine.session.lab import Lab
from gui.findings.alarm_words import sentence
from tests.builders import constant, experiment, layer, table, trainer_of

SQUARED = {"kind": "squared-error"}
GRID = 60
SHARES = (
    np.array([(i, j, GRID - i - j) for i, j in product(range(GRID + 1), repeat=2) if i + j <= GRID]) / GRID
)
"""All shares of three classes in sixtieths."""


def look(y: Any) -> Health:
    """Return the health of a network with a softmax over the columns of `y` (samples, outputs)."""
    x = np.arange(len(y), dtype=float)[:, np.newaxis]
    chosen = experiment(layer(np.shape(y)[1], "softmax"), data=table(x, y), loss=SQUARED)
    return HealthCheck(trainer_of(chosen)).look()


def out_of_reach(found: Health) -> list[str]:
    return [sentence(alarm, found) for alarm in found.alarms if alarm.kind is AlarmKind.OUTPUT_RANGE]


@pytest.mark.parametrize(("seed", "size"), [(0, 0.2), (1, 1.0), (2, 3.0), (3, 100.0)])
def test_no_shares_of_a_grid_are_nearer_than_the_nearest_ones(seed: int, size: float) -> None:
    wanted = np.random.default_rng(seed).normal(0.3, size, (40, 3))
    found = nearest_shares(wanted)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-12)
    distances = np.linalg.norm(wanted[:, np.newaxis] - SHARES, axis=2).min(axis=1)
    nearest = np.linalg.norm(wanted - found, axis=1)
    assert (nearest <= distances + 1e-9).all()
    assert (distances - nearest <= 1.0 / GRID).all(), "and the grid has some that are hardly further"


def test_shares_are_their_own_nearest_ones_bit_for_bit() -> None:
    shares = np.random.default_rng(1).dirichlet([0.3] * 10, 100)
    assert (nearest_shares(shares) == shares).all()
    assert (nearest_shares(np.full((1, 10), 0.1)) == 0.1).all()


@pytest.mark.parametrize("size", [1e-300, 1e150, 1e300])
def test_of_the_largest_and_the_smallest_numbers_the_nearest_shares_are_known(size: float) -> None:
    wanted = np.array([[size, 0.0, -size], [size, size, size], [-size, -size, -size]])
    first = [1.0, 0.0, 0.0] if size > 1 else [1 / 3] * 3
    np.testing.assert_allclose(nearest_shares(wanted), [first, [1 / 3] * 3, [1 / 3] * 3])


def least_on_a_grid(y: Floats) -> float:
    return float(min(0.5 * np.square(y - shares).sum(axis=1).mean() for shares in SHARES))


def test_chance_of_softmax_outputs_is_that_of_the_best_shares() -> None:
    softmax, loss = Softmax(), SquaredError()
    y = np.array([[0.0, 1.5, 0.5], [0.5, 2.5, 0.0]])  # the mean, (0.25, 2, 0.25), lies far outside
    assert loss.baseline(y, softmax) == pytest.approx(least_on_a_grid(y), rel=1e-12), "always (0, 1, 0)"
    y = np.array([[0.9, 0.9, -0.3], [0.5, 0.9, 0.3]])
    assert loss.baseline(y, softmax) == pytest.approx(least_on_a_grid(y), rel=1e-12), "always (.4, .6, 0)"
    assert loss.baseline(np.tile([0.2, 0.3, 0.5], (7, 1)), softmax) == 0.0, "that very constant"


def test_one_softmax_output_is_always_1_and_so_is_chance() -> None:
    y = np.array([[0.0]] * 19 + [[1.0]])
    assert SquaredError().baseline(y, Sigmoid()) == pytest.approx(0.5 * 0.05 * 0.95)
    assert SquaredError().baseline(y, Softmax()) == 0.5 * 19 / 20
    chosen = experiment(layer(1, "softmax"), data=table(np.arange(20.0)[:, np.newaxis], y), loss=SQUARED)
    [lane] = Lab(chosen).snapshot().lanes
    assert (lane.baseline, lane.loss) == (0.475, pytest.approx(0.475))


def test_targets_of_softmax_whose_sum_is_not_1_are_out_of_reach() -> None:
    said = (
        "Layer 1, step 0: 50 % of the targets are out of reach, those of a sample have sums from 0.50 to 2, the outputs "
        "of softmax always sum to 1."
    )
    assert out_of_reach(look([[1.0, 0.0], [1.0, 1.0], [0.0, 0.5], [0.25, 0.75]])) == [said]


def test_targets_of_softmax_below_0_are_out_of_reach() -> None:
    assert out_of_reach(look([[1.0, 0.0], [-0.5, 1.5]])) == [
        "Layer 1, step 0: 50 % of the targets are out of reach, they range from −0.50 to 1.50, the output from 0 to 1."
    ]


def test_shares_that_are_rounded_are_within_reach() -> None:
    assert not out_of_reach(look([[0.3333333, 0.3333333, 0.3333333], [1.0, 0.0, 0.0]]))


def test_an_output_that_is_as_near_as_shares_can_be_is_not_on_a_wrong_side() -> None:
    y = np.tile([0.0, 3.0], (4, 1))
    trainer = trainer_of(
        experiment(layer(2, "softmax", constant(0.0)), data=table(np.ones((4, 1)), y), loss=SQUARED)
    )
    state = trainer.initial_state.copy()
    for biases, stuck in (((-50.0, 50.0), 0.0), ((50.0, -50.0), 1.0)):
        found = trainer.layout.blocks[0].biases(state)
        assert found is not None
        found[...] = biases
        trainer.restore(state, 0)
        assert HealthCheck(trainer).look().output.stuck == stuck


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "identity"])
def test_where_chance_is_too_large_for_a_number_there_is_none_and_no_warning(activation: str) -> None:
    data = table([[0.0], [1.0]], [[1.7e308, -1.7e308], [0.0, 1e308]])
    lab = Lab(experiment(layer(2, activation), data=data, loss=SQUARED))
    assert lab.snapshot().lanes[0].baseline is None
    assert not np.isfinite(HealthCheck(lab.lanes[0].trainer).look().output.loss)
