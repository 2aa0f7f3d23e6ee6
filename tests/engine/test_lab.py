"""Variants in lockstep: every step is recorded, and every recorded step is exactly what it was."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.core.errors import ExperimentError
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.session.lab import MAX_LANES, Lab
from engine.session.lane import Lane
from engine.symmetry.groups import spread
from engine.training.edits import AddNoise, CopyNeuron, Edit, SetWeight
from tests.builders import (
    NORMAL,
    advance,
    constant,
    experiment,
    lane_of,
    layer,
    recorded_states,
    refused,
    same_bits,
    trainer_of,
)

pytestmark = pytest.mark.untraced

ADAM = {"kind": "adam", "learning_rate": 0.05}
EXPERIMENTS: dict[str, Experiment] = {
    "sgd": experiment(layer(6, "tanh"), layer(5, "relu"), layer(1)),
    "momentum": experiment(layer(6, "tanh"), layer(1), optimizer={"kind": "sgd", "momentum": 0.9}),
    "adam": experiment(layer(6, "tanh"), layer(1), optimizer=ADAM, weight_decay=0.01),
    "float32": experiment(layer(7, "sigmoid"), layer(1), optimizer=ADAM, dtype="float32"),
}
STEPS = 90
TINY = 1200
"""Bytes for the states of one of these lanes: a few of its 90 states."""

every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)
every_budget = pytest.mark.parametrize("budget", [2**24, TINY], ids=["every-state", "few-keyframes"])
WANDERING = (90, 0, 1, 17, 16, 89, 45, 44, 46, 90, 3, 88)
"""Steps to visit: the newest, the first, forward and back, near and far."""


def assert_same_lane(one: LaneSnapshot, other: LaneSnapshot) -> None:
    """Compare weights, loss and gradient bit for bit."""
    assert same_bits(one.theta, other.theta)
    assert same_bits(one.gradient, other.gradient)
    assert one.loss == other.loss


def fresh_at(chosen: Experiment, step: int) -> LaneSnapshot:
    """Return what a run that never went further shows at a step."""
    lane = lane_of(chosen, step)
    with np.errstate(all="ignore"):
        return lane.snapshot(step)


def lab_after(chosen: Experiment, steps: int = STEPS, budget: int = 2**24) -> Lab:
    lab = Lab(chosen, budget=budget)
    lab.train(steps)
    return lab


def shown(lab: Lab, step: int) -> LaneSnapshot:
    lab.move(step)
    snapshot = lab.snapshot()
    assert snapshot.step == step
    return snapshot.lanes[0]


@every_experiment
def test_every_step_is_recorded(name: str) -> None:
    lane = lab_after(EXPERIMENTS[name]).lanes[0]
    assert lane.history.length == lane.trainer.step_number == STEPS
    run = trainer_of(EXPERIMENTS[name])
    for state, loss in zip(recorded_states(lane), lane.history.losses, strict=False):
        assert same_bits(state, run.theta)
        run.advance()
        assert run.loss == loss


@every_budget
@every_experiment
def test_a_past_step_is_shown_exactly_as_it_was(name: str, budget: int) -> None:
    lab = lab_after(EXPERIMENTS[name], budget=budget)
    for step in WANDERING:
        assert_same_lane(shown(lab, step), fresh_at(EXPERIMENTS[name], step))


@every_experiment
def test_a_tiny_budget_keeps_few_keyframes_and_is_not_exceeded(name: str) -> None:
    lane = lab_after(EXPERIMENTS[name], budget=TINY).lanes[0]
    assert lane.history.stride > 1
    assert lane.history.state_bytes <= max(TINY, 4 * lane.trainer.initial_state.nbytes)
    assert len(lane.history.losses) == STEPS


@every_budget
@every_experiment
def test_going_on_after_a_look_at_the_past_repeats_the_same_future(name: str, budget: int) -> None:
    lab = lab_after(EXPERIMENTS[name], budget=budget)
    shown(lab, 30)
    lab.train(20)
    assert (lab.step, lab.last_step) == (STEPS + 20, STEPS + 20)
    assert_same_lane(lab.snapshot().lanes[0], fresh_at(EXPERIMENTS[name], STEPS + 20))


@every_experiment
def test_training_on_from_a_recorded_state_repeats_the_same_future_bit_for_bit(name: str) -> None:
    lane = lane_of(EXPERIMENTS[name], STEPS)
    other = lane_of(EXPERIMENTS[name]).trainer
    number, state = lane.history.keyframe_before(40)
    other.restore(state, number)
    advance(other, STEPS - 40)
    assert same_bits(other.theta, lane.trainer.theta)
    assert other.loss == lane.trainer.loss


@every_experiment
def test_restart_repeats_the_run_from_the_same_weights(name: str) -> None:
    lab = lab_after(EXPERIMENTS[name])
    before = lab.snapshot().lanes[0]
    shown(lab, 12)
    lab.restart()
    assert (lab.step, lab.last_step) == (0, 0)
    assert_same_lane(lab.snapshot().lanes[0], fresh_at(EXPERIMENTS[name], 0))
    lab.train(STEPS)
    again = lab.snapshot().lanes[0]
    assert_same_lane(before, again)
    assert same_bits(before.loss_curve.low, again.loss_curve.low)
    assert same_bits(before.spread_curves[0].low, again.spread_curves[0].low)


def test_looking_at_a_step_changes_nothing_in_the_run() -> None:
    looked, plain = Lab(EXPERIMENTS["adam"]), Lab(EXPERIMENTS["adam"])
    for step in range(1, 31):
        looked.train(1)
        shown(looked, step // 2)
    plain.train(30)
    assert_same_lane(shown(looked, 30), plain.snapshot().lanes[0])


# Lockstep


def test_variants_train_in_lockstep_and_share_their_data() -> None:
    lab = lab_after(open_target("columns"), 25)
    assert [lane.name for lane in lab.lanes] == ["zeros", "constant-2", "random"]
    assert [lane.trainer.step_number for lane in lab.lanes] == [25, 25, 25]
    assert len({id(lane.trainer.dataset) for lane in lab.lanes}) == 1


def test_a_lane_trains_as_if_it_were_alone() -> None:
    lab = lab_after(open_target("circles"), 40)
    specs = lane_specs(open_target("circles"))
    for lane, spec in zip(lab.snapshot().lanes, specs, strict=True):
        assert_same_lane(lane, fresh_at(spec.experiment, 40))


def test_variants_with_other_data_have_their_own() -> None:
    variants = [{"name": "few"}, {"name": "many", "set": {"data.train": 80}}]
    lab = Lab(experiment(layer(2), layer(1), variants=variants))
    assert [lane.trainer.dataset.samples for lane in lab.lanes] == [60, 80]


def test_an_experiment_without_variants_has_one_lane_with_its_name() -> None:
    assert [lane.name for lane in Lab(experiment(layer(1), name="alone")).lanes] == ["alone"]


def test_lanes_can_be_chosen_by_name_and_keep_their_order() -> None:
    specs = lane_specs(open_target("circles"), ["he", "zeros"])
    assert [spec.name for spec in specs] == ["zeros", "he"]


def test_an_unknown_lane_is_refused_with_the_names_that_there_are() -> None:
    with refused("…no variant hey; there are: zeros, large, xavier, he", ExperimentError):
        lane_specs(open_target("circles"), ["he", "hey"])


@pytest.mark.parametrize(("wanted", "step"), [(-5, 0), (0, 0), (7, 7), (10, 10), (11, 10), (10**12, 10)])
def test_moving_stays_within_the_recorded_steps(wanted: int, step: int) -> None:
    lab = lab_after(EXPERIMENTS["sgd"], 10)
    lab.move(wanted)
    assert lab.step == step


def test_a_deadline_that_has_passed_still_allows_one_step() -> None:
    lab = Lab(EXPERIMENTS["sgd"])
    lab.train(1000, deadline=-math.inf)
    assert (lab.step, lab.last_step, lab.lanes[0].history.length) == (1, 1, 1)


# Randomness


def initial(chosen: Experiment) -> list[dict[str, Any]]:
    """Return the parameters of every layer with which a run starts."""
    trainer = Lane("test", chosen, chosen.data.load(), TINY).trainer
    blocks = trainer.layout.blocks
    return [{"W": block.weights(trainer.theta), "b": block.biases(trainer.theta)} for block in blocks]


@pytest.mark.parametrize("other", [constant(1.0), {"kind": "he-uniform"}, {"kind": "orthogonal"}])
def test_another_initializer_changes_the_weights_of_its_layer_and_nothing_else(other: dict[str, Any]) -> None:
    def build(weights: dict[str, Any]) -> Experiment:
        middle = layer(4, weights=weights, biases=NORMAL)
        return experiment(layer(5, biases=NORMAL), middle, layer(1, biases=NORMAL), seed=3)

    one, two = build(NORMAL), build(other)
    same = [
        (same_bits(a["W"], b["W"]), same_bits(a["b"], b["b"]))
        for a, b in zip(initial(one), initial(two), strict=True)
    ]
    assert same == [(True, True), (False, True), (True, True)]
    np.testing.assert_array_equal(one.data.load().x_train, two.data.load().x_train)


def test_equal_seeds_start_equal_and_other_seeds_do_not() -> None:
    one, same, other = (initial(experiment(layer(4), layer(1), seed=seed)) for seed in (5, 5, 6))
    for a, b, c in zip(one, same, other, strict=True):
        assert same_bits(a["W"], b["W"])
        assert not np.isin(a["W"], c["W"]).any()


def test_the_seed_of_the_weights_does_not_change_the_data() -> None:
    one, other = (experiment(layer(4), layer(1), seed=seed).data.load() for seed in (5, 6))
    assert same_bits(one.x_train, other.x_train)


# Snapshots


def arrays_of(snapshot: Snapshot) -> list[np.ndarray]:
    found: list[np.ndarray | None] = []
    for lane in snapshot.lanes:
        found += [lane.theta, lane.gradient, lane.loss_curve.low, lane.loss_curve.high]
        found += [array for curve in lane.spread_curves for array in (curve.low, curve.high)]
        for part in lane.layers:
            found += [part.weights, part.gradient, part.biases, part.bias_gradient]
    return [array for array in found if array is not None]


def test_every_array_of_a_snapshot_is_locked() -> None:
    for array in arrays_of(lab_after(open_target("circles"), 3).snapshot()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_a_snapshot_does_not_change_as_the_run_goes_on() -> None:
    lab = lab_after(EXPERIMENTS["adam"])
    snapshot = lab.snapshot()
    before = [array.copy() for array in arrays_of(snapshot)]
    lab.train(STEPS)
    lab.snapshot()
    for array, kept in zip(arrays_of(snapshot), before, strict=True):
        assert same_bits(array, kept)


def test_the_layers_of_a_snapshot_are_its_parameters_by_layer() -> None:
    lane = lab_after(EXPERIMENTS["sgd"], 5).snapshot().lanes[0]
    assert [part.weights.shape for part in lane.layers] == [(2, 6), (6, 5), (5, 1)]
    flat = np.concatenate([np.vstack([p.weights, p.biases]).T.ravel() for p in lane.layers])
    assert same_bits(flat, lane.theta)
    assert len(lane.hidden_layers) == 2


def test_the_spread_curve_is_the_spread_of_every_step() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    lane = lab.lanes[0]
    states = recorded_states(lane)[:-1]
    curves = lab.snapshot().lanes[0].spread_curves
    for curve, block in zip(curves, lane.trainer.layout.blocks[:-1], strict=True):
        assert curve.every == 1
        assert same_bits(curve.low, spread(block.weights(states)))


def test_the_loss_curve_is_the_loss_of_every_step() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    assert same_bits(lab.snapshot().lanes[0].loss_curve.low, lab.lanes[0].history.losses)


def test_the_spread_curve_of_few_keyframes_is_true_where_it_has_points() -> None:
    full, thin = lab_after(EXPERIMENTS["sgd"]), lab_after(EXPERIMENTS["sgd"], budget=TINY)
    every_step = full.snapshot().lanes[0].spread_curves[0]
    some = thin.snapshot().lanes[0].spread_curves[0]
    assert some.every > 1
    assert same_bits(some.low, every_step.low[:: some.every].copy())


@pytest.mark.parametrize(("preset", "baseline"), [("circles", math.log(2)), ("columns", None)])
def test_the_baseline_is_the_loss_of_predicting_the_frequencies(preset: str, baseline: float | None) -> None:
    assert Lab(open_target(preset)).snapshot().baseline == pytest.approx(baseline)


def test_a_run_whose_weights_become_infinite_is_shown_as_diverged() -> None:
    growing = experiment(
        layer(3, "identity", constant(0.5)),
        layer(1, "identity", constant(0.5)),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 100.0},
    )
    lab = Lab(growing)
    assert lab.snapshot().lanes[0].divergence is None
    lab.train(100)
    divergence = lab.snapshot().lanes[0].divergence
    assert divergence is not None
    assert np.isfinite(shown(lab, divergence.step).theta).all()
    assert not np.isfinite(shown(lab, divergence.step + 1).theta).all()


# Lanes that were forked by touching

EDITS: list[tuple[int, Edit]] = [(40, SetWeight(1, 1, 2, 1.5)), (63, CopyNeuron(1, 0, 3))]
"""What is done in these tests at which step, one after the other, each to the newest lane."""


def truth(chosen: Experiment, edits: list[tuple[int, Edit]], step: int) -> LaneSnapshot:
    """Return what a touched run shows at a step: a trainer that goes from edit to edit, without any history."""
    lane = lane_of(chosen)
    state = lane.trainer.initial_state.copy()
    for number, edit in [*edits, (step, None)]:
        if number <= step:
            advance(lane.trainer, number - lane.trainer.step_number)
            lane.trainer.save(state)
            state = state if edit is None else edit.apply(state, lane.trainer.layout, number)
            lane.trainer.restore(state, number)
    with np.errstate(all="ignore"):
        return lane.snapshot(step)


def touched_lab(chosen: Experiment, budget: int = 2**24) -> Lab:
    """Return a laboratory whose lane was forked, and whose fork was forked, in the past; both have caught up."""
    lab = lab_after(chosen, budget=budget)
    for step, edit in EDITS:
        lab.move(step)
        lab.fork(len(lab.lanes) - 1, edit)
        lab.catch_up()
    return lab


@every_budget
@every_experiment
def test_forks_and_forks_of_forks_show_every_step_exactly(name: str, budget: int) -> None:
    lab = touched_lab(EXPERIMENTS[name], budget)
    assert lab.last_step == lab.reached == STEPS
    for step in (*WANDERING, 39, 40, 41, 62, 63, 64, 40, 39):
        lab.move(step)
        for number, lane in enumerate(lab.snapshot().lanes):
            assert_same_lane(lane, truth(EXPERIMENTS[name], EDITS[:number], step))


@every_budget
@every_experiment
def test_forks_train_on_with_the_others(name: str, budget: int) -> None:
    lab = touched_lab(EXPERIMENTS[name], budget)
    lab.train(100)
    for step in (STEPS + 100, STEPS + 31, 40, STEPS):
        lab.move(step)
        for number, lane in enumerate(lab.snapshot().lanes):
            assert_same_lane(lane, truth(EXPERIMENTS[name], EDITS[:number], step))


@every_experiment
def test_a_fork_has_the_curves_of_its_past_and_of_its_own_future(name: str) -> None:
    old, new, _ = touched_lab(EXPERIMENTS[name]).snapshot().lanes
    for one, other in ((old.loss_curve, new.loss_curve), (old.spread_curves[0], new.spread_curves[0])):
        assert len(one.low) == len(other.low) == STEPS
        assert same_bits(one.low[:40], other.low[:40])
        assert not np.isin(one.low[42:], other.low[42:]).any()


@pytest.mark.parametrize("step", [0, 1, 7, 30])
def test_a_fork_of_step_0_and_a_fork_of_it_begin_with_the_touched_weights(step: int) -> None:
    lab, edits = lab_after(EXPERIMENTS["adam"]), [(0, SetWeight(1, 1, 2, 1.5)), (20, CopyNeuron(1, 0, 3))]
    for number, (at, edit) in enumerate(edits):
        lab.move(at)
        lab.fork(number, edit)
        lab.catch_up()
    lab.move(step)
    for number, lane in enumerate(lab.snapshot().lanes):
        assert_same_lane(lane, truth(EXPERIMENTS["adam"], [*edits[:number]], step))


def test_the_old_future_stays() -> None:
    touched, plain = lab_after(open_target("circles")), lab_after(open_target("circles"), STEPS + 50)
    touched.move(25)
    touched.fork(2, AddNoise(0.1, seed=1))
    touched.move(10)
    touched.fork(3, SetWeight(2, 4, 1, 0.5))
    touched.catch_up()
    touched.train(50)
    for step in (0, 10, 25, 26, STEPS, STEPS + 50):
        touched.move(step)
        plain.move(step)
        for lane, expected in zip(touched.snapshot().lanes, plain.snapshot().lanes, strict=False):
            assert_same_lane(lane, expected)
    assert len(touched.lanes) == 6


def test_draws_of_a_fork_are_those_of_the_lane_it_comes_from() -> None:
    chosen = experiment(layer(6, "tanh", dropout=0.4), layer(1), batch={"size": 7})
    lab = lab_after(chosen)
    lab.move(33)
    value = float(lab.snapshot().lanes[0].layers[0].weights[0, 0])
    lab.fork(0, SetWeight(1, 0, 0, value))
    lab.train(100)
    old, new = lab.snapshot().lanes
    assert_same_lane(old, new)


def test_a_fork_in_the_past_is_behind_until_it_has_caught_up() -> None:
    lab = lab_after(EXPERIMENTS["adam"])
    lab.move(30)
    assert not lab.is_behind
    lab.fork(0, SetWeight(1, 0, 0, 1.0))
    assert (lab.step, lab.reached, lab.last_step, lab.is_behind) == (30, 30, STEPS, True)
    lab.catch_up(deadline=-math.inf)
    assert (lab.step, lab.reached, lab.last_step) == (30, 31, STEPS)
    lab.move(60)
    assert lab.step == 31, "only what all lanes have can be shown"
    lab.train(10)
    assert (lab.step, lab.reached, lab.last_step) == (41, 41, STEPS)
    lab.train(100)
    assert (lab.step, lab.reached, lab.last_step, lab.is_behind) == (141, 141, 141, False)
    assert [lane.history.length for lane in lab.lanes] == [141, 141]


def test_lanes_that_are_behind_by_different_steps_train_each_step_once() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    for step in (60, 40, 20):
        lab.move(step)
        lab.fork(0, SetWeight(1, 0, 0, 1.0 + step))
    lab.train(35)
    assert [lane.trainer.step_number for lane in lab.lanes] == [STEPS, 60, 55, 55]
    lab.catch_up()
    assert [lane.history.length for lane in lab.lanes] == [STEPS] * 4
    for number, step in enumerate((60, 40, 20), start=1):
        expected = truth(EXPERIMENTS["sgd"], [(step, SetWeight(1, 0, 0, 1.0 + step))], 75)
        lab.move(75)
        assert_same_lane(lab.snapshot().lanes[number], expected)


def test_a_fork_is_named_after_its_lane_its_edit_and_its_step() -> None:
    lab = touched_lab(EXPERIMENTS["sgd"])
    lab.move(40)
    lab.fork(0, EDITS[0][1])
    lab.fork(0, AddNoise(1e-3, 0))
    assert [lane.name for lane in lab.lanes] == [
        "test",
        "test + nudge at 40",
        "test + … + copy at 63",
        "test + nudge at 40 (2)",
        "test + noise 0.001 at 40",
    ]
    assert lab.index("test + nudge at 40 (2)") == 3
    with refused("there is no lane he; there are: test, …"):
        lab.index("he")


def test_there_are_at_most_eight_lanes() -> None:
    lab = Lab(open_target("columns"))
    for _ in range(MAX_LANES - 3):
        lab.fork(0, SetWeight(1, 0, 0, 1.0))
    with refused("there are 8 lanes already, at most 8 are possible"):
        lab.fork(0, SetWeight(1, 0, 0, 1.0))
    assert len({lane.name for lane in lab.lanes}) == MAX_LANES


def test_more_lanes_share_the_same_memory() -> None:
    budget, wide = 2**24, experiment(layer(100, "tanh"), layer(50, "relu"), layer(1))
    lab = lab_after(wide, 400, budget)
    for step in (300, 200, 100):
        lab.move(step)
        lab.fork(0, SetWeight(1, 0, 0, 1.0))
        lab.catch_up()
        lab.train(50)
        assert sum(lane.history.state_bytes for lane in lab.lanes) <= budget
        assert all(lane.history.stride > 1 for lane in lab.lanes)
    for step in (0, 99, 100, 101, 333, 550):
        lab.move(step)
        for at, lane in zip((None, 300, 200, 100), lab.snapshot().lanes, strict=True):
            edits: list[tuple[int, Edit]] = [] if at is None else [(at, SetWeight(1, 0, 0, 1.0))]
            assert_same_lane(lane, truth(wide, edits, step))


def test_a_forked_lane_can_be_dropped_and_the_others_go_on() -> None:
    lab = touched_lab(EXPERIMENTS["adam"])
    lab.drop(1)
    assert [lane.name for lane in lab.lanes] == ["test", "test + … + copy at 63"]
    lab.train(20)
    for lane, edits in zip(lab.snapshot().lanes, ([], EDITS), strict=True):
        assert_same_lane(lane, truth(EXPERIMENTS["adam"], edits, STEPS + 20))


def test_dropping_a_lane_that_is_behind_leaves_nothing_to_catch_up() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    lab.move(10)
    lab.fork(0, EDITS[0][1])
    lab.drop(1)
    assert (lab.step, lab.reached, lab.is_behind) == (10, STEPS, False)


def test_a_variant_of_the_experiment_cannot_be_dropped() -> None:
    lab = touched_lab(EXPERIMENTS["sgd"])
    with refused("test is a variant of the experiment; only lanes made by touching …"):
        lab.drop(0)
    assert len(lab.lanes) == 3


def test_restart_keeps_forks_of_step_0_as_starts_and_forgets_the_later_ones() -> None:
    lab = Lab(EXPERIMENTS["adam"])
    lab.fork(0, SetWeight(1, 0, 0, 1.0))
    lab.train(50)
    lab.fork(0, SetWeight(1, 0, 1, 1.0))
    lab.fork(1, SetWeight(1, 0, 1, 1.0))
    before = [lane.name for lane in lab.lanes]
    lab.restart()
    assert before[:2] == [lane.name for lane in lab.lanes] == ["test", "test + nudge at 0"]
    assert (lab.step, lab.last_step, lab.is_behind) == (0, 0, False)
    for step in (0, 30):
        lab.train(step)
        old, new = lab.snapshot().lanes
        assert_same_lane(old, fresh_at(EXPERIMENTS["adam"], step))
        assert_same_lane(new, truth(EXPERIMENTS["adam"], [(0, SetWeight(1, 0, 0, 1.0))], step))


GROWING = experiment(
    layer(3, "identity", constant(0.5)),
    layer(1, "identity", constant(0.5)),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 1e-3},
)


@every_budget
def test_a_fork_that_diverges_says_where_and_the_lane_it_comes_from_does_not(budget: int) -> None:
    lab = lab_after(GROWING, budget=budget)
    lab.move(50)
    lab.fork(0, SetWeight(1, 0, 0, 1e100))
    lab.catch_up()
    old, new = lab.snapshot().lanes
    assert old.divergence is None
    assert new.divergence is not None
    assert 50 <= new.divergence.step < STEPS


def test_a_lane_whose_weights_are_not_finite_cannot_be_touched() -> None:
    lab = lab_after(GROWING)
    lab.fork(0, SetWeight(1, 0, 0, 1e100))
    lab.train(100)
    with refused("test + nudge at 90 has diverged, at step 190 it has weights that …"):
        lab.fork(1, SetWeight(1, 0, 0, 0.0))
    lab.move(90)
    lab.fork(1, SetWeight(1, 0, 0, 0.0))
    lab.catch_up()
    lab.move(190)
    assert np.isfinite(lab.snapshot().lanes[2].theta).all()


def test_an_experiment_that_stops_where_a_lane_diverged_can_be_played_up_to_there() -> None:
    lab = Lab(msgspec.structs.replace(GROWING, on_divergence="stop"))
    lab.fork(0, SetWeight(1, 0, 0, 1e100))
    lab.train(100)
    assert lab.should_stop
    lab.move(5)
    assert not lab.should_stop
