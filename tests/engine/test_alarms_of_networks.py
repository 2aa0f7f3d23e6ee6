"""Alarms of networks whose illness is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.health.health_check import HealthCheck
from engine.report.condition import (
    AlarmKind,
    Health,
)
from engine.training.trainer import Trainer
from tests.builders import NO_BIASES, advance, constant, experiment, layer, table, trainer_of

from .test_alarms import CASES, SQUARED, Found


def look(trainer: Trainer, step: int = 0) -> Health:
    advance(trainer, step - trainer.step_number)
    return HealthCheck(trainer, all_samples=True).look()


def found_in(trainer: Trainer, step: int = 0) -> Found:
    return {alarm.kind: alarm.layers for alarm in look(trainer, step).alarms}


def lane(target: str | Path, name: str = "") -> Trainer:
    specs = lane_specs(open_target(str(target)))
    return trainer_of(next(spec.experiment for spec in specs if not name or spec.name == name))


def case(name: str, variant: str = "") -> Trainer:
    (path,) = CASES.glob(f"{name}*.json")
    return lane(path, variant)


def figure(trainer: Trainer, kind: AlarmKind) -> float:
    return next(alarm.figures[0] for alarm in look(trainer, trainer.step_number).alarms if alarm.kind is kind)


@pytest.mark.parametrize("step", [0, 1000])
def test_all_positive_weights_act_like_one_neuron(step: int) -> None:
    trainer = lane("mnist-per-sample", "rand")
    found = found_in(trainer, step)
    assert found.pop(AlarmKind.OUTPUT_CONSTANT, (3,)) == (3,), (
        "it varies by less than a thousandth at the start"
    )
    assert found.pop(AlarmKind.WEIGHTS_OF_ONE_SIGN) == ((1,) if step else (1, 2, 3)), "others were turned"
    assert found == {AlarmKind.NEAR_SYMMETRY: (1, 2)}
    assert 1.0 <= figure(trainer, AlarmKind.NEAR_SYMMETRY) < 1.1


def test_large_weights_saturate_the_output_on_a_wrong_side() -> None:
    trainer = lane("circles", "large")
    found = found_in(trainer)
    assert found == {
        AlarmKind.OUTPUT_SATURATED: (3,),
        AlarmKind.HIGH_LOSS: (3,),
        AlarmKind.GROWING: (2,),
    }
    assert figure(trainer, AlarmKind.OUTPUT_SATURATED) == 0.5, "all outputs are 1, half of the targets 0"


def test_zeros_never_move() -> None:
    assert found_in(lane("circles", "zeros"), 10) == {
        AlarmKind.OUTPUT_CONSTANT: (3,),
        AlarmKind.ZERO_GRADIENT: (1, 2, 3),
        AlarmKind.SYMMETRY: (1, 2),
    }


def test_raw_pixels_saturate_the_first_layer() -> None:
    trainer = lane("mnist-two-layer", "std-0.01-raw-pixels")
    assert found_in(trainer) == {AlarmKind.INPUTS_NOT_SCALED: (1,), AlarmKind.SATURATED: (1,)}
    assert figure(trainer, AlarmKind.INPUTS_NOT_SCALED) == 255.0
    assert figure(trainer, AlarmKind.SATURATED) == pytest.approx(0.75, abs=0.05)


def test_a_sigmoid_cannot_reach_a_target_of_3() -> None:
    trainer = lane("columns", "random")
    assert found_in(trainer) == {AlarmKind.OUTPUT_RANGE: (2,)}
    assert figure(trainer, AlarmKind.OUTPUT_RANGE) == 0.5, "targets 1, 3, 2, 0"


def test_case_3_adam_at_rate_1_kills_the_relus() -> None:
    trainer = case("03", "adam-1")
    assert found_in(trainer) == {AlarmKind.LARGE_STEP: (1, 2, 3, 4)}
    found = found_in(trainer, 5)
    assert found[AlarmKind.DEAD] == (1, 2, 3)
    assert found[AlarmKind.ZERO_GRADIENT] == (1, 2, 3, 4)
    assert not found_in(case("03", "adam-0.01"), 500)


def test_case_4_targets_are_not_scaled_and_the_first_step_is_too_large() -> None:
    trainer = case("04", "as-posted")
    assert found_in(trainer) == {AlarmKind.TARGETS_NOT_SCALED: (2,), AlarmKind.LARGE_STEP: (1, 2)}
    assert list(found_in(trainer, 20)) == [AlarmKind.NOT_FINITE]
    assert not found_in(case("04", "target-scaled"), 20)


@pytest.mark.parametrize("step", [0, 20, 500])
def test_case_5_blames_the_targets_and_never_the_inputs(step: int) -> None:
    for name, variant in (("05-x", "as-posted"), ("05-inputs", "")):
        found = found_in(case(name, variant), step)
        assert found[AlarmKind.TARGETS_NOT_SCALED] == (3,)
        assert AlarmKind.INPUTS_NOT_SCALED not in found
    for name, variant in (("05-x", "both-scaled"), ("05-targets", "")):
        assert not found_in(case(name, variant), step)


def test_case_8_a_relu_output_cannot_reach_targets_below_0() -> None:
    found = found_in(case("08", "as-posted"))
    assert found[AlarmKind.OUTPUT_RANGE] == (3,)
    assert AlarmKind.OUTPUT_RANGE not in found_in(case("08", "identity-output"))


def test_case_9_weights_from_0_to_1_saturate_everything() -> None:
    found = found_in(case("09", "0-to-1"))
    assert found[AlarmKind.SATURATED] == (1,)
    assert found[AlarmKind.WEIGHTS_OF_ONE_SIGN] == (1, 2)
    assert found[AlarmKind.OUTPUT_SATURATED] == found[AlarmKind.OUTPUT_CONSTANT] == (2,)
    assert not found_in(case("09", "centred"))


def test_case_11_equal_hidden_columns_are_nearly_symmetric() -> None:
    assert found_in(case("11", "seed-0")) == {AlarmKind.NEAR_SYMMETRY: (1,)}
    assert found_in(case("11", "constant-out")) == {AlarmKind.SYMMETRY: (1,)}


def test_case_12_equal_output_columns_are_no_failure() -> None:
    assert not found_in(case("12"))


def test_case_13_raw_pixels_make_a_first_loss_far_above_chance() -> None:
    found = found_in(case("13", "raw"))
    assert found == {
        AlarmKind.INPUTS_NOT_SCALED: (1,),
        AlarmKind.OUTPUT_SATURATED: (1,),
        AlarmKind.HIGH_LOSS: (1,),
    }
    assert not found_in(case("13", "scaled"), 50)


@pytest.mark.parametrize("step", [0, 300])
def test_case_16_a_saturated_output_is_stuck(step: int) -> None:
    assert found_in(case("16", "very-badly-wrong"), step) == {AlarmKind.OUTPUT_SATURATED: (1,)}
    assert not found_in(case("16", "mild"), step)
    assert not found_in(case("16", "cross-entropy"), step)


def test_case_17_is_dead_at_the_start_and_its_output_constant() -> None:
    found = found_in(case("17", "seed-0"))
    assert found[AlarmKind.DEAD] == (2,)
    assert found[AlarmKind.OUTPUT_CONSTANT] == (3,)
    assert found[AlarmKind.ZERO_GRADIENT] == (1, 2, 3)


def test_case_21_starts_at_8_times_chance_and_its_cures_raise_no_alarm() -> None:
    trainer = case("21", "as-posted")
    assert found_in(trainer) == {AlarmKind.OUTPUT_SATURATED: (2,), AlarmKind.HIGH_LOSS: (2,)}
    assert figure(trainer, AlarmKind.HIGH_LOSS) == pytest.approx(25.84 / 3.2888, abs=0.01)
    for cured in ("small-output", "small-output-scaled-hidden"):
        assert not found_in(case("21", cured)), "their updates are large only beside weights near 0"


def test_case_23_hardly_moves_is_not_said_because_of_a_sample_of_zeros() -> None:
    for variant in ("four-samples", "six-with-bias"):
        assert not found_in(case("23", variant))
    xor = table([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
    trainer = trainer_of(
        experiment(layer(4, **NO_BIASES), layer(1), data=xor, batch={"size": 1, "shuffle": False})
    )
    assert look(trainer).update.gradients[0] == 0.0, "its first batch is the input 0, 0"
    assert not found_in(trainer)


@pytest.mark.parametrize("step", [0, 10_000])
def test_case_23_without_biases_the_output_for_zeros_is_the_same_for_ever(step: int) -> None:
    trainer = case("23", "six-samples")
    assert found_in(trainer, step) == {AlarmKind.FIXED_AT_ZERO: (1,)}
    assert figure(trainer, AlarmKind.FIXED_AT_ZERO) == pytest.approx(1 / 6)
    assert look(trainer, step).output.at_zero == 0.5


@pytest.mark.parametrize(
    ("activation", "output", "biases", "target", "expected"),
    [
        ("tanh", "sigmoid", None, 0, 0.5),
        ("relu", "identity", None, 1, 0.0),
        ("relu", "identity", None, 0, None),
        ("sigmoid", "sigmoid", None, 0, None),
        ("tanh", "sigmoid", constant(0.0), 0, None),
    ],
)
def test_zeros_stay_zeros_only_where_nothing_makes_something_of_them(
    activation: str, output: str, biases: Any, target: int, expected: float | None
) -> None:
    data = table([[0, 0], [0, 1], [1, 0], [1, 1]], [[target], [1], [1], [0]])
    layers = (layer(4, activation, biases=None), layer(1, output, biases=biases))
    trainer = trainer_of(experiment(*layers, data=data, loss=SQUARED))
    found = look(trainer)
    assert (AlarmKind.FIXED_AT_ZERO in found_in(trainer)) == (expected is not None)
    if expected is not None:
        assert found.output.at_zero == expected


@pytest.mark.parametrize("step", [0, 1500])
def test_case_24_unscaled_inputs_saturate_and_all_answers_are_the_same(step: int) -> None:
    found = found_in(case("24", "as-posted"), step)
    assert found.pop(AlarmKind.VANISHING, (1,)) == (1,), "saturated neurons let little through"
    assert found == {
        AlarmKind.INPUTS_NOT_SCALED: (1,),
        AlarmKind.WEIGHTS_OF_ONE_SIGN: (1,),
        AlarmKind.OUTPUT_CONSTANT: (2,),
        AlarmKind.SATURATED: (1,),
    }
    assert not found_in(case("24", "scaled-centred"), step)


@pytest.mark.parametrize("kind", ["relu", "gelu", "elu", "selu", "softplus"])
def test_a_layer_that_is_off_is_dead_whatever_its_activation(kind: str) -> None:
    found = found_in(trainer_of(experiment(layer(8, kind, biases=constant(-20.0)), layer(1))))
    assert found[AlarmKind.DEAD] == (1,)


@pytest.mark.parametrize("kind", ["sigmoid", "tanh"])
def test_a_layer_that_is_flat_is_saturated(kind: str) -> None:
    for bias in (-20.0, 20.0):
        found = found_in(trainer_of(experiment(layer(8, kind, biases=constant(bias)), layer(1))))
        assert found[AlarmKind.SATURATED] == (1,)


DIGITS = {"kind": "mnist", "pixels": "scaled", "train": 500, "test": 100}
CIRCLES = {"kind": "circles", "train": 200, "noise": 0.1, "seed": 1}
SMALL, LARGE = {"kind": "normal", "std": 0.01}, {"kind": "normal", "std": 1.0}


def digits(depth: int, activation: str, weights: Any) -> Trainer:
    layers = [layer(50, activation, weights) for _ in range(depth)]
    return trainer_of(
        experiment(
            *layers,
            layer(10, "softmax", weights),
            data=DIGITS,
            loss={"kind": "cross-entropy"},
            batch={"size": 32},
            optimizer={"kind": "sgd", "learning_rate": 0.1},
        )
    )


@pytest.mark.parametrize("step", [0, 200])
def test_a_deep_tanh_network_from_small_weights_stays_at_chance(step: int) -> None:
    trainer = digits(5, "tanh", SMALL)
    found = found_in(trainer, step)
    assert set(found[AlarmKind.FADING]) >= {4, 5}
    assert set(found[AlarmKind.VANISHING]) >= {1, 2}
    trainer = digits(5, "tanh", {"kind": "glorot-uniform"})
    assert not found_in(trainer, step)


def test_in_a_deep_relu_network_from_large_weights_activations_and_dz_grow() -> None:
    trainer = digits(5, "relu", LARGE)
    found = found_in(trainer)
    assert found[AlarmKind.GROWING] == (3, 4, 5)
    assert found[AlarmKind.EXPLODING] == (1,)
    sizes = [layer.gradient_per_weight for layer in look(trainer).layers]
    assert max(sizes) < 300 * min(sizes), "weight gradients alone do not tell"
    assert not found_in(digits(5, "relu", {"kind": "he-normal"}))


def test_small_random_weights_on_circles_are_distinct_and_no_signal_gets_through() -> None:
    layers = (layer(10, "relu", SMALL), layer(5, "relu", SMALL), layer(1, weights=SMALL))
    found = found_in(trainer_of(experiment(*layers, data=CIRCLES)))
    assert found == {AlarmKind.FADING: (2,), AlarmKind.VANISHING: (1,)}


def test_five_layers_of_sigmoids_are_too_deep() -> None:
    def deep(activation: str, weights: str) -> Found:
        layers = [layer(8, activation, {"kind": weights}) for _ in range(5)]
        chosen = experiment(
            *layers, layer(1, weights={"kind": weights}), data=CIRCLES, optimizer={"kind": "adam"}
        )
        return found_in(trainer_of(chosen))

    assert deep("sigmoid", "he-uniform") == {AlarmKind.VANISHING: (1,), AlarmKind.OUTPUT_CONSTANT: (6,)}
    for activation, weights in (("relu", "he-normal"), ("selu", "lecun-normal"), ("tanh", "glorot-uniform")):
        assert not deep(activation, weights)


@pytest.mark.parametrize("step", [0, 1, 20, 500])
def test_inputs_that_are_all_the_same_make_a_constant_output(step: int) -> None:
    data = table([[1.0, 2.0]] * 4, [[0], [1], [1], [1]])
    assert found_in(trainer_of(experiment(layer(5, "tanh"), layer(1), data=data)), step)[
        AlarmKind.OUTPUT_CONSTANT
    ] == (2,)


def test_targets_that_are_all_the_same_have_no_chance_to_be_compared_with() -> None:
    data = table(np.linspace(-1, 1, 30)[:, np.newaxis], np.full((30, 1), 0.1))
    trainer = trainer_of(experiment(layer(5, "tanh"), layer(1, "identity"), data=data, loss=SQUARED))
    assert look(trainer).output.chance is None
    assert not found_in(trainer)


@pytest.mark.parametrize("step", [20, 50, 200])
def test_weight_decay_that_takes_all_weights_is_an_alarm(step: int) -> None:
    def decaying(weight_decay: float) -> Trainer:
        chosen = experiment(layer(10, "tanh"), layer(1), data=CIRCLES, weight_decay=weight_decay)
        return trainer_of(chosen)

    assert AlarmKind.WEIGHT_DECAY in found_in(decaying(0.1), step)
    assert AlarmKind.WEIGHT_DECAY not in found_in(decaying(1e-4), step)


def test_weights_that_decay_are_not_being_made() -> None:
    layers = [layer(10, "sigmoid", {"kind": "he-normal"}) for _ in range(8)]
    chosen = experiment(*layers, layer(1), weight_decay=0.3, optimizer={"kind": "sgd", "learning_rate": 0.2})
    assert AlarmKind.VANISHING in found_in(trainer_of(chosen)), "though each step takes 6 % of the weights"


@pytest.mark.parametrize(
    ("activation", "lowest"),
    [
        ({"kind": "elu"}, -1.0),
        ({"kind": "elu", "alpha": 0.5}, -0.5),
        ({"kind": "selu"}, -1.76),
        ({"kind": "gelu"}, -0.171),
        ({"kind": "leaky-relu", "slope": 0.0}, 0.0),
    ],
)
def test_targets_below_the_lowest_output_are_out_of_reach(activation: Any, lowest: float) -> None:
    def reach(target: float) -> Found:
        data = table([[0.0], [1.0], [2.0]], [[target], [1.0], [2.0]])
        output = layer(1) | {"activation": activation}
        return found_in(trainer_of(experiment(layer(5, "tanh"), output, data=data, loss=SQUARED)))

    assert reach(lowest - 0.1)[AlarmKind.OUTPUT_RANGE] == (2,)
    assert AlarmKind.OUTPUT_RANGE not in reach(lowest + 0.01)


def test_numbers_whose_squares_overflow_or_vanish_are_finite_and_vary() -> None:
    x = np.linspace(-1, 1, 20)[:, np.newaxis]
    for size in (1e170, 1e-170):
        chosen = experiment(layer(1, "identity", constant(size)), data=table(x, x), loss=SQUARED)
        found = look(trainer_of(chosen))
        expected = size * np.std(x)
        assert found.layers[0].z_deviation == pytest.approx(expected, rel=1e-6)
        assert found.output.variation == pytest.approx(expected, rel=1e-6)
        assert AlarmKind.NOT_FINITE not in {alarm.kind for alarm in found.alarms}


def test_softmax_over_one_unit_is_constant() -> None:
    found = found_in(trainer_of(experiment(layer(5), layer(1, "softmax"), loss=SQUARED)))
    assert found[AlarmKind.OUTPUT_CONSTANT] == (2,)


def test_a_rate_above_what_the_curvature_allows_is_a_large_step() -> None:
    data = table([[8.0], [-8.0], [4.0], [-4.0]], [[9.0], [-7.0], [5.0], [-3.0]])
    fields = {"data": data, "loss": SQUARED}
    trainer = trainer_of(
        experiment(
            layer(1, "identity", constant(0.0)), optimizer={"kind": "sgd", "learning_rate": 0.1}, **fields
        )
    )
    assert found_in(trainer) == {AlarmKind.LARGE_STEP: (1,)}, "the first step takes the loss from 14.5 to 105"
    assert found_in(trainer, 3)[AlarmKind.LARGE_STEP] == (1,)
    slow = experiment(
        layer(1, "identity", constant(0.0)), optimizer={"kind": "sgd", "learning_rate": 0.02}, **fields
    )
    assert not found_in(trainer_of(slow), 3)


def test_inputs_of_a_ten_thousandth_are_too_small() -> None:
    x = np.random.default_rng(1).uniform(0.0, 1e-4, (50, 5))
    found = found_in(
        trainer_of(
            experiment(layer(8, "relu"), layer(1, "identity"), data=table(x, x[:, :1] * 1e4), loss=SQUARED)
        )
    )
    assert found[AlarmKind.INPUTS_TOO_SMALL] == (1,)


def test_a_diverged_network_has_one_alarm() -> None:
    chosen = experiment(
        layer(5, "relu"), layer(1, "identity"), loss=SQUARED, optimizer={"kind": "sgd", "learning_rate": 1e3}
    )
    assert list(found_in(trainer_of(chosen), 200)) == [AlarmKind.NOT_FINITE]


def test_numbers_that_are_infinite_from_the_start_are_no_reason_to_fail() -> None:
    assert list(found_in(case("health_inf"))) == [AlarmKind.NOT_FINITE]
