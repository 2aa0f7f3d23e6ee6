"""Short codes through the clipboard, and the files that were opened or saved last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_code, encode_experiment
from engine.experiments.presets import open_target
from engine.session.session_file import open_session
from gui.app.application import Laboratory, begin_with
from gui.window.settings import LONGEST_RECENT, MAX_BYTES, MOST_RECENT, Settings

from .conftest import Build
from .test_real_use import press, save_as

CONTROL = Qt.KeyboardModifier.ControlModifier


def title(laboratory: Laboratory) -> str:
    return laboratory.window.windowTitle()


def said(laboratory: Laboratory) -> str:
    return laboratory.window.notice.text.text()


def recent(laboratory: Laboratory) -> list[QAction]:
    """Return the entries of the menu as it is when it opens."""
    menu = laboratory.window.findChild(QMenu, "menu.recent")
    assert menu is not None
    menu.aboutToShow.emit()
    return menu.actions()


def test_an_experiment_goes_through_the_clipboard_as_a_short_code(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.window.actions_by_id["copy_code"].trigger()
    copied = QApplication.clipboard().text()
    assert copied == encode_code(open_target("columns"))
    assert said(laboratory) == f"The short code is in the clipboard: {len(copied)} characters."
    QApplication.clipboard().setText(f"> {encode_code(open_target('circles'))}\n")
    press(qtbot, laboratory, Qt.Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: title(laboratory).startswith("circles"))
    assert not recent(laboratory), "a code is no file"


def test_pasting_something_else_is_said_and_changes_nothing(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    for pasted, answer in (
        ("hello", "There is no short code in the clipboard; …"),
        ("initscope1:AAAA", "the short code is not complete or was altered; …"),
    ):
        QApplication.clipboard().setText(pasted)
        press(qtbot, laboratory, Qt.Key.Key_V, CONTROL)
        qtbot.waitUntil(lambda answer=answer: said(laboratory).startswith(answer[:-1]))
    assert title(laboratory).startswith("columns")


def test_saved_and_opened_files_can_be_opened_again_and_those_that_are_gone_forgotten(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    saved, other = tmp_path / "saved & kept.json", tmp_path / "other.json"
    other.write_bytes(encode_experiment(open_target("circles")))
    press(qtbot, laboratory, Qt.Key.Key_S, CONTROL)
    save_as(qtbot, laboratory, saved)
    assert title(laboratory) == "saved & kept.json[*] – columns – Initscope"
    laboratory.window.target_requested.emit(str(other))
    qtbot.waitUntil(lambda: title(laboratory) == "other.json[*] – circles – Initscope")
    assert [action.data() for action in recent(laboratory)] == [str(other), str(saved)]
    recent(laboratory)[1].trigger()
    qtbot.waitUntil(lambda: title(laboratory).startswith("saved & kept.json"))
    other.unlink()
    assert [action.text() for action in recent(laboratory)[:2]] == ["saved && kept.json", "other.json (gone)"]
    for choose in (
        recent(laboratory)[1].trigger,
        lambda: laboratory.window.start.file_chosen.emit(str(other)),
    ):
        laboratory.window.notice.hide()
        laboratory.window.start.show()
        choose()
        assert said(laboratory) == f"{other} is no longer there: it was moved, renamed or deleted."
        assert laboratory.window.notice.isVisible()
        assert not laboratory.window.start.isVisible(), "it would cover what is said"
    recent(laboratory)[-1].trigger()
    assert [action.data() for action in recent(laboratory)] == [str(saved)]


def test_ctrl_s_saves_in_the_session_file_that_is_open_and_leaves_an_experiment_file_as_it_is(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory, path, session = build("columns"), tmp_path / "mine.json", tmp_path / "mine session.json"
    window = laboratory.window
    path.write_bytes(encode_experiment(open_target("circles")))
    before = path.read_bytes()
    window.target_requested.emit(str(path))
    qtbot.waitUntil(lambda: title(laboratory).startswith("mine.json"))
    for lane in ("zeros", "large"):
        window.lane_menu.hidden.emit(lane)
        qtbot.waitUntil(window.isWindowModified)
        press(qtbot, laboratory, Qt.Key.Key_S, CONTROL)
        if lane == "zeros":
            dialog = window.findChild(QFileDialog, "file_dialog")
            assert dialog is not None
            assert dialog.windowTitle() == "Save as a session; the experiment file mine.json stays as it is"
            assert Path(dialog.selectedFiles()[0]).name == session.name
            save_as(qtbot, laboratory, session)
        qtbot.waitUntil(lambda: not window.isWindowModified())
        assert [action.lane for action in open_session(str(session)).actions][-1] == lane
        assert title(laboratory) == "mine session.json[*] – circles – Initscope"
    assert path.read_bytes() == before
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the dialog before
    window.actions_by_id["save_as"].trigger()
    [dialog] = window.findChildren(QFileDialog)
    assert (dialog.windowTitle(), dialog.selectedFiles()) == ("Save", [str(session)])
    dialog.reject()
    window.target_requested.emit("columns")
    qtbot.waitUntil(lambda: title(laboratory) == "columns[*] – Initscope")


def test_the_next_window_knows_the_files(build: Build, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    settings.add_recent(tmp_path / "first.json")
    laboratory = build("columns")
    begin_with(laboratory, Settings(tmp_path / "settings.json"))
    assert [action.data() for action in recent(laboratory)][:1] == [str(tmp_path / "first.json")]


def test_the_list_has_bounds_and_each_file_once(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")
    for number in [*range(20), 15]:
        settings.add_recent(tmp_path / f"{'鳥' * 800}{number}.json")
    settings.add_recent(tmp_path / ("x" * LONGEST_RECENT))
    settings.add_recent(Path("/\udcff"))
    again = Settings(tmp_path / "settings.json")
    assert [name[-7:] for name in again.recent[:3]] == ["15.json", "19.json", "18.json"]
    assert len(again.recent) == MOST_RECENT
    assert (tmp_path / "settings.json").stat().st_size < MAX_BYTES
