"""The network as a graph: neurons as circles, weights as edges in the colour and width of their size."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsPathItem, QWidget

from engine.core.arrays import Floats
from engine.model.layout import Layout
from engine.report.plane import Maps
from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot
from gui.canvas.badge_items import Badges
from gui.canvas.neuron_map import NeuronMapView
from gui.canvas.scene import SceneView
from gui.look.colours import EXACTLY_ZERO, HALF, NOT_A_NUMBER, Scale, mixed
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.present.badges import Badge, at_neurons, group_colours, runs, size_at_neurons
from gui.present.graph_layout import CAPTIONS, Column, column_of
from gui.text.language import translate

PENS_PER_SIGN = 10
"""Number of pens for positive weights, and as many for negative ones."""
THINNEST_EDGE, THICKEST_EDGE = 1.01, 2.5
ZERO_PEN, NOT_DRAWN = PENS_PER_SIGN + 1, PENS_PER_SIGN + 2
FAINTEST_EDGE = 0.25
"""Strength of the colour of the weakest edges, which fade into the background."""
PEN_OF_COLOUR = np.sign(np.arange(2 * HALF + 3) - HALF) * np.ceil(
    np.abs(np.arange(2 * HALF + 3) - HALF) * (PENS_PER_SIGN / HALF)
).astype(np.intp)
PEN_OF_COLOUR[NOT_A_NUMBER], PEN_OF_COLOUR[EXACTLY_ZERO] = NOT_DRAWN, ZERO_PEN
"""Maps each place in the lookup table of colours to a pen, from -PENS_PER_SIGN to PENS_PER_SIGN."""
ZERO_DASHES = (1.0, 4.0)
"""A weight of exactly 0 is dotted: widths of the pen that are line, and that are gap."""
MAX_EDGES = 500
"""Maximum number of edges drawn per layer of weights; the strongest are chosen."""
MAX_EDGES_WITH_GAPS = 150
"""The same maximum for layers with neurons left out, where more edges would only cover each other."""
DOT_RADIUS, DOT_PITCH = 1.3, 4.0
"""Radius and distance of the three dots that stand for the neurons left out."""
CAPTION, CAPTION_GAP, MARGIN, SIDE = 16, 5, 16, 32
MAX_RADIUS, MIN_RADIUS = 13.0, 2.5
MIN_PITCH = 7.5
"""Minimum distance of two neurons; layers that need less leave out the neurons in the middle."""
POINTER_REACH = 5.0
"""The pointer is on a neuron whose centre is nearer than this, even outside its circle."""
RING_WIDTH, RING_GAP = 2.0, 2.5


_Edge: TypeAlias = tuple[float, float, float, float]
"""The two ends of an edge: x, y, x, y."""


class GraphView(SceneView):
    """Shows a lane's network. Neurons of a group with more than one member share a colour and a number.

    Signals: `neuron_hovered(NeuronRef or None)`, `neuron_clicked(NeuronRef)`.
    """

    neuron_hovered = Signal(object)
    neuron_clicked = Signal(object)

    def __init__(
        self, widths: tuple[int, ...], parent: QWidget | None = None, *, clickable: bool = True
    ) -> None:
        """Draw layers of these `widths`, inputs first; `clickable` gives neurons a hand cursor."""
        super().__init__(translate("graph", "Network graph"), parent)
        self.widths = widths
        self._clickable = clickable
        self._edges = [QGraphicsPathItem() for _ in range(2 * PENS_PER_SIGN + 2)]
        for index, item in enumerate(self._edges):
            # strong edges lie above weak ones
            item.setZValue(abs(index - PENS_PER_SIGN) if index <= 2 * PENS_PER_SIGN else 0)
            self.drawing.addItem(item)
        self._columns: list[Column] = []
        self._nodes: list[list[QGraphicsEllipseItem]] = []
        self._badges = Badges(self, PENS_PER_SIGN + 2)
        self._dots: list[QGraphicsEllipseItem] = []
        self._captions = [self.text_item(11) for _ in widths]
        self._radius = MAX_RADIUS
        self._shown: tuple[LaneSnapshot, Scale] | None = None
        self._edge_places = np.empty(0, np.intp)
        self._edge_ends: list[_Edge] = []
        self._edge_neurons = np.empty((0, 2), np.intp)
        self._edge_layers: list[tuple[slice, int]] = []
        self._drawn: list[list[int]] = [[] for _ in self._edges]
        self._levels = np.empty(0, np.intp)
        self._drawn_labels: list[tuple[int, ...]] = []
        self._hovered: NeuronRef | None = None
        self._map: NeuronMapView | None = None
        self.around: QWidget = self
        """What the map of a neuron may cover: the graph may be too small for it."""
        self._selected: tuple[NeuronRef, ...] = ()
        self._centres: dict[NeuronRef, QPointF] = {}
        self.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._rings = self.drawing.addPath(QPainterPath())
        self._rings.setZValue(PENS_PER_SIGN + 2)
        self.setMouseTracking(True)
        self._explain()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for caption in self._captions:
            caption.setBrush(QColor(theme.muted))
        self._rings.setPen(QPen(QColor(theme.accent), RING_WIDTH))
        self._lay_out()

    def show_lane(self, lane: LaneSnapshot, scale: Scale) -> None:
        """Draw the weights of a lane in the colours of a scale."""
        if self._shown is None or self._shown[1] != scale:
            self._set_pens(scale)
        if not len(self._edge_places):
            self._find_edges(lane.layout)
        self._shown = (lane, scale)
        self._draw_edges(lane.theta[self._edge_places], scale)
        self._draw_groups(lane)

    def select(self, neurons: tuple[NeuronRef, ...]) -> None:
        """Put a ring around some neurons, and around no others."""
        if neurons != self._selected:
            self._selected = neurons
            self._draw_rings()

    def _draw_rings(self) -> None:
        path, radius = QPainterPath(), self._radius + RING_GAP
        for neuron in self._centres.keys() & set(self._selected):
            path.addEllipse(self._centres[neuron], radius, radius)
        self._rings.setPath(path)

    def show_neuron_map(self, neuron: NeuronRef, values: Maps | None) -> None:
        """Show what a neuron gives in the data space (rows, columns) beside it, while the pointer is on it."""
        if neuron != self._hovered or values is None:
            self._hide_map()
            return
        self._map = self._map or NeuronMapView(self.around)
        self.setToolTip("")  # a tooltip would cover the picture
        edge = self.mapFromScene(self._centres[neuron] + QPointF(self._radius, 0))
        self._map.show_map(self._name_of(neuron), values, self.theme, self.mapTo(self.around, edge))

    def neuron_at(self, place: QPointF) -> NeuronRef | None:
        """Return the neuron at a place of the scene, None between neurons."""
        distances = {key: QLineF(place, centre).length() for key, centre in self._centres.items()}
        nearest = min(distances, key=distances.__getitem__)
        return nearest if distances[nearest] <= max(self._radius, POINTER_REACH) else None

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which neuron the pointer is on."""
        self._hover(self.neuron_at(self.mapToScene(event.position().toPoint())))

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which neuron was clicked."""
        found = self.neuron_at(self.mapToScene(event.position().toPoint()))
        if found is not None and event.button() is Qt.MouseButton.LeftButton:
            self.neuron_clicked.emit(found)

    @shielded
    def leaveEvent(self, event: QEvent) -> None:
        """Say that the pointer is on no neuron."""
        self._hover(None)

    def _hover(self, found: NeuronRef | None) -> None:
        if found != self._hovered:
            self._hovered = found
            self._hide_map()
            self._explain()
            self._draw_edges_again()
            self.neuron_hovered.emit(found)

    def _draw_edges_again(self) -> None:
        """Draw the edges of the neuron under the pointer alone, or those of all."""
        if self._shown is not None and len(self._edge_places):
            lane, scale = self._shown
            self._draw_edges(lane.theta[self._edge_places], scale)

    def _hide_map(self) -> None:
        if self._map is not None:
            self._map.hide()

    def _explain(self) -> None:
        text = translate(
            "graph",
            "Edges are weights: blue positive, red negative, dotted exactly 0. Neurons of one colour are a group.",
        )
        self.setToolTip(self._name_of(self._hovered) if self._hovered else text)
        hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(hand if self._hovered and self._clickable else arrow)

    def _name_of(self, neuron: NeuronRef) -> str:
        names = {0: translate("graph", "input {0}"), len(self.widths) - 1: translate("graph", "output {0}")}
        return names.get(neuron.layer, translate("graph", "neuron {0} of layer {1}")).format(
            neuron.number, neuron.layer
        )

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw with antialiasing, which is too slow for live frames."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        super().paint_into(painter, area)

    @shielded
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
            column_of(units, most, float(x), (top, bottom, pitch))
            for units, x in zip(self.widths, xs, strict=True)
        ]
        self._make_nodes()
        self._write_captions(height)
        self._centres = {
            NeuronRef(layer, int(unit)): QPointF(column.x, float(y))
            for layer, column in enumerate(self._columns)
            for unit, y in zip(column.units, column.y, strict=True)
        }
        self._draw_rings()
        self._hover(None)
        self._edge_places = np.empty(0, np.intp)
        self._drawn = [[] for _ in self._edges]
        self._levels = np.empty(0, np.intp)
        self._drawn_labels = []
        for item in self._edges:
            item.setPath(QPainterPath())
        if self._shown is not None:
            lane, scale = self._shown
            self._shown = None
            self.show_lane(lane, scale)

    def _make_nodes(self) -> None:
        for item in [node for nodes in self._nodes for node in nodes]:
            self.drawing.removeItem(item)
        self._nodes = []
        radius = self._radius
        pen = QPen(QColor(self.theme.muted), 1.2)
        self._make_dots()
        for column in self._columns:
            nodes = [
                QGraphicsEllipseItem(column.x - radius, y - radius, 2 * radius, 2 * radius) for y in column.y
            ]
            self._nodes.append(nodes)
            for node in nodes:
                node.setPen(pen)
                node.setBrush(QBrush(QColor(self.theme.raised)))
                node.setZValue(PENS_PER_SIGN + 1)
                self.drawing.addItem(node)

    def _make_dots(self) -> None:
        """Put three dots where neurons are left out."""
        for item in self._dots:
            self.drawing.removeItem(item)
        places = [
            (column.x, column.gap + part * DOT_PITCH)
            for column in self._columns
            if column.gap is not None
            for part in (-1, 0, 1)
        ]
        self._dots = [
            QGraphicsEllipseItem(x - DOT_RADIUS, y - DOT_RADIUS, 2 * DOT_RADIUS, 2 * DOT_RADIUS)
            for x, y in places
        ]
        for item in self._dots:
            item.setPen(QPen(Qt.PenStyle.NoPen))
            item.setBrush(QColor(self.theme.text))
            item.setZValue(PENS_PER_SIGN + 1)
            self.drawing.addItem(item)

    def _write_captions(self, height: int) -> None:
        """Write under each layer what it is, as fully as there is room without overlapping."""
        for describe in CAPTIONS:
            for index, (caption, column) in enumerate(zip(self._captions, self._columns, strict=True)):
                caption.setText(describe(column, index, len(self.widths) - 1))
                half = caption.boundingRect().width() / 2
                left = min(max(column.x - half, 2), self.drawing.sceneRect().width() - 2 * half - 2)
                caption.setPos(left, height - CAPTION)
            if not self._captions_touch():
                return

    def _captions_touch(self) -> bool:
        boxes = [caption.sceneBoundingRect() for caption in self._captions]
        return any(left.right() + CAPTION_GAP > right.left() for left, right in pairwise(boxes))

    def _set_pens(self, scale: Scale) -> None:
        for index, item in enumerate(self._edges):
            share = (index - PENS_PER_SIGN) / PENS_PER_SIGN if index <= 2 * PENS_PER_SIGN else 0.0
            strength = FAINTEST_EDGE + (1 - FAINTEST_EDGE) * abs(share)
            strong = scale.colour(float(np.sign(share)) * (0.5 + 0.5 * abs(share)))
            colour = (
                mixed(QColor(self.theme.surface), strong, strength) if share else QColor(self.theme.border)
            )
            pen = QPen(colour, THINNEST_EDGE + (THICKEST_EDGE - THINNEST_EDGE) * abs(share))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if index > 2 * PENS_PER_SIGN:
                pen.setColor(QColor(self.theme.faint))
                pen.setDashPattern(ZERO_DASHES)
            item.setPen(pen)

    def _find_edges(self, layout: Layout) -> None:
        """Note the place of each drawn weight in the flat vector of parameters, and the ends of its edge."""
        positions = np.arange(layout.size)
        places, ends, neurons, start = [], [], [], 0
        self._edge_layers = []
        for number, block in enumerate(layout.blocks):
            left, right = self._columns[number : number + 2]
            drawn = block.weights(positions)[np.ix_(left.units, right.units)]
            lines = np.empty((*drawn.shape, 4))
            lines[..., 0], lines[..., 2] = left.x + self._radius, right.x - self._radius
            lines[..., 1], lines[..., 3] = left.y[:, np.newaxis], right.y[np.newaxis, :]
            places.append(drawn.ravel())
            ends.append(lines.reshape(-1, 4))
            codes = self._code(number, left.units), self._code(number + 1, right.units)
            neurons.append(
                np.stack(np.broadcast_arrays(codes[0][:, np.newaxis], codes[1]), -1).reshape(-1, 2)
            )
            most = MAX_EDGES if drawn.size == block.fan_in * block.fan_out else MAX_EDGES_WITH_GAPS
            self._edge_layers.append((slice(start, start + drawn.size), most))
            start += drawn.size
        self._edge_places = np.concatenate(places)
        self._edge_ends = [tuple(edge) for edge in np.concatenate(ends).tolist()]
        self._edge_neurons = np.concatenate(neurons)

    def _code(self, layer: int, units: np.typing.NDArray[np.intp]) -> np.typing.NDArray[np.intp]:
        """Return one number for each of some neurons of a layer that no neuron of another layer has."""
        return np.asarray(units, np.intp) + max(self.widths) * layer

    def _draw_edges(self, weights: Floats, scale: Scale) -> None:
        levels = PEN_OF_COLOUR[scale.places(scale.shares(weights))]
        if self._hovered is not None:
            code = self._code(self._hovered.layer, np.array(self._hovered.neuron))
            levels[(self._edge_neurons != code).all(axis=1)] = NOT_DRAWN
        else:
            self._leave_out_weakest(levels, weights)
        if np.array_equal(levels, self._levels):
            return
        self._levels = levels
        order = np.argsort(levels, kind="stable")
        bounds = np.searchsorted(levels[order], np.arange(-PENS_PER_SIGN, NOT_DRAWN + 1)).tolist()
        edges = order.tolist()
        for index, item in enumerate(self._edges):
            members = edges[bounds[index] : bounds[index + 1]]
            if members != self._drawn[index]:
                self._drawn[index] = members
                item.setPath(_path([self._edge_ends[edge] for edge in members]))

    def _leave_out_weakest(self, levels: np.typing.NDArray[np.intp], weights: Floats) -> None:
        for layer, most in self._edge_layers:
            if layer.stop - layer.start > most:
                weakest = np.argpartition(np.abs(weights[layer]), -most)[:-most]
                levels[layer][weakest] = NOT_DRAWN

    def _draw_groups(self, lane: LaneSnapshot) -> None:
        labels = [layer.symmetry.labels for layer in lane.hidden_layers]
        if labels == self._drawn_labels:
            return
        self._drawn_labels = labels
        badges: list[Badge] = []
        for index, layer_labels in enumerate(labels, start=1):
            column, of_all = self._columns[index], group_colours(layer_labels, self.theme)
            colours = [of_all[unit] for unit in column.units]
            for node, colour in zip(self._nodes[index], colours, strict=True):
                node.setBrush(QBrush(QColor(colour or self.theme.raised)))
            groups = runs([layer_labels[unit] for unit in column.units], colours)
            badges += at_neurons(groups, column.x, column.y.tolist(), self._radius)
        self._badges.show(badges, size_at_neurons(self._radius))


def _path(edges: list[_Edge]) -> QPainterPath:
    """Return a path of separate lines. For few lines it is faster than an array."""
    path = QPainterPath()
    for x1, y1, x2, y2 in edges:
        path.moveTo(x1, y1)
        path.lineTo(x2, y2)
    return path
