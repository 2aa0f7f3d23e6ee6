"""Files are read in the training thread: the window goes on, and closes, while a large one is opened."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.session import runner
from engine.session.session_file import open_session
from gui.app.application import FIRST_EXPERIMENT
from tests.gui.conftest import Build


def test_the_window_lives_while_a_file_is_read(
    build: Build, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = build()
    may_go_on, readers = threading.Event(), list[str]()

    def read(target: str) -> Any:
        readers.append(threading.current_thread().name)
        assert may_go_on.wait(60)
        return open_session(target)

    monkeypatch.setattr(runner, "open_session", read)
    laboratory.window.target_requested.emit("circles")
    qtbot.waitUntil(lambda: bool(readers))
    assert readers == ["training"]
    with qtbot.waitSignal(laboratory.clock.ticked):
        pass
    assert laboratory.window.windowTitle().startswith("columns")
    may_go_on.set()
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("circles"))


def test_a_file_that_cannot_be_opened_is_said_and_the_shown_experiment_stays(
    build: Build, qtbot: QtBot
) -> None:
    laboratory = build()
    laboratory.window.target_requested.emit("none.json")
    qtbot.waitUntil(laboratory.window.notice.isVisible)
    assert laboratory.window.notice.text.text().startswith("none.json: is neither a file nor")
    assert laboratory.window.windowTitle().startswith("columns")


def test_the_readme_names_the_experiment_with_which_the_program_begins() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
    assert f"*Presets ▸ {FIRST_EXPERIMENT}*, with which the program begins" in readme
