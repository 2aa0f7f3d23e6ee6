"""Texts of files are shown as they are written: no markup, no pictures, no endless lines."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as Rich
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from gui.look.plain_text import LONGEST_TEXT, shortened, tip
from tests.builders import constant, document, layer

from .conftest import Build

MARKUP = "<img src=zero> <b>bold<b>"


def hostile(folder: Path, text: str) -> Path:
    variants = [{"name": f"{text}{n}", "set": {"seed": n}} for n in range(2)]
    written = document(
        layer(3), layer(1, "sigmoid", constant(0.0)), title=text, notes=text, variants=variants
    )
    path = folder / "hostile <i>name.json"
    path.write_bytes(msgspec.json.encode(written))
    return path


def taken_for_markup() -> list[str]:
    """Return every text of every widget that Qt would take for markup although it is not ours."""
    found: list[str] = []
    for widget in QApplication.allWidgets():
        texts = [widget.toolTip(), widget.whatsThis(), widget.statusTip()]
        if isinstance(widget, QComboBox):
            roles = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.StatusTipRole, Qt.ItemDataRole.WhatsThisRole
            texts += [
                str(widget.itemData(row, role) or "") for row in range(widget.count()) for role in roles
            ]
        if isinstance(widget, QMenu) and widget.toolTipsVisible():
            texts += [action.toolTip() for action in widget.actions()]
        if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText:
            texts.append(widget.text())
        for text in texts:
            if ("<img" in text and Rich.mightBeRichText(text)) or (
                isinstance(widget, QLabel) and "<img" in text
            ):
                found.append(f"{type(widget).__name__} {widget.objectName()}: {text[:80]}")
    return found


@pytest.mark.parametrize("page", ["why", "health", "small"])
def test_titles_notes_and_names_are_never_taken_for_markup(
    qtbot: QtBot, build: Build, tmp_path: Path, page: str
) -> None:
    laboratory = build(str(hostile(tmp_path, MARKUP)))
    laboratory.display.set_side(on=True)
    laboratory.display.set_page(page)
    laboratory.window.show_touch()
    laboratory.window.show_help()
    laboratory.training.step_forward()
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1)
    assert not taken_for_markup()
    laboratory.window.touch.close()


def test_menus_questions_and_dialogs_show_foreign_names_as_they_are_written(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build(str(hostile(tmp_path, MARKUP)))
    window = laboratory.window
    for drawing in (*window.lanes[0].drawings, *window.curves.drawings):
        drawing.context_menu_requested.emit(drawing)
        menu = next(menu for menu in window.findChildren(QMenu, "menu.drawing") if menu.isVisible())
        assert not taken_for_markup()
        menu.close()
    lane = window.lanes[0]
    lane.nudge_requested.emit(NeuronRef(1, 0), 0, 0.5)
    qtbot.waitUntil(lambda: len(window.lanes) == 3)
    window.actions_by_id["new_seed"].trigger()
    question = next(box for box in window.findChildren(QMessageBox, "question") if box.isVisible())
    assert "<img" in f"{question.text()}{question.informativeText()}", "the lane is named"
    assert not taken_for_markup()
    question.button(QMessageBox.StandardButton.Cancel).click()
    for action in ("export_figure", "screenshot", "save", "open"):
        window.actions_by_id[action].trigger()
        dialog = next(found for found in window.findChildren(QFileDialog) if found.isVisible())
        assert not taken_for_markup()
        dialog.reject()
        QApplication.processEvents()


def test_a_rejected_file_and_its_notice_show_no_picture(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    path = tmp_path / "rejected.json"
    written = msgspec.json.encode(document(layer(90), layer(1)))
    path.write_bytes(written.replace(b"90", msgspec.json.encode(MARKUP), 1))
    laboratory.window.target_requested.emit(str(path))
    qtbot.waitUntil(laboratory.window.notice.isVisible)
    assert not taken_for_markup()


def test_texts_of_600_000_characters_are_cut_and_slow_nothing(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.window.show_error("x" * 600_000)
    assert len(laboratory.window.notice.text.text()) <= LONGEST_TEXT + 2
    assert shortened("short") == "short"
    assert tip("1 < 2") == "1 < 2"
    assert "&lt;b&gt;" in tip("<b>bold</b>")


def test_rewinding_a_long_run_asks_and_cancel_keeps_it(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.training.go_to(1000)
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1000)
    laboratory.window.actions_by_id["rewind"].trigger()
    question = laboratory.window.findChild(QMessageBox, "question")
    assert question is not None
    assert "1,000" in question.informativeText()
    question.button(QMessageBox.StandardButton.Cancel).click()
    laboratory.training.step_back()
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 999)

    laboratory.window.actions_by_id["rewind"].trigger()
    question = next(box for box in laboratory.window.findChildren(QMessageBox, "question") if box.isVisible())
    question.button(QMessageBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: laboratory.window.transport.slider.maximum() == 0)


def test_enter_in_the_touch_dialog_presses_no_button(build: Build) -> None:
    touch = build("columns").window.touch
    assert not any(button.autoDefault() for button in (touch.add_noise, touch.copy_neuron, touch.remove))


def test_on_the_way_to_a_far_step_the_button_stops(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.window.transport.step.setValue(900_000_000)
    play = laboratory.window.actions_by_id["play"]
    qtbot.waitUntil(lambda: "Pause" in play.text())
    play.trigger()
    qtbot.waitUntil(lambda: "Play" in play.text())


def test_a_word_without_an_end_does_not_widen_the_window(build: Build) -> None:
    window = build("columns").window
    window.show_error("x" * 5_000)
    QApplication.processEvents()
    assert window.width() == 1280
