"""Everything that is said about symmetry, against what happens: a few hundred random runs, many of them sick."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.insight.explanation import explain_pair, layer_causes
from engine.report.causes import LayerCause, Motion, Reason, Verdict
from engine.report.probes import pair_in
from engine.symmetry.prediction import predict
from engine.training.trainer import Trainer
from tests.builders import advance
from tests.plain_network import PlainLayer, plain_step
from tests.rough_experiments import rough_trainer

pytestmark = pytest.mark.untraced

SEEDS = range(200)
STEPS = 40
LOOKS = (0, 1, 7)


def columns(trainer: Trainer, layer: int) -> list[tuple[float, ...]]:
    """Return the columns of a layer (from 1), each with its bias, scale and shift, as Python compares numbers."""
    return [tuple(column) for column in trainer.layout.columns(layer - 1, trainer.theta).T.tolist()]


def is_finite(trainer: Trainer) -> bool:
    return bool(np.isfinite(trainer.theta).all())


# Predictions


@pytest.mark.parametrize("seed", SEEDS)
def test_a_prediction_holds_at_every_step_from_where_it_was_made(seed: int) -> None:
    trainer = rough_trainer(seed)
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    if not np.isfinite(state).all():
        return
    found = predict(trainer)
    trainer.restore(state, trainer.step_number)
    assert [one.columns_at_start for one in found] == [len(set(columns(trainer, one.layer))) for one in found]
    while trainer.step_number < STEPS and is_finite(trainer):
        for one in found:
            seen = len(set(columns(trainer, one.layer)))
            assert seen <= one.columns, (one, trainer.step_number)
            assert seen == one.columns or not one.is_exact, (one, trainer.step_number)
        advance(trainer, 1)


def test_few_predictions_are_larger_than_what_comes() -> None:
    """A bound of as many columns as neurons would be true, too, and say nothing: of all layers that start with equal
    columns, at most one in eight shows fewer columns than it can have."""
    shown = loose = 0
    for seed in SEEDS:
        trainer = rough_trainer(seed)
        if not is_finite(trainer):
            continue
        found = predict(trainer)
        most = [one.columns_at_start for one in found]
        for _ in range(STEPS):
            advance(trainer, 1)
            most = [max(most[one.layer - 1], len(set(columns(trainer, one.layer)))) for one in found]
        if is_finite(trainer):
            some_equal = [one for one in found if one.columns_at_start < len(columns(trainer, one.layer))]
            shown += len(some_equal)
            loose += sum(most[one.layer - 1] < one.columns for one in some_equal)
    assert shown > 200
    assert loose <= shown / 8


# Why a layer moves or not


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_to_move_a_layer_moves_it(seed: int) -> None:
    trainer = rough_trainer(seed)
    for steps in LOOKS:
        advance(trainer, steps)
        with np.errstate(all="ignore"):
            trainer.compute_gradient()
            causes = layer_causes(trainer)
        before, memory = trainer.theta.copy(), [state.copy() for state in trainer.step.memory]
        gradient = trainer.step.gradient.copy()
        advance(trainer, 1)
        for index, cause in enumerate(causes):
            if cause.motion is Motion.NOT_FINITE:
                continue
            columns_of = partial(trainer.layout.columns, index)
            changed = columns_of(trainer.theta) != columns_of(before)
            moves_by_itself = (
                columns_of(memory[0]) != 0
                if trainer.experiment.optimizer.has_memory
                else np.zeros_like(changed)
            )
            fan_in = trainer.layout.blocks[index].fan_in
            check_motion(cause, changed, columns_of(gradient) != 0, moves_by_itself, fan_in)


def check_motion(cause: LayerCause, changed: Floats, gradient: Floats, memory: Floats, fan_in: int) -> None:
    """Compare what is said with what changed (rows, fan_out), and where gradient and memory are not 0."""
    weights, biases, moved = changed[:fan_in].any(), changed[fan_in:].any(), changed.any(axis=0)
    pushed = (gradient | memory)[:, ~moved].any()
    assert cause.moving_neurons == moved.sum()
    truth = {
        Motion.ALL: moved.all(),
        Motion.SOME: moved.any() and not moved.all() and not pushed,
        Motion.SOME_TOO_SMALL: moved.any() and not moved.all() and pushed,
        Motion.ONLY_BIASES: biases and not weights,
        Motion.BIASES_AND_MEMORY: biases and weights and memory[:fan_in].any(),
        Motion.ONLY_DECAY: weights and not memory[:fan_in].any(),
        Motion.DECAY_AND_MEMORY: weights and memory[:fan_in].any(),
        Motion.COASTING: changed.any() and memory.any() and bool(cause.reasons),
        Motion.TOO_SMALL: not changed.any() and (gradient.any() or memory.any()),
        Motion.NONE: not changed.any() and not gradient.any() and not memory.any(),
    }
    assert truth[cause.motion], cause


@pytest.mark.parametrize("seed", SEEDS)
def test_every_factor_that_is_said_to_be_0_is_0(seed: int) -> None:
    trainer = rough_trainer(seed)
    for steps in LOOKS:
        advance(trainer, steps)
        with np.errstate(all="ignore"):
            trainer.compute_gradient()
            layers = plain_step(trainer)
            for cause in layer_causes(trainer):
                if all(np.isfinite(x.delta).all() and np.isfinite(x.inputs).all() for x in layers):
                    for reason in cause.reasons:
                        assert is_true(reason, trainer, layers, cause.layer - 1), (reason, cause)


def is_true(reason: Reason, trainer: Trainer, layers: list[PlainLayer], index: int) -> bool:
    """Return whether a reason holds in the textbook's numbers, which are rounded in another way than the program's."""
    eps = np.finfo(trainer.experiment.float_type)
    layer, following = layers[index], layers[index + 1] if index + 1 < len(layers) else layers[index]

    def is_zero(values: Floats, scale: float) -> bool:
        return bool(np.abs(values).max() <= max(100 * eps.eps * scale, 100 * eps.tiny))

    def size(values: Floats) -> float:
        return float(np.abs(values).max())

    is_residual = index + 1 < len(layers) and trainer.experiment.network.layers[index + 1].residual
    beside = np.abs(following.error) if is_residual else np.zeros(())
    back = np.abs(following.delta) @ np.abs(following.weights.T)
    forth = np.abs(layer.inputs.T) @ np.abs(layer.delta)
    nothing_left = is_zero(layer.u_delta, size(layer.error) or 1.0)
    pull = trainer.experiment.weight_decay * layer.weights
    shares = layer.a != 0
    spread = np.ptp(np.where(shares, layer.error, layer.error[shares].mean() if shares.any() else 0), axis=1)
    truth = {
        Reason.NO_INPUT: not layer.inputs.any(),
        Reason.NO_OUTGOING: not following.weights.any(),
        Reason.NO_NEXT_DELTA: is_zero(following.delta, size(following.error) or 1.0),
        Reason.RETURN_APART: not back.any() or is_zero(back, 0.0),
        Reason.RETURN_TINY: is_zero(back, 0.0),
        Reason.RETURN_CANCELS: back.any() and is_zero(layer.error, size(back)),
        Reason.RESIDUAL_CANCELS: beside.any() and is_zero(layer.error, size(back + beside)),
        Reason.NOTHING_BESIDE: is_residual and not beside.any(),
        Reason.LEFT_OUT: (back + beside).any() and trainer.experiment.network.layers[index].dropout > 0,
        Reason.OFF: layer.kind == "relu" and (layer.u[layer.error != 0] <= 0).all(),
        Reason.FLAT: nothing_left and layer.error.any(),
        Reason.TINY_DELTA: nothing_left and layer.error.any(),
        Reason.ALWAYS_ONE: layer.kind == "softmax" and layer.a.shape[1] == 1 and (layer.a == 1).all(),
        Reason.SAME_ERRORS: layer.kind == "softmax" and shares.sum(axis=1).max() > 1 and size(spread) < 1,
        Reason.NO_ERROR: not layer.error.any(),
        Reason.NORMALIZED: layer.u_delta.any() and is_zero(layer.delta, layer.normalized_size),
        Reason.APART: layer.inputs.any() and is_zero(forth, 0.0),
        Reason.TINY: is_zero(forth, 0.0),
        Reason.CANCELS: forth.any() and is_zero(layer.gradient, size(forth)),
        Reason.DECAY_BALANCES: pull.any() and is_zero(layer.gradient + pull, size(pull)),
        Reason.BIASES_CANCEL: is_zero(
            layer.delta.sum(axis=0), max(float(np.abs(layer.error).sum()), layer.normalized_size)
        ),
    }
    return bool(truth[reason])


# Two neurons


@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_on_two_neurons_comes_true(seed: int) -> None:
    trainer = rough_trainer(seed)
    found = predict(trainer)
    with np.errstate(all="ignore"):
        trainer.compute_gradient()
        explained = [
            explain_pair(trainer, pair_in(layer, first, second), is_proved=found[layer - 1].is_exact)
            for layer, block in enumerate(trainer.layout.blocks[:-1], start=1)
            for first, second in combinations(range(block.fan_out), 2)
        ]
    start = trainer.step_number
    while trainer.step_number < start + STEPS and is_finite(trainer):
        for one in explained:
            here = columns(trainer, one.neurons.layer)
            equal = here[one.neurons.first.neuron] == here[one.neurons.second.neuron]
            age = trainer.step_number - start
            assert equal or one.verdict not in {Verdict.STAY, Verdict.PROVED}, (one, age)
            if age == 0:
                assert equal == (one.verdict is not Verdict.DIFFER) or one.verdict is Verdict.NOT_FINITE
            if age == 1 and one.verdict not in {Verdict.DIFFER, Verdict.NOT_FINITE}:
                assert equal == (one.verdict is not Verdict.PARTING), one
        advance(trainer, 1)
