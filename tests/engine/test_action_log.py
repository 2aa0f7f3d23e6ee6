"""Actions are data: they go to a file and back, and doing them again makes every lane again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from engine.core.errors import InitscopeError
from engine.report.snapshot import Activity, Snapshot
from engine.session.action_log import ActionLog, perform, replay
from engine.session.commands import (
    Command,
    MoveBy,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    Play,
    Reach,
    Remove,
    Restart,
    SessionAction,
)
from engine.session.lab import Lab
from engine.session.mailbox import Failure
from engine.session.runner import FLAT_OUT, Runner
from engine.training.edits import AddNoise, CopyNeuron, SetWeight
from tests.builders import experiment, layer, refused, same_bits
from tests.engine.runners import next_letter

PATIENCE = 20.0
SMALL = experiment(layer(4, "tanh"), layer(1), steps=10**9)

ACTIONS: list[tuple[SessionAction, dict[str, object]]] = [
    (
        SetWeight(1, 0, 2, 1.5, lane="test", step=7),
        {"do": "set-weight", "lane": "test", "step": 7, "layer": 1, "row": 0, "neuron": 2, "value": 1.5},
    ),
    (
        CopyNeuron(2, 0, 3, step=1),
        {"do": "copy-neuron", "lane": None, "step": 1, "layer": 2, "source": 0, "target": 3},
    ),
    (AddNoise(1e-7, seed=3), {"do": "add-noise", "lane": None, "step": 0, "std": 1e-7, "seed": 3}),
    (NewSeed(8, step=0), {"do": "new-seed", "lane": None, "step": 0, "seed": 8}),
    (Remove(lane="test + copy at 1", step=9), {"do": "remove", "lane": "test + copy at 1", "step": 9}),
    (Restart(), {"do": "restart", "lane": None, "step": 0}),
    (Reach(step=5000), {"do": "reach", "lane": None, "step": 5000}),
]


@pytest.mark.parametrize(("action", "written"), ACTIONS, ids=[str(w["do"]) for _, w in ACTIONS])
def test_every_action_goes_to_json_and_comes_back_unchanged(
    action: SessionAction, written: dict[str, object]
) -> None:
    text = msgspec.json.encode(action)
    assert msgspec.json.decode(text) == written
    assert msgspec.json.decode(text, type=SessionAction) == action


def test_an_action_of_a_file_needs_no_lane_and_no_step() -> None:
    text = b'{"do": "add-noise", "std": 0.5, "seed": 1}'
    assert msgspec.json.decode(text, type=SessionAction) == AddNoise(0.5, 1)


@pytest.mark.parametrize("text", [b'{"do": "dance"}', b'{"do": "restart", "speed": 3}', b"{}"])
def test_what_is_no_action_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=SessionAction)


def test_an_edit_without_a_lane_is_done_in_every_lane() -> None:
    lab, _ = perform(
        replay(SMALL, [Reach(step=20), AddNoise(0.1, 1, step=20)]), SetWeight(1, 0, 0, 2.0, step=10)
    )
    assert [lane.name for lane in lab.lanes] == [
        "test",
        "test + noise 0.1 at 20",
        "test + nudge at 10",
        "test + nudge at 10 (2)",
    ]


def test_an_edit_that_does_not_fit_every_lane_is_done_in_none() -> None:
    lab = replay(SMALL, [AddNoise(0.1, 1)])
    with pytest.raises(InitscopeError):
        perform(lab, SetWeight(9, 0, 0, 2.0))
    assert len(lab.lanes) == 2


def test_remove_needs_the_name_of_a_lane() -> None:
    with refused("remove: give the name of a lane"):
        perform(Lab(SMALL), Remove())


def test_an_action_is_logged_with_the_step_it_was_done_at() -> None:
    lab = Lab(SMALL)
    lab.train(5)
    _, done = perform(lab, SetWeight(1, 0, 0, 2.0, lane="test", step=99))
    assert done == SetWeight(1, 0, 0, 2.0, lane="test", step=5)


def test_of_steps_in_a_row_only_the_last_one_is_logged() -> None:
    log = ActionLog()
    for step in (0, 3, 9, 9, 4):
        log.reach(step)
    assert log.actions == (Reach(step=9),)
    log.add(Restart(), 0)
    log.reach(4)
    assert log.actions == (Reach(step=9), Restart(), Reach(step=4))


# The log of a running thread


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
    expected = replay(SMALL, _from_file(runner)).snapshot()
    assert [type(action) for action in runner.log.actions] == [
        Reach, SetWeight, CopyNeuron, AddNoise, Remove, Reach,
    ]  # fmt: skip
    assert expected.step == expected.last_step == shown.step == shown.last_step
    for one, other in zip(shown.lanes, expected.lanes, strict=True):
        assert one.name == other.name
        assert same_bits(one.theta, other.theta)
        assert same_bits(one.loss_curve.low, other.loss_curve.low)


def test_another_seed_and_a_restart_can_be_done_again(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(50))
    at_rest(runner, AddNoise(1e-3, 5, lane="test", step=0))
    shown = at_rest(runner, NewSeed(9))
    assert (shown.opening, shown.experiment.seed, shown.step, len(shown.lanes)) == (2, 9, 0, 1)
    at_rest(runner, MoveTo(20))
    at_rest(runner, AddNoise(1e-3, 5, lane="test", step=10))
    at_rest(runner, Restart())
    shown = at_rest(runner, MoveTo(30))
    expected = replay(SMALL, _from_file(runner)).snapshot()
    assert [lane.name for lane in expected.lanes] == ["test"]
    assert same_bits(expected.lanes[0].theta, shown.lanes[0].theta)


def _from_file(runner: Runner) -> list[SessionAction]:
    return msgspec.json.decode(msgspec.json.encode(runner.log.actions), type=list[SessionAction])


def test_a_refused_action_is_not_logged(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    runner.send(SetWeight(9, 0, 0, 1.0, lane="test"))
    assert isinstance(next_letter(runner.mailbox), Failure)
    assert runner.log.actions == ()


def test_opening_begins_a_new_log(runner: Runner) -> None:
    at_rest(runner, Open(SMALL, 1))
    at_rest(runner, MoveTo(5))
    assert runner.log.actions == (Reach(step=5),)
    at_rest(runner, Open(SMALL, 2))
    assert runner.log.actions == ()
