"""Which factor of a gradient is 0, and which link of the chain parts two neurons: in real runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.insight.explanation import explain_pair, layer_causes
from engine.report.causes import LayerCause, Motion, PairExplanation, Quantity, Reason, Verdict, names
from engine.report.probes import Pair, pair_in
from engine.session.lab import Lab
from engine.symmetry.groups import group_labels, layer_symmetry
from engine.training.trainer import Trainer
from gui.findings.why_words import MOTIONS, QUANTITIES, REASONS, VERDICTS
from tests.any_experiment import small_experiments
from tests.builders import NO_BIASES, advance, constant, experiment, layer, same_bits, table, trainer_of

ZERO, HALF = constant(0.0), constant(0.5)
SQUARED = {"kind": "squared-error"}
ONE_SAMPLE = table([[1.0, 2.0]], [[1.0]])
SENTENCES = {**REASONS, **MOTIONS, **QUANTITIES}


def both(pair: Pair) -> list[int]:
    return [pair.first.neuron, pair.second.neuron]


def recorded(target: str, lane: str, step: int) -> Trainer:
    """Return a lane of a preset at a recorded step, its gradient computed, as the window shows it."""
    lab = Lab(open_target(target))
    lab.train(step)
    found = next(one for one in lab.lanes if one.name == lane)
    trainer = found.visit(step)
    trainer.compute_gradient()
    return trainer


def after(chosen: Experiment, steps: int = 0) -> Trainer:
    trainer = trainer_of(chosen)
    advance(trainer, steps)
    trainer.compute_gradient()
    return trainer


def with_weights(chosen: Experiment, *weights: Any) -> Trainer:
    """Return an experiment with these weight matrices (fan_in, fan_out), its gradient computed."""
    trainer = trainer_of(chosen)
    for block, values in zip(trainer.layout.blocks, weights, strict=True):
        block.weights(trainer.theta)[...] = values
    trainer.compute_gradient()
    return trainer


def causes(trainer: Trainer) -> list[tuple[Motion, tuple[Reason, ...]]]:
    return [(cause.motion, cause.reasons) for cause in layer_causes(trainer)]


def differing(pair: PairExplanation) -> list[Quantity]:
    return [link.quantity for link in pair.links if not link.equal]


def columns(trainer: Trainer, number: int = 1) -> Floats:
    return trainer.layout.columns(number - 1, trainer.theta).copy()


# Whether a layer moves, and which factor is 0


def test_zeros_with_relu_move_nothing_but_the_output_bias_and_every_zero_factor_is_named() -> None:
    first, second, output = layer_causes(recorded("circles", "zeros", 10))
    assert (first.motion, second.motion, output.motion) == (Motion.NONE, Motion.NONE, Motion.ONLY_BIASES)
    assert first.reasons == (Reason.NO_OUTGOING, Reason.NO_NEXT_DELTA)
    assert second.reasons == (Reason.NO_INPUT, Reason.NO_OUTGOING)
    assert output.reasons == (Reason.NO_INPUT,)
    assert [cause.moving for cause in (first, second, output)] == [False, False, True]
    assert [cause.weights_moving for cause in (first, second, output)] == [False, False, False]
    assert [cause.is_output for cause in (first, second, output)] == [False, False, True]


def test_zeros_with_sigmoid_begin_to_move_at_the_output() -> None:
    at_start = causes(recorded("columns", "zeros", 0))
    assert at_start == [(Motion.NONE, (Reason.NO_OUTGOING,)), (Motion.ALL, ())]
    assert causes(recorded("columns", "zeros", 1)) == [(Motion.ALL, ()), (Motion.ALL, ())]


def test_balanced_classes_cancel_exactly_in_the_output_layer_and_in_its_bias() -> None:
    hidden, output = causes(recorded("zero-gradient", "balanced", 5))
    assert hidden == (Motion.NONE, (Reason.NO_OUTGOING,))
    assert output == (Motion.NONE, (Reason.CANCELS, Reason.BIASES_CANCEL))


def test_equal_softmax_weights_let_the_errors_of_two_classes_cancel_on_the_way_back() -> None:
    chosen = experiment(
        layer(3, weights=HALF),
        layer(2, "softmax", weights=HALF),
        data=table([[1.0, 2.0]], [[1.0, 0.0]]),
        loss={"kind": "cross-entropy"},
    )
    assert causes(after(chosen)) == [(Motion.NONE, (Reason.RETURN_CANCELS,)), (Motion.ALL, ())]


def test_dead_relu_neurons_are_off_wherever_an_error_comes_back() -> None:
    chosen = experiment(layer(3, "relu", **NO_BIASES), layer(1), data=table([[1, 1], [2, 1]], [[1], [1]]))
    hidden, output = layer_causes(with_weights(chosen, -1.0, [[0.5], [0.0], [0.3]]))
    assert (hidden.motion, hidden.reasons) == (Motion.NONE, (Reason.OFF,))
    assert (hidden.reached, hidden.z) == (2, (-3.0, -2.0))
    assert (output.motion, output.reasons) == (Motion.ONLY_BIASES, (Reason.NO_INPUT,))


def test_one_live_relu_neuron_of_three_is_counted() -> None:
    chosen = experiment(layer(3, "relu"), layer(1), data=ONE_SAMPLE)
    hidden = layer_causes(with_weights(chosen, [[-1, -1, 1], [-1, -1, 1]], 1.0))[0]
    assert (hidden.motion, hidden.moving_neurons, hidden.units) == (Motion.SOME, 1, 3)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "elu", "gelu"])
def test_neurons_saturated_to_the_last_bit_are_flat(activation: str) -> None:
    chosen = experiment(layer(2, activation), layer(1), data=ONE_SAMPLE)
    hidden = layer_causes(with_weights(chosen, -400.0, 1.0))[0]
    assert (hidden.motion, hidden.reasons, hidden.z) == (Motion.NONE, (Reason.FLAT,), (-1200.0, -1200.0))


def test_an_output_that_equals_its_targets_has_no_error_and_the_layer_below_hears_of_none() -> None:
    chosen = experiment(layer(2), layer(1, "identity"), loss=SQUARED, data=table([[1, 1]], [[0]]))
    hidden, output = causes(with_weights(chosen, 0.0, [[1.0], [-1.0]]))
    assert hidden == (Motion.NONE, (Reason.NO_NEXT_DELTA,))
    assert output == (Motion.NONE, (Reason.NO_ERROR,))


def test_factors_that_never_meet_in_a_sample_are_not_called_zero() -> None:
    chosen = experiment(
        layer(1, "identity", **NO_BIASES), loss=SQUARED, data=table([[0, 0], [1, 1]], [[1], [0]])
    )
    assert causes(with_weights(chosen, 0.0)) == [(Motion.NONE, (Reason.APART,))]


def test_products_too_small_for_a_number_are_not_called_cancelling() -> None:
    chosen = experiment(
        layer(1, "identity", **NO_BIASES), loss=SQUARED, data=table([[1e-200, 0]], [[1e-200]])
    )
    assert causes(with_weights(chosen, 0.0)) == [(Motion.NONE, (Reason.TINY,))]


def test_dropout_that_leaves_out_the_only_neuron_is_named() -> None:
    chosen = experiment(layer(1, "tanh", dropout=0.9), layer(1), data=ONE_SAMPLE)
    trainer = after(chosen)
    assert not trainer.step.tape["mask1"].any(), "this seed leaves it out in step 0"
    assert causes(trainer)[0] == (Motion.NONE, (Reason.LEFT_OUT,))


def test_weight_decay_moves_what_the_loss_does_not() -> None:
    chosen = experiment(layer(3, weights=HALF), layer(1, weights=ZERO), weight_decay=0.01)
    assert causes(after(chosen))[0] == (Motion.ONLY_DECAY, (Reason.NO_OUTGOING,))


def test_momentum_carries_a_layer_on_whose_gradient_is_zero() -> None:
    optimizer = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    trainer = trainer_of(
        experiment(layer(2, weights=HALF), layer(1, weights=HALF), data=ONE_SAMPLE, optimizer=optimizer)
    )
    advance(trainer, 3)
    trainer.layout.blocks[1].weights(trainer.theta)[...] = 0.0
    trainer.compute_gradient()
    assert causes(trainer)[0] == (Motion.COASTING, (Reason.NO_OUTGOING,))


def test_momentum_moves_the_weights_of_a_layer_that_reads_only_zeros_while_its_bias_has_a_gradient() -> None:
    optimizer = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    trainer = trainer_of(
        experiment(layer(2, "relu", weights=HALF), layer(1), data=ONE_SAMPLE, optimizer=optimizer)
    )
    advance(trainer, 3)
    trainer.layout.blocks[0].weights(trainer.theta)[...] = -9.0
    trainer.compute_gradient()
    assert causes(trainer)[1] == (Motion.BIASES_AND_MEMORY, (Reason.NO_INPUT,))
    before = columns(trainer, 2)
    advance(trainer, 1)
    assert (columns(trainer, 2)[:-1] != before[:-1]).all(), "the weights do move"
    before = columns(trainer)
    advance(trainer, 1)
    assert not same_bits(columns(trainer), before)


def test_weight_decay_and_momentum_are_named_both_where_they_move_a_layer_together() -> None:
    optimizer = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    layers = layer(3, weights=HALF), layer(1, weights=HALF)
    trainer = trainer_of(experiment(*layers, optimizer=optimizer, weight_decay=0.01))
    advance(trainer, 3)
    trainer.layout.blocks[1].weights(trainer.theta)[...] = 0.0
    trainer.compute_gradient()
    assert causes(trainer)[0] == (Motion.DECAY_AND_MEMORY, (Reason.NO_OUTGOING,))


def test_a_gradient_too_small_for_the_last_digit_moves_nothing() -> None:
    one = layer(2, "identity", constant(0.5), **NO_BIASES), layer(1, "identity", constant(0.5), **NO_BIASES)
    optimizer = {"kind": "sgd", "learning_rate": 1e-18}
    trainer = after(experiment(*one, loss=SQUARED, data=ONE_SAMPLE, optimizer=optimizer))
    first, _ = layer_causes(trainer)
    assert (first.motion, first.weights_moving, first.moving_neurons) == (Motion.TOO_SMALL, True, 0)
    before = trainer.theta.copy()
    advance(trainer, 5)
    assert same_bits(trainer.theta, before)


def test_a_neuron_whose_update_is_too_small_is_not_said_to_have_no_gradient() -> None:
    one = layer(2, "identity", **NO_BIASES), layer(1, "identity", **NO_BIASES)
    chosen = experiment(*one, loss=SQUARED, data=ONE_SAMPLE)
    trainer = with_weights(chosen, [[0.5, 1e20], [0.5, 1e20]], [[0.5], [1e-20]])
    first, _ = layer_causes(trainer)
    assert (first.motion, first.moving_neurons) == (Motion.SOME_TOO_SMALL, 1)


def test_a_softmax_over_one_output_is_always_1_and_not_flat() -> None:
    chosen = experiment(layer(2), layer(1, "softmax"), loss=SQUARED, data=table([[1, 2], [2, 1]], [[1], [0]]))
    hidden, output = causes(after(chosen))
    assert output == (Motion.NONE, (Reason.ALWAYS_ONE,))
    assert hidden == (Motion.NONE, (Reason.NO_NEXT_DELTA,))


def test_a_softmax_whose_outputs_all_miss_by_the_same_cannot_move_either() -> None:
    chosen = experiment(
        layer(2, "softmax", ZERO), loss=SQUARED, data=table([[1, 2], [2, 1]], [[1, 1], [0, 0]])
    )
    assert causes(after(chosen)) == [(Motion.NONE, (Reason.SAME_ERRORS,))]


def test_a_saturated_output_with_squared_error_is_flat_although_it_misses_its_target() -> None:
    chosen = experiment(layer(1, "sigmoid"), loss=SQUARED, data=table([[1, 1]], [[0]]))
    (output,) = layer_causes(with_weights(chosen, 400.0))
    assert (output.motion, output.reasons) == (Motion.NONE, (Reason.FLAT,))
    assert (output.reached, output.z) == (1, (800.0, 800.0))
    relu = experiment(layer(1, "relu"), loss=SQUARED, data=table([[1, 1]], [[3]]))
    assert causes(with_weights(relu, -1.0)) == [(Motion.NONE, (Reason.OFF,))]


def test_errors_too_small_for_a_product_are_not_called_flat() -> None:
    layers = layer(1, "tanh", **NO_BIASES), layer(1, "identity", **NO_BIASES)
    chosen = experiment(*layers, loss=SQUARED, data=ONE_SAMPLE)
    trainer = with_weights(chosen, 6.0, 1e-320)
    assert causes(trainer)[0] == (Motion.NONE, (Reason.TINY_DELTA,))


def test_nan_is_equal_to_nothing() -> None:
    trainer = with_weights(experiment(layer(2), layer(1)), np.nan, 1.0)
    pair = explain_pair(trainer, pair_in(1, 0, 1))
    weights = next(link for link in pair.links if link.quantity is Quantity.WEIGHTS)
    assert not weights.equal
    assert np.isnan([*weights.first, *weights.second, weights.difference]).all()


def test_a_diverged_layer_gets_no_reasons() -> None:
    trainer = with_weights(experiment(layer(2), layer(1)), np.nan, 1.0)
    assert causes(trainer)[0] == (Motion.NOT_FINITE, ())
    assert explain_pair(trainer, pair_in(1, 0, 1)).verdict is Verdict.NOT_FINITE


@pytest.mark.parametrize("part", [*Reason, *Motion, *Quantity])
def test_every_sentence_can_be_filled_in(part: Reason | Motion | Quantity) -> None:
    numbers = {
        "units": 4,
        "reached": 3,
        "moving_neurons": 2,
        "low": "−1",
        "high": "0",
        "others": "the biases",
    }
    for is_normalized in (False, True):
        text = SENTENCES[part].format(**names(2, is_normalized=is_normalized), **numbers)
        assert "{" not in text
    assert set(VERDICTS) == set(Verdict)
    plain = {"layer": "2", "next": "3", "inputs": "A1", "sum": "z", "Sum": "Z"}
    assert names(2, is_normalized=False) == plain
    assert names(2, is_normalized=True) == plain | {"sum": "u", "Sum": "U"}


# What is said must be true of any experiment


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=small_experiments(), steps=st.integers(0, 3))
def test_reasons_are_given_exactly_where_the_loss_moves_no_weight(chosen: Experiment, steps: int) -> None:
    trainer = after(chosen, steps)
    for cause, block in zip(layer_causes(trainer), trainer.layout.blocks, strict=True):
        gradient = trainer.step.tape["gradient"]
        assert cause.weights_moving == bool(block.weights(gradient).any())
        assert cause.moving == bool(trainer.layout.columns(cause.layer - 1, gradient).any())
        still = cause.motion in {Motion.ONLY_DECAY, Motion.DECAY_AND_MEMORY} or not cause.weights_moving
        if cause.motion is not Motion.FROZEN:
            assert bool(cause.reasons) == (still and cause.motion is not Motion.NOT_FINITE)
        _check_factors(trainer, cause)


def _check_factors(trainer: Trainer, cause: LayerCause) -> None:
    tape, number = trainer.step.tape, cause.layer
    inputs = tape[f"H{number - 1}"][:, : trainer.layout.blocks[number - 1].fan_in]
    delta_is_zero = {
        *(Reason.NO_OUTGOING, Reason.NO_NEXT_DELTA, Reason.RETURN_APART, Reason.RETURN_TINY),
        *(Reason.RETURN_CANCELS, Reason.LEFT_OUT, Reason.OFF, Reason.FLAT, Reason.NO_ERROR),
        *(
            Reason.ALWAYS_ONE,
            Reason.SAME_ERRORS,
            Reason.TINY_DELTA,
            Reason.NORMALIZED,
            Reason.RESIDUAL_CANCELS,
        ),
    }
    if cause.reasons:
        assert (Reason.NO_INPUT in cause.reasons) == (not inputs.any())
        assert bool(delta_is_zero & {*cause.reasons}) == (not tape[f"dZ{number}"].any())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=small_experiments(), steps=st.integers(0, 3))
def test_verdicts_about_equal_neurons_come_true(chosen: Experiment, steps: int) -> None:
    trainer = after(chosen, steps)
    found = [
        explain_pair(trainer, pair_in(number, 0, neuron))
        for number, block in enumerate(trainer.layout.blocks[:-1], start=1)
        for neuron in range(1, block.fan_out)
    ]
    symmetry = layer_symmetry(trainer.layout, trainer.theta)
    for pair in found:
        labels = group_labels(columns(trainer, pair.neurons.layer).T)
        equal_columns = len({labels[neuron] for neuron in both(pair.neurons)}) == 1
        assert (pair.verdict is Verdict.DIFFER) == (not equal_columns)
        group = symmetry[pair.neurons.layer - 1].labels
        if pair.verdict in {Verdict.STAY, Verdict.DROPOUT}:
            assert len({group[neuron] for neuron in both(pair.neurons)}) == 1
    advance(trainer, 1)
    for pair in found:
        one, other = columns(trainer, pair.neurons.layer)[:, both(pair.neurons)].T
        if pair.verdict is Verdict.LATER:
            assert group_labels(np.stack([one, other])) == (0, 0)
    advance(trainer, 10)
    for pair in found:
        if pair.verdict is Verdict.STAY:
            one, other = columns(trainer, pair.neurons.layer)[:, both(pair.neurons)].T
            assert group_labels(np.stack([one, other])) == (0, 0)
