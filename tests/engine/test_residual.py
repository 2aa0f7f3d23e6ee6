"""Residual layers: what a layer gets is added to what its activation gives."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.advice.theory import Theory, theory_of
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.health.health_check import HealthCheck
from engine.insight.explanation import explain_pair
from engine.report.causes import Quantity, Verdict
from engine.report.equality import PredictionReason
from engine.report.probes import pair_in
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.symmetry.quotient import quotient_of
from engine.training.edits import CopyNeuron
from engine.training.trainer import Trainer
from tests.builders import (
    advance,
    constant,
    document,
    experiment,
    layer,
    refused,
    same_bits,
    trainer_of,
)

pytestmark = pytest.mark.untraced

HALF = constant(0.5)
ADAM = {"kind": "adam", "learning_rate": 0.02}


def chain(width: int, start: Any, *more: dict[str, Any], **fields: Any) -> Experiment:
    """Return a hidden layer and two residual ones of a width behind it, each with some fields more."""
    rest = [{"residual": True, **one} for one in (more or ({}, {}))]
    hidden = [layer(width, "tanh", start), *(layer(width, "sigmoid", start, **one) for one in rest)]
    return experiment(*hidden, layer(1, weights=start), **{"optimizer": ADAM, **fields})


def groups(trainer: Trainer) -> list[int]:
    return [one.groups for one in layer_symmetry(trainer.layout, trainer.theta)[:-1]]


# What a step computes


def test_outputs_are_what_the_textbook_says() -> None:
    """h = f(W·h + b) + h, layer by layer; the first layer adds the inputs of the network."""
    hidden = layer(2, "tanh", residual=True), layer(3, "relu"), layer(3, "sigmoid", residual=True)
    trainer = trainer_of(experiment(*hidden, layer(1), optimizer=ADAM))
    advance(trainer, 20)
    h: Floats = trainer.dataset.x_train
    first, second, third, last = trainer.step.layers
    h = np.tanh(h @ first.weights + first.biases) + h
    h = np.maximum(h @ second.weights + second.biases, 0)
    h = 1 / (1 + np.exp(-(h @ third.weights + third.biases))) + h
    z = h @ last.weights + last.biases
    np.testing.assert_allclose(trainer.outputs_for_training_samples(), 1 / (1 + np.exp(-z)), rtol=1e-12)


def test_a_sum_and_its_gradient_are_operations() -> None:
    hidden = layer(3, "relu", dropout=0.2), layer(3, "tanh", residual=True)
    tape = trainer_of(experiment(*hidden, layer(1))).step.tape
    written = [operation.formula for operation in tape.operations]
    places = [
        written.index(formula)
        for formula in (
            "F2 = tanh(Z2)",
            "A2 = F2 + A1_masked",
            "dA2 = dZ3·W3ᵀ",
            "dF2 = dA2",
            "dZ2 = dF2 ⊙ tanh′(Z2)",
            "dA1 = dZ2·W2ᵀ",
            "dA1 ← dA1 + dA2",
            "dA1 ← dA1 ⊙ mask1",
        )
    ]
    assert places == sorted(places)


# What is refused


def test_widths_have_to_agree() -> None:
    with refused(
        "network.layers.1.residual: must be false where widths differ: 3 inputs cannot be added to 4 neurons"
    ):
        experiment(layer(3), layer(4, residual=True), layer(1))
    with refused("network.layers.1.residual: must be false, inputs are not added to outputs; …"):
        experiment(layer(1), layer(1, residual=True))
    first = experiment(layer(3, residual=True), layer(1))
    with refused("network.layers.0.residual: must be false where widths differ: 2 inputs …"):
        trainer_of(first)


def test_a_file_without_the_field_is_the_network_without() -> None:
    given, left_out = (document(layer(3, **fields), layer(1)) for fields in ({"residual": False}, {}))
    assert experiment(*given["network"]["layers"]) == experiment(*left_out["network"]["layers"])


# Equal neurons


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_neurons_that_are_equal_along_the_chain_stay_equal_at_every_width(dtype: str) -> None:
    for width in range(2, 131, 1 if dtype == "float64" else 7):
        trainer = trainer_of(chain(width, {"kind": "normal", "std": 0.4}, dtype=dtype))
        for block, following in pairwise(trainer.layout.blocks):
            whole, rows = block.of(trainer.initial_state), following.weights(trainer.initial_state)
            whole[:, ::2], rows[::2] = whole[:, :1].copy(), rows[:1].copy()
        trainer.restore(trainer.initial_state, 0)
        advance(trainer, 4)
        for block in trainer.layout.blocks[:-1]:
            columns = block.of(trainer.theta)
            assert (columns[:, ::2] == columns[:, :1]).all(), width


def test_equal_columns_alone_make_no_equal_neurons() -> None:
    """Neuron j of a residual layer also carries neuron j of the one before it."""
    hidden = layer(4, "tanh"), layer(4, "tanh", HALF, residual=True)
    trainer = trainer_of(experiment(*hidden, layer(1, weights=HALF)))
    found = layer_symmetry(trainer.layout, trainer.theta)[1]
    assert (found.columns, found.groups) == (1, 4)
    told = predict(trainer)[1]
    assert (told.columns_at_start, told.columns) == (1, 4)
    assert told.reasons == (PredictionReason.RESIDUAL,)
    trainer.compute_gradient()
    assert explain_pair(trainer, pair_in(2, 0, 1)).verdict in {Verdict.PARTING, Verdict.LATER}
    advance(trainer, 5)
    assert layer_symmetry(trainer.layout, trainer.theta)[1].columns == 4


def test_a_constant_chain_is_one_group_in_every_layer_and_this_is_predicted() -> None:
    trainer = trainer_of(chain(5, HALF))
    for told in predict(trainer)[:-1]:
        assert (told.columns, told.is_exact) == (1, True)
        assert told.reasons == (PredictionReason.EQUAL_IN_CHAIN,)
    advance(trainer, 100)
    assert groups(trainer) == [1, 1, 1]
    trainer.compute_gradient()
    pair = explain_pair(trainer, pair_in(2, 0, 1))
    assert pair.verdict is Verdict.STAY
    assert {Quantity.PASSED_ON, Quantity.RETURNED} <= {link.quantity for link in pair.links}


def test_inputs_of_the_network_tell_the_neurons_of_the_first_layer_apart() -> None:
    trainer = trainer_of(experiment(layer(2, "tanh", HALF, residual=True), layer(1, weights=HALF)))
    assert groups(trainer) == [2]
    advance(trainer, 3)
    assert layer_symmetry(trainer.layout, trainer.theta)[0].columns == 2


def test_dropout_of_one_layer_parts_the_whole_chain() -> None:
    trainer = trainer_of(chain(4, HALF, {}, {"dropout": 0.4}))
    assert [told.reasons for told in predict(trainer)[:-1]] == [(PredictionReason.DROPOUT,)] * 3


def test_a_copied_neuron_is_copied_along_the_chain() -> None:
    trainer = trainer_of(chain(4, {"kind": "normal", "std": 0.4}, {"normalize": "batch"}, {}))
    advance(trainer, 5)
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    trainer.restore(CopyNeuron(layer=2, source=0, target=3).apply(state, trainer.layout, 5), 5)
    advance(trainer, 20)
    labels = [one.labels for one in layer_symmetry(trainer.layout, trainer.theta)[:-1]]
    assert labels == [(0, 1, 2, 0)] * 3


@pytest.mark.parametrize("more", [({}, {}), ({"normalize": "batch"}, {"normalize": "layer"})])
def test_neurons_that_are_equal_along_the_chain_are_joined_in_the_small_network(more: Any) -> None:
    trainer = trainer_of(chain(5, HALF, *more))
    advance(trainer, 20)
    small = quotient_of(trainer)
    assert small.layers == [2, 1, 1, 1, 1]
    assert small.max_output_difference < 1e-14
    block = trainer.layout.blocks[1]
    block.weights(trainer.theta)[0, 2:] += 0.25
    small = quotient_of(trainer)
    assert small.layers == ([2, 2, 2, 2, 1] if more == ({}, {}) else [2, 5, 5, 5, 1])
    assert small.max_output_difference < 1e-14


def test_neurons_that_carry_inputs_of_the_network_on_are_not_joined() -> None:
    trainer = trainer_of(experiment(layer(2, "tanh", HALF, residual=True), layer(1, weights=HALF)))
    assert (quotient_of(trainer).layers, quotient_of(trainer).max_output_difference) == ([2, 2, 1], 0.0)


# Health and advice


def test_neurons_that_are_off_block_nothing_where_their_inputs_are_passed_on() -> None:
    below = {"biases": constant(-50.0), "residual": True}
    hidden = layer(4, "tanh"), layer(4, "relu", **below), layer(4, "tanh", **below)
    trainer = trainer_of(experiment(*hidden, layer(1)))
    health = HealthCheck(trainer).look()
    assert (health.layers[1].dead, health.layers[2].saturated) == (None, None)
    assert HealthCheck(trainer).off_neurons()[1] == ()
    assert health.layers[0].gradient_norm > 0
    assert theory_of(trainer, 1.0) == Theory(is_beyond=True)


def test_a_chain_of_zeros_moves_where_theory_without_residuals_says_it_rests() -> None:
    """ReLU layers of zeros pass on what they get, so that the layer before them learns."""
    zero = constant(0.0)
    middle = layer(4, "relu", zero, residual=True)
    trainer = trainer_of(experiment(layer(4, "tanh"), middle, layer(1)))
    advance(trainer, 10)
    first = trainer.layout.blocks[0]
    assert not same_bits(first.of(trainer.theta).copy(), first.of(trainer.initial_state).copy())
    assert all(told.columns == 4 for told in predict(trainer_of(trainer.experiment))[:1])
