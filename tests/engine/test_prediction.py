"""What is predicted before the first step, against the tables of what is known and against real training."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from engine.experiments.changes import with_changes
from engine.experiments.presets import open_target, preset_names
from engine.experiments.variants import lane_specs
from engine.symmetry.prediction import predict
from engine.training.trainer import Trainer
from gui.findings.why_words import prediction_reason_text as reason
from tests.builders import NO_BIASES, advance, constant, experiment, layer, same_bits, table, trainer_of
from tests.predicting import (
    BALANCED,
    CLASSES,
    DECAYS,
    DIFFERENT,
    DIFFERENT_AT_START,
    DROPOUT,
    EQUAL,
    EQUAL_MEMORY,
    HALF,
    HE,
    ONE,
    RANDOM,
    ROUNDING,
    ROWS,
    SOME_STILL,
    STILL,
    UNBALANCED,
    ZERO,
    check,
    of_hidden,
    one_hidden,
    predicted,
    real_columns,
    two_hidden,
    with_columns,
)

pytestmark = pytest.mark.untraced

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "golden" / "which_matrix.json").read_text(encoding="utf-8")
)["which_matrix"]
# Which matrix must be random?


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("pattern", GOLDEN)
def test_which_matrix_must_be_random_is_known_before_the_first_step(pattern: str, activation: str) -> None:
    """Real training shows the golden columns: test_symmetry."""
    trainer = trainer_of(two_hidden(pattern, activation))
    assert predicted(of_hidden(trainer)) == GOLDEN[pattern][activation]["columns"]


@pytest.mark.parametrize(
    "training",
    [
        {"optimizer": {"kind": "adam", "learning_rate": 0.01}},
        {"optimizer": {"kind": "rmsprop", "learning_rate": 0.01}, "batch": {"size": 20}},
        {"optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}, "weight_decay": 1e-4},
        {"batch": {"size": 1}, "dtype": "float32"},
    ],
    ids=["adam", "rmsprop in batches", "momentum and decay", "single samples"],
)
@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
@pytest.mark.parametrize("pattern", ["ccc", "crc", "ccr", "0rr", "r0r", "00r", "0r0", "r00"])
def test_it_does_not_depend_on_the_way_of_training(
    pattern: str, activation: str, training: dict[str, Any]
) -> None:
    trainer = trainer_of(two_hidden(pattern, activation, **training))
    found = of_hidden(trainer)
    like = "sigmoid" if activation == "softplus" else activation
    assert predicted(found) == GOLDEN[pattern][like]["columns"]
    advance(trainer, 300)
    assert real_columns(trainer) == predicted(found)


def test_a_zero_matrix_delays_the_parting_by_a_step() -> None:
    """0r0: W3 has to move before anything can be sent back through it; 0rr: nothing has to."""
    for pattern, step in (("0rr", 1), ("0r0", 2)):
        trainer = trainer_of(two_hidden(pattern, "sigmoid"))
        assert reason(predict(trainer)[0]) == ROWS.format(step=step)
        advance(trainer, step - 1)
        assert real_columns(trainer)[0] == 1
        advance(trainer, 1)
        assert real_columns(trainer)[0] == 10


# From zeros


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity", "elu", "leaky-relu", "selu", "gelu"])
def test_from_zeros_nothing_moves_if_f_of_0_is_0(activation: str) -> None:
    check(trainer_of(two_hidden("000", activation)), [1, 1], [STILL, STILL])


@pytest.mark.parametrize("activation", ["sigmoid", "softplus"])
def test_from_zeros_columns_move_together_if_f_of_0_is_not_0(activation: str) -> None:
    check(trainer_of(two_hidden("000", activation)), [1, 1], [EQUAL, EQUAL])


def test_from_zeros_with_balanced_classes_a_full_batch_moves_nothing() -> None:
    layers = layer(3, weights=ZERO), layer(1, weights=ZERO)
    check(trainer_of(experiment(*layers, data=BALANCED)), [1], [STILL])
    check(trainer_of(experiment(*layers, data=BALANCED, batch={"size": 1})), [1], [EQUAL])


def test_gradients_that_cancel_keep_columns_together_that_other_targets_part() -> None:
    """Outgoing rows 1, -1, 0 of neurons that all answer 0.5: with one sample of each class nothing moves."""
    layers = layer(2, weights=ZERO), layer(3, weights=ZERO), layer(1)
    weights = np.zeros((2, 2)), np.zeros((2, 3)), [[1], [-1], [0]]
    check(with_columns(experiment(*layers, data=BALANCED), *weights), [1, 1], [STILL, STILL])
    unbalanced = table([[1, 1], [-1, -1], [1, -1]], [[1], [0], [1]])
    check(with_columns(experiment(*layers, data=unbalanced), *weights), [1, 3], [EQUAL, ROWS.format(step=1)])


def test_zeros_in_the_last_layer_alone_are_fine_and_in_two_layers_stop_both() -> None:
    still = f"{DIFFERENT_AT_START} {STILL}"
    check(trainer_of(two_hidden("rr0", "relu")), [10, 5], [DIFFERENT, DIFFERENT])
    check(trainer_of(two_hidden("r00", "relu")), [10, 1], [still, STILL])


def test_softmax_from_a_constant_keeps_one_column() -> None:
    layers = layer(5, "tanh", HALF), layer(3, "softmax", HALF)
    check(trainer_of(experiment(*layers, data=CLASSES, loss={"kind": "cross-entropy"})), [1], [EQUAL])


# What parts columns, and what does not


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"batch": {"size": 20}},
        {"batch": {"size": 1}},
        {"optimizer": {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9, "nesterov": True}},
        {"optimizer": {"kind": "adam"}},
        {"weight_decay": 0.01},
    ],
    ids=["full batch", "batches", "single samples", "momentum", "adam", "decay"],
)
def test_no_deterministic_training_parts_equal_neurons(training: dict[str, Any]) -> None:
    trainer = trainer_of(one_hidden(**training))
    check(trainer, [1], [EQUAL_MEMORY if trainer.experiment.optimizer.state_count else EQUAL])


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        ({"dropout": 0.5}, DROPOUT),
        ({"biases": {"kind": "normal", "std": 0.1}}, DIFFERENT),
        ({"weights": {"kind": "constant-noise", "value": 0.5, "std": 1e-3}}, DIFFERENT),
    ],
    ids=["dropout", "random biases", "noise"],
)
def test_dropout_random_biases_and_noise_give_ten_columns(hidden: dict[str, Any], reason: str) -> None:
    check(trainer_of(one_hidden(hidden)), [10], [reason])


def test_dropout_parts_the_neurons_of_its_own_layer_only() -> None:
    layers = layer(4, weights=HALF), layer(3, weights=HALF, dropout=0.4), layer(2, weights=HALF)
    check(trainer_of(experiment(*layers, layer(1, weights=HALF))), [1, 3, 1], [EQUAL, DROPOUT, EQUAL])


def test_dropout_does_not_rescue_relu_from_zeros() -> None:
    zeros = layer(10, "relu", ZERO, dropout=0.5), layer(1, weights=ZERO)
    check(trainer_of(experiment(*zeros, data=UNBALANCED)), [1], [STILL])


@pytest.mark.parametrize(("nudged", "columns"), [((3,), 2), ((3, 7), 3)])
def test_a_nudged_neuron_leaves_and_the_others_stay(nudged: tuple[int, ...], columns: int) -> None:
    w1 = np.full((2, 10), 0.5)
    for count, neuron in enumerate(nudged, start=1):
        w1[0, neuron] += 1e-3 * count
    check(with_columns(one_hidden(), w1, 0.5), [columns], [EQUAL])


def test_copies_stay_equal_where_their_rows_are_equal_and_part_where_they_are_not() -> None:
    """Columns a a a b b c; the rows part the first a from the other two, and the two b."""
    w1 = np.array([[1, 1, 1, 2, 2, 3], [0, 0, 0, 1, 1, 1]]) / 4
    w2 = np.array([[1], [2], [2], [1], [2], [1]]) / 4
    check(
        with_columns(experiment(layer(6, "tanh"), layer(1)), w1, w2), [5], [f"{ROWS.format(step=1)} {EQUAL}"]
    )


def test_equal_biases_are_part_of_a_column_and_no_biases_are_none() -> None:
    check(trainer_of(one_hidden(NO_BIASES)), [1], [EQUAL])
    check(trainer_of(one_hidden({"biases": constant(3.0)})), [1], [EQUAL])


def test_one_neuron_has_one_column() -> None:
    check(trainer_of(experiment(layer(1), layer(1))), [1], [ONE])


def test_permuted_rows_cancel_in_exact_arithmetic_and_rounding_parts_them_in_a_run() -> None:
    chosen = experiment(layer(2, "tanh"), layer(2, "tanh"), layer(1))
    trainer = with_columns(chosen, 0.5, [[0.3, 0.7], [0.7, 0.3]], 0.5)
    assert predicted(of_hidden(trainer)) == [2, 2]
    advance(trainer, 300)
    assert real_columns(trainer) == [2, 2]
    first = trainer.layout.blocks[0].weights(trainer.theta)
    np.testing.assert_allclose(first[:, 0], first[:, 1], rtol=0, atol=1e-12)


# What the data say


def test_relu_neurons_that_no_sample_reaches_stay_whatever_their_rows() -> None:
    positive = table([[1, 2], [2, 1], [3, 1]], [[0], [1], [1]])
    negative = layer(4, "relu", constant(-0.5)), layer(1)
    check(trainer_of(experiment(*negative, data=positive)), [1], [STILL])
    one_is_reached = table([[1, 2], [2, 1], [-3, 1]], [[0], [1], [1]])
    check(trainer_of(experiment(*negative, data=one_is_reached)), [4], [ROWS.format(step=1)])


def test_neurons_that_rest_stay_together_beside_others_that_move() -> None:
    positive = table([[1, 2], [2, 1], [3, 1]], [[0], [1], [1]])
    w1 = [[-1, -1, 1, 1], [-1, -1, 1, 1]]
    trainer = with_columns(experiment(layer(4, "relu"), layer(1), data=positive), w1, [[1], [2], [3], [3]])
    check(trainer, [2], [f"{EQUAL} {SOME_STILL}"])


def test_a_hidden_layer_of_sleeping_relu_neurons_stops_the_layers_before_it() -> None:
    layers = layer(4, "relu", RANDOM), layer(3, "relu", constant(-0.5)), layer(1)
    still = f"{DIFFERENT_AT_START} {STILL}"
    check(trainer_of(experiment(*layers)), [4, 1], [still, STILL])


def test_sigmoids_that_are_flat_to_the_last_bit_do_not_move() -> None:
    far = table([[300, 500], [400, 100]], [[0], [1]])
    check(trainer_of(experiment(layer(4, weights=HALF), layer(1), data=far)), [1], [STILL])


def test_weight_decay_alone_parts_nothing() -> None:
    frozen = (
        layer(4, "relu", RANDOM, **NO_BIASES),
        layer(3, "relu", ZERO, **NO_BIASES),
        layer(1, weights=ZERO),
    )
    decaying = trainer_of(experiment(*frozen, weight_decay=0.01))
    check(decaying, [4, 1], [f"{DIFFERENT_AT_START} {DECAYS}", STILL])
    assert not same_bits(decaying.initial_state, decaying.theta)


def test_weight_decay_wakes_relu_neurons_whose_bias_is_positive_and_their_rows_part_them() -> None:
    positive = table([[1, 2], [2, 1], [3, 1]], [[0], [1], [1]])
    asleep = layer(3, "relu", constant(-2.0), biases=constant(1.0))
    chosen = experiment(asleep, layer(1), data=positive, weight_decay=0.1)
    check(trainer_of(chosen), [3], [ROWS.format(step=2)])
    check(trainer_of(with_changes(chosen, [("weight_decay", 0.0)])), [1], [STILL])


def test_dropout_wakes_relu_neurons_whose_inputs_cancel_without_it() -> None:
    layers = layer(2, "tanh", HALF, dropout=0.5), layer(3, "relu"), layer(1)
    weights = 0.5, [[1, 1, 1], [-1, -1, -1]], [[1], [2], [3]]
    check(with_columns(experiment(*layers), *weights), [2, 3], [DROPOUT, ROWS.format(step=1)])
    without = with_changes(experiment(*layers), [("network.layers.0.dropout", 0.0)])
    check(with_columns(without, *weights), [1, 1], [STILL, STILL])


def test_dropout_parts_columns_of_the_layer_before_whose_rows_cancel_without_it() -> None:
    layers = layer(2, "tanh"), layer(2, "identity", dropout=0.5), layer(1)
    weights = 0.0, [[1, -1], [2, -2]], 1.0
    trainer = with_columns(experiment(*layers), *weights)
    check(trainer, [2, 2], [ROWS.format(step=1), DIFFERENT], steps=1)
    without = with_columns(with_changes(experiment(*layers), [("network.layers.1.dropout", 0.0)]), *weights)
    assert reason(predict(without)[0]) == ROWS.format(step=2)
    advance(without, 1)
    assert real_columns(without)[0] == 1


def test_every_output_of_a_softmax_changes_when_one_does() -> None:
    """Class 2 is predicted exactly at the start and is the only one that the hidden neurons feed."""
    thirds = table([[1, 2], [2, 1], [3, 5]], [[2 / 3, 0, 1 / 3]] * 3)
    layers = layer(3, "tanh", ZERO), layer(3, "softmax", ZERO)
    chosen = experiment(*layers, data=thirds, loss={"kind": "cross-entropy"})
    check(with_columns(chosen, 0.0, [[0, 0, 1], [0, 0, 2], [0, 0, 3]]), [3], [ROWS.format(step=2)])


# Initializers


@pytest.mark.parametrize(
    "kind",
    ["lecun-normal", "glorot-normal", "glorot-uniform", "he-normal", "he-uniform", "orthogonal", "lsuv"],
)
def test_every_random_initializer_gives_distinct_columns(kind: str) -> None:
    layers = layer(10, "tanh", {"kind": kind}), layer(5, "tanh", {"kind": kind}), layer(1)
    check(trainer_of(experiment(*layers)), [10, 5], [DIFFERENT, DIFFERENT], steps=100)


@pytest.mark.parametrize(
    "weights",
    [
        {"kind": "uniform", "low": 0.3, "high": 0.3},
        {"kind": "normal", "mean": 0.3, "std": 0.0},
        {"kind": "constant-noise", "value": 0.3, "std": 0.0},
        {"kind": "constant", "value": -2.0, "scale": "1/fan_in"},
    ],
)
def test_an_initializer_without_randomness_gives_one_column(weights: dict[str, Any]) -> None:
    check(trainer_of(one_hidden({"weights": weights})), [1], [EQUAL])


# Presets


@pytest.mark.parametrize("name", ["columns", "circles", "zero-gradient"])
def test_the_small_presets_do_what_is_predicted(name: str) -> None:
    for spec in lane_specs(open_target(name)):
        trainer = Trainer(spec.experiment, spec.experiment.data.load())
        found = of_hidden(trainer)
        advance(trainer, min(spec.experiment.steps, 5000))
        assert real_columns(trainer) == predicted(found), spec.name


@pytest.mark.parametrize("name", ["mnist-per-sample", "mnist-two-layer"])
def test_the_columns_of_random_weights_for_pictures_differ_from_the_start(name: str) -> None:
    """Distinct, not learning: with raw pixels the first layer never moves, and the sentence says so."""
    for spec in lane_specs(open_target(name)):
        trainer = Trainer(spec.experiment, spec.experiment.data.load())
        before = perf_counter()
        found = of_hidden(trainer)
        assert perf_counter() - before < 10
        first = trainer.layout.blocks[0].weights(trainer.theta).copy()
        advance(trainer, 50)
        assert set(real_columns(trainer)) == {100}
        assert predicted(found) == real_columns(trainer)
        moved = not same_bits(first, trainer.layout.blocks[0].weights(trainer.theta))
        assert (STILL not in reason(found[0])) == moved


def test_every_preset_is_predicted() -> None:
    known = {"columns", "circles", "zero-gradient", "mnist-per-sample", "mnist-two-layer"}
    assert set(preset_names()) >= known


# Rounding, and leaving no trace


def test_plain_products_can_part_equal_columns_and_the_sentence_says_by_what() -> None:
    trainer = trainer_of(one_hidden({"units": 7}, arithmetic="blas"))
    exact = trainer_of(one_hidden({"units": 7}))
    (found,) = of_hidden(trainer)
    if set(exact.step.kernels.values()) == {"plain"}:
        assert (found.columns, reason(found)) == (1, EQUAL)  # this processor needs no other way
    else:
        assert (found.columns, reason(found)) == (7, ROUNDING)
    advance(trainer, 500)
    assert real_columns(trainer)[0] <= found.columns


@pytest.mark.parametrize("fields", [{}, {"batch": {"size": 7}}, {"optimizer": {"kind": "adam"}}])
def test_predicting_changes_nothing_in_the_run(fields: dict[str, Any]) -> None:
    chosen = experiment(layer(6, "relu", HE, dropout=0.3), layer(4), layer(1), **fields)
    looked, plain = trainer_of(chosen), trainer_of(chosen)
    predict(looked)
    advance(looked, 20)
    advance(plain, 20)
    assert same_bits(looked.theta, plain.theta)
    assert looked.step_number == 20


def test_the_number_of_steps_and_the_learning_rate_do_not_matter() -> None:
    chosen = two_hidden("0r0", "sigmoid")
    changed = with_changes(chosen, [("steps", 1), ("optimizer.learning_rate", 1e-3)])
    assert predict(trainer_of(chosen)) == predict(trainer_of(changed))
