"""Gradients against central differences; activations and losses against their formulas."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.model.activations import AnyActivation
from engine.symmetry.first_pass import slopes_at
from engine.training.trainer import Trainer
from tests.builders import NO_BIASES, by_kind, constant, experiment, lane_of, layer, table, trainer_of

pytestmark = pytest.mark.untraced

CASES = Path(__file__).parent.parent / "golden" / "cases"
"""Experiments written after problems that people asked about in public."""

SAMPLES, INPUTS, OUTPUTS = 7, 3, 2
NUDGE = 1e-6

RNG = np.random.default_rng(8)
X = RNG.normal(size=(SAMPLES, INPUTS))
REAL = RNG.normal(size=(SAMPLES, OUTPUTS))
SHARES = RNG.uniform(size=(SAMPLES, OUTPUTS))
CLASSES = np.eye(OUTPUTS)[RNG.integers(OUTPUTS, size=SAMPLES)]
PROBABILITIES = SHARES / SHARES.sum(axis=1, keepdims=True)

KINDS = list(by_kind(AnyActivation))
OF_ONE_UNIT = [kind for kind in KINDS if kind != "softmax"]
SQUARED = {"kind": "squared-error", "reduction": "mean"}
SQUARED_SUM = {"kind": "squared-error", "reduction": "sum"}
BINARY = {"kind": "binary-cross-entropy"}
BINARY_OF_OUTPUTS = {"kind": "binary-cross-entropy", "computed_from": "outputs"}
CROSS = {"kind": "cross-entropy"}
SQUARED_ALL = {"kind": "squared-error", "reduction": "mean-all"}
HUBER = {"kind": "huber", "delta": 0.7}
SIDES = 2 * CLASSES - 1
LOGITS = {"kind": "logits-cross-entropy"}
BINARY_LOGITS = {"kind": "logits-binary-cross-entropy"}

FITTING: dict[str, tuple[dict[str, str], str, Floats]] = {
    **{f"squared-error-{kind}": (SQUARED, kind, REAL) for kind in KINDS},
    **{f"squared-error-sum-{kind}": (SQUARED_SUM, kind, REAL) for kind in KINDS},
    "binary-cross-entropy-hard": (BINARY, "sigmoid", CLASSES),
    "binary-cross-entropy-soft": (BINARY, "sigmoid", SHARES),
    "binary-of-outputs-hard": (BINARY_OF_OUTPUTS, "sigmoid", CLASSES),
    "binary-of-outputs-soft": (BINARY_OF_OUTPUTS, "sigmoid", SHARES),
    "cross-entropy-hard": (CROSS, "softmax", CLASSES),
    "cross-entropy-soft": (CROSS, "softmax", PROBABILITIES),
    "cross-entropy-of-shares-that-do-not-sum-to-1": (CROSS, "softmax", SHARES),
    "squared-error-of-all": (SQUARED_ALL, "tanh", REAL),
    **{f"absolute-{kind}": ({"kind": "absolute-error"}, kind, REAL) for kind in ("identity", "softmax")},
    "absolute-sum": ({"kind": "absolute-error", "reduction": "sum"}, "tanh", REAL),
    **{f"huber-{kind}": (HUBER, kind, 2 * REAL) for kind in ("identity", "sigmoid", "softmax")},
    **{f"hinge-{kind}": ({"kind": "hinge"}, kind, SIDES) for kind in ("identity", "tanh")},
    **{f"binary-{kind}": (BINARY, kind, CLASSES) for kind in ("identity", "tanh", "hard-sigmoid", "softmax")},
    "binary-soft-softplus": (BINARY, "softplus", SHARES),
    "binary-of-numbers": (BINARY, "sigmoid", REAL),
    **{f"cross-{kind}": (CROSS, kind, CLASSES) for kind in ("identity", "sigmoid", "softplus", "relu")},
    "cross-soft-sigmoid": (CROSS, "sigmoid", PROBABILITIES),
    **{f"logits-{kind}": (LOGITS, kind, CLASSES) for kind in ("identity", "softmax", "tanh")},
    "logits-soft": (LOGITS, "identity", SHARES),
    **{f"logits-binary-{kind}": (BINARY_LOGITS, kind, CLASSES) for kind in ("identity", "sigmoid")},
    "logits-binary-soft": (BINARY_LOGITS, "identity", SHARES),
}
"""Every loss with every output activation that fits it, and targets: (loss, activation, targets)."""

BIASES: dict[str, dict[str, Any]] = {
    "biases": {"biases": {"kind": "normal", "std": 0.3}},
    "no-biases": NO_BIASES,
}


def network(hidden: str, fitting: str, biases: str = "biases", **fields: Any) -> Experiment:
    """Return a 3-5-4-2 network with random weights on seven samples."""
    loss, output, targets = FITTING[fitting]
    weights = {"kind": "normal", "std": 0.1 if hidden == "exponential" else 0.5}  # exp(exp(3)) is large
    layers = [
        layer(n, kind, weights, **BIASES[biases]) for n, kind in ((5, hidden), (4, hidden), (OUTPUTS, output))
    ]
    return experiment(*layers, data=table(X, targets), loss=loss, **fields)


def loss_at(trainer: Trainer, theta: Floats) -> float:
    trainer.restore(theta, 0)
    trainer.compute_gradient()
    return trainer.loss


def numeric_gradient(trainer: Trainer, theta: Floats) -> Floats:
    """Return the central differences (parameters,) of the loss."""
    found = np.empty_like(theta)
    for index in range(theta.size):
        ends = []
        for sign in (1, -1):
            moved = theta.copy()
            moved[index] += sign * NUDGE
            ends.append(loss_at(trainer, moved))
        found[index] = (ends[0] - ends[1]) / (2 * NUDGE)
    return found


def assert_gradient_is_the_slope_of_the_loss(chosen: Experiment) -> None:
    trainer = trainer_of(chosen)
    theta = trainer.theta.copy()
    gradient = trainer.compute_gradient().copy()
    assert gradient.any()
    np.testing.assert_allclose(gradient, numeric_gradient(trainer, theta), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("biases", BIASES)
@pytest.mark.parametrize("fitting", FITTING)
def test_the_gradient_of_every_loss_is_its_slope(fitting: str, biases: str) -> None:
    assert_gradient_is_the_slope_of_the_loss(network("tanh", fitting, biases))


@pytest.mark.parametrize("biases", BIASES)
@pytest.mark.parametrize(
    "fitting", ["squared-error-identity", "binary-cross-entropy-soft", "cross-entropy-soft"]
)
@pytest.mark.parametrize("hidden", KINDS)
def test_the_gradient_through_every_activation_is_the_slope(hidden: str, fitting: str, biases: str) -> None:
    assert_gradient_is_the_slope_of_the_loss(network(hidden, fitting, biases))


@pytest.mark.parametrize(
    "activation",
    [{"kind": "leaky-relu", "slope": 0.3}, {"kind": "elu", "alpha": 2.5}],
    ids=lambda activation: activation["kind"],
)
def test_the_gradient_uses_the_parameters_of_an_activation(activation: dict[str, Any]) -> None:
    hidden = layer(5) | {"activation": activation}
    loss, output, targets = FITTING["squared-error-tanh"]
    chosen = experiment(hidden, layer(OUTPUTS, output), data=table(X, targets), loss=loss)
    assert_gradient_is_the_slope_of_the_loss(chosen)


@pytest.mark.parametrize("fitting", ["squared-error-identity", "binary-cross-entropy-soft"])
@pytest.mark.parametrize("biases", BIASES)
def test_weight_decay_adds_its_share_of_the_weights_and_leaves_biases_alone(
    biases: str, fitting: str
) -> None:
    plain, decayed = (
        trainer_of(network("tanh", fitting, biases, weight_decay=decay)) for decay in (0.0, 0.2)
    )
    gradient, with_decay = plain.compute_gradient(), decayed.compute_gradient()
    for block in plain.layout.blocks:
        expected = block.weights(gradient) + 0.2 * block.weights(plain.theta)
        np.testing.assert_allclose(block.weights(with_decay), expected, rtol=1e-13, atol=1e-15)
        if block.has_bias:
            np.testing.assert_array_equal(block.biases(with_decay), block.biases(gradient))
    assert plain.loss == decayed.loss


# Values against the formulas of the literature

Function = Callable[[Floats], Floats]
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
FORMULAS: dict[str, Function] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky-relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: SCALE * np.where(z > 0, z, ALPHA * (np.exp(z) - 1)),
    "gelu": lambda z: 0.5 * z * (1 + np.tanh(sqrt(2 / pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hard-sigmoid": lambda z: np.clip(z / 6 + 0.5, 0, 1),
    "hard-tanh": lambda z: np.clip(z, -1, 1),
    "exponential": np.exp,
    "sine": np.sin,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}
GRID = np.linspace(-6, 6, 49)[:, np.newaxis]
EXTREMES = np.array([[-1e6], [-1000.0], [-50.0], [0.0], [50.0], [1000.0], [1e6]])


def passed_on(kind: str, z: Floats) -> Trainer:
    """Return a network with one weight of 1 whose Z is `z` (samples, 1)."""
    one = layer(1, kind, constant(1.0), **NO_BIASES)
    return trainer_of(experiment(one, data=table(z, np.zeros_like(z)), loss=SQUARED_SUM))


@pytest.mark.parametrize("kind", OF_ONE_UNIT)
def test_an_activation_is_its_formula(kind: str) -> None:
    trainer = passed_on(kind, GRID)
    trainer.compute_gradient()
    np.testing.assert_allclose(trainer.step.tape["A1"], FORMULAS[kind](GRID), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", sorted({*OF_ONE_UNIT} - {"exponential"}))
def test_an_activation_and_its_slope_are_finite_far_from_zero(kind: str) -> None:
    trainer = passed_on(kind, EXTREMES)
    trainer.compute_gradient()
    for name in ("A1", "dZ1", "gradient"):
        assert np.isfinite(trainer.step.tape[name]).all(), name


def test_every_activation_has_a_formula_here() -> None:
    assert list(FORMULAS) == KINDS


def outputs_by_formula(trainer: Trainer, hidden: str, output: str) -> Floats:
    """Return the outputs (samples, outputs) of a 3-5-4-2 network, computed apart from the engine."""
    a = X
    for block, kind in zip(trainer.layout.blocks, (hidden, hidden, output), strict=True):
        a = FORMULAS[kind](a @ block.weights(trainer.theta) + block.biases(trainer.theta))
    return a


def binary(a: Floats, y: Floats) -> float:
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / SAMPLES


LOSSES: dict[str, Callable[[Floats, Floats], float]] = {
    "squared-error-identity": lambda a, y: 0.5 * np.square(a - y).sum() / SAMPLES,
    "squared-error-sum-tanh": lambda a, y: 0.5 * np.square(a - y).sum(),
    "binary-cross-entropy-hard": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / SAMPLES,
    "binary-cross-entropy-soft": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / SAMPLES,
    "binary-of-outputs-hard": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / SAMPLES,
    "binary-of-outputs-soft": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum() / SAMPLES,
    "cross-entropy-hard": lambda a, y: -(y * np.log(a)).sum() / SAMPLES,
    "cross-entropy-soft": lambda a, y: -(y * np.log(a)).sum() / SAMPLES,
    "cross-entropy-of-shares-that-do-not-sum-to-1": lambda a, y: -(y * np.log(a)).sum() / SAMPLES,
    "squared-error-of-all": lambda a, y: 0.5 * np.square(a - y).mean(),
    "absolute-identity": lambda a, y: abs(a - y).sum() / SAMPLES,
    "absolute-sum": lambda a, y: abs(a - y).sum(),
    "huber-identity": lambda a, y: (
        np.where(abs(a - y) < 0.7, (a - y) ** 2 / 2, 0.7 * (abs(a - y) - 0.35)).sum() / SAMPLES
    ),
    "hinge-tanh": lambda a, y: np.maximum(0, 1 - y * a).sum() / SAMPLES,
    "binary-tanh": lambda a, y: binary(np.clip(a, 1e-7, 1 - 1e-7), y),
    "binary-softmax": binary,
    "binary-of-numbers": binary,
    "cross-sigmoid": lambda a, y: -(y * np.log(a / a.sum(axis=1, keepdims=True))).sum() / SAMPLES,
    "logits-softmax": lambda a, y: -(y * np.log(FORMULAS["softmax"](a))).sum() / SAMPLES,
    "logits-soft": lambda a, y: -(y * np.log(FORMULAS["softmax"](a))).sum() / SAMPLES,
    "logits-binary-sigmoid": lambda a, y: binary(FORMULAS["sigmoid"](a), y),
    "logits-binary-soft": lambda a, y: binary(FORMULAS["sigmoid"](a), y),
}


@pytest.mark.parametrize("fitting", LOSSES)
def test_a_loss_is_its_formula(fitting: str) -> None:
    _, output, targets = FITTING[fitting]
    trainer = trainer_of(network("gelu", fitting))
    outputs = outputs_by_formula(trainer, "gelu", output)
    trainer.compute_gradient()
    np.testing.assert_allclose(trainer.step.tape["A3"], outputs, rtol=1e-12)
    assert trainer.loss == pytest.approx(LOSSES[fitting](outputs, targets), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch", [{"size": "full"}, {"size": 1}])
@pytest.mark.parametrize(
    ("computed_from", "target", "loss"),
    [
        ("logits", 1.0, 1000.0),
        ("logits", 0.75, 750.0),
        ("logits", 0.0, 0.0),
        ("outputs", 1.0, np.inf),
        ("outputs", 0.75, np.inf),
        ("outputs", 0.0, 0.0),
    ],
)
def test_a_saturated_sigmoid_has_a_finite_loss_unless_it_is_computed_from_rounded_outputs(
    computed_from: str, target: float, loss: float, batch: dict[str, Any], dtype: str
) -> None:
    sure_of_0 = layer(1, "sigmoid", constant(-1000.0), **NO_BIASES)
    chosen = {"kind": "binary-cross-entropy", "computed_from": computed_from}
    data = table([[1.0]], [[target]])
    trainer = trainer_of(experiment(sure_of_0, data=data, loss=chosen, batch=batch, dtype=dtype))
    gradient = trainer.compute_gradient()
    assert trainer.loss == loss
    assert trainer.measure_training().loss == loss
    assert gradient.tolist() == [-target]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch", [{"size": "full"}, {"size": 1}])
@pytest.mark.parametrize(
    ("targets", "loss"),
    [([1, 0, 0], 0.0), ([0, 1, 0], 1000.0), ([0, 0, 1], 2000.0), ([0.5, 0.25, 0.25], 750.0)],
)
def test_a_saturated_softmax_has_the_finite_loss_of_its_logits(
    targets: list[float], loss: float, batch: dict[str, Any], dtype: str
) -> None:
    sure_of_the_first = layer(3, "softmax", constant(0.0), biases=None)
    data = table([[1.0]], [targets])
    trainer = trainer_of(experiment(sure_of_the_first, data=data, loss=CROSS, batch=batch, dtype=dtype))
    trainer.restore(np.array([1000.0, 0.0, -1000.0]), 0)
    gradient = trainer.compute_gradient()
    assert trainer.loss == loss
    assert gradient.tolist() == [1 - targets[0], -targets[1], -targets[2]]


@pytest.mark.parametrize("target", [1.0, 0.0])
def test_the_loss_of_a_sigmoid_is_exact_where_its_output_is_rounded_to_1(target: float) -> None:
    trainer = trainer_of(
        experiment(layer(1, "sigmoid", constant(50.0), **NO_BIASES), data=table([[1.0]], [[target]]))
    )
    trainer.compute_gradient()
    assert trainer.step.outputs.item() == 1.0
    exact = np.exp(-50.0) if target else 50.0  # log(1 + exp(-50)) is exp(-50) to 21 digits
    assert trainer.loss == pytest.approx(exact, rel=1e-15)


def test_raw_pixels_have_a_finite_loss() -> None:
    chosen = open_target(str(CASES / "13-raw-pixels-infinite.json"))
    (spec,) = lane_specs(chosen, ["raw"])
    losses = lane_of(spec.experiment, 100).history.losses
    assert losses[-1] == pytest.approx(426.002, abs=5e-4), "the loss of the 100th batch"
    assert np.isfinite(losses).all()


def test_the_slope_of_relu_at_zero_is_zero() -> None:
    trainer = passed_on("relu", np.array([[0.0], [-0.0]]))
    assert trainer.compute_gradient().tolist() == [0.0]
    assert not trainer.step.tape["Z1_active"].any()


def test_relu_of_an_overflow_below_is_zero() -> None:
    trainer = passed_on("relu", np.array([[-1e200], [1.0]]))
    state = np.array([1e200])
    trainer.restore(state, 0)
    trainer.compute_gradient()
    assert trainer.step.tape["Z1"][:, 0].tolist() == [-np.inf, 1e200]
    assert trainer.step.tape["A1"][:, 0].tolist() == [0.0, 1e200]


TORCH = {
    "silu": "silu",
    "softsign": "softsign",
    "hard-sigmoid": "hardsigmoid",
    "hard-tanh": "hardtanh",
    "softplus": "softplus",
    "elu": "elu",
}


@pytest.mark.parametrize("kind", TORCH)
def test_an_activation_and_its_slope_are_those_of_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    z = torch.tensor(GRID, requires_grad=True)
    a = getattr(torch.nn.functional, TORCH[kind])(z)
    a.sum().backward()
    trainer = passed_on(kind, GRID)
    trainer.compute_gradient()
    step = trainer.step.layers[0]
    np.testing.assert_allclose(step.a, a.detach().numpy(), rtol=1e-12, atol=1e-12)
    slopes = slopes_at(trainer.experiment.network.layers[0].activation, GRID)
    np.testing.assert_allclose(slopes, z.grad.numpy(), rtol=1e-7, atol=1e-12)  # its 1/6 is a float32
