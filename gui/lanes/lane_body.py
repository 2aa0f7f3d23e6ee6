"""The drawings of a lane and how they share its room: graph, data space and heatmaps, with handles between them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.canvas.graph_view import GraphView
from gui.lanes.space_view import SpaceView
from gui.parts.room import Room, shares_of
from gui.parts.split import Split
from gui.widgets.discard import discard

SMALLEST_PART = (40, 40)
WORKING = (28, 72)
"""Shares of the height for the network and the matrices while an operation is shown."""
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class LaneBody(QWidget):
    """In a lane that is higher than wide, the network stands above its weights, in a wide one left of them.

    Signals: `divided(name, shares)` when a person has dragged a handle.
    """

    divided = Signal(str, object)

    def __init__(self, graph: GraphView, maps: QWidget, *, is_large: bool) -> None:
        """Have a graph and heatmaps; `is_large`: of a network with wide layers."""
        super().__init__()
        self._graph, self._maps = graph, maps
        self._is_large, self._tall = is_large, "large" if is_large else "tall"
        self._has_space = self._wide = self._works = False
        self._room, self._only = Room(), ""
        self._network, self._whole = Split("beside", ACROSS), Split(self._tall, DOWN)
        self._network.addWidget(graph)
        self._beside = QWidget()  # where the data space will be
        self._beside.hide()
        self._network.addWidget(self._beside)
        self._whole.addWidget(self._network)
        self._whole.addWidget(maps)
        for part in (graph, self._network, maps):
            part.setMinimumSize(*SMALLEST_PART)
        for split in (self._network, self._whole):
            split.divided.connect(self.divided)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._whole)

    def set_space(self, space: SpaceView | None) -> None:
        """Have a data space beside the graph, or none."""
        old, self._beside = self._beside, space or QWidget()
        self._network.replaceWidget(1, self._beside)
        discard(old)
        self._has_space = space is not None
        self._beside.setMinimumSize(*SMALLEST_PART)
        self._show_parts()

    def set_wide(self, on: bool) -> None:
        """Have the network left of the weights, or above them; wide layers need all the width for their weights."""
        on = on and not self._is_large
        if on == self._wide:
            return
        self._wide = on
        self._whole.setOrientation(ACROSS if on else DOWN)
        self._network.setOrientation(DOWN if on else ACROSS)
        self._whole.name, self._network.name = ("wide", "stacked") if on else (self._tall, "beside")
        self.share_out(self._room)

    def share_out(self, room: Room) -> None:
        """Give each part its share."""
        self._room = room
        for split in (self._whole, self._network):
            split.set_shares(shares_of(room)[split.name])

    def set_working(self, on: bool) -> None:
        """Give the matrices of an operation the larger part of a lane, or share it out as before."""
        if on == self._works:
            return
        self._works = on
        if on and not self._wide:
            self._whole.set_shares(WORKING)
        else:
            self.share_out(self._room)

    def show_only(self, part: str) -> None:
        """Give all the room to the "graph", the "space" or the "weights"; with "" share it out."""
        self._only = part
        self._show_parts()

    def _show_parts(self) -> None:
        graph, space, weights = (self._only in {"", name} for name in ("graph", "space", "weights"))
        space = space and self._has_space
        self._network.show_part(self._graph, graph)
        self._network.show_part(self._beside, space)
        self._whole.show_part(self._network, graph or space)
        self._whole.show_part(self._maps, weights)
