"""The lanes side by side: made anew only for another network or other names."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.lane_view import LaneView
from gui.canvas.scene import SceneView
from gui.look.theme import Theme
from gui.present.display_state import DisplayState
from gui.present.frame import Frame
from gui.present.matrix_picture import MatrixShape


class LanesBox(QScrollArea):
    """Signals: `neuron_clicked(NeuronPlace)`, `neuron_hovered(NeuronPlace or None)`, `nudge_requested(lane name,
    NeuronRef, row, value)`, `hold_requested()`, `context_menu_requested(drawing)`, `alarms_clicked(lane number)`.
    """

    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(str, object, int, float)
    hold_requested = Signal()
    context_menu_requested = Signal(object)
    alarms_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[LaneView] = []
        inside = QWidget()
        inside.setObjectName("lanes")
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph and heatmap."""
        return [drawing for lane in self.lanes for drawing in lane.drawings]

    @property
    def has_pictures(self) -> bool:
        """Return whether the neurons of the first layer of some lane can be shown as pictures."""
        return any(lane.shapes[0].image for lane in self.lanes)

    def show_lanes(self, snapshot: Snapshot, state: DisplayState) -> None:
        """Have the lanes of a snapshot; with the same network and names the old ones serve."""
        wanted = [(lane.name, _shapes(lane)) for lane in snapshot.lanes]
        if [(lane.name, lane.shapes) for lane in self.lanes] == wanted:
            return
        for lane in self.lanes:
            self._row.removeWidget(lane)
            lane.setParent(None)
            lane.deleteLater()
        self.lanes = [LaneView(index, *lane) for index, lane in enumerate(wanted)]
        for lane in self.lanes:
            lane.set_theme(state.theme)
            lane.show_pictures(state.pictures)
            lane.show_last_change(state.last_change)
            self._connect(lane)
            self._row.addWidget(lane, 1)

    def _connect(self, lane: LaneView) -> None:
        lane.neuron_clicked.connect(self.neuron_clicked)
        lane.neuron_hovered.connect(self.neuron_hovered)
        lane.nudge_requested.connect(partial(self.nudge_requested.emit, lane.name))
        lane.hold_requested.connect(self.hold_requested)
        lane.alarms_clicked.connect(self.alarms_clicked)
        for drawing in lane.drawings:
            drawing.context_menu_requested.connect(self.context_menu_requested)

    def show_frame(self, frame: Frame) -> None:
        """Draw every lane at the same step."""
        for view, lane, marked in zip(self.lanes, frame.snapshot.lanes, frame.marked, strict=True):
            view.show_lane(lane, frame.scales, frame.snapshot)
            view.graph.select(marked)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for lane in self.lanes:
            lane.set_theme(theme)

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or leave that out."""
        for lane in self.lanes:
            lane.show_last_change(on)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        for lane in self.lanes:
            lane.show_pictures(on)


def _shapes(lane: LaneSnapshot) -> list[MatrixShape]:
    """Return the shapes of a lane's layers; the inputs of the first may be the pixels of an image."""
    return [
        MatrixShape(
            *layer.weights.shape,
            has_bias=layer.biases is not None,
            image=None if number else lane.image_shape,
        )
        for number, layer in enumerate(lane.layers)
    ]
