"""The network as a graph: neurons as circles, weights as edges in the colour and width of their size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsPathItem, QGraphicsSimpleTextItem, QWidget

from engine.network import Layout
from engine.randomness import Floats
from engine.snapshot import LaneSnapshot
from gui.colours import HALF, NOT_A_NUMBER, LaneColours, Scale
from gui.theme import Theme, load_fonts
from gui.views.heatmap import group_colours
from gui.views.scene import SceneView, set_text
from gui.words import say

LEVELS = 10
"""Pens on each side of zero."""
THINNEST, THICKEST = 1.01, 2.5
NOT_DRAWN = LEVELS + 1
LEVEL_OF_COLOUR = np.sign(np.arange(2 * HALF + 2) - HALF) * np.ceil(
    np.abs(np.arange(2 * HALF + 2) - HALF) * (LEVELS / HALF)
).astype(np.intp)
LEVEL_OF_COLOUR[NOT_A_NUMBER] = NOT_DRAWN
"""The pen for each place in the lookup table of colours, from -LEVELS to LEVELS."""
MAX_EDGES = 500
"""Edges drawn per layer of weights: the strongest ones."""
MARGIN = 16
SIDE = 32
CAPTION = 16
MAX_RADIUS, MIN_RADIUS = 13.0, 2.5
MIN_PITCH = 7.5
"""Neurons stand at least so far apart; of larger layers the ones in the middle are left out."""


@dataclass(frozen=True)
class _Column:
    """The drawn units of one layer: their numbers and their places from top to bottom."""

    units: npt.NDArray[np.intp]
    x: float
    y: Floats
    total: int


class GraphView(SceneView):
    """Shows a lane's network. Neurons of a group with more than one member share a colour and a number."""

    def __init__(self, widths: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(say("Network graph"), parent)
        self.widths = widths
        self._edges = [QGraphicsPathItem() for _ in range(2 * LEVELS + 1)]
        for index, item in enumerate(self._edges):
            item.setZValue(abs(index - LEVELS))  # strong edges lie above weak ones
            self.drawing.addItem(item)
        self._columns: list[_Column] = []
        self._nodes: list[list[QGraphicsEllipseItem]] = []
        self._badges: list[list[QGraphicsSimpleTextItem]] = []
        self._captions = [self.text_item(11) for _ in widths]
        self._radius = MAX_RADIUS
        self._shown: tuple[LaneSnapshot, LaneColours, Scale] | None = None
        self._edge_places = np.empty(0, np.intp)
        self._edge_ends = np.empty((0, 4))
        self._edge_layers: list[slice] = []
        self._drawn: list[npt.NDArray[np.intp]] = [np.empty(0, np.intp)] * len(self._edges)
        self._drawn_labels: list[tuple[int, ...]] = []
        self.setMinimumHeight(90)
        self.setToolTip(
            say("Edges are weights: blue positive, red negative. Neurons of one colour are a group.")
        )

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for caption in self._captions:
            caption.setBrush(QColor(theme.muted))
        self._lay_out()

    def show_lane(self, lane: LaneSnapshot, colours: LaneColours, scale: Scale) -> None:
        """Draw the weights of a lane in the colours of a scale."""
        if self._shown is None or self._shown[2] != scale:
            self._set_pens(scale)
        if not len(self._edge_places):
            self._find_edges(lane.layout)
        self._shown = (lane, colours, scale)
        self._draw_edges(colours.weights)
        self._draw_groups(lane)

    def set_antialiased(self, on: bool) -> None:
        """Draw smooth edges, which is beautiful but slow: for still pictures."""
        if on != bool(self.renderHints() & QPainter.RenderHint.Antialiasing):
            self.setRenderHint(QPainter.RenderHint.Antialiasing, on)
            self.viewport().update()

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw smoothly."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        super().paint_into(painter, area)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the network over the new size."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = max(self.viewport().width(), 80), max(self.viewport().height(), 60)
        self.drawing.setSceneRect(0, 0, width, height)
        top, bottom = MARGIN / 2, height - CAPTION - 2
        most = max(2, int((bottom - top) / MIN_PITCH))
        tallest = max(min(units, most) for units in self.widths)
        self._radius = float(np.clip(0.36 * (bottom - top) / max(tallest - 0.4, 1), MIN_RADIUS, MAX_RADIUS))
        xs = np.linspace(SIDE, width - SIDE, len(self.widths))
        pitch = (bottom - top) / max(tallest, 2)
        self._columns = [
            _column(units, most, float(x), (top, bottom, pitch))
            for units, x in zip(self.widths, xs, strict=True)
        ]
        self._make_nodes()
        self._write_captions(height)
        self._edge_places = np.empty(0, np.intp)
        self._drawn = [np.empty(0, np.intp)] * len(self._edges)
        self._drawn_labels = []
        for item in self._edges:
            item.setPath(QPainterPath())
        if self._shown is not None:
            lane, colours, scale = self._shown
            self._shown = None
            self.show_lane(lane, colours, scale)

    def _make_nodes(self) -> None:
        for item in [node for nodes in self._nodes for node in nodes]:
            self.drawing.removeItem(item)
        self._nodes, self._badges = [], []
        radius = self._radius
        pen = QPen(QColor(self.theme.muted))
        pen.setWidthF(1.2)
        for column in self._columns:
            nodes = [
                QGraphicsEllipseItem(column.x - radius, y - radius, 2 * radius, 2 * radius) for y in column.y
            ]
            self._nodes.append(nodes)
            self._badges.append([self._badge(node) for node in nodes])
            for node in nodes:
                node.setPen(pen)
                node.setBrush(QBrush(QColor(self.theme.raised)))
                node.setZValue(LEVELS + 1)
                self.drawing.addItem(node)

    def _badge(self, node: QGraphicsEllipseItem) -> QGraphicsSimpleTextItem:
        badge = QGraphicsSimpleTextItem(node)
        font = QFont(load_fonts())
        font.setPixelSize(max(7, round(1.15 * self._radius)))
        badge.setFont(font)
        badge.setBrush(QColor("#101418"))
        return badge

    def _write_captions(self, height: int) -> None:
        for index, (caption, column) in enumerate(zip(self._captions, self._columns, strict=True)):
            text = self._caption(index, column)
            caption.setText(text)
            half = caption.boundingRect().width() / 2
            left = min(max(column.x - half, 2), self.drawing.sceneRect().width() - 2 * half - 2)
            caption.setPos(left, height - CAPTION)

    def _caption(self, index: int, column: _Column) -> str:
        count = str(column.total)
        if column.total > len(column.units):
            count = say("{0} of {1}").format(len(column.units), column.total)
        if index == 0:
            return say("input") if column.total == 1 else say("{0} inputs").format(count)
        if index == len(self.widths) - 1:
            return say("output") if column.total == 1 else say("{0} outputs").format(count)
        name = say("layer {0}").format(index)
        return name if column.total == len(column.units) else f"{name}: {count}"

    def _set_pens(self, scale: Scale) -> None:
        for index, item in enumerate(self._edges):
            share = (index - LEVELS) / LEVELS
            colour = (
                scale.colour(np.sign(share) * (0.35 + 0.65 * abs(share)))
                if share
                else QColor(self.theme.border)
            )
            pen = QPen(colour)
            pen.setWidthF(THINNEST + (THICKEST - THINNEST) * abs(share))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            item.setPen(pen)

    def _find_edges(self, layout: Layout) -> None:
        """Note where each drawn weight stands in a flat vector of parameters, and from where to where its edge goes."""
        positions = np.arange(layout.size)
        places, ends, start = [], [], 0
        self._edge_layers = []
        for block, left, right in zip(layout.blocks, self._columns, self._columns[1:], strict=False):
            drawn = block.weights(positions)[np.ix_(left.units, right.units)]
            lines = np.empty((*drawn.shape, 4))
            lines[..., 0], lines[..., 2] = left.x + self._radius, right.x - self._radius
            lines[..., 1], lines[..., 3] = left.y[:, np.newaxis], right.y[np.newaxis, :]
            places.append(drawn.ravel())
            ends.append(lines.reshape(-1, 4))
            self._edge_layers.append(slice(start, start + drawn.size))
            start += drawn.size
        self._edge_places, self._edge_ends = np.concatenate(places), np.concatenate(ends)

    def _draw_edges(self, colours: npt.NDArray[np.intp]) -> None:
        levels = LEVEL_OF_COLOUR[colours[self._edge_places]]
        for layer in self._edge_layers:
            if layer.stop - layer.start > MAX_EDGES:
                weakest = np.argpartition(np.abs(levels[layer]), -MAX_EDGES)[:-MAX_EDGES]
                levels[layer][weakest] = NOT_DRAWN
        order = np.argsort(levels, kind="stable")
        bounds = np.searchsorted(levels[order], np.arange(-LEVELS, LEVELS + 2))
        for index, item in enumerate(self._edges):
            members = order[bounds[index] : bounds[index + 1]]
            if not np.array_equal(members, self._drawn[index]):
                self._drawn[index] = members
                item.setPath(_path(self._edge_ends[members]))

    def _draw_groups(self, lane: LaneSnapshot) -> None:
        labels = [layer.symmetry.labels for layer in lane.hidden_layers]
        if labels == self._drawn_labels:
            return
        self._drawn_labels = labels
        for index, layer_labels in enumerate(labels, start=1):
            colours = group_colours(layer_labels, self.theme)
            for place, unit in enumerate(self._columns[index].units):
                colour = colours[unit]
                node, badge = self._nodes[index][place], self._badges[index][place]
                node.setBrush(QBrush(QColor(colour or self.theme.raised)))
                set_text(badge, str(layer_labels[unit] + 1) if colour and self._radius >= 6 else "")
                size = badge.boundingRect()
                centre = node.rect().center()
                badge.setPos(centre.x() - size.width() / 2, centre.y() - size.height() / 2)


def _column(units: int, most: int, x: float, place: tuple[float, float, float]) -> _Column:
    """Return the drawn units of a layer; of more than `most` only the first and the last ones."""
    top, bottom, pitch = place
    drawn = np.arange(units)
    gap = 0
    if units > most:
        first = most // 2
        drawn = np.concatenate([np.arange(first), np.arange(units - (most - 1 - first), units)])
        gap = 1
    count = len(drawn) + gap
    rows = np.arange(len(drawn)) + gap * (np.arange(len(drawn)) >= most // 2)
    y = (top + bottom) / 2 + (rows - (count - 1) / 2) * pitch
    return _Column(drawn, x, y.astype(np.float64), units)


def _path(ends: Floats) -> QPainterPath:
    if not len(ends):
        return QPainterPath()
    return pg.arrayToQPath(ends[:, ::2].ravel(), ends[:, 1::2].ravel(), connect="pairs")
