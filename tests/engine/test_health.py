"""Saturated and dead neurons, and the size of gradients, on networks made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.norms import root_mean_square
from engine.core.registry import kind_of
from engine.experiments.presets import open_target
from engine.experiments.variants import single_variant, variants_of
from engine.health.health_check import HealthCheck
from engine.health.slopes import Slopes, turns_off
from engine.health.update_trial import update_ratios
from engine.model.activations import Activation, AnyActivation, LeakyRelu
from engine.report.condition import Health, LayerHealth
from engine.tape.instructions import Phase
from engine.tape.writer import TapeWriter
from engine.training.trainer import Trainer
from tests.builders import (
    NO_BIASES,
    advance,
    by_kind,
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


def layer_health(trainer: Trainer) -> tuple[LayerHealth, ...]:
    return HealthCheck(trainer, all_samples=True).layers()


def look(trainer: Trainer) -> Health:
    return HealthCheck(trainer).look()


def preset(name: str, variant: str, steps: int = 0) -> Trainer:
    whole = open_target(name)
    trainer = trainer_of(next(single_variant(whole, v) for v in variants_of(whole) if v.name == variant))
    advance(trainer, steps)
    return trainer


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


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "leaky-relu", "identity"])
def test_what_is_flat_on_both_sides_or_nowhere_does_not_die(kind: str) -> None:
    assert hidden(with_weights(kind, [[1.0]], [[-50.0]])).dead is None


@pytest.mark.parametrize(
    ("kind", "edge"), [("gelu", 3.74), ("elu", 6.91), ("selu", 7.48), ("softplus", 6.91)]
)
def test_whatever_is_flat_below_0_is_dead_where_it_is_flat_for_every_sample(kind: str, edge: float) -> None:
    """The slopes of ELU and softplus are exp(z) and its logistic there, those of SELU 1.758 times as large."""
    weights = [[-1.0, -1.0, 1.0]]
    found = hidden(with_weights(kind, [[edge + 0.1], [2 * edge]], weights, [0.0, 0.2, 0.0]))
    assert found.dead == 1 / 3, "off for both samples, for one only, for none"


def test_a_leaky_relu_without_slope_dies_like_a_relu() -> None:
    assert turns_off(LeakyRelu(slope=0.0))
    assert not turns_off(LeakyRelu(slope=0.01))


@pytest.mark.parametrize("activation", [kind() for kind in by_kind(AnyActivation).values()], ids=kind_of)
def test_slopes_are_differences_of_outputs(activation: Activation) -> None:
    z = np.linspace(-6.0, 6.0, 50)[:, np.newaxis] + 0.01  # beside the kinks
    if activation.mixes_units:
        assert not turns_off(activation)
        return
    tape = TapeWriter(z.dtype)
    tape.arrays |= {"z": z.copy(), "a": np.zeros_like(z)}
    activation.write_forward(tape, "z", "a")
    ends: list[Floats] = []
    for shift in (1e-6, -1e-6):
        tape.arrays["z"][...] = z + shift
        for instruction in tape.instructions:
            instruction.call()
        ends.append(tape.arrays["a"].copy())
    assert Slopes(activation, z).of(z) == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


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


def test_zero_relu_has_not_started() -> None:
    first, _ = layer_health(trainer_of(experiment(layer(4, "relu", constant(0.0)), layer(1))))
    assert (first.dead, first.unstarted) == (0.0, 1.0)


def test_a_relu_neuron_is_dead_or_has_not_started_but_never_both() -> None:
    # z: 0 without weights, -1 with a bias alone, -1, 1
    found = hidden(with_weights("relu", [[1.0], [1.0]], [[0.0, 0.0, -1.0, 1.0]], [0.0, -1.0, 0.0, 0.0]))
    assert (found.unstarted, found.dead) == (1 / 4, 2 / 4)


def test_z_and_inputs_are_measured() -> None:
    found = hidden(with_weights("identity", [[-1.0], [2.0]], [[1.0, 3.0]], [0.0, 1.0]))
    z = np.array([[-1.0, -2.0], [2.0, 7.0]])
    assert (found.z_mean, found.z_deviation) == pytest.approx((z.mean(), z.std()))
    assert found.inputs == (-1.0, 2.0)


def test_hidden_outputs_are_the_inputs_of_the_next_layer() -> None:
    trainer = with_weights("identity", [[-1.0], [2.0]], [[1.0, 3.0]])
    assert layer_health(trainer)[1].inputs == (-3.0, 6.0)


def test_equal_z_have_no_deviation_at_all() -> None:
    trainer = with_weights("sigmoid", [[1.0], [1.0], [1.0]], [[0.1, 0.1, 0.1]])
    assert hidden(trainer).z_deviation == 0.0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_only_a_gradient_of_zeros_has_size_zero(dtype: Any) -> None:
    gradient = np.zeros((3, 2), dtype)
    assert root_mean_square(gradient) == 0.0
    tiny = 1e-30 if dtype == "float32" else 1e-200  # its square is 0
    gradient[:] = tiny
    assert root_mean_square(gradient) == pytest.approx(tiny, rel=1e-6)


def test_a_gradient_that_is_not_finite_has_no_finite_size() -> None:
    for broken in (np.nan, np.inf):
        assert not np.isfinite(root_mean_square(np.full((3, 2), broken)))


def test_the_gradient_per_weight_is_its_root_mean_square() -> None:
    trainer = trainer_of(experiment(layer(5), layer(1)))
    gradient = trainer.compute_gradient().copy()
    expected = [np.sqrt(np.mean(block.weights(gradient) ** 2)) for block in trainer.layout.blocks]
    assert [found.gradient_per_weight for found in layer_health(trainer)] == pytest.approx(expected)


OPTIMIZERS = [
    {"kind": "sgd", "learning_rate": 0.5},
    {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9},
    {"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
    {"kind": "rmsprop"},
    {"kind": "adam"},
]


@pytest.mark.parametrize(
    "fields", [{}, {"batch": {"size": 1}}, {"batch": {"size": 7}}, {"weight_decay": 0.01}]
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_update_that_is_shown_is_the_one_that_comes(optimizer: Any, fields: Any) -> None:
    trainer = trainer_of(experiment(layer(5, dropout=0.2), layer(1), optimizer=optimizer, **fields))
    advance(trainer, 10)
    before, shown = trainer.theta.copy(), look(trainer).update.ratios
    advance(trainer, 1)
    assert shown == update_ratios(trainer.layout, before, trainer.theta)


def test_of_plain_descent_the_update_is_the_learning_rate_times_the_gradient() -> None:
    trainer = trainer_of(experiment(layer(5), layer(1), optimizer={"kind": "sgd", "learning_rate": 0.25}))
    gradient, blocks = trainer.compute_gradient().copy(), trainer.layout.blocks
    expected = [
        0.25 * np.linalg.norm(b.weights(gradient)) / np.linalg.norm(b.weights(trainer.theta)) for b in blocks
    ]
    assert look(trainer).update.ratios == pytest.approx(expected)


def test_weights_of_zero_have_no_relative_update() -> None:
    assert look(trainer_of(experiment(layer(4, weights=constant(0.0)), layer(1)))).update.ratios[0] is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("fields", [{}, {"batch": {"size": 7}}])
def test_checking_the_health_changes_nothing(optimizer: Any, fields: Any) -> None:
    chosen = experiment(layer(5, "relu", dropout=0.3), layer(1), optimizer=optimizer, **fields)
    looked, plain = trainer_of(chosen), trainer_of(chosen)
    for _ in range(10):
        look(looked)
        advance(looked, 1)
    advance(plain, 10)
    assert same_bits(looked.theta, plain.theta)


def test_small_data_are_looked_at_as_a_whole() -> None:
    trainer = trainer_of(experiment(layer(5, "relu"), layer(1), batch={"size": 7}))
    health = look(trainer)
    assert health.samples == health.all_samples == trainer.dataset.samples
    assert health.layers == layer_health(trainer)


def test_of_large_data_some_samples_are_looked_at_and_that_is_said() -> None:
    trainer = preset("mnist-two-layer", "std-0.01-raw-pixels")
    health, exact = look(trainer), layer_health(trainer)
    assert 64 <= health.samples < health.all_samples == 4000
    assert health.layers[0].inputs == exact[0].inputs == (0.0, 255.0)
    assert health.layers[0].saturated == pytest.approx(exact[0].saturated, abs=0.03)


def test_the_loss_after_the_update_is_that_of_the_same_samples() -> None:
    chosen = experiment(layer(5, dropout=0.2), layer(1), batch={"size": 7})
    trainer = trainer_of(chosen)
    advance(trainer, 3)
    shown = look(trainer).update
    trainer.compute_gradient()
    assert shown.loss == trainer.loss
    trainer.step.run(Phase.UPDATE)
    trainer.step.run(Phase.FORWARD, Phase.LOSS)
    assert shown.loss_after == trainer.loss


def test_size_and_variation_of_outputs_are_measured_over_the_samples() -> None:
    found = hidden(with_weights("identity", [[-1.0], [2.0]], [[1.0, 3.0]], [0.0, 1.0]))
    a = np.array([[-1.0, -2.0], [2.0, 7.0]])
    assert found.size == pytest.approx(np.sqrt(np.mean(a**2)))
    assert found.variation == pytest.approx(np.sqrt(np.mean(a.var(axis=0))))


def test_outputs_are_looked_at_beside_their_targets() -> None:
    chosen = experiment(
        layer(1, "sigmoid", constant(0.0)),
        data=table([[1.0], [2.0], [3.0]], [[0.0], [1.0], [3.0]]),
        loss=SQUARED_SUM,
    )
    output = look(trainer_of(chosen)).output
    errors = np.array([0.5, -0.5, -2.5])
    assert output.loss == pytest.approx(0.5 * (errors**2).sum())
    assert output.chance == pytest.approx(0.5 * (1 + 0 + 4)), (
        "the mean target, 4/3, is out of reach: 1 is the best"
    )
    assert output.error == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert (output.targets, output.possible) == ((0.0, 3.0), (0.0, 1.0))
    assert output.unreachable == pytest.approx(1 / 3)
    assert (output.variation, output.target_variation) == (0.0, pytest.approx(np.std([0, 1, 3])))
    assert output.stuck == 0.0


@pytest.mark.parametrize(("weight", "stuck"), [(6.0, 0.0), (-6.0, 0.0), (8.0, 0.5), (-8.0, 0.5)])
def test_an_output_is_stuck_where_it_is_flat_on_a_wrong_side(weight: float, stuck: float) -> None:
    chosen = experiment(
        layer(1, "sigmoid", constant(weight), **NO_BIASES),
        data=table([[1.0], [1.0]], [[0.0], [1.0]]),
        loss=SQUARED_SUM,
    )
    assert look(trainer_of(chosen)).output.stuck == stuck


def test_dz_is_measured_layer_by_layer() -> None:
    # z = 3·2 = 6, output 6, target 0: dZ2 = 6, dZ1 = 6·1
    assert [found.delta for found in layer_health(with_weights("identity", [[3.0]], [[2.0]]))] == [6.0, 6.0]


def test_rows_that_alternate_are_looked_at_in_both_kinds_and_all_targets_are_compared() -> None:
    x = np.random.default_rng(0).normal(size=(4000, 2))
    y = np.resize([0.0, 1.0], (4000, 1))
    wide = [layer(100, "relu") for _ in range(3)]
    output = HealthCheck(trainer_of(experiment(*wide, layer(1), data=table(x, y)))).look().output
    assert output.chance == pytest.approx(np.log(2), rel=1e-3)
    y[1777] = 50.0
    chosen = experiment(*wide, layer(1, "sigmoid"), data=table(x, y), loss=SQUARED_SUM)
    health = HealthCheck(trainer_of(chosen)).look()
    assert health.samples < 4000
    assert (health.output.targets, health.output.unreachable) == ((0.0, 50.0), 1 / 4000)
