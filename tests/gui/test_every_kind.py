"""Every kind of every registry is chosen in the real window, trained by the real runner, saved and loaded unchanged."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_experiment
from engine.report.snapshot import Activity
from engine.session.session_file import Session, encode_session, open_session
from gui.app.application import Laboratory
from gui.forms.kind_row import KindRow
from tests.builders import experiment, layer

from .conftest import Build
from .test_experiment_panel import PATHS
from .test_real_use import shown

BASE = experiment(layer(3), layer(1))
STEP = 2


def is_trained(laboratory: Laboratory) -> bool:
    snapshot = shown(laboratory)
    return snapshot.step == STEP and snapshot.activity is Activity.IDLE


def row_of(laboratory: Laboratory, path: str) -> KindRow:
    [row] = [
        row
        for row in laboratory.window.editor.findChildren(KindRow)
        if row.field.path == path and row.isVisibleTo(laboratory.window.editor)
    ]
    return row


def begin(qtbot: QtBot, laboratory: Laboratory) -> None:
    """Open the small experiment again, and go to the step."""
    before = shown(laboratory).opening
    laboratory.training.open(Session(BASE))
    qtbot.waitUntil(lambda: shown(laboratory).opening > before)
    laboratory.training.go_to(STEP)
    qtbot.waitUntil(lambda: is_trained(laboratory))


def choose_next(qtbot: QtBot, laboratory: Laboratory, row: KindRow, key: Qt.Key) -> bool:
    """Choose the next kind by an arrow key and wait until it is trained; return whether there is one."""
    before, log = row.box.currentIndex(), laboratory.training.log
    qtbot.keyClick(row.box, key)
    if row.box.currentIndex() == before:
        return False
    if not row.field.choices[row.box.currentIndex()].needs:  # otherwise it waits for the name of a file
        qtbot.waitUntil(lambda: laboratory.training.log is not log)
        qtbot.waitUntil(lambda: is_trained(laboratory))
    return True


def value_at(found: Any, path: str) -> Any:
    for key in path.split("."):
        found = found[int(key)] if key.isdecimal() else getattr(found, key)
    return found


def assert_kept(laboratory: Laboratory, path: Any) -> None:
    """Save the session, and expect what is read back to be what is shown."""
    session = laboratory.training.session
    assert session is not None
    path.write_bytes(encode_session(session))
    found = open_session(str(path))
    assert found == session
    assert found.recipe().experiment == shown(laboratory).experiment
    path.write_bytes(encode_experiment(session.as_experiment()))
    assert open_session(str(path)).experiment == session.as_experiment()


def test_every_kind_is_chosen_trained_saved_and_loaded_unchanged(
    qtbot: QtBot, build: Build, tmp_path: Any
) -> None:
    laboratory = build("columns")
    laboratory.display.set_editor(True)
    told = set[str]()
    for path in PATHS:
        begin(qtbot, laboratory)
        qtbot.waitUntil(lambda path=path: row_of(laboratory, path).isVisible())  # type: ignore[misc]
        row = row_of(laboratory, path)
        choices = {str(value) for value in _kinds(laboratory, path)}
        row.box.setFocus()
        seen = {_kind(laboratory, path)}
        for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            while choose_next(qtbot, laboratory, row, key):
                if _kind(laboratory, path) not in seen:
                    assert_kept(laboratory, tmp_path / "session.json")
                seen.add(_kind(laboratory, path))
        told |= {f"{path}: {kind}" for kind in choices - seen}
    assert told == set()


def _kind(laboratory: Laboratory, path: str) -> str:
    value = value_at(shown(laboratory).experiment, path)
    return "None" if value is None else str(value.__struct_config__.tag)


def _kinds(laboratory: Laboratory, path: str) -> list[Any]:
    """Return the kinds that can be chosen at a path without a file."""
    choices = row_of(laboratory, path).field.choices
    return [
        None if one.value is None else one.value["kind"] for one in choices if not (one.refused or one.needs)
    ]
