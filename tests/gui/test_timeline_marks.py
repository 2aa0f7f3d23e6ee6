"""Marks on the timeline: what happened is seen, read and gone to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from engine.report.curve import Mark, MarkKind
from engine.report.probes import NeuronRef
from engine.report.snapshot import Activity
from engine.training.edits import SetWeight
from gui.app.application import Laboratory
from gui.findings.mark_words import mark_text
from gui.timeline.mark_layout import LaneMark, neighbour, placed
from gui.timeline.step_scale import StepScale, part_around, zoomed

from .conftest import Build
from .test_real_use import press, shown, wait_for_step

KEY, MODIFIER = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def touched(qtbot: QtBot, build: Build) -> Laboratory:
    """Return a window with 40 steps, and a lane that was touched at step 17, whose columns part there."""
    laboratory = build("columns")
    for step in (40, 17):
        laboratory.training.go_to(step)
        wait_for_step(qtbot, laboratory, step)
    laboratory.window.nudge_requested.emit("zeros", NeuronRef(1, 0), 0, 7.5)
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4)
    qtbot.waitUntil(lambda: all_known(laboratory))
    return laboratory


def all_known(laboratory: Laboratory) -> bool:
    found = shown(laboratory)
    return found.activity is Activity.IDLE and all(lane.has_all_marks for lane in found.lanes)


def test_the_keys_go_from_mark_to_mark(qtbot: QtBot, touched: Laboratory) -> None:
    steps = sorted({mark.step for lane in shown(touched).lanes for mark in lane.marks})
    assert 17 in steps
    press(qtbot, touched, KEY.Key_Home)
    wait_for_step(qtbot, touched, 0)
    for step in [step for step in steps if step]:
        press(qtbot, touched, KEY.Key_Right, MODIFIER.ControlModifier)
        wait_for_step(qtbot, touched, step)
    press(qtbot, touched, KEY.Key_Right, MODIFIER.ControlModifier)
    press(qtbot, touched, KEY.Key_Left, MODIFIER.ControlModifier)
    wait_for_step(qtbot, touched, steps[-2])


def test_a_mark_says_what_happened_in_which_lane_and_a_click_goes_there(
    qtbot: QtBot, touched: Laboratory
) -> None:
    strip = touched.window.transport.marks
    [place] = [place for place in strip.places if place.step == 17]
    there = QPoint(place.x, strip.height() // 2)
    qtbot.mouseMove(strip, there)
    qtbot.waitUntil(lambda: "columns of layer 1 part" in QToolTip.text())
    assert QToolTip.text().split("\n") == [
        "step 17, zeros + nudge at 17: weight of layer 1 = 7.50, at step 17",
        "step 17, zeros + nudge at 17: columns of layer 1 part: 1 distinct until here, 2 from here on",
    ]
    press(qtbot, touched, KEY.Key_End)
    wait_for_step(qtbot, touched, 40)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=there)
    wait_for_step(qtbot, touched, 17)
    handle = touched.window.transport.slider
    assert abs(place.x - handle.ends()[0] - 17 / 40 * (handle.ends()[1] - handle.ends()[0])) <= 1


def test_a_lane_that_is_hidden_has_no_marks(qtbot: QtBot, touched: Laboratory) -> None:
    touched.display.hide(frozenset({"zeros + nudge at 17"}))
    qtbot.waitUntil(lambda: all(place.step != 17 for place in touched.window.transport.marks.places))


def test_on_the_way_to_a_far_step_the_handle_shows_how_far_it_is(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    slider, play = laboratory.window.transport.slider, laboratory.window.actions_by_id["play"]
    laboratory.training.go_to(900_000_000)
    qtbot.waitUntil(lambda: shown(laboratory).step > 100)
    assert slider.maximum() == 900_000_000
    assert slider.value() == shown(laboratory).step
    assert "Pause" in play.text()
    press(qtbot, laboratory, KEY.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).goal is None)
    qtbot.waitUntil(lambda: slider.maximum() == shown(laboratory).last_step)
    assert "Play" in play.text()


def lane_marks(*steps: int) -> tuple[LaneMark, ...]:
    return tuple(LaneMark(0, "a", Mark(step, MarkKind.PARTED, 1)) for step in steps)


def test_marks_that_are_near_each_other_stand_at_one_place() -> None:
    places = placed(lane_marks(0, 1, 50, 100), StepScale(0, 100, left=5, width=200))
    assert [(place.x, len(place.marks)) for place in places] == [(5, 2), (105, 1), (205, 1)]
    assert placed(lane_marks(0), StepScale(0, 0, left=5, width=200))[0].x == 5
    [only] = placed(lane_marks(0, 50), StepScale(40, 60, left=5, width=200))
    assert only.x == 105, "the others are not on the line"


def test_a_timeline_that_shows_fewer_steps_goes_along_with_the_shown_one() -> None:
    assert part_around(None, 7, 40) == (0, 40)
    assert part_around((10.2, 20.7), 15, 40) == (11, 20)
    assert part_around((10.0, 20.0), 35, 40) == (25, 35)
    assert part_around((10.0, 20.0), 2, 40) == (2, 12)
    assert part_around((10.0, 20.0), 3, 3) == (0, 3), "steps that are not there yet are not shown"


def test_the_wheel_shows_fewer_steps_but_never_too_few() -> None:
    assert zoomed((0.0, 40.0), 40.0, 20.0, 120.0) == (4.0, 36.0)
    assert zoomed((4.0, 36.0), 40.0, 20.0, -120.0) is None
    assert zoomed((4.0, 8.0), 40.0, 6.0, 120.0) == (4.0, 8.0)
    assert zoomed((0.0, 3.0), 3.0, 1.0, 120.0) is None


def test_the_next_mark_is_the_next_step_that_has_one() -> None:
    marks = lane_marks(3, 7, 7, 9)
    assert [neighbour(marks, step, forward=True) for step in (0, 3, 7, 9)] == [3, 7, 9, None]
    assert [neighbour(marks, step, forward=False) for step in (0, 3, 8, 99)] == [None, None, 7, 9]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (
            Mark(1, MarkKind.JOINED, 2, 4, 3),
            "columns of layer 2 become equal: 4 distinct until here, 3 from here on",
        ),
        (
            Mark(1, MarkKind.REGROUPED, 1, 4, 3),
            "neurons of layer 1 form other groups: 4 until here, 3 from here on",
        ),
        (
            Mark(1, MarkKind.DIED, 1, neurons=tuple(range(9)), samples=2000),
            "9 neurons of layer 1 die: off for all 2,000 samples looked at (1, 2, 3, 4, 5, 6, 7, 8, …)",
        ),
        (
            Mark(1, MarkKind.REVIVED, 1, neurons=(0,), samples=50),
            "1 neuron of layer 1 is no longer off for all 50 samples looked at (1)",
        ),
        (
            Mark(3, MarkKind.DIVERGED, 1, formula="W1"),
            "diverged: the update before has made numbers infinite or NaN, first in W1",
        ),
        (
            Mark(3, MarkKind.EDITED, edit=SetWeight(1, 0, 0, 2.0, step=3)),
            "weight of layer 1 = 2.00, at step 3",
        ),
    ],
)
def test_every_mark_is_a_sentence(mark: Mark, said: str) -> None:
    assert mark_text(mark) == said
