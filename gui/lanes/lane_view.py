"""One variant: its name, its state in words, its network graph, its data space and the heatmaps of its weights."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from engine.report.answers import NeuronMap
from engine.report.plane import Plane
from engine.report.probes import NeuronPlace, NeuronRef
from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.graph_view import GraphView
from gui.canvas.heatmap_view import HeatmapView
from gui.canvas.scene import SceneView
from gui.diagnosis.finding_chip import FindingChip
from gui.lanes.lane_body import LaneBody
from gui.lanes.lane_header import LaneHeader
from gui.lanes.layer_chips import LayerChips
from gui.lanes.space_view import SpaceView
from gui.lanes.weight_maps import WeightMaps
from gui.look.colours import Scales
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.operations.operation_view import OperationView
from gui.operations.shown_operation import ShownOperation
from gui.present.gathering import neuron_at, shown_place
from gui.present.matrix_picture import MatrixShape
from gui.text.language import translate

LEAST_WIDTHS, LEAST_HEIGHT, MARGIN = (150, 214), 240, 8
"""The least width of a lane with few and with many layers, its least height, and the room at its left and right."""
WIDTH_OF_MATRIX = 33
"""Pixels of the width of a lane that a matrix with its name needs, and the gap beside it."""
WIDE_LAYER = 64
"""Networks with more neurons in a layer get a lower graph, which leaves most of the neurons out."""


class LaneView(QFrame):
    """The column of the window that shows one variant. `index` counts lanes from 0 and names the widgets.

    Signals: `neuron_clicked(NeuronPlace)`, `neuron_hovered(NeuronPlace or None)`, `nudge_requested(NeuronRef, row,
    value)`, `hold_requested()`, `context_menu_requested(drawing)`, `enlarge_requested(name of a part)`,
    `alarms_clicked(index)`, `menu_requested(name)`, `layer_chosen(layer, 0 for none)`, `cell_hovered(index, row,
    column)` and `cell_clicked(index, row, column)` of what an operation writes.
    Neurons are called by their places in the network, in whatever order they are shown.
    """

    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(object, int, float)
    hold_requested = Signal()
    context_menu_requested = Signal(object)
    enlarge_requested = Signal(str)
    alarms_clicked = Signal(int)
    menu_requested = Signal(str)
    layer_chosen = Signal(int)
    cell_hovered = Signal(int, int, int)
    cell_clicked = Signal(int, int, int)

    def __init__(
        self, index: int, name: str, shapes: list[MatrixShape], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"lane.{index}")
        self.setProperty("card", True)
        self.setMinimumSize(least_width(len(shapes)), LEAST_HEIGHT)
        self.index, self.name, self.shapes = index, name, shapes
        self._shown: LaneSnapshot | None = None
        self._theme = LIGHT
        self.header = LaneHeader(index, name)
        self.finding = FindingChip()
        self.finding.setObjectName(f"lane.{index}.finding")
        self.status = LayerChips()
        self.status.setObjectName(f"lane.{index}.status")
        self.status.setAccessibleName(translate("lane", "What is equal in {0}").format(name))
        self.graph = GraphView((shapes[0].fan_in, *(shape.fan_out for shape in shapes)))
        self.graph.setObjectName(f"lane.{index}.graph")
        self.graph.title = translate("lane", "{0}, network graph").format(name)
        self.graph.around = self
        self.heatmaps = [self._make_heatmap(number, shape) for number, shape in enumerate(shapes, start=1)]
        self.space: SpaceView | None = None
        self._maps = WeightMaps(self.heatmaps)
        self.operation = OperationView()
        self.operation.setObjectName(f"lane.{index}.operation")
        self.operation.title = translate("lane", "{0}, operation").format(name)
        self._below = QStackedWidget()
        self._below.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._below.addWidget(self._maps)
        self._below.addWidget(self.operation)
        self.body = LaneBody(
            self.graph, self._below, is_large=max(shape.fan_out for shape in shapes) > WIDE_LAYER
        )
        self._connect()
        self._arrange()

    def _make_heatmap(self, number: int, shape: MatrixShape) -> HeatmapView:
        view = HeatmapView(number, shape, hidden=number < len(self.shapes))
        view.setObjectName(f"lane.{self.index}.heatmap.{number}")
        view.title = translate("lane", "{0}, layer {1}").format(self.name, number)
        view.nudge_requested.connect(partial(self._nudge, number))
        view.hold_requested.connect(self.hold_requested)
        return view

    def _connect(self) -> None:
        self.graph.neuron_clicked.connect(self._click)
        self.graph.neuron_hovered.connect(self._hover)
        self.graph.layer_clicked.connect(self._maps.ask_for)
        self._maps.layer_chosen.connect(self.layer_chosen)
        self._maps.chosen_changed.connect(self.graph.show_chosen)
        self.header.alarms_clicked.connect(lambda: self.alarms_clicked.emit(self.index))
        self.header.menu_requested.connect(lambda: self.menu_requested.emit(self.name))
        self.graph.enlarge_requested.connect(lambda _drawing: self._enlarge("graph"))
        for drawing in (*self.drawings, self.operation):
            drawing.context_menu_requested.connect(self.context_menu_requested)
        self.operation.cell_hovered.connect(partial(self.cell_hovered.emit, self.index))
        self.operation.cell_clicked.connect(partial(self.cell_clicked.emit, self.index))
        for view in (*self.heatmaps, self.operation):
            view.enlarge_requested.connect(lambda _drawing: self._enlarge("weights"))

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for all the room: for the weights after a double-click between heatmaps, else for the whole lane."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = self._maps.mapFrom(self, event.position().toPoint())
        if self._maps.rect().contains(place):
            self._enlarge("weights")
        else:
            self.enlarge_requested.emit(self.objectName())

    def _enlarge(self, part: str) -> None:
        self.enlarge_requested.emit(f"{self.objectName()}.{part}")

    def part_of(self, drawing: SceneView) -> str | None:
        """Return the name of the part of this lane that a drawing is in; None if it is none of its drawings."""
        if drawing not in (*self.drawings, self.operation):
            return None
        parts = {self.graph: "graph", self.space: "space"}
        return f"{self.objectName()}.{parts.get(drawing, 'weights')}"

    def show_only(self, part: str) -> None:
        """Give all the room to one part: "graph", "space" or "weights"; to all of them with ""."""
        self.body.show_only(part)

    def _place(self, shown: NeuronRef) -> NeuronPlace:
        return NeuronPlace(self.index, neuron_at(self._shown, shown))

    def _click(self, shown: NeuronRef) -> None:
        self.neuron_clicked.emit(self._place(shown))

    def _hover(self, shown: NeuronRef | None) -> None:
        self.neuron_hovered.emit(self._place(shown) if shown else None)

    def _nudge(self, layer: int, row: int, shown: int, value: float) -> None:
        is_bias = row == self.shapes[layer - 1].fan_in
        source = row if is_bias else neuron_at(self._shown, NeuronRef(layer - 1, row)).neuron
        self.nudge_requested.emit(neuron_at(self._shown, NeuronRef(layer, shown)), source, value)

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # drawings shrink with the lane
        layout.setContentsMargins(MARGIN, 6, MARGIN, 5)
        layout.setSpacing(4)
        layout.addWidget(self.header)
        layout.addWidget(self.finding)
        layout.addWidget(self.status)
        layout.addWidget(self.body, 1)

    @property
    def drawings(self) -> list[SceneView]:
        """Return everything in this lane that can be exported."""
        spaces = [] if self.space is None else [self.space]
        return [self.graph, *spaces, *self.heatmaps]

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.header.set_theme(theme)
        self.finding.set_theme(theme)
        self.status.set_theme(theme)
        for drawing in (*self.drawings, self.operation):
            drawing.set_theme(theme)

    def show_operation(self, shown: ShownOperation | None, *, on: bool) -> None:
        """Show one operation in place of the weights, or the weights again; None where the lane has no such one."""
        self._below.setCurrentWidget(self.operation if on else self._maps)
        self.body.set_working(on)
        if on:
            self.operation.show_operation(shown)
        self.graph.show_work(shown.work if shown else None)

    def show_lane(self, lane: LaneSnapshot, scales: Scales, snapshot: Snapshot) -> None:
        """Draw one lane of a snapshot."""
        self._shown = lane
        self.header.show_lane(lane, snapshot)
        self.status.show_lane(lane)
        self.graph.show_lane(lane, scales.weights)
        if lane.insight.neuron_map is not None:
            self._show_neuron_map(lane, lane.insight.neuron_map)
        self._maps.show_lane(lane, scales)
        self._show_space(lane)

    def _show_space(self, lane: LaneSnapshot) -> None:
        maps = lane.insight.space
        plane = None if maps is None else maps.plane
        if plane is not (None if self.space is None else self.space.plane):
            self._have_space(plane)
        if self.space is not None and maps is not None:
            self.space.show_maps(maps, lane.insight.predictions)

    def _have_space(self, plane: Plane | None) -> None:
        self.space = None if plane is None else SpaceView(self.index, self.name, plane)
        if self.space is not None:
            self.space.set_theme(self._theme)
            self.space.context_menu_requested.connect(self.context_menu_requested)
            self.space.enlarge_requested.connect(lambda _drawing: self._enlarge("space"))
        self.body.set_space(self.space)

    def _show_neuron_map(self, lane: LaneSnapshot, found: NeuronMap) -> None:
        self.graph.show_neuron_map(shown_place(lane, found.place.ref), found.values)

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or not."""
        self._maps.show_last_change(on)

    def show_layer(self, layer: int) -> None:
        """Draw a layer, too, that a deep network leaves out; none for 0."""
        self._maps.show_chosen(layer)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        self._maps.show_pictures(on)


def least_width(layers: int) -> int:
    """Return the least width in pixels of a lane with some number of layers: eight small ones fit side by side."""
    return min(max(2 * MARGIN + layers * WIDTH_OF_MATRIX, LEAST_WIDTHS[0]), LEAST_WIDTHS[1])
