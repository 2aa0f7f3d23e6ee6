"""A setting that changes on the way: the lane itself goes on with it or a new one, exactly, also when it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pytest

from engine.experiments.changes import with_changes
from engine.experiments.experiment import Variant
from engine.report.curve import MarkKind
from engine.report.probes import Probes
from engine.report.snapshot import Activity
from engine.session.action_log import new_log
from engine.session.commands import (
    MoveTo,
    NewSeed,
    Open,
    Play,
    Remove,
    Restart,
    ReturnBy,
    SessionAction,
    Try,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure
from engine.session.recipe import Recipe, after
from engine.session.runner import Runner
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import Set, SetWeight
from engine.training.trainer import Trainer
from gui.text.error_words import sentence
from tests.builders import experiment, layer, refused, same_bits
from tests.command_line import main, result
from tests.engine.acting import perform

from .runners import next_letter, snapshot
from .test_action_log import RATE, SMALL
from .test_running_log import actions_of, at_rest

SLOWER = Set(RATE, 0.125, lane="test", step=20, in_lane="same")


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    runner.start()
    at_rest_at(runner, 40)
    yield runner
    runner.stop()


def at_rest_at(runner: Runner, step: int) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(step))


def recipe(*actions: SessionAction) -> Recipe:
    return new_log(SMALL, actions).recipe


def test_a_lane_goes_on_with_another_value_and_shows_every_step_exactly() -> None:
    lab = Lab(SMALL)
    lab.train(50)
    perform(lab, SLOWER)
    perform(lab, Set(RATE, 0.5, lane="test", step=10, in_lane="same"))  # what was done at 20 is done again
    [lane] = lab.recipe.lanes
    assert [(edit.step, edit.value) for edit in lane.edits if isinstance(edit, Set)] == [
        (10, 0.5),
        (20, 0.125),
    ]
    lab.catch_up()
    trainer = Trainer(SMALL, SMALL.data.load())
    states = [trainer.theta.copy()]
    for step in range(50):
        if step in {10, 20}:
            state = trainer.initial_state.copy()
            trainer.save(state)
            rate = 0.5 if step == 10 else 0.125
            trainer = Trainer(with_changes(SMALL, [(RATE, rate)]), SMALL.data.load())
            trainer.restore(state, step)
        trainer.advance()
        states.append(trainer.theta.copy())
    for step in (50, 7, 33, 20, 19, 10, 0, 49):
        lab.move(step)
        assert same_bits(lab.snapshot().lanes[0].theta, states[step])
    [shown] = lab.snapshot(probes=Probes(marks=True)).lanes
    assert [mark.step for mark in shown.marks if mark.kind is MarkKind.SETTING] == [10, 20]


def test_while_it_is_dragged_on_the_way_nothing_before_that_step_is_trained_again() -> None:
    lab = Lab(SMALL)
    lab.train(50)
    for rate in (0.1, 0.2, 0.3):
        lab.become(after(recipe(), msgspec.structs.replace(SLOWER, value=rate)))
        assert lab.reached == 20
    fresh = Lab(lab.recipe)
    fresh.train(50)
    lab.catch_up()
    lab.move(50)
    assert same_bits(lab.snapshot().lanes[0].theta, fresh.snapshot().lanes[0].theta)


def test_all_lanes_go_on_with_it_and_have_it_in_common_from_there() -> None:
    both = recipe(Set(RATE, 0.05, in_lane="new"), Set(RATE, 0.5, step=8, in_lane="same"))
    assert [lane.name for lane in both.lanes] == ["test", "test + learning rate 0.05"]
    rates = [[lane.experiment_at(step).optimizer.learning_rate for lane in both.lanes] for step in (7, 8)]
    assert rates == [[SMALL.optimizer.learning_rate, 0.05], [0.5, 0.5]]
    assert both.experiment_at(8).optimizer.learning_rate == 0.5
    assert both.experiment_at(7) == both.experiment == SMALL
    again = after(both, Set(RATE, 0.25, step=8, in_lane="same"))
    assert [len(lane.edits) for lane in again.lanes] == [1, 1], "the same setting at the same step is one"


BETA = "optimizer.beta1"
MIXED = experiment(
    layer(4, "leaky-relu"),
    layer(3, "leaky-relu"),
    layer(1),
    optimizer={"kind": "adam"},
    variants=[
        Variant("adam", {}),
        Variant("sgd", {"optimizer": {"kind": "sgd"}}),
        Variant("tanh", {"network.layers.1.activation": "tanh"}),
    ],
)
SLOPES = "network.layers.hidden.activation.slope"
FROM_HERE = (Set(BETA, 0.5, step=6, in_lane="same"), Set(SLOPES, 0.25, step=8, in_lane="same"))


def test_what_all_lanes_go_on_with_leaves_alone_those_of_another_kind() -> None:
    now = new_log(MIXED, FROM_HERE).recipe
    made = [
        [(edit.step, *edit.changes) for edit in lane.edits if isinstance(edit, Set)] for lane in now.lanes
    ]
    alone = (8, ("network.layers.0.activation.slope", 0.25))
    assert made == [[(6, (BETA, 0.5)), (8, (SLOPES, 0.25))], [(8, (SLOPES, 0.25))], [(6, (BETA, 0.5)), alone]]
    assert now.experiment_at(5) == now.experiment
    assert now.experiment_at(8) == with_changes(now.experiment, [(BETA, 0.5), (SLOPES, 0.25)])
    beside = after(new_log(MIXED).recipe, Set(BETA, 0.5, step=6))
    assert [lane.name for lane in beside.lanes[3:]] == ["adam + beta1 0.5 at 6", "tanh + beta1 0.5 at 6"]
    for begun in (after(now, Restart()), after(now, NewSeed(9))):
        assert begun.experiment_at(8) == begun.experiment


@pytest.mark.parametrize("in_lane", ["same", "new"])
def test_what_no_lane_has_is_refused_on_the_way(in_lane: Literal["same", "new"]) -> None:
    mixed, only_sgd = new_log(MIXED).recipe, new_log(MIXED, (Remove(lane="adam"), Remove(lane="tanh"))).recipe
    for before, path, value in ((only_sgd, BETA, 0.5), (mixed, "optimizer.rate", 1.0), (mixed, BETA, 2.0)):
        with refused(f"{path}: …"):
            after(before, Set(path, value, step=6, in_lane=in_lane))


def test_a_session_makes_again_what_all_lanes_went_on_with(tmp_path: Path) -> None:
    lab = Lab(new_log(MIXED).recipe)
    lab.train(12)
    for action in FROM_HERE:
        lab.become(after(lab.recipe, action))
    lab.catch_up()
    (path := tmp_path / "session.json").write_bytes(encode_session(Session(MIXED, FROM_HERE)))
    assert open_session(str(path)).recipe() == lab.recipe
    variants = result(path, "--steps", lab.reached, "--weights")["variants"]
    assert [found["name"] for found in variants] == ["adam", "sgd", "tanh"]
    for found, lane in zip(variants, lab.lanes, strict=True):
        for block, weights in zip(lane.trainer.layout.blocks, found["weights"], strict=True):
            assert np.array_equal(block.weights(lane.trainer.theta), np.array(weights))


def test_a_change_on_the_way_is_left_out_where_another_kind_was_chosen_for_the_start() -> None:
    changed = new_log(MIXED, (*FROM_HERE, Set("optimizer", {"kind": "sgd"}))).recipe
    assert [type(lane.experiment_at(8).optimizer).__name__ for lane in changed.lanes] == ["Sgd"] * 3
    assert changed.experiment_at(8) == with_changes(changed.experiment, [(SLOPES, 0.25)])
    lab = Lab(changed)
    lab.train(12)
    left_out = [sentence(one) for one in lab.left_out()]
    assert len(left_out) == 2
    assert all("step 6" in told and BETA in told for told in left_out)


def test_what_was_left_out_does_not_take_later_changes_with_it(tmp_path: Path) -> None:
    """With no decay from the start there are no instructions for it: only the later learning rate can still change."""
    chosen = experiment(layer(4, "tanh"), layer(1), weight_decay=0.02)
    actions = (
        Set("weight_decay", 0.1, step=10, in_lane="same"),
        Set(RATE, 0.05, step=20, in_lane="same"),
        Set("weight_decay", 0.0),
    )
    lab = Lab(chosen)
    lab.train(30)
    for action in actions:
        perform(lab, action)
    lab.train(30)
    assert ["step 10" in sentence(one) for one in lab.left_out()] == [True]
    trainer = lab.lanes[0].trainer
    assert trainer.experiment.optimizer.learning_rate == 0.05
    path, out = tmp_path / "session.json", tmp_path / "out"
    path.write_bytes(encode_session(Session(chosen, actions)))
    done = main("run", path, "--steps", 30, "--out", out)
    assert (done.returncode, done.stderr.count("step 10"), done.stderr.count("step 20")) == (0, 1, 0)
    with np.load(out / "weights.npz") as saved:
        for number, block in enumerate(trainer.layout.blocks, start=1):
            assert same_bits(saved[f"test.W{number}"], block.weights(trainer.theta))


def test_starting_again_takes_back_what_was_changed_on_the_way_and_keeps_the_lane() -> None:
    changed = recipe(SLOWER, SetWeight(1, 0, 2, 1.5, lane="test", step=30))
    assert [(lane.is_changed, lane.is_touched) for lane in changed.lanes] == [(True, False), (True, True)]
    for action in (Restart(), NewSeed(9)):
        begun = after(changed, action)
        assert [(lane.name, lane.edits) for lane in begun.lanes] == [("test", ())]


def test_what_has_its_effect_at_the_start_alone_is_refused_on_the_way(runner: Runner) -> None:
    values = {"network.layers.0.weights": {"kind": "constant"}, "data": {"kind": "moons"}, "notes": "n"}
    for path in ("seed", "network.layers.0.weights", "steps", "data", "batch.size", "notes"):
        runner.send(Set(path, values.get(path, 3), lane="test", step=20, in_lane="same"))
        failure = next_letter(runner.mailbox)
        assert isinstance(failure, Failure)
        with refused(f"{path}: only numbers of the same training step can change on the way…"):
            raise failure.error
    assert actions_of(runner) == ()


def test_undoing_a_change_on_the_way_brings_back_every_step(runner: Runner) -> None:
    before = at_rest(runner, MoveTo(40))
    changed = at_rest(runner, SLOWER)
    assert (changed.step, changed.last_step) == (20, 40)
    assert not same_bits(at_rest(runner, MoveTo(40)).lanes[0].theta, before.lanes[0].theta)
    undone = at_rest(runner, ReturnBy(-1))
    assert (undone.step, undone.last_step) == (40, 40)
    assert same_bits(undone.lanes[0].theta, before.lanes[0].theta)


def test_a_refused_value_stops_nothing_that_plays(runner: Runner) -> None:
    runner.send(Play(60))
    while (shown := snapshot(runner)).activity is not Activity.PLAYING:
        pass
    for wrong in (Set("network.layers.1.units", 9), Set("seed", 3, step=20), SetWeight(9, 0, 0, 1.0)):
        runner.send(wrong)
        while not isinstance(found := next_letter(runner.mailbox), Failure):
            assert found is not None
        assert found.goes_on
        steps = [next_letter(runner.mailbox) for _ in range(2)]
        assert [letter.activity for letter in steps] == [Activity.PLAYING] * 2  # type: ignore[union-attr]
        assert steps[0].step > shown.step  # type: ignore[union-attr]


def test_a_dragged_value_that_is_refused_where_it_is_let_go_is_no_longer_dragged(runner: Runner) -> None:
    at_rest(runner, Try(Set("batch.size", 2), is_final=False))
    assert runner.log is not None
    assert runner.log.is_open
    runner.send(Try(Set("batch.size", 10**6), is_final=True))
    assert isinstance(next_letter(runner.mailbox), Failure)
    shown = next_letter(runner.mailbox)
    assert [action.value for action in shown.log.actions] == [2]  # type: ignore[union-attr]
    assert not shown.log.is_open  # type: ignore[union-attr]
