"""What a person does with the window, with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.report.snapshot import Snapshot
from engine.session.commands import MoveTo
from gui.app.application import Laboratory

from .conftest import Build, training_has_ended


def child(laboratory: Laboratory, name: str) -> QWidget:
    found = laboratory.window.findChild(QWidget, name)
    assert found is not None, f"there is no widget {name}"
    return found


def click(qtbot: QtBot, laboratory: Laboratory, name: str) -> None:
    button = child(laboratory, name)
    assert isinstance(button, QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def press(
    qtbot: QtBot, laboratory: Laboratory, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None
) -> None:
    laboratory.window.activateWindow()
    qtbot.waitUntil(laboratory.window.isActiveWindow)
    qtbot.keyClick(laboratory.window, key, modifier or Qt.KeyboardModifier.NoModifier)


def shown(laboratory: Laboratory) -> Snapshot:
    assert laboratory.training.snapshot is not None
    return laboratory.training.snapshot


def wait_for_step(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    qtbot.waitUntil(lambda: shown(laboratory).step == step)


def save_as(qtbot: QtBot, laboratory: Laboratory, path: Path) -> None:
    """Put a path into the file dialog that is open, and accept it with a click."""
    qtbot.waitUntil(lambda: laboratory.window.findChild(QFileDialog, "file_dialog") is not None)
    dialog = laboratory.window.findChild(QFileDialog, "file_dialog")
    assert dialog is not None
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(path))  # typing would open the list of completions
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    accept = next(
        b for b in buttons.buttons() if buttons.buttonRole(b) is QDialogButtonBox.ButtonRole.AcceptRole
    )
    qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)


def test_load_play_see_frames_pause_go_back_scrub_play_export_close_while_training(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    frames: list[Snapshot] = []
    laboratory.training.snapshot_arrived.connect(frames.append)

    click(qtbot, laboratory, "transport.play")
    qtbot.waitUntil(lambda: len(frames) >= 60)
    steps = [snapshot.step for snapshot in frames[:60]]
    assert steps == list(range(steps[0], steps[0] + 60)), "at this speed every step is shown"

    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).activity.value == "idle")
    stopped = shown(laboratory)

    press(qtbot, laboratory, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    wait_for_step(qtbot, laboratory, stopped.step - 10)
    then = next(snapshot for snapshot in frames if snapshot.step == stopped.step - 10)
    for lane, before in zip(shown(laboratory).lanes, then.lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, before.theta)
        np.testing.assert_array_equal(lane.gradient, before.gradient)
        assert lane.loss == before.loss

    slider = child(laboratory, "timeline.slider")
    assert isinstance(slider, QSlider)
    slider.setValue(0)
    wait_for_step(qtbot, laboratory, 0)

    frames.clear()
    click(qtbot, laboratory, "transport.play")
    qtbot.waitUntil(lambda: len(frames) >= 10)

    press(qtbot, laboratory, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    path = tmp_path / "figure.png"
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    picture = QImage(str(path))
    assert picture.width() > 1000
    colours = {
        picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)
    }
    assert len(colours) > 20, "the figure is empty"

    assert laboratory.training.snapshot is not None
    laboratory.window.close()
    assert training_has_ended()


def test_keys_step_and_jump(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    press(qtbot, laboratory, Qt.Key.Key_Right)
    wait_for_step(qtbot, laboratory, 1)
    press(qtbot, laboratory, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    wait_for_step(qtbot, laboratory, 11)
    press(qtbot, laboratory, Qt.Key.Key_Left)
    wait_for_step(qtbot, laboratory, 10)
    press(qtbot, laboratory, Qt.Key.Key_Home)
    wait_for_step(qtbot, laboratory, 0)
    press(qtbot, laboratory, Qt.Key.Key_End)
    wait_for_step(qtbot, laboratory, 11)


def test_buttons_step(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    for name, step in (
        ("step_forward", 1),
        ("ten_forward", 11),
        ("step_back", 10),
        ("ten_back", 0),
        ("to_end", 11),
    ):
        click(qtbot, laboratory, f"transport.{name}")
        wait_for_step(qtbot, laboratory, step)
    click(qtbot, laboratory, "transport.to_start")
    wait_for_step(qtbot, laboratory, 0)
    assert shown(laboratory).last_step == 11, "going to the start forgets nothing"


def test_rewind_keeps_the_weights_and_new_seed_changes_only_random_ones(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    first = shown(laboratory)
    click(qtbot, laboratory, "transport.ten_forward")
    wait_for_step(qtbot, laboratory, 10)
    press(qtbot, laboratory, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: shown(laboratory).last_step == 0)
    for lane, before in zip(shown(laboratory).lanes, first.lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, before.theta)
    press(qtbot, laboratory, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: shown(laboratory).generation != first.generation)
    by_name = {lane.name: lane for lane in shown(laboratory).lanes}
    old = {lane.name: lane for lane in first.lanes}
    np.testing.assert_array_equal(by_name["zeros"].theta, old["zeros"].theta)
    assert not np.array_equal(by_name["random"].theta, old["random"].theta)


def test_a_typed_step_is_trained_and_shown(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    field = child(laboratory, "timeline.step")
    assert isinstance(field, QSpinBox)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "250")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    wait_for_step(qtbot, laboratory, 250)
    assert field.value() == 250
    assert shown(laboratory).last_step == 250


def test_the_slowest_speed_shows_one_step_per_second(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    frames: list[Snapshot] = []
    laboratory.training.snapshot_arrived.connect(frames.append)
    speed = child(laboratory, "transport.speed")
    assert isinstance(speed, QSlider)
    speed.setValue(0)
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).step >= 2)
    assert [snapshot.step for snapshot in frames if snapshot.step] == [1, 2]


def test_the_fastest_speed_records_every_step_and_stops_where_the_experiment_ends(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    speed = child(laboratory, "transport.speed")
    assert isinstance(speed, QSlider)
    speed.setValue(speed.maximum())
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).step > 5_000)
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).activity.value == "idle")
    end = shown(laboratory).step
    slider = child(laboratory, "timeline.slider")
    assert isinstance(slider, QSlider)
    slider.setValue(1234)
    wait_for_step(qtbot, laboratory, 1234)
    assert shown(laboratory).last_step == end, "1234 was recorded, nothing is trained again"


def test_clicking_into_a_curve_goes_to_that_step(qtbot: QtBot, build: Build) -> None:
    laboratory = build()
    child(laboratory, "timeline.step").setValue(100)  # type: ignore[attr-defined]
    wait_for_step(qtbot, laboratory, 100)
    plot = laboratory.window.curves.loss
    middle = plot.mapFromScene(plot.area.center())
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.waitUntil(lambda: 40 <= shown(laboratory).step <= 60)


def test_a_preset_is_chosen_from_the_menu(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", (1920, 1080))
    menu = laboratory.window.findChild(QWidget, "menu.presets")
    assert menu is not None
    menu.popup(QPoint(10, 10))  # type: ignore[attr-defined]
    action = next(action for action in menu.actions() if action.text().startswith("Two circles"))
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4)
    qtbot.waitUntil(child(laboratory, "lane.3.graph").isVisible)
    status = child(laboratory, "lane.0.status")
    assert isinstance(status, QLabel)
    assert status.text() == (
        "Layer 1: 10 neurons, 1 distinct column, 1 group. Gradients exactly 0.\n"
        "Layer 2: 5 neurons, 1 distinct column, 1 group. Gradients exactly 0."
    )


def test_a_mistake_in_the_program_shows_what_a_report_needs(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.runner.send(MoveTo("three"))  # type: ignore[arg-type]
    notice, details = child(laboratory, "notice"), child(laboratory, "notice.details")
    qtbot.waitUntil(notice.isVisible)
    assert not details.isVisible()
    click(qtbot, laboratory, "notice.more")
    assert details.isVisible()
    assert isinstance(details, QPlainTextEdit)
    assert "Traceback" in details.toPlainText()
    laboratory.window.show_error("a mistake of the user")
    assert not child(laboratory, "notice.more").isVisible()
