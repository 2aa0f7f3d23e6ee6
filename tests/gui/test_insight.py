"""The side panel, the data space, gathering and tolerance in the real window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NeuronRef
from engine.training.trainer import Trainer
from gui.app.application import Laboratory
from gui.present.display_state import is_answered, probes_for

from .conftest import Build
from .test_real_use import child, press, shown

WIDE = (1700, 950)
LEFT = Qt.MouseButton.LeftButton


def click_neuron(qtbot: QtBot, laboratory: Laboratory, lane: int, layer: int, neuron: int) -> None:
    graph = laboratory.window.lanes[lane].graph
    place = graph.mapFromScene(graph.neurons.centres[NeuronRef(layer, neuron)])  # pyright: ignore[reportPrivateUsage]
    qtbot.mouseClick(graph.viewport(), LEFT, pos=place)


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_the_window_says_at_once_why_neurons_are_equal(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    why = laboratory.window.side.why
    qtbot.waitUntil(lambda: "Why are neurons 1 and 2 of layer 1 equal?" in texts(why))
    assert "1 of 4 columns" in texts(why)
    assert "as predicted so far" in texts(why)


def test_two_clicked_neurons_are_explained(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    click_neuron(qtbot, laboratory, 2, 1, 1)
    click_neuron(qtbot, laboratory, 2, 1, 3)
    why = laboratory.window.side.why
    qtbot.waitUntil(lambda: "Are neurons 2 and 4 of layer 1 equal" in texts(why))
    assert why.lane.currentText() == "random"
    assert laboratory.window.lanes[2].graph.neurons.selected == (NeuronRef(1, 1), NeuronRef(1, 3))  # pyright: ignore[reportPrivateUsage]


def test_a_clicked_neuron_is_explained_with_another_of_its_group(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    click_neuron(qtbot, laboratory, 1, 1, 2)
    why = laboratory.window.side.why
    qtbot.waitUntil(lambda: "Why are neurons 3 and 1 of layer 1 equal?" in texts(why))
    click_neuron(qtbot, laboratory, 1, 1, 3)
    qtbot.waitUntil(lambda: "Why are neurons 3 and 4 of layer 1 equal?" in texts(why))
    click_neuron(qtbot, laboratory, 1, 2, 0)
    qtbot.waitUntil(lambda: "neurons 1 and 2 of layer 1" in texts(why))  # the output has no groups


def test_the_key_e_gives_the_room_of_the_panel_to_the_lanes(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    width = laboratory.window.lanes[0].width()
    press(qtbot, laboratory, Qt.Key.Key_E)
    assert not laboratory.window.side.isVisible()
    qtbot.waitUntil(lambda: laboratory.window.lanes[0].width() > width)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].insight.why is None)


def test_where_lanes_would_be_too_narrow_the_panel_starts_closed(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1280, 800))
    assert not laboratory.window.side.isVisible()
    assert build("columns", (1280, 800)).window.side.isVisible()


def test_neurons_of_the_small_network_do_not_look_as_if_a_click_did_something(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns", WIDE)
    side = laboratory.window.side
    side.setCurrentWidget(side.small)
    qtbot.waitUntil(lambda: side.small.graph is not None and side.small.graph.isVisible())
    assert side.small.graph is not None
    graphs = (laboratory.window.lanes[0].graph, side.small.graph)
    shapes = []
    for graph in graphs:
        qtbot.mouseMove(graph.viewport(), graph.mapFromScene(graph.neurons.centres[NeuronRef(1, 0)]))  # pyright: ignore[reportPrivateUsage]
        qtbot.waitUntil(lambda: "neuron 1" in graph.toolTip())  # noqa: B023
        shapes.append(graph.viewport().cursor().shape())
    assert shapes == [Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor]


def test_the_small_network_is_drawn_and_saved_ready_to_run(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns", WIDE)
    laboratory.training.go_to(30)
    laboratory.window.side.show_page("small")
    sentence = child(laboratory, "small.sentence")
    assert isinstance(sentence, QLabel)
    qtbot.waitUntil(lambda: sentence.text() == "3-4-1 computes the same as 3-1-1")
    button = child(laboratory, "small.export")
    assert isinstance(button, QPushButton)
    qtbot.waitUntil(lambda: shown(laboratory).step == 30)
    qtbot.mouseClick(button, LEFT)
    dialog = laboratory.window.findChild(QFileDialog, "file_dialog")
    assert dialog is not None
    path = tmp_path / "small.json"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    lane = shown(laboratory).lanes[0]
    assert json.loads(path.read_text())["network"]["layers"][0]["units"] == 1
    small = open_target(str(path))
    assert small.title == f"{lane.experiment.name}: the equivalent 3-1-1 network"
    assert small.notes.startswith("One neuron for each distinct column")
    trainer = Trainer(small, small.data.load())
    large = Trainer(lane.experiment, lane.experiment.data.load())
    large.restore(lane.theta, 30)
    assert abs(trainer.measure_training().loss - large.measure_training().loss) < 1e-12


def test_health_and_gradient_sizes_follow_the_timeline(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", WIDE)
    laboratory.window.actions_by_id["side"].setChecked(True)
    laboratory.window.side.setCurrentIndex(1)
    press(qtbot, laboratory, Qt.Key.Key_Z)
    laboratory.training.go_to(12)
    qtbot.waitUntil(lambda: "Step 12" in texts(laboratory.window.side.health))
    assert laboratory.window.curves.gradients.isVisible()
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes[0].insight.gradient_curves) == 3)
    laboratory.training.go_to(5)
    qtbot.waitUntil(lambda: "Step 5" in texts(laboratory.window.side.health))


def test_the_gradient_curves_are_completed_while_nothing_moves(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    laboratory.training.go_to(90)
    qtbot.waitUntil(lambda: shown(laboratory).step == 90)
    press(qtbot, laboratory, Qt.Key.Key_Z)
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes[2].insight.gradient_curves) > 0)
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes[2].insight.gradient_curves[0].low) == 90)


def test_the_key_g_puts_the_neurons_of_a_group_side_by_side(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    touch = laboratory.window.lanes[1].heatmaps[0]
    touch.nudge_requested.emit(0, 1, 5.0)
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4)
    press(qtbot, laboratory, Qt.Key.Key_G)
    heatmap = laboratory.window.lanes[3].heatmaps[0]
    assert heatmap._shown is not None  # pyright: ignore[reportPrivateUsage]
    lane = heatmap._shown[0]  # pyright: ignore[reportPrivateUsage]
    assert lane.order is not None
    assert lane.order[0] == (0, 2, 3, 1)
    assert lane.layers[0].symmetry.labels == (0, 0, 0, 1)
    np.testing.assert_array_equal(lane.layers[0].weights[0], [2, 2, 2, 5])
    width, height = heatmap.arrangement.cell
    frame = heatmap._weights.frame.rect().topLeft()  # pyright: ignore[reportPrivateUsage]
    frame += type(frame)(3.5 * width, 0.5 * height)
    assert heatmap.text_at(frame) == "weight from input 1 to neuron 2 = 5"


def test_a_tolerance_makes_nearly_equal_neurons_one_group(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    laboratory.window.lanes[1].heatmaps[0].nudge_requested.emit(0, 1, 2.0 + 1e-7)
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4)
    assert shown(laboratory).lanes[3].layers[0].symmetry.groups == 2
    menu = laboratory.window.findChild(QMenu, "menu.tolerance")
    assert menu is not None
    [action] = [action for action in menu.actions() if action.objectName() == "tolerance.1e-06"]
    action.trigger()
    qtbot.waitUntil(lambda: shown(laboratory).lanes[3].layers[0].symmetry.groups == 1)
    status = child(laboratory, "lane.3.status")
    assert isinstance(status, QLabel)
    assert "1 group" in status.text()
    assert "neurons count as equal up to 1e-06 of their size" in texts(laboratory.window.figure)


def test_the_map_of_the_neuron_under_the_pointer_is_shown(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", WIDE)
    graph = laboratory.window.lanes[3].graph
    place = graph.mapFromScene(graph.neurons.centres[NeuronRef(1, 2)])  # pyright: ignore[reportPrivateUsage]
    qtbot.mouseMove(graph.viewport(), place)
    qtbot.waitUntil(lambda: graph._map is not None and graph._map.isVisible())  # pyright: ignore[reportPrivateUsage]


def test_the_data_space_of_zeros_predicts_class_0_everywhere(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", WIDE)
    predictions = shown(laboratory).lanes[0].insight.predictions
    assert predictions is not None
    assert predictions.counts == (100, 0)
    lane = laboratory.window.lanes[0]
    assert lane.space is not None
    assert lane.space.isVisible()
    press(qtbot, laboratory, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: lane.space is None)


def test_a_new_lane_is_explained_and_after_its_removal_one_that_is_left(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", WIDE)
    why = laboratory.window.side.why
    laboratory.window.lanes[1].heatmaps[0].nudge_requested.emit(0, 1, 5.0)
    qtbot.waitUntil(lambda: why.lane.currentText() == "constant-2 + nudge at 0")
    qtbot.waitUntil(lambda: "2 of 4 columns" in texts(why))
    laboratory.training.drop("constant-2 + nudge at 0")
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    qtbot.waitUntil(lambda: why.lane.currentText() == "random")


def test_a_window_is_answered_when_the_causes_and_the_last_change_are_there(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns", WIDE)
    state = laboratory.display.state
    assert probes_for(state).causes
    assert probes_for(state).change
    qtbot.waitUntil(lambda: is_answered(shown(laboratory), state))
    complete = shown(laboratory)
    first = complete.lanes[0]
    for less in (replace(first, change=None), replace(first, insight=replace(first.insight, why=None))):
        assert not is_answered(replace(complete, lanes=(less, *complete.lanes[1:])), state)
