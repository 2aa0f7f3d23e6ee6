"""What papers on initialization found, at small size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.advice.mean_field import MeanField, depth_scale
from engine.core.arrays import Floats
from engine.model.activations import Tanh
from engine.symmetry.groups import spread
from engine.training.loop import train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
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


def train_on_digits(*layers: dict[str, Any], rate: float, batch: int) -> Trainer:
    """Return a network on small pictures of digits at its start."""
    return trainer_of(
        experiment(
            *layers,
            data={"kind": "digits"},
            loss={"kind": "cross-entropy"},
            optimizer={"kind": "sgd", "learning_rate": rate},
            batch={"size": batch},
        )
    )


def go_on(trainer: Trainer, steps: int) -> None:
    train(updates_of([trainer]), trainer.step_number, trainer.step_number + steps)


def accuracy(trainer: Trainer) -> float:
    found = trainer.measure_training().accuracy
    assert found is not None
    return found


def test_glorot_2010_the_last_sigmoid_layer_saturates_first() -> None:
    """Found: after 1,750 steps the last of four layers is at 0.23 on average, the others at 0.50, 0.50, 0.55."""
    usual = {"kind": "uniform", "low": -1.0, "high": 1.0, "scale": "1/fan_in"}
    hidden = [layer(64, "sigmoid", usual)] * 4
    trainer = train_on_digits(*hidden, layer(10, "softmax", usual), rate=0.1, batch=10)

    def means() -> Floats:
        arrays = trainer.gradient_over_all_samples().layers[:-1]
        return np.array([float(one.a.mean()) for one in arrays])

    before = means()
    go_on(trainer, 1750)
    moved = np.abs(means() - before)
    assert (np.abs(before - 0.5) < 0.02).all()
    assert moved[-1] > 0.2
    assert (moved[:-1] < 0.1).all()


def test_schoenholz_2017_tanh_trains_to_about_six_depth_scales() -> None:
    """Found after 400 steps: 93 % right at 1.9 depth scales, 70 % at 6.1, 5 % at 12.1; and 48 % in as many layers where
    these are 2.8 depth scales.
    """
    biases = 0.05

    def right(weights: float, depth: int) -> tuple[float, float]:
        """Return how many depth scales deep a network is and what it gets right; variances are σw² and σb²."""
        deep = {"kind": "normal", "std": weights**0.5, "scale": "1/fan_in"}
        shift = {"kind": "normal", "std": biases**0.5}
        hidden = [layer(64, "tanh", deep, biases=shift)] * depth
        last = layer(10, "softmax", {"kind": "normal", "std": 1.0, "scale": "1/fan_in"})
        trainer = train_on_digits(*hidden, last, rate=0.02, batch=32)
        go_on(trainer, 400)
        return depth / depth_scale(MeanField(Tanh()).chi(weights, biases)), accuracy(trainer)

    (_, shallow), (six, at_six), (twelve, at_twelve), (three, at_three) = (
        right(weights, depth) for weights, depth in ((1.0, 7), (1.0, 22), (1.0, 44), (1.5, 44))
    )
    assert 5.5 < six < 6.5
    assert twelve > 12
    assert three < 3
    assert shallow > at_six > 0.5
    assert at_three > 0.3
    assert at_twelve < 0.25


def test_mishkin_2016_lsuv_gives_every_layer_unit_variance_and_trains_20_layers_of_relu() -> None:
    """Found: variances of z from 1.00 to 1.03; after 1,000 steps 95 % are right, and from Glorot's weights 15 %."""
    found: dict[str, tuple[Floats, float]] = {}
    for kind in ("lsuv", "glorot-normal"):
        hidden = [layer(32, "relu", {"kind": kind})] * 20
        trainer = train_on_digits(*hidden, layer(10, "softmax", {"kind": kind}), rate=0.01, batch=32)
        variances = np.array([float(one.z.var()) for one in trainer.gradient_over_all_samples().layers])
        go_on(trainer, 1000)
        found[kind] = variances, accuracy(trainer)
    assert (np.abs(found["lsuv"][0] - 1.0) < 0.05).all()
    assert found["glorot-normal"][0].min() < 1e-6
    assert found["lsuv"][1] > 0.8
    assert found["glorot-normal"][1] < 0.3


def steps_on_the_plateau(noise: float) -> int:
    """Return after how many steps the columns of eight nearly equal neurons are half apart."""
    start = {"kind": "constant-noise", "value": 0.5, "std": noise}
    trainer = trainer_of(
        experiment(
            layer(8, "tanh", start),
            layer(1, "sigmoid", start),
            optimizer={"kind": "sgd", "learning_rate": 2.0},
        )
    )
    while spread(trainer.layout.blocks[0].weights(trainer.theta)) < 0.5:
        go_on(trainer, 10)
        assert trainer.step_number < 20_000
    return trainer.step_number


def test_fukumizu_and_amari_2000_each_factor_of_ten_less_noise_lengthens_the_plateau_by_as_many_steps() -> (
    None
):
    """Found: 1,860, 3,690, 5,910 and 8,220 steps for noise of 1e-3 to 1e-6.

    Noise grows exponentially on the plateau where all neurons are one: a tenth of it takes longer by a constant, not
    ten times as long.
    """
    steps = [steps_on_the_plateau(noise) for noise in (1e-3, 1e-4, 1e-5, 1e-6)]
    longer = np.diff(steps)
    assert (longer > 1000).all(), steps
    assert longer.max() < 1.5 * longer.min(), steps
