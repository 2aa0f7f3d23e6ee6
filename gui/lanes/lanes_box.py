"""The lanes side by side: made anew only for another network or other names."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.scene import SceneView
from gui.lanes.lane_view import LaneView
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.present.display_state import DisplayState
from gui.present.frame import Frame
from gui.present.matrix_picture import MatrixShape
from gui.widgets.room import Room
from gui.widgets.split import HANDLE

WIDE_RATIO = 1.1
"""Lanes are wide from this ratio of their width to their height on."""


class LanesBox(QScrollArea):
    """Signals: `neuron_clicked(NeuronPlace)`, `neuron_hovered(NeuronPlace or None)`, `nudge_requested(lane name,
    NeuronRef, row, value)`, `hold_requested()`, `context_menu_requested(drawing)`, `alarms_clicked(lane number)`,
    `menu_requested(lane name)`,
    `enlarge_requested(name of a part)`, `divided(name of a splitter, shares)`.
    """

    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(str, object, int, float)
    hold_requested = Signal()
    context_menu_requested = Signal(object)
    alarms_clicked = Signal(int)
    menu_requested = Signal(str)
    enlarge_requested = Signal(str)
    divided = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[LaneView] = []
        inside = QWidget()
        inside.setObjectName("lanes")
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(HANDLE)
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
            lane.body.share_out(state.room)
            self._connect(lane)
            self._row.addWidget(lane, 1)
        self._choose_shape()

    def _connect(self, lane: LaneView) -> None:
        lane.neuron_clicked.connect(self.neuron_clicked)
        lane.neuron_hovered.connect(self.neuron_hovered)
        lane.nudge_requested.connect(partial(self.nudge_requested.emit, lane.name))
        lane.hold_requested.connect(self.hold_requested)
        lane.alarms_clicked.connect(self.alarms_clicked)
        lane.menu_requested.connect(self.menu_requested)
        lane.context_menu_requested.connect(self.context_menu_requested)
        lane.enlarge_requested.connect(self.enlarge_requested)
        lane.body.divided.connect(self.divided)

    def share_out(self, room: Room) -> None:
        """Share the room of every lane out in the same way."""
        for lane in self.lanes:
            lane.body.share_out(room)

    def show_enlarged(self, name: str) -> None:
        """Give all the room to a lane, or to a part of one, with that name; share it out with ""."""
        for lane in self.lanes:
            whole, part = lane.objectName(), name.removeprefix(f"{lane.objectName()}.")
            lane.setVisible(not name or name == whole or part != name)
            lane.show_only("" if part == name else part)
        self._choose_shape()

    def part_of(self, drawing: SceneView) -> str:
        """Return the name of the part that a drawing is in; "" if it is in no lane."""
        return next(filter(None, (lane.part_of(drawing) for lane in self.lanes)), "")

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the drawings of the lanes for the new room."""
        super().resizeEvent(event)
        self._choose_shape()

    def _choose_shape(self) -> None:
        """Have the network left of the weights in all lanes where they are wide, else above."""
        shown = [lane for lane in self.lanes if not lane.isHidden()]
        if not shown:
            return
        room = self.viewport().size()
        width = (room.width() - self._row.spacing() * (len(shown) - 1)) / len(shown)
        for lane in self.lanes:
            lane.body.set_wide(width > WIDE_RATIO * room.height())

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
