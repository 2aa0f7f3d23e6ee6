"""A lane is dragged by its title to another place; names that are cut still tell the lanes apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame
from pytestqt.qtbot import QtBot

from engine.session.commands import Duplicate, Move
from engine.training.edits import Set
from gui.app.application import Laboratory
from gui.lanes.lane_title import LaneTitle
from gui.text.lane_names import fitting, told_apart

from .conftest import Build
from .test_lane_menu import wait_for
from .test_real_use import press

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag(laboratory: Laboratory, lane: int, *places: QPoint) -> Iterator[QFrame]:
    """Press on the title of a lane, move to each place of the window, and let go there; yield the line after each."""
    title: LaneTitle = laboratory.window.lanes[lane].header.title
    QTest.mousePress(title, LEFT, NO_KEYS, QPoint(12, 8))
    landing = laboratory.window.findChild(QFrame, "lanes.landing")
    assert landing is not None
    for place in places:
        there = laboratory.window.mapToGlobal(place)
        at = QPointF(title.mapFromGlobal(there))
        QApplication.sendEvent(
            title,
            QMouseEvent(
                QMouseEvent.Type.MouseMove, at, QPointF(there), Qt.MouseButton.NoButton, LEFT, NO_KEYS
            ),
        )
        yield landing
    QTest.mouseRelease(title, LEFT, NO_KEYS, title.mapFromGlobal(laboratory.window.mapToGlobal(places[-1])))


def middle_of(laboratory: Laboratory, lane: int, beside: int = 0) -> QPoint:
    view = laboratory.window.lanes[lane]
    return view.mapTo(laboratory.window, view.rect().center()) + QPoint(beside, 0)


def test_a_lane_is_dragged_to_where_the_line_shows_and_undo_brings_it_back(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns")
    window = laboratory.window
    places = middle_of(laboratory, 0), middle_of(laboratory, 1, 5), middle_of(laboratory, 2, -5)
    seen = [landing.isVisible() for landing in drag(laboratory, 0, *places)]
    assert seen == [False, True, True]
    wait_for(qtbot, laboratory, "constant-2", "zeros", "random")
    log = laboratory.training.log
    assert log is not None
    assert log.actions == (Move(1, lane="zeros"),)
    for landing in drag(laboratory, 2, middle_of(laboratory, 0, -20)):
        assert landing.mapTo(window, QPoint()).x() <= middle_of(laboratory, 0).x()
    wait_for(qtbot, laboratory, "random", "constant-2", "zeros")
    for _ in range(2):
        press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, laboratory, "zeros", "constant-2", "random")


def test_esc_or_a_way_back_leaves_the_lanes_as_they_are(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.window.activateWindow()
    qtbot.waitUntil(laboratory.window.isActiveWindow)
    for landing in drag(laboratory, 0, middle_of(laboratory, 2, 5)):
        assert landing.isVisible()
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        assert not landing.isVisible()
    for _ in drag(laboratory, 0, middle_of(laboratory, 2, 5), middle_of(laboratory, 0)):
        pass
    QApplication.processEvents()
    log = laboratory.training.log
    assert log is not None
    assert log.actions == ()
    assert [lane.name for lane in laboratory.window.lanes] == ["zeros", "constant-2", "random"]


def test_a_double_click_on_the_title_gives_the_lane_all_the_room(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    qtbot.mouseDClick(laboratory.window.lanes[1].header.title, LEFT, pos=QPoint(12, 8))
    assert [lane.isVisible() for lane in laboratory.window.lanes] == [False, True, False]


def test_eight_narrow_lanes_start_at_the_same_height_and_their_names_differ(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles", (1280, 720))
    for number in range(4):
        laboratory.training.act(Duplicate(f"he, with a learning rate of one {number + 2}th", lane="he"))
    hidden = {"units": 5, "activation": {"kind": "relu"}, "weights": {"kind": "he-normal"}}
    laboratory.training.act(
        Set("network.layers", [hidden, hidden, hidden, {**hidden, "units": 1}], lane="he")
    )
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 8)
    qtbot.waitUntil(lambda: len(laboratory.window.lanes[3].heatmaps) == 4)
    qtbot.waitUntil(laboratory.window.lanes[0].heatmaps[-1].isVisible)
    for _ in range(3):
        QApplication.processEvents()
    lanes = laboratory.window.lanes
    for part in ("status", "body"):
        assert len({getattr(lane, part).y() for lane in lanes}) == 1
    assert len({lane.status.rows for lane in lanes}) == 2, "their states need different heights"
    box = laboratory.window.figure.lanes_box
    assert all(box.viewport().rect().contains(lane.geometry()) for lane in lanes), "all of them are in view"
    texts = [lane.header.title.name.text() for lane in lanes]
    assert len(set(texts)) == 8
    for lane, text in zip(lanes, texts, strict=True):
        label = lane.header.title.name
        assert label.fontMetrics().horizontalAdvance(text) <= label.width()
        assert lane.name in label.toolTip()


@pytest.mark.parametrize("letters", [3, 5, 8, 13, 20, 80])
def test_cut_names_are_short_and_no_two_are_alike(letters: int) -> None:
    names = [
        "zeros",
        "he",
        "he + noise 0.1 at 100",
        "he + noise 0.2 at 100",
        "he, learning rate one half",
        "he, learning rate one tenth",
        "he, learning rate one tenth of it, and more",
    ]
    cut = told_apart(names, letters)
    assert all(len(name) <= letters for name in cut)
    assert cut[1] == "he"
    if letters >= 8:
        assert len(set(cut)) == len(names)
    if letters == 80:
        assert cut == names


def test_as_much_of_a_name_is_shown_as_fits() -> None:
    names = ["he + noise 0.1 at 100", "he + noise 0.1 at 200"]
    assert fitting(names, 0, len, 30) == names[0]
    assert fitting(names, 0, len, 9) == "he +…100"
    assert fitting(names, 1, len, 9) == "he +…200"
    assert fitting(names, 0, len, 0) == "… 1"
    assert fitting([""], 0, len, 5) == ""
