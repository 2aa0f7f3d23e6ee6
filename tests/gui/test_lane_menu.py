"""Every lane can be renamed, copied, moved and removed from its own menu, and all of it can be undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from gui.app.application import Laboratory

from .conftest import Build
from .test_real_use import press, shown

LEFT = Qt.MouseButton.LeftButton


def menu_of(qtbot: QtBot, laboratory: Laboratory, lane: int) -> QMenu:
    """Click the button of a lane and return the menu that it opens."""
    qtbot.mouseClick(laboratory.window.lanes[lane].header.menu, LEFT)
    [menu] = [menu for menu in laboratory.window.findChildren(QMenu, "menu.lane") if menu.isVisible()]
    return menu


def choose(qtbot: QtBot, laboratory: Laboratory, lane: int, text: str) -> None:
    menu = menu_of(qtbot, laboratory, lane)
    entry = next(entry for entry in menu.actions() if entry.text() == text)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())


def wait_for(qtbot: QtBot, laboratory: Laboratory, *names: str) -> None:
    qtbot.waitUntil(lambda: [lane.name for lane in laboratory.window.lanes] == list(names))


def test_lanes_are_copied_moved_and_removed_and_undo_brings_them_back(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    choose(qtbot, laboratory, 2, "Duplicate")
    wait_for(qtbot, laboratory, "zeros", "constant-2", "random", "random copy")
    choose(qtbot, laboratory, 3, "Move left")
    wait_for(qtbot, laboratory, "zeros", "constant-2", "random copy", "random")
    choose(qtbot, laboratory, 0, "Remove")
    wait_for(qtbot, laboratory, "constant-2", "random copy", "random")
    for _ in range(3):
        press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, laboratory, "zeros", "constant-2", "random")


@pytest.mark.parametrize(("typed", "name"), [("lazy", "lazy"), ("<b>bold</b> & co", "<b>bold<")])
def test_a_lane_gets_the_name_that_is_typed_or_a_sentence_why_not(
    qtbot: QtBot, build: Build, typed: str, name: str
) -> None:
    laboratory = build("columns")
    choose(qtbot, laboratory, 0, "Rename…")
    [dialog] = laboratory.window.findChildren(QInputDialog, "rename")
    dialog.setTextValue(typed)
    dialog.accept()
    if typed == name:
        wait_for(qtbot, laboratory, name, "constant-2", "random")
        return
    qtbot.waitUntil(laboratory.window.notice.isVisible)  # a slash could stand in no file
    assert "without slashes" in laboratory.window.notice.text.text()
    assert [lane.name for lane in shown(laboratory).lanes] == ["zeros", "constant-2", "random"]


def test_the_last_lane_stays(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    for left in (2, 1):
        choose(qtbot, laboratory, 0, "Remove")
        qtbot.waitUntil(lambda left=left: len(laboratory.window.lanes) == left)
    menu = menu_of(qtbot, laboratory, 0)
    assert [entry.text() for entry in menu.actions() if entry.isEnabled() and entry.text()] == [
        "Rename…", "Duplicate", "Keep curves as ghost", "Many seeds…",
    ]  # fmt: skip
    menu.close()
