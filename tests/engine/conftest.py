"""Training threads that end with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.session.commands import (
    Open,
)
from engine.session.runner import Runner

from .runners import (
    SMALL,
    after,
    running,
)


@pytest.fixture
def idle() -> Iterator[Runner]:
    """Return a runner that was not started; whatever the test does, its thread ends."""
    runner = Runner()
    yield runner
    runner.stop()
    assert not running()


@pytest.fixture
def runner(idle: Runner) -> Runner:
    """Return a started runner that shows step 0 of a small experiment."""
    idle.start()
    assert after(idle, Open(SMALL, opening=1)).step == 0
    return idle
