"""Lanes that were forked by an edit: their pasts, their futures, their names, and how they end."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.report.snapshot import LaneSnapshot
from engine.session.commands import Restart
from engine.session.lab import Lab
from engine.session.recipe import MAX_LANES
from engine.training.edits import AddNoise, CopyNeuron, Edit, SetWeight
from tests.builders import (
    advance,
    constant,
    experiment,
    lane_of,
    layer,
    refused,
    same_bits,
)
from tests.engine.acting import drop, fork, perform

from .recorded_lanes import (
    EXPERIMENTS,
    STEPS,
    WANDERING_STEPS,
    assert_same_lane,
    every_budget,
    every_experiment,
    fresh_at,
    lab_after,
)

pytestmark = pytest.mark.untraced

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
        fork(lab, len(lab.lanes) - 1, edit)
        lab.catch_up()
    return lab


@every_budget
@every_experiment
def test_forks_and_forks_of_forks_show_every_step_exactly(name: str, budget: int) -> None:
    lab = touched_lab(EXPERIMENTS[name], budget)
    assert lab.last_step == lab.reached == STEPS
    for step in (*WANDERING_STEPS, 39, 40, 41, 62, 63, 64, 40, 39):
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
        fork(lab, number, edit)
        lab.catch_up()
    lab.move(step)
    for number, lane in enumerate(lab.snapshot().lanes):
        assert_same_lane(lane, truth(EXPERIMENTS["adam"], [*edits[:number]], step))


def test_the_old_future_stays() -> None:
    touched, plain = lab_after(open_target("circles")), lab_after(open_target("circles"), STEPS + 50)
    touched.move(25)
    fork(touched, 2, AddNoise(0.1, seed=1))
    touched.move(10)
    fork(touched, 3, SetWeight(2, 4, 1, 0.5))
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
    fork(lab, 0, SetWeight(1, 0, 0, value + 1))
    fork(lab, 1, SetWeight(1, 0, 0, value))
    lab.train(100)
    old, _, new = lab.snapshot().lanes
    assert_same_lane(old, new)


def test_a_fork_in_the_past_is_behind_until_it_has_caught_up() -> None:
    lab = lab_after(EXPERIMENTS["adam"])
    lab.move(30)
    assert not lab.is_behind
    fork(lab, 0, SetWeight(1, 0, 0, 1.0))
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
        fork(lab, 0, SetWeight(1, 0, 0, 1.0 + step))
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
    fork(lab, 0, EDITS[0][1])
    fork(lab, 0, AddNoise(1e-3, 0))
    assert [lane.name for lane in lab.lanes] == [
        "test",
        "test + nudge at 40",
        "test + … + copy at 63",
        "test + nudge at 40 (2)",
        "test + noise 0.001 at 40",
    ]
    assert lab.recipe.index("test + nudge at 40 (2)") == 3
    with refused("there is no lane he; there are: test, …"):
        lab.recipe.index("he")


def test_there_are_at_most_eight_lanes() -> None:
    lab = Lab(open_target("columns"))
    for _ in range(MAX_LANES - 3):
        fork(lab, 0, SetWeight(1, 0, 0, 1.0))
    with refused("there are 8 lanes already, at most 8 are possible"):
        fork(lab, 0, SetWeight(1, 0, 0, 1.0))
    assert len({lane.name for lane in lab.lanes}) == MAX_LANES


def test_more_lanes_share_the_same_memory() -> None:
    budget, wide = 2**24, experiment(layer(100, "tanh"), layer(50, "relu"), layer(1))
    lab = lab_after(wide, 400, budget)
    for step in (300, 200, 100):
        lab.move(step)
        fork(lab, 0, SetWeight(1, 0, 0, 1.0))
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
    drop(lab, 1)
    assert [lane.name for lane in lab.lanes] == ["test", "test + … + copy at 63"]
    lab.train(20)
    for lane, edits in zip(lab.snapshot().lanes, ([], EDITS), strict=True):
        assert_same_lane(lane, truth(EXPERIMENTS["adam"], edits, STEPS + 20))


def test_dropping_a_lane_that_is_behind_leaves_nothing_to_catch_up() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    lab.move(10)
    fork(lab, 0, EDITS[0][1])
    drop(lab, 1)
    assert (lab.step, lab.reached, lab.is_behind) == (10, STEPS, False)


def test_every_lane_can_go_but_the_last_one() -> None:
    lab = touched_lab(EXPERIMENTS["sgd"])
    drop(lab, 0)
    drop(lab, 0)
    with refused("this would take the last lane away: one has to stay"):
        drop(lab, 0)
    assert [lane.name for lane in lab.lanes] == ["test + … + copy at 63"]


def test_restart_keeps_forks_of_step_0_as_starts_and_forgets_the_later_ones() -> None:
    lab = Lab(EXPERIMENTS["adam"])
    fork(lab, 0, SetWeight(1, 0, 0, 1.0))
    lab.train(50)
    fork(lab, 0, SetWeight(1, 0, 1, 1.0))
    fork(lab, 1, SetWeight(1, 0, 1, 1.0))
    before = [lane.name for lane in lab.lanes]
    perform(lab, Restart())
    lab.restart()
    assert before[:2] == [lane.name for lane in lab.lanes] == ["test", "test + nudge at 0"]
    assert (lab.step, lab.last_step, lab.is_behind) == (0, 0, False)
    for step in (0, 30):
        lab.train(step)
        old, new = lab.snapshot().lanes
        assert_same_lane(old, fresh_at(EXPERIMENTS["adam"], step))
        assert_same_lane(new, truth(EXPERIMENTS["adam"], [(0, SetWeight(1, 0, 0, 1.0))], step))


GROWTH = experiment(
    layer(3, "identity", constant(0.5)),
    layer(1, "identity", constant(0.5)),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 1e-3},
)


@every_budget
def test_a_fork_that_diverges_says_where_and_the_lane_it_comes_from_does_not(budget: int) -> None:
    lab = lab_after(GROWTH, budget=budget)
    lab.move(50)
    fork(lab, 0, SetWeight(1, 0, 0, 1e100))
    lab.catch_up()
    old, new = lab.snapshot().lanes
    assert old.divergence is None
    assert new.divergence is not None
    assert 50 <= new.divergence.step < STEPS


def test_a_lane_whose_weights_are_not_finite_cannot_be_touched() -> None:
    lab = lab_after(GROWTH)
    fork(lab, 0, SetWeight(1, 0, 0, 1e100))
    lab.train(100)
    with refused("test + nudge at 90 has diverged, at step 190 it has weights that …"):
        fork(lab, 1, SetWeight(1, 0, 0, 0.0))
    lab.move(90)
    fork(lab, 1, SetWeight(1, 0, 0, 0.0))
    lab.catch_up()
    lab.move(190)
    assert np.isfinite(lab.snapshot().lanes[2].theta).all()


def test_an_experiment_that_stops_where_a_lane_diverged_can_be_played_up_to_there() -> None:
    lab = Lab(msgspec.structs.replace(GROWTH, on_divergence="stop"))
    fork(lab, 0, SetWeight(1, 0, 0, 1e100))
    lab.train(100)
    assert lab.should_stop
    lab.move(5)
    assert not lab.should_stop
