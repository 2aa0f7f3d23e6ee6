"""A setting can change from the shown step on, in the lane itself or in a new one; what is refused disturbs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.experiments.changes import with_changes
from engine.experiments.experiment_file import encode_experiment
from engine.session.recipe import Recipe
from gui.app.application import Laboratory
from gui.forms.field_row import FieldRow
from tests.engine.test_on_the_way import BETA, MIXED

from .conftest import Build
from .test_editor import LEFT, RATE, number, rates, settle
from .test_real_use import child, press, shown, wait_for_step


@pytest.fixture
def laboratory(qtbot: QtBot, build: Build) -> Laboratory:
    """Return a window on columns with its experiment panel open, for changes from here on."""
    laboratory = build("columns")
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(laboratory.window.editor.isVisible)
    qtbot.mouseClick(laboratory.window.editor.head.from_here, LEFT)
    return laboratory


def recipe_of(laboratory: Laboratory) -> Recipe:
    assert laboratory.training.log is not None
    return laboratory.training.log.recipe


def write(qtbot: QtBot, laboratory: Laboratory, path: str, text: str) -> None:
    field = number(laboratory, path)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def go_to(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    laboratory.training.go_to(step)
    wait_for_step(qtbot, laboratory, step)


def test_lanes_themselves_go_on_with_another_value_and_the_panel_tells_from_when_on(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    go_to(qtbot, laboratory, 40)
    go_to(qtbot, laboratory, 20)
    head = laboratory.window.editor.head
    assert head.hint.text() == "What is grey can only be changed from the start."
    qtbot.mouseClick(head.same_lane, LEFT)
    write(qtbot, laboratory, RATE, "0.5")
    qtbot.waitUntil(lambda: rates(laboratory) == [0.5] * 3)
    settle(qtbot, laboratory, 20)
    log = laboratory.training.log
    assert log is not None
    assert [edit.step for lane in log.recipe.lanes for edit in lane.edits] == [20] * 3
    assert shown(laboratory).last_step == 40, "what was recorded is trained again"
    assert [lane.name for lane in shown(laboratory).lanes] == ["zeros", "constant-2", "random"]
    assert number(laboratory, RATE).text() == "0.5"
    assert "learning rate" not in head.differences.label.text(), "all lanes have it in common"
    go_to(qtbot, laboratory, 10)
    assert rates(laboratory) == [1.0] * 3
    assert number(laboratory, RATE).text() == "1"
    assert head.differences.label.text().count("from step 20 on, optimizer, learning rate: 0.5") == 3
    undo = laboratory.window.actions_by_id["undo"]
    assert undo.text() == "&Undo: optimizer, learning rate: 0.5, from step 20 on"
    undo.trigger()
    qtbot.waitUntil(lambda: "learning rate" not in head.differences.label.text())
    go_to(qtbot, laboratory, 30)
    assert rates(laboratory) == [1.0] * 3


def test_what_one_lane_does_not_have_is_changed_in_the_others_from_here_on(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    (path := tmp_path / "mixed.json").write_bytes(encode_experiment(MIXED))
    laboratory = build(str(path))
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    go_to(qtbot, laboratory, 9)
    head = laboratory.window.editor.head
    qtbot.mouseClick(head.from_here, LEFT)
    qtbot.mouseClick(head.same_lane, LEFT)
    qtbot.waitUntil(number(laboratory, BETA).isEnabled)
    write(qtbot, laboratory, BETA, "0.5")
    qtbot.waitUntil(lambda: [len(lane.edits) for lane in recipe_of(laboratory).lanes] == [1, 0, 1])
    settle(qtbot, laboratory, 9)
    assert number(laboratory, BETA).text() == "0.5"
    assert "beta1" not in head.differences.label.text(), "all that have it have it in common"
    qtbot.mouseClick(head.new_lane, LEFT)
    write(qtbot, laboratory, BETA, "0.25")
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 5)


def test_at_step_0_a_new_lane_begins_with_the_value_and_no_lane_changes(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    head = laboratory.window.editor.head
    assert head.hint.text() == "Step 0 is the start: new lanes begin with what is changed."
    weights = child(laboratory, "edit.network.layers.0.weights.kind")
    assert isinstance(weights, QComboBox)
    assert weights.isEnabled(), "at the start everything can be changed"
    laboratory.window.editor.lane_chosen.emit("random")
    before = [lane.experiment for lane in shown(laboratory).lanes]
    write(qtbot, laboratory, RATE, "0.5")
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 4)
    lanes = shown(laboratory).lanes
    assert lanes[3].name == "random + learning rate 0.5"
    assert [lane.experiment for lane in lanes] == [*before, with_changes(before[2], [(RATE, 0.5)])]
    go_to(qtbot, laboratory, 1)
    qtbot.waitUntil(lambda: not weights.isEnabled())
    assert "Only from the start" in weights.toolTip()
    qtbot.mouseClick(head.same_lane, LEFT)
    go_to(qtbot, laboratory, 0)
    qtbot.waitUntil(weights.isEnabled)
    assert head.hint.text() == "Step 0 is the start: this is the same as from the start."
    write(qtbot, laboratory, RATE, "0.25")
    qtbot.waitUntil(lambda: rates(laboratory) == [1.0, 1.0, 0.25, 0.5])


def test_where_there_is_no_room_for_new_lanes_the_panel_says_so_beforehand(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    write(qtbot, laboratory, RATE, "0.5")
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 6)
    head, field = laboratory.window.editor.head, number(laboratory, RATE)
    qtbot.waitUntil(lambda: not field.isEnabled())
    assert head.hint.text().startswith("There is room for 8 lanes: change lanes themselves")
    qtbot.mouseClick(head.same_lane, LEFT)
    assert field.isEnabled()


def test_a_refused_value_leaves_a_run_that_plays_alone(qtbot: QtBot, laboratory: Laboratory) -> None:
    qtbot.mouseClick(laboratory.window.editor.head.from_start, LEFT)
    changes: list[bool] = []
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: laboratory.training.is_playing and shown(laboratory).step > 3)
    laboratory.training.playing_changed.connect(changes.append)
    write(qtbot, laboratory, RATE, "-1")
    rows = laboratory.window.editor.findChildren(FieldRow)
    qtbot.waitUntil(lambda: any("above 0" in row.refusal.text() for row in rows))
    step = shown(laboratory).step
    qtbot.waitUntil(lambda: shown(laboratory).step > step + 3)
    assert not changes
    assert rates(laboratory) == [1.0] * 3
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: changes == [False])
