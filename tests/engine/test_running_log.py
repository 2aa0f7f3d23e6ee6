"""The log of a running thread: what was done in a window can be undone, and done again, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from engine.experiments.presets import open_target
from engine.report.probes import Probes
from engine.report.snapshot import Activity, Snapshot
from engine.scenes.view import View
from engine.session.action_log import new_log
from engine.session.commands import (
    Command,
    Duplicate,
    LetGo,
    MoveBy,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    Pause,
    Play,
    Remove,
    Rename,
    Restart,
    ReturnBy,
    ReturnTo,
    SessionAction,
    Try,
    Want,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure
from engine.session.runner import FLAT_OUT, Runner
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from gui.text.error_words import sentence
from tests.builders import same_bits
from tests.engine.runners import letter, next_letter, snapshot

from .test_action_log import RATE, SMALL


@pytest.fixture
def runner() -> Iterator[Runner]:
    """Return a started runner; whatever the test does, its thread ends."""
    runner = Runner()
    runner.start()
    yield runner
    runner.stop()


def at_rest(runner: Runner, command: Command) -> Snapshot:
    """Send a command and return what is shown when it is done."""
    runner.send(command)
    while True:
        found = next_letter(runner.mailbox)
        assert isinstance(found, Snapshot), found
        if found.activity is Activity.IDLE:
            return found


def actions_of(runner: Runner) -> tuple[SessionAction, ...]:
    assert runner.log is not None
    return runner.log.actions


def test_what_was_done_in_the_window_can_be_done_again_bit_for_bit(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    runner.send(Play(FLAT_OUT))
    for _ in range(3):
        next_letter(runner.mailbox)
    at_rest(runner, MoveTo(100))
    at_rest(runner, MoveTo(40))
    at_rest(runner, SetWeight(1, 0, 2, 1.5, lane="test", step=40))
    at_rest(runner, CopyNeuron(1, 0, 3, lane="test + nudge at 40", step=60))
    at_rest(runner, AddNoise(1e-3, 5, lane="test", step=0))
    at_rest(runner, Remove(lane="test + nudge at 40"))
    at_rest(runner, MoveToEnd())
    shown = at_rest(runner, MoveBy(300))
    assert [type(action) for action in actions_of(runner)] == [SetWeight, CopyNeuron, AddNoise, Remove]
    assert [action.step for action in actions_of(runner)[:3]] == [40, 60, 0]
    again = at_rest(runner, Open(SMALL, 2, _from_file(runner), View(shown.step)))
    assert (again.step, again.opening) == (shown.step, 2)
    for one, other in zip(shown.lanes, again.lanes, strict=True):
        assert one.name == other.name
        assert same_bits(one.theta, other.theta)


def test_undoing_brings_back_lanes_and_the_shown_step(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    before = at_rest(runner, MoveTo(50))
    changed = at_rest(runner, Set(RATE, 0.125))
    assert changed.step == 50
    assert not same_bits(changed.lanes[0].theta, before.lanes[0].theta)
    at_rest(runner, Duplicate("twin", lane="test"))
    for position, names in ((0, ["test"]), (2, ["test", "twin"]), (1, ["test"])):
        shown = at_rest(runner, ReturnTo(position))
        assert ([lane.name for lane in shown.lanes], shown.step) == (names, 50)
        same = before if position == 0 else changed
        assert same_bits(shown.lanes[0].theta, same.lanes[0].theta)
    at_rest(runner, Rename("he", lane="test"))
    assert [type(action) for action in actions_of(runner)] == [Set, Rename]


def test_a_setting_at_an_earlier_step_does_not_forget_how_far_was_recorded(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    before = at_rest(runner, MoveTo(900))
    at_rest(runner, MoveTo(50))
    changed = at_rest(runner, Set(RATE, 0.125))
    assert (changed.step, changed.last_step) == (50, 900)
    undone = at_rest(runner, ReturnBy(-1))
    assert (undone.step, undone.last_step) == (50, 900)
    assert same_bits(at_rest(runner, MoveTo(900)).lanes[0].theta, before.lanes[0].theta)


@pytest.mark.parametrize("action", [Restart(), NewSeed(9)], ids=["rewind", "new seed"])
def test_undoing_a_new_start_trains_again_what_it_has_forgotten(
    runner: Runner, action: SessionAction
) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(900))
    before = at_rest(runner, MoveTo(400))
    begun = at_rest(runner, action)
    assert (begun.step, begun.last_step) == (0, 0)
    at_rest(runner, MoveTo(30))
    undone = at_rest(runner, ReturnBy(-1))
    assert (undone.step, undone.last_step) == (400, 900)
    assert same_bits(undone.lanes[0].theta, before.lanes[0].theta)
    again = at_rest(runner, ReturnBy(1))
    assert again.step == 30


def test_a_value_that_is_dragged_stands_in_the_log_once(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(20))
    for value in (0.1, 0.2, 0.3):
        shown = at_rest(runner, Try(Set(RATE, value), is_final=value == 0.3))
    assert actions_of(runner) == (Set(RATE, 0.3),)
    assert (shown.step, shown.experiment.optimizer.learning_rate) == (20, 0.3)
    at_rest(runner, Try(Set(RATE, 0.4), is_final=True))
    assert actions_of(runner) == (Set(RATE, 0.3), Set(RATE, 0.4))


def test_a_value_that_is_dragged_and_taken_back_leaves_nothing(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    before = at_rest(runner, MoveTo(20))
    for drag in (
        Set(RATE, 0.3),
        Set(RATE, 0.3, step=20, in_lane="new"),
        Set(RATE, 0.3, step=20, in_lane="same"),
    ):
        at_rest(runner, Try(drag, is_final=False))
        after = at_rest(runner, LetGo())
        assert runner.log is not None
        assert (runner.log.all_actions, runner.log.is_open, after.step) == ((), False, 20)
        assert [lane.name for lane in after.lanes] == ["test"]
        assert same_bits(after.lanes[0].theta, before.lanes[0].theta)
    at_rest(runner, Set(RATE, 0.1))
    at_rest(runner, LetGo())  # nothing is being dragged
    assert actions_of(runner) == (Set(RATE, 0.1),)


def test_a_value_that_stays_what_it_was_is_no_change(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, Set(RATE, 0.1))
    at_rest(runner, Set(RATE, 0.2))
    at_rest(runner, ReturnBy(-1))
    assert runner.log is not None
    done = runner.log.all_actions
    at_rest(runner, Set(RATE, 0.1))
    assert (runner.log.all_actions, runner.log.position) == (done, 1)  # what was undone can be done again
    for value in (0.3, 0.1):
        at_rest(runner, Try(Set(RATE, value), is_final=value == 0.1))
    assert actions_of(runner) == (Set(RATE, 0.1),)
    at_rest(runner, ReturnBy(-1))
    at_rest(runner, ReturnBy(1))
    assert actions_of(runner) == (Set(RATE, 0.1),)


def test_while_a_value_is_dragged_no_reasons_are_worked_out(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pace.haste.REST_SECONDS", 1e9)
    at_rest(runner, Open(SMALL, 1))
    runner.send(Want(Probes(causes=True, health=True)))
    dragged = at_rest(runner, Try(Set(RATE, 0.1), is_final=False))
    assert dragged.is_hasty
    assert dragged.lanes[0].insight.why is None
    let_go = at_rest(runner, Try(Set(RATE, 0.1), is_final=True))
    assert let_go.lanes[0].insight.why is not None
    assert let_go.lanes[0].insight.health is not None
    assert not let_go.is_hasty


def test_where_a_dragged_value_rests_a_quick_network_is_explained(
    runner: Runner, way_of_training: str
) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, Want(Probes(causes=True, health=True)))
    shown = at_rest(runner, Try(Set(RATE, 0.1), is_final=False))
    if way_of_training == "driver":
        while shown.is_hasty:
            shown = snapshot(runner)
        assert shown.lanes[0].insight.why is not None
        assert shown.lanes[0].insight.health is not None
    assert next_letter(runner.mailbox, 0.0) is None


def test_while_a_value_is_dragged_no_marks_are_looked_for(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pace.haste.REST_SECONDS", 1e9)
    at_rest(runner, Open(open_target("columns"), 1))
    at_rest(runner, MoveTo(60))
    runner.send(Want(Probes(marks=True)))
    dragged = at_rest(runner, Try(Set(RATE, 0.1), is_final=False))
    assert not any(lane.marks for lane in dragged.lanes)
    let_go = at_rest(runner, Try(Set(RATE, 0.1), is_final=True))
    while not all(lane.has_all_marks for lane in let_go.lanes):
        let_go = at_rest(runner, MoveTo(60))
    assert any(lane.marks for lane in let_go.lanes)


@pytest.mark.parametrize("later", [Open(SMALL, 2), ReturnTo(0)], ids=["open", "undo"])
def test_a_dragged_value_that_waits_is_not_done_after_something_else(
    runner: Runner, later: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pace.haste.RERUN_SECONDS", 1e9)
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(500))
    train = Lab.train  # from here on a single step each time, which the thread waits to be shown
    monkeypatch.setattr(Lab, "train", lambda lab, steps, _deadline: train(lab, min(steps, 1)))
    monkeypatch.setattr(Runner, "_goes_on_while_shown", lambda _runner, _lab: False)
    runner.send(Try(Set(RATE, 0.1), is_final=False))
    while not 0 < snapshot(runner).last_step < 500:
        pass
    runner.send(Try(Set(RATE, 0.2), is_final=False))
    runner.send(later)
    shown = at_rest(runner, Pause())
    assert shown.experiment.optimizer.learning_rate == SMALL.optimizer.learning_rate
    assert actions_of(runner) == ()


def test_another_seed_and_a_restart_can_be_done_again(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(50))
    at_rest(runner, AddNoise(1e-3, 5, lane="test", step=0))
    shown = at_rest(runner, NewSeed(9))
    assert (shown.experiment.seed, shown.step, len(shown.lanes)) == (9, 0, 1)
    at_rest(runner, MoveTo(20))
    at_rest(runner, AddNoise(1e-3, 5, lane="test", step=10))
    at_rest(runner, Restart())
    shown = at_rest(runner, MoveTo(30))
    expected = Lab(new_log(SMALL, _from_file(runner)).recipe)
    expected.train(30)
    assert [lane.name for lane in expected.lanes] == ["test"]
    assert same_bits(expected.snapshot().lanes[0].theta, shown.lanes[0].theta)


@pytest.mark.parametrize("step", [0, 3])
def test_a_setting_that_makes_a_touch_impossible_is_done_and_the_lane_goes_on_without_the_touch(
    runner: Runner, step: int
) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(10))
    at_rest(runner, SetWeight(1, 0, 3, 1.5, lane="test", step=step))
    runner.send(Want(Probes(marks=True)))
    runner.send(Set("network.layers.0.units", 3))
    letters = [letter(runner)]
    while not isinstance(letters[-1], Failure):
        letters.append(letter(runner))
    assert sentence(letters[-1].error) == (
        f"test + nudge at {step} goes on without what was done to it at step {step}: "
        "layer 1 has no weight in row 1 of neuron 4"
    )
    shown = at_rest(runner, MoveTo(10))  # the lanes have gone on to it meanwhile
    assert [type(action) for action in actions_of(runner)] == [SetWeight, Set]
    assert shown.experiment.network.layers[0].units == 3
    alone, touched = shown.lanes
    assert same_bits(alone.theta, touched.theta)
    assert not [mark for mark in touched.marks if mark.edit]


def _from_file(runner: Runner) -> tuple[SessionAction, ...]:
    return msgspec.json.decode(msgspec.json.encode(actions_of(runner)), type=tuple[SessionAction, ...])


def test_a_refused_action_is_not_logged(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    runner.send(SetWeight(9, 0, 0, 1.0, lane="test"))
    assert isinstance(next_letter(runner.mailbox), Failure)
    assert actions_of(runner) == ()


def test_opening_begins_a_new_log(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, Set(RATE, 0.5))
    at_rest(runner, Open(SMALL, 2))
    assert actions_of(runner) == ()
