"""A run that leaves the finite numbers is a result: it says when, in which layer and at which instruction."""

from __future__ import annotations

import numpy as np
import pytest

from engine.report.snapshot import Activity, Snapshot
from engine.session.commands import Open, Play
from engine.session.lab import Lab
from engine.session.runner import FLAT_OUT, Runner
from engine.training.divergence import locate_divergence
from engine.training.loop import Calls, train
from tests.builders import experiment, layer, run_variant, trainer_of
from tests.engine.runners import next_letter

EXPLOSION = {"loss": {"kind": "squared-error"}, "optimizer": {"kind": "sgd", "learning_rate": 30.0}}


def exploding(**fields: object):
    return experiment(layer(5, "relu"), layer(1, "identity"), **{**EXPLOSION, "steps": 500, **fields})


def plain_run(steps: int) -> int:
    """Return the number of the first update after which a parameter is not finite."""
    trainer = trainer_of(exploding())
    with np.errstate(all="ignore"):
        for step in range(steps):
            trainer.advance()
            if not np.isfinite(trainer.theta).all():
                return step
    raise AssertionError("the run is meant to diverge")


def test_the_result_names_the_step_the_layer_and_the_instruction() -> None:
    result = run_variant("x", exploding(), 500, 100)
    assert result.report["status"] == "diverged"
    assert result.report["steps"] == 500, "the run goes on"
    found = result.report["diverged"]
    assert found["step"] == plain_run(500)
    assert found["layer"] in (1, 2)
    assert found["formula"]


def test_every_loss_of_a_diverging_run_is_that_of_its_own_step() -> None:
    trainer = trainer_of(exploding())
    losses: list[float] = []
    train(Calls([trainer.advance, lambda: losses.append(trainer.loss)]), 0, 500)
    result = run_variant("x", exploding(), 500, 1)
    assert result.report["status"] == "diverged"
    np.testing.assert_array_equal(result.report["curve"]["loss"], losses)


def test_the_run_stops_where_the_experiment_wants_it() -> None:
    result = run_variant("x", exploding(on_divergence="stop"), 500, 10)
    first = result.report["diverged"]["step"]
    assert first == plain_run(500)
    assert first < result.report["steps"] < 500


def test_the_instruction_is_the_first_whose_result_is_not_finite() -> None:
    trainer = trainer_of(exploding())
    found = locate_divergence(trainer, trainer.initial_state, 0)
    trainer.restore(trainer.initial_state, 0)
    with np.errstate(all="ignore"):
        for _ in range(found.step):
            trainer.advance()
        for instruction in trainer.instructions():
            instruction.call()
            if not np.isfinite(trainer.step.tape.arrays[instruction.target]).all() and instruction.layer:
                break
    assert (instruction.layer, instruction.formula) == (found.layer, found.formula)


@pytest.mark.parametrize("budget", [2**26, 2000])
def test_a_lane_finds_its_divergence_whatever_was_recorded(budget: int) -> None:
    lab = Lab(exploding(), budget=budget)
    lab.train(400)
    lane = lab.snapshot().lanes[0]
    assert lane.divergence is not None
    assert lane.divergence.step == plain_run(500)
    lab.move(0)
    assert np.isfinite(lab.snapshot().lanes[0].theta).all(), "the past is still there"


def test_a_finite_run_has_no_divergence_even_if_its_loss_was_infinite() -> None:
    of_outputs = {"kind": "binary-cross-entropy", "computed_from": "outputs"}
    lab = Lab(experiment(layer(4, "relu", {"kind": "normal", "std": 1000.0}), layer(1), loss=of_outputs))
    lab.train(3)
    assert np.isinf(lab.lanes[0].history.losses).any()
    assert lab.snapshot().lanes[0].divergence is None


def test_playing_stops_when_the_experiment_says_so() -> None:
    runner = Runner()
    runner.start()
    try:
        runner.send(Open(exploding(on_divergence="stop", steps=100_000), 1))
        next_letter(runner.mailbox, 60)
        runner.send(Play(FLAT_OUT))
        letter = next_letter(runner.mailbox, 60)
        while isinstance(letter, Snapshot) and letter.activity is Activity.PLAYING:
            letter = next_letter(runner.mailbox, 60)
        assert isinstance(letter, Snapshot)
        assert letter.lanes[0].divergence is not None
        assert letter.last_step < 100_000
    finally:
        runner.stop()
