"""A plot of lines against the step, made of plain Qt items so that a frame costs next to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsLineItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
)

from engine.core.arrays import Floats
from engine.report.snapshot import Snapshot
from gui.canvas.scene import SceneView
from gui.look.colours import mixed, nice_ceiling
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.present.lines import Bundle, Key, bends
from gui.text.language import translate

MIN_LAST_STEP = 50
"""Minimum length of the step axis, so that it does not jump during the first steps."""
LEFT, TOP, RIGHT, BOTTOM = 50, 8, 12, 20
STEP_TICK_DISTANCE = 90
CLIP_DISTANCE = 50.0
"""Lines are clipped this many pixels outside the plot, where its frame hides them."""
MARKER_RADIUS = 3.5
HAIR = 1.01
"""Width of thin pens; a width of exactly 1 is painted six times slower."""


class StepPlot(SceneView):
    """Lines of lanes and layers against the step, with a line at the shown step.

    The axes are plain items of our own: pyqtgraph's PlotItem, when measured, cost 13 ms per frame.

    Signals: `step_requested(int)` when somebody clicks or drags.
    """

    step_requested = Signal(int)

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.setToolTip(translate("curves", "Click or drag to go to a step."))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(80)
        self._area = QRectF(LEFT, TOP, 100, 60)
        self.frame = QGraphicsRectItem()
        self.frame.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape)
        self.frame.setPen(QPen(Qt.PenStyle.NoPen))
        self.drawing.addItem(self.frame)
        self._lines: dict[Key, QGraphicsPathItem] = {}
        self._cursor = QGraphicsLineItem(self.frame)
        self._markers: list[QGraphicsEllipseItem] = []
        self._ticks: list[QGraphicsSimpleTextItem] = []
        self._grid: list[QGraphicsLineItem] = []
        self._range = (float(MIN_LAST_STEP), 0.0, 1.0)
        self.axes: tuple[object, ...] = ()
        self._levels: list[tuple[float, str]] = []
        self._shown: Snapshot | None = None

    @property
    def area(self) -> QRectF:
        """Return where the lines are, in pixels of the scene."""
        return self._area

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._cursor.setPen(_pen(theme.muted, HAIR))
        for (lane, layer), item in self._lines.items():
            item.setPen(self._line_pen(lane, layer))
        self._draw_axes()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the plot over the new size."""
        super().resizeEvent(event)
        size = self.viewport().size()
        self.drawing.setSceneRect(0, 0, size.width(), size.height())
        width, height = max(size.width() - LEFT - RIGHT, 20), max(size.height() - TOP - BOTTOM, 20)
        self._area = QRectF(LEFT, TOP, width, height)
        self.frame.setRect(self._area)
        self._draw_axes()
        self.show_again()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the curves up to the newest step of a snapshot."""
        self._shown = snapshot
        self.draw(snapshot)

    def draw(self, snapshot: Snapshot) -> None:
        """Draw the curves; for subclasses."""

    def show_again(self) -> None:
        """Draw what was shown last, in the new size or another way."""
        if self._shown is not None:
            self.draw(self._shown)

    def forget(self) -> None:
        """Forget the snapshot and the lines of lanes that are no longer there."""
        self._shown = None
        self.clear_lines()

    def clear_lines(self) -> None:
        """Take all lines and dots away."""
        for item in (*self._lines.values(), *self._markers):
            self.drawing.removeItem(item)
        self._lines, self._markers = {}, []

    def set_antialiased(self, on: bool) -> None:
        """Draw with antialiasing or without; it is slow and meant for still pictures."""
        if on != bool(self.renderHints() & QPainter.RenderHint.Antialiasing):
            self.setRenderHint(QPainter.RenderHint.Antialiasing, on)
            self.viewport().update()

    def set_axes(self, last_step: int, low: float, high: float, levels: list[tuple[float, str]]) -> None:
        """Show steps up to a round number above the newest, so that the axis rarely moves, and values from low to high.

        `levels` are the values with a label beside them.
        """
        self._range = (nice_ceiling(max(last_step, MIN_LAST_STEP)), low, high)
        if (self._range, levels) != self.axes:
            self.axes = (self._range, levels)
            self._levels = levels
            self._draw_axes()

    def place_x(self, steps: Floats | float) -> Floats:
        """Return where steps are, in pixels."""
        return self._area.left() + np.asarray(steps) * (self._area.width() / self._range[0])

    def place_y(self, values: Floats | float) -> Floats:
        """Return where values are, in pixels; those far outside the plot are clipped, out of sight."""
        _, low, high = self._range
        y = self._area.bottom() - (np.asarray(values) - low) * (self._area.height() / (high - low))
        return np.clip(y, self._area.top() - CLIP_DISTANCE, self._area.bottom() + CLIP_DISTANCE)

    def set_lines(self, bundle: Bundle) -> None:
        """Draw lines; values that are not finite make gaps."""
        x, y = self.place_x(bundle.x), self.place_y(bundle.y)
        for key, down, kept in zip(bundle.keys, y, bends(y), strict=True):
            path = QPainterPath()
            if len(x) > 1:
                connect = "all" if np.isfinite(down).all() else "finite"
                path = pg.arrayToQPath(x[kept], down[kept], connect=connect, finiteCheck=False)
            self._line(key).setPath(path)

    def _line(self, key: Key) -> QGraphicsPathItem:
        if key not in self._lines:
            item = QGraphicsPathItem(self.frame)
            item.setPen(self._line_pen(*key))
            item.setZValue(10 - key[1])
            self._lines[key] = item
        return self._lines[key]

    def mark_step(self, step: int, values: Sequence[float]) -> None:
        """Put the line at a step and a dot at the value of every lane; a value that is not finite has no dot."""
        x = float(self.place_x(step))
        self._cursor.setLine(x, self._area.top(), x, self._area.bottom())
        while len(self._markers) < len(values):
            self._markers.append(self._new_marker(len(self._markers)))
        heights = self.place_y(np.asarray(values, np.float64)).tolist()
        for marker, value, height in zip(self._markers, values, heights, strict=True):
            marker.setVisible(isfinite(value))
            if isfinite(value):
                marker.setPos(x, height)

    def _new_marker(self, lane: int) -> QGraphicsEllipseItem:
        radius = MARKER_RADIUS
        marker = QGraphicsEllipseItem(-radius, -radius, 2 * radius, 2 * radius)
        marker.setPen(QPen(Qt.PenStyle.NoPen))
        marker.setBrush(QBrush(QColor(self.theme.lanes[lane % len(self.theme.lanes)])))
        marker.setZValue(20)
        self.drawing.addItem(marker)
        return marker

    def _line_pen(self, lane: int, layer: int) -> QPen:
        """Return the pen of a layer of a lane; deeper layers are closer to the background colour."""
        colour, ground = QColor(self.theme.lanes[lane % len(self.theme.lanes)]), QColor(self.theme.surface)
        return _pen(mixed(ground, colour, 0.55**layer).name(), 1.6)

    def _draw_axes(self) -> None:
        for item in (*self._ticks, *self._grid):
            self.drawing.removeItem(item)
        self._ticks, self._grid = [], []
        area = self._area
        for value, text in self._levels:
            y = float(self.place_y(value))
            self._add_grid(area.left(), y, area.right(), y)
            label = self._add_tick(text)
            label.setPos(
                area.left() - 6 - label.boundingRect().width(), y - label.boundingRect().height() / 2
            )
        self._add_grid(area.left(), area.top(), area.left(), area.bottom())
        for step in _step_ticks(self._range[0], area.width()):
            label = self._add_tick(f"{step:,.0f}")
            x = float(self.place_x(step)) - label.boundingRect().width() / 2
            rightmost = self.drawing.sceneRect().width() - label.boundingRect().width() - 1
            label.setPos(min(x, rightmost), area.bottom() + 3)

    def _add_tick(self, text: str) -> QGraphicsSimpleTextItem:
        label = self.text_item(11)
        label.setText(text)
        label.setBrush(QColor(self.theme.muted))
        self._ticks.append(label)
        return label

    def _add_grid(self, x1: float, y1: float, x2: float, y2: float) -> None:
        line = QGraphicsLineItem(x1, y1, x2, y2)
        line.setPen(_pen(self.theme.border, HAIR))
        line.setZValue(-1)
        self.drawing.addItem(line)
        self._grid.append(line)

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the step under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._ask_for(event)

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do no more than the first click has done: all the room is asked for beside the plot."""

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ask for the step under the pointer while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask_for(event)

    def _ask_for(self, event: QMouseEvent) -> None:
        x = self.mapToScene(event.position().toPoint()).x()
        step = (x - self._area.left()) * self._range[0] / self._area.width()
        self.step_requested.emit(max(0, round(step)))


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour))
    pen.setWidthF(width)
    return pen


def _step_ticks(last: float, width: float) -> list[float]:
    """Return round steps from 0 to the last one, far enough apart for their labels."""
    every = max(1.0, nice_ceiling(last * STEP_TICK_DISTANCE / width))
    return [every * index for index in range(ceil((last + 1) / every))]
