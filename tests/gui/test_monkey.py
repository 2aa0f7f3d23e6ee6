"""Random hands find no way to break the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.exceptions import capture_exceptions, format_captured_exceptions

from .conftest import Build
from .monkey import Monkey

OFF_TARGET = pytest.mark.qt_log_ignore(r"Mouse event .* not accepted by receiving widget")
"""QTest says so where a click means nothing, and random hands click there, too."""


def play(build: Build, folder: Path, seed: int, actions: int, chunk: int = 1) -> None:
    """Let a monkey do so many actions; after each it is asked whether the program failed."""
    files = folder / "files"
    files.mkdir()
    laboratory = build()
    monkey = Monkey(laboratory, seed, files)
    for _ in range(0, actions, chunk):
        with capture_exceptions() as exceptions:
            monkey.act(chunk)
        assert not exceptions, f"after\n{monkey.story}\n{format_captured_exceptions(exceptions)}"


@OFF_TARGET
@pytest.mark.untraced
def test_two_thousand_random_actions_raise_nothing_say_nothing_and_leave_nothing_behind(
    build: Build, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    play(build, tmp_path, seed=1, actions=2_000)
    assert capfd.readouterr().err == ""


@OFF_TARGET
@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(100, 110))
def test_fifty_thousand_random_actions(
    build: Build, tmp_path: Path, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    play(build, tmp_path, seed=seed, actions=5_000)
    assert capfd.readouterr().err == ""
