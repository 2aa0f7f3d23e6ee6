"""Facts about reading curves: values under the pointer, lines that lie on each other, labels, names of the axes."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem
from pytestqt.qtbot import QtBot

from engine.report.curve import Curve, NoisyCurve, ScoreCurves
from gui.app.application import Laboratory
from gui.look.theme import THEMES
from gui.plots.grounded_text import GroundedText
from gui.plots.reading import read_accuracy, read_all_samples, read_curve, read_mean
from gui.plots.step_plot import StepPlot
from gui.present.axes import loss_ceiling, loss_levels
from gui.text.words import loss

from .conftest import Build
from .test_real_use import child, shown


def at_step(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    laboratory.training.go_to(step)
    qtbot.waitUntil(lambda: laboratory.training.snapshot is not None and shown(laboratory).step == step)
    QApplication.processEvents()


def point_at(qtbot: QtBot, plot: StepPlot, step: int) -> str:
    """Move the pointer over a step, and return what is said there."""
    place = QPoint(round(float(plot.place_x(step))), round(plot.area.center().y()))
    qtbot.mouseMove(plot.viewport(), place + QPoint(0, 3))
    qtbot.mouseMove(plot.viewport(), place)
    QApplication.processEvents()
    return plot.toolTip()


def test_the_pointer_on_a_curve_reads_every_lane_at_that_step(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    at_step(qtbot, laboratory, 40)
    lanes = shown(laboratory).lanes
    said = point_at(qtbot, laboratory.window.curves.loss, 20).splitlines()
    assert said == ["step 20", *(f"{lane.name}: {loss(float(lane.loss_curve.low[20]))}" for lane in lanes)]
    now = point_at(qtbot, laboratory.window.curves.spread, 40).splitlines()
    spreads = [lane.hidden_layers[0].symmetry.spread for lane in lanes]
    assert now == ["step 40", *(f"{lane.name}: {loss(x)}" for lane, x in zip(lanes, spreads, strict=True))]
    beside = laboratory.window.curves.loss
    assert beside.text_at(beside.area.topLeft() - beside.area.center()) == ""


def test_a_point_that_stands_for_several_steps_says_so() -> None:
    low, high = np.array([1.0, 0.5]), np.array([2.0, 0.75])
    assert read_curve(Curve(4, low, high), 6) == "0.5000 to 0.7500 (steps 4–7)"
    assert read_curve(Curve(4, low, low), 6) == "0.5000 (step 4)"
    assert read_curve(Curve(4, low, low), 4) == "0.5000"
    assert read_curve(Curve(4, low, high), 8) == ""


def test_an_accuracy_is_that_of_the_last_measured_step() -> None:
    steps, right = np.array([0.0, 10.0]), np.array([0.25, 0.5])
    nothing = np.full(2, np.nan)
    assert read_accuracy(ScoreCurves(steps, right, right, nothing), 10) == "50.0 %"
    assert read_accuracy(ScoreCurves(steps, right, right, right), 9) == "25.0 %, test 25.0 % (step 0)"
    assert read_accuracy(ScoreCurves(steps, right, nothing, nothing), 9) == ""
    assert read_accuracy(None, 9) == ""


def test_the_lines_of_mini_batches_are_read_too() -> None:
    values = np.array([4.0, 2.0, 6.0])
    curve = NoisyCurve(1, values, values, values, 3)
    assert [read_mean(curve, 2, step) for step in range(4)] == ["4.000", "3.000", "4.000", ""]
    assert read_mean(NoisyCurve(4, values, values, values, 12), 4, 5) == "2.000 (step 7)"
    scores = ScoreCurves(np.array([0.0, 10.0]), np.array([0.5, 0.25]), values[:2], values[:2])
    assert [read_all_samples(scores, step) for step in (0, 12)] == ["0.5000", "0.2500 (step 10)"]
    assert read_all_samples(None, 3) == ""


def test_lines_on_each_other_are_both_seen(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", (1500, 900))
    at_step(qtbot, laboratory, 300)
    plot = laboratory.window.curves.spread
    styles = [plot._lines[lane, 0].pen().style() for lane in range(3)]
    assert styles == [Qt.PenStyle.SolidLine, Qt.PenStyle.CustomDashLine, Qt.PenStyle.SolidLine]
    y = round(float(plot.place_y(plot._zero)))
    picture = plot.grab().toImage()
    row = {picture.pixelColor(x, y).name() for x in range(round(plot.area.left()) + 4, 400)}
    colours = THEMES["light"].lanes
    assert {colours[0], colours[1]} <= row


@pytest.mark.parametrize("theme", THEMES)
def test_no_line_crosses_a_label(qtbot: QtBot, build: Build, theme: str) -> None:
    laboratory = build("circles", (1280, 720), theme)
    at_step(qtbot, laboratory, 300)
    for plot in laboratory.window.curves.drawings:
        picture = plot.grab().toImage()
        for label in plot.drawing.items():
            if not isinstance(label, GroundedText) or not label.isVisible():
                continue
            box = label.sceneBoundingRect().toRect().adjusted(1, 1, -1, -1)
            ground = label.brush().color()
            edge = {
                picture.pixelColor(x, y).name()
                for x in (box.left(), box.right())
                for y in range(box.top(), box.bottom())
            }
            assert edge == {ground.name()}, label.text()


def test_the_axes_have_names_that_nothing_covers(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1280, 720))
    at_step(qtbot, laboratory, 300)
    names = {"loss", "accuracy", "spread"}
    for plot in laboratory.window.curves.drawings:
        texts = [
            item
            for item in plot.drawing.items()
            if isinstance(item, QGraphicsSimpleTextItem) and item.isVisible()
        ]
        across = next(item for item in texts if item.text() == "step")
        up = next(item for item in texts if item.text() in names)
        for name in (across, up):
            assert plot.drawing.sceneRect().contains(name.sceneBoundingRect())
            covering = [item.text() for item in texts if item is not name and item.collidesWithItem(name)]
            assert covering == []


@pytest.mark.parametrize(
    ("highest", "texts"),
    [
        (3.6e5, ["0", "2e5", "4e5"]),
        (4.4e5, ["0", "2.5e5", "5e5"]),
        (9e4, ["0", "50000", "1e5"]),
        (0.45, ["0", "0.25", "0.5"]),
        (4.5e-4, ["0", "2.5e−4", "5e−4"]),
        (7e9, ["0", "4e9", "8e9"]),
    ],
)
def test_the_heights_of_large_and_small_losses_leave_room_for_the_name_of_the_axis(
    qtbot: QtBot, highest: float, texts: list[str]
) -> None:
    levels = loss_levels(loss_ceiling(highest))
    assert [text for _, text in levels] == texts
    plot = StepPlot("Loss", ("loss",))
    qtbot.addWidget(plot)
    plot.resize(300, 140)
    plot.show()
    plot.set_axes(100, 0.0, levels[-1][0], levels)
    [name] = [item for item in plot.drawing.items() if getattr(item, "text", str)() == "loss"]
    covering = [tick.text() for tick in plot.step_axes.ticks if tick.collidesWithItem(name)]
    assert covering == []


def turn_wheel(plot: StepPlot, step: float, notches: int) -> None:
    """Turn the wheel over a step, away from the person for more than 0 notches."""
    place = QPointF(float(plot.place_x(step)), plot.area.center().y())
    QApplication.sendEvent(
        plot.viewport(),
        QWheelEvent(
            place,
            QPointF(plot.viewport().mapToGlobal(place.toPoint())),
            QPoint(0, 0),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )
    QApplication.processEvents()


def test_the_wheel_shows_fewer_steps_in_all_curves_and_a_button_all_of_them(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    at_step(qtbot, laboratory, 300)
    curves = laboratory.window.curves
    before = float(curves.loss.place_x(100))
    turn_wheel(curves.loss, 100, 4)
    assert float(curves.loss.place_x(100)) == pytest.approx(before, abs=1), (
        "the step under the pointer stays there"
    )
    first, last = laboratory.display.state.steps or (0.0, 0.0)
    assert 0 < first < 100 < last < 300
    assert [plot._range[:2] for plot in curves.drawings] == [(first, last)] * 3
    ticks = [
        float(item.text().replace(",", ""))
        for item in curves.loss.step_axes.ticks
        if item.text()[:1].isdigit()
    ]
    assert any(first <= tick <= last for tick in ticks)
    assert point_at(qtbot, curves.loss, 120).startswith("step 120\n")
    assert not any(marker.isVisible() for plot in curves.drawings for marker in plot._markers.values()), (
        "step 300 is beyond"
    )
    qtbot.mouseClick(child(laboratory, "curves.whole"), Qt.MouseButton.LeftButton)
    assert any(marker.isVisible() for marker in curves.loss._markers.values())
    assert laboratory.display.state.steps is None
    assert float(curves.loss.place_x(100)) == pytest.approx(before, abs=1)
    assert child(laboratory, "curves.whole").isHidden()


def test_turning_the_wheel_back_ends_at_all_steps_and_a_new_run_shows_all(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    at_step(qtbot, laboratory, 300)
    plot = laboratory.window.curves.spread
    turn_wheel(plot, 200, 10)
    assert laboratory.display.state.steps is not None
    turn_wheel(plot, 200, -20)
    assert laboratory.display.state.steps is None
    turn_wheel(plot, 200, 4)
    laboratory.window.actions_by_id["rewind"].trigger()
    qtbot.waitUntil(lambda: shown(laboratory).last_step == 0)
    qtbot.waitUntil(lambda: laboratory.display.state.steps is None)


def test_losses_in_powers_of_ten_are_where_they_belong(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1500, 900))
    at_step(qtbot, laboratory, 200)
    plot = laboratory.window.curves.loss
    qtbot.mouseClick(laboratory.window.curves.log, Qt.MouseButton.LeftButton)
    assert laboratory.display.state.log_loss
    QApplication.processEvents()
    low, high = plot._range[2:]
    for marker, lane in zip(plot._markers.values(), shown(laboratory).lanes, strict=True):
        share = (np.log10(lane.mean_loss) - low) / (high - low)
        assert marker.y() == pytest.approx(plot.area.bottom() - share * plot.area.height(), abs=1)
    (line, _), baseline = plot._baselines[0], shown(laboratory).lanes[0].baseline
    assert baseline is not None
    share = (np.log10(baseline) - low) / (high - low)
    assert line.line().y1() == pytest.approx(plot.area.bottom() - share * plot.area.height(), abs=1)
    assert "1" in [item.text() for item in plot.step_axes.ticks]
    laboratory.window.actions_by_id["log_loss"].trigger()
    QApplication.processEvents()
    assert plot._range[2] == 0
