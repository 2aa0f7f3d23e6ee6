"""Training is that of PyTorch, to rounding, over a hundred steps: losses, optimizers and what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from tests.builders import advance, experiment, layer, table, trainer_of

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.untraced

STEPS = 100
RNG = np.random.default_rng(3)
X = RNG.normal(size=(20, 3))
NUMBERS = RNG.normal(size=(20, 2))
CLASSES = np.eye(2)[RNG.integers(2, size=20)]
functional = torch.nn.functional


def trained_by_torch(
    chosen: Experiment, outputs: Callable[[Any], Any], loss: Callable[[Any, Any], Any], optimizer: Any
) -> list[Floats]:
    """Return W1, b1, W2, b2 after the steps; `outputs` makes a of z, `optimizer` takes the parameters."""
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
        loss(outputs(torch.tanh(x @ w1 + b1) @ w2 + b2), y).backward()
        stepper.step()
    return [parameter.detach().numpy() for parameter in parameters]


def trained_here(chosen: Experiment) -> list[Floats]:
    trainer = trainer_of(chosen)
    advance(trainer, STEPS)
    blocks = trainer.layout.blocks
    return [part for block in blocks for part in (block.weights(trainer.theta), block.biases(trainer.theta))]


def assert_same(chosen: Experiment, *torch_way: Any) -> None:
    for ours, theirs in zip(trained_here(chosen), trained_by_torch(chosen, *torch_way), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def network(activation: str, loss: dict[str, Any], y: Floats, **fields: Any) -> Experiment:
    return experiment(layer(5, "tanh"), layer(2, activation), data=table(X, y), loss=loss, **fields)


def softmax(z: Any) -> Any:
    return torch.softmax(z, 1)


def same(z: Any) -> Any:
    return z


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


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_trains_as_that_of_pytorch(name: str) -> None:
    activation, loss, y, outputs, theirs = LOSSES[name]
    chosen = network(activation, loss, y, optimizer={"kind": "sgd", "learning_rate": 0.2})
    assert_same(chosen, outputs, theirs, lambda parameters: torch.optim.SGD(parameters, lr=0.2))
