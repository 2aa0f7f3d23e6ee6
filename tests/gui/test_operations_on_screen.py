"""An update on the screen, operation by operation: keys, the formula with its numbers, matrices, slow motion."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from gui.app.application import Laboratory
from gui.operations.operation_view import OperationView
from gui.present.display_state import is_answered

from .test_real_use import shown

Build = Callable[..., Laboratory]

COLUMNS = [
    "Z1 = X·W1",
    "A1 = sigmoid(Z1)",
    "Z2 = A1·W2",
    "A2 = sigmoid(Z2)",
    "L = ½·Σ((A2 − Y)²)",
    "dA2 = A2 − Y",
    "dZ2 = dA2 ⊙ sigmoid′(Z2)",
    "dW2 = A1ᵀ·dZ2",
    "dA1 = dZ2·W2ᵀ",
    "dZ1 = dA1 ⊙ sigmoid′(Z1)",
    "dW1 = Xᵀ·dZ1",
    "W1 ← W1 − η·dW1",
    "W2 ← W2 − η·dW2",
]
FORWARD, BACK = Qt.Key.Key_Period, Qt.Key.Key_Comma


def press(laboratory: Laboratory, qtbot: QtBot, key: Qt.Key, shift: bool = False) -> str:
    """Press a key, wait until what it asks for is on the screen, and return the formula."""
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(laboratory.window, key, modifier)
    qtbot.waitUntil(lambda: is_shown(laboratory))
    return formula(laboratory)


def is_shown(laboratory: Laboratory) -> bool:
    snapshot = laboratory.training.snapshot
    assert snapshot is not None
    return snapshot.lanes[0].insight.walk is not None


def formula(laboratory: Laboratory) -> str:
    return laboratory.window.figure.operation.formula.whole


def line(laboratory: Laboratory, number: int = 0) -> str:
    return laboratory.window.figure.operation.lines[number].whole


def step(laboratory: Laboratory) -> int:
    assert laboratory.training.snapshot is not None
    return laboratory.training.snapshot.step


@pytest.fixture
def columns(build: Build, qtbot: QtBot) -> Laboratory:
    """Return a window that shows the first operation of step 3 of `columns`."""
    laboratory = build("columns")
    laboratory.training.go_to(3)
    qtbot.waitUntil(lambda: step(laboratory) == 3)
    assert press(laboratory, qtbot, FORWARD) == COLUMNS[0]
    return laboratory


def test_keys_go_through_a_whole_update_and_back(columns: Laboratory, qtbot: QtBot) -> None:
    assert [press(columns, qtbot, FORWARD) for _ in COLUMNS[1:]] == COLUMNS[1:]
    assert step(columns) == 3
    assert [press(columns, qtbot, BACK) for _ in COLUMNS[1:]] == COLUMNS[-2::-1]
    assert step(columns) == 3


def test_after_the_last_operation_comes_the_first_one_of_the_next_step(
    columns: Laboratory, qtbot: QtBot
) -> None:
    for _ in COLUMNS[1:]:
        press(columns, qtbot, FORWARD)
    updated = columns.training.snapshot.lanes[2].insight.walk.operations[-2].value  # type: ignore[union-attr]
    QTest.keyClick(columns.window, FORWARD)
    qtbot.waitUntil(lambda: (step(columns), formula(columns)) == (4, COLUMNS[0]))
    shown = columns.training.snapshot.lanes[2].layers[0].weights  # type: ignore[union-attr]
    assert np.array_equal(updated, shown), "what the update wrote are the weights of the next step"
    QTest.keyClick(columns.window, BACK)
    qtbot.waitUntil(lambda: (step(columns), formula(columns)) == (3, COLUMNS[-1]))


def test_shift_goes_from_phase_to_phase(columns: Laboratory, qtbot: QtBot) -> None:
    found = [press(columns, qtbot, FORWARD, shift=True) for _ in range(3)]
    assert found == ["L = ½·Σ((A2 − Y)²)", "dA2 = A2 − Y", "W1 ← W1 − η·dW1"]
    press(columns, qtbot, FORWARD)
    assert press(columns, qtbot, BACK, shift=True) == "W1 ← W1 − η·dW1", "the beginning of this phase"
    assert press(columns, qtbot, BACK, shift=True) == "dA2 = A2 − Y"


def test_the_band_writes_a_cell_out_and_that_of_an_equal_neuron(columns: Laboratory) -> None:
    walk = columns.training.snapshot.lanes[0].insight.walk  # type: ignore[union-attr]
    value = f"{walk.operations[0].value[0, 0]:.2f}"
    assert line(columns) == (f"zeros: Z1[sample 1, neuron 1] = 0.50·0.17 + 0.90·0.11 + 1.00·0.15 = {value}")
    assert line(columns, 1) == line(columns).replace("neuron 1", "neuron 2"), "equal numbers, equal result"


def test_matrices_that_are_read_and_written_stand_in_every_lane(columns: Laboratory, qtbot: QtBot) -> None:
    for lane in columns.window.lanes:
        assert lane.operation.isVisible()
        assert not lane.heatmaps[0].isVisible()
        assert lane.operation.names == ["X", "W1", "Z1"]
    for _ in range(11):
        press(columns, qtbot, FORWARD)
    assert columns.window.lanes[1].operation.names == ["W1", "dW1", "W1"], "before and after"


def point_at(view: OperationView, name: str, row: int, column: int) -> QPoint:
    return view.mapFromScene(view.centre_of(name, row, column))


def test_the_pointer_chooses_a_cell_and_a_click_keeps_it(columns: Laboratory, qtbot: QtBot) -> None:
    view = columns.window.lanes[2].operation
    QTest.mouseMove(view.viewport(), point_at(view, "Z1", 2, 3))
    qtbot.waitUntil(lambda: line(columns).startswith("random: Z1[sample 3, neuron 4] = 0.30·"))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point_at(view, "Z1", 1, 0))
    qtbot.waitUntil(lambda: line(columns).startswith("random: Z1[sample 2, neuron 1] = 2.00·"))
    QTest.mouseMove(view.viewport(), point_at(view, "Z1", 3, 3))
    QApplication.processEvents()
    assert line(columns).startswith("random: Z1[sample 2, neuron 1]"), "kept"


def test_the_operation_lights_up_in_the_graph(columns: Laboratory, qtbot: QtBot) -> None:
    graph = columns.window.lanes[2].graph
    drawn = [edge for edges in graph.edges.drawn for edge in edges]
    assert len(drawn) == 12, "the weights into layer 1"
    assert [circle.opacity() for circle in graph.neurons.circles[2]] < [1.0], "the output is faint"
    for _ in range(7):
        press(columns, qtbot, FORWARD)
    drawn = [edge for edges in graph.edges.drawn for edge in edges]
    assert sorted(drawn) == [12, 13, 14, 15], "the weights into the output"


def test_the_cross_shows_the_whole_step_again(columns: Laboratory, qtbot: QtBot) -> None:
    band = columns.window.figure.operation
    close = band.findChild(QToolButton, "operation.close")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not band.isVisible()
    assert columns.window.lanes[0].heatmaps[0].isVisible()
    assert len([edge for edges in columns.window.lanes[2].graph.edges.drawn for edge in edges]) == 16


def test_right_arrow_is_still_one_update_and_keeps_the_operation(columns: Laboratory, qtbot: QtBot) -> None:
    press(columns, qtbot, FORWARD)
    QTest.keyClick(columns.window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: step(columns) == 4)
    assert formula(columns) == COLUMNS[1]


def test_playing_shows_whole_steps(columns: Laboratory, qtbot: QtBot) -> None:
    QTest.keyClick(columns.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not columns.window.figure.operation.isVisible())
    QTest.keyClick(columns.window, Qt.Key.Key_Space)


def test_slow_motion_goes_on_by_itself_at_its_pace_forward_and_back(
    columns: Laboratory, qtbot: QtBot
) -> None:
    band = columns.window.figure.operation
    assert band.pace.value() == 1.25
    band.pace.setValue(0.25)
    QTest.keyClick(columns.window, Qt.Key.Key_O)
    assert columns.window.actions_by_id["slow_motion"].isChecked()
    qtbot.waitUntil(lambda: formula(columns) == COLUMNS[2])
    QTest.keyClick(columns.window, Qt.Key.Key_O)
    stopped = formula(columns)
    QTest.keyClick(columns.window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: formula(columns) == COLUMNS[COLUMNS.index(stopped) - 1])
    QTest.keyClick(columns.window, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert not columns.window.actions_by_id["slow_motion_back"].isChecked()


def test_there_is_nothing_before_the_first_operation_of_step_0(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    QTest.keyClick(laboratory.window, BACK)
    QApplication.processEvents()
    assert not laboratory.window.figure.operation.isVisible()
    press(laboratory, qtbot, FORWARD)
    QTest.keyClick(laboratory.window, BACK)
    QApplication.processEvents()
    assert (step(laboratory), formula(laboratory)) == (0, COLUMNS[0])


def test_of_many_samples_the_first_rows_are_shown(build: Build, qtbot: QtBot) -> None:
    laboratory = build("circles")
    assert press(laboratory, qtbot, FORWARD) == "Z1 = X·W1 + b1"
    view = laboratory.window.lanes[3].operation
    assert view.names == ["X", "W1", "b1", "Z1"]
    QTest.mouseMove(view.viewport(), point_at(view, "Z1", 7, 9))
    qtbot.waitUntil(lambda: line(laboratory).startswith("he: Z1[sample 8, neuron 10] = "))


def turn_wheel(laboratory: Laboratory, share: float, turned: int) -> None:
    """Turn the wheel over the timeline. Only a real wheel comes from a slider to what it stands on."""
    bar, slider = laboratory.window.transport, laboratory.window.transport.slider
    left, right = slider.ends()
    place = slider.mapTo(bar, QPoint(round(left + share * (right - left)), 3))
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    where = QPointF(bar.mapToGlobal(place))
    QApplication.sendEvent(bar, QWheelEvent(QPointF(place), where, QPoint(), QPoint(0, turned), *none, False))


def test_the_timeline_marks_the_phases_inside_a_step_when_there_is_room(
    columns: Laboratory, qtbot: QtBot
) -> None:
    strip, slider = columns.window.transport.marks, columns.window.transport.slider
    assert strip.has_phases, "three steps are far apart"
    assert slider.maximum() == 4, "the newest step has room for its phases"
    slider.setValue(4)
    QApplication.processEvents()
    assert (slider.value(), step(columns)) == (3, 3), "a step that is not there yet is not gone to"

    left, right = slider.ends()
    update = QPoint(round(left + 1.9 / 4 * (right - left)), strip.height() - 2)
    QTest.mouseMove(strip, update)
    assert strip.toolTip() == "step 1: update"
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=update)
    qtbot.waitUntil(lambda: (step(columns), formula(columns)) == (1, "W1 ← W1 − η·dW1"))
    lines = [plot._cursor.line().x1() for plot in columns.window.curves.drawings]
    places = [float(plot.place_x(1.75)) for plot in columns.window.curves.drawings]
    assert lines == pytest.approx(places), "the line of every plot is inside the step, too"

    columns.training.go_to(400)
    qtbot.waitUntil(lambda: step(columns) == 400)
    qtbot.waitUntil(lambda: not strip.has_phases)
    assert slider.maximum() == 400
    for _ in range(25):
        turn_wheel(columns, 1.0, 120)
    qtbot.waitUntil(lambda: strip.has_phases)
    first, last = slider.minimum(), slider.maximum()
    assert 400 - 6 <= first < 400 == last - 1
    assert columns.window.curves.loss._range[:2] == columns.display.state.steps, "curves show the same steps"
    QTest.keyClick(columns.window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: (slider.minimum(), slider.value()) == (0, 0))
    for _ in range(40):
        turn_wheel(columns, 0.5, -120)
    qtbot.waitUntil(lambda: slider.maximum() == 400)


def test_a_picture_of_an_operation_waits_until_it_is_worked_out(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    qtbot.waitUntil(lambda: is_answered(shown(laboratory), laboratory.display.state))
    laboratory.display.show_operation(8)
    assert not is_answered(shown(laboratory), laboratory.display.state)
    qtbot.waitUntil(lambda: is_answered(shown(laboratory), laboratory.display.state))
    assert formula(laboratory) == COLUMNS[8]
