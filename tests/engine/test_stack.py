"""Runs in one pass give what each gives alone, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.training.stack import Stack
from engine.training.trainer import Trainer
from tests.builders import constant, experiment, layer, same_bits, trainer_of

STEPS = 60
RUNS = 6
ADAM = {"kind": "adam", "learning_rate": 0.05}
DIGITS = {"kind": "digits", "train": 60, "test": 0}

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


def runs(count: int = RUNS, **fields: Any) -> list[Experiment]:
    """Return experiments that differ in seed, initializer, learning rate and weight decay."""
    weights = [{"kind": "normal", "std": 0.5}, {"kind": "he-normal"}, constant(0.5)]
    made: list[Experiment] = []
    for run in range(count):
        of_run = dict(fields)
        of_run["seed"] = run
        of_run["optimizer"] = {"kind": "sgd", **of_run.get("optimizer", {})}
        of_run["optimizer"]["learning_rate"] = 0.01 * (run + 1)
        if "weight_decay" in of_run:
            of_run["weight_decay"] = 0.01 * (run + 1)
        start = weights[run % len(weights)]
        made.append(experiment(layer(7, "tanh", start), layer(5, "relu", start), layer(1), **of_run))
    return made


def assert_same_runs(stacked: list[Trainer], alone: list[Trainer], losses: Any) -> None:
    for run, (one, other) in enumerate(zip(stacked, alone, strict=True)):
        for step in range(len(losses)):
            with np.errstate(all="ignore"):
                other.advance()
            assert losses[step, run] == other.loss
        assert one.step_number == other.step_number
        assert same_bits(one.theta, other.theta)
        assert one.loss == other.loss


@pytest.mark.parametrize("kind", KINDS)
def test_stacked_runs_equal_single_runs_bit_for_bit(kind: str) -> None:
    chosen = runs(**KINDS[kind])
    stacked = [trainer_of(one) for one in chosen]
    losses = Stack(stacked).train(STEPS)
    assert losses.shape == (STEPS, RUNS)
    assert_same_runs(stacked, [trainer_of(one) for one in chosen], losses)


def test_dropout_of_each_run_is_its_own() -> None:
    chosen = [experiment(layer(7, "tanh", dropout=0.3), layer(1), seed=seed) for seed in range(RUNS)]
    stacked = [trainer_of(one) for one in chosen]
    assert_same_runs(stacked, [trainer_of(one) for one in chosen], Stack(stacked).train(STEPS))


def test_softmax_runs_on_pictures_can_be_stacked() -> None:
    fields: dict[str, Any] = {"data": DIGITS, "loss": {"kind": "cross-entropy"}, "batch": {"size": 16}}
    chosen = [experiment(layer(9), layer(10, "softmax"), seed=seed, **fields) for seed in range(RUNS)]
    stacked = [trainer_of(one) for one in chosen]
    assert_same_runs(stacked, [trainer_of(one) for one in chosen], Stack(stacked).train(STEPS))


def test_other_architectures_in_a_stack_keep_to_themselves() -> None:
    chosen = [*runs(), experiment(layer(3), layer(1)), *runs(optimizer=ADAM), experiment(layer(1))]
    stacked = [trainer_of(one) for one in chosen]
    assert_same_runs(stacked, [trainer_of(one) for one in chosen], Stack(stacked).train(STEPS))


@pytest.mark.parametrize("width", [5, 6, 7, 10, 13])
def test_stacked_constant_columns_stay_identical_bit_for_bit(width: int) -> None:
    same = constant(0.5)
    trainers = [
        trainer_of(
            experiment(layer(width, "tanh", same), layer(width, "tanh", same), layer(1, weights=same), seed=s)
        )
        for s in range(RUNS)
    ]
    Stack(trainers).train(200)
    for trainer in trainers:
        for block in trainer.layout.blocks[:-1]:
            weights = block.weights(trainer.theta)
            assert weights.any()
            assert (weights == weights[:, :1]).all()


def test_a_run_in_a_stack_can_be_looked_at_and_taken_back() -> None:
    stacked, alone = [trainer_of(one) for one in runs()], [trainer_of(one) for one in runs()]
    stack = Stack(stacked)
    stack.train(20)
    kept = np.empty_like(stacked[2].initial_state)
    stacked[2].save(kept)
    stack.train(20)
    stacked[2].restore(kept, 20)
    with np.errstate(all="ignore"):
        for _ in range(20):
            alone[2].advance()
    assert same_bits(stacked[2].compute_gradient(), alone[2].compute_gradient())
    assert stacked[2].measure_training() == alone[2].measure_training()
    stack.train(5)
    with np.errstate(all="ignore"):
        for _ in range(5):
            alone[2].advance()
    assert same_bits(stacked[2].theta, alone[2].theta)


def test_alike_runs_share_their_calls() -> None:
    alone = trainer_of(runs()[0])
    stack = Stack([trainer_of(one) for one in runs(16)])
    [one] = stack.passes
    calls = one._calls  # pyright: ignore[reportPrivateUsage]
    assert len(calls) < 3 * len(alone.step.tape.training_calls())
