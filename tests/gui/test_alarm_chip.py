"""Alarms are seen in the lanes, on the tab of the side panel and in the sentence about the groups."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_experiment
from engine.experiments.presets import open_target
from engine.report.probes import Probes
from engine.report.snapshot import LaneSnapshot
from engine.session.lab import Lab
from gui.app.application import Laboratory
from gui.side.side_panel import HEALTH
from gui.text import words
from gui.text.words import Wording
from gui.widgets.alarm_chip import AlarmChip

from .conftest import Build
from .test_real_use import press

LEFT = Qt.MouseButton.LeftButton


def chip(laboratory: Laboratory, lane: int) -> AlarmChip:
    found = laboratory.window.findChild(AlarmChip, f"lane.{lane}.alarms")
    assert isinstance(found, AlarmChip)
    return found


def dot(laboratory: Laboratory) -> bool:
    image = laboratory.window.side.tabIcon(HEALTH).pixmap(8, 8).toImage()
    return image.pixelColor(image.rect().center()).alpha() > 0


def test_a_lane_says_its_worst_alarm_though_the_side_panel_is_closed(build: Build) -> None:
    laboratory = build("circles", (1920, 1080))
    laboratory.display.set_side(False)
    QApplication.processEvents()
    assert laboratory.window.side.isHidden()
    assert [chip(laboratory, lane).isVisible() for lane in range(4)] == [True, True, False, False]
    assert chip(laboratory, 0).text() == "gradient 0 +2"
    assert chip(laboratory, 0).toolTip().splitlines()[1] == (
        "Layers 1, 2, step 0: equal neurons, 10 in 1 group, 5 in 1 group."
    )
    assert dot(laboratory)
    assert "2 lanes have alarms" in laboratory.window.side.tabToolTip(HEALTH)


def test_a_click_on_the_alarms_of_a_lane_opens_its_health(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1600, 900))
    qtbot.mouseClick(chip(laboratory, 1), LEFT)
    side = laboratory.window.side
    qtbot.waitUntil(lambda: side.isVisible() and side.currentIndex() == HEALTH)
    qtbot.waitUntil(lambda: side.health.lanes.currentText() == "large")


def test_the_alarms_follow_training(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1600, 900))
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "step 1:" in chip(laboratory, 0).toolTip())
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "step 1:" not in chip(laboratory, 0).toolTip())
    press(qtbot, laboratory, Qt.Key.Key_Space)
    training = laboratory.training
    qtbot.waitUntil(lambda: training.snapshot is not None and training.snapshot.activity.value == "idle")
    assert training.snapshot is not None
    step = training.snapshot.step
    qtbot.waitUntil(lambda: f"step {step:,}:" in chip(laboratory, 0).toolTip())


def test_where_no_lane_has_an_alarm_there_is_no_dot(build: Build, tmp_path: Path) -> None:
    healthy = msgspec.structs.replace(open_target("circles"), variants=open_target("circles").variants[2:])
    path = tmp_path / "healthy.json"
    path.write_bytes(encode_experiment(healthy))
    laboratory = build(str(path), (1600, 900))
    assert [chip(laboratory, lane).isVisible() for lane in range(2)] == [False, False]
    assert not dot(laboratory)
    assert "0 lanes have alarms" in laboratory.window.side.tabToolTip(HEALTH)


@pytest.mark.parametrize(("width", "text"), [(1000, "! 3"), (1920, "gradient 0 +2")])
def test_where_there_is_no_room_the_chip_counts_the_alarms(build: Build, width: int, text: str) -> None:
    laboratory = build("circles", (width, 800))
    lane = laboratory.window.lanes[0]
    found = chip(laboratory, 0)
    assert found.text() == text
    right = found.mapTo(lane, found.rect().topRight()).x()
    assert right < lane.width()
    assert found.fontMetrics().horizontalAdvance(found.text()) <= found.width()


def lane_of(target: str, index: int) -> LaneSnapshot:
    return Lab(open_target(target)).snapshot(probes=Probes(alarms=(index,))).lanes[index]


def test_near_equality_is_said_where_the_groups_are_said() -> None:
    rand = lane_of("mnist-per-sample", 1)
    first = words.states(rand)[0]
    assert first.is_stuck
    assert words.sentence(first) == (
        "Layer 1: 100 neurons act like 1.0, 100 distinct columns, 100 groups. Gradients differ."
    )
    assert [words.chip(first, wording) for wording in Wording] == [
        "Layer 1: 100 of 100 distinct, act like 1.0 · gradients differ",
        "L1: 100 of 100 distinct, act like 1.0 · gradients differ",
        "L1: 100 of 100 ≈ 1.0",
        "100/100 ≈ 1.0",
    ]
    for other in (lane_of("mnist-per-sample", 2), replace(rand, insight=replace(rand.insight, health=None))):
        assert words.states(other)[0].acts_like is None


def test_the_longest_alarm_leaves_the_name_readable(build: Build) -> None:
    laboratory = build("mnist-per-sample", (1280, 720))
    QApplication.processEvents()
    names = [lane.header.title.name.text() for lane in laboratory.window.lanes]
    assert names == ["rand-raw-pixels", "rand", "xavier", "rand-decay"]
