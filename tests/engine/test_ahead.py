"""Training in a thread of its own while others look: the same bits, at every moment, as if nobody had looked."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.native.driver import Call, DriverError, load_driver
from engine.report.probes import Probes
from engine.session.commands import MoveTo, Open, Pause, Play
from engine.session.lab import Lab
from engine.session.mailbox import Failure
from engine.session.runner import FLAT_OUT, Runner
from engine.training.edits import SetWeight
from tests.builders import experiment, layer, same_bits
from tests.command_line import ROOT

from .recorded_lanes import EXPERIMENTS, assert_same_lane, every_budget, every_experiment
from .runners import after, assert_shows, letter, snapshot, snapshot_at_rest

pytestmark = pytest.mark.skipif(load_driver() is None, reason="the driver was not compiled here")

STEPS = 5_000
ASKED = Probes(change=True, gradients=True, scores=True)


def follow_to_the_end(lab: Lab) -> None:
    while lab.follow():
        lab.snapshot(probes=ASKED)
    lab.land()


@every_experiment
@every_budget
def test_what_is_recorded_is_the_same_bits_whoever_looks_meanwhile(name: str, budget: int) -> None:
    ahead, alone = Lab(EXPERIMENTS[name], budget=budget), Lab(EXPERIMENTS[name], budget=budget)
    ahead.train(7)
    ahead.go_ahead(STEPS - 7)
    follow_to_the_end(ahead)
    alone.train(STEPS)
    assert ahead.step == ahead.last_step == STEPS
    for one, other in zip(ahead.lanes, alone.lanes, strict=True):
        assert same_bits(one.trainer.theta, other.trainer.theta)
        assert same_bits(one.history.losses, other.history.losses)
        assert (one.history.length, one.history.stride) == (other.history.length, other.history.stride)
        count = one.history.keyframes
        states = [lane.history.states(0, count, lane.history.stride) for lane in (one, other)]
        assert same_bits(*states)
    for step in (0, 7, 1234, STEPS):
        ahead.move(step)
        alone.move(step)
        assert_same_lane(ahead.snapshot().lanes[0], alone.snapshot().lanes[0])


def test_every_picture_meanwhile_is_that_of_a_run_which_went_no_further() -> None:
    chosen = msgspec.structs.replace(open_target("columns"), steps=10**9)
    lab = Lab(chosen)
    seen = [lab.snapshot()]
    lab.go_ahead(10**9)
    seen.append(lab.snapshot(probes=ASKED))
    while len(seen) < 8 or seen[-1].step < 1000:
        lab.follow()
        seen.append(lab.snapshot(probes=ASKED))
    lab.land()
    assert [shown.step for shown in seen] == sorted(shown.step for shown in seen)
    fresh = Lab(chosen)
    for shown in seen:
        fresh.train(shown.step - fresh.step)
        for one, other in zip(shown.lanes, fresh.snapshot(probes=ASKED).lanes, strict=True):
            assert_same_lane(one, other)
            assert one.score == other.score
            if one.change is not None and other.change is not None:
                assert same_bits(one.change, other.change)


def test_it_ends_in_the_middle_where_somebody_wants_to() -> None:
    lab = Lab(experiment(layer(4, "tanh"), layer(1)))
    lab.go_ahead(10**9)
    while lab.follow() and lab.last_step < 100:
        pass
    lab.land()
    lab.land()
    assert not lab.is_ahead
    assert 100 <= lab.step == lab.last_step < 10**9
    lab.train(50)
    fresh = Lab(experiment(layer(4, "tanh"), layer(1)))
    fresh.train(lab.step)
    assert same_bits(lab.lanes[0].trainer.theta, fresh.lanes[0].trainer.theta)


def test_only_lanes_that_need_nothing_but_the_driver_go_ahead() -> None:
    batches = experiment(layer(4, "tanh"), layer(1), batch={"size": 2})
    assert Lab(experiment(layer(4, "tanh"), layer(1))).may_go_ahead
    assert not Lab(batches).may_go_ahead, "batches are drawn"


def test_what_the_driver_cannot_do_is_told_by_whoever_lands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then all lanes begin again: their weights may be those of half a step."""
    run_to_end = Call.run_to_end

    def fail(call: Call, _: int) -> None:
        run_to_end(call, 20)
        raise DriverError(-3)

    chosen = experiment(layer(4, "tanh"), layer(1))
    lab, fresh = Lab(chosen), Lab(chosen)
    lab.train(10)
    with monkeypatch.context() as patch:
        patch.setattr(Call, "run_to_end", fail)
        lab.go_ahead(100)
        with pytest.raises(DriverError):
            lab.land()
    assert (lab.is_ahead, lab.step, lab.last_step) == (False, 0, 0)
    for one in (lab, fresh):
        one.train(50)
    assert same_bits(lab.lanes[0].trainer.theta, fresh.lanes[0].trainer.theta)
    assert same_bits(lab.lanes[0].history.losses, fresh.lanes[0].history.losses)


# Under the training thread


def played(runner: Runner, chosen: Experiment, steps: int = 500) -> None:
    after(runner, Open(chosen, 1))
    runner.send(Play(FLAT_OUT))
    while snapshot(runner).step < steps:
        pass


def unlimited(target: str) -> Experiment:
    return msgspec.structs.replace(open_target(target), steps=10**9)


def test_a_pause_shows_the_newest_step_of_all_lanes(runner: Runner) -> None:
    played(runner, unlimited("columns"))
    shown = after(runner, Pause())
    assert shown.step == shown.last_step
    assert_shows(shown, unlimited("columns"))


def test_who_goes_back_meanwhile_sees_that_step(runner: Runner) -> None:
    played(runner, unlimited("columns"))
    shown = after(runner, MoveTo(123))
    assert shown.step == 123
    assert_shows(shown, unlimited("columns"))


def test_who_edits_meanwhile_edits_the_step_that_was_meant(runner: Runner) -> None:
    played(runner, unlimited("columns"))
    shown = after(runner, SetWeight(1, 0, 0, 0.5, lane="random", step=200))
    assert (shown.step, len(shown.lanes)) == (200, 4)


def test_it_stops_at_the_planned_end(runner: Runner) -> None:
    chosen = msgspec.structs.replace(open_target("columns"), steps=3_000)
    after(runner, Open(chosen, 1))
    runner.send(Play(FLAT_OUT))
    shown = snapshot_at_rest(runner)
    assert shown.step == shown.last_step == 3_000
    assert_shows(shown, chosen)


def test_a_picture_that_fails_ends_training(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    played(runner, unlimited("columns"))

    def fail(*_: object, **__: object) -> None:
        raise ValueError("no picture")

    with monkeypatch.context() as patch:
        patch.setattr(Lab, "_snapshot", fail)
        while not isinstance(found := letter(runner), Failure):
            pass
    assert "no picture" in found.details
    first = after(runner, MoveTo(3))
    assert after(runner, MoveTo(3)).last_step == first.last_step


def test_where_pictures_and_training_fail_together_the_thread_lives_on(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(runner, Open(unlimited("columns"), 1))

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Call, "run_to_end", fail)
        patch.setattr(Lab, "_snapshot", fail)
        runner.send(Play(FLAT_OUT))
        while not isinstance(letter(runner), Failure):
            pass
    runner.send(MoveTo(0))
    while isinstance(found := letter(runner), Failure):
        pass
    assert found.step == 0


def test_a_command_is_obeyed_although_training_had_failed(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DriverError(-3)

    after(runner, Open(unlimited("columns"), 1))
    with monkeypatch.context() as patch:
        patch.setattr(Lab, "land", fail)
        runner.send(Open(unlimited("circles"), 2))
        while not isinstance(letter(runner), Failure):
            pass
    assert len(after(runner, Pause()).lanes) == 4


def test_a_program_that_ends_while_lanes_train_ends_at_once() -> None:
    code = (
        "import msgspec; from engine.session.lab import Lab; from engine.experiments.presets import open_target;"
        "lab = Lab(open_target('columns')); lab.go_ahead(10**12)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
