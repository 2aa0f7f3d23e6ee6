"""A person without a mouse sees where the keyboard is: every part that Tab reaches looks different while it has it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from gui.look.theme import THEMES

from .conftest import Build

FAR, ENOUGH = 90, 12
"""How far apart the colours of a pixel are told at a glance, in red, green and blue together; how many have to be."""


def pixels_apart(first: QImage, second: QImage) -> int:
    """Return how many pixels of two pictures of one size are told apart at a glance."""
    pairs = (
        (first.pixelColor(x, y), second.pixelColor(x, y))
        for x in range(first.width())
        for y in range(first.height())
    )
    return sum(
        abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue()) > FAR
        for one, other in pairs
    )


def name_of(widget: QWidget) -> str:
    return widget.objectName() or widget.accessibleName() or type(widget).__name__


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", ["why", "health", "small"])
def test_every_part_that_tab_reaches_shows_the_focus(build: Build, theme: str, page: str) -> None:
    laboratory = build("columns", theme=theme)
    window = laboratory.window
    laboratory.display.set_side(True)
    laboratory.display.set_page(page)
    window.activateWindow()
    window.setFocus()
    QApplication.processEvents()
    reached: list[QWidget] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        QApplication.processEvents()
        part = QApplication.focusWidget()
        if part is None or part in reached:
            break
        reached.append(part)
    names = {name_of(part) for part in reached}
    assert {"transport.play", "timeline.step", "timeline.slider", "lane.0.alarms", "curves.log"} <= names
    unseen = [
        name_of(part) for part in reached if not isinstance(part, QScrollArea) and not _shows_focus(part)
    ]
    assert not unseen


def _shows_focus(part: QWidget) -> bool:
    part.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    focused = part.grab().toImage()
    part.clearFocus()
    QApplication.processEvents()
    return pixels_apart(focused, part.grab().toImage()) >= ENOUGH


def test_boxes_are_used_by_keys_alone(build: Build) -> None:
    laboratory = build("columns")
    laboratory.display.set_side(True)
    QApplication.processEvents()
    box = laboratory.window.side.why.lane
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentIndex() == 1
    box.showPopup()
    QTest.keyClick(box.view(), Qt.Key.Key_Down)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    assert box.currentIndex() == 2
    assert not box.view().isVisible()
    assert box.hasFocus()


def test_space_presses_the_button_that_has_the_focus_and_else_plays(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    window, play = laboratory.window, laboratory.window.actions_by_id["play"]
    window.activateWindow()
    log = window.curves.log
    log.setFocus(Qt.FocusReason.TabFocusReason)
    before = laboratory.display.state.log_loss
    QTest.keyClick(log, Qt.Key.Key_Space)
    assert laboratory.display.state.log_loss is not before
    assert "Play" in play.text()
    log.clearFocus()
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "Pause" in play.text())
