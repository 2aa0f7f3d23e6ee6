"""A plot of lines against the step, made of plain Qt items so that a frame costs next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPainterPath, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsLineItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
)

from engine.core.arrays import Floats
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.reruns.company import Band, Company
from gui.canvas.scene import SceneView
from gui.look.colours import mixed, nice_ceiling
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.plots.step_axes import HAIR, StepAxes
from gui.present.lines import GHOST, Bundle, Key, bends, on_earlier_lines
from gui.seeds import seed_words
from gui.seeds.band_items import BandItems
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text import words
from gui.text.language import translate
from gui.timeline.step_scale import zoomed

MIN_LAST_STEP = 50
"""Minimum length of the step axis, so that it does not jump during the first steps."""
LEFT, TOP, RIGHT, BOTTOM = 58, 8, 12, 20
CLIP_DISTANCE = 50.0
"""Lines are clipped this many pixels outside the plot, where its frame hides them."""
MARKER_RADIUS = 3.5
LINE_WIDTH, DASH = 1.6, 4.0
"""Width of lines in pixels, and length of dashes in widths."""
DEEPER, FAINTEST = 0.55, 0.15
"""The share of the colour of a layer that the line of the next one has, and the least share."""
PALE, GHOST_WIDTH = 0.45, 1.1
"""The share of its colour that a line of a ghost keeps on the ground, and its width in pixels."""
NO_SEEDS: Mapping[int, SeedsOfLane] = {}
DRAWS_PER_LOOK = 20
"""Of pictures that pass, coinciding lines are looked for once in this many pictures."""


class StepPlot(SceneView):
    """Lines of lanes and layers against the step, with a line at the shown step.

    The axes are plain items of our own: pyqtgraph's PlotItem, when measured, cost 13 ms per frame.

    Signals: `step_requested(int)` when somebody clicks or drags, `part_requested((first, last) or None)` for a part of
    the steps, or all of them, when somebody turns the wheel.
    """

    step_requested = Signal(int)
    part_requested = Signal(object)

    def __init__(self, title: str, up: tuple[str, ...]) -> None:
        """Have a title; `up` says what the values are, the fullest text first."""
        super().__init__(title)
        self.step_axes = StepAxes(self, translate("curves", "step"), up)
        self.hover.explain(
            translate(
                "curves",
                "Point at a step to read its values, click or drag to go there, turn the wheel to see fewer steps.",
            )
        )
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(80)
        self._area = QRectF(LEFT, TOP, 100, 60)
        self.frame = QGraphicsRectItem()
        self.frame.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape)
        self.frame.setPen(QPen(Qt.PenStyle.NoPen))
        self.drawing.addItem(self.frame)
        self._lines: dict[Key, QGraphicsPathItem] = {}
        self._drawn_at: dict[Key, Floats] = {}
        self._dashes: dict[Key, int] = {}
        self._cursor = QGraphicsLineItem(self.frame)
        self._markers: dict[int, QGraphicsEllipseItem] = {}
        self._bands = BandItems(self.frame)
        self.seeds: Mapping[int, SeedsOfLane] = {}
        self.lanes: Mapping[int, LaneSnapshot] = {}
        self._whole = float(MIN_LAST_STEP)
        self._part: tuple[float, float] | None = None
        self._range = (0.0, self._whole, 0.0, 1.0)
        self.axes: tuple[object, ...] = ()
        self._levels: list[tuple[float, str]] = []
        self._shown: Snapshot | None = None
        self._moment: float | None = None
        self._draws = 0

    @property
    def area(self) -> QRectF:
        """Return where the lines are, in pixels of the scene."""
        return self._area

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._cursor.setPen(_pen(theme.muted, HAIR))
        self.step_axes.set_theme(theme)
        self._dashes = {}
        for (lane, layer), item in self._lines.items():
            item.setPen(self._line_pen(lane, layer))
        self._bands.keep_only(set())
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
        self.step_axes.place_names(self._area)
        self.show_again()

    def show_snapshot(
        self,
        snapshot: Snapshot,
        lanes: Mapping[int, LaneSnapshot] | None = None,
        moment: float | None = None,
        seeds: Mapping[int, SeedsOfLane] = NO_SEEDS,
    ) -> None:
        """Draw the curves up to the newest step of a snapshot: of all its lanes, or of `lanes` by number, with ghosts.

        `moment` is the shown step with the share of it that is done, where an operation is shown. `seeds` are those of
        lanes, by number, that get a band.
        """
        self._shown, self._moment, self.seeds = snapshot, moment, seeds
        lanes = dict(enumerate(snapshot.lanes)) if lanes is None else lanes
        if lanes.keys() != self.lanes.keys():
            self.clear_lines()
        self.lanes = lanes
        self._draw_all(snapshot)
        self._draws += 1
        if not snapshot.is_passing or self._draws % DRAWS_PER_LOOK == 0:
            self.tell_apart()
        self.hover.refresh()

    def draw(self, snapshot: Snapshot) -> None:
        """Draw the curves; for subclasses."""

    def show_again(self) -> None:
        """Draw what was shown last, in the new size or another way."""
        if self._shown is not None:
            self._draw_all(self._shown)

    def _draw_all(self, snapshot: Snapshot) -> None:
        self.draw(snapshot)
        found = {
            (number, layer): band
            for number, company in self.companies.items()
            for layer, band in enumerate(self.bands_of(company))
        }
        place = self.place_x, self._band_heights, self._area.width(), (self.axes, self._area.getRect())
        self._bands.show(found, self.theme.lanes, snapshot.last_step, *place)

    def _band_heights(self, values: Floats) -> Floats:
        y = self.place_y(self.on_axis(values))
        return np.where(np.isnan(y), self._area.bottom() + CLIP_DISTANCE, y)

    @property
    def companies(self) -> dict[int, Company]:
        """Return what is known of lanes from many seeds, by their numbers."""
        return {number: one.company for number, one in self.seeds.items() if one.company is not None}

    def bands_of(self, company: Company) -> tuple[Band, ...]:
        """Return the bands of the layers; for subclasses that have any."""
        return ()

    def on_axis(self, values: Floats) -> Floats:
        """Return the heights of values on the axis, NaN for those below all of it; for subclasses."""
        return values

    def in_words(self, value: float) -> str:
        """Return a value in words; for subclasses."""
        return words.loss(value)

    def forget(self) -> None:
        """Forget the snapshot and the lines of lanes that are no longer there."""
        self._shown = None
        self.clear_lines()

    def clear_lines(self) -> None:
        """Take all lines and dots away."""
        for item in (*self._lines.values(), *self._markers.values()):
            self.drawing.removeItem(item)
        self._lines, self._drawn_at, self._dashes, self._markers = {}, {}, {}, {}

    def set_antialiased(self, on: bool) -> None:
        """Draw with antialiasing or without; it is slow and meant for still pictures."""
        if on != bool(self.renderHints() & QPainter.RenderHint.Antialiasing):
            self.setRenderHint(QPainter.RenderHint.Antialiasing, on)
            self.viewport().update()

    def set_axes(self, last_step: int, low: float, high: float, levels: list[tuple[float, str]]) -> None:
        """Show steps up to a round number above the newest, so that the axis rarely moves, and values from low to high.

        `levels` are the values with a label beside them.
        """
        self._whole = nice_ceiling(max(last_step, MIN_LAST_STEP))
        first, last = self._part or (0.0, self._whole)
        self._range = (first, last, low, high)
        if (self._range, levels) != self.axes:
            self.axes = (self._range, levels)
            self._levels = levels
            self._draw_axes()

    def show_part(self, steps: tuple[float, float] | None) -> None:
        """Show the steps from one to another along the axis, or all of them."""
        self._part = steps
        self.show_again()

    @property
    def resolution(self) -> float:
        """Return how many pixels wide all steps are, of which a part may be shown."""
        first, last = self._part or (0.0, self._whole)
        return self._area.width() * max(self._whole / (last - first), 1.0)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ask for fewer steps around the one under the pointer, or for more."""
        place, turned = self.mapToScene(event.position().toPoint()), event.angleDelta().y()
        if not turned or not self._area.contains(place):
            event.ignore()
            return
        event.accept()
        first, last = self._range[:2]
        middle = first + (place.x() - self._area.left()) * (last - first) / self._area.width()
        self.part_requested.emit(zoomed((first, last), self._whole, middle, turned))

    def place_x(self, steps: Floats | float) -> Floats:
        """Return where steps are, in pixels."""
        first, last = self._range[:2]
        return self._area.left() + (np.asarray(steps) - first) * (self._area.width() / (last - first))

    def place_y(self, values: Floats | float) -> Floats:
        """Return where values are, in pixels; those far outside the plot are clipped, out of sight."""
        low, high = self._range[2:]
        y = self._area.bottom() - (np.asarray(values) - low) * (self._area.height() / (high - low))
        return np.clip(y, self._area.top() - CLIP_DISTANCE, self._area.bottom() + CLIP_DISTANCE)

    def set_lines(self, bundle: Bundle) -> None:
        """Draw lines; values that are not finite make gaps."""
        x, y = self.place_x(bundle.x), self.place_y(bundle.y)
        for key, down, kept in zip(bundle.keys, y, bends(y), strict=True):
            self._drawn_at[key] = down
            path = QPainterPath()
            if len(x) > 1:
                connect = "all" if np.isfinite(down).all() else "finite"
                path = pg.arrayToQPath(x[kept], down[kept], connect=connect, finiteCheck=False)
            self._line(key).setPath(path)

    def _line(self, key: Key) -> QGraphicsPathItem:
        if key not in self._lines:
            item = QGraphicsPathItem(self.frame)
            item.setPen(self._line_pen(*key))
            item.setZValue(10 - key[1] if key[0] < GHOST else -1)
            self._lines[key] = item
        return self._lines[key]

    def tell_apart(self) -> None:
        """Draw lines that lie on the line of an earlier lane with gaps, through which that one is seen."""
        together, dashes = dict[int, list[Key]](), dict[Key, int]()
        for key in sorted(self._drawn_at):
            if self.is_read(*key) and self._drawn_at[key].size:
                together.setdefault(self._drawn_at[key].size, []).append(key)
        for keys in together.values():
            lines = np.stack([self._drawn_at[key] for key in keys])
            covered = on_earlier_lines(lines, LINE_WIDTH, (self._area.top(), self._area.bottom()))
            dashes |= {key: below for key, below in zip(keys, covered, strict=True) if below}
        for key in self._dashes.keys() | dashes.keys():
            if self._dashes.get(key) != dashes.get(key):
                pen = self._line_pen(*key)
                if key in dashes:
                    pen.setDashPattern([DASH / dashes[key], DASH * (2 - 1 / dashes[key])])
                self._lines[key].setPen(pen)
        self._dashes = dashes

    def is_read(self, lane: int, layer: int) -> bool:
        """Return whether a line is to be told from others; for subclasses, too."""
        return lane < GHOST

    def mark_step(self, step: int, values: Mapping[int, float]) -> None:
        """Put a dot at the value of every lane at a step, ghosts apart, where it is finite, and the line at the step.

        While an operation is shown, the line is inside the step.
        """
        x = float(self.place_x(step))
        line = x if self._moment is None else float(self.place_x(self._moment))
        self._cursor.setLine(line, self._area.top(), line, self._area.bottom())
        heights = self.place_y(np.array(list(values.values()), np.float64)).tolist()
        for (lane, value), height in zip(values.items(), heights, strict=True):
            if lane >= GHOST:
                continue
            if lane not in self._markers:
                self._markers[lane] = self._new_marker(lane)
            marker = self._markers[lane]
            is_seen = isfinite(value) and self._area.left() <= x <= self._area.right()
            marker.setVisible(is_seen)
            if is_seen:
                marker.setPos(x, height)

    @property
    def shown_line(self) -> QRectF:
        """Return where the line at the shown step and its dots are."""
        x = self._cursor.line().x1()
        return QRectF(x - MARKER_RADIUS, self._area.top(), 2 * MARKER_RADIUS, self._area.height())

    def _new_marker(self, lane: int) -> QGraphicsEllipseItem:
        radius = MARKER_RADIUS
        marker = QGraphicsEllipseItem(-radius, -radius, 2 * radius, 2 * radius)
        marker.setPen(QPen(Qt.PenStyle.NoPen))
        marker.setBrush(QBrush(QColor(self.theme.lanes[lane % len(self.theme.lanes)])))
        marker.setZValue(20)
        self.drawing.addItem(marker)
        return marker

    def _line_pen(self, lane: int, layer: int) -> QPen:
        """Return the pen of a layer of a lane; deeper layers, and ghosts, are closer to the background colour."""
        colour = QColor(self.theme.lanes[lane % GHOST % len(self.theme.lanes)])
        pale, width = (1.0, LINE_WIDTH) if lane < GHOST else (PALE, GHOST_WIDTH)
        return _pen(
            mixed(QColor(self.theme.surface), colour, pale * max(DEEPER**layer, FAINTEST)).name(), width
        )

    def _draw_axes(self) -> None:
        heights = [(float(self.place_y(value)), text) for value, text in self._levels]
        self.step_axes.draw(self._area, heights, self._range[:2])

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
        """Ask for the step under the pointer while the button is down; else say the values there."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask_for(event)
        else:
            self.hover.move(event)

    def _ask_for(self, event: QMouseEvent) -> None:
        self.step_requested.emit(max(0, self._step_at(self.mapToScene(event.position().toPoint()))))

    def _step_at(self, place: QPointF) -> int:
        first, last = self._range[:2]
        return round(first + (place.x() - self._area.left()) * (last - first) / self._area.width())

    def text_at(self, place: QPointF) -> str:
        """Return the value of every lane at the step under a place of the scene; "" beside the plot."""
        if self._shown is None or not self._area.contains(place):
            return ""
        step = min(max(self._step_at(place), 0), self._shown.last_step)
        lines = [self._value_in_words(number, lane, step) for number, lane in self.lanes.items()]
        return "\n".join([words.step(step), *filter(None, lines)])

    def _value_in_words(self, number: int, lane: LaneSnapshot, step: int) -> str:
        assert self._shown is not None, "something is drawn"
        value = self.value_at(lane, step, self._shown.step if number < GHOST else -1)
        if not value:
            return ""
        said = translate("curves", "{0}: {1}") if number < GHOST else translate("curves", "{0}, kept: {1}")
        said = said.format(lane.name, value)
        found = {one: self.bands_of(company) for one, company in self.companies.items()}.get(number, ())
        return said + seed_words.below(found, step, self.in_words)

    def value_at(self, lane: LaneSnapshot, step: int, shown: int) -> str:
        """Return what the curves of a lane are at a step, in words, while a step is shown; for subclasses."""
        raise NotImplementedError


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour))
    pen.setWidthF(width)
    return pen
