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
from gui.operations.chosen_samples import samples_of, spread_rows
from gui.operations.operation_view import OperationView
from gui.present.display_state import is_answered
from gui.text.words import number, short_number

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


def test_the_band_writes_a_cell_out_and_that_of_an_equal_neuron(columns: Laboratory, qtbot: QtBot) -> None:
    walk = columns.training.snapshot.lanes[0].insight.walk  # type: ignore[union-attr]
    value = f"{walk.operations[0].value[0, 0]:.2f}"
    assert line(columns) == (f"zeros: Z1[sample 1, neuron 1] = 0.50·0.17 + 0.90·0.11 + 1.00·0.15 = {value}")
    assert line(columns, 1) == line(columns).replace("neuron 1", "neuron 2"), "equal numbers, equal result"
    assert "dW2" in [press(columns, qtbot, FORWARD)[:3] for _ in range(7)]
    assert line(columns).startswith("zeros: dW2[neuron 1 of layer 1, neuron 1] = ")
    assert line(columns, 1) == line(columns).replace("neuron 1 of", "neuron 2 of"), (
        "what goes out of both, too"
    )


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


def test_of_many_samples_some_of_every_class_are_shown_and_one_can_be_fixed(
    build: Build, qtbot: QtBot
) -> None:
    laboratory = build("circles")
    assert press(laboratory, qtbot, FORWARD) == "Z1 = X·W1 + b1"
    view, band = laboratory.window.lanes[3].operation, laboratory.window.figure.operation
    assert view.names == ["X", "W1", "b1", "Z1"]
    title = next(matrix.section.title.text() for matrix in view._large if matrix.name == "Z1")
    assert title == "Z1  300×10, samples 1, 2, 98, 105, 196, 210"
    QTest.mouseMove(view.viewport(), point_at(view, "Z1", 104, 9))
    qtbot.waitUntil(lambda: line(laboratory).startswith("he: Z1[sample 105, neuron 10] = "))

    QTest.mouseClick(band.sample, Qt.MouseButton.LeftButton)
    band.sample.selectAll()
    QTest.keyClicks(band.sample, "17")
    QTest.keyClick(band.sample, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: line(laboratory).startswith("he: Z1[sample 17, neuron 10] = "))
    assert 17 in view._shown.samples.numbers  # type: ignore[union-attr]
    view_of = laboratory.training.session
    assert view_of is not None
    assert view_of.view.selected is not None
    assert view_of.view.selected.sample == 16, "a session keeps it"
    QTest.mouseMove(view.viewport(), point_at(view, "Z1", 104, 3))
    qtbot.waitUntil(lambda: line(laboratory).startswith("he: Z1[sample 17, neuron 4] = "))
    assert view.text_at(view.centre_of("Z1", 104, 3)).startswith("Z1[sample 105, neuron 4] = ")


def test_rows_are_spread_over_classes_or_over_the_sizes_of_targets() -> None:
    few = np.arange(12.0)[:, np.newaxis]
    assert spread_rows(few).tolist() == list(range(12)), "all of a few"
    rare = np.zeros((100, 1))
    rare[37] = 1
    assert spread_rows(rare).tolist() == [0, 33, 37, 67], "a rare class is there"
    sizes = np.random.default_rng(1).permutation(100.0 * np.arange(60))[:, np.newaxis]
    assert sorted(sizes[spread_rows(sizes), 0]) == [0, 1000, 2000, 3000, 4000, 5000]
    fixed = spread_rows(rare, 55)
    assert {37, 55} <= set(fixed.tolist()), "it takes the place of one of its class"
    assert len(fixed) == 4


def test_samples_of_a_batch_have_their_own_numbers() -> None:
    arrays = {"Y": np.zeros((3, 1)), "batch": np.array([7, 2, 9])}
    found = samples_of(arrays, 2)
    assert [found.number(row) for row in range(3)] == [8, 3, 10]
    assert (found.fixed, found.is_missing) == (1, False)
    assert samples_of(arrays, 4).is_missing


def test_every_number_of_a_small_network_can_be_read(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns", (1280, 720))
    laboratory.training.go_to(3)
    qtbot.waitUntil(lambda: step(laboratory) == 3)
    for name in COLUMNS:
        assert press(laboratory, qtbot, FORWARD) == name
        for matrix in [matrix for lane in laboratory.window.lanes for matrix in lane.operation._large]:
            boxes = [item.sceneBoundingRect() for item in matrix.section.numbers]
            assert len(boxes) == matrix.values.size, f"{matrix.name} of {name} has numbers"
            width, height = matrix.section._arrangement.cell  # type: ignore[union-attr]
            assert height >= 13
            assert all(box.width() <= width - 2 for box in boxes), f"{matrix.name} of {name}"


def test_the_weights_of_the_chosen_cell_stand_on_its_edges(columns: Laboratory, qtbot: QtBot) -> None:
    lane = columns.window.lanes[2]
    weights = columns.training.snapshot.lanes[2].layers[0].weights  # type: ignore[union-attr]
    QTest.mouseMove(lane.operation.viewport(), point_at(lane.operation, "Z1", 2, 3))
    expected = {(1, row, 3): number(float(weights[row, 3])) for row in range(3)}
    qtbot.waitUntil(lambda: expected.items() <= lane.graph.edge_numbers.written.items())
    QTest.keyClick(columns.window, FORWARD)
    qtbot.waitUntil(lambda: not lane.graph.edge_numbers.written)
    for _ in range(6):
        press(columns, qtbot, FORWARD)
    assert formula(columns) == "dW2 = A1ᵀ·dZ2"
    written = lane.graph.edge_numbers.written
    assert written, "what comes out for the weights"
    gradient = columns.training.snapshot.lanes[2].layers[1].gradient  # type: ignore[union-attr]
    assert all(text == number(float(gradient[row, column])) for (_, row, column), text in written.items())


def test_a_number_that_is_too_wide_has_fewer_digits() -> None:
    values = [0.0, -0.5, -1.26e-3, 9.6e-12, -123.4, np.nan]
    assert [short_number(value) for value in values] == ["0", "−0.50", "−1e−3", "1e−11", "−123", "NaN"]


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
