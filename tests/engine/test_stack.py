"""Trainers that are stacked along a batch axis train as each would alone, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.ensemble.stack import Stack
from engine.experiments.experiment import Experiment
from engine.training.trainer import Trainer
from tests.builders import constant, experiment, layer, same_bits, trainer_of

STEPS = 60
TRAINERS = 6
ADAM = {"kind": "adam", "learning_rate": 0.05}
DIGITS = {"kind": "digits", "train": 60, "test": 0}
INITIALIZERS = [{"kind": "normal", "std": 0.5}, {"kind": "he-normal"}, constant(0.5)]

KINDS: dict[str, dict[str, Any]] = {
    "sgd": {},
    "momentum": {"optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": True}},
    "rmsprop": {"optimizer": {"kind": "rmsprop"}, "weight_decay": 0.01},
    "adam": {"optimizer": ADAM},
    "batches": {"batch": {"size": 7}},
    "single samples": {"batch": {"size": 1, "shuffle": True}, "weight_decay": 0.01},
    "float32": {"dtype": "float32"},
    "blas": {"arithmetic": "blas"},
    "mean squares": {"loss": {"kind": "squared-error"}},
}


def experiments(count: int = TRAINERS, **fields: Any) -> list[Experiment]:
    """Return experiments that differ in seed, initializer, learning rate and weight decay."""
    return [_experiment(number, fields) for number in range(count)]


def _experiment(number: int, fields: dict[str, Any]) -> Experiment:
    own = dict(fields)
    own["seed"] = number
    rate = 0.01 * (number + 1)
    own["optimizer"] = {"kind": "sgd", **fields.get("optimizer", {}), "learning_rate": rate}
    if "weight_decay" in fields:
        own["weight_decay"] = rate
    start = INITIALIZERS[number % len(INITIALIZERS)]
    return experiment(layer(7, "tanh", start), layer(5, "relu", start), layer(1), **own)


def trainers_of(chosen: list[Experiment]) -> list[Trainer]:
    return [trainer_of(one) for one in chosen]


def advance_alone(trainer: Trainer, steps: int) -> list[float]:
    """Do `steps` updates in one trainer and return their losses."""
    losses: list[float] = []
    with np.errstate(all="ignore"):
        for _ in range(steps):
            trainer.advance()
            losses.append(trainer.loss)
    return losses


def assert_stacked_as_alone(chosen: list[Experiment]) -> None:
    """Train experiments stacked and alone, and compare losses and parameters."""
    stacked, single = trainers_of(chosen), trainers_of(chosen)
    losses = Stack(stacked).train(STEPS)
    assert losses.shape == (STEPS, len(chosen))
    for number, (one, other) in enumerate(zip(stacked, single, strict=True)):
        assert losses[:, number].tolist() == advance_alone(other, STEPS)
        assert one.step_number == other.step_number
        assert same_bits(one.theta, other.theta)
        assert one.loss == other.loss


@pytest.mark.parametrize("kind", KINDS)
def test_stacked_trainers_equal_single_ones_bit_for_bit(kind: str) -> None:
    assert_stacked_as_alone(experiments(**KINDS[kind]))


def test_dropout_of_each_trainer_is_its_own() -> None:
    assert_stacked_as_alone(
        [experiment(layer(7, "tanh", dropout=0.3), layer(1), seed=seed) for seed in range(TRAINERS)]
    )


def test_softmax_networks_on_pictures_can_be_stacked() -> None:
    fields: dict[str, Any] = {"data": DIGITS, "loss": {"kind": "cross-entropy"}, "batch": {"size": 16}}
    assert_stacked_as_alone(
        [experiment(layer(9), layer(10, "softmax"), seed=seed, **fields) for seed in range(TRAINERS)]
    )


def test_other_architectures_in_a_stack_keep_to_themselves() -> None:
    others = [experiment(layer(3), layer(1)), experiment(layer(1))]
    assert_stacked_as_alone([*experiments(), others[0], *experiments(optimizer=ADAM), others[1]])


@pytest.mark.parametrize("width", [5, 6, 7, 10, 13])
def test_stacked_constant_columns_stay_identical_bit_for_bit(width: int) -> None:
    same = constant(0.5)
    trainers = [
        trainer_of(
            experiment(layer(width, "tanh", same), layer(width, "tanh", same), layer(1, weights=same), seed=s)
        )
        for s in range(TRAINERS)
    ]
    Stack(trainers).train(200)
    for trainer in trainers:
        for block in trainer.layout.blocks[:-1]:
            weights = block.weights(trainer.theta)
            assert weights.any()
            assert (weights == weights[:, :1]).all()


def test_a_stacked_trainer_can_be_measured_saved_and_restored() -> None:
    stacked, single = trainers_of(experiments()), trainers_of(experiments())
    stack = Stack(stacked)
    stack.train(20)
    saved = np.empty_like(stacked[2].initial_state)
    stacked[2].save(saved)
    stack.train(20)
    stacked[2].restore(saved, 20)
    advance_alone(single[2], 20)
    assert same_bits(stacked[2].compute_gradient(), single[2].compute_gradient())
    assert stacked[2].measure_training() == single[2].measure_training()
    stack.train(5)
    advance_alone(single[2], 5)
    assert same_bits(stacked[2].theta, single[2].theta)


def test_trainers_with_equal_tapes_share_their_calls(way_of_training: str) -> None:
    if way_of_training == "driver":
        pytest.skip("the driver trains each alone")
    single = trainer_of(experiments()[0])
    stack = Stack(trainers_of(experiments(16)))
    [one] = stack.passes
    calls = one._calls  # pyright: ignore[reportPrivateUsage]
    assert len(calls) < 3 * len(single.step.tape.training_calls())
