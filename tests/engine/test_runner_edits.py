"""Edits while the training thread works: forks catch up, and refused ones change nothing."""

from __future__ import annotations

import pytest

from engine.report.snapshot import Activity, Snapshot
from engine.scenes.scene_list import Scene
from engine.scenes.view import View
from engine.session.commands import (
    AddScene,
    Command,
    MoveTo,
    MoveToEnd,
    Pause,
    Play,
    Remove,
    Restart,
    ReturnBy,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure
from engine.session.runner import Runner
from engine.training.edits import SetWeight
from tests.builders import same_bits
from tests.engine.acting import fork

from .runners import (
    SMALL,
    after,
    letter,
    running,
    snapshot,
    snapshot_at_rest,
)


def nudge(step: int = 0, lane: str = "test") -> SetWeight:
    """Return the edit of these tests."""
    return SetWeight(1, 0, 2, 1.5, lane=lane, step=step)


def forked(runner: Runner, last: int, step: int) -> Snapshot:
    """Train, fork in the past, and return the first snapshot of both lanes."""
    assert after(runner, MoveTo(last)).last_step == last
    runner.send(nudge(step))
    return snapshot(runner)


def assert_forked(found: Snapshot, step: int) -> None:
    """Compare a snapshot with a laboratory in which the same was done."""
    lab = Lab(SMALL)
    lab.train(step)
    fork(lab, 0, nudge())
    lab.train(found.step - step)
    for lane, expected in zip(found.lanes, lab.snapshot().lanes, strict=True):
        assert same_bits(lane.theta, expected.theta)
        assert lane.loss == expected.loss


def test_a_fork_is_shown_at_its_step_while_it_catches_up(runner: Runner) -> None:
    found = forked(runner, 3000, 1200)
    while found.activity is Activity.SEEKING:
        assert (found.step, found.last_step, found.goal, len(found.lanes)) == (1200, 3000, None, 2)
        assert_forked(found, 1200)
        found = snapshot(runner)
    assert (found.step, found.activity) == (1200, Activity.IDLE)
    assert_forked(after(runner, MoveToEnd()), 1200)


def test_a_fork_belongs_to_the_step_that_was_on_the_screen_even_if_training_went_on(runner: Runner) -> None:
    after(runner, MoveTo(10))
    runner.send(Play(60))
    seen = snapshot(runner).step
    while snapshot(runner).step < seen + 3:
        pass
    found = after(runner, nudge(seen))
    assert found.step == seen
    assert found.last_step >= seen + 3


def test_catching_up_can_be_cancelled_and_goes_on_when_it_is_needed(runner: Runner) -> None:
    found = forked(runner, 20_000, 100)
    assert found.activity is Activity.SEEKING
    paused = after(runner, Pause())
    behind = len(paused.lanes[1].loss_curve.low) * paused.lanes[1].loss_curve.every
    assert 100 <= behind < 20_000
    found = after(runner, MoveTo(19_000))
    assert (found.step, found.last_step, found.activity) == (19_000, 20_000, Activity.IDLE)
    assert_forked(found, 100)


def test_playing_does_not_wait_for_a_lane_that_is_behind(runner: Runner) -> None:
    forked(runner, 20_000, 100)
    runner.send(Play(60))
    while (found := snapshot(runner)).activity is Activity.SEEKING:
        pass
    assert [found.step, *(snapshot(runner).step for _ in range(4))] == [101, 102, 103, 104, 105]
    assert_forked(snapshot(runner), 100)


def test_looking_elsewhere_does_not_end_catching_up(runner: Runner) -> None:
    forked(runner, 20_000, 5000)
    found = after(runner, MoveTo(40))
    assert (found.step, found.activity) == (40, Activity.IDLE)
    assert len(found.lanes[1].loss_curve.low) == len(found.lanes[0].loss_curve.low)


def test_a_dropped_lane_is_gone_and_the_step_stays(runner: Runner) -> None:
    forked(runner, 3000, 1200)
    found = after(runner, Remove(lane="test + nudge at 1200"))
    assert ([lane.name for lane in found.lanes], found.step) == (["test"], 1200)


@pytest.mark.parametrize(
    "command",
    [
        Remove(lane="test"),
        Remove(lane="he"),
        nudge(5, lane="he"),
        SetWeight(9, 0, 0, 1.0, lane="test", step=5),
    ],
)
def test_a_refused_touch_is_one_sentence_and_changes_no_lane(runner: Runner, command: Command) -> None:
    after(runner, MoveTo(10))
    runner.send(command)
    failure = letter(runner)
    assert isinstance(failure, Failure)
    assert failure.details == ""
    assert len(after(runner, MoveTo(10)).lanes) == 1


def test_a_refused_touch_does_not_end_catching_up(runner: Runner) -> None:
    forked(runner, 20_000, 100)
    runner.send(Remove(lane="he"))
    while not isinstance(letter(runner), Failure):
        pass
    found = snapshot_at_rest(runner)
    assert len(found.lanes[1].loss_curve.low) == len(found.lanes[0].loss_curve.low)


def test_stopping_while_a_lane_catches_up_ends_the_thread(runner: Runner) -> None:
    assert forked(runner, 20_000, 0).activity is Activity.SEEKING
    runner.stop()
    assert not running()


def test_restart_takes_away_what_was_touched(runner: Runner) -> None:
    forked(runner, 300, 120)
    restarted = after(runner, Restart())
    assert (restarted.step, restarted.last_step, len(restarted.lanes)) == (0, 0, 1)


def test_scenes_come_and_go_while_the_lanes_stay_as_they_are(runner: Runner) -> None:
    before = after(runner, MoveTo(30))
    added = after(runner, AddScene(Scene("here", View(30))))
    assert (added.step, added.lanes[0].loss) == (30, before.lanes[0].loss)
    assert [scene.name for scene in added.log.recipe.scenes] == ["here"]
    assert after(runner, ReturnBy(-1)).log.recipe.scenes == ()
    assert after(runner, ReturnBy(1)).log.recipe.scenes == (Scene("here", View(30)),)
