"""What papers on initialization found, at small size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.training.trainer import Trainer
from tests.builders import advance, experiment, layer, table, trainer_of

pytestmark = [pytest.mark.untraced, pytest.mark.slow]


def z_deviations(weights: dict[str, Any], depth: int) -> list[float]:
    """Return the standard deviation of z of every ReLU layer at the start, on normal inputs."""
    x = np.random.default_rng(0).normal(size=(200, 100))
    hidden = [layer(100, "relu", weights)] * depth
    chosen = experiment(*hidden, layer(1), data=table(x, np.zeros((200, 1))))
    trainer = trainer_of(chosen)
    trainer.compute_gradient()
    return [float(arrays.z.std()) for arrays in trainer.step.layers[:-1]]


def test_he_2015_with_xavier_30_layers_of_relu_fade_and_with_he_they_do_not() -> None:
    """Found: z of layer 30 has 0.000016 of the deviation of layer 1 with Xavier's weights, 0.37 with He's."""
    xavier, he = (z_deviations({"kind": kind}, 30) for kind in ("glorot-normal", "he-normal"))
    assert xavier[-1] / xavier[0] < 1e-4
    assert 0.3 < he[-1] / he[0] < 3


def steps_to_learn(kind: str, depth: int) -> int:
    """Return after how many steps a deep linear network has learnt half of its linear teacher."""
    start = {"kind": "orthogonal"} if kind == "orthogonal" else {"kind": "normal", "scale": "1/fan_in"}
    hidden = [layer(16, "identity", start, biases=None)] * (depth - 1)
    trainer = trainer_of(
        experiment(
            *hidden,
            layer(16, "identity", start, biases=None),
            data={"kind": "linear-teacher", "inputs": 16, "outputs": 16, "singular_values": [1.0] * 16},
            loss={"kind": "squared-error"},
            optimizer={"kind": "sgd", "learning_rate": 0.05 / depth},
        )
    )
    return _half_life(trainer)


def _half_life(trainer: Trainer, most: int = 20_000) -> int:
    advance(trainer, 1)
    first, steps = trainer.loss, 1
    while not trainer.loss < first / 2 and steps < most:
        advance(trainer, 5)
        steps += 5
    return steps


def test_saxe_2014_orthogonal_starts_learn_as_fast_at_any_depth_and_gaussian_ones_do_not() -> None:
    """Found: 11, 16 and 16 steps for 3, 8 and 20 layers from orthogonal weights, 6, 6 and 361 from normal ones.

    The learning rate is lowered by the depth.
    """
    orthogonal = [steps_to_learn("orthogonal", depth) for depth in (3, 8, 20)]
    gaussian = [steps_to_learn("normal", depth) for depth in (3, 8, 20)]
    assert max(orthogonal) < 3 * min(orthogonal), orthogonal
    assert gaussian[2] > 2 * max(orthogonal), (orthogonal, gaussian)
