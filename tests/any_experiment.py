"""Small experiments of every kind for hypothesis, with neurons that start as copies of others."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.experiments.experiment import Experiment
from engine.model.activations import AnyActivation
from engine.training.trainer import Trainer
from tests.builders import NO_BIASES, by_kind, constant, experiment, layer, table

ACTIVATIONS = tuple(by_kind(AnyActivation))
STARTS = (
    constant(0.0),
    constant(0.5),
    constant(-0.5),
    {"kind": "normal", "std": 0.6},
    {"kind": "constant-noise", "value": 0.3, "std": 1e-3},
)
BIASES = ({}, {}, NO_BIASES, {"biases": constant(0.3)}, {"biases": {"kind": "normal", "std": 0.3}})
OPTIMIZERS = (
    {"kind": "sgd", "learning_rate": 0.1},
    {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.8},
    {"kind": "adam", "learning_rate": 0.01},
    {"kind": "rmsprop", "learning_rate": 0.005},
    {"kind": "adagrad", "learning_rate": 0.05},
    {"kind": "adamw", "learning_rate": 0.01},
    {"kind": "nadam", "learning_rate": 0.01},
    {"kind": "sgd", "learning_rate": 0.1, "schedule": {"kind": "step", "every": 2}},
)


def any_layer(draw: st.DrawFn) -> dict[str, Any]:
    fields = draw(st.sampled_from(BIASES)) | ({"rate": 0.0} if draw(st.integers(0, 9)) == 0 else {})
    fields |= {"dropout": 0.4} if draw(st.integers(0, 9)) == 0 else {}
    fields |= {"normalize": draw(st.sampled_from([None, None, None, "batch", "layer"]))}
    weights = draw(st.sampled_from(STARTS))
    return layer(draw(st.integers(1, 7)), draw(st.sampled_from(ACTIVATIONS)), weights, **fields)


@st.composite
def small_experiments(draw: st.DrawFn) -> Experiment:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    samples = draw(st.integers(2, 12))
    x = rng.integers(-2, 3, (samples, 2)) if draw(st.booleans()) else rng.normal(size=(samples, 2))
    output, loss, y = draw(
        st.sampled_from(
            [
                ((1, "sigmoid"), "binary-cross-entropy", rng.integers(0, 2, (samples, 1))),
                ((3, "softmax"), "cross-entropy", np.eye(3)[rng.integers(0, 3, samples)]),
                ((2, "tanh"), "squared-error", rng.normal(size=(samples, 2))),
                ((2, "softmax"), "absolute-error", rng.normal(size=(samples, 2))),
                ((2, "identity"), "huber", rng.integers(-1, 2, (samples, 2))),
                ((1, "tanh"), "hinge", 2 * rng.integers(0, 2, (samples, 1)) - 1),
                ((2, "softplus"), "cross-entropy", np.eye(2)[rng.integers(0, 2, samples)]),
                ((2, "identity"), "binary-cross-entropy", rng.integers(0, 2, (samples, 2))),
                ((3, "softmax"), "logits-cross-entropy", np.eye(3)[rng.integers(0, 3, samples)]),
                ((1, "identity"), "logits-binary-cross-entropy", rng.integers(0, 2, (samples, 1))),
            ]
        )
    )
    weights = {"class_weights": "balanced"} if "entropy" in loss and draw(st.integers(0, 3)) == 0 else {}
    hidden = [any_layer(draw) for _ in range(draw(st.integers(1, 3)))]
    for before, one in zip([{"units": 2}, *hidden], hidden, strict=False):
        if draw(st.integers(0, 3)) == 0:
            one |= {"residual": True, "units": before["units"]}
    over_samples = any(one["normalize"] == "batch" for one in hidden)
    return experiment(
        *hidden,
        layer(*output, draw(st.sampled_from(STARTS))),
        data=table(x, y),
        loss={"kind": loss, **weights},
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        batch={"size": draw(st.sampled_from(["full", 2] if over_samples else ["full", 1, 2]))},
        weight_decay=draw(st.sampled_from([0.0, 0.0, 0.01])),
        l1=draw(st.sampled_from([0.0, 0.0, 0.01])),
        clip=draw(st.sampled_from([None, None, {"kind": "norm", "limit": 0.1}])),
    )


def with_copies(trainer: Trainer, seed: int) -> None:
    """Let some neurons start from the columns, and some from the outgoing rows, of others."""
    rng = np.random.default_rng(seed)
    for block in trainer.layout.blocks:
        whole, weights = block.of(trainer.initial_state), block.weights(trainer.initial_state)
        if rng.random() < 0.6:
            whole[...] = whole[:, rng.integers(0, block.fan_out, block.fan_out)]
        if rng.random() < 0.6:
            weights[...] = weights[rng.integers(0, block.fan_in, block.fan_in)]
    trainer.restore(trainer.initial_state, 0)
