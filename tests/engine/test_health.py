"""Saturated and dead neurons, and the size of gradients, on networks made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.health import LayerHealth, layer_health
from engine.trainer import Trainer
from tests.builders import (
    NO_BIASES,
    advance,
    constant,
    experiment,
    lane_of,
    layer,
    same_bits,
    table,
    trainer_of,
)

SQUARED_SUM = {"kind": "squared-error", "reduction": "sum"}


def with_weights(activation: str, inputs: Any, weights: Any, biases: Any = 0.0) -> Trainer:
    """Return a network of one hidden layer with these inputs (samples, n), weights (n, units) and biases."""
    units = np.shape(weights)[1]
    chosen = experiment(
        layer(units, activation),
        layer(1, "identity", constant(1.0)),
        data=table(inputs, np.zeros((len(inputs), 1))),
        loss=SQUARED_SUM,
    )
    trainer = trainer_of(chosen)
    state = trainer.initial_state.copy()
    block = trainer.layout.blocks[0]
    block.weights(state)[...] = weights
    found = block.biases(state)
    assert found is not None
    found[...] = biases
    trainer.restore(state, 0)
    return trainer


def hidden(trainer: Trainer) -> LayerHealth:
    return layer_health(trainer)[0]


@pytest.mark.parametrize(("kind", "edge"), [("sigmoid", 6.9), ("tanh", 4.15)])
def test_a_neuron_is_saturated_where_its_slope_is_below_a_thousandth(kind: str, edge: float) -> None:
    inputs = [[-edge - 0.05], [-edge + 0.05], [0.0], [edge - 0.05], [edge + 0.05]]
    assert hidden(with_weights(kind, inputs, [[1.0]])).saturated == 2 / 5


def test_saturation_is_the_share_of_samples_and_neurons() -> None:
    trainer = with_weights("sigmoid", [[1.0], [0.0], [-1.0], [0.5]], [[0.0, 100.0]])
    assert hidden(trainer).saturated == 3 / 8


@pytest.mark.parametrize("kind", ["relu", "identity", "leaky-relu", "softplus", "gelu", "elu", "selu"])
def test_functions_that_do_not_flatten_out_on_both_sides_have_no_saturation(kind: str) -> None:
    assert hidden(with_weights(kind, [[1.0]], [[1.0]])).saturated is None


def test_a_relu_neuron_is_dead_where_no_sample_reaches_it() -> None:
    # alive for one sample; negative for both; 0 for one and negative for the other; bias lifts it
    weights, biases = [[1.0, -1.0, -1.0, -1.0]], [-1.5, 0.0, 1.0, 2.5]
    assert hidden(with_weights("relu", [[1.0], [2.0]], weights, biases)).dead == 2 / 4


def test_a_relu_neuron_whose_weights_are_all_zero_is_not_called_dead() -> None:
    assert hidden(with_weights("relu", [[1.0], [2.0]], [[0.0, -1.0]])).dead == 1 / 2


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "leaky-relu", "elu", "identity"])
def test_only_relu_neurons_die(kind: str) -> None:
    assert hidden(with_weights(kind, [[1.0]], [[-5.0]])).dead is None


def test_the_gradient_norm_is_that_of_the_weights_alone() -> None:
    # one neuron z = 3·2 = 6, output 6, target 0: dW2 = 6·6 = 36, dW1 = 6·1·3 = 18
    trainer = with_weights("identity", [[3.0]], [[2.0]])
    first, last = layer_health(trainer)
    assert (first.gradient_norm, last.gradient_norm) == (18.0, 36.0)


def test_looking_at_the_health_changes_nothing() -> None:
    chosen = experiment(layer(5, "relu"), layer(1), optimizer={"kind": "adam"})
    looked, plain = trainer_of(chosen), trainer_of(chosen)
    for _ in range(20):
        advance(looked, 1)
        layer_health(looked)
    advance(plain, 20)
    assert same_bits(looked.theta, plain.theta)


def test_large_weights_saturate_sigmoids_and_small_ones_do_not() -> None:
    def saturated(std: float) -> float | None:
        weights = {"kind": "normal", "std": std}
        return hidden(trainer_of(experiment(layer(30, weights=weights), layer(1)))).saturated

    small, large = saturated(0.1), saturated(1000.0)
    assert small == 0.0
    assert large is not None
    assert large > 0.9


def test_zero_relu_has_no_gradient_and_no_dead_neurons() -> None:
    zeros = constant(0.0)
    lane = lane_of(experiment(layer(4, "relu", zeros, **NO_BIASES), layer(1, weights=zeros)), 10)
    first, last = layer_health(lane.trainer)
    assert (first.gradient_norm, last.gradient_norm) == (0.0, 0.0)
    assert first.dead == 0.0
