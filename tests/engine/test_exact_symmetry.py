"""Neurons that start equal stay equal bit for bit, whatever the width: the promise of exact arithmetic."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.session.lane import Lane
from engine.symmetry.groups import layer_symmetry
from tests.builders import advance, constant, experiment, lane_of, layer, recorded_states, trainer_of

pytestmark = pytest.mark.untraced

STEPS = 2000
ACTIVATIONS = ("relu", "tanh", "sigmoid")
SAMPLED_WIDTHS = (2, 3, 5, 6, 7, 10, 13, 16, 17, 33, 64, 100, 130)
"""5, 6, 7, 10, 13 and 33 are widths at which plain BLAS products pull equal neurons apart."""

TWO_LAYERS = ((2, 2), (5, 3), (10, 5), (6, 7), (7, 13), (13, 33), (33, 10))


def from_constant(activation: str, *widths: int, **fields: object) -> Experiment:
    """Return a network on two moons whose every weight is 0.5 and every bias 0."""
    hidden = [layer(units, activation, constant(0.5)) for units in widths]
    return experiment(*hidden, layer(1, weights=constant(0.5)), **fields)


def assert_one_group_at_every_step(lane: Lane) -> None:
    """Compare incoming columns, biases and outgoing rows of every hidden layer at every recorded step."""
    states = recorded_states(lane)
    for block, following in pairwise(lane.trainer.layout.blocks):
        incoming, outgoing = block.of(states), following.weights(states)
        assert (incoming == incoming[..., :1]).all(), "columns and biases"
        assert (outgoing == outgoing[..., :1, :]).all(), "outgoing rows"
    for hidden in layer_symmetry(lane.trainer.layout, lane.trainer.theta)[:-1]:
        assert (hidden.groups, hidden.columns, hidden.spread) == (1, 1, 0.0)


def assert_symmetric_run(chosen: Experiment) -> None:
    """Train for 2,000 steps; every weight matrix moves, and every hidden layer is one group at every step."""
    lane = lane_of(chosen, STEPS)
    for block in lane.trainer.layout.blocks:
        first, last = (block.weights(state) for state in (lane.trainer.initial_state, lane.trainer.theta))
        assert (first != last).all()
    assert_one_group_at_every_step(lane)


@pytest.mark.parametrize("width", SAMPLED_WIDTHS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equal_neurons_stay_one_group(activation: str, width: int) -> None:
    assert_symmetric_run(from_constant(activation, width))


@pytest.mark.parametrize("widths", TWO_LAYERS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_two_hidden_layers_stay_one_group_each(activation: str, widths: tuple[int, int]) -> None:
    assert_symmetric_run(from_constant(activation, *widths, optimizer={"kind": "sgd", "learning_rate": 0.1}))


@pytest.mark.parametrize("width", [5, 6, 7, 10, 13, 33])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equal_neurons_stay_one_group_in_float32(activation: str, width: int) -> None:
    assert_symmetric_run(from_constant(activation, width, dtype="float32"))


@pytest.mark.parametrize("width", [5, 10, 33])
@pytest.mark.parametrize(
    "optimizer",
    [{"kind": "sgd", "momentum": 0.9, "nesterov": True}, {"kind": "rmsprop"}, {"kind": "adam"}],
    ids=lambda optimizer: optimizer["kind"],
)
def test_no_optimizer_and_no_weight_decay_parts_equal_neurons(
    optimizer: dict[str, object], width: int
) -> None:
    assert_symmetric_run(from_constant("tanh", width, optimizer=optimizer, weight_decay=0.01))


@pytest.mark.parametrize("samples", [2, 3, 7, 32, 301])
def test_the_number_of_samples_does_not_part_equal_neurons(samples: int) -> None:
    data = {"kind": "circles", "train": samples, "noise": 0.1, "seed": 2}
    assert_symmetric_run(from_constant("tanh", 13, data=data))


@pytest.mark.slow
@pytest.mark.parametrize("width", range(2, 131))
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equal_neurons_stay_one_group_at_every_width(activation: str, width: int) -> None:
    for samples in (60, 300):
        data = {"kind": "circles", "train": samples, "noise": 0.1, "seed": 2}
        assert_symmetric_run(from_constant(activation, width, data=data))


@pytest.mark.slow
@pytest.mark.parametrize("width", range(2, 131))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_two_hidden_layers_stay_one_group_each_at_every_width(dtype: str, width: int) -> None:
    chosen = from_constant("tanh", width, 132 - width, dtype=dtype)
    trainer = trainer_of(chosen)
    for _ in range(STEPS):
        advance(trainer, 1)
        hidden = layer_symmetry(trainer.layout, trainer.theta)[:-1]
        assert [found.groups for found in hidden] == [1, 1]


def test_plain_blas_is_a_choice() -> None:
    trainer = trainer_of(from_constant("tanh", 5, arithmetic="blas"))
    before = trainer.theta.copy()
    trainer.advance()
    assert set(trainer.step.kernels.values()) == {"plain"}
    assert (trainer.theta != before).any()


def test_exact_and_blas_differ_in_rounding_only() -> None:
    exact, plain = (lane_of(from_constant("tanh", 13, 7, arithmetic=mode), 100) for mode in ("exact", "blas"))
    np.testing.assert_allclose(exact.trainer.theta, plain.trainer.theta, rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("width", "batch"), [(13, 32), (100, 32), (101, 10), (33, 64)])
def test_equal_neurons_over_pictures_stay_equal_in_batches(width: int, batch: int, dtype: str) -> None:
    trainer = trainer_of(
        experiment(
            layer(width, weights=constant(0.01)),
            layer(12, weights=constant(0.02)),
            layer(10, "softmax", weights=constant(0.01)),
            data={"kind": "mnist", "pixels": "scaled", "train": 300},
            loss={"kind": "cross-entropy"},
            batch={"size": batch},
            weight_decay=1e-3,
            dtype=dtype,
        )
    )
    advance(trainer, 40)
    for parameters in (trainer.theta, trainer.compute_gradient()):
        for block in trainer.layout.blocks[:2]:
            columns = block.of(parameters)
            assert columns.any()
            assert (columns == columns[:, :1]).all()
