"""What hands do to a network: drag a weight, type one, add noise, copy a neuron; each makes a new lane."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from gui.app.application import Laboratory
from gui.canvas.heatmap_view import HeatmapView
from gui.canvas.weight_grip import WeightEditor
from gui.controllers.edit_controller import TouchController
from gui.dialogs.edit_dialog import TouchPanel
from gui.text.words import number_in
from tests.builders import document, layer

from .conftest import Build, training_has_ended
from .test_real_use import shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton


@dataclass(frozen=True)
class Touching:
    """A window with hands."""

    laboratory: Laboratory
    controller: TouchController
    panel: TouchPanel
    said: list[str]

    def heatmap(self, lane: int, layer: int) -> HeatmapView:
        return self.laboratory.window.lanes[lane].heatmaps[layer - 1]

    def lanes(self) -> list[str]:
        return [lane.name for lane in shown(self.laboratory).lanes]


Touch = Callable[..., Touching]


@pytest.fixture
def touch(build: Build) -> Touch:
    """Return a function that opens a window whose heatmaps and panel can touch."""

    def open_window(*how: Any) -> Touching:
        laboratory = build(*how)
        window, training = laboratory.window, laboratory.training
        controller = window.findChild(TouchController)
        assert controller is not None
        said: list[str] = []
        controller.failed.connect(said.append)
        training.failed.connect(lambda sentence, _details: said.append(sentence))
        return Touching(laboratory, controller, window.touch, said)

    return open_window


def go_to(qtbot: QtBot, touching: Touching, step: int) -> None:
    touching.laboratory.training.go_to(step)
    wait_for_step(qtbot, touching.laboratory, step)


def wait_for_lanes(qtbot: QtBot, touching: Touching, count: int) -> None:
    qtbot.waitUntil(lambda: len(shown(touching.laboratory).lanes) == count)
    assert len(touching.laboratory.window.lanes) == count


def cell(heatmap: HeatmapView, row: int, neuron: int) -> QPoint:
    """Return the middle of a cell of W, or of the gradient beneath it where the row is more than the rows of W."""
    width, height = heatmap.arrangement.cell
    frame = heatmap._weights.frame.rect()  # pyright: ignore[reportPrivateUsage]
    scene = frame.topLeft()
    return heatmap.mapFromScene(scene.x() + (neuron + 0.5) * width, scene.y() + (row + 0.5) * height)


def gradient_cell(heatmap: HeatmapView) -> QPoint:
    return heatmap.mapFromScene(heatmap._gradients.frame.rect().center())  # pyright: ignore[reportPrivateUsage]


def drag(qtbot: QtBot, heatmap: HeatmapView, start: QPoint, up: int, *, release: bool = True) -> None:
    """Press at a place, move the pointer up, and let it go there."""
    viewport, end = heatmap.viewport(), start - QPoint(0, up)
    qtbot.mousePress(viewport, LEFT, pos=start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(viewport, start - QPoint(0, round(share * up)))
    if release:
        qtbot.mouseRelease(viewport, LEFT, pos=end)


def weight(touching: Touching, lane: int, layer: int, row: int, neuron: int) -> float:
    block = shown(touching.laboratory).lanes[lane].layers[layer - 1]
    rows = np.vstack([block.weights, block.biases]) if block.biases is not None else block.weights
    return float(rows[row, neuron])


# Dragging


def test_dragging_a_weight_up_makes_a_new_lane_in_which_it_is_larger(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    go_to(qtbot, touching, 120)
    before = shown(touching.laboratory)
    old = weight(touching, 1, 1, 1, 2)
    drag(qtbot, touching.heatmap(1, 1), cell(touching.heatmap(1, 1), 1, 2), up=20)
    wait_for_lanes(qtbot, touching, 4)
    found = shown(touching.laboratory)
    assert found.step == 120
    assert touching.lanes()[3] == "constant-2 + nudge at 120"
    assert weight(touching, 3, 1, 1, 2) > old
    assert (found.lanes[3].theta != before.lanes[1].theta).sum() == 1
    for lane, kept in zip(found.lanes[:3], before.lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, kept.theta)
    assert found.lanes[1].layers[0].symmetry.groups == 1
    assert found.lanes[3].layers[0].symmetry.groups == 2, "one nudge splits 4 into 3 + 1"


@pytest.mark.parametrize(("up", "change"), [(7, 0.07), (-25, -0.25), (130, 1.3)])
def test_a_pixel_is_a_hundredth_of_the_largest_weight_of_the_layer(
    qtbot: QtBot, touch: Touch, up: int, change: float
) -> None:
    touching = touch("columns")  # at step 0 all weights of this lane are 0, the scale ends at 1
    asked: list[tuple[int, int, float]] = []
    heatmap = touching.heatmap(0, 2)
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    drag(qtbot, heatmap, cell(heatmap, 3, 0), up)
    assert asked == [(3, 0, change)]


def test_a_bias_can_be_dragged(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("circles")
    heatmap = touching.heatmap(0, 1)
    drag(qtbot, heatmap, cell(heatmap, 2, 1), up=30)
    wait_for_lanes(qtbot, touching, 5)
    assert weight(touching, 4, 1, 2, 1) == 0.3


def test_scales_and_shifts_stand_beneath_the_biases_and_can_be_dragged(
    qtbot: QtBot, touch: Touch, tmp_path: Path
) -> None:
    path = tmp_path / "normalized.json"
    path.write_text(json.dumps(document(layer(3, "tanh", normalize="batch"), layer(1))))
    touching = touch(str(path))
    heatmap = touching.heatmap(0, 1)
    for row, name in ((2, "bias"), (3, "scale"), (4, "shift")):
        place = heatmap.mapToScene(cell(heatmap, row, 1))
        assert heatmap.text_at(place) == f"weight of the {name} of neuron 2 = {int(name == 'scale')}"
    drag(qtbot, heatmap, cell(heatmap, 3, 1), up=30)
    wait_for_lanes(qtbot, touching, 2)
    learnt = shown(touching.laboratory).lanes[1].layers[0].learnt
    assert learnt is not None
    assert learnt[0].tolist() == [1.0, pytest.approx(1.3, abs=0.35), 1.0]
    assert learnt[0, 1] > 1
    assert not learnt[1].any()


def test_what_the_weight_would_become_stands_beside_the_pointer(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    drag(qtbot, heatmap, cell(heatmap, 1, 2), up=20, release=False)
    assert QToolTip.text().splitlines()[0] == "weight from input 2 to neuron 3: 2.00 → 2.4"
    qtbot.mouseRelease(heatmap.viewport(), LEFT, pos=cell(heatmap, 1, 2))
    assert len(touching.lanes()) == 3, "dragged back to where it was"


def test_escape_leaves_the_weight_as_it_is(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    asked: list[object] = []
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    drag(qtbot, heatmap, cell(heatmap, 1, 2), up=20, release=False)
    assert QWidget.keyboardGrabber() is heatmap
    qtbot.keyClick(heatmap, Qt.Key.Key_Escape)
    assert QWidget.keyboardGrabber() is None
    qtbot.mouseRelease(heatmap.viewport(), LEFT, pos=cell(heatmap, 0, 2))
    assert not asked


@pytest.mark.parametrize("up", [0, 3])
def test_a_click_changes_nothing(qtbot: QtBot, touch: Touch, up: int) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    asked: list[object] = []
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    drag(qtbot, heatmap, cell(heatmap, 1, 2), up)
    assert not asked


def test_gradients_cannot_be_dragged(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    asked: list[object] = []
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    heatmap.hold_requested.connect(lambda: asked.append("hold"))
    drag(qtbot, heatmap, gradient_cell(heatmap), up=20)
    qtbot.mouseDClick(heatmap.viewport(), LEFT, pos=gradient_cell(heatmap))
    assert not asked
    assert heatmap.findChild(WeightEditor) is None


def test_training_stops_while_a_weight_is_held(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    touching.laboratory.training.toggle_play()
    qtbot.waitUntil(lambda: shown(touching.laboratory).step > 5)
    heatmap = touching.heatmap(2, 1)
    drag(qtbot, heatmap, cell(heatmap, 1, 2), up=20, release=False)
    qtbot.waitUntil(lambda: shown(touching.laboratory).activity.value == "idle")
    step = shown(touching.laboratory).step
    qtbot.mouseRelease(heatmap.viewport(), LEFT, pos=cell(heatmap, 1, 2) - QPoint(0, 20))
    wait_for_lanes(qtbot, touching, 4)
    assert shown(touching.laboratory).step == step
    assert touching.lanes()[3] == f"random + nudge at {step}"


def test_only_cells_that_stand_for_one_weight_can_be_dragged(
    qtbot: QtBot, touch: Touch, tmp_path: Path
) -> None:
    output = layer(10, "softmax")
    digits = {"kind": "digits", "train": 50, "test": 0}
    wide = document(layer(1000, "tanh"), output, data=digits, loss={"kind": "cross-entropy"})
    file = tmp_path / "digits.json"
    file.write_text(json.dumps({"format": "initscope-experiment", "version": 1, **wide}))
    touching = touch(str(file), (900, 700))
    heatmap = touching.heatmap(0, 1)
    asked: list[tuple[int, int, float]] = []
    heatmap.nudge_requested.disconnect()
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    place = cell(heatmap, 5, 3)
    drag(qtbot, heatmap, place, up=10)
    ((row, neuron, _),) = asked
    down, across = divmod(row, 8)
    name = f"pixel row {down + 1}, column {across + 1} to neuron {neuron + 1} ="
    assert name in heatmap.text_at(heatmap.mapToScene(place))

    touching.laboratory.window.figure.lanes_box.show_pictures(False)
    place = heatmap.mapFromScene(heatmap._weights.frame.rect().center())  # pyright: ignore[reportPrivateUsage]
    assert "the strongest of" in heatmap.text_at(heatmap.mapToScene(place))
    drag(qtbot, heatmap, place, up=20)
    assert len(asked) == 1


# Typing


def test_a_double_click_opens_a_field_and_enter_sets_the_weight(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    qtbot.mouseDClick(heatmap.viewport(), LEFT, pos=cell(heatmap, 0, 1))
    editor = heatmap.findChild(WeightEditor)
    assert editor is not None
    assert editor.field.text() == "2.0"
    qtbot.keyClicks(editor.field, "-1.25e-1")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    wait_for_lanes(qtbot, touching, 4)
    assert weight(touching, 3, 1, 0, 1) == -0.125


@pytest.mark.parametrize("text", ["", "much", "1,5", "nan", "inf", "1e999"])
def test_what_is_no_number_is_asked_for_again(qtbot: QtBot, touch: Touch, text: str) -> None:
    touching = touch("columns")
    heatmap = touching.heatmap(1, 1)
    asked: list[object] = []
    heatmap.nudge_requested.connect(lambda *what: asked.append(what))
    qtbot.mouseDClick(heatmap.viewport(), LEFT, pos=cell(heatmap, 0, 1))
    editor = heatmap.findChild(WeightEditor)
    assert editor is not None
    editor.field.setText(text)
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert editor.isVisible()
    assert not asked
    qtbot.keyClick(editor.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: heatmap.findChild(WeightEditor) is None)
    assert not asked


def test_numbers_are_read_as_they_are_shown() -> None:
    assert [number_in(text) for text in ("0.5", " −2 ", "1e-3", "-1e-7")] == [0.5, -2.0, 1e-3, -1e-7]


# The panel


def test_noise_breaks_the_symmetry_now(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    go_to(qtbot, touching, 50)
    panel = touching.panel
    panel.show()
    assert panel.noise.currentText() == "1e-3"
    panel.lane.setCurrentText("constant-2")
    panel.noise.setEditText("1e-5")
    qtbot.mouseClick(panel.add_noise, LEFT)
    wait_for_lanes(qtbot, touching, 4)
    old, new = shown(touching.laboratory).lanes[1], shown(touching.laboratory).lanes[3]
    assert new.name == "constant-2 + noise 1e-05 at 50"
    assert (old.layers[0].symmetry.groups, new.layers[0].symmetry.groups) == (1, 4)
    assert panel.lane.currentText() == "constant-2", "the chosen lane stays chosen"


@pytest.mark.parametrize("text", ["", "0", "-1e-3", "some", "inf"])
def test_only_noise_above_0_can_be_added(qtbot: QtBot, touch: Touch, text: str) -> None:
    panel = touch("columns").panel
    panel.noise.setEditText(text)
    assert not panel.add_noise.isEnabled()
    panel.noise.setEditText("0.5")
    assert panel.add_noise.isEnabled()


def test_a_neuron_and_its_copy_stay_equal(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("circles")
    go_to(qtbot, touching, 30)
    panel = touching.panel
    panel.show()
    panel.lane.setCurrentText("he")
    panel.layer.setValue(2)
    panel.first.setValue(5)
    panel.second.setValue(2)
    qtbot.mouseClick(panel.copy_neuron, LEFT)
    wait_for_lanes(qtbot, touching, 5)
    go_to(qtbot, touching, 200)
    labels = shown(touching.laboratory).lanes[4].layers[1].symmetry.labels
    assert labels[4] == labels[1]
    assert len(set(labels)) == 4


def test_the_panel_offers_only_what_there_is(qtbot: QtBot, touch: Touch) -> None:
    panel = touch("circles").panel
    assert [panel.lane.itemText(i) for i in range(panel.lane.count())] == ["zeros", "large", "xavier", "he"]
    assert panel.layer.maximum() == 2
    assert (panel.first.value(), panel.second.value(), panel.second.maximum()) == (1, 2, 10)
    panel.layer.setValue(2)
    assert panel.second.maximum() == 5
    panel.second.setValue(1)
    panel.first.setValue(4)
    assert panel.copy_neuron.isEnabled()
    panel.second.setValue(4)
    assert not panel.copy_neuron.isEnabled()


def test_any_lane_but_the_last_can_be_removed(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    panel = touching.panel
    panel.show()
    qtbot.mouseClick(panel.add_noise, LEFT)
    wait_for_lanes(qtbot, touching, 4)
    panel.lane.setCurrentIndex(3)
    for left in (3, 2, 1):
        qtbot.mouseClick(panel.remove, LEFT)
        wait_for_lanes(qtbot, touching, left)
    assert not panel.remove.isEnabled()
    assert not touching.said


def test_every_control_of_the_panel_has_a_name_and_a_tip(touch: Touch) -> None:
    panel = touch("columns").panel
    for control in (panel.lane, panel.noise, panel.layer, panel.first, panel.second):
        assert control.objectName().startswith("touch.")
        assert control.accessibleName()
        assert control.toolTip()
    for button in (panel.add_noise, panel.copy_neuron, panel.remove):
        assert button.accessibleName() == button.text()
        assert button.toolTip()


# Refusals, and the end


def test_a_ninth_lane_is_refused_in_a_sentence(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    for number in range(5):
        touching.controller.nudge("random", NeuronRef(1, 0), 0, float(number))
        wait_for_lanes(qtbot, touching, 4 + number)
    touching.controller.nudge("random", NeuronRef(1, 0), 0, 9.0)
    assert touching.said == ["There is room for 8 lanes and there are 8: remove one first."]


def test_a_fork_in_the_past_shows_its_step_and_catches_up(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    go_to(qtbot, touching, 3000)
    go_to(qtbot, touching, 1000)
    drag(qtbot, touching.heatmap(1, 1), cell(touching.heatmap(1, 1), 1, 2), up=20)
    wait_for_lanes(qtbot, touching, 4)
    qtbot.waitUntil(lambda: shown(touching.laboratory).activity.value == "idle")
    found = shown(touching.laboratory)
    assert (found.step, found.last_step) == (1000, 3000)
    assert found.lanes[3].loss_curve.low.shape == found.lanes[0].loss_curve.low.shape


def test_the_window_closes_while_a_lane_catches_up(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    go_to(qtbot, touching, 400_000)
    go_to(qtbot, touching, 0)
    touching.controller.nudge("zeros", NeuronRef(1, 0), 0, 1.0)
    wait_for_lanes(qtbot, touching, 4)
    assert shown(touching.laboratory).activity.value == "seeking"
    touching.laboratory.window.end()
    assert training_has_ended()


def test_rewinding_takes_touched_lanes_away(qtbot: QtBot, touch: Touch) -> None:
    touching = touch("columns")
    go_to(qtbot, touching, 10)
    touching.controller.nudge("zeros", NeuronRef(1, 0), 0, 1.0)
    wait_for_lanes(qtbot, touching, 4)
    touching.laboratory.training.rewind()
    wait_for_lanes(qtbot, touching, 3)
    assert shown(touching.laboratory).step == 0
