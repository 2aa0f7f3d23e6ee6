"""What is worked out when somebody looks, and neurons put together by group."""

from __future__ import annotations

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.report.causes import Verdict
from engine.report.probes import NeuronPlace, NeuronRef, Probes, pair_in
from engine.session.lab import Lab
from engine.training.edits import SetWeight
from gui.present.gathering import by_group, gathered
from tests.builders import constant, experiment, layer, same_bits, table
from tests.engine.acting import fork


def columns_lab(steps: int = 0) -> Lab:
    lab = Lab(open_target("columns"))
    lab.train(steps)
    return lab


def test_what_nobody_wants_is_not_worked_out() -> None:
    insight = columns_lab().snapshot().lanes[0].insight
    assert insight.why is insight.health is insight.small is insight.space is insight.neuron_map is None


@pytest.mark.parametrize("step", [1, 7, 30])
def test_the_last_change_is_the_difference_of_two_recorded_steps(step: int) -> None:
    lab = columns_lab(30)
    probes = Probes(change=True)
    lab.move(step)
    after = lab.snapshot(probes=probes).lanes[2]
    lab.move(step - 1)
    before = lab.snapshot(probes=probes).lanes[2]
    assert after.change is not None
    assert same_bits(after.change, after.theta - before.theta)
    assert after.change.any()


@pytest.mark.parametrize("steps_before_rewind", [0, 1, 7])
def test_there_is_no_last_change_at_step_0(steps_before_rewind: int) -> None:
    lab = columns_lab(steps_before_rewind)
    probes = Probes(change=True)
    lab.snapshot(probes=probes)
    lab.restart()
    for lane in lab.snapshot(probes=probes).lanes:
        assert lane.change is not None
        assert not lane.change.any()


def test_there_is_no_last_change_at_step_0_whatever_lies_in_fresh_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(np, "empty_like", lambda like: np.full_like(like, 1e7))
    change = columns_lab().snapshot(probes=Probes(change=True)).lanes[0].change
    assert change is not None
    assert not change.any()


def test_the_last_change_at_a_touch_holds_the_touch() -> None:
    lab = columns_lab(5)
    probes = Probes(change=True)
    before = lab.snapshot(probes=probes).lanes[1].theta
    fork(lab, 1, SetWeight(1, 0, 2, 9.0))
    forked = lab.snapshot(probes=probes).lanes[-1]
    assert forked.change is not None
    first = forked.layout.blocks[0]
    touched = first.weights(forked.change)[0, 2] - (9.0 - first.weights(before)[0, 2])
    assert abs(touched) < abs(first.weights(before)).max()
    assert np.argmax(abs(forked.change)) == np.argmax(abs(forked.theta - before))


def test_only_the_lane_asked_about_is_explained() -> None:
    lab = columns_lab(3)
    probes = Probes(lane=1, causes=True, pair=pair_in(1, 0, 3))
    lanes = lab.snapshot(probes=probes).lanes
    assert [lane.insight.why is not None for lane in lanes] == [False, True, False]
    why = lanes[1].insight.why
    assert why is not None
    assert why.pair is not None
    assert why.pair.neurons == pair_in(1, 0, 3)
    assert [(found.columns_at_start, found.columns) for found in why.prediction] == [(1, 1), (1, 1)]


def test_an_edit_is_predicted_from_its_own_state_and_what_was_before_from_the_start() -> None:
    """A nudge at step 20 in a run with momentum: 1 column before it, 2 from then on."""
    momentum = {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    lab = Lab(
        experiment(layer(4, weights=constant(0.5)), layer(1, weights=constant(0.5)), optimizer=momentum)
    )
    lab.train(40)
    lab.move(20)
    fork(lab, 0, SetWeight(layer=1, row=0, neuron=2, value=0.7))
    lab.train(40)
    for step, start, columns in ((10, 0, 1), (20, 20, 2), (35, 20, 2)):
        lab.move(step)
        why = lab.snapshot(probes=Probes(lane=1, causes=True)).lanes[1].insight.why
        assert why is not None
        assert (why.prediction[0].step, why.prediction[0].columns) == (start, columns)
        assert why.symmetries[0].columns == columns


def test_columns_that_never_move_are_said_to_stay_equal_although_their_outgoing_weights_differ() -> None:
    positive = table([[1, 2], [2, 1]], [[0], [1]])
    lab = Lab(experiment(layer(4, "relu", constant(-0.5)), layer(1), data=positive))
    why = lab.snapshot(probes=Probes(causes=True, pair=pair_in(1, 0, 1))).lanes[0].insight.why
    assert why is not None
    assert why.pair is not None
    assert why.prediction[0].is_exact
    assert why.pair.verdict is Verdict.PROVED


def test_predictions_are_compared_with_what_is_equal_bit_for_bit_whatever_the_tolerance() -> None:
    lab = Lab(experiment(layer(4, weights={"kind": "constant-noise", "value": 0.5, "std": 1e-6}), layer(1)))
    lane = lab.snapshot(probes=Probes(causes=True, tolerance=1e-3)).lanes[0]
    assert lane.insight.why is not None
    assert lane.layers[0].symmetry.columns == 1
    assert lane.insight.why.symmetries[0].columns == 4


def test_looking_changes_nothing_in_the_run() -> None:
    alone, watched = columns_lab(), columns_lab()
    probes = Probes(change=True, causes=True, health=True, small=True, gradients=True)
    for _ in range(6):
        alone.train(5)
        watched.train(5)
        watched.snapshot(probes=probes)
    for one, other in zip(alone.lanes, watched.lanes, strict=True):
        assert same_bits(one.trainer.theta, other.trainer.theta)
        assert one.history.losses.tolist() == other.history.losses.tolist()
    assert same_bits(alone.snapshot().lanes[2].theta, watched.snapshot(probes=probes).lanes[2].theta)


def test_whatever_is_asked_the_step_itself_is_answered_alike() -> None:
    everything = Probes(change=True, causes=True, health=True, small=True, gradients=True, lane=2)
    lab = columns_lab(30)
    for step in (30, 7, 29, 0):
        lab.move(step)
        asked, plain = lab.snapshot(probes=everything).lanes[2], lab.snapshot().lanes[2]
        assert same_bits(asked.theta, plain.theta)
        assert same_bits(asked.gradient, plain.gradient)
        assert asked.loss == plain.loss
        assert asked.insight.health is not None
        assert asked.insight.health.step == step


def test_gradient_curves_come_little_by_little_and_are_those_of_their_steps() -> None:
    lab = columns_lab(40)
    probes = Probes(gradients=True)
    lengths = [len(lab.snapshot(probes=probes).lanes[2].insight.gradient_curves[0].low) for _ in range(12)]
    assert lengths[0] < lengths[3] < lengths[-1] == 40
    curve = lab.snapshot(probes=probes).lanes[2].insight.gradient_curves[0]
    lab.move(17)
    gradient = lab.snapshot(probes=probes).lanes[2].layers[0].gradient
    assert curve.low[17] == pytest.approx(np.sqrt(np.mean(gradient**2)), rel=1e-14)


def test_a_neuron_has_a_map_of_its_own() -> None:
    lab = Lab(open_target("circles"))
    probes = Probes(neuron=NeuronPlace(3, NeuronRef(1, 4)))
    lanes = lab.snapshot(probes=probes).lanes
    assert [lane.insight.neuron_map is not None for lane in lanes] == [False, False, False, True]


def test_neurons_of_a_group_stand_side_by_side_and_larger_groups_first() -> None:
    assert by_group((0, 1, 0, 2, 1, 1)) == (1, 4, 5, 0, 2, 3)


def test_a_gathered_network_is_the_same_network() -> None:
    chosen = experiment(layer(6, "tanh"), layer(5, "tanh", constant(0.5)), layer(1))
    lab = Lab(chosen)
    lab.train(3)
    lab.lanes[0].trainer.theta[:7] = lab.lanes[0].trainer.theta[6 * 3 - 7 : 6 * 3]
    lane = lab.snapshot().lanes[0]
    shown = gathered(lane)
    assert shown.order is not None
    x = np.array([[0.3, -0.7]])
    for one in (lane, shown):
        assert np.array_equal(one.layers[0].weights, one.layout.blocks[0].weights(one.theta))
    first = list(shown.order[0])
    assert np.array_equal(shown.layers[0].weights, lane.layers[0].weights[:, first])
    assert np.array_equal(
        shown.layers[1].weights, lane.layers[1].weights[np.ix_(first, list(shown.order[1]))]
    )
    assert [shown.layers[0].symmetry.labels[i] for i in range(6)] == [
        lane.layers[0].symmetry.labels[unit] for unit in first
    ]

    def output(of: object) -> float:
        a = x
        for found in of.layers:  # type: ignore[attr-defined]
            a = np.tanh(a @ found.weights + found.biases)
        return float(a[0, 0])

    assert output(shown) == pytest.approx(output(lane), abs=1e-14)
