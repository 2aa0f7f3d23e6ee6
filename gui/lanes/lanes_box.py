"""The lanes side by side: made anew only for another network or other names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.scene import SceneView
from gui.lanes.lane_title import place_among
from gui.lanes.lane_view import MARGIN, LaneView, least_width
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.operations.shown_operation import operations_of
from gui.parts.room import Room
from gui.parts.split import HANDLE
from gui.present.display_state import DisplayState, hidden_lanes
from gui.present.frame import Frame
from gui.present.matrix_picture import MatrixShape
from gui.widgets.discard import discard

WIDE_RATIO = 1.1
"""Lanes are wide from this ratio of their width to their height on."""
ROUNDING = 2
"""Pixels that a lane may miss and still be in view."""
NOTCH, LINES = 120, 3
"""How far one notch of a wheel turns in eighths of a degree, and how many steps it scrolls."""
LANDING, SCROLL_MARGIN = 4, 60
"""Pixels of the line where a dragged lane will land, and from the edge at which dragging scrolls."""


class LanesBox(QScrollArea):
    """Signals: `neuron_clicked(NeuronPlace)`, `neuron_hovered(NeuronPlace or None)`, `nudge_requested(lane name,
    NeuronRef, row, value)`, `hold_requested()`, `context_menu_requested(drawing)`, `alarms_clicked(lane number)`,
    `finding_clicked(lane number)`, `menu_requested(lane name)`, `seed_chosen(lane name, seed)`,
    `layer_chosen(layer, 0 for none)`, `move_requested(lane name, place from 0 on the left)`,
    `enlarge_requested(name of a part)`, `divided(name of a splitter, shares)`, `cell_hovered(lane number, row,
    column)` and `cell_clicked(lane number, row, column)` of what an operation writes, `view_changed({lane number:
    side})` with -1 or 1 for lanes that are left or right of what is in view, at least in part.
    """

    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(str, object, int, float)
    hold_requested = Signal()
    context_menu_requested = Signal(object)
    alarms_clicked = Signal(int)
    finding_clicked = Signal(int)
    menu_requested = Signal(str)
    seed_chosen = Signal(str, object)
    layer_chosen = Signal(int)
    move_requested = Signal(str, int)
    enlarge_requested = Signal(str)
    divided = Signal(str, object)
    cell_hovered = Signal(int, int, int)
    cell_clicked = Signal(int, int, int)
    view_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sides: dict[int, int] = {}
        self.lanes: list[LaneView] = []
        inside = self._inside = QWidget()
        inside.setObjectName("lanes")
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(HANDLE)
        self._landing = QFrame(inside)
        self._landing.setObjectName("lanes.landing")
        self._place, self._enlarged = 0, ""
        self._hidden: frozenset[int] = frozenset()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self.horizontalScrollBar().valueChanged.connect(self._look_around)

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
            discard(lane)
        self.lanes = [LaneView(index, *lane) for index, lane in enumerate(wanted)]
        names = {lane.index: lane.name for lane in self.lanes}
        self._landing.hide()
        least = max(least_width(len(lane.shapes)) for lane in self.lanes)
        for lane in self.lanes:
            lane.header.title.tell_from(names)
            lane.set_theme(state.theme)
            lane.show_pictures(state.pictures)
            lane.show_last_change(state.last_change)
            lane.show_layer(state.layer)
            lane.body.share_out(state.room)
            lane.setMinimumWidth(least)
            self._connect(lane)
            self._row.addWidget(lane, 1)
        self._hidden = hidden_lanes(state, list(names.values()))
        self._show_chosen()

    def _connect(self, lane: LaneView) -> None:
        lane.neuron_clicked.connect(self.neuron_clicked)
        lane.neuron_hovered.connect(self.neuron_hovered)
        lane.nudge_requested.connect(partial(self.nudge_requested.emit, lane.name))
        lane.hold_requested.connect(self.hold_requested)
        lane.alarms_clicked.connect(self.alarms_clicked)
        lane.finding.clicked.connect(partial(self._click_finding, lane.index))
        lane.menu_requested.connect(self.menu_requested)
        lane.layer_chosen.connect(self.layer_chosen)
        lane.header.seed_chosen.connect(partial(self.seed_chosen.emit, lane.name))
        lane.header.title.pulled.connect(partial(self._pull, lane))
        lane.header.title.let_go.connect(partial(self._let_go, lane))
        lane.context_menu_requested.connect(self.context_menu_requested)
        lane.enlarge_requested.connect(self.enlarge_requested)
        lane.body.divided.connect(self.divided)
        lane.cell_hovered.connect(self.cell_hovered)
        lane.cell_clicked.connect(self.cell_clicked)
        lane.status.rows_changed.connect(self._align)

    def _click_finding(self, number: int) -> None:
        self.finding_clicked.emit(number)

    def show_findings(self, texts: Sequence[str]) -> None:
        """Show under the head of each lane what is wrong with it; without any finding there is no room for that."""
        for number, lane in enumerate(self.lanes):
            lane.finding.show_text(texts[number] if number < len(texts) else "", keeps_room=any(texts))

    def share_out(self, room: Room) -> None:
        """Share the room of every lane out in the same way."""
        for lane in self.lanes:
            lane.body.share_out(room)

    def show_enlarged(self, name: str) -> None:
        """Give all the room to a lane, or to a part of one, with that name; share it out with ""."""
        self._enlarged = name
        self._show_chosen()

    def show_hidden(self, numbers: frozenset[int]) -> None:
        """Leave lanes with these numbers out, and show all others."""
        self._hidden = numbers
        self._show_chosen()

    def _show_chosen(self) -> None:
        self._row.setEnabled(False)  # every lane that comes or goes would arrange all others once more
        for lane in self.lanes:
            lane.setVisible(self._is_shown(lane))
            part = self._enlarged.removeprefix(f"{lane.objectName()}.")
            lane.show_only("" if part == self._enlarged else part)
        self._row.setEnabled(True)
        self._row.activate()
        self._choose_shape()

    def _is_shown(self, lane: LaneView) -> bool:
        """Return whether a lane has room; Qt knows of a new one only later."""
        if self._enlarged:
            return f"{self._enlarged}.".startswith(f"{lane.objectName()}.")
        return lane.index not in self._hidden

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
        shown = [lane for lane in self.lanes if self._is_shown(lane)]
        if not shown:
            return
        self._align()
        room = self.viewport().size()
        width = (room.width() - self._row.spacing() * (len(shown) - 1)) / len(shown)
        for lane in self.lanes:
            lane.body.set_wide(width > WIDE_RATIO * room.height())
        inside = round(max(width, shown[0].minimumWidth())) - 2 * MARGIN
        is_high = any(lane.header.wants_two_lines(inside) for lane in shown)
        for lane in self.lanes:  # all alike, so that what is below starts at the same height
            lane.header.set_high(is_high)
        self._look_around()

    def _spans(self) -> dict[int, tuple[int, int]]:
        """Return from where to where each lane that has room goes, from left to right; Qt places new ones only later."""
        shown, gap = [lane for lane in self.lanes if self._is_shown(lane)], self._row.spacing()
        width = (self.viewport().width() - gap * (len(shown) - 1)) / max(len(shown), 1)
        width = max([width, *(lane.minimumWidth() for lane in shown)])
        lefts = {lane.index: place * (width + gap) for place, lane in enumerate(shown)}
        return {number: (round(left), round(left + width)) for number, left in lefts.items()}

    def _look_around(self) -> None:
        """Tell which lanes are out of view, and on which side."""
        start = self.horizontalScrollBar().value()
        end = start + self.viewport().width()
        sides = {
            number: -1 if left < start else 1
            for number, (left, right) in self._spans().items()
            if left < start - ROUNDING or right > end + ROUNDING
        }
        if sides != self._sides:
            self._sides = sides
            self.view_changed.emit(sides)

    def bring(self, number: int) -> None:
        """Scroll as far as it takes to have the lane with this number in view."""
        left, right = self._spans()[number]
        bar = self.horizontalScrollBar()
        bar.setValue(min(max(bar.value(), right - self.viewport().width()), left))

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll to the side by any wheel: there is nothing to scroll up or down."""
        turned = event.angleDelta()
        bar, by = self.horizontalScrollBar(), turned.x() or turned.y()
        bar.setValue(bar.value() - round(by / NOTCH * bar.singleStep() * LINES))

    def _align(self) -> None:
        """Let the drawings of all lanes start at the same height, whatever their states need above them."""
        rows = max((lane.status.rows for lane in self.lanes if self._is_shown(lane)), default=1)
        for lane in self.lanes:
            lane.status.reserve(rows)

    def _pull(self, lane: LaneView, pointer: QPoint) -> None:
        """Show where a lane will land that is dragged to a place of the screen; nothing where it would stay."""
        inside = self._inside
        at = inside.mapFromGlobal(pointer).x()
        others = [other for other in self.lanes if other is not lane]
        shown = [other for other in others if self._is_shown(other)]
        if not shown:
            return
        gap = sum(other.geometry().center().x() < at for other in shown)
        self._place = place_among([other.index for other in others], [other.index for other in shown], gap)
        self.ensureVisible(at, 0, SCROLL_MARGIN, 0)
        before, behind = shown[gap].x() if gap < len(shown) else None, shown[-1].geometry().right() + 1
        middle = behind + self._row.spacing() / 2 if before is None else before - self._row.spacing() / 2
        left = min(max(round(middle - LANDING / 2), 0), inside.width() - LANDING)
        self._landing.setGeometry(left, 0, LANDING, inside.height())
        self._landing.raise_()
        self._landing.setVisible(self._place != lane.index)

    def _let_go(self, lane: LaneView, stays: bool) -> None:
        lands, place = stays and not self._landing.isHidden(), self._place
        self._landing.hide()
        if lands:
            self.move_requested.emit(lane.name, place)

    def show_frame(self, frame: Frame) -> None:
        """Draw every lane that is not hidden at the same step."""
        for view, lane, marked in zip(self.lanes, frame.snapshot.lanes, frame.marked, strict=True):
            if view.index not in frame.hidden:
                view.show_lane(lane, frame.scales, frame.snapshot)
                view.graph.select(marked)
                seeds = frame.seeds.get(view.index)
                view.header.show_seeds(seeds, lane.experiment.seed, frame.snapshot.step)
        self._show_operations(frame)

    def _show_operations(self, frame: Frame) -> None:
        """Show one operation of the step in every lane, where one is to be shown."""
        on = frame.operation is not None and frame.snapshot.lanes[frame.lead].insight.walk is not None
        for view, shown in zip(self.lanes, operations_of(frame), strict=True):
            view.show_operation(shown, on=on)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._landing.setStyleSheet(f"background: {theme.accent}; border-radius: {LANDING // 2}px;")
        for lane in self.lanes:
            lane.set_theme(theme)

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or leave that out."""
        for lane in self.lanes:
            lane.show_last_change(on)

    def show_layer(self, layer: int) -> None:
        """Draw a layer of each lane, too, that a deep network leaves out; none for 0."""
        for lane in self.lanes:
            lane.show_layer(layer)

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
            is_normalized=layer.learnt is not None,
        )
        for number, layer in enumerate(lane.layers)
    ]
