"""Training ▸ Run until…: a condition is typed, training stops at the exact step and says what held where."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from engine.conditions.grammar import parse_condition
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.output.result import Ends, run_variants
from gui.app.application import Laboratory

from .test_real_use import shown

Build = Callable[..., Laboratory]


def ask(laboratory: Laboratory, condition: str) -> None:
    """Open the dialog by its key, type a condition and press Enter."""
    QTest.keyClick(laboratory.window, Qt.Key.Key_U)
    dialog = laboratory.window.until
    assert dialog.isVisible()
    dialog.condition.clear()
    QTest.keyClicks(dialog.condition, condition)
    button = dialog.findChild(QPushButton, "until.run")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def said(laboratory: Laboratory) -> str:
    return laboratory.window.notice.text.text() if laboratory.window.notice.isVisible() else ""


def step(laboratory: Laboratory) -> int:
    assert laboratory.training.snapshot is not None
    return laboratory.training.snapshot.step


def first_step(target: str, condition: str) -> int:
    """Return the first step at which a condition holds in some variant, as `run --until` finds it."""
    results = run_variants(
        lane_specs(open_target(target)), 500, curve=False, ends=Ends(condition=parse_condition(condition))
    )
    return min(result.report["until"]["step"] for result in results if result.report["until"]["terms"])


@pytest.mark.parametrize("condition", ["loss < 3.3", "spread > 1.5 and step 7", "loss < 3.2 or sign changes"])
def test_training_stops_at_the_exact_step_however_fast_it_goes(
    build: Build, qtbot: QtBot, condition: str
) -> None:
    expected = first_step("columns", condition)
    laboratory = build("columns")
    laboratory.window.transport.speed.setValue(laboratory.window.transport.speed.maximum())
    ask(laboratory, condition)
    laboratory.window.lane_menu.hidden.emit("zeros")  # looking at less changes nothing
    assert not laboratory.window.until.isVisible()
    qtbot.waitUntil(lambda: said(laboratory) != "")
    assert step(laboratory) == expected
    assert said(laboratory).startswith(f"Stopped at step {expected}: ")
    assert laboratory.window.actions_by_id["play"].text() == "&Play", "it has stopped"


def test_recorded_steps_are_looked_at_like_new_ones(build: Build, qtbot: QtBot) -> None:
    expected = first_step("columns", "loss < 3.3")
    laboratory = build("columns")
    laboratory.training.go_to(expected + 30)
    qtbot.waitUntil(lambda: step(laboratory) == expected + 30)
    laboratory.training.go_to(0)
    qtbot.waitUntil(lambda: step(laboratory) == 0)
    ask(laboratory, "loss < 3.3")
    qtbot.waitUntil(lambda: said(laboratory) != "")
    assert step(laboratory) == expected


def test_what_held_is_told_lane_by_lane(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    ask(laboratory, "step 5 and spread > 0.1")
    qtbot.waitUntil(lambda: said(laboratory) != "")
    assert said(laboratory) == "Stopped at step 5: step 5, spread > 0.1 in random"


def test_a_condition_that_cannot_be_read_stays_and_is_explained(build: Build) -> None:
    laboratory = build("columns")
    ask(laboratory, "loss < x")
    dialog = laboratory.window.until
    assert dialog.isVisible()
    assert "goes wrong at character 8" in dialog.problem.text()
    assert dialog.condition.text() == "loss < x"
    dialog.close()


def test_a_condition_about_what_is_not_there_is_refused(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    ask(laboratory, "accuracy > 0.9")
    qtbot.waitUntil(lambda: said(laboratory) != "")
    assert "these targets stand for no classes" in said(laboratory)
    assert step(laboratory) == 0


def test_a_change_on_the_way_keeps_the_condition(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    ask(laboratory, "step 400")
    qtbot.waitUntil(lambda: step(laboratory) > 3)
    laboratory.window.editor.set_requested.emit(None, "optimizer.learning_rate", 0.5, None, True)
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 1)
    laboratory.window.transport.speed.setValue(laboratory.window.transport.speed.maximum())
    qtbot.waitUntil(lambda: said(laboratory) != "")
    assert said(laboratory).startswith("Stopped at step 400: ")
    assert step(laboratory) == 400


def test_a_change_that_takes_away_what_is_awaited_is_done_and_stops(build: Build, qtbot: QtBot) -> None:
    laboratory = build("circles")
    ask(laboratory, "spread of layer 2 > 1000")
    qtbot.waitUntil(lambda: step(laboratory) > 3)
    laboratory.window.editor.set_requested.emit(None, "network.layers", [2], None, True)
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 1)
    qtbot.waitUntil(lambda: laboratory.window.actions_by_id["play"].text() == "&Play")
    assert [lane.layout.widths for lane in shown(laboratory).lanes] == [(2, 1)] * 4
    qtbot.waitUntil(lambda: "playing has stopped, its condition does not fit any more" in said(laboratory))


def test_pausing_gives_the_condition_up(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    ask(laboratory, "step 100000")
    qtbot.waitUntil(lambda: step(laboratory) > 3)
    laboratory.window.activateWindow()  # as a desktop does when the dialog goes
    qtbot.waitUntil(laboratory.window.isActiveWindow)
    QTest.keyClick(laboratory.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: laboratory.window.actions_by_id["play"].text() == "&Play")
    QApplication.processEvents()
    assert said(laboratory) == ""
