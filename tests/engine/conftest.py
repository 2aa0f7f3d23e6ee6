"""Training threads that end with the test, and a folder with good files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.session.commands import (
    Open,
)
from engine.session.runner import Runner

from .data_files import IMAGES, LABELS, idx_bytes
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


@pytest.fixture
def digits_folder(tmp_path: Path) -> Path:
    """Four IDX files: five training images of 3 x 2 pixels, and the last three of them as test images."""
    for name, values in (
        ("images", IMAGES),
        ("labels", LABELS),
        ("t-images", IMAGES[2:]),
        ("t-labels", LABELS[2:]),
    ):
        (tmp_path / name).write_bytes(idx_bytes(values))
    return tmp_path
