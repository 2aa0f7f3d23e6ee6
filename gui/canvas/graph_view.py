"""The network as a graph that answers the pointer: it says which neuron is under it, and which was clicked."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from engine.core.arrays import Floats
from engine.report.plane import Maps
from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot
from gui.canvas.graph_edges import Arcs, Cell, EdgeNumbers, Edges
from gui.canvas.graph_neurons import Neurons
from gui.canvas.neuron_map import NeuronMapView
from gui.canvas.scene import SceneView
from gui.look.colours import Scale
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.present.graph_layout import CAPTION, CAPTIONS, MAX_RADIUS, Column, GraphLayout, lay_out
from gui.text.language import translate

CAPTION_GAP = 5
"""Minimum distance of two captions in pixels."""


MARK_PEN, MARK_Z = 1.5, 10
"""Width of the frame around the layer that is chosen of many, which is on top of edges and neurons."""
COLUMN_PEN, COLUMN_GAP, FAINT = 2.0, 5.0, 0.3
"""Width of the frame around a layer and its distance from the neurons, and the opacity of what is not worked on."""


@dataclass(frozen=True)
class Work:
    """What an operation works on: the weights into some `layers`, and the `layer` that its result belongs to.

    `direction` is 1 where numbers flow forward, -1 where they flow back, 0 where they do not.
    `numbers` are those to be written on edges: of a layer (fan_in, fan_out), and the chosen cells of these.
    """

    layers: frozenset[int]
    layer: int
    direction: int
    numbers: tuple[tuple[int, Floats, Cell], ...] = field(default=(), compare=False)

    @property
    def reached(self) -> frozenset[int]:
        """Return the layers, inputs first, at the ends of these weights."""
        return frozenset({self.layer, *self.layers, *(layer - 1 for layer in self.layers)})


class GraphView(SceneView):
    """Shows a lane's network: neurons as circles, weights as edges.

    Signals: `neuron_hovered(NeuronRef or None)`, `neuron_clicked(NeuronRef)`, `layer_clicked(layer)` of the nearest one,
    inputs being layer 0.
    """

    neuron_hovered = Signal(object)
    layer_clicked = Signal(int)
    neuron_clicked = Signal(object)

    def __init__(
        self, widths: tuple[int, ...], parent: QWidget | None = None, *, clickable: bool = True
    ) -> None:
        """Draw layers of these `widths`, inputs first; `clickable` gives neurons a hand cursor."""
        super().__init__(translate("graph", "Network graph"), parent)
        self.widths = widths
        self._clickable = clickable
        self.edges = Edges(self.drawing, widths)
        self.edge_numbers = EdgeNumbers(self)
        self.arcs = Arcs(self.drawing)
        self._captions = [self.text_item(11) for _ in widths]
        self.neurons = Neurons(self)
        self.layers = GraphLayout((), MAX_RADIUS)
        self._shown: tuple[LaneSnapshot, Scale] | None = None
        self._hovered: NeuronRef | None = None
        self._work: Work | None = None
        self._column = QGraphicsRectItem()
        self._column.setZValue(-1)
        self.drawing.addItem(self._column)
        self._chosen, self._mark = 0, QGraphicsRectItem()
        self._mark.setZValue(MARK_Z)
        self.drawing.addItem(self._mark)
        self._arrows = [self.text_item(15, bold=True) for _ in widths[1:]]
        self._map: NeuronMapView | None = None
        self.around: QWidget = self
        """What the map of a neuron may cover: the graph may be too small for it."""
        self.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.setMouseTracking(True)
        self._explain()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for caption in self._captions:
            caption.setBrush(QColor(theme.muted))
        for arrow in self._arrows:
            arrow.setBrush(QColor(theme.accent))
        self._column.setPen(QPen(QColor(theme.accent), COLUMN_PEN))
        self._mark.setPen(QPen(QColor(theme.text), MARK_PEN))
        self.arcs.set_theme(theme)
        self.neurons.set_theme(theme)
        self._lay_out()

    def show_lane(self, lane: LaneSnapshot, scale: Scale) -> None:
        """Draw the weights of a lane in the colours of a scale."""
        if self._shown is None or self._shown[1] != scale:
            self.edges.set_pens(scale, self.theme)
        if not self.edges.placed:
            self.edges.place(lane.layout, self.layers)
            self.arcs.show(lane.layout.residuals, self.layers)
        self._shown = (lane, scale)
        self.edges.show(lane.theta, scale, self._hovered, self._lit)
        self.neurons.show_groups(lane)

    def show_work(self, work: Work | None) -> None:
        """Light up the part of the network that an operation works on; with None all of it."""
        if work != self._work:
            self._work = work
            self._draw_edges_again()
            self._light()
        self._work = work
        self._write_numbers()

    def _write_numbers(self) -> None:
        """Write on the edges of the layers that are worked on what they have, where there is room."""
        self.edge_numbers.clear()
        if self._work is None or not self.layers.columns:
            return
        taken = [arrow.sceneBoundingRect() for arrow in self._arrows if arrow.isVisible()]
        taken += [caption.sceneBoundingRect() for caption in self._captions]
        for layer, numbers, chosen in self._work.numbers:
            self.edge_numbers.show(self.layers, layer, numbers, chosen, taken)

    @property
    def _lit(self) -> frozenset[int] | None:
        return None if self._work is None else self._work.layers

    def _light(self) -> None:
        """Draw what is not worked on faintly, an arrow where numbers flow, and a frame around the layer they come to."""
        work = self._work
        for layer, circles in enumerate(self.neurons.circles):
            for circle in circles:
                circle.setOpacity(1.0 if work is None or layer in work.reached else FAINT)
        for number, arrow in enumerate(self._arrows, start=1):
            arrow.setVisible(work is not None and bool(work.direction) and number in work.layers)
            if work is not None and self.layers.columns:
                arrow.setText("←" if work.direction < 0 else "→")
                middle = (self.layers.columns[number - 1].x + self.layers.columns[number].x) / 2
                arrow.setPos(middle - arrow.boundingRect().width() / 2, -2)
        self._column.setVisible(work is not None)
        if work is not None and self.layers.columns:
            column, radius = self.layers.columns[work.layer], self.layers.radius + COLUMN_GAP
            self._column.setRect(_around(column, radius))

    def show_chosen(self, layer: int) -> None:
        """Put a frame around a layer; around none for 0."""
        self._chosen = layer
        is_there = 0 < layer < len(self.layers.columns)
        self._mark.setVisible(is_there)
        if is_there:
            self._mark.setRect(_around(self.layers.columns[layer], self.layers.radius + 2 * MARK_PEN))

    def select(self, neurons: tuple[NeuronRef, ...]) -> None:
        """Put a ring around some neurons, and around no others."""
        self.neurons.select(neurons)

    def show_neuron_map(self, neuron: NeuronRef, values: Maps | None) -> None:
        """Show what a neuron gives in the data space (rows, columns) beside it, while the pointer is on it."""
        if neuron != self._hovered or values is None:
            self._hide_map()
            return
        self._map = self._map or NeuronMapView(self.around)
        self.setToolTip("")  # a tooltip would cover the picture
        edge = self.mapFromScene(self.neurons.right_of(neuron))
        self._map.show_map(self._name_of(neuron), values, self.theme, self.mapTo(self.around, edge))

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which neuron the pointer is on."""
        self._hover(self.neurons.at(self.mapToScene(event.position().toPoint())))

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Say which neuron was clicked, and which layer."""
        place = self.mapToScene(event.position().toPoint())
        found = self.neurons.at(place)
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if found is not None:
            self.neuron_clicked.emit(found)
        columns = self.layers.columns
        self.layer_clicked.emit(min(range(len(columns)), key=lambda layer: abs(columns[layer].x - place.x())))

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
        if self._shown is not None and self.edges.placed:
            lane, scale = self._shown
            self.edges.show(lane.theta, scale, self._hovered, self._lit)

    def _hide_map(self) -> None:
        if self._map is not None:
            self._map.hide()

    def _explain(self) -> None:
        text = translate(
            "graph",
            "Edges are weights: blue positive, red negative, dotted exactly 0. Neurons of one colour are a group.",
        )
        if self.arcs.count:
            text += "\n" + translate(
                "graph", "An arc adds what a layer gets to what its neurons give (residual)."
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
        width, height = max(self.viewport().width(), 40), max(self.viewport().height(), 60)
        self.drawing.setSceneRect(0, 0, width, height)
        self.layers = lay_out(self.widths, width, height)
        self.edges.clear()
        self.neurons.lay_out(self.layers)
        self._write_captions(height)
        self._hover(None)
        if self._shown is not None:
            lane, scale = self._shown
            self._shown = None
            self.show_lane(lane, scale)
        self._light()
        self.show_chosen(self._chosen)
        self._write_numbers()

    def _write_captions(self, height: int) -> None:
        """Write under each layer what it is, as fully as there is room without overlapping."""
        for describe in CAPTIONS:
            for index, (caption, column) in enumerate(zip(self._captions, self.layers.columns, strict=True)):
                caption.setText(describe(column, index, len(self.widths) - 1))
                half = caption.boundingRect().width() / 2
                left = min(max(column.x - half, 2), self.drawing.sceneRect().width() - 2 * half - 2)
                caption.setPos(left, height - CAPTION)
            if not self._captions_touch():
                return
        self._leave_out_captions()

    def _leave_out_captions(self) -> None:
        """Leave out captions of layers in the middle that have no room beside those that stay."""
        *others, last = self._captions
        end = -float(CAPTION_GAP)
        for caption in others:
            box = caption.sceneBoundingRect()
            if box.left() < end + CAPTION_GAP or box.right() + CAPTION_GAP > last.sceneBoundingRect().left():
                caption.setText("")
            else:
                end = box.right()

    def _captions_touch(self) -> bool:
        boxes = [caption.sceneBoundingRect() for caption in self._captions]
        return any(left.right() + CAPTION_GAP > right.left() for left, right in pairwise(boxes))


def _around(column: Column, radius: float) -> QRectF:
    """Return a frame around the neurons of a layer, `radius` pixels from their middles."""
    top, bottom = float(column.y.min()) - radius, float(column.y.max()) + radius
    return QRectF(column.x - radius, top, 2 * radius, bottom - top)
