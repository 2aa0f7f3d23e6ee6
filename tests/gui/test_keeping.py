"""Nothing that a person made goes without a question, and without a person nothing waits for an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from engine.training.edits import Set, SetWeight
from gui.app.application import Laboratory

from .conftest import Build
from .test_real_use import child, press, save_as, shown, wait_for_step

OK, CANCEL = QMessageBox.StandardButton.Ok, QMessageBox.StandardButton.Cancel
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def touched(qtbot: QtBot, build: Build) -> Laboratory:
    """Return a window with a lane that was made by touching at step 5."""
    laboratory = build("columns")
    touch(qtbot, laboratory, step=5)
    return laboratory


def touch(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    laboratory.training.go_to(step)
    wait_for_step(qtbot, laboratory, step)
    lanes = len(shown(laboratory).lanes)
    laboratory.window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == lanes + 1)


def question(laboratory: Laboratory) -> QMessageBox | None:
    asked = [box for box in laboratory.window.findChildren(QMessageBox, "question") if box.isVisible()]
    assert len(asked) <= 1
    return asked[0] if asked else None


def answer(qtbot: QtBot, laboratory: Laboratory, button: QMessageBox.StandardButton) -> None:
    asked = question(laboratory)
    assert asked is not None
    qtbot.mouseClick(asked.button(button), LEFT)
    assert question(laboratory) is None
    QApplication.processEvents()  # the window below is the active one again


def choose_preset(_qtbot: QtBot, laboratory: Laboratory, _folder: Path) -> None:
    menu = laboratory.window.findChild(QMenu, "menu.presets")
    assert menu is not None
    next(entry for entry in menu.actions() if entry.data() == "circles").trigger()


def drop_file(_qtbot: QtBot, laboratory: Laboratory, folder: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(circles_in(folder)))])
    what = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(laboratory.window, QDragEnterEvent(QPoint(50, 50), *what))
    QApplication.sendEvent(laboratory.window, QDropEvent(QPointF(50, 50), *what))


def open_file(qtbot: QtBot, laboratory: Laboratory, folder: Path) -> None:
    path = circles_in(folder)
    laboratory.window.actions_by_id["open"].trigger()
    save_as(qtbot, laboratory, path)


def circles_in(folder: Path) -> Path:
    path = folder / "circles.json"
    root = Path(__file__).resolve().parents[2]
    [shipped] = root.glob("resources/**/circles.json")
    path.write_text(json.dumps(json.loads(shipped.read_text("utf-8"))))
    return path


WAYS = [choose_preset, drop_file, open_file]


@pytest.mark.parametrize("way", WAYS)
def test_opening_another_experiment_asks_while_there_are_touched_lanes(
    qtbot: QtBot, touched: Laboratory, tmp_path: Path, way: Callable[[QtBot, Laboratory, Path], None]
) -> None:
    way(qtbot, touched, tmp_path)
    qtbot.waitUntil(lambda: question(touched) is not None)
    asked = question(touched)
    assert asked is not None
    assert asked.text() == "Open another experiment?"
    assert asked.informativeText() == "1 change that no file has is lost; save first to keep it."
    assert asked.defaultButton() is asked.button(CANCEL)
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    assert question(touched) is None
    touched.training.go_to(6)
    wait_for_step(qtbot, touched, 6)
    assert [lane.name for lane in shown(touched).lanes][3:] == ["random + nudge at 5"]

    way(qtbot, touched, tmp_path)
    qtbot.waitUntil(lambda: question(touched) is not None)
    answer(qtbot, touched, OK)
    qtbot.waitUntil(lambda: len(touched.window.lanes) == 4 and touched.window.lanes[0].name == "zeros")
    qtbot.waitUntil(lambda: touched.window.windowTitle().startswith("circles"))


@pytest.mark.parametrize("way", WAYS)
def test_opening_another_experiment_asks_nothing_where_nothing_goes(
    qtbot: QtBot, build: Build, tmp_path: Path, way: Callable[[QtBot, Laboratory, Path], None]
) -> None:
    laboratory = build("columns")
    way(qtbot, laboratory, tmp_path)
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("circles"))
    assert question(laboratory) is None


def test_closing_the_window_asks_and_cancel_keeps_it(qtbot: QtBot, touched: Laboratory) -> None:
    touched.window.close()
    assert touched.window.isVisible()
    asked = question(touched)
    assert asked is not None
    assert asked.text() == "Close the window?"
    qtbot.keyClick(asked, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert touched.window.isVisible()
    touched.training.step_forward()
    wait_for_step(qtbot, touched, 6)

    press(qtbot, touched, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert touched.window.isVisible()
    answer(qtbot, touched, OK)
    assert not touched.window.isVisible()


def test_closing_asks_nothing_where_nothing_goes(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.training.go_to(2000)
    wait_for_step(qtbot, laboratory, 2000)
    laboratory.window.close()
    assert not laboratory.window.isVisible()


def test_the_program_itself_closes_without_a_question(touched: Laboratory) -> None:
    touched.window.end()
    assert not touched.window.isVisible()
    assert question(touched) is None


def test_a_second_question_takes_the_place_of_the_first(qtbot: QtBot, touched: Laboratory) -> None:
    touched.window.target_requested.emit("circles")
    touched.window.close()
    asked = question(touched)
    assert asked is not None
    assert asked.text() == "Close the window?"
    answer(qtbot, touched, CANCEL)
    assert touched.window.isVisible()


def test_r_and_n_ask_while_there_are_touched_lanes(qtbot: QtBot, touched: Laboratory) -> None:
    for key, title in ((Qt.Key.Key_R, "Rewind?"), (Qt.Key.Key_N, "Start again with a new seed?")):
        press(qtbot, touched, key)
        asked = question(touched)
        assert asked is not None
        assert asked.text() == title
        assert "The 5 recorded steps are forgotten." in asked.informativeText()
        assert "random + nudge at 5" in asked.informativeText()
        answer(qtbot, touched, CANCEL)
    touched.training.step_forward()
    wait_for_step(qtbot, touched, 6)
    press(qtbot, touched, Qt.Key.Key_R)
    answer(qtbot, touched, OK)
    qtbot.waitUntil(lambda: len(shown(touched).lanes) == 3 and shown(touched).last_step == 0)


def test_opening_asks_for_many_steps_and_rewinding_for_what_was_changed_on_the_way(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns")
    laboratory.training.go_to(1500)
    wait_for_step(qtbot, laboratory, 1500)
    laboratory.window.target_requested.emit("circles")
    asked = question(laboratory)
    assert asked is not None
    assert asked.informativeText() == "The 1,500 recorded steps are forgotten."
    answer(qtbot, laboratory, CANCEL)
    laboratory.training.try_value(
        Set("optimizer.learning_rate", 0.5, lane="random", step=20, in_lane="same"), is_final=True
    )
    qtbot.waitUntil(lambda: bool(laboratory.training.log and laboratory.training.log.actions))
    press(qtbot, laboratory, Qt.Key.Key_R)
    asked = question(laboratory)
    assert asked is not None
    assert asked.informativeText().endswith(
        "What was changed on the way in 1 lane is taken back: random. Undo brings everything back."
    )
    answer(qtbot, laboratory, OK)
    qtbot.waitUntil(lambda: shown(laboratory).last_step == 0)
    assert [lane.name for lane in shown(laboratory).lanes] == ["zeros", "constant-2", "random"]
    laboratory.training.undo()
    qtbot.waitUntil(lambda: shown(laboratory).last_step == 1500 and shown(laboratory).step == 20)
    assert shown(laboratory).lanes[2].experiment.optimizer.learning_rate == 0.5  # type: ignore[union-attr]


def test_rewinding_names_only_lanes_that_it_takes_away(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    touch(qtbot, laboratory, step=0)
    laboratory.training.go_to(20)
    wait_for_step(qtbot, laboratory, 20)
    press(qtbot, laboratory, Qt.Key.Key_R)
    assert question(laboratory) is None
    qtbot.waitUntil(lambda: shown(laboratory).last_step == 0)
    assert len(shown(laboratory).lanes) == 4, "it was touched at step 0 and starts from there"


def test_saving_keeps_touched_lanes_and_the_step(
    qtbot: QtBot, touched: Laboratory, build: Build, tmp_path: Path
) -> None:
    assert touched.window.isWindowModified()
    path, before = tmp_path / "saved.json", shown(touched)
    press(qtbot, touched, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    save_as(qtbot, touched, path)
    qtbot.waitUntil(touched.window.notice.isVisible)
    assert touched.window.notice.text.text() == f"Saved {path}"
    assert not touched.window.isWindowModified()
    touched.window.target_requested.emit("circles")
    qtbot.waitUntil(lambda: touched.window.windowTitle().startswith("circles"))
    assert question(touched) is None, "a file has everything"
    touched.window.target_requested.emit(str(path))
    qtbot.waitUntil(lambda: len(touched.window.lanes) == 4 and shown(touched).step == 5)
    assert not touched.window.isWindowModified()
    for lane, old in zip(shown(touched).lanes, before.lanes, strict=True):
        assert lane.name == old.name
        np.testing.assert_array_equal(lane.theta, old.theta)


def test_an_experiment_file_says_what_it_cannot_hold(
    qtbot: QtBot, touched: Laboratory, tmp_path: Path
) -> None:
    path = tmp_path / "saved.json"
    touched.window.actions_by_id["save_experiment"].trigger()
    save_as(qtbot, touched, path)
    qtbot.waitUntil(touched.window.notice.isVisible)
    assert touched.window.notice.text.text() == (
        f"Saved {path}. Edited weights are not in it, only a session has them; "
        "that concerns: random + nudge at 5"
    )
    names = [variant["name"] for variant in json.loads(path.read_text("utf-8"))["variants"]]
    assert names == ["zeros", "constant-2", "random", "random + nudge at 5"]
    assert touched.window.isWindowModified(), "the edit is in no file"


def test_everything_can_be_undone_and_done_again_with_the_keys(qtbot: QtBot, touched: Laboratory) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    before = shown(touched)
    undo = touched.window.actions_by_id["undo"]
    assert undo.text() == "&Undo: weight of layer 1 = 7.50, at step 5 (random)"
    press(qtbot, touched, Qt.Key.Key_Z, control)
    qtbot.waitUntil(lambda: len(touched.window.lanes) == 3)
    assert (shown(touched).step, undo.isEnabled()) == (5, False)
    assert not touched.window.isWindowModified()
    press(qtbot, touched, Qt.Key.Key_Z, control | shift)
    qtbot.waitUntil(lambda: len(touched.window.lanes) == 4)
    qtbot.waitUntil(lambda: shown(touched).step == 5)
    np.testing.assert_array_equal(shown(touched).lanes[3].theta, before.lanes[3].theta)
    history = touched.window.findChild(QMenu, "menu.history")
    assert history is not None
    assert [entry.isChecked() for entry in history.actions()] == [False, True]
    history.actions()[0].trigger()
    qtbot.waitUntil(lambda: len(touched.window.lanes) == 3)


def test_opening_a_good_file_takes_the_old_error_away(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    laboratory.window.target_requested.emit(str(bad))
    qtbot.waitUntil(laboratory.window.notice.isVisible)
    drop_file(qtbot, laboratory, tmp_path)
    qtbot.waitUntil(lambda: "circles" in laboratory.window.windowTitle())
    assert not laboratory.window.notice.isVisible()


def test_enter_in_any_field_of_the_touch_dialog_removes_no_lane(qtbot: QtBot, touched: Laboratory) -> None:
    panel = touched.window.touch
    panel.show()
    panel.lane.setCurrentIndex(3)
    assert panel.remove.isEnabled()
    for field in (panel.lane, panel.noise.lineEdit(), panel.layer, panel.first, panel.second, panel):
        field.setFocus()
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClick(field, Qt.Key.Key_Enter)
    touched.training.step_forward()
    wait_for_step(qtbot, touched, 6)
    assert [lane.name for lane in shown(touched).lanes][3:] == ["random + nudge at 5"]
    panel.close()


def test_typing_a_far_step_trains_and_the_button_and_space_stop(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    field, play = laboratory.window.transport.step, laboratory.window.actions_by_id["play"]
    field.lineEdit().setFocus()
    field.lineEdit().selectAll()
    qtbot.keyClicks(field.lineEdit(), "900000000")
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(laboratory).step > 100)
    assert "Pause" in play.text()
    assert child(laboratory, "transport.play").toolTip() == play.toolTip()
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "Play" in play.text())
    assert shown(laboratory).goal is None
    stopped = shown(laboratory).last_step
    press(qtbot, laboratory, Qt.Key.Key_Right)
    wait_for_step(qtbot, laboratory, stopped + 1)
    assert shown(laboratory).last_step == stopped + 1, "nothing trained on behind the button"


def test_touching_that_changes_nothing_makes_no_lane_and_says_why(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    panel = laboratory.window.touch
    panel.show()
    panel.lane.setCurrentText("constant-2")
    notice = laboratory.window.notice
    qtbot.mouseClick(panel.copy_neuron, LEFT)
    qtbot.waitUntil(notice.isVisible)
    assert notice.text.text() == (
        "neurons 1 and 2 of layer 1 are equal already, with all their weights: a copy changes nothing"
    )
    panel.noise.setEditText("1e-30")
    qtbot.mouseClick(panel.add_noise, LEFT)
    qtbot.waitUntil(lambda: "1e-30" in notice.text.text())
    laboratory.training.fork("constant-2", SetWeight(1, 0, 0, 2.0))
    qtbot.waitUntil(lambda: "is 2 already" in notice.text.text())
    laboratory.training.step_forward()
    wait_for_step(qtbot, laboratory, 1)
    assert len(shown(laboratory).lanes) == 3
    panel.close()
