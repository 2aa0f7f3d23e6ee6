"""The neurons of a network graph: circles in the colours of their groups, with numbers and rings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsEllipseItem

from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot
from gui.canvas.badge_items import Badges
from gui.canvas.graph_edges import ABOVE_EDGES
from gui.canvas.scene import SceneView
from gui.look.theme import LIGHT, Theme
from gui.present.badges import Badge, at_neurons, group_colours, neighbours_by_group, size_at_neurons
from gui.present.graph_layout import MAX_RADIUS, GraphLayout

DOT_RADIUS, DOT_PITCH = 1.3, 4.0
"""Radius and distance of the three dots that stand for the neurons left out."""
POINTER_REACH = 5.0
"""The pointer is on a neuron whose centre is nearer than this, even outside its circle."""
RING_WIDTH, RING_GAP = 2.0, 2.5


class Neurons:
    """The neurons of a graph. Those of a group with more than one member share a colour and a number."""

    def __init__(self, view: SceneView) -> None:
        """Draw neurons in the scene of a view, above the edges."""
        self._scene = view.drawing
        self._theme = LIGHT
        self._graph = GraphLayout((), MAX_RADIUS)
        self.circles: list[list[QGraphicsEllipseItem]] = []
        """The circles of each layer, inputs first, from top to bottom."""
        self.dots: list[QGraphicsEllipseItem] = []
        self.centres: dict[NeuronRef, QPointF] = {}
        """Where each neuron that is drawn stands in the scene."""
        self.rings = self._scene.addPath(QPainterPath())
        self.rings.setZValue(ABOVE_EDGES + 1)
        self.badges = Badges(view, ABOVE_EDGES + 1)
        self.selected: tuple[NeuronRef, ...] = ()
        self._labels: list[tuple[int, ...]] = []

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme for what is laid out from now on."""
        self._theme = theme
        self.rings.setPen(QPen(QColor(theme.accent), RING_WIDTH))

    def lay_out(self, graph: GraphLayout) -> None:
        """Put the neurons where they stand in a graph; their groups are shown when they are known again."""
        self._graph = graph
        self._labels = []
        self._make_dots()
        self._make_circles()
        self.centres = {
            NeuronRef(layer, int(unit)): QPointF(column.x, float(y))
            for layer, column in enumerate(graph.columns)
            for unit, y in zip(column.units, column.y, strict=True)
        }
        self._draw_rings()

    def _make_circles(self) -> None:
        for item in [circle for circles in self.circles for circle in circles]:
            self._scene.removeItem(item)
        radius = self._graph.radius
        pen = QPen(QColor(self._theme.muted), 1.2)
        self.circles = [
            [QGraphicsEllipseItem(column.x - radius, y - radius, 2 * radius, 2 * radius) for y in column.y]
            for column in self._graph.columns
        ]
        for item in [circle for circles in self.circles for circle in circles]:
            item.setPen(pen)
            item.setBrush(QBrush(QColor(self._theme.raised)))
            item.setZValue(ABOVE_EDGES)
            self._scene.addItem(item)

    def _make_dots(self) -> None:
        """Put three dots where neurons are left out."""
        for item in self.dots:
            self._scene.removeItem(item)
        places = [
            (column.x, column.gap + part * DOT_PITCH)
            for column in self._graph.columns
            if column.gap is not None
            for part in (-1, 0, 1)
        ]
        self.dots = [
            QGraphicsEllipseItem(x - DOT_RADIUS, y - DOT_RADIUS, 2 * DOT_RADIUS, 2 * DOT_RADIUS)
            for x, y in places
        ]
        for item in self.dots:
            item.setPen(QPen(Qt.PenStyle.NoPen))
            item.setBrush(QColor(self._theme.text))
            item.setZValue(ABOVE_EDGES)
            self._scene.addItem(item)

    def at(self, place: QPointF) -> NeuronRef | None:
        """Return the neuron at a place of the scene, None between neurons."""
        distances = {key: QLineF(place, centre).length() for key, centre in self.centres.items()}
        nearest = min(distances, key=distances.__getitem__)
        return nearest if distances[nearest] <= max(self._graph.radius, POINTER_REACH) else None

    def right_of(self, neuron: NeuronRef) -> QPointF:
        """Return the rightmost point of the circle of a neuron in the scene."""
        return self.centres[neuron] + QPointF(self._graph.radius, 0)

    def select(self, neurons: tuple[NeuronRef, ...]) -> None:
        """Put a ring around some neurons, and around no others."""
        if neurons != self.selected:
            self.selected = neurons
            self._draw_rings()

    def _draw_rings(self) -> None:
        path, radius = QPainterPath(), self._graph.radius + RING_GAP
        for neuron in self.centres.keys() & set(self.selected):
            path.addEllipse(self.centres[neuron], radius, radius)
        self.rings.setPath(path)

    def show_groups(self, lane: LaneSnapshot) -> None:
        """Give the neurons of a lane the colours and numbers of their groups."""
        labels = [layer.symmetry.labels for layer in lane.hidden_layers]
        if labels == self._labels:
            return
        self._labels = labels
        badges: list[Badge] = []
        for layer, layer_labels in enumerate(labels, start=1):
            badges += self._colour_layer(layer, layer_labels)
        self.badges.show(badges, size_at_neurons(self._graph.radius))

    def _colour_layer(self, layer: int, labels: Sequence[int]) -> list[Badge]:
        """Colour the circles of a layer, and return the numbers beside them."""
        column, of_all = self._graph.columns[layer], group_colours(labels, self._theme)
        colours = [of_all[unit] for unit in column.units]
        for circle, colour in zip(self.circles[layer], colours, strict=True):
            circle.setBrush(QBrush(QColor(colour or self._theme.raised)))
        groups = neighbours_by_group([labels[unit] for unit in column.units], colours)
        return at_neurons(groups, column.x, column.y.tolist(), self._graph.radius)
