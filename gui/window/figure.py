"""The figure: everything that belongs into a picture of the experiment. Title, lanes, curves, data space."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.experiments.experiment import Experiment
from engine.report.plane import Plane
from engine.report.snapshot import Snapshot
from gui.canvas.scene import SceneView
from gui.look.calm_label import CalmLabel
from gui.look.elided_label import ElidedLabel
from gui.look.plain_text import shortened, tip
from gui.look.theme import Theme
from gui.pictures.drawing_page import DrawingPage
from gui.pictures.painting import WidgetPage
from gui.plots.colour_bar import ColourBars
from gui.plots.curves_view import CurvesView
from gui.plots.space_view import DataSpaceCard
from gui.present.display_state import DisplayState
from gui.present.frame import Frame
from gui.text import words
from gui.text.language import translate
from gui.window.lanes_box import LanesBox


class Figure(QWidget):
    """Title and colour bars above the lanes, plots across all lanes below them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("figure")
        self.lanes_box, self.curves = LanesBox(), CurvesView()
        self.colour_bars, self.space = ColourBars(), DataSpaceCard()
        self._title, self._subtitle, self._notes = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self._step = CalmLabel()
        self._architecture = ""
        self._planes: list[Plane] = []
        self._arrange()
        self.show_last_change(False)

    def _arrange(self) -> None:
        inside = QVBoxLayout(self)
        inside.setContentsMargins(12, 8, 12, 10)
        inside.setSpacing(8)
        inside.addLayout(self._header())
        inside.addWidget(self._notes)
        inside.addWidget(self.lanes_box, 70)
        inside.addWidget(self._below(), 26)

    def _header(self) -> QHBoxLayout:
        """Return the row above the lanes."""
        for label in (self._title, self._subtitle):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("title", True)
        self._step.setProperty("muted", True)
        self._step.setContentsMargins(0, 0, 0, 2)  # on the line that the title stands on
        self._subtitle.setProperty("muted", True)
        self._notes.setObjectName("notes")
        self._notes.setProperty("small", True)
        self._notes.setContentsMargins(4, 0, 4, 0)
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(self._title)
        title.addWidget(self._step, 0, Qt.AlignmentFlag.AlignBottom)
        title.addStretch()
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addLayout(title)
        names.addWidget(self._subtitle)
        header = QHBoxLayout()
        header.setContentsMargins(4, 0, 4, 0)
        header.addLayout(names, 1)
        header.addWidget(self.colour_bars)
        return header

    def _below(self) -> QWidget:
        """Return the row of cards below the lanes."""
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.curves, 2)
        row.addWidget(self.space, 1)
        self.space.hide()
        below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        below.setMinimumHeight(130)
        return below

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph, heatmap and plot that can be exported."""
        return [*self.lanes_box.drawings, *self.curves.drawings, *self.space.drawings]

    def page(self) -> WidgetPage:
        """Return the whole figure as a page to export."""
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
        for view in (self.curves, self.space, self.lanes_box):
            view.set_theme(theme)

    def show_experiment(self, experiment: Experiment, snapshot: Snapshot, state: DisplayState) -> None:
        """Get ready for the lanes of another experiment."""
        self.lanes_box.show_lanes(snapshot, state)
        self.curves.set_names([lane.name for lane in snapshot.lanes])
        self._planes = []
        self._title.write(shortened(experiment.title or experiment.name))
        self._show_notes(experiment.notes)
        self._architecture = words.architecture(experiment, snapshot.lanes[0].layout.widths)
        self.show_tolerance(state.tolerance)

    def _show_notes(self, notes: str) -> None:
        """Say what somebody noted about the experiment: as much as there is room for, the rest in the tooltip."""
        self._notes.write(shortened(notes))
        self._notes.setToolTip(tip(notes))
        self._notes.setVisible(bool(notes))

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
        self.lanes_box.show_frame(frame)
        self.colour_bars.show_scales(frame.scales, is_pale=frame.is_pale)
        self.curves.show_snapshot(frame.snapshot)
        self._show_space(frame.snapshot)

    def _show_space(self, snapshot: Snapshot) -> None:
        maps = [lane.insight.space for lane in snapshot.lanes]
        shown = [space for space in maps if space is not None]
        self.space.setVisible(bool(shown))
        if not shown:
            return
        planes = [space.plane for space in shown]
        if [id(plane) for plane in planes] != [id(plane) for plane in self._planes]:
            self._planes = planes
            self.space.show_experiment([lane.name for lane in snapshot.lanes], planes)
        self.space.show_maps(shown, [lane.insight.predictions for lane in snapshot.lanes])
