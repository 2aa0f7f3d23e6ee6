"""Small random experiments of the kinds in which statements about symmetry go wrong, and edits in the middle of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.training.trainer import Trainer
from tests.any_experiment import with_copies
from tests.builders import NO_BIASES, advance, constant, experiment, layer, table, trainer_of

HIDDEN = (
    *("identity", "sigmoid", "tanh", "relu", "relu", "relu"),
    *("leaky-relu", "elu", "selu", "gelu", "softplus"),
)
WEIGHTS = (
    *(constant(value) for value in (0.0, 0.0, 0.5, -0.5, -1.0, 1e20, 1e-160, 1e-320)),
    {"kind": "normal", "std": 0.6},
    {"kind": "uniform", "low": -1.0, "high": -0.1},
    {"kind": "uniform", "low": 0.1, "high": 1.0},
    {"kind": "constant-noise", "value": 0.3, "std": 1e-3},
    {"kind": "constant-noise", "value": 0.0, "std": 1e-20},
    {"kind": "normal", "std": 1e-10},
)
BIASES = ({}, {}, NO_BIASES, {"biases": constant(0.3)}, {"biases": constant(-0.3)})
OPTIMIZERS = (
    *({"kind": "sgd", "learning_rate": rate} for rate in (0.1, 0.5, 2.0)),
    {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.5, "nesterov": True},
    {"kind": "adam", "learning_rate": 0.01},
    {"kind": "rmsprop", "learning_rate": 0.01},
)
OUTPUTS = (
    (1, "sigmoid", "binary-cross-entropy"),
    (3, "softmax", "cross-entropy"),
    (2, "tanh", "squared-error"),
    (2, "relu", "squared-error"),
    (3, "softmax", "squared-error"),
    (1, "softmax", "squared-error"),
)


def rough_trainer(seed: int) -> Trainer:
    """Return a small experiment of a kind that depends on the seed, after some steps and edits; most are at step 0."""
    rng = np.random.default_rng(seed)
    trainer = trainer_of(_experiment(rng, seed))
    if rng.random() < 0.6:
        with_copies(trainer, seed)
    if rng.random() < 0.4:
        advance(trainer, int(rng.integers(1, 6)))
        _edit(trainer, rng)
    return trainer


def _experiment(rng: np.random.Generator, seed: int) -> Experiment:
    samples = int(rng.integers(2, 9))
    units, activation, loss = OUTPUTS[rng.integers(len(OUTPUTS))]
    hidden = [
        layer(
            int(rng.integers(1, 6)),
            HIDDEN[rng.integers(len(HIDDEN))],
            WEIGHTS[rng.integers(len(WEIGHTS))],
            **BIASES[rng.integers(len(BIASES))],
            **({"dropout": 0.4} if rng.random() < 0.2 else {}),
        )
        for _ in range(rng.integers(0, 4))
    ]
    _pass_on(hidden, seed)
    batch = _normalized(hidden, ["full", "full", 1, 2][rng.integers(4)], seed)
    return experiment(
        *hidden,
        layer(units, activation, WEIGHTS[rng.integers(len(WEIGHTS))], **BIASES[rng.integers(len(BIASES))]),
        data=table(_inputs(rng, samples), _targets(rng, samples, units, loss)),
        loss={"kind": loss},
        optimizer=OPTIMIZERS[rng.integers(len(OPTIMIZERS))],
        batch={"size": batch},
        weight_decay=[0.0, 0.0, 0.01, 0.5, 10.0][rng.integers(5)],
        dtype=["float64", "float32"][rng.integers(2)],
        arithmetic=["exact", "exact", "exact", "blas"][rng.integers(4)],
        seed=seed,
    )


def _pass_on(hidden: list[dict[str, Any]], seed: int) -> None:
    """Let some layers of every fourth experiment add their inputs to their outputs; their widths become those before."""
    rng = np.random.default_rng([seed, 2])
    for before, one in zip([{"units": 2}, *hidden], hidden, strict=False):
        if seed % 4 == 1 and rng.random() < 0.6:
            one |= {"residual": True, "units": before["units"]}


def _normalized(hidden: list[dict[str, Any]], batch: str | int, seed: int) -> str | int:
    """Normalize some layers of every third experiment; return a batch in which samples have a variance."""
    rng = np.random.default_rng([seed, 1])
    if seed % 3 == 0:
        for one in hidden:
            one["normalize"] = [None, "batch", "layer"][rng.integers(3)]
    over_samples = any(one.get("normalize") == "batch" for one in hidden)
    return 2 if over_samples and batch == 1 else batch


def _inputs(rng: np.random.Generator, samples: int) -> Floats:
    kind = rng.integers(4)
    if kind == 0:
        return rng.integers(0, 3, (samples, 2)).astype(float)
    if kind == 1:
        return rng.uniform(size=(samples, 2))
    return rng.integers(-2, 3, (samples, 2)).astype(float) if kind == 2 else rng.normal(size=(samples, 2))


def _targets(rng: np.random.Generator, samples: int, units: int, loss: str) -> Any:
    if loss == "binary-cross-entropy":
        return rng.integers(0, 2, (samples, units))
    if loss == "cross-entropy":
        shares = rng.integers(1, 3, (samples, 3)).astype(float)
        shares[:, 1] = shares[:, rng.integers(0, 2)]
        return (
            shares / shares.sum(axis=1, keepdims=True)
            if rng.random() < 0.5
            else np.eye(3)[rng.integers(0, 3, samples)]
        )
    if rng.random() < 0.4:
        return np.repeat(rng.normal(size=(samples, 1)), units, axis=1)
    return rng.normal(size=(samples, units))


def _edit(trainer: Trainer, rng: np.random.Generator) -> None:
    """Change the weights as a person could, and leave what the optimizer remembers; the step stays."""
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    for block in trainer.layout.blocks:
        whole = block.of(state[: trainer.layout.size])
        kind = rng.integers(6)
        if kind == 0:
            whole[...] = 0.0
        elif kind == 1:
            whole[...] = whole[:, :1].copy()
        elif kind == 2:
            whole[...] = whole[:1].copy()
        elif kind == 3:
            whole[...] = -np.abs(whole)
        elif kind == 4:
            whole[:, 0] = whole[:, -1]
    trainer.restore(state, trainer.step_number)
