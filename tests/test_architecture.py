"""The rules of the house, checked by the tools that know them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable).parent


def tool(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", ".")])
def test_the_code_has_the_form_and_the_habits_that_ruff_wants(command: tuple[str, ...]) -> None:
    done = tool(*command, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_fit_and_the_engine_is_strict() -> None:
    done = tool("pyright", "--pythonpath", sys.executable)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layers_point_downwards_and_the_engine_knows_no_qt() -> None:
    done = tool("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_too_long_to_read() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for folder in ("engine", "gui")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long


def test_connections_between_objects_stand_in_one_file() -> None:
    """Inside a widget its own parts may be connected; controllers and the window meet in wiring only."""
    for path in (ROOT / "gui" / "controllers").glob("*.py"):
        connects = [line for line in path.read_text("utf-8").splitlines() if ".connect(" in line]
        assert all("dialog" in line for line in connects), f"{path.name}: {connects}"


def test_one_timer_beats_for_the_whole_window() -> None:
    users = [p.name for p in (ROOT / "gui").rglob("*.py") if "QTimer" in p.read_text("utf-8")]
    assert users == ["frame_clock.py"]
