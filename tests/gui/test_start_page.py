"""The start page: cards with pictures of the experiments, which mouse and keys open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_experiment
from engine.experiments.presets import open_target, preset_names
from engine.insight.previewer import MOST_STARTS, preview_of
from gui.app.application import Laboratory, begin_with, welcome
from gui.app.shot import take_shot
from gui.diagnosis.clinic_words import CLINIC
from gui.look.theme import THEMES
from gui.start.thumbnail import lines_of, thumbnail
from gui.text.words import question_of
from gui.window.settings import Settings

from .conftest import Build
from .test_real_use import press, shown

LEFT = Qt.MouseButton.LeftButton


def opened(qtbot: QtBot, laboratory: Laboratory) -> Laboratory:
    """Return a window whose start page was opened from the menu."""
    laboratory.window.activateWindow()
    qtbot.waitUntil(laboratory.window.isActiveWindow)
    laboratory.window.actions_by_id["start"].trigger()
    assert laboratory.window.start.isVisible()
    return laboratory


def card(laboratory: Laboratory, name: str) -> QWidget:
    found = laboratory.window.findChild(QWidget, f"start.{name}")
    assert found is not None
    return found


def focused(laboratory: Laboratory) -> str:
    widget = laboratory.window.focusWidget()
    return widget.objectName() if widget else ""


def title(laboratory: Laboratory) -> str:
    return laboratory.window.windowTitle()


def test_every_preset_has_a_card_with_its_picture_title_and_question(qtbot: QtBot, build: Build) -> None:
    laboratory = opened(qtbot, build("columns", size=(1280, 720)))
    qtbot.waitUntil(lambda: laboratory.start.is_done)
    for name in [*preset_names(), "new"]:
        labels = card(laboratory, name).findChildren(QLabel)
        assert any(not label.pixmap().isNull() for label in labels)
        assert question_of(name)
        assert question_of(name) in [label.text() for label in labels]
        visible = card(laboratory, name).visibleRegion().boundingRect()
        assert visible == card(laboratory, name).rect(), "all cards are seen without scrolling"


def test_a_click_on_a_card_opens_its_experiment_and_closes_the_page(qtbot: QtBot, build: Build) -> None:
    laboratory = opened(qtbot, build("columns"))
    qtbot.mouseClick(card(laboratory, "zero-gradient"), LEFT)
    qtbot.waitUntil(lambda: title(laboratory).startswith("zero-gradient"))
    assert not laboratory.window.start.isVisible()
    assert not laboratory.window.editor.isVisible()


def test_a_new_experiment_comes_with_the_panel_that_changes_it(qtbot: QtBot, build: Build) -> None:
    laboratory = opened(qtbot, build("columns"))
    qtbot.mouseClick(card(laboratory, "new"), LEFT)
    qtbot.waitUntil(lambda: title(laboratory).startswith("new experiment"))
    assert laboratory.window.editor.isVisible()
    assert laboratory.window.actions_by_id["experiment"].isChecked()


def test_keys_go_from_card_to_card_and_never_below_the_page(qtbot: QtBot, build: Build) -> None:
    laboratory = opened(qtbot, build("columns"))
    assert focused(laboratory) == f"start.{preset_names()[0]}"
    seen = [focused(laboratory)]
    for _ in range(45):
        qtbot.keyClick(laboratory.window.focusWidget(), Qt.Key.Key_Tab)
        seen.append(focused(laboratory))
    assert set(seen) == {
        *(f"start.{name}" for name in preset_names()),
        *(f"start.clinic.{name}" for name in CLINIC),
        "start.new",
        "start.open",
        "start.import",
        "start.close",
    }
    card(laboratory, "new").setFocus()
    qtbot.keyClick(laboratory.window.focusWidget(), Qt.Key.Key_Right)
    qtbot.keyClick(laboratory.window.focusWidget(), Qt.Key.Key_N)
    card(laboratory, "new").setFocus()
    qtbot.keyClick(laboratory.window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: title(laboratory).startswith("new experiment"))
    assert shown(laboratory).step == 0


def test_esc_closes_the_page_and_nothing_else(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.display.enlarge("loss")
    opened(qtbot, laboratory)
    qtbot.keyClick(laboratory.window.focusWidget(), Qt.Key.Key_Escape)
    assert not laboratory.window.start.isVisible()
    assert laboratory.display.state.enlarged == "loss"
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)


def test_recent_files_stand_on_the_page(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    path = tmp_path / "mine & yours.json"
    path.write_bytes(encode_experiment(open_target("zero-gradient")))
    settings = Settings(tmp_path / "settings.json")
    settings.add_recent(path)
    laboratory = build("columns")
    begin_with(laboratory, settings)
    [button] = opened(qtbot, laboratory).window.start.files
    assert button.text() == "mine && yours"
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: title(laboratory).startswith("mine & yours.json[*] – zero-gradient"))


def test_the_notes_of_the_shown_experiment_can_be_read(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    press(qtbot, laboratory, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    notes = laboratory.window.notes
    qtbot.waitUntil(notes.isVisible)
    for name in ("columns", "zero-gradient"):
        laboratory.window.target_requested.emit(name)
        experiment = open_target(name)
        qtbot.waitUntil(lambda experiment=experiment: notes.title.text() == experiment.title)
        assert notes.notes.toPlainText() == experiment.notes


def test_it_welcomes_once(build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    for expected in (True, False):
        welcome(laboratory, Settings(tmp_path / "settings.json"))
        assert laboratory.window.start.isVisible() is expected
        laboratory.window.start.hide()


@pytest.mark.parametrize("name", preset_names())
def test_pictures_show_data_and_starts_as_they_are(qapp: QApplication, name: str) -> None:
    experiment = open_target(name)
    preview = preview_of(experiment)
    assert [start.name for start in preview.starts] == [v.name for v in experiment.variants][:MOST_STARTS]
    light, dark = (thumbnail(preview, theme).toImage() for theme in THEMES.values())
    assert light != dark


def test_names_of_starts_that_are_too_long_for_a_line_have_two(qapp: QApplication) -> None:
    metrics = QFontMetricsF(qapp.font())
    width = metrics.horizontalAdvance("rand-raw") + 1
    assert lines_of("rand-raw-pixels", metrics, width) == ["rand-raw", "-pixels"]
    assert lines_of("xavier", metrics, width) == ["xavier"]
    assert lines_of("no_hyphen_anywhere", metrics, width) == ["no_hyphen_anywhere"]


def test_a_picture_of_the_window_has_the_panels_that_were_asked_for(qtbot: QtBot, tmp_path: Path) -> None:
    taken = []
    for panels in ((), ("start",), ("health",)):
        path = tmp_path / f"window{''.join(panels)}.png"
        how: Any = {"steps": 0, "size": (900, 700), "theme": "light", "path": path, "panels": panels}
        assert take_shot(open_target("zero-gradient"), **how) is None
        taken.append(path.read_bytes())
    assert len(set(taken)) == 3
