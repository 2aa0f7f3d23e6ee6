"""Loss and accuracy on the screen: of the shown step, for every lane, smoothed where they jump."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import Probes
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from engine.session.lab import Lab
from gui.findings.score_words import accuracy, baselines, details, head, loss_title
from gui.look.theme import LIGHT
from gui.plots.accuracy_plot import AccuracyPlot
from gui.plots.loss_plot import ALL, MEAN, RAW, LossPlot
from gui.present.display_state import DisplayState, is_answered
from tests.builders import experiment, layer

from .conftest import Build
from .test_real_use import child, press, shown

SCORES = Probes(scores=True)
DIGITS = {"kind": "mnist", "pixels": "scaled", "train": 300, "test": 100}


def scored(lab: Lab, activity: Activity = Activity.IDLE) -> Snapshot:
    """Return the lab at its step once all is measured."""
    snapshot = lab.snapshot(activity, probes=SCORES)
    while lab.grows(SCORES):
        snapshot = lab.snapshot(activity, probes=SCORES)
    return snapshot


def digits(steps: int, **fields: Any) -> Lab:
    layers = [layer(8, "relu"), layer(10, "softmax")]
    chosen = {"data": DIGITS, "loss": {"kind": "cross-entropy"}, "batch": {"size": 1}, **fields}
    lab = Lab(experiment(*layers, **chosen))
    for _ in range(steps):
        lab.train(1)
    return lab


@pytest.fixture
def loss_plot(qtbot: QtBot) -> LossPlot:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(500, 160)
    plot.set_theme(LIGHT)
    plot.show()
    return plot


def labels(plot: LossPlot) -> list[str]:
    return [label.text() for _, label in plot._baselines]


def end_of(plot: LossPlot, key: tuple[int, int]) -> tuple[float, float]:
    """Return where a line of the plot ends, in pixels."""
    point = plot._lines[key].path().currentPosition()
    return point.x(), point.y()


@pytest.mark.parametrize("steps", [1, 2, 40])
@pytest.mark.parametrize("lab", ["circles", "digits"])
def test_the_curve_of_the_loss_ends_at_its_dot(lab: str, steps: int, loss_plot: LossPlot) -> None:
    shown_lab = digits(steps) if lab == "digits" else Lab(open_target("circles"))
    if lab == "circles":
        shown_lab.train(steps)
    snapshot = scored(shown_lab)
    loss_plot.show_snapshot(snapshot)
    for index, (lane, marker) in enumerate(zip(snapshot.lanes, loss_plot._markers.values(), strict=True)):
        if marker.isVisible() and np.isfinite(lane.loss_curve.mean).all():
            assert end_of(loss_plot, (index, MEAN)) == pytest.approx((marker.x(), marker.y()), abs=1e-6)


def test_every_lane_has_its_own_base_rate_line(loss_plot: LossPlot) -> None:
    loss_plot.show_snapshot(scored(Lab(open_target("zero-gradient"))))
    assert labels(loss_plot) == [
        "0.6931: predicts the class frequencies",
        "0.6365: predicts the class frequencies",
    ]
    colours = [label.ink.name() for _, label in loss_plot._baselines]
    assert colours == [LIGHT.lanes[0].lower(), LIGHT.lanes[1].lower()]
    boxes = [label.sceneBoundingRect() for _, label in loss_plot._baselines]
    assert not boxes[0].intersects(boxes[1])


def test_a_base_rate_is_named_beside_its_line_also_where_there_is_little_room(loss_plot: LossPlot) -> None:
    lab = Lab(open_target("zero-gradient"))
    lab.train(200)
    for size in ((330, 240), (200, 150), (190, 92), (196, 104)):
        loss_plot.resize(*size)
        loss_plot.show_snapshot(scored(lab))
        boxes = [label.sceneBoundingRect() for _, label in loss_plot._baselines]
        assert not boxes[0].intersects(boxes[1])
        for (line, _), box in zip(loss_plot._baselines, boxes, strict=True):
            height = line.line().y1()
            assert min(abs(box.top() - height), abs(box.bottom() - height)) <= box.height() + 2


def test_lanes_with_the_same_base_rate_share_a_line_and_squared_error_has_one(loss_plot: LossPlot) -> None:
    loss_plot.show_snapshot(scored(Lab(open_target("columns"))))
    assert labels(loss_plot) == ["3.0000: predicts the same for every input"]


def test_where_there_is_little_room_the_base_rate_is_said_in_short(loss_plot: LossPlot) -> None:
    loss_plot.resize(200, 160)
    loss_plot.show_snapshot(scored(Lab(open_target("circles"))))
    assert labels(loss_plot) == ["0.6931: base rate"]
    assert baselines(0.6931, open_target("circles"))[-1] == "0.6931"


def test_the_loss_of_single_samples_is_smoothed_and_shown_pale(loss_plot: LossPlot) -> None:
    snapshot = scored(digits(60))
    loss_plot.show_snapshot(snapshot)
    assert set(loss_plot._lines) == {(0, MEAN), (0, RAW)}
    assert loss_plot._lines[0, MEAN].zValue() > loss_plot._lines[0, RAW].zValue()
    [lane] = snapshot.lanes
    assert lane.smoothing == 300, "an epoch has fewer than 500 samples"
    recorded = snapshot.lanes[0].loss_curve.low
    assert lane.mean_loss == pytest.approx((recorded.sum() + lane.loss) / 61)
    assert loss_title(snapshot.lanes, cut_off=False) == "Loss, mean of 300"


def test_the_loss_over_all_samples_is_shown_on_request(loss_plot: LossPlot) -> None:
    lab = digits(0)
    scored(lab)
    lab.train(5)
    loss_plot.show_snapshot(scored(lab))
    assert (0, ALL) not in loss_plot._lines
    loss_plot.show_all_samples(True)
    x, y = end_of(loss_plot, (0, ALL))
    measured = lab.lanes[0].visit(5).measure_training().loss
    assert (x, y) == pytest.approx((loss_plot.place_x(5.0), loss_plot.place_y(measured)), abs=1e-6)
    loss_plot.show_all_samples(False)
    assert (0, ALL) not in loss_plot._lines


def test_one_lane_at_least_is_seen_whole_however_far_it_is_from_the_base_rate(loss_plot: LossPlot) -> None:
    targets = [[100.0], [100.1], [99.9]]
    data = {"kind": "table", "x": [[0.0], [1.0], [2.0]], "y": targets}
    lab = Lab(experiment(layer(1, "identity"), data=data, loss={"kind": "squared-error"}))
    snapshot = scored(lab)
    loss_plot.show_snapshot(snapshot)
    [marker] = loss_plot._markers.values()
    assert loss_plot.area.top() <= marker.y() <= loss_plot.area.bottom()


def test_the_accuracy_has_a_dot_only_at_the_step_it_was_measured_at(qtbot: QtBot) -> None:
    plot = AccuracyPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 160)
    plot.set_theme(LIGHT)
    lab = Lab(open_target("circles"))
    scored(lab)
    lab.train(50)
    plot.show_snapshot(scored(lab))
    assert set(plot._lines) == {(lane, part) for lane in range(4) for part in (0, 1)}
    assert all(marker.isVisible() for marker in plot._markers.values())


def lane_of(lab: Lab) -> LaneSnapshot:
    [lane] = scored(lab).lanes
    return lane


def test_an_accuracy_of_another_step_stands_in_brackets() -> None:
    lane = lane_of(digits(3))
    assert lane.score is not None
    assert lane.score.training.accuracy is not None
    right = accuracy(lane.score.training.accuracy)
    assert head(lane, 3).endswith(f", acc. {right}")
    assert head(lane, 4).endswith(f", acc. ({right})"), "the details say of which step"
    assert head(lane, 3, is_narrow=True).endswith(f" · {right}"), "a narrow lane says it, too"
    assert head(lane, 4, is_narrow=True).endswith(f" · ({right})")


def test_the_details_count_which_class_is_taken_for_which() -> None:
    lane = lane_of(digits(200))
    assert lane.score is not None
    counts = lane.score.training.counts
    assert counts is not None
    lines = details(lane).splitlines()
    assert lines[0].startswith("Loss: mean of at most the last 300 steps; this step alone: ")
    assert lines[1] == "Measured at step 200:"
    assert lines[2].startswith("all 300 training samples: loss ")
    assert f", {counts.trace()} right (" in lines[2]
    for truth in range(10):
        assert lines[3 + truth].startswith(f"    class {truth}: {counts[truth, truth]} right")
    assert lines[13].startswith("all 100 test samples: loss ")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50.0 %"),
        (0.9999, "over 99.9 %"),
        (0.0001, "under 0.1 %"),
        (0.8333, "83.3 %"),
    ],
)
def test_a_share_is_all_or_nothing_only_where_it_is(share: float, text: str) -> None:
    assert accuracy(share) == text


def test_a_picture_waits_for_the_accuracy_of_its_step() -> None:
    lab = digits(3)
    assert not is_answered(lab.snapshot(), DisplayState())
    assert is_answered(scored(lab), DisplayState())


def test_the_window_shows_the_accuracy_of_every_lane_and_its_curve(build: Build, qtbot: QtBot) -> None:
    laboratory = build("circles")
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)
    qtbot.waitUntil(lambda: is_answered(shown(laboratory), laboratory.display.state))
    assert not laboratory.window.figure.curves.accuracy.isHidden()
    for view, lane in zip(laboratory.window.lanes, shown(laboratory).lanes, strict=True):
        said = view.header.scores.text()
        assert "%" in said, "the accuracy is there in both wordings"
        assert said in {head(lane, 1), head(lane, 1, is_narrow=True)}
        assert view.header.scores.toolTip() == details(lane)


def test_all_samples_are_offered_only_where_steps_use_some(build: Build, qtbot: QtBot) -> None:
    laboratory = build("columns")
    assert child(laboratory, "curves.all_samples").isHidden()
    curves = laboratory.window.figure.curves
    assert curves.accuracy not in curves.drawings, "numbers are no classes"
