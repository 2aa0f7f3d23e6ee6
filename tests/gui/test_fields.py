"""Boxes, fields and sliders change where somebody means them, and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from gui.panels.transport_bar import SPEEDS

from .conftest import Build
from .test_real_use import shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton
GUI = Path(__file__).resolve().parents[2] / "gui"


def turn_wheel(widget: QWidget, at: QPoint, notches: int) -> None:
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
    turned = QPoint(0, 120 * notches)
    where = QPointF(widget.mapToGlobal(at))
    QApplication.sendEvent(widget, QWheelEvent(QPointF(at), where, QPoint(), turned, *none, False))


def value_of(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QAbstractSpinBox):
        return widget.text()
    assert isinstance(widget, QAbstractSlider)
    return str(widget.value())


@pytest.mark.parametrize("page", ["why", "health"])
def test_the_wheel_changes_no_box_field_or_slider(qtbot: QtBot, build: Build, page: str) -> None:
    laboratory = build("circles")
    laboratory.training.go_to(30)
    wait_for_step(qtbot, laboratory, 30)
    laboratory.training.go_to(10)
    wait_for_step(qtbot, laboratory, 10)
    laboratory.display.set_side(on=True)
    laboratory.display.set_page(page)
    laboratory.window.show_touch()
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].insight is not None)
    kinds = (QComboBox, QAbstractSpinBox, QAbstractSlider)
    found = [
        widget
        for kind in kinds
        for widget in laboratory.window.findChildren(kind)
        if not isinstance(widget, QScrollBar)
    ]
    assert len(found) >= 9
    before = [value_of(widget) for widget in found]
    for widget in found:
        assert widget.focusPolicy() != Qt.FocusPolicy.WheelFocus, "the next key would change it"
        for part in [widget, *widget.findChildren(QWidget)]:
            turn_wheel(part, part.rect().center(), 1)
            turn_wheel(part, part.rect().center(), -2)
    assert [value_of(widget) for widget in found] == before
    laboratory.window.touch.close()


def test_boxes_fields_and_sliders_are_made_in_one_place() -> None:
    bare = [
        f"{path.relative_to(GUI)}: {name}"
        for path in sorted(GUI.rglob("*.py"))
        if path.name != "fields.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in (alias.name for alias in node.names)
        if name in {"QComboBox", "QSpinBox", "QDoubleSpinBox", "QAbstractSpinBox", "QSlider", "QDial"}
    ]
    assert not bare, "they would change under the wheel of somebody who scrolls"


@pytest.mark.parametrize("share", [0.02, 0.25, 0.4, 0.85, 0.98])
def test_a_click_beside_the_handle_of_the_speed_goes_to_the_place_that_was_clicked(
    qtbot: QtBot, build: Build, share: float
) -> None:
    laboratory = build("columns")
    speed = laboratory.window.transport.speed
    speed.setValue(0 if share > 0.5 else speed.maximum())
    handle = 18
    x = round(handle / 2 + share * (speed.width() - handle))
    qtbot.mouseClick(speed, LEFT, pos=QPoint(x, speed.height() // 2))
    assert abs(speed.value() / (len(SPEEDS) - 1) - share) <= 0.1
    assert (speed.value() in {0, len(SPEEDS) - 1}) == (share in {0.02, 0.98})


def test_the_clicked_handle_can_be_dragged_on(qtbot: QtBot, build: Build) -> None:
    speed = build("columns").window.transport.speed
    middle = speed.height() // 2
    qtbot.mousePress(speed, LEFT, pos=QPoint(12, middle))
    slow = speed.value()
    qtbot.mouseMove(speed, QPoint(speed.width() - 8, middle))
    qtbot.mouseRelease(speed, LEFT, pos=QPoint(speed.width() - 8, middle))
    assert (slow, speed.value()) == (0, len(SPEEDS) - 1)


def test_a_click_into_the_timeline_shows_the_step_of_that_place(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.training.go_to(1000)
    wait_for_step(qtbot, laboratory, 1000)
    slider = laboratory.window.transport.slider
    qtbot.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 4, slider.height() // 2))
    qtbot.waitUntil(lambda: abs(shown(laboratory).step - 250) <= 20)
    assert shown(laboratory).last_step == 1000
