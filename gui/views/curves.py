"""Curves of all lanes against the step: the loss, and the spread of the hidden layers on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.curves import Curve
from engine.randomness import Floats
from engine.snapshot import Activity, LaneSnapshot, Snapshot
from gui.colours import nice_ceiling
from gui.theme import LIGHT, Theme
from gui.views.scene import SceneView
from gui.words import say

HIGHEST_BASELINES = 2.0
"""Losses above so many times the base-rate loss are cut off: one bad start would hide everything else."""
FIRST_STEPS = 50
"""The step axis is never shorter than this, so that it does not jump at the beginning."""


def points(curve: Curve) -> tuple[Floats, Floats]:
    """Return x and y of a line that touches the lowest and the highest value of every stretch of steps."""
    steps = np.arange(len(curve.low), dtype=np.float64) * curve.every
    if curve.low is curve.high:
        return steps, curve.low
    x = np.repeat(steps, 2)
    x[1::2] += curve.every / 2
    return x, np.stack([curve.low, curve.high], axis=1).ravel()


class StepPlot(pg.PlotWidget):
    """A plot against the step, with a line at the shown step.

    Signals: `step_requested(int)` when somebody clicks or drags, `context_menu_requested(view)`.
    """

    step_requested = Signal(int)
    context_menu_requested = Signal(object)

    def __init__(self, title: str, axes: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__(axisItems=axes)
        self.title = title
        self.theme = LIGHT
        self.setAccessibleName(title)
        self.setToolTip(say("Click or drag to go to a step."))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.plotItem.setContentsMargins(0, 4, 6, 0)
        self.plotItem.setClipToView(False)
        self.cursor_line = pg.InfiniteLine(0, angle=90)
        self.addItem(self.cursor_line, ignoreBounds=True)
        self._curves: dict[tuple[int, int], pg.PlotCurveItem] = {}
        self._markers = pg.ScatterPlotItem(size=7, pen=None)
        self.addItem(self._markers, ignoreBounds=True)
        self._range: tuple[float, float, float] | None = None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.setBackground(theme.surface)
        font = QFont(self.font())
        font.setPixelSize(11)
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(QColor(theme.border))
            axis.setTextPen(QColor(theme.muted))
            axis.setTickFont(font)
            axis.setStyle(tickLength=-4, tickTextOffset=4, maxTickLevel=0)
        self.getAxis("left").setWidth(52)
        self.getAxis("bottom").setHeight(22)
        self.cursor_line.setPen(pg.mkPen(theme.faint, width=1.01))
        for (lane, layer), curve in self._curves.items():
            curve.setPen(self._pen(lane, layer))

    def set_antialiased(self, on: bool) -> None:
        """Draw smooth lines, which is slow: for still pictures."""
        for curve in self._curves.values():
            if curve.opts["antialias"] != on:
                curve.opts["antialias"] = on
                curve.update()

    def clear_curves(self) -> None:
        """Forget the lines of an experiment that is no longer shown."""
        for curve in self._curves.values():
            self.removeItem(curve)
        self._curves = {}
        self._range = None

    def _pen(self, lane: int, layer: int) -> Any:
        colour = QColor(self.theme.lanes[lane % len(self.theme.lanes)])
        surface, share = QColor(self.theme.surface), 0.55**layer
        mixed = [round(share * c + (1 - share) * s) for c, s in zip(_rgb(colour), _rgb(surface), strict=True)]
        return pg.mkPen(QColor(*mixed), width=1.6)

    def line(self, lane: int, layer: int = 0) -> pg.PlotCurveItem:
        """Return the line of a lane and a layer (from 0), made when it is first asked for."""
        key = (lane, layer)
        if key not in self._curves:
            curve = pg.PlotCurveItem(pen=self._pen(lane, layer), skipFiniteCheck=True)
            curve.setZValue(10 - layer)
            self.addItem(curve, ignoreBounds=True)
            self._curves[key] = curve
        return self._curves[key]

    def show_step(self, step: int, last_step: int, low: float, high: float) -> None:
        """Put the line at a step and show the axes up to the newest step, in jumps so that they stay calm."""
        wanted = (float(nice_ceiling(max(last_step, FIRST_STEPS))), low, high)
        if wanted != self._range:
            self._range = wanted
            self.setRange(QRectF(0, low, wanted[0], high - low), padding=0.0, disableAutoRange=True)
        self.cursor_line.setValue(step)

    def mark(self, step: int, values: Sequence[float]) -> None:
        """Put a dot at the shown step of every lane; values that are not finite have none."""
        shown = [(index, value) for index, value in enumerate(values) if isfinite(value)]
        self._markers.setData(
            x=[step] * len(shown),
            y=[value for _, value in shown],
            brush=[pg.mkBrush(self.theme.lanes[index % len(self.theme.lanes)]) for index, _ in shown],
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the step under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._ask_for(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ask for the step under the pointer while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask_for(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more: the press has asked already."""

    def wheelEvent(self, event: object) -> None:
        """Leave the axes as they are: they follow the run."""

    def contextMenuEvent(self, event: object) -> None:
        """Ask for the menu that exports or copies this plot."""
        self.context_menu_requested.emit(self)

    def _ask_for(self, event: QMouseEvent) -> None:
        step = self.plotItem.vb.mapSceneToView(self.mapToScene(event.position().toPoint())).x()
        self.step_requested.emit(max(0, round(step)))

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw the plot into an area of another device, on the theme's surface."""
        painter.fillRect(area, QColor(self.theme.surface))
        self.scene().render(painter, area, self.sceneRect())


class LossPlot(StepPlot):
    """The loss of every lane, and the base-rate loss that a network reaches which ignores its inputs."""

    def __init__(self) -> None:
        super().__init__(say("Loss"))
        self.setObjectName("curves.loss")
        self._baseline = pg.InfiniteLine(0, angle=0)
        self._label = pg.TextItem(anchor=(1, 1))
        for item in (self._baseline, self._label):
            self.addItem(item, ignoreBounds=True)
            item.setVisible(False)
        self._base: float | None = None
        self.cut_off = False
        self.getAxis("left").enableAutoSIPrefix(False)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._baseline.setPen(pg.mkPen(theme.muted, width=1.01, style=Qt.PenStyle.DashLine))
        self._label.setColor(QColor(theme.muted))
        font = QFont(self.font())
        font.setPixelSize(11)
        self._label.setFont(font)

    def set_baseline(self, value: float | None) -> None:
        """Mark the loss of a network that predicts the class frequencies, or nothing."""
        self._base = value
        for item in (self._baseline, self._label):
            item.setVisible(value is not None)
        if value is not None:
            self._baseline.setValue(value)
            self._label.setText(say("{0}: predicts the class frequencies").format(f"{value:.4f}"))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the loss of every lane up to the newest step."""
        highest = self._base or 0.0
        for index, lane in enumerate(snapshot.lanes):
            x, y = points(lane.loss_curve)
            gaps = not np.isfinite(y).all()
            self.line(index).setData(x, y, connect="finite" if gaps else "all")
            highest = max(highest, _highest(y), lane.loss if isfinite(lane.loss) else 0.0)
        ceiling = _loss_ceiling(highest)
        if self._base is not None:
            ceiling = min(ceiling, _loss_ceiling(HIGHEST_BASELINES * self._base))
        self.cut_off = highest > ceiling
        self.show_step(snapshot.step, snapshot.last_step, 0.0, ceiling)
        self.mark(snapshot.step, [lane.loss for lane in snapshot.lanes])
        if self._base is not None and self._range is not None:
            self._label.setPos(self._range[0], self._base)


class SpreadAxis(pg.AxisItem):
    """Powers of ten above a floor that stands for exactly 0, which no logarithm can show."""

    def __init__(self) -> None:
        super().__init__("left")
        self.floor = -2.0
        self.zero = -2.5

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """Return the ticks: the floor and so many powers of ten as there is room for."""
        decades = max(1.0, maxVal - self.floor)
        every = max(1, ceil(decades / max(1.0, size / 26)))
        first = ceil(self.floor)
        ticks = [float(power) for power in range(first, floor(maxVal + 1e-9) + 1) if (power - first) % every == 0]
        return [(1.0, [self.zero, *ticks])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return 0 for the floor, 10ⁿ for the rest (1 and 10 as they are)."""
        return ["0" if value <= self.zero else _power_of_ten(round(value)) for value in values]


class SpreadPlot(StepPlot):
    """The spread of every hidden layer of every lane: how far its columns are apart; exactly 0 has a line of its own."""

    def __init__(self) -> None:
        self.axis = SpreadAxis()
        super().__init__(say("Spread of the columns"), {"left": self.axis})
        self.setObjectName("curves.spread")
        self._band = pg.LinearRegionItem((0, 1), orientation="horizontal", movable=False)
        self._band.setZValue(-10)
        self.addItem(self._band, ignoreBounds=True)
        self._label = pg.TextItem(anchor=(1, 1))
        self._label.setText(say("exactly 0: columns identical"))
        self.addItem(self._label, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._band.setBrush(QColor(theme.raised))
        for line in self._band.lines:
            line.setPen(pg.mkPen(None))
        self._label.setColor(QColor(theme.muted))
        font = QFont(self.font())
        font.setPixelSize(11)
        self._label.setFont(font)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the spread of every hidden layer up to the newest step."""
        present = [_present_spreads(lane) for lane in snapshot.lanes]
        values = [curve.low for lane in snapshot.lanes for curve in lane.spread_curves]
        values += [np.array(spreads) for spreads in present]
        lowest, highest = _positive_range(values)
        self._set_floor(lowest)
        for index, lane in enumerate(snapshot.lanes):
            for layer, curve in enumerate(lane.spread_curves):
                x, y = points(curve)
                y = self._heights(y)
                gaps = not np.isfinite(y).all()
                self.line(index, layer).setData(x, y, connect="finite" if gaps else "all")
        self.show_step(snapshot.step, snapshot.last_step, self.axis.zero - 0.35 * self._unit(highest), highest)
        first = [self._heights(np.array(spreads[:1])) for spreads in present]
        self.mark(snapshot.step, [float(height[0]) if len(height) else float("nan") for height in first])
        if self._range is not None:
            self._label.setPos(self._range[0], self.axis.zero)

    def _unit(self, highest: float) -> float:
        return max(1.0, (highest - self.axis.floor) / 4)

    def _set_floor(self, lowest: float) -> None:
        if lowest != self.axis.floor:
            self.axis.floor = lowest
            self.axis.picture = None
        self.axis.zero = lowest - 0.6
        self._band.setRegion((lowest - 20, lowest - 0.2))

    def _heights(self, spreads: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.where(spreads == 0, self.axis.zero, np.log10(spreads))


class CurvesView(QFrame):
    """Both plots side by side. Signals: `step_requested(int)`, `context_menu_requested(view)`."""

    step_requested = Signal(int)
    context_menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss, self.spread = LossPlot(), SpreadPlot()
        self._names = QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._loss_title, self._spread_title = QLabel(), QLabel(say("Spread of the columns"))
        for plot, heading in ((self.loss, self._loss_title), (self.spread, self._spread_title)):
            card = QFrame()
            card.setProperty("card", True)
            inside = QVBoxLayout(card)
            inside.setContentsMargins(10, 6, 8, 4)
            inside.setSpacing(0)
            row = QHBoxLayout()
            heading.setProperty("caption", True)
            row.addWidget(heading)
            row.addStretch()
            if plot is self.loss:
                row.addWidget(self._names)
            inside.addLayout(row)
            inside.addWidget(plot)
            layout.addWidget(card)
            plot.step_requested.connect(self.step_requested)
            plot.context_menu_requested.connect(self.context_menu_requested)
        self._lane_names: list[str] = []
        self._theme = LIGHT

    @property
    def drawings(self) -> list[StepPlot]:
        """Return the plots, which can be exported."""
        return [self.loss, self.spread]

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for plot in self.drawings:
            plot.set_theme(theme)
        self.set_names(self._lane_names)

    def set_names(self, names: list[str]) -> None:
        """Say which colour is which lane, and forget the lines of another experiment."""
        self._lane_names = names
        for plot in self.drawings:
            plot.clear_curves()
        colours = self._theme.lanes
        self._names.setText(
            "&nbsp;&nbsp; ".join(
                f'<span style="color:{colours[index % len(colours)]}">●</span> {name}'
                for index, name in enumerate(names)
            )
        )

    def set_baseline(self, value: float | None) -> None:
        """Mark the loss of a network that predicts the class frequencies, or nothing."""
        self.loss.set_baseline(value)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw both plots."""
        self.loss.show_snapshot(snapshot)
        self.spread.show_snapshot(snapshot)
        smooth = snapshot.activity is not Activity.PLAYING
        for plot in self.drawings:
            plot.set_antialiased(smooth)
        self._loss_title.setText(say("Loss (higher values are cut off)") if self.loss.cut_off else say("Loss"))
        deep = len(snapshot.lanes[0].spread_curves) > 1
        title = say("Spread of the columns (layer 1 dark, layer 2 lighter)") if deep else say("Spread of the columns")
        self._spread_title.setText(title)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _highest(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max(initial=0.0))


def _loss_ceiling(highest: float) -> float:
    """Return a calm upper end for the loss axis with some room above the highest value."""
    wanted = highest * 1.08
    power = 10.0 ** floor(log10(wanted)) if wanted > 0 else 1.0
    steps = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next((step * power for step in steps if step * power >= wanted), 10 * power)


def _present_spreads(lane: LaneSnapshot) -> list[float]:
    return [layer.symmetry.spread for layer in lane.hidden_layers]


def _positive_range(values: list[Floats]) -> tuple[float, float]:
    """Return (floor, top) of the logarithmic axis in powers of ten, whole decades around all positive values."""
    positive = [array[(array > 0) & np.isfinite(array)] for array in values]
    filled = [array for array in positive if array.size]
    if not filled:
        return -2.0, 1.0
    lowest = floor(log10(min(float(array.min()) for array in filled)))
    highest = ceil(log10(max(float(array.max()) for array in filled)) + 0.05)
    return float(min(lowest, highest - 2)), float(highest)


def _power_of_ten(power: int) -> str:
    if 0 <= power <= 2:
        return str(10**power)
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


Drawing = SceneView | StepPlot
