"""Training is that of PyTorch, to rounding, over a hundred steps: losses, optimizers and what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.model.activations import AnyActivation
from tests.builders import advance, by_kind, experiment, layer, table, trainer_of

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # threads that wait for each other take longer than so few numbers
pytestmark = pytest.mark.untraced

STEPS = 100
RNG = np.random.default_rng(3)
X = RNG.normal(size=(20, 3))
NUMBERS = RNG.normal(size=(20, 2))
CLASSES = np.eye(2)[RNG.integers(2, size=20)]
functional = torch.nn.functional


def trained_by_torch(
    chosen: Experiment,
    outputs: Callable[[Any], Any],
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    hidden: Callable[[Any], Any] = torch.tanh,
) -> list[Floats]:
    """Return W1, b1, W2, b2 after the steps; `outputs` and `hidden` make a of z, `optimizer` takes the parameters."""
    trainer = trainer_of(chosen)
    parameters = []
    for block in trainer.layout.blocks:
        for values in (block.weights(trainer.theta), block.biases(trainer.theta)):
            parameters.append(torch.tensor(values.copy(), requires_grad=True))
    w1, b1, w2, b2 = parameters
    x, y = torch.tensor(trainer.dataset.x_train), torch.tensor(trainer.dataset.y_train)
    stepper = optimizer(parameters)
    for _ in range(STEPS):
        stepper.zero_grad()
        loss(outputs(hidden(x @ w1 + b1) @ w2 + b2), y).backward()
        stepper.step()
    return [parameter.detach().numpy() for parameter in parameters]


def trained_here(chosen: Experiment) -> list[Floats]:
    trainer = trainer_of(chosen)
    advance(trainer, STEPS)
    blocks = trainer.layout.blocks
    return [part for block in blocks for part in (block.weights(trainer.theta), block.biases(trainer.theta))]


def assert_same(chosen: Experiment, *torch_way: Any, tolerance: float = 1e-10) -> None:
    for ours, theirs in zip(trained_here(chosen), trained_by_torch(chosen, *torch_way), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def network(activation: str, loss: dict[str, Any], y: Floats, **fields: Any) -> Experiment:
    return experiment(layer(5, "tanh"), layer(2, activation), data=table(X, y), loss=loss, **fields)


def softmax(z: Any) -> Any:
    return torch.softmax(z, 1)


def same(z: Any) -> Any:
    return z


def counted(y: Any) -> Any:
    """Return how much samples of two classes with weights of ½ and 3 count, (samples, 1)."""
    return torch.where(y.argmax(1, keepdim=True) == 1, 3.0, 0.5).double()


LOSSES: dict[str, tuple[str, dict[str, Any], Floats, Any, Any]] = {
    "half of MSELoss": (
        "identity",
        {"kind": "squared-error", "reduction": "mean-all"},
        NUMBERS,
        same,
        lambda a, y: functional.mse_loss(a, y) / 2,
    ),
    "L1Loss": (
        "identity",
        {"kind": "absolute-error", "reduction": "mean-all"},
        NUMBERS,
        same,
        functional.l1_loss,
    ),
    "HuberLoss": (
        "tanh",
        {"kind": "huber", "delta": 0.6, "reduction": "mean-all"},
        NUMBERS,
        torch.tanh,
        lambda a, y: functional.huber_loss(a, y, delta=0.6),
    ),
    "CrossEntropyLoss": (
        "identity",
        {"kind": "logits-cross-entropy"},
        CLASSES,
        same,
        functional.cross_entropy,
    ),
    "the doubled softmax": (
        "softmax",
        {"kind": "logits-cross-entropy"},
        CLASSES,
        softmax,
        functional.cross_entropy,
    ),
    **{
        f"CrossEntropyLoss with weights on {output}": (
            output,
            {"kind": kind, "class_weights": [0.5, 3.0]},
            CLASSES,
            same,
            lambda a, y: functional.cross_entropy(a, y.argmax(1), weight=torch.tensor([0.5, 3.0]).double()),
        )
        for output, kind in (("identity", "logits-cross-entropy"), ("softmax", "cross-entropy"))
    },
    "BCEWithLogitsLoss with a weighted mean": (
        "sigmoid",
        {"kind": "binary-cross-entropy", "class_weights": [0.5, 3.0]},
        CLASSES,
        same,
        lambda a, y: (
            2 * functional.binary_cross_entropy_with_logits(a, y, weight=counted(y)) / counted(y).mean()
        ),
    ),
    "BCEWithLogitsLoss": (
        "identity",
        {"kind": "logits-binary-cross-entropy"},
        CLASSES,
        same,
        lambda a, y: 2 * functional.binary_cross_entropy_with_logits(a, y),
    ),
    "BCELoss of a softmax": (
        "softmax",
        {"kind": "binary-cross-entropy"},
        CLASSES,
        softmax,
        lambda a, y: 2 * functional.binary_cross_entropy(a, y),
    ),
    "Keras' cross-entropy of sigmoids": (
        "sigmoid",
        {"kind": "cross-entropy"},
        CLASSES,
        torch.sigmoid,
        lambda a, y: -(y * torch.log(a / a.sum(1, keepdim=True))).sum() / len(y),
    ),
    "HingeLoss": (
        "identity",
        {"kind": "hinge"},
        2 * CLASSES - 1,
        same,
        lambda a, y: torch.relu(1 - y * a).sum() / len(y),
    ),
}


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": same,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda z: functional.leaky_relu(z, 0.01),
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "hard-sigmoid": lambda z: torch.clamp(z / 6 + 0.5, 0, 1),  # its own one has a slope of 1/6 in float32
    "hard-tanh": functional.hardtanh,
    "exponential": torch.exp,
    "sine": torch.sin,
    "softmax": softmax,
}


@pytest.mark.parametrize("kind", by_kind(AnyActivation))
def test_an_activation_trains_as_that_of_pytorch(kind: str) -> None:
    chosen = experiment(
        layer(5, kind),
        layer(2, "identity"),
        data=table(X, NUMBERS),
        loss={"kind": "squared-error", "reduction": "mean-all"},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
    )
    half, sgd = LOSSES["half of MSELoss"][-1], lambda parameters: torch.optim.SGD(parameters, lr=0.1)
    assert_same(chosen, same, half, sgd, ACTIVATIONS[kind])


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_trains_as_that_of_pytorch(name: str) -> None:
    activation, loss, y, outputs, theirs = LOSSES[name]
    chosen = network(activation, loss, y, optimizer={"kind": "sgd", "learning_rate": 0.2})
    assert_same(chosen, outputs, theirs, lambda parameters: torch.optim.SGD(parameters, lr=0.2))


# Optimizers, schedules, clipping, penalties, rates

MSE = {"kind": "squared-error", "reduction": "mean-all"}


def half_mse(a: Any, y: Any) -> Any:
    return functional.mse_loss(a, y) / 2


OPTIMIZERS: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "adagrad": ({"kind": "adagrad", "learning_rate": 0.05}, lambda p: torch.optim.Adagrad(p, lr=0.05)),
    "adamw": (
        {"kind": "adamw", "learning_rate": 0.02},
        lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.0),
    ),
    "nadam": ({"kind": "nadam", "learning_rate": 0.02}, lambda p: torch.optim.NAdam(p, lr=0.02)),
    "rmsprop": ({"kind": "rmsprop", "learning_rate": 0.01}, lambda p: torch.optim.RMSprop(p, lr=0.01)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_trains_as_that_of_pytorch(name: str) -> None:
    ours, theirs = OPTIMIZERS[name]
    tolerance = 1e-7 if name == "nadam" else 1e-10  # PyTorch multiplies its shares in float32
    assert_same(
        network("identity", MSE, NUMBERS, optimizer=ours), same, half_mse, theirs, tolerance=tolerance
    )


class Stepper:
    """An optimizer of PyTorch with something done around its steps."""

    def __init__(self, optimizer: Any, before: Callable[[], object], after: Callable[[], object]) -> None:
        self.zero_grad, self._optimizer = optimizer.zero_grad, optimizer
        self._before, self._after = before, after

    def step(self) -> None:
        self._before()
        self._optimizer.step()
        self._after()


def nothing() -> None:
    return None


SCHEDULES: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "step": (
        {"kind": "step", "every": 30, "factor": 0.3},
        lambda it: torch.optim.lr_scheduler.StepLR(it, 30, 0.3),
    ),
    "exponential": (
        {"kind": "exponential", "factor": 0.97},
        lambda it: torch.optim.lr_scheduler.ExponentialLR(it, 0.97),
    ),
    "cosine": (
        {"kind": "cosine", "steps": 200, "lowest": 0.1},
        lambda it: torch.optim.lr_scheduler.CosineAnnealingLR(it, 200, 0.1 * it.param_groups[0]["lr"]),
    ),
    "warmup": (
        {"kind": "warmup", "steps": 40},
        lambda it: torch.optim.lr_scheduler.LinearLR(it, 1 / 40, total_iters=39),
    ),
    "one-cycle": (
        {"kind": "one-cycle", "steps": 101},
        lambda it: torch.optim.lr_scheduler.OneCycleLR(
            it, it.param_groups[0]["lr"], 101, cycle_momentum=False
        ),
    ),
}


@pytest.mark.parametrize("kind", ["sgd", "adam"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_changes_the_learning_rate_as_that_of_pytorch(name: str, kind: str) -> None:
    ours, theirs = SCHEDULES[name]

    def stepper(parameters: list[Any]) -> Stepper:
        make = torch.optim.SGD if kind == "sgd" else torch.optim.Adam
        optimizer = make(parameters, lr=0.05)
        return Stepper(optimizer, nothing, theirs(optimizer).step)

    optimizer = {"kind": kind, "learning_rate": 0.05, "schedule": ours}
    assert_same(network("identity", MSE, NUMBERS, optimizer=optimizer), same, half_mse, stepper)


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_gradients_are_clipped_as_pytorch_clips_them(kind: str) -> None:
    def stepper(parameters: list[Any]) -> Stepper:
        clip = torch.nn.utils.clip_grad_norm_ if kind == "norm" else torch.nn.utils.clip_grad_value_
        return Stepper(torch.optim.SGD(parameters, lr=0.3), lambda: clip(parameters, 0.05), nothing)

    fields = {"optimizer": {"kind": "sgd", "learning_rate": 0.3}, "clip": {"kind": kind, "limit": 0.05}}
    assert_same(network("identity", MSE, NUMBERS, **fields), same, half_mse, stepper)


def test_penalties_and_rates_of_layers_are_parameter_groups_of_pytorch() -> None:
    def stepper(parameters: list[Any]) -> Stepper:
        weights, biases = parameters[::2], parameters[1::2]
        groups = [
            {"params": [weights[0]], "lr": 0.01, "weight_decay": 0.1},
            {"params": [biases[0]], "lr": 0.01},
            {"params": [weights[1]], "lr": 0.02, "weight_decay": 0.1},
            {"params": [biases[1]], "lr": 0.02},
        ]

        def add_l1() -> None:
            for parameter in weights:
                parameter.grad += 0.003 * torch.sign(parameter.detach())

        return Stepper(torch.optim.AdamW(groups, weight_decay=0.0), add_l1, nothing)

    chosen = experiment(
        layer(5, "tanh", rate=0.5),
        layer(2, "identity"),
        data=table(X, NUMBERS),
        loss=MSE,
        optimizer={"kind": "adamw", "learning_rate": 0.02},
        weight_decay=0.1,
        l1=0.003,
    )
    assert_same(chosen, same, half_mse, stepper)


# Normalization


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_a_normalized_network_trains_and_measures_as_that_of_pytorch(kind: str) -> None:
    """Linear, BatchNorm1d or LayerNorm, activation: parameters, running averages, and outputs in both modes."""
    chosen = experiment(
        layer(5, "tanh", normalize=kind),
        layer(4, "relu", normalize=kind),
        layer(2, "identity"),
        data=table(X, NUMBERS),
        loss=MSE,
        optimizer={"kind": "sgd", "learning_rate": 0.1},
    )
    trainer = trainer_of(chosen)
    norm = torch.nn.BatchNorm1d if kind == "batch" else torch.nn.LayerNorm
    linear = [torch.nn.Linear(3, 5), torch.nn.Linear(5, 4), torch.nn.Linear(4, 2)]
    norms = [norm(5), norm(4)]
    theirs = torch.nn.Sequential(
        *(linear[0], norms[0], torch.nn.Tanh(), linear[1], norms[1], torch.nn.ReLU(), linear[2])
    ).double()
    for module, block in zip(linear, trainer.layout.blocks, strict=True):
        module.weight.data = torch.tensor(block.weights(trainer.theta).T.copy())
        module.bias.data = torch.tensor(block.biases(trainer.theta).copy())
    x, y = torch.tensor(X), torch.tensor(NUMBERS)
    stepper = torch.optim.SGD(theirs.parameters(), lr=0.1)
    for _ in range(STEPS):
        stepper.zero_grad()
        half_mse(theirs(x), y).backward()
        stepper.step()
    advance(trainer, STEPS)
    pairs = [
        (block.weights(trainer.theta).T, m.weight)
        for block, m in zip(trainer.layout.blocks, linear, strict=True)
    ]
    for place, module in zip(trainer.layout.norms, norms, strict=False):
        named = place.named(trainer.theta)
        pairs += [(named["scale"], module.weight), (named["shift"], module.bias)]
        if kind == "batch":
            pairs += [(named[name], getattr(module, name)) for name in ("running_mean", "running_var")]
    theirs.eval()
    pairs.append((trainer.outputs_for_training_samples(), theirs(x)))
    for ours, other in pairs:
        np.testing.assert_allclose(ours, other.detach().numpy(), rtol=1e-10, atol=1e-10)
    theirs.train()
    trainer.compute_gradient()
    np.testing.assert_allclose(trainer.step.outputs, theirs(x).detach().numpy(), rtol=1e-10, atol=1e-10)


def test_a_residual_network_trains_as_that_of_pytorch() -> None:
    hidden = layer(3, "tanh", residual=True), layer(4, "relu"), layer(4, "tanh", residual=True)
    optimizer = {"kind": "sgd", "learning_rate": 0.1}
    chosen = experiment(*hidden, layer(2, "identity"), data=table(X, NUMBERS), loss=MSE, optimizer=optimizer)
    trainer = trainer_of(chosen)
    blocks = trainer.layout.blocks
    parameters = [
        torch.tensor(part.copy(), requires_grad=True)
        for block in blocks
        for part in (block.weights(trainer.theta), block.biases(trainer.theta))
    ]
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters
    x, y, stepper = torch.tensor(X), torch.tensor(NUMBERS), torch.optim.SGD(parameters, lr=0.1)
    for _ in range(STEPS):
        stepper.zero_grad()
        h = torch.tanh(x @ w1 + b1) + x
        h = torch.relu(h @ w2 + b2)
        h = torch.tanh(h @ w3 + b3) + h
        half_mse(h @ w4 + b4, y).backward()
        stepper.step()
    advance(trainer, STEPS)
    ours = [part for block in blocks for part in (block.weights(trainer.theta), block.biases(trainer.theta))]
    for mine, theirs in zip(ours, parameters, strict=True):
        np.testing.assert_allclose(mine, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)
