"""Where only numbers of an experiment change, its step is not compiled again: its tape takes the numbers over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.session.lab import Lab
from engine.tape.instructions import Tape
from engine.training.edits import Set
from engine.training.trainer import Trainer
from tests.any_experiment import small_experiments
from tests.builders import advance, experiment, layer, same_bits, trainer_of
from tests.engine.acting import perform

STEPS = 6
SGD: dict[str, Any] = {"kind": "sgd", "learning_rate": 0.5}
MOMENTUM, ADAM = {**SGD, "momentum": 0.5}, {"kind": "adam", "learning_rate": 0.1}
OF_LOGITS = {"kind": "logits-binary-cross-entropy"}
SOFT = {"kind": "binary-cross-entropy"}


def network(**fields: Any) -> Experiment:
    """Return a 2-5-4-1 network on moons whose first layer has a rate of its own, with clipping and both penalties."""
    layers = layer(5, "leaky-relu", rate=0.5), layer(4, "elu"), layer(1, "identity")
    given = {
        "loss": {"kind": "huber"},
        "weight_decay": 0.02,
        "l1": 0.01,
        "clip": {"kind": "norm", "limit": 0.5},
    }
    return experiment(*layers, **{**given, **fields})


def scheduled(kind: str, **numbers: float) -> dict[str, Any]:
    return {**SGD, "schedule": {"kind": kind, **numbers}}


NUMBERS: dict[str, tuple[dict[str, Any], str, object]] = {
    "seed": ({}, "seed", 7),
    "weights": ({}, "network.layers.0.weights", {"kind": "he-normal"}),
    "spread of weights": ({}, "network.layers.0.weights.std", 0.125),
    "biases": ({}, "network.layers.1.biases", {"kind": "normal", "std": 0.25}),
    "learning rate": ({}, "optimizer.learning_rate", 0.125),
    "learning rate of Adam": ({"optimizer": ADAM}, "optimizer.learning_rate", 0.03),
    "beta of Adam": ({"optimizer": ADAM}, "optimizer.beta2", 0.9),
    "momentum": ({"optimizer": MOMENTUM}, "optimizer.momentum", 0.75),
    "weight decay": ({}, "weight_decay", 0.3),
    "weight decay of AdamW": ({"optimizer": {"kind": "adamw"}}, "weight_decay", 0.3),
    "weight decay of a batch": ({"batch": {"size": 1}, "l1": 0, "clip": None}, "weight_decay", 0.3),
    "l1": ({}, "l1", 0.25),
    "rate of a layer": ({}, "network.layers.0.rate", 0.125),
    "slope of an activation": ({}, "network.layers.0.activation.slope", 0.25),
    "number of a loss": ({}, "loss.delta", 0.125),
    "class weights": ({"loss": {**OF_LOGITS, "class_weights": [1, 3]}}, "loss.class_weights", [2, 1]),
    "class weights of a batch": (
        {"loss": {**OF_LOGITS, "class_weights": [1, 3]}, "batch": {"size": 3}},
        "loss.class_weights",
        "balanced",
    ),
    "limit of the norm": ({}, "clip.limit", 0.125),
    "limit of the values": ({"clip": {"kind": "value", "limit": 0.5}}, "clip.limit", 0.01),
    "schedule": ({"optimizer": scheduled("step", every=2)}, "optimizer.schedule.every", 3),
    "end of a cycle": ({"optimizer": scheduled("one-cycle", steps=5)}, "optimizer.schedule.start", 7.0),
    "precision that holds few numbers": ({"dtype": "float32"}, "optimizer.learning_rate", 1e-3),
}
every_number = pytest.mark.parametrize("name", NUMBERS)


def texts(tape: Tape) -> object:
    return tape.source(), [one.formula for one in tape.instructions], tape.operations


def assert_a_fresh_run(trainer: Trainer, fresh: Trainer) -> None:
    """Expect the same bits in every array that training reads or writes, and the same numbers in every formula."""
    assert texts(trainer.step.tape) == texts(fresh.step.tape)
    for name in fresh.step.tape.arrays:
        assert same_bits(trainer.step.tape[name], fresh.step.tape[name]), name


@every_number
def test_the_tape_stays_and_the_run_is_that_of_a_fresh_start(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields, path, value = NUMBERS[name]
    lab = Lab(network(**fields))
    lab.train(STEPS)
    tape, calls = lab.lanes[0].trainer.step.tape, lab.lanes[0].trainer.step.tape.training_calls()
    fresh = trainer_of(with_changes(lab.experiment, [(path, value)]))
    with monkeypatch.context() as patch:
        patch.setattr("engine.training.trainer.compile_step", None)  # nobody may call it
        perform(lab, Set(path, value))
        lab.catch_up()
    trainer = lab.lanes[0].trainer
    assert trainer.step.tape is tape
    assert tape.training_calls() == calls
    assert trainer.experiment == fresh.experiment
    assert same_bits(trainer.initial_state, fresh.initial_state)
    advance(fresh, STEPS)
    assert_a_fresh_run(trainer, fresh)
    assert same_bits(lab.lanes[0].visit(2).theta, _after(fresh, 2))


def _after(trainer: Trainer, steps: int) -> Any:
    trainer.restore(trainer.initial_state, 0)
    advance(trainer, steps)
    return trainer.theta


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("weight_decay", 0.01),
        ("l1", 0.01),
        ("clip", {"kind": "norm"}),
        ("optimizer.momentum", 0.9),
        ("optimizer", ADAM),
        ("optimizer.schedule", {"kind": "step"}),
        ("network.layers.0.rate", 0.5),
        ("network.layers.0.activation", {"kind": "tanh"}),
        ("network.layers.0.units", 6),
        ("network.layers.0.dropout", 0.5),
        ("network.layers.0.biases", None),
        ("loss", {"kind": "squared-error"}),
        ("batch.size", 4),
        ("dtype", "float32"),
        ("arithmetic", "blas"),
    ],
)
def test_a_step_that_does_something_else_is_no_matter_of_numbers(path: str, value: object) -> None:
    trainer = trainer_of(experiment(layer(5, "relu"), layer(1)))
    other = with_changes(trainer.experiment, [(path, value)])
    assert trainer.numbers_for(other) is None
    assert trainer_of(other).numbers_for(trainer.experiment) is None


def test_no_decay_is_not_a_decay_of_nothing() -> None:
    """With λ = 0 in place, a gradient of -0 became 0, and one of infinite weights NaN: other bits than without it."""
    gradient, weights = np.array([-0.0, 1.0]), np.array([1.0, np.inf])
    with np.errstate(all="ignore"):
        assert not same_bits(gradient + 0.0 * weights, gradient)


@given(small_experiments(), small_experiments(), st.integers(0, 10))
def test_whatever_takes_over_numbers_trains_like_a_fresh_run(
    before: Experiment, other: Experiment, seed: int
) -> None:
    """Mixtures of two experiments: where the tape of the one takes numbers over, they are all that differs."""
    rng = np.random.default_rng(seed)
    fields = [name for name in ("optimizer", "weight_decay", "l1", "clip", "seed") if rng.random() < 0.5]
    after = with_changes(before, [(name, getattr(other, name)) for name in fields])
    trainer, fresh = trainer_of(before), Trainer(after, before.data.load())
    advance(trainer, 2)
    numbers = trainer.numbers_for(after)
    if numbers is None:
        assert texts(trainer.step.tape) != texts(fresh.step.tape) or before.optimizer != after.optimizer
        return
    trainer.begin(after, numbers)
    advance(trainer, 3)
    advance(fresh, 3)
    assert_a_fresh_run(trainer, fresh)
