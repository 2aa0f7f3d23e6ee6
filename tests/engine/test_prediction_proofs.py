"""What of a prediction is proved and what is a bound: dead layers, edits in the middle of a run, and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.experiments.experiment import Experiment
from engine.report.equality import PredictionReason
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from gui.findings.why_words import prediction_reason_text as reason
from tests.any_experiment import ACTIVATIONS, STARTS, small_experiments, with_copies
from tests.builders import NO_BIASES, advance, constant, experiment, layer, same_bits, table, trainer_of
from tests.predicting import (
    BALANCED,
    DECAYS,
    DIFFERENT_AT_START,
    EQUAL_MEMORY,
    HALF,
    MEMORY,
    RANDOM,
    STILL,
    ZERO,
    of_hidden,
    one_hidden,
    predicted,
    real_columns,
    two_hidden,
    with_columns,
)

pytestmark = pytest.mark.untraced

# Dead layers


@pytest.mark.parametrize(
    "fields",
    [
        {"batch": {"size": 1}},
        {"optimizer": {"kind": "adam"}},
        {"optimizer": {"kind": "sgd", "learning_rate": 0.5}, "weight_decay": 0.1},
    ],
    ids=["single samples", "adam", "decay"],
)
def test_relu_neurons_with_negative_weights_are_dead_behind_dropout_too(fields: dict[str, Any]) -> None:
    """Inputs at least 0 whatever dropout leaves out, weights below 0: no sample ever reaches a neuron."""
    positive = table([[1, 2], [2, 1], [3, 1]], [[0], [1], [1]])
    layers = layer(4, "sigmoid", dropout=0.5), layer(10, "relu", constant(-0.5)), layer(1)
    trainer = trainer_of(experiment(*layers, data=positive, **fields))
    found = of_hidden(trainer)[1]
    assert (found.columns, found.is_exact) == (1, True)
    assert reason(found) == (DECAYS if "weight_decay" in fields else STILL)
    advance(trainer, 200)
    assert real_columns(trainer)[1] == 1


def test_decay_that_can_jump_over_zero_wakes_neurons_with_negative_weights() -> None:
    """Momentum carries a weight past 0, and a rate times λ above 1 throws it there."""
    positive = table([[1, 2], [2, 1], [3, 1]], [[0], [1], [1]])
    for rate, momentum in ((0.1, 0.9), (12.0, 0.0)):
        optimizer = {"kind": "sgd", "learning_rate": rate, "momentum": momentum}
        layers = layer(3, "relu", constant(-0.5)), layer(1)
        chosen = experiment(*layers, data=positive, optimizer=optimizer, weight_decay=0.1)
        trainer = trainer_of(chosen)
        assert predicted(of_hidden(trainer)) == [3]
        advance(trainer, 30)
        assert real_columns(trainer) == [3]


def test_a_layer_behind_a_dead_one_and_a_softmax_over_one_output_never_move() -> None:
    layers = layer(4, "tanh", HALF), layer(1, "softmax")
    trainer = trainer_of(
        experiment(*layers, data=BALANCED, loss={"kind": "squared-error"}, batch={"size": 1})
    )
    found = predict(trainer)
    assert [(one.columns, one.is_exact) for one in found] == [(1, True), (1, True)]
    advance(trainer, 50)
    assert same_bits(trainer.theta, trainer.initial_state)


# What is proved, and what is a bound


def test_one_column_and_columns_that_never_move_are_exact_and_all_else_is_a_bound() -> None:
    assert of_hidden(trainer_of(one_hidden()))[0].is_exact
    frozen = of_hidden(trainer_of(two_hidden("r00", "relu")))
    assert [(found.columns, found.is_exact) for found in frozen] == [(10, True), (1, True)]
    assert not of_hidden(trainer_of(two_hidden("rrr", "relu")))[0].is_exact


def test_noise_that_rounding_swallows_is_no_promise_of_ten_columns() -> None:
    tiny = {"kind": "constant-noise", "value": 0.0, "std": 1e-20}
    trainer = trainer_of(one_hidden({"weights": tiny}))
    (found,) = of_hidden(trainer)
    assert (found.columns_at_start, found.columns, found.is_exact) == (10, 10, False)
    advance(trainer, 1)
    assert real_columns(trainer) == [1]


def test_a_decay_of_one_in_a_step_makes_columns_equal_that_differ() -> None:
    frozen = layer(4, "relu", RANDOM, **NO_BIASES), layer(1, weights=ZERO, **NO_BIASES)
    negative = table([[0, 0]], [[1]])
    trainer = trainer_of(experiment(*frozen, data=negative, weight_decay=2.0))
    (found,) = of_hidden(trainer)
    assert (found.columns, found.is_exact, reason(found)) == (4, False, f"{DIFFERENT_AT_START} {DECAYS}")
    advance(trainer, 1)
    assert real_columns(trainer) == [1]


# From an edit on


@pytest.mark.parametrize("kind", ["sgd", "adam", "rmsprop"])
def test_equal_columns_of_which_the_optimizer_remembers_different_things_part(kind: str) -> None:
    """One neuron was moved apart and set back: columns and rows are equal again, the memory is not."""
    momentum = {"momentum": 0.9} if kind == "sgd" else {}
    trainer = trainer_of(one_hidden(optimizer={"kind": kind, "learning_rate": 0.05, **momentum}))
    theta = trainer.layout.blocks[0].of(trainer.theta)
    theta[0, 3] += 0.5
    advance(trainer, 5)
    for block in trainer.layout.blocks:
        block.of(trainer.theta)[...] = block.of(trainer.theta)[:, :1]
    trainer.layout.blocks[1].weights(trainer.theta)[...] = 0.25
    (found,) = of_hidden(trainer)
    assert (found.step, found.columns_at_start, found.columns, found.is_exact) == (5, 1, 2, False)
    assert reason(found) == f"{MEMORY} {EQUAL_MEMORY}"
    advance(trainer, 10)
    assert real_columns(trainer) == [2]


def test_what_the_optimizer_remembers_moves_a_layer_without_gradients() -> None:
    chosen = one_hidden({"activation": {"kind": "relu"}}, optimizer={"kind": "adam", "learning_rate": 0.05})
    trainer = trainer_of(chosen)
    advance(trainer, 5)
    trainer.layout.blocks[0].of(trainer.theta)[...] = -5.0
    (found,) = of_hidden(trainer)
    assert (found.columns, reason(found)) == (1, EQUAL_MEMORY)
    before = trainer.theta.copy()
    advance(trainer, 1)
    assert (trainer.layout.blocks[0].weights(trainer.theta) != trainer.layout.blocks[0].weights(before)).all()


def test_steps_count_from_the_start_of_the_run_after_an_edit_too() -> None:
    trainer = trainer_of(one_hidden())
    advance(trainer, 40)
    trainer.layout.blocks[1].weights(trainer.theta)[3] += 0.1
    assert of_hidden(trainer)[0].earliest_step == 41


# Outputs


def test_equal_targets_keep_equal_output_columns_equal() -> None:
    """Three inputs, three linear outputs, every column the same, and all targets 1; figures as posted."""
    chosen = experiment(
        layer(3, "identity", **NO_BIASES),
        data=table([[0.316148, 0.17487, 0.738829]], [[1, 1, 1]]),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 2 / 3},
    )
    trainer = with_columns(chosen, [[2.2574] * 3, [-1.2911] * 3, [-1.2469] * 3])
    (found,) = predict(trainer)
    assert (found.columns_at_start, found.columns, found.is_exact) == (1, 1, True)
    assert found.reasons == (PredictionReason.EQUAL_TARGETS,)
    for expected in ([2.5595, -1.1240, -0.5409], [2.7254, -1.0323, -0.1533]):
        advance(trainer, 1)
        (output,) = layer_symmetry(trainer.layout, trainer.theta)
        assert (output.columns, output.spread) == (1, 0.0)
        np.testing.assert_allclose(trainer.layout.blocks[0].weights(trainer.theta)[:, 0], expected, atol=6e-5)


@pytest.mark.parametrize("batch", ["full", 5, 1])
@pytest.mark.parametrize("outputs", [3, 5, 7, 13])
def test_outputs_of_equal_targets_stay_equal_bit_for_bit_at_every_width(
    outputs: int, batch: int | str
) -> None:
    rng = np.random.default_rng(outputs)
    targets = np.repeat(rng.normal(size=(40, 2)), [outputs - 2, 2], axis=1)
    layers = layer(9, "tanh"), layer(outputs, "tanh", HALF)
    data = table(rng.normal(size=(40, 5)), targets)
    trainer = trainer_of(
        experiment(*layers, data=data, loss={"kind": "squared-error"}, batch={"size": batch})
    )
    output = predict(trainer)[-1]
    assert (output.columns_at_start, output.columns, output.is_exact) == (1, 2, False)
    assert output.reasons == (PredictionReason.TARGETS, PredictionReason.EQUAL_TARGETS)
    advance(trainer, 50)
    assert layer_symmetry(trainer.layout, trainer.theta)[-1].columns == 2


# Any small experiment


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(chosen=small_experiments(), copies=st.integers(0, 1000))
def test_training_never_shows_more_columns_than_predicted(chosen: Experiment, copies: int) -> None:
    assert_no_more_columns_than_predicted(chosen, copies)


@pytest.mark.slow
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(chosen=small_experiments(), copies=st.integers(0, 1000))
def test_of_500_random_experiments_none_shows_more_columns_than_predicted(
    chosen: Experiment, copies: int
) -> None:
    assert_no_more_columns_than_predicted(chosen, copies)


def assert_no_more_columns_than_predicted(chosen: Experiment, copies: int) -> None:
    """Train for 200 steps from a start in which some neurons may be copies of others."""
    trainer = trainer_of(chosen)
    if copies % 2:
        with_copies(trainer, copies)
    found = of_hidden(trainer)
    start = real_columns(trainer)
    assert [layer.columns_at_start for layer in found] == start
    advance(trainer, 200)
    if not np.isfinite(trainer.theta).all():
        return
    for hidden, at_start, after in zip(found, start, real_columns(trainer), strict=True):
        assert at_start <= hidden.columns
        assert after <= hidden.columns
        assert STILL not in reason(hidden) or after == at_start


def test_a_prediction_is_nearly_always_what_training_shows() -> None:
    """The bound is no empty one: of 300 layers with copies, at most 3 part less than predicted."""
    rng = np.random.default_rng(5)
    missed = layers = 0
    for seed in range(150):
        kinds, starts = rng.choice(ACTIVATIONS, 2), rng.integers(0, len(STARTS), 3)
        chosen = experiment(
            layer(5, str(kinds[0]), STARTS[starts[0]]),
            layer(4, str(kinds[1]), STARTS[starts[1]]),
            layer(1, weights=STARTS[starts[2]]),
            seed=seed,
        )
        trainer = trainer_of(chosen)
        with_copies(trainer, seed)
        found = of_hidden(trainer)
        advance(trainer, 300)
        pairs = list(zip(predicted(found), real_columns(trainer), strict=True))
        missed += sum(one != other for one, other in pairs)
        layers += len(pairs)
    assert layers == 300
    assert missed <= 3
