"""Talks to a training thread as the window does, and waits for its letters."""

from __future__ import annotations

import threading
from time import monotonic

import pytest

from engine.experiments.experiment import Experiment
from engine.report.snapshot import Activity, Snapshot
from engine.session.commands import (
    Command,
)
from engine.session.lab import Lab
from engine.session.mailbox import Letter, Mailbox
from engine.session.runner import Runner
from tests.builders import experiment, layer, same_bits

PATIENCE = 20.0
"""Seconds after which a letter that has not come will not come."""

SMALL = experiment(layer(4, "tanh"), layer(1), steps=10**9)
TWO_OUTPUTS = experiment(layer(4, "tanh"), layer(2), steps=10**9)
"""An experiment that its data refuses: two outputs for one target."""


def running() -> list[threading.Thread]:
    """Return the training threads that are alive."""
    return [thread for thread in threading.enumerate() if thread.name == "training"]


def next_letter(mailbox: Mailbox[Command], seconds: float = PATIENCE) -> Letter | None:
    """Take the next letter and count it as shown; None if there is none within some seconds."""
    with mailbox._condition:  # pyright: ignore[reportPrivateUsage]
        mailbox._condition.wait_for(lambda: mailbox._letters, timeout=seconds)  # pyright: ignore[reportPrivateUsage]
    found = mailbox.take()
    mailbox.shown()
    return found


def letter(runner: Runner) -> Letter:
    """Return the next letter."""
    found = next_letter(runner.mailbox)
    assert found is not None, "no letter came"
    return found


def snapshot(runner: Runner) -> Snapshot:
    """Return the next letter, which is a snapshot."""
    found = letter(runner)
    assert isinstance(found, Snapshot), found
    return found


def snapshot_at_rest(runner: Runner) -> Snapshot:
    """Return the first snapshot of a thread that has nothing more to do."""
    while (found := snapshot(runner)).activity is not Activity.IDLE:
        pass
    return found


def after(runner: Runner, command: Command) -> Snapshot:
    """Send a command and return what is shown when it is done."""
    runner.send(command)
    return snapshot_at_rest(runner)


def taken_but_not_shown(runner: Runner) -> Snapshot:
    """Return the next letter, a snapshot, without letting the thread go on."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        found = runner.mailbox.take(PATIENCE)
        if found is not None:
            assert isinstance(found, Snapshot), found
            return found
    pytest.fail("no letter came")


def assert_shows(found: Snapshot, chosen: Experiment) -> None:
    """Compare a snapshot with a laboratory without a thread."""
    lab = Lab(chosen)
    lab.train(found.step)
    for lane, expected in zip(found.lanes, lab.snapshot().lanes, strict=True):
        assert same_bits(lane.theta, expected.theta)
        assert same_bits(lane.gradient, expected.gradient)
        assert lane.loss == expected.loss
