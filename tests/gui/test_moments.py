"""Bad moments: before the first picture, while another experiment arrives, when a file has gone; what stays behind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NeuronRef
from engine.session.session_file import Session
from gui.app.application import Laboratory, build_laboratory
from gui.look.theme import THEMES
from gui.window.action_table import ACTIONS
from gui.window.settings import Settings
from tests.builders import document, layer

from .conftest import Build
from .test_real_use import save_as, shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton
NOT_NOW = {"quit", "full_screen"}


def failures_of(laboratory: Laboratory) -> list[str]:
    said: list[str] = []
    laboratory.training.failed.connect(lambda sentence, _details: said.append(sentence))
    laboratory.mishaps.told.connect(lambda sentence, _details: said.append(sentence))
    return said


def test_every_action_and_touch_before_the_first_picture_does_no_harm(qtbot: QtBot) -> None:
    laboratory = build_laboratory(open_target("columns"), Settings(), THEMES["light"])
    window, said = laboratory.window, failures_of(laboratory)
    window.show()
    assert laboratory.training.snapshot is None
    window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
    window.show_touch()
    window.touch.noise.setEditText("1e-2")
    for button in (window.touch.add_noise, window.touch.copy_neuron, window.touch.remove):
        qtbot.mouseClick(button, LEFT)
    for field in (window.touch.layer, window.touch.first, window.touch.second):
        qtbot.keyClicks(field.lineEdit(), "3")
    window.touch.close()
    for spec in ACTIONS:
        if spec.id not in NOT_NOW:
            window.actions_by_id[spec.id].trigger()
            for box in (*window.findChildren(QFileDialog), *window.findChildren(QMessageBox)):
                box.reject()
    qtbot.waitUntil(lambda: laboratory.training.snapshot is not None)
    laboratory.training.stop_playing()
    laboratory.training.go_to(3)
    qtbot.waitUntil(lambda: shown(laboratory).step == 3)
    assert not said
    window.end()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("again", ["touch", "rewind", "new seed"])
def test_a_file_of_weights_that_has_gone_is_a_sentence_and_the_lanes_stay(
    qtbot: QtBot, build: Build, tmp_path: Path, again: str
) -> None:
    weights = {"kind": "file", "path": "w.npz", "array": "w"}
    path = tmp_path / "experiment.json"
    path.write_bytes(msgspec.json.encode(document(layer(3, "tanh", weights), layer(1))))
    with (tmp_path / "w.npz").open("wb") as file:
        inputs = int(document(layer(3), layer(1))["data"].get("inputs", 2))
        np.savez(file, w=np.linspace(-1, 1, 3 * inputs).reshape(inputs, 3))
    laboratory = build(str(path))
    laboratory.training.go_to(5)
    wait_for_step(qtbot, laboratory, 5)
    before = shown(laboratory).lanes[0].theta
    (tmp_path / "w.npz").unlink()
    said = failures_of(laboratory)
    if again == "touch":
        laboratory.window.nudge_requested.emit(shown(laboratory).lanes[0].name, NeuronRef(1, 0), 0, 7.5)
        qtbot.waitUntil(lambda: bool(said) or len(shown(laboratory).lanes) == 2)
        np.testing.assert_array_equal(shown(laboratory).lanes[0].theta, before)
    elif again == "rewind":
        laboratory.window.actions_by_id["rewind"].trigger()
        qtbot.waitUntil(lambda: bool(said) or shown(laboratory).last_step == 0)
    else:
        laboratory.window.actions_by_id["new_seed"].trigger()
        qtbot.waitUntil(lambda: bool(said) or shown(laboratory).last_step == 0)
    assert all("w.npz" in sentence for sentence in said), said
    step = shown(laboratory).step
    laboratory.training.step_forward()
    wait_for_step(qtbot, laboratory, step + 1)
    laboratory.window.target_requested.emit("columns")
    question = laboratory.window.findChild(QMessageBox, "question")
    if question is not None:
        question.accept()
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("columns"))


def test_the_pointer_rests_on_neuron_9_while_a_smaller_experiment_opens(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1920, 1080))
    said = failures_of(laboratory)
    graph = laboratory.window.lanes[0].graph
    over: list[object] = []
    laboratory.window.neuron_hovered.connect(over.append)
    for y in range(0, graph.viewport().height(), 3):
        for share in (0.25, 0.33, 0.4, 0.5):
            qtbot.mouseMove(graph.viewport(), graph.viewport().rect().topLeft())
            place = graph.viewport().rect().topLeft()
            place.setX(round(share * graph.viewport().width()))
            place.setY(y)
            qtbot.mouseMove(graph.viewport(), place)
        if any(getattr(found, "neuron", None) and found.neuron.neuron == 8 for found in over):  # type: ignore[attr-defined]
            break
    hovered = laboratory.display.state.hovered
    if hovered is None:
        laboratory.window.neuron_hovered.emit(next(found for found in reversed(over) if found is not None))
    laboratory.window.target_requested.emit("columns")
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("columns"))
    for step in (1, 2, 3):
        laboratory.training.step_forward()
        wait_for_step(qtbot, laboratory, step)
    assert not said


def test_a_picture_is_saved_although_another_experiment_arrives_while_it_is_named(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("circles")
    said = failures_of(laboratory)
    drawing = laboratory.window.lanes[3].graph
    drawing.context_menu_requested.emit(drawing)
    menu = laboratory.window.findChild(QMenu, "menu.drawing")
    assert menu is not None
    menu.actions()[0].trigger()
    menu.close()
    laboratory.window.target_requested.emit("columns")
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("columns"))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    path = tmp_path / "graph.png"
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    assert not QImage(str(path)).isNull()
    assert laboratory.window.notice.text.text() == f"Saved {path}"
    assert not said


def test_a_file_is_replaced_only_when_somebody_agrees(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    path = tmp_path / "<img src=zero>.json"
    path.write_text("mine")
    for button in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Ok):
        laboratory.window.actions_by_id["save"].trigger()
        save_as(qtbot, laboratory, path)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        question = laboratory.window.findChild(QMessageBox, "question")
        assert question is not None
        assert question.text() == "Replace the file?"
        assert question.informativeText() == f"What is in {path} now is lost."
        assert question.defaultButton() is question.button(QMessageBox.StandardButton.Cancel)
        assert path.read_text() == "mine"
        qtbot.mouseClick(question.button(button), LEFT)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert path.read_text() != "mine"


def inner_objects(laboratory: Laboratory) -> Counter[str]:
    """Return how many objects of each class the windows have; those that Qt deletes later are gone."""
    for _ in range(3):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    tops: list[QObject] = [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]
    found = [child for top in tops for child in top.findChildren(QObject)]
    names = [type(child).__name__ for child in (*tops, *found)]
    return Counter(name for name in names if name != "QPropertyAnimation")


def test_objects_do_not_grow_from_one_experiment_to_the_next(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    window = laboratory.window
    laboratory.display.set_side(on=True)

    def go_round() -> Counter[str]:
        for name in ("circles", "zero-gradient", "columns"):
            window.target_requested.emit(name)
            qtbot.waitUntil(lambda name=name: window.windowTitle().startswith(name))
            laboratory.training.go_to(4)
            wait_for_step(qtbot, laboratory, 4)
            for page in ("why", "health", "small"):
                laboratory.display.set_page(page)
                step = shown(laboratory).step
                laboratory.training.step_forward()
                wait_for_step(qtbot, laboratory, step + 1)
            for lane in window.lanes[:1]:
                lane.graph.context_menu_requested.emit(lane.graph)
                for menu in window.findChildren(QMenu, "menu.drawing"):
                    menu.close()
            window.actions_by_id["export_figure"].trigger()
            for dialog in window.findChildren(QFileDialog):
                dialog.reject()
            window.show_help()
            window.show_touch()
            window.touch.close()
        return inner_objects(laboratory)

    go_round()
    first = go_round()
    second = go_round()
    assert second - first == Counter()
    for widget in QApplication.topLevelWidgets():
        if widget is not window:
            widget.close()


@pytest.mark.parametrize("entry", [0, 1, -1], ids=["export", "copy", "enlarge"])
def test_an_entry_of_the_menu_of_a_drawing_that_has_just_gone_does_nothing(
    qtbot: QtBot, build: Build, entry: int
) -> None:
    laboratory = build("circles")
    drawing = laboratory.window.lanes[3].heatmaps[0]
    drawing.context_menu_requested.emit(drawing)
    menu = laboratory.window.findChild(QMenu, "menu.drawing")
    assert menu is not None
    chosen = menu.actions()[entry]
    chosen.setParent(laboratory.window)  # chosen in the moment in which its menu closes
    laboratory.training.open(Session(open_target("columns")))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    chosen.trigger()
    assert laboratory.display.state.enlarged == ""
    assert not [dialog for dialog in laboratory.window.findChildren(QFileDialog) if dialog.isVisible()]
    chosen.deleteLater()
