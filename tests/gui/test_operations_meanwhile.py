"""An operation is on the screen while something else happens: lanes come and go, files open, somebody is quicker."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from gui.app.application import Laboratory

from .conftest import Build
from .test_operations_on_screen import BACK, COLUMNS, FORWARD, formula, line, point_at, press, step


@pytest.fixture
def columns(build: Build, qtbot: QtBot) -> Laboratory:
    """Return a window that shows the second operation of step 3 of `columns`."""
    laboratory = build("columns")
    laboratory.training.go_to(3)
    qtbot.waitUntil(lambda: step(laboratory) == 3)
    press(laboratory, qtbot, FORWARD)
    press(laboratory, qtbot, FORWARD)
    return laboratory


def matrices(laboratory: Laboratory) -> list[list[str]]:
    return [lane.operation.names for lane in laboratory.window.lanes if lane.isVisible()]


def test_who_goes_elsewhere_on_the_way_to_another_step_goes_on_from_there(
    columns: Laboratory, qtbot: QtBot
) -> None:
    press(columns, qtbot, BACK)
    QTest.keyClick(columns.window, BACK)  # to the end of step 2, but the next key is quicker
    QTest.keyClick(columns.window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: (step(columns), formula(columns)) == (0, COLUMNS[0]))
    QTest.keyClick(columns.window, FORWARD)
    qtbot.waitUntil(lambda: formula(columns) == COLUMNS[1])


def test_a_new_lane_and_a_hidden_one_leave_the_operation_on_the_screen(
    columns: Laboratory, qtbot: QtBot
) -> None:
    view = columns.window.lanes[2].operation
    QTest.mouseMove(view.viewport(), point_at(view, "A1", 2, 3))
    qtbot.waitUntil(lambda: line(columns).startswith("random: A1[sample 3, neuron 4]"))
    columns.window.nudge_requested.emit("zeros", NeuronRef(1, 0), 0, 7.5)
    qtbot.waitUntil(lambda: matrices(columns) == 4 * [["Z1", "A1"]])
    assert line(columns).startswith("random: A1[sample 3, neuron 4]")
    columns.window.lane_menu.hidden.emit("random")
    qtbot.waitUntil(lambda: line(columns).startswith("zeros: A1[sample 3, neuron 4]"))
    assert press(columns, qtbot, FORWARD) == COLUMNS[2]
    qtbot.waitUntil(lambda: matrices(columns) == 3 * [["A1", "W2", "Z2"]])


def test_slow_motion_ends_where_another_experiment_begins(columns: Laboratory, qtbot: QtBot) -> None:
    columns.window.figure.operation.pace.setValue(0.25)
    QTest.keyClick(columns.window, Qt.Key.Key_O)
    columns.window.target_requested.emit("circles")
    qtbot.waitUntil(lambda: columns.window.windowTitle().startswith("circles"))
    assert not columns.window.actions_by_id["slow_motion"].isChecked()
    assert not columns.window.figure.operation.isVisible()
    assert step(columns) == 0
