"""The training thread: obeys, shows every step, waits for its reader, survives mistakes, ends when told."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.experiments.presets import open_target
from engine.report.probes import Probes
from engine.report.snapshot import Activity, Snapshot
from engine.session.commands import (
    Command,
    MoveBy,
    MoveTo,
    MoveToEnd,
    Open,
    Pause,
    Play,
    Restart,
    Stop,
    Want,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure, Mailbox
from engine.session.runner import FLAT_OUT, Runner
from gui.text.error_words import sentence
from tests.builders import experiment, layer, same_bits

from .runners import (
    PATIENCE,
    SMALL,
    TWO_OUTPUTS,
    after,
    assert_shows,
    letter,
    running,
    snapshot,
    snapshot_at_rest,
    taken_but_not_shown,
)


def test_opening_shows_step_0_under_the_number_of_the_run(runner: Runner) -> None:
    shown = after(runner, Open(open_target("columns"), opening=7))
    assert (shown.opening, shown.step, shown.last_step, len(shown.lanes)) == (7, 0, 0, 3)
    assert_shows(shown, open_target("columns"))


def test_at_rest_every_lane_has_been_looked_at(runner: Runner) -> None:
    shown = after(runner, Open(open_target("columns"), opening=2))
    assert [lane.insight.health is not None and lane.insight.health.step for lane in shown.lanes] == [0, 0, 0]
    shown = after(runner, MoveTo(40))
    assert [lane.insight.health is not None and lane.insight.health.step for lane in shown.lanes] == [
        40,
        40,
        40,
    ]


def test_while_it_plays_every_lane_is_looked_at_again_and_again(runner: Runner) -> None:
    after(runner, Open(msgspec.structs.replace(open_target("columns"), steps=10**9), opening=2))
    runner.send(Play(FLAT_OUT))
    seen: list[set[int]] = [set(), set(), set()]
    while min(map(len, seen)) < 3:
        for lane, steps in zip(snapshot(runner).lanes, seen, strict=True):
            assert lane.insight.health is not None
            steps.add(lane.insight.health.step)


def test_every_step_is_shown_at_60_steps_per_second(runner: Runner) -> None:
    runner.send(Play(60))
    shown = [snapshot(runner) for _ in range(60)]
    assert [s.step for s in shown] == list(range(1, 61))
    assert {s.activity for s in shown} == {Activity.PLAYING}
    assert_shows(shown[-1], SMALL)


def test_twice_the_speed_is_two_steps_per_frame(runner: Runner) -> None:
    runner.send(Play(120))
    assert [snapshot(runner).step for _ in range(5)] == [2, 4, 6, 8, 10]


def test_flat_out_does_many_steps_per_frame_and_records_them_all(runner: Runner) -> None:
    runner.send(Play(FLAT_OUT))
    steps = [0]
    while steps[-1] <= 25 * len(steps) or len(steps) < 5:
        steps.append(snapshot(runner).step)
    assert steps == sorted(steps)
    assert after(runner, MoveTo(3)).step == 3
    assert after(runner, MoveToEnd()).last_step >= steps[-1]


@pytest.mark.parametrize("speed", [60, FLAT_OUT])
def test_the_thread_waits_until_its_letter_was_shown(
    runner: Runner, speed: float, way_of_training: str
) -> None:
    """Except where it trains flat out without the interpreter lock, and so does not disturb the window."""
    if (speed, way_of_training) == (FLAT_OUT, "driver"):
        pytest.skip("it goes on")
    runner.send(Play(speed))
    for _ in range(3):
        snapshot(runner)
    taken = taken_but_not_shown(runner)
    Lab(SMALL).train(2000)  # time in which a thread that does not wait would go on
    assert runner.mailbox.take() is None
    assert after(runner, Pause()).last_step == taken.step


def test_without_the_interpreter_lock_training_goes_on_while_a_letter_is_shown(
    runner: Runner, way_of_training: str
) -> None:
    if way_of_training == "calls":
        pytest.skip("it waits")
    runner.send(Play(FLAT_OUT))
    taken = taken_but_not_shown(runner)
    Lab(SMALL).train(2000)
    assert runner.mailbox.take() is None, "no second letter disturbs a window that is at work"
    assert after(runner, Pause()).last_step > taken.last_step


def test_a_letter_that_nobody_takes_holds_the_thread(runner: Runner) -> None:
    runner.send(Play(60))
    Lab(SMALL).train(2000)
    assert after(runner, Pause()).step <= 1


def test_pause_stays_at_the_step_it_shows(runner: Runner) -> None:
    runner.send(Play(60))
    before = [snapshot(runner).step for _ in range(5)][-1]
    paused = after(runner, Pause())
    assert before <= paused.step <= before + 1
    assert after(runner, MoveBy(0)).step == paused.step


def test_playing_stops_at_the_planned_step(idle: Runner) -> None:
    idle.start()
    idle.send(Open(experiment(layer(2), layer(1), steps=7), opening=1))
    assert snapshot_at_rest(idle).step == 0
    assert after(idle, Play(60)).step == 7


def test_playing_from_the_past_stops_at_the_planned_step_too(idle: Runner) -> None:
    idle.start()
    idle.send(Open(experiment(layer(2), layer(1), steps=7), opening=1))
    assert snapshot_at_rest(idle).step == 0
    assert after(idle, Play(60)).step == 7
    assert after(idle, MoveTo(5)).step == 5
    idle.send(Play(60))
    assert [(s.step, s.activity) for s in (snapshot(idle), snapshot(idle))] == [
        (6, Activity.PLAYING),
        (7, Activity.IDLE),
    ]


@pytest.mark.parametrize(("steps", "shown"), [(1, 11), (10, 20), (-1, 9), (-10, 0), (-11, 0), (0, 10)])
def test_moving_by_some_steps_goes_there_and_stops(runner: Runner, steps: int, shown: int) -> None:
    assert after(runner, MoveTo(10)).step == 10
    found = after(runner, MoveBy(steps))
    assert (found.step, found.last_step) == (shown, max(10, shown))
    assert_shows(found, SMALL)


def test_moving_to_a_step_that_was_not_reached_trains_to_exactly_there(runner: Runner) -> None:
    runner.send(MoveTo(2500))
    first = snapshot(runner)
    assert first.goal in (2500, None)
    found = first if first.activity is Activity.IDLE else snapshot_at_rest(runner)
    assert (found.step, found.last_step, found.goal) == (2500, 2500, None)
    assert_shows(found, SMALL)


def test_moving_to_the_end_shows_the_newest_step(runner: Runner) -> None:
    after(runner, MoveTo(30))
    assert after(runner, MoveTo(4)).last_step == 30
    assert after(runner, MoveToEnd()).step == 30


def test_pause_ends_seeking(runner: Runner) -> None:
    runner.send(MoveTo(10**8))
    snapshot(runner)
    paused = after(runner, Pause())
    assert 0 < paused.step < 10**8
    assert paused.goal is None
    assert after(runner, MoveBy(0)).last_step == paused.last_step


def test_playing_from_the_past_shows_the_recorded_steps_and_then_new_ones(runner: Runner) -> None:
    after(runner, MoveTo(10))
    after(runner, MoveTo(7))
    runner.send(Play(60))
    shown = [snapshot(runner) for _ in range(6)]
    assert [s.step for s in shown] == [8, 9, 10, 11, 12, 13]
    assert [s.last_step for s in shown] == [10, 10, 10, 11, 12, 13]
    assert_shows(shown[-1], SMALL)


def test_restart_goes_to_the_same_weights_and_forgets_the_steps(runner: Runner) -> None:
    before = after(runner, MoveTo(20))
    restarted = after(runner, Restart())
    assert (restarted.step, restarted.last_step) == (0, 0)
    assert_shows(restarted, SMALL)
    again = after(runner, MoveTo(20))
    assert same_bits(before.lanes[0].theta, again.lanes[0].theta)


def test_commands_are_obeyed_in_the_order_in_which_they_came(idle: Runner) -> None:
    for command in (Open(SMALL, opening=1), Play(60), MoveTo(9), Open(SMALL, opening=2), MoveTo(3)):
        idle.send(command)
    idle.start()
    found = snapshot_at_rest(idle)
    assert (found.opening, found.step) == (2, 3)


@pytest.mark.parametrize("steps", [(1, 1, 1), (10, -2), (1, 10, -1, 1)])
def test_steps_asked_for_in_quick_succession_add_up(idle: Runner, steps: tuple[int, ...]) -> None:
    idle.send(Open(SMALL, opening=1))
    for step in steps:
        idle.send(MoveBy(step))
    idle.start()
    assert snapshot_at_rest(idle).step == sum(steps)


# Mistakes


def test_an_experiment_that_cannot_be_opened_is_one_sentence_and_the_old_one_stays(runner: Runner) -> None:
    after(runner, MoveTo(5))
    runner.send(Open(TWO_OUTPUTS, opening=2))
    failure = letter(runner)
    assert isinstance(failure, Failure)
    said = "network.layers.1.units: must be 1, one for each target of a sample, got 2"
    assert (sentence(failure.error), failure.details) == (said, "")
    found = after(runner, MoveBy(1))
    assert (found.opening, found.step) == (1, 6)
    assert_shows(found, SMALL)


def test_data_that_cannot_be_read_is_one_sentence_that_names_the_file(runner: Runner) -> None:
    runner.send(Open(experiment(layer(1), data={"kind": "csv", "path": "no/such.csv"}), opening=2))
    failure = letter(runner)
    assert isinstance(failure, Failure)
    assert sentence(failure.error).startswith("no/such.csv: ")
    assert failure.details == ""
    assert after(runner, MoveBy(1)).opening == 1


@pytest.mark.parametrize("nonsense", [Play("fast"), MoveBy("far"), MoveTo(None)])  # type: ignore[arg-type]
def test_an_unexpected_error_in_the_thread_arrives_and_the_thread_lives_on(
    runner: Runner, nonsense: Any
) -> None:
    after(runner, MoveTo(5))
    runner.send(nonsense)
    failure = letter(runner)
    assert isinstance(failure, Failure)
    assert sentence(failure.error).startswith("Training stopped: ")
    assert "Traceback" in failure.details
    assert "TypeError" in failure.details
    found = after(runner, MoveBy(1))
    assert (found.step, found.activity) == (6, Activity.IDLE)


def test_a_snapshot_that_fails_is_said_once_although_there_is_more_to_show(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gradient curves come little by little: the thread must not try, and fail, again and again."""
    after(runner, MoveTo(400))
    tried_again = threading.Event()

    def fail(*_: object) -> Snapshot:
        failures.append(1)
        if len(failures) > 1:
            tried_again.set()
        raise ZeroDivisionError

    failures: list[int] = []
    monkeypatch.setattr(Lab, "snapshot", fail)
    runner.send(Want(Probes(gradients=True)))
    assert isinstance(letter(runner), Failure)
    assert not tried_again.wait(0.2)
    monkeypatch.undo()
    assert after(runner, Pause()).step == 400


def test_a_mistake_does_not_swallow_the_commands_behind_it(idle: Runner) -> None:
    idle.send(Open(SMALL, opening=1))
    idle.start()
    snapshot_at_rest(idle)
    idle.send(Open(TWO_OUTPUTS, opening=2))
    idle.send(MoveBy(3))
    assert isinstance(letter(idle), Failure)
    found = snapshot_at_rest(idle)
    assert (found.opening, found.step) == (1, 3)


def test_a_file_is_given_up_where_another_is_to_be_opened_although_both_were_asked_for_at_once(
    idle: Runner, tmp_path: Path
) -> None:
    path = tmp_path / "broken-at-its-end.csv"
    path.write_text("a,b\n" + "1,0\n" * 10_000 + "broken\n")
    idle.send(Open(experiment(layer(1), data={"kind": "csv", "path": str(path)}), opening=1))
    idle.send(Open(SMALL, opening=2))
    idle.start()
    assert snapshot(idle).opening == 2, "who reads the first file to its end says what is wrong there"


def test_a_failure_does_not_replace_a_snapshot_that_nobody_took() -> None:
    mailbox: Mailbox[Command] = Mailbox()
    shown, failure = Lab(SMALL).snapshot(), Failure(InitscopeError(Problem.NO_HIDDEN_LAYER))
    mailbox.put(shown)
    mailbox.put(failure)
    assert [mailbox.take(), mailbox.take(), mailbox.take()] == [shown, failure, None]


def test_a_newer_snapshot_replaces_one_that_nobody_took() -> None:
    mailbox: Mailbox[Command] = Mailbox()
    lab = Lab(SMALL)
    mailbox.put(lab.snapshot())
    lab.train(1)
    mailbox.put(newer := lab.snapshot())
    assert [mailbox.take(), mailbox.take()] == [newer, None]


# The end


def test_stopping_while_it_trains_flat_out_ends_the_thread(runner: Runner) -> None:
    runner.send(Play(FLAT_OUT))
    snapshot(runner)
    runner.stop()
    assert not running()


def test_stopping_while_a_letter_waits_ends_the_thread(runner: Runner) -> None:
    runner.send(Play(60))
    taken_but_not_shown(runner)
    runner.stop()
    assert not running()


def test_stopping_while_it_waits_for_its_next_step_ends_the_thread(runner: Runner) -> None:
    runner.send(Play(0.001))
    assert snapshot(runner).step == 1
    runner.stop()
    assert not running()


def test_stopping_without_an_experiment_ends_the_thread(idle: Runner) -> None:
    idle.start()
    idle.stop()
    assert not running()


def test_stopping_twice_or_before_the_start_does_nothing(idle: Runner) -> None:
    idle.stop()
    idle.start()
    idle.stop()
    idle.stop()
    assert not running()


def test_stop_is_obeyed_even_behind_a_mistake(idle: Runner) -> None:
    idle.send(Open(TWO_OUTPUTS, opening=1))
    idle.send(Stop())
    idle.start()
    for thread in running():
        thread.join(PATIENCE / 4)
    assert not running()


def test_nothing_is_trained_before_an_experiment_is_opened(idle: Runner) -> None:
    idle.send(Play(math.inf))
    idle.send(MoveTo(5))
    idle.start()
    shown = after(idle, Open(SMALL, opening=1))
    assert (shown.step, shown.last_step) == (0, 0)
