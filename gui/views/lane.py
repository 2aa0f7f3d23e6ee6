"""One variant: its name, its state in words, its network graph and the heatmaps of its weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.snapshot import Activity, LaneSnapshot
from gui import words
from gui.colours import Scales
from gui.theme import Theme
from gui.views.graph import GraphView
from gui.views.heatmap import HeatmapView
from gui.views.matrix_picture import MatrixShape
from gui.views.scene import SceneView
from gui.views.weight_maps import WeightMaps
from gui.words import say

SMALLEST = (210, 240)
WIDE = 64
"""Networks with more neurons than this in a layer have a lower graph, which leaves most of them out."""


class LaneView(QFrame):
    """The column of the window that shows one variant. `index` counts lanes from 0 and names the widgets."""

    def __init__(
        self, index: int, name: str, shapes: list[MatrixShape], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"lane.{index}")
        self.setProperty("card", True)
        self.setMinimumSize(*SMALLEST)
        self.index = index
        self.name = name
        self.shapes = shapes
        self._shown: LaneSnapshot | None = None
        self._said = ""
        self._status_lines = len(shapes)
        self._chip = QLabel()
        self._chip.setFixedSize(10, 10)
        self._name = QLabel(name)
        self._name.setProperty("heading", True)
        self._loss = QLabel()
        self._loss.setProperty("muted", True)
        self._loss.setToolTip(say("The loss of the shown weights, before their update"))
        self.status = QLabel()
        self.status.setObjectName(f"lane.{index}.status")
        self.status.setAccessibleName(say("What is equal in {0}").format(name))
        self.status.setToolTip(
            say("Neurons of a group have equal incoming weights, bias and outgoing weights, bit for bit.")
        )
        self.status.setProperty("small", True)
        self.status.setWordWrap(True)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        widths = (shapes[0].fan_in, *(shape.fan_out for shape in shapes))
        self.graph = GraphView(widths)
        self.graph.setObjectName(f"lane.{index}.graph")
        self.graph.title = say("{0}, network graph").format(name)
        self.heatmaps = [self._make_heatmap(number, shape) for number, shape in enumerate(shapes, start=1)]
        self._maps = WeightMaps(self.heatmaps)
        self._arrange()

    def _make_heatmap(self, number: int, shape: MatrixShape) -> HeatmapView:
        view = HeatmapView(number, shape, hidden=number < len(self.shapes))
        view.setObjectName(f"lane.{self.index}.heatmap.{number}")
        view.title = say("{0}, layer {1}").format(self.name, number)
        return view

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(8)
        header.addWidget(self._chip)
        header.addWidget(self._name)
        header.addStretch()
        header.addWidget(self._loss)
        self._rows = layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # drawings shrink with the lane
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.status)
        wide = max(shape.fan_out for shape in self.shapes) > WIDE
        layout.addWidget(self.graph, 5 if wide else 8)
        layout.addWidget(self._maps, 15 if wide else 12)

    @property
    def drawings(self) -> list[SceneView]:
        """Return everything in this lane that can be exported."""
        return [self.graph, *self.heatmaps]

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        colour = theme.lanes[self.index % len(theme.lanes)]
        self._chip.setStyleSheet(f"background: {colour}; border-radius: 5px;")
        for drawing in self.drawings:
            drawing.set_theme(theme)

    def show_lane(self, lane: LaneSnapshot, scales: Scales, activity: Activity) -> None:
        """Draw one lane of a snapshot."""
        self._loss.setText(say("loss {0}").format(words.loss(lane.loss)))
        self._show_status(lane)
        self.graph.set_antialiased(activity is not Activity.PLAYING)
        self.graph.show_lane(lane, scales.weights)
        self._maps.show_lane(lane, scales)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        self._maps.show_pictures(on)

    def _show_status(self, lane: LaneSnapshot) -> None:
        self._shown = lane
        text = words.status(lane)
        if text != self._said:
            self._said = text
            fits = self._lines_of(text.splitlines()) <= self._status_lines
            self.status.setText(text if fits else words.status(lane, brief=True))

    def hasHeightForWidth(self) -> bool:
        """The status may need two lines, but the drawings make room for them: any height will do."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the height of the status, whatever it says, so that nothing jumps while it plays."""
        super().resizeEvent(event)
        self._reserve_status()
        self._rows.activate()

    def _reserve_status(self) -> None:
        """Keep room for one line per layer and one more; where usual words need more, only for brief ones."""
        units = [shape.fan_out for shape in self.shapes]
        lines = words.longest_status(units)
        self._status_lines = self._lines_of(words.longest_status(units, brief=True))
        if self._lines_of(words.usual_status(units)) <= len(lines):
            self._status_lines = max(self._status_lines, min(self._lines_of(lines), len(lines) + 1))
        self.status.setFixedHeight(self._status_lines * self.status.fontMetrics().lineSpacing() + 2)
        self._said = ""
        if self._shown is not None:
            self._show_status(self._shown)

    def _lines_of(self, lines: list[str]) -> int:
        """Return how many lines some lines need in the width of the lane."""
        metrics, width = self.status.fontMetrics(), self.contentsRect().width() - 26
        return sum(1 + metrics.horizontalAdvance(line) // max(width, 1) for line in lines)
