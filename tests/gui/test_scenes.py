"""Scenes: a lecture is a list of views, and every one is exactly as it was when it was taken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.app.application import Laboratory

from .conftest import Build
from .test_keeping import answer, question
from .test_real_use import click, press, save_as, shown, wait_for_step

KEY, MODIFIER, LEFT = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton


def names(laboratory: Laboratory) -> list[str]:
    return [scene.name for scene in shown(laboratory).log.recipe.scenes]


def add_scene(qtbot: QtBot, laboratory: Laboratory, step: int, name: str, note: str) -> None:
    """Take a scene at a step with the keys, and write its name and its note."""
    laboratory.training.go_to(step)
    wait_for_step(qtbot, laboratory, step)
    count = len(names(laboratory))
    press(qtbot, laboratory, KEY.Key_B, MODIFIER.ControlModifier)
    dialog = laboratory.window.scenes
    qtbot.waitUntil(lambda: dialog.list.count() == count + 1 and dialog.name.hasFocus())
    qtbot.keyClicks(dialog.name, name)
    qtbot.keyClick(dialog.name, KEY.Key_Tab)
    qtbot.keyClicks(dialog.note, note)
    qtbot.keyClick(dialog, KEY.Key_Escape)
    qtbot.waitUntil(
        lambda: [(s.name, s.note) for s in shown(laboratory).log.recipe.scenes][-1] == (name, note)
    )


@pytest.fixture
def lecture(qtbot: QtBot, build: Build) -> Laboratory:
    """Return a window with two scenes: the start, and step 40 with the health of the second lane."""
    laboratory = build("columns", size=(1400, 900))
    window = laboratory.window
    add_scene(qtbot, laboratory, 0, "The start", "All columns of zeros are equal.")
    window.actions_by_id["gradients"].setChecked(True)
    window.alarms_clicked.emit(1)
    add_scene(qtbot, laboratory, 40, "Later & <b>parted</b>", "Random ones differ.")
    window.actions_by_id["gradients"].setChecked(False)
    return laboratory


def test_page_up_and_page_down_go_through_the_scenes_exactly_as_they_were(
    qtbot: QtBot, lecture: Laboratory
) -> None:
    window = lecture.window
    lecture.training.go_to(3000)
    wait_for_step(qtbot, lecture, 3000)
    press(qtbot, lecture, KEY.Key_PageUp)
    wait_for_step(qtbot, lecture, 0)
    qtbot.waitUntil(lambda: window.scene_strip.note.text() == "All columns of zeros are equal.")
    assert (window.scene_strip.isVisible(), lecture.display.state.gradients) == (True, False)
    first = lecture.display.state
    press(qtbot, lecture, KEY.Key_PageDown)
    wait_for_step(qtbot, lecture, 40)
    state = lecture.display.state
    assert (state.gradients, state.lane, state.page, state.side) == (True, 1, "health", True)
    press(qtbot, lecture, KEY.Key_PageDown)
    assert window.scene_strip.note.text() == "Random ones differ.", "there is no scene behind the last"
    press(qtbot, lecture, KEY.Key_PageUp)
    wait_for_step(qtbot, lecture, 0)
    assert lecture.display.state == first, "colours included: those of step 3000 are for larger numbers"
    click(qtbot, lecture, "scene.close")
    assert not window.scene_strip.isVisible()
    click(qtbot, lecture, "scene.close")
    press(qtbot, lecture, KEY.Key_PageDown)
    qtbot.waitUntil(window.scene_strip.isVisible)


def test_a_far_scene_is_trained_to_again(qtbot: QtBot, lecture: Laboratory) -> None:
    add_scene(qtbot, lecture, 5000, "Far", "")
    press(qtbot, lecture, KEY.Key_R)
    qtbot.waitUntil(lambda: question(lecture) is not None)
    answer(qtbot, lecture, question(lecture).StandardButton.Ok)
    qtbot.waitUntil(lambda: shown(lecture).last_step == 0)
    lecture.window.scenes.chosen.emit(2)
    wait_for_step(qtbot, lecture, 5000)


def test_scenes_are_listed_renamed_moved_and_removed_and_all_of_it_is_undone(
    qtbot: QtBot, lecture: Laboratory
) -> None:
    window, dialog = lecture.window, lecture.window.scenes
    window.actions_by_id["edit_scenes"].trigger()
    dialog.list.setCurrentRow(1)
    buttons = {button.objectName(): button for button in dialog._buttons}
    qtbot.mouseClick(buttons["scenes.up"], LEFT)
    qtbot.waitUntil(lambda: names(lecture) == ["Later & <b>parted</b>", "The start"])
    assert dialog.list.currentRow() == 0, "the one that was moved is still the one to be edited"
    dialog.list.model().moveRow(dialog.list.rootIndex(), 0, dialog.list.rootIndex(), 2)  # what a drop does
    qtbot.waitUntil(lambda: names(lecture) == ["The start", "Later & <b>parted</b>"])
    menu = window.findChild(QMenu, "menu.scenes")
    assert menu is not None
    entries = [entry for entry in menu.actions() if entry.objectName().startswith("scene.")]
    assert [entry.text() for entry in entries] == ["1  The start", "2  Later && <b>parted</b>"]
    entries[0].trigger()
    wait_for_step(qtbot, lecture, 0)
    lecture.training.go_to(7)
    wait_for_step(qtbot, lecture, 7)
    dialog.list.setCurrentRow(0)
    qtbot.mouseClick(buttons["scenes.retake"], LEFT)
    qtbot.waitUntil(lambda: shown(lecture).log.recipe.scenes[0].view.step == 7)
    qtbot.mouseClick(buttons["scenes.remove"], LEFT)
    qtbot.waitUntil(lambda: names(lecture) == ["Later & <b>parted</b>"])
    dialog.close()
    press(qtbot, lecture, KEY.Key_Z, MODIFIER.ControlModifier)
    qtbot.waitUntil(lambda: names(lecture) == ["The start", "Later & <b>parted</b>"])
    assert window.actions_by_id["redo"].text() == "&Redo: remove scene 1"


def test_scenes_are_saved_and_asked_about(
    qtbot: QtBot, lecture: Laboratory, build: Build, tmp_path: Path
) -> None:
    lecture.window.close()
    assert question(lecture) is not None, "no file has the scenes"
    answer(qtbot, lecture, question(lecture).StandardButton.Cancel)
    path, before = tmp_path / "lecture.json", shown(lecture).lanes
    press(qtbot, lecture, KEY.Key_S, MODIFIER.ControlModifier)
    save_as(qtbot, lecture, path)
    qtbot.waitUntil(lambda: not lecture.window.isWindowModified())
    assert [action["do"] for action in json.loads(path.read_text())["actions"]].count("add-scene") == 2
    other = build("circles")
    other.window.target_requested.emit(str(path))
    qtbot.waitUntil(lambda: other.window.windowTitle().startswith("lecture.json"))
    wait_for_step(qtbot, other, 40)
    assert names(other) == ["The start", "Later & <b>parted</b>"]
    assert all(
        np.array_equal(one.theta, two.theta) for one, two in zip(shown(other).lanes, before, strict=True)
    )
    press(qtbot, other, KEY.Key_PageDown)
    wait_for_step(qtbot, other, 0)
    assert other.window.scene_strip.note.text() == "All columns of zeros are equal."
