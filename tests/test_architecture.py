"""The rules of the house, checked by the tools that know them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tools

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", autouse=True)
def checks() -> Iterator[None]:
    """Let all checks run at the same time."""
    tools.start()
    yield
    tools.stop()


@pytest.mark.parametrize("check", tools.COMMANDS)
def test_the_code_passes_the_checks_of_its_tools(check: str) -> None:
    """Form and habits: ruff. Types, strict in the engine: pyright. Rooms on floors, no Qt below: import-linter."""
    code, printed = tools.answer(check)
    assert code == 0, printed


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


def test_no_event_waits_for_the_interpreter_because_of_a_filter() -> None:
    """A filter in Python is called for every event, and waits each time until the training thread pauses."""
    users = [p.name for p in (ROOT / "gui").rglob("*.py") if "installEventFilter" in p.read_text("utf-8")]
    assert not users


def rooms() -> dict[str, list[str]]:
    """Return the names of the modules of every folder of the program, `__init__` aside."""
    folders = [path.parent for package in ("engine", "gui") for path in (ROOT / package).rglob("__init__.py")]
    return {
        folder.relative_to(ROOT).as_posix(): [p.stem for p in folder.glob("*.py") if p.stem != "__init__"]
        for folder in folders
    }


def test_modules_stand_in_rooms_and_a_room_has_three_to_nine() -> None:
    found = rooms()
    assert not found.pop("engine")
    assert not found.pop("gui")
    assert not {room: names for room, names in found.items() if not 3 <= len(names) <= 9}


def test_no_two_modules_have_the_same_name() -> None:
    counts = Counter(name for names in rooms().values() for name in names)
    assert not [name for name, number in counts.items() if number > 1]


def test_nobody_but_the_compiler_knows_what_arrays_are_called_on_a_tape() -> None:
    """Others ask a step for them: `step.layers[1].delta` instead of `tape["dZ2"]`."""
    by_name = re.compile(r'tape(\.arrays)?(\[|\.get\()f?"')
    users = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "engine").rglob("*.py")
        if path.parent.name not in {"compile", "tape"} and by_name.search(path.read_text("utf-8"))
    }
    assert not users


def test_every_overridden_event_handler_is_shielded() -> None:
    bare = [
        f"{path}: {function.name}"
        for path in sorted((ROOT / "gui").rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        and function.name.endswith("Event")
        and "shielded" not in map(ast.unparse, function.decorator_list)
    ]
    assert not bare, "what a handler raises would come up in some other call"
