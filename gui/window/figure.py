"""The figure: everything that belongs into a picture of the experiment. Title, lanes, curves."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from engine.experiments.experiment import Experiment
from engine.report.snapshot import Snapshot
from gui.canvas.scene import SceneView
from gui.lanes.lanes_box import LanesBox
from gui.look.handlers import shielded
from gui.look.plain_text import shortened, tip
from gui.look.theme import Theme
from gui.operations.formula_band import FormulaBand
from gui.panels.hidden_lanes import HiddenLanes
from gui.parts.room import FIRST_ROOM, Room
from gui.parts.split import Split
from gui.pictures.drawing_page import DrawingPage
from gui.pictures.painting import WidgetPage
from gui.plots.curves_view import CURVES, CurvesView
from gui.present.display_state import DisplayState, hidden_lanes
from gui.present.frame import Frame
from gui.terms.network_words import architecture
from gui.text import words
from gui.text.language import translate
from gui.timeline.phases import moment_of
from gui.widgets.calm_label import CalmLabel
from gui.widgets.colour_bar import ColourBars
from gui.widgets.elided_label import ElidedLabel

SMALLEST_SIZE, WIDTH_FOR_BARS = (330, 440), 680
"""Smallest size in pixels, and the width from which on there is room for the colour bars beside the title."""
HEIGHT_FOR_OPERATIONS = 900
"""Height in pixels from which on there is room for curves below the matrices of an operation."""


class Figure(QWidget):
    """Title and colour bars above the lanes, plots across all lanes below them.

    Signals: `enlarge_requested(name of a part)`, `divided(name of a splitter, shares)`.
    """

    enlarge_requested = Signal(str)
    divided = Signal(str, object)

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("figure")
        self.operation = FormulaBand(actions)
        self.lanes_box, self.curves = LanesBox(), CurvesView()
        self.colour_bars = ColourBars()
        self.show_all = QPushButton(translate("window", "Show all (Esc)"))
        self._rows = Split("rows", Qt.Orientation.Vertical)
        self._title, self._subtitle, self._notes = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self._step = CalmLabel()
        self._architecture = self._enlarged = ""
        self._is_low = False
        self._names: list[str] = []
        self.hidden = HiddenLanes()
        self._arrange()
        self.show_last_change(False)
        self.share_out(FIRST_ROOM)

    def _arrange(self) -> None:
        self.setMinimumSize(*SMALLEST_SIZE)
        inside = QVBoxLayout(self)
        inside.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        inside.setContentsMargins(10, 8, 10, 8)
        inside.setSpacing(8)
        inside.addLayout(self._header())
        inside.addWidget(self._notes)
        inside.addWidget(self.operation)
        self._rows.addWidget(self.lanes_box)
        self._rows.addWidget(self.curves)
        inside.addWidget(self._rows, 1)
        self.lanes_box.enlarge_requested.connect(self.enlarge_requested)
        self.curves.enlarge_requested.connect(self.enlarge_requested)
        self.lanes_box.view_changed.connect(self.curves.show_sides)
        self.curves.lane_wanted.connect(self.lanes_box.bring)
        for splitter in (self._rows, self.lanes_box, self.curves):
            splitter.divided.connect(self.divided)

    def _header(self) -> QHBoxLayout:
        """Return the row above the lanes."""
        for label in (self._title, self._subtitle):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("title", True)
        self._step.setProperty("muted", True)
        self._step.setContentsMargins(0, 0, 0, 2)  # on the line that the title stands on
        self._subtitle.setProperty("muted", True)
        self._subtitle.setToolTip(
            translate(
                "window",
                "Widths of the layers, the inputs first; activations, loss, optimizer with its rate, seed",
            )
        )
        self._step.setToolTip(translate("window", "All lanes show the weights after this number of updates"))
        self._notes.setObjectName("notes")
        self._notes.setProperty("small", True)
        self._notes.setContentsMargins(4, 0, 4, 0)
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(self._title)
        title.addWidget(self._step, 0, Qt.AlignmentFlag.AlignBottom)
        title.addWidget(self.show_all)
        title.addWidget(self.hidden)
        title.addStretch()
        self.show_all.setObjectName("figure.show_all")
        self.show_all.setProperty("chip", True)
        self.show_all.setAccessibleName(translate("window", "Share the room out again"))
        self.show_all.setToolTip(translate("window", "One part has all the room: share it out again"))
        self.show_all.hide()
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addLayout(title)
        names.addWidget(self._subtitle)
        header = QHBoxLayout()
        header.setContentsMargins(4, 0, 4, 0)
        header.addLayout(names, 1)
        header.addWidget(self.colour_bars)
        return header

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the colour bars out where they would cover the title."""
        super().resizeEvent(event)
        self.colour_bars.setVisible(self.width() >= WIDTH_FOR_BARS)

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph, heatmap and plot that can be exported."""
        return [*self.lanes_box.drawings, *self.curves.drawings]

    def page(self) -> WidgetPage:
        """Return the whole figure as a page to export, in which texts that have just changed have their room already."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        return WidgetPage(self, self._belonging)

    def page_of(self, drawing: SceneView) -> DrawingPage:
        """Return one drawing as a page to export, with the scales of its colours."""
        key = self.colour_bars if drawing in self.lanes_box.drawings else None
        return DrawingPage(drawing, self._belonging, key)

    @property
    def _belonging(self) -> str:
        """Return which experiment and which step is shown."""
        return f"{self._title.whole} · {self._step.text()}"

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for view in (self.curves, self.lanes_box, self.colour_bars):
            view.set_theme(theme)

    def show_experiment(self, experiment: Experiment, snapshot: Snapshot, state: DisplayState) -> None:
        """Get ready for the lanes of another experiment."""
        self.lanes_box.show_lanes(snapshot, state)
        self._names = [lane.name for lane in snapshot.lanes]
        self.show_hidden(state)
        self._title.write(shortened(experiment.title or experiment.name))
        self._title.setToolTip(tip(experiment.title or experiment.name))
        self._show_notes(experiment.notes)
        self._architecture = architecture(experiment, snapshot.lanes[0].layout.widths)
        self.show_tolerance(state.tolerance)

    def show_hidden(self, state: DisplayState) -> None:
        """Leave hidden lanes and their curves out, and say which they are."""
        hidden = hidden_lanes(state, self._names)
        self.lanes_box.show_hidden(hidden)
        names = dict(enumerate(self._names))
        self.curves.set_names({number: name for number, name in names.items() if number not in hidden})
        self.hidden.show_names([names[number] for number in sorted(hidden)])

    def _show_notes(self, notes: str) -> None:
        """Say what somebody noted about the experiment: as much as there is room for, the rest in the tooltip."""
        self._notes.write(shortened(notes))
        self._notes.setToolTip(tip(notes))
        self._notes.setVisible(bool(notes) and not self._is_low)

    def show_tolerance(self, tolerance: float) -> None:
        """Describe the network; and up to what difference neurons count as equal, if it is not bit for bit."""
        parts = [self._architecture]
        if tolerance:
            near = words.tolerance(tolerance)
            parts.append(translate("window", "neurons count as equal {0}").format(near))
        self._subtitle.write(" · ".join(parts))

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or leave that out."""
        self.colour_bars.show_last_change(on)
        self.lanes_box.show_last_change(on)

    def show_frame(self, frame: Frame) -> None:
        """Draw all lanes and curves at the same step."""
        self._step.write(words.step(frame.snapshot.step))
        self._make_room(frame)
        self.operation.show_frame(frame)
        self.lanes_box.show_frame(frame)
        self.colour_bars.show_scales(frame.scales, is_pale=frame.is_pale)
        self.curves.show_snapshot(frame.snapshot, frame.curves, moment_of(frame), frame.seeds)

    def _make_room(self, frame: Frame) -> None:
        """Leave notes and curves out while an operation is shown on a low screen: matrices need the room."""
        is_low = frame.operation is not None and self.height() < HEIGHT_FOR_OPERATIONS
        if is_low != self._is_low:
            self._is_low = is_low
            self._show_rows()

    def share_out(self, room: Room) -> None:
        """Share the room out between lanes and curves, and inside them."""
        self._rows.set_shares(room.rows)
        self.lanes_box.share_out(room)
        self.curves.share_out(room)

    def show_enlarged(self, name: str) -> None:
        """Give all the room to the part with that name; with "" share it out."""
        self._enlarged, is_curve = name, name.startswith(CURVES)
        self._show_rows()
        self.lanes_box.show_enlarged("" if is_curve else name)
        self.curves.show_enlarged(name if is_curve else "")
        self.show_all.setVisible(bool(name))

    def _show_rows(self) -> None:
        is_curve = self._enlarged.startswith(CURVES)
        self._rows.show_part(self.lanes_box, not is_curve)
        self._rows.show_part(self.curves, is_curve or not (self._enlarged or self._is_low))
        self._notes.setVisible(bool(self._notes.whole) and not self._is_low)

    def part_of(self, drawing: SceneView) -> str:
        """Return the name of the part that a drawing is in."""
        return self.lanes_box.part_of(drawing) or self.curves.part_of(drawing)
