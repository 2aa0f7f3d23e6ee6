"""A step, operation by operation: every formula says exactly what was computed, of every kind of experiment."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import AnyArray
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target, preset_names
from engine.experiments.variants import LaneSpec, lane_specs, load_alone
from engine.insight.tracer import walk_through
from engine.kinds.schedules import AnySchedule
from engine.report.answers import DoneOperation, Walk
from engine.training.trainer import Trainer
from tests.any_experiment import ACTIVATIONS, OPTIMIZERS
from tests.builders import NO_BIASES, advance, by_kind, experiment, layer, same_bits, table, trainer_of
from tests.formula_reading import value_of
from tests.new_kinds import known_kinds, new_kinds

VARIANTS = [spec for name in preset_names() for spec in lane_specs(open_target(name))]
NESTEROV = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.5, "nesterov": True}
SCHEDULED = [
    {"kind": ["sgd", "adam", "adamw"][place % 3], "learning_rate": 0.1, "schedule": {"kind": kind}}
    for place, kind in enumerate(by_kind(AnySchedule))
]
USED = [*OPTIMIZERS, NESTEROV, *SCHEDULED]
CLIPS = [None, None, {"kind": "norm", "limit": 0.1}, {"kind": "value", "limit": 0.01}]
OUTPUTS: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (1, "sigmoid", {"kind": "binary-cross-entropy"}),
    (2, "sigmoid", {"kind": "binary-cross-entropy", "computed_from": "outputs"}),
    (3, "softmax", {"kind": "cross-entropy"}),
    (2, "tanh", {"kind": "squared-error"}),
    (3, "softmax", {"kind": "squared-error", "reduction": "sum"}),
    (2, "softplus", {"kind": "squared-error", "reduction": "mean-all"}),
    (2, "identity", {"kind": "absolute-error", "reduction": "mean-all"}),
    (3, "tanh", {"kind": "huber", "delta": 0.3}),
    (2, "tanh", {"kind": "hinge"}),
    (2, "softplus", {"kind": "binary-cross-entropy"}),
    (3, "sigmoid", {"kind": "cross-entropy"}),
    (3, "identity", {"kind": "logits-cross-entropy"}),
    (1, "identity", {"kind": "logits-binary-cross-entropy"}),
    (1, "sigmoid", {"kind": "binary-cross-entropy", "class_weights": [0.5, 3.0]}),
    (2, "softplus", {"kind": "binary-cross-entropy", "class_weights": "balanced"}),
    (3, "softmax", {"kind": "cross-entropy", "class_weights": [0.5, 3.0, 2.0]}),
    (3, "sigmoid", {"kind": "cross-entropy", "class_weights": "balanced"}),
    (3, "identity", {"kind": "logits-cross-entropy", "class_weights": "balanced"}),
    (1, "identity", {"kind": "logits-binary-cross-entropy", "class_weights": [0.5, 3.0]}),
)


def random_experiment(seed: int) -> Experiment:
    """Return an experiment of a kind that depends on the seed; every activation, optimizer and loss comes in its turn."""
    rng = np.random.default_rng(seed)
    samples = int(rng.integers(2, 12))
    units, activation, loss = OUTPUTS[seed % len(OUTPUTS)]
    hidden = [
        layer(
            int(rng.integers(1, 7)),
            ACTIVATIONS[(seed + place) % len(ACTIVATIONS)],
            **[{}, NO_BIASES, {"biases": {"kind": "normal", "std": 0.3}}][rng.integers(3)],
            **({"dropout": 0.4} if rng.random() < 0.3 else {}),
            **({"rate": [0.0, 0.3][rng.integers(2)]} if rng.random() < 0.2 else {}),
            normalize=[None, None, "batch", "layer"][(seed // 4 + place) % 4],
        )
        for place in range(seed % 4)
    ]
    for before, one in zip([{"units": 2}, *hidden], hidden, strict=False):
        if seed % 5 == 0:
            one |= {"residual": True, "units": before["units"]}
    over_samples = any(one["normalize"] == "batch" for one in hidden)
    y = rng.integers(0, 2, (samples, units)) if seed % 2 else rng.random((samples, units))
    if loss["kind"] == "cross-entropy":
        y = np.eye(3)[rng.integers(0, 3, samples)] if seed % 2 else y / y.sum(axis=1, keepdims=True)
    return experiment(
        *hidden,
        layer(units, activation),
        data=table(rng.normal(size=(samples, 2)), y),
        loss=loss,
        optimizer=USED[seed % len(USED)],
        batch={"size": ["full", "full", 2 if over_samples else 1, 2][rng.integers(4)]},
        weight_decay=[0.0, 0.01][rng.integers(2)],
        l1=[0.0, 0.0, 0.01][rng.integers(3)],
        clip=CLIPS[rng.integers(len(CLIPS))],
        dtype=["float64", "float64", "float32"][rng.integers(3)],
        seed=seed,
    )


def assert_formulas_hold(trainer: Trainer) -> Walk:
    """Compare every operation with plain NumPy that reads nothing but the formulas and what they name."""
    walk = walk_through(trainer)
    dtype = trainer.experiment.float_type
    values = {
        **walk.given,
        "X_all": trainer.dataset.x_train.astype(dtype),
        "Y_all": trainer.dataset.y_train.astype(dtype),
        "V_all": trainer.step.tape.arrays.get("V_all"),
    }
    for done in walk.operations:
        if done.target not in DRAWN:
            assert_holds(done, values, walk.numbers)
        values[done.target] = done.value
    return walk


DRAWN = {"batch", "mask1", "mask2", "mask3"}


def assert_holds(done: DoneOperation, values: dict[str, AnyArray], numbers: dict[str, float]) -> None:
    """Compare an operation; where it adds up nothing, which could be done in several orders, bit for bit.

    Numbers that a step computes once, as a learning rate that changes, are more exact in it than in float32.
    """
    values = {name: values[name] for name in done.reads}
    is_rounded = done.value.dtype == np.float32 and any(not value.ndim for value in values.values())
    if "←" in done.formula and not re.search("[ᵀΣ]", done.formula) and not is_rounded:
        assert same_bits(done.value, value_of(done.formula, values, numbers)), done.formula
        return
    exact = {
        name: value if value.dtype.kind == "i" else value.astype(np.longdouble)
        for name, value in values.items()
    }
    expected = np.asarray(value_of(done.formula, exact, numbers))
    tolerance = 1e-12 if done.value.dtype == np.float64 else 1e-5
    largest = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
    assert np.shape(expected) == done.value.shape, done.formula
    np.testing.assert_allclose(
        done.value, expected, rtol=tolerance, atol=tolerance * largest, err_msg=done.formula
    )


@pytest.mark.parametrize("spec", VARIANTS, ids=lambda spec: spec.name)
def test_the_formulas_of_every_preset_hold(spec: LaneSpec) -> None:
    trainer = Trainer(spec.experiment, load_alone(spec.experiment, None))
    assert_formulas_hold(trainer)


@pytest.mark.parametrize("start", range(0, 200, 20))
def test_the_formulas_of_random_experiments_hold(start: int) -> None:
    for seed in range(start, start + 20):
        trainer = trainer_of(random_experiment(seed))
        advance(trainer, seed % 3)
        assert_formulas_hold(trainer)


@pytest.mark.parametrize("seed", range(60))
def test_doing_the_operations_is_the_step(seed: int) -> None:
    trainer, again = trainer_of(random_experiment(seed)), trainer_of(random_experiment(seed))
    for other in (trainer, again):
        advance(other, 2)
    walk = walk_through(trainer)
    before, after = np.empty_like(trainer.initial_state), np.empty_like(trainer.initial_state)
    trainer.save(before)
    again.save(after)
    assert same_bits(before, after), "looking at a step leaves it undone"
    advance(trainer, 1)
    values = {done.target: done.value for done in walk.operations}
    for number, block in enumerate(trainer.layout.blocks, start=1):
        assert same_bits(values[f"W{number}"], block.weights(trainer.theta).copy())
        biases = block.biases(trainer.theta)
        assert biases is None or same_bits(values[f"b{number}"], biases.copy())
        norm = trainer.layout.norms[number - 1]
        for name, row in norm.named(trainer.theta).items() if norm else ():
            assert same_bits(values[f"{name}{number}"], row.copy())
    assert values["L"] == trainer.loss


def formulas(chosen: Experiment) -> list[str]:
    return [operation.formula for operation in trainer_of(chosen).step.tape.operations]


def test_operations_are_what_people_write_as_one_formula() -> None:
    chosen = experiment(layer(3, "relu"), layer(1), optimizer={"kind": "adam"}, weight_decay=0.1)
    assert formulas(chosen) == [
        "Z1 = X·W1 + b1",
        "A1 = relu(Z1)",
        "Z2 = A1·W2 + b2",
        "A2 = sigmoid(Z2)",
        "L = Σ(Y ⊙ log(1 + exp(−Z2)) + (1 − Y) ⊙ log(1 + exp(Z2))) / n",
        "dZ2 = (A2 − Y) / n",
        "dW2 = A1ᵀ·dZ2",
        "db2 = Σᵢ(dZ2)",
        "dA1 = dZ2·W2ᵀ",
        "dZ1 = dA1 ⊙ relu′(Z1)",
        "dW1 = Xᵀ·dZ1",
        "db1 = Σᵢ(dZ1)",
        "dW1 ← dW1 + λ·W1",
        "dW2 ← dW2 + λ·W2",
        *(
            formula.replace("θ", name)
            for name in ("W1", "b1", "W2", "b2")
            for formula in (
                "mθ ← β1·mθ + (1 − β1)·dθ",
                "vθ ← β2·vθ + (1 − β2)·dθ²",
                "θ ← θ − η / (1 − β1^t)·(mθ / (√vθ / √(1 − β2^t) + ε))",
            )
        ),
    ]


def test_batches_and_dropout_are_operations_too() -> None:
    chosen = experiment(layer(3, "tanh", dropout=0.4, **NO_BIASES), layer(1, **NO_BIASES), batch={"size": 1})
    assert formulas(chosen) == [
        "batch = samples(step)",
        "X = X_all[batch]",
        "Y = Y_all[batch]",
        "Z1 = X·W1",
        "A1 = tanh(Z1)",
        "mask1 = dropout(0.4)",
        "A1_masked = A1 ⊙ mask1",
        "Z2 = A1_masked·W2",
        "A2 = sigmoid(Z2)",
        "L = Σ(Y ⊙ log(1 + exp(−Z2)) + (1 − Y) ⊙ log(1 + exp(Z2))) / n",
        "dZ2 = (A2 − Y) / n",
        "dW2 = A1_maskedᵀ·dZ2",
        "dA1 = dZ2·W2ᵀ",
        "dA1 ← dA1 ⊙ mask1",
        "dZ1 = dA1 ⊙ tanh′(Z1)",
        "dW1 = Xᵀ·dZ1",
        "W1 ← W1 − Xᵀ·(η·dZ1)",
        "W2 ← W2 − A1_maskedᵀ·(η·dZ2)",
    ]


def test_a_normalization_is_written_as_people_write_it() -> None:
    chosen = experiment(layer(3, "tanh", normalize="batch", **NO_BIASES), layer(1, **NO_BIASES))
    assert formulas(chosen) == [
        "Z1 = X·W1",
        "μ1 = Σᵢ(Z1) / n",
        "var1 = Σᵢ((Z1 − μ1)²) / n",
        "σ1 = √(var1 + 0.00001)",
        "N1 = (Z1 − μ1) / σ1",
        "U1 = scale1 ⊙ N1 + shift1",
        "A1 = tanh(U1)",
        "Z2 = A1·W2",
        "A2 = sigmoid(Z2)",
        "L = Σ(Y ⊙ log(1 + exp(−Z2)) + (1 − Y) ⊙ log(1 + exp(Z2))) / n",
        "dZ2 = (A2 − Y) / n",
        "dW2 = A1ᵀ·dZ2",
        "dA1 = dZ2·W2ᵀ",
        "dU1 = dA1 ⊙ tanh′(U1)",
        "dscale1 = Σᵢ(dU1 ⊙ N1)",
        "dshift1 = Σᵢ(dU1)",
        "dN1 = dU1 ⊙ scale1",
        "dZ1 = (dN1 − N1 ⊙ (Σᵢ(dN1 ⊙ N1) / n) − Σᵢ(dN1) / n) / σ1",
        "dW1 = Xᵀ·dZ1",
        *(f"{name} ← {name} − η·d{name}" for name in ("W1", "scale1", "shift1", "W2")),
        "running_mean1 ← 0.9·running_mean1 + 0.1·μ1",
        "running_var1 ← 0.9·running_var1 + 0.1·(var1·(n / (n − 1)))",
    ]
    over_neurons = formulas(experiment(layer(3, "tanh", normalize="layer"), layer(1)))
    assert {"μ1 = Σⱼ(Z1) / 3", "var1 = Σⱼ((Z1 − μ1)²) / 3"} < {*over_neurons}
    assert "dZ1 = (dN1 − N1 ⊙ (Σⱼ(dN1 ⊙ N1) / 3) − Σⱼ(dN1) / 3) / σ1" in over_neurons
    assert not any("running" in formula for formula in over_neurons)


def test_an_operation_takes_as_many_instructions_as_it_needs() -> None:
    tape = trainer_of(experiment(layer(7, "gelu"), layer(1))).step.tape
    ends = [operation.end for operation in tape.operations]
    assert ends == sorted(ends)
    assert ends[-1] == len(tape.instructions)
    assert len(tape.operations) < len(tape.instructions)


def test_new_kinds_get_their_operations_from_their_formulas() -> None:
    with known_kinds():
        trainer = trainer_of(new_kinds())
    written = [operation.formula for operation in trainer.step.tape.operations]
    assert {"A1 = arctangent(Z1)", "L = ¼·Σ (A2 − Y)⁴", "dZ2 = ∂L/∂Z2", "dZ1 = dA1 ⊙ arctangent′(Z1)"} <= {
        *written
    }
    assert written[-1] == "b2 ← b2 − η·m"
    assert walk_through(trainer).functions == {"arctangent": "2/π·arctan(z)"}


def test_a_walk_says_what_its_letters_stand_for() -> None:
    chosen = experiment(
        layer(3, "leaky-relu"), layer(1), optimizer={"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9}
    )
    walk = walk_through(trainer_of(chosen))
    assert list(walk.given) == ["X", "W1", "b1", "W2", "b2", "Y", "vW1", "vb1", "vW2", "vb2"]
    assert walk.numbers == {"n": 60.0, "η": 0.5, "momentum": 0.9}
    assert walk.functions == {"leaky_relu": "max(z, 0.01·z)", "sigmoid": "1 / (1 + exp(−z))"}
