"""Boxes look like what they are: arrows that can be seen in both themes, and lists that mark their current entry."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionComboBox, QStyleOptionSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.look.theme import RESOURCES, THEMES, apply_theme, prepare
from gui.widgets.fields import ChoiceBox, NumberField
from gui.widgets.menu_button import MenuButton
from tests.command_line import ROOT


def shown_boxes(qtbot: QtBot, qapp: object, theme: str) -> tuple[ChoiceBox, NumberField]:
    prepare(qapp)  # pyright: ignore[reportArgumentType]
    window = QWidget()
    box, field = ChoiceBox(window), NumberField(window)
    qtbot.addWidget(window)
    inside = QVBoxLayout(window)
    inside.addWidget(box)
    inside.addWidget(field)
    box.addItems(["zeros", "he"])
    field.setValue(5)
    apply_theme(window, THEMES[theme])
    window.show()
    box._window = field._window = window  # pyright: ignore[reportAttributeAccessIssue] - kept alive
    return box, field


def has_colour(picture: QImage, place: QRect, colour: str) -> bool:
    wanted = QColor(colour).rgb()
    return any(
        picture.pixel(x, y) == wanted
        for x in range(place.left(), place.right() + 1)
        for y in range(place.top(), place.bottom() + 1)
    )


@pytest.mark.parametrize("theme", THEMES)
def test_arrows_are_seen(qtbot: QtBot, qapp: object, theme: str) -> None:
    box, field = shown_boxes(qtbot, qapp, theme)
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxArrow
    place = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box)
    assert has_colour(box.grab().toImage(), place, THEMES[theme].muted)
    turns = QStyleOptionSpinBox()
    field.initStyleOption(turns)
    for part in (QStyle.SubControl.SC_SpinBoxUp, QStyle.SubControl.SC_SpinBoxDown):
        place = field.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, turns, part, field)
        assert has_colour(field.grab().toImage(), place, THEMES[theme].muted)


@pytest.mark.parametrize("theme", THEMES)
def test_an_open_list_marks_its_current_entry(qtbot: QtBot, qapp: object, theme: str) -> None:
    box, _ = shown_boxes(qtbot, qapp, theme)
    box.setCurrentIndex(1)
    box.showPopup()
    view = box.view()
    picture = view.viewport().grab().toImage()
    rows = [view.visualRect(view.model().index(row, 0)) for row in (0, 1)]
    assert [has_colour(picture, row, THEMES[theme].accent) for row in rows] == [False, True]
    box.hidePopup()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["arrow-up", "arrow-down"])
def test_arrows_have_the_muted_colour_of_their_theme(name: str, theme: str) -> None:
    text = (RESOURCES / "icons" / f"{name}-{theme}.svg").read_text("utf-8")
    assert THEMES[theme].muted in text


def test_a_click_on_a_button_with_a_menu_ends_before_somebody_chooses(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    menu = QMenu(parent)
    chosen = menu.addAction("In all lanes")
    button = MenuButton(menu)
    button.setParent(parent)
    parent.show()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert menu.isVisible()
    with qtbot.waitSignal(chosen.triggered):
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    assert not menu.isVisible()


def test_no_button_waits_inside_a_click_until_its_menu_is_closed() -> None:
    for path in (ROOT / "gui").rglob("*.py"):
        assert "setPopupMode" not in path.read_text(encoding="utf-8"), path
