"""Alarms, on figures by hand and on networks whose illness is known."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from engine.health.alarms import alarms_of
from engine.report.condition import (
    Alarm,
    AlarmKind,
    Health,
    InputHealth,
    LayerHealth,
    NextUpdate,
    OutputHealth,
)
from engine.report.equality import LayerLikeness

CASES = Path(__file__).parents[1] / "golden" / "cases"
SQUARED = {"kind": "squared-error"}
Found = dict[AlarmKind, tuple[int, ...]]


# figures by hand


def sound(**figures: Any) -> LayerHealth:
    """Return a layer of ten neurons with nothing unusual but these figures."""
    usual: dict[str, Any] = {
        "units": 10,
        "gradient_norm": 1.0,
        "gradient_per_weight": 1e-3,
        "pull": 0.0,
        "push": 1e-3,
        "delta": 1e-2,
        "saturated": 0.1,
        "dead": 0.0,
        "unstarted": 0.0,
        "z_mean": 0.0,
        "z_deviation": 1.0,
        "size": 1.0,
        "variation": 0.5,
        "inputs": (0.0, 1.0),
        "one_sign": 0.5,
        "weight_count": 100,
    }
    return LayerHealth(**(usual | figures))


OUTPUT = OutputHealth(
    loss=0.69,
    chance=0.69,
    classifies=True,
    undecided=0.69,
    error=0.5,
    size=0.5,
    variation=0.1,
    target_variation=0.5,
    targets=(0.0, 1.0),
    possible=(0.0, 1.0),
    unreachable=0.0,
    sums=None,
    stuck=0.0,
    is_fixed=False,
    at_zero=None,
    wrong_at_zero=0.0,
)
DIFFERENT_NEURONS = LayerLikeness(units=10, acts_like=5.0, directions=6.0, random_directions=6.5)


def health(*layers: LayerHealth, **fields: Any) -> Health:
    count = len(layers)
    usual: dict[str, Any] = {
        "step": 0,
        "samples": 60,
        "all_samples": 60,
        "inputs": InputHealth(size=1.0, variation=1.0, are_pixels=False),
        "output": OUTPUT,
        "update": NextUpdate((1e-3,) * count, (1.0,) * count, (True,) * count, 0.69, 0.68),
        "groups": (10,) * (count - 1),
        "likeness": (DIFFERENT_NEURONS,) * (count - 1),
    }
    return Health(layers=layers, **(usual | fields))


def kinds(*layers: LayerHealth, **fields: Any) -> list[AlarmKind]:
    return [alarm.kind for alarm in alarms_of(health(*layers, **fields))]


def output(**figures: Any) -> OutputHealth:
    return replace(OUTPUT, **figures)


def update(
    *ratios: float | None, gradients: Any = None, grows: bool = True, after: float = 0.68
) -> NextUpdate:
    return NextUpdate(ratios, gradients or (1.0,) * len(ratios), (grows,) * len(ratios), 0.69, after)


LEARNT_OUTPUT = output(loss=0.1)


def test_a_sound_network_has_no_alarms() -> None:
    assert kinds(sound(), sound()) == []
    assert kinds(sound()) == []


def test_where_numbers_are_not_finite_nothing_else_is_said() -> None:
    found = alarms_of(
        health(sound(), sound(z_deviation=nan), sound(size=inf), output=output(loss=nan, stuck=1.0))
    )
    assert found == (Alarm(AlarmKind.NOT_FINITE, (2, 3), (0.0, 0.0)),)


def test_saturated_outputs_of_hidden_layers_are_an_alarm() -> None:
    found = alarms_of(health(sound(saturated=0.81), sound()))
    assert found == (Alarm(AlarmKind.SATURATED, (1,), (0.81,)),)
    assert kinds(sound(saturated=0.49), sound()) == []


def test_what_has_learnt_may_be_saturated_and_have_dead_neurons() -> None:
    assert kinds(sound(saturated=0.8, dead=0.8), sound(), output=LEARNT_OUTPUT) == []
    assert kinds(sound(saturated=0.95, dead=0.95), sound(), output=LEARNT_OUTPUT) == [
        AlarmKind.DEAD,
        AlarmKind.SATURATED,
    ]


def test_dead_neurons_are_counted() -> None:
    (alarm,) = alarms_of(health(sound(dead=0.6), sound()))
    assert (alarm.kind, alarm.figures) == (AlarmKind.DEAD, (6.0,))
    assert kinds(sound(dead=0.4), sound()) == []


def test_a_saturated_output_is_an_alarm_only_where_it_is_wrong() -> None:
    assert kinds(sound(), sound(saturated=1.0)) == []
    (alarm,) = alarms_of(health(sound(), sound(saturated=1.0), output=output(stuck=0.5)))
    assert (alarm.kind, alarm.layers, alarm.figures) == (AlarmKind.OUTPUT_SATURATED, (2,), (0.5,))


def test_dz_that_shrinks_on_its_way_back_vanishes() -> None:
    found = alarms_of(health(*[sound(delta=size) for size in (1e-9, 1e-2, 2e-2)]))
    assert found == (Alarm(AlarmKind.VANISHING, (1,), (pytest.approx(5e-8),)),)


def test_dz_that_grows_on_its_way_back_explodes() -> None:
    found = alarms_of(health(*[sound(delta=size) for size in (1e3, 1e-1, 1e-3)]))
    assert found == (Alarm(AlarmKind.EXPLODING, (1,), (pytest.approx(1e6),)),)


def test_alike_gradients_are_no_alarm_however_small() -> None:
    assert kinds(*[sound(gradient_per_weight=1e-30, delta=1e-30)] * 3) == []


def test_activations_that_grow_are_an_alarm_though_all_weight_gradients_are_alike() -> None:
    found = alarms_of(health(sound(size=10.0), sound(size=1000.0), sound()))
    assert found == (Alarm(AlarmKind.GROWING, (2,), (1000.0,)),)
    assert kinds(sound(), sound(size=1000.0), sound(), output=output(loss=0.01)) == []


def test_activations_that_fade_are_an_alarm_though_all_weight_gradients_are_alike() -> None:
    found = alarms_of(health(sound(variation=0.1), sound(variation=1e-5), sound()))
    assert found == (Alarm(AlarmKind.FADING, (2,), (pytest.approx(1e-5),)),)


def test_zero_gradients_are_an_alarm_unless_a_layer_behind_is_about_to_move() -> None:
    still = sound(gradient_per_weight=0.0, gradient_norm=0.0, delta=0.0)
    assert kinds(still, sound()) == [AlarmKind.ZERO_GRADIENT]
    assert kinds(still, sound(), update=update(0.0, None)) == [], "W2 is 0 and moves first, then W1"
    assert kinds(still, still, update=update(None, None, gradients=(0.0, 0.0))) == [AlarmKind.ZERO_GRADIENT]
    assert kinds(still, still, output=output(loss=0.0)) == [], "nothing is left to learn"
    assert kinds(still, still, output=output(loss=0.0, chance=None)) == [], (
        "of targets that are all the same, neither"
    )


def test_a_large_step_is_an_alarm_only_where_it_makes_the_loss_larger() -> None:
    assert kinds(sound(), sound(), update=update(0.3, 1e-3)) == []
    assert kinds(sound(), sound(), update=update(0.3, 1e-3, after=5.0)) == [AlarmKind.LARGE_STEP]
    assert kinds(sound(), sound(), update=update(0.3, 1e-3, after=nan)) == [AlarmKind.LARGE_STEP]
    assert kinds(sound(), sound(), update=update(None, None, after=0.68)) == [], "weights are made from 0"
    (alarm,) = alarms_of(health(sound(), sound(), update=update(None, None, after=5.0)))
    assert (alarm.kind, alarm.figures) == (AlarmKind.LARGE_STEP, (inf, inf))


def test_weight_decay_is_an_alarm_where_it_rules_and_nothing_is_learnt() -> None:
    shrinks = sound(pull=1.0, push=0.05)
    found = alarms_of(health(sound(), shrinks, update=update(1e-3, 1e-3)))
    assert found == (Alarm(AlarmKind.WEIGHT_DECAY, (2,), (pytest.approx(20.0),)),)
    assert kinds(sound(), sound(pull=1.0, push=0.5), update=update(1e-3, 1e-3)) == []
    assert kinds(sound(), shrinks, update=update(1e-3, 1e-5)) == [], "it would take very long"
    assert kinds(sound(), shrinks, output=LEARNT_OUTPUT) == []
    assert kinds(shrinks, sound(), update=update(1e-3, None)) == [], "the output is made from 0 first"


def test_a_small_step_is_an_alarm_only_where_nothing_is_learnt() -> None:
    assert kinds(sound(), sound(), update=update(1e-3, 1e-7)) == [AlarmKind.SMALL_STEP]
    assert kinds(sound(), sound(), update=update(1e-3, 1e-5)) == []
    assert kinds(sound(), sound(), update=update(1e-3, 1e-7), output=LEARNT_OUTPUT) == []


def test_a_batch_without_gradient_is_no_small_step() -> None:
    assert kinds(sound(), sound(), update=update(0.0, 0.0, gradients=(0.0, 0.0))) == []
    assert kinds(sound(), sound(), update=update(1e-7, 1e-3, gradients=(1e-3, 1.0))) == [], (
        "1,000 times less than usual"
    )


def test_inputs_are_called_unscaled_where_something_follows_from_it() -> None:
    raw = {"inputs": (0.0, 255.0)}
    assert kinds(sound(**raw), sound()) == []
    assert kinds(sound(saturated=0.9, **raw), sound()) == [AlarmKind.INPUTS_NOT_SCALED, AlarmKind.SATURATED]
    assert kinds(sound(z_deviation=100.0, **raw), sound(), output=output(loss=9.0)) == [
        AlarmKind.INPUTS_NOT_SCALED,
        AlarmKind.HIGH_LOSS,
    ]
    assert kinds(sound(), sound(saturated=0.9, inputs=(0.0, 255.0))) == []


def test_inputs_that_the_first_layer_hardly_notices_are_too_small() -> None:
    tiny = sound(inputs=(0.0, 1e-4), variation=5e-3)
    assert kinds(tiny, sound()) == [AlarmKind.INPUTS_TOO_SMALL]
    assert kinds(tiny, sound(), output=LEARNT_OUTPUT) == []
    assert kinds(sound(inputs=(0.0, 1e-4)), sound()) == [], "large weights make up for it"


def test_targets_out_of_range_or_far_away_are_an_alarm() -> None:
    assert kinds(sound(), sound(), output=output(unreachable=0.25)) == [AlarmKind.OUTPUT_RANGE]
    assert kinds(sound(), sound(), output=output(error=4000.0)) == [AlarmKind.TARGETS_NOT_SCALED]
    assert kinds(sound(), sound(), output=output(error=4000.0, size=4000.0)) == []
    on_the_way = output(error=68.0, size=5.0, targets=(50.0, 100.0))
    assert kinds(sound(), sound(), output=on_the_way) == [AlarmKind.TARGETS_NOT_SCALED]
    assert kinds(sound(), sound(), output=replace(on_the_way, loss=0.1)) == []


def test_a_loss_far_above_chance_is_an_alarm() -> None:
    (alarm,) = alarms_of(health(sound(), sound(), output=output(loss=25.8, chance=3.29)))
    assert (alarm.kind, alarm.layers, alarm.figures) == (
        AlarmKind.HIGH_LOSS,
        (2,),
        (pytest.approx(7.84, abs=0.01),),
    )
    assert kinds(sound(), sound(), output=output(loss=inf)) == [AlarmKind.HIGH_LOSS]
    assert kinds(sound(), sound(), output=output(loss=2.0)) == []
    assert kinds(sound(), sound(), output=output(loss=2.0, chance=0.23)) == [], (
        "of rare classes chance is so small that every start is far above it"
    )
    assert kinds(sound(), sound(), output=output(loss=2.0, chance=None)) == []


def test_an_output_that_is_the_same_for_every_input_is_an_alarm() -> None:
    same = output(variation=0.0)
    assert kinds(sound(variation=1e-3), sound(), output=same) == [AlarmKind.OUTPUT_CONSTANT]
    assert kinds(sound(), sound(), output=same) == [], "W of the output is small, and a signal comes in"
    assert kinds(sound(variation=1e-3), sound(), output=same, update=update(0.5, 0.5)) == [], (
        "W1 is being made"
    )
    assert kinds(sound(variation=1e-3), sound(), output=same, update=update(0.5, 0.5, grows=False)) == [
        AlarmKind.OUTPUT_CONSTANT
    ]
    assert kinds(sound(variation=1e-3), sound(), output=output(variation=0.0, target_variation=0.0)) == []
    assert kinds(sound(), sound(), output=output(is_fixed=True)) == [AlarmKind.OUTPUT_CONSTANT]
    alike = InputHealth(size=1.0, variation=0.0, are_pixels=False)
    assert AlarmKind.OUTPUT_CONSTANT in kinds(sound(), sound(), inputs=alike)


def test_few_groups_and_neurons_that_act_like_one_are_alarms() -> None:
    assert kinds(sound(), sound(), groups=(1,)) == [AlarmKind.SYMMETRY]
    assert kinds(sound(), sound(), groups=(9,)) == []
    alike = LayerLikeness(units=10, acts_like=1.04, directions=1.2, random_directions=6.5)
    (alarm,) = alarms_of(health(sound(), sound(), likeness=(alike,)))
    assert (alarm.kind, alarm.layers, alarm.figures) == (AlarmKind.NEAR_SYMMETRY, (1,), (1.04,))
    solved = output(loss=0.05)
    assert kinds(sound(), sound(), likeness=(alike,), output=solved) == [], (
        "all tell the same two classes apart"
    )
    assert kinds(sound(), sound(), groups=(1,), output=solved) == [AlarmKind.SYMMETRY]
    assert kinds(sound(), sound(), likeness=(replace(alike, directions=5.0),)) == []
    assert kinds(sound(), sound(), likeness=(replace(alike, acts_like=3.0),)) == []
    assert kinds(sound(), sound(), likeness=(replace(alike, directions=1.0, random_directions=1.0),)) == [], (
        "one input"
    )
    of_many = LayerLikeness(units=100, acts_like=1.4, directions=1.5, random_directions=89.0)
    assert kinds(sound(), sound(), likeness=(of_many,)) == [AlarmKind.NEAR_SYMMETRY]
    assert kinds(sound(), sound(), likeness=(replace(of_many, acts_like=1.6),)) == []
    assert kinds(sound(), sound(), likeness=(replace(alike, acts_like=1.4),)) == []


@pytest.mark.parametrize(
    ("one_sign", "inputs", "z_mean"),
    [(1.0, (0.0, 1.0), 5.0), (-1.0, (0.0, 1.0), -5.0), (-0.91, (-2.0, -1.0), 5.0)],
)
def test_weights_of_one_sign_are_named_where_something_follows(
    one_sign: float, inputs: tuple[float, float], z_mean: float
) -> None:
    one = sound(one_sign=one_sign, inputs=inputs, z_mean=z_mean, saturated=0.9)
    both = {AlarmKind.SATURATED, AlarmKind.WEIGHTS_OF_ONE_SIGN}
    assert set(kinds(one, sound())) == both
    assert kinds(replace(one, saturated=0.1), sound()) == [], "it does no harm"
    assert set(kinds(replace(one, inputs=(-1.0, 1.0)), sound())) == {AlarmKind.SATURATED}, "inputs cancel"
    assert set(kinds(replace(one, one_sign=0.8), sound())) == {AlarmKind.SATURATED}
    assert set(kinds(replace(one, z_mean=-z_mean), sound())) == {AlarmKind.SATURATED}, "biases did it"
    assert set(kinds(replace(one, weight_count=19), sound())) == {AlarmKind.SATURATED}, "that is chance"
    assert AlarmKind.WEIGHTS_OF_ONE_SIGN not in kinds(one, sound(), groups=(1,)), (
        "equal neurons are the cause"
    )


def test_an_output_that_is_wrong_whatever_the_weights_is_an_alarm() -> None:
    found = alarms_of(health(sound(), output=output(at_zero=0.5, wrong_at_zero=0.25)))
    assert found == (Alarm(AlarmKind.FIXED_AT_ZERO, (1,), (0.25,)),)
    assert kinds(sound(), output=output(at_zero=0.5, wrong_at_zero=0.0)) == []
