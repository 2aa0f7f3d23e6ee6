"""Saturated and dead neurons, and the size of gradients, on networks made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.core.norms import root_mean_square
from engine.experiments.presets import open_target
from engine.experiments.variants import single_variant, variants_of
from engine.insight.health import HealthCheck, alarms, layer_health, update_ratios
from engine.report.condition import Alarm, AlarmKind, Health, LayerHealth
from engine.report.curve import Curve
from engine.training.trainer import Trainer
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


def look(trainer: Trainer) -> Health:
    still = Curve(1, np.zeros(2), np.zeros(2))
    return HealthCheck(trainer).look([still] * (len(trainer.layout.blocks) - 1))


def preset(name: str, variant: str, steps: int = 0) -> Trainer:
    whole = open_target(name)
    trainer = trainer_of(next(single_variant(whole, v) for v in variants_of(whole) if v.name == variant))
    advance(trainer, steps)
    return trainer


def sound(**figures: Any) -> LayerHealth:
    """Return a layer of ten neurons with nothing unusual but these figures."""
    usual: dict[str, Any] = {
        "units": 10,
        "gradient_norm": 1.0,
        "gradient_per_weight": 1e-3,
        "saturated": 0.1,
        "dead": 0.0,
        "unstarted": 0.0,
        "z_mean": 0.0,
        "z_deviation": 1.0,
        "inputs": (0.0, 1.0),
    }
    return LayerHealth(**(usual | figures))


def kinds(
    *layers: LayerHealth, updates: tuple[float | None, ...] = (), pixels: bool = False
) -> list[AlarmKind]:
    return [alarm.kind for alarm in alarms(layers, updates or (1e-3,) * len(layers), pixels=pixels)]


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
    before, shown = trainer.theta.copy(), look(trainer).updates
    advance(trainer, 1)
    assert shown == update_ratios(trainer.layout, before, trainer.theta)


def test_of_plain_descent_the_update_is_the_learning_rate_times_the_gradient() -> None:
    trainer = trainer_of(experiment(layer(5), layer(1), optimizer={"kind": "sgd", "learning_rate": 0.25}))
    gradient, blocks = trainer.compute_gradient().copy(), trainer.layout.blocks
    expected = [
        0.25 * np.linalg.norm(b.weights(gradient)) / np.linalg.norm(b.weights(trainer.theta)) for b in blocks
    ]
    assert look(trainer).updates == pytest.approx(expected)


def test_weights_of_zero_have_no_relative_update() -> None:
    assert look(trainer_of(experiment(layer(4, weights=constant(0.0)), layer(1)))).updates[0] is None


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


# alarms


def test_a_sound_network_has_no_alarms() -> None:
    assert kinds(sound(), sound()) == []
    assert look(preset("columns", "random", 100)).alarms == ()
    assert look(preset("circles", "he")).alarms == ()


def test_saturated_outputs_of_hidden_layers_are_an_alarm() -> None:
    assert alarms([sound(saturated=0.81), sound()], (1e-3, 1e-3), pixels=False) == (
        Alarm(AlarmKind.SATURATED, (1,), (0.81,)),
    )
    assert kinds(sound(saturated=0.49), sound()) == []


def test_output_neurons_are_never_called_a_failure() -> None:
    assert kinds(sound(), sound(saturated=1.0, dead=1.0)) == []


def test_dead_neurons_are_counted() -> None:
    (alarm,) = alarms([sound(dead=0.3), sound()], (1e-3, 1e-3), pixels=False)
    assert (alarm.kind, alarm.figures) == (AlarmKind.DEAD, (3.0,))
    assert kinds(sound(dead=0.2), sound()) == []


def test_a_gradient_that_shrinks_on_its_way_back_vanishes() -> None:
    layers = [sound(gradient_per_weight=size) for size in (1e-12, 1e-3, 2e-3)]
    (alarm,) = alarms(layers, (1e-9, 1e-3, 1e-3), pixels=False)
    assert (alarm.kind, alarm.layers, alarm.figures) == (AlarmKind.VANISHING, (1,), (pytest.approx(5e-10),))


def test_a_gradient_that_grows_on_its_way_back_explodes() -> None:
    layers = [sound(gradient_per_weight=size) for size in (1e3, 1e-1, 1e-3)]
    (alarm,) = alarms(layers, (1e-3,) * 3, pixels=False)
    assert (alarm.kind, alarm.layers, alarm.figures) == (AlarmKind.EXPLODING, (1,), (pytest.approx(1e6),))


def test_alike_gradients_are_no_alarm_however_small() -> None:
    assert kinds(*[sound(gradient_per_weight=1e-30)] * 3) == []


def test_deep_sigmoids_vanish_and_deep_relus_do_not() -> None:
    def deep(activation: str, weights: str) -> list[AlarmKind]:
        layers = [layer(10, activation, {"kind": weights}) for _ in range(10)]
        trainer = trainer_of(experiment(*layers, layer(1, weights={"kind": weights})))
        return [alarm.kind for alarm in look(trainer).alarms]

    assert AlarmKind.VANISHING in deep("sigmoid", "lecun-normal")
    assert AlarmKind.VANISHING not in deep("relu", "he-normal")


def test_the_step_is_told() -> None:
    assert look(preset("columns", "random", 7)).step == 7


def test_zeros_never_move_and_their_update_is_not_called_small_as_well() -> None:
    zeros = look(preset("circles", "zeros", 10))
    assert [(alarm.kind, alarm.layers) for alarm in zeros.alarms] == [(AlarmKind.ZERO_GRADIENT, (1, 2, 3))]
    assert kinds(sound(gradient_per_weight=0.0), sound(), updates=(0.0, 1e-3)) == [AlarmKind.ZERO_GRADIENT]


def test_updates_that_are_too_large_or_too_small_are_alarms() -> None:
    assert kinds(sound(), sound(), updates=(0.11, 1e-3)) == [AlarmKind.LARGE_UPDATE]
    assert kinds(sound(), sound(), updates=(0.09, 1e-6)) == []
    assert kinds(sound(), sound(), updates=(1e-3, 1e-7)) == [AlarmKind.SMALL_UPDATE]
    assert kinds(sound(), sound(), updates=(None, None)) == []


def test_inputs_that_are_not_scaled_are_an_alarm() -> None:
    assert kinds(sound(inputs=(0.0, 255.0)), sound(), pixels=True) == [AlarmKind.RAW_PIXELS]
    assert kinds(sound(inputs=(-300.0, 1.0)), sound()) == [AlarmKind.LARGE_INPUTS]
    assert kinds(sound(inputs=(-4.0, 4.0)), sound(inputs=(0.0, 255.0)), pixels=True) == []


def test_raw_pixels_saturate_the_first_layer() -> None:
    found = {alarm.kind: alarm for alarm in look(preset("mnist-two-layer", "std-0.01-raw-pixels")).alarms}
    assert found[AlarmKind.RAW_PIXELS].figures == (255.0,)
    assert found[AlarmKind.SATURATED].figures[0] == pytest.approx(0.75, abs=0.05)


def test_a_diverged_network_has_one_alarm() -> None:
    trainer = trainer_of(
        experiment(
            layer(5, "relu"),
            layer(1, "identity"),
            loss=SQUARED_SUM,
            optimizer={"kind": "sgd", "learning_rate": 1e3},
        )
    )
    advance(trainer, 200)
    assert not np.isfinite(trainer.theta).all()
    assert [alarm.kind for alarm in look(trainer).alarms] == [AlarmKind.NOT_FINITE]
