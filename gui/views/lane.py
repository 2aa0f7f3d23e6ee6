"""One variant: its name, its state in words, its network graph and the heatmaps of its weights."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.snapshot import Activity, LaneSnapshot
from gui import words
from gui.colours import Scales, colour_lane
from gui.theme import Theme
from gui.views.graph import GraphView
from gui.views.heatmap import SECTION_GAP, STRIP_HEIGHT, TITLE_HEIGHT, HeatmapView, MatrixShape
from gui.views.scene import SceneView
from gui.words import say

SMALLEST = (210, 240)
CELL_WIDTHS = (1.0, 96.0)
CELL_HEIGHTS = (1.0, 34.0)
WIDEST_CELL, HIGHEST_CELL = 3.2, 1.6
"""Cells are at most so many times as wide as they are high, or as high as they are wide."""
HEATMAP_SPACING = 14
MIN_HEATMAP_WIDTH = 54
"""Room for the title of a heatmap."""


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
        self._maps = QWidget()
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
        maps = QHBoxLayout(self._maps)
        maps.setContentsMargins(0, 0, 0, 0)
        maps.setSpacing(HEATMAP_SPACING)
        maps.addStretch()
        for view in self.heatmaps:
            maps.addWidget(view, 0, Qt.AlignmentFlag.AlignTop)
        maps.addStretch()
        self._maps.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._maps.setMinimumSize(1, 1)
        self._rows = layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # drawings shrink with the lane
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(header)
        layout.addWidget(self.status)
        layout.addWidget(self.graph, 8)
        layout.addWidget(self._maps, 12)

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
        self.status.setText(words.status(lane))
        self.graph.set_antialiased(activity is not Activity.PLAYING)
        colours = colour_lane(lane, scales)
        self.graph.show_lane(lane, colours, scales.weights)
        for index, view in enumerate(self.heatmaps):
            view.show_layer(lane, index, colours, scales)

    def hasHeightForWidth(self) -> bool:
        """The status may need two lines, but the drawings make room for them: any height will do."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the heatmaps the new room."""
        super().resizeEvent(event)
        self._reserve_status()
        self._rows.activate()
        self._fit_heatmaps(self._maps.width(), self._maps.height())

    def _reserve_status(self) -> None:
        """Keep the height of the status, whatever it says, so that nothing jumps while it plays."""
        lines = words.longest_status([shape.fan_out for shape in self.shapes])
        metrics, width = self.status.fontMetrics(), self.contentsRect().width() - 26
        one_more = any(metrics.horizontalAdvance(line) > width for line in lines)
        self.status.setFixedHeight((len(lines) + one_more) * metrics.lineSpacing() + 2)

    def _fit_heatmaps(self, width: int, height: int) -> None:
        """Give the heatmaps cells so large that they fill the room side by side."""
        free_width = width - HEATMAP_SPACING * (len(self.shapes) - 1) - 4 * len(self.shapes)
        cell_width = self._cell_width(free_width)
        for view, shape in zip(self.heatmaps, self.shapes, strict=True):
            gaps = 2 * (TITLE_HEIGHT + STRIP_HEIGHT) + SECTION_GAP + 4
            highest = min(CELL_HEIGHTS[1], max(cell_width * HIGHEST_CELL, CELL_HEIGHTS[0]))
            cell_height = min(max((height - gaps) / (2 * shape.rows), CELL_HEIGHTS[0]), highest)
            view.set_cell(min(cell_width, cell_height * WIDEST_CELL), cell_height)
            size = view.drawing.sceneRect().size()
            view.setFixedSize(
                int(max(size.width(), MIN_HEATMAP_WIDTH)), int(min(size.height(), max(height, 1)))
            )

    def _cell_width(self, free_width: float) -> float:
        """Return the width of a cell; narrow matrices get room for their titles, the others share what is left."""
        columns = sum(shape.fan_out for shape in self.shapes)
        cell = free_width / columns
        narrow = [shape for shape in self.shapes if shape.fan_out * cell < MIN_HEATMAP_WIDTH]
        wide = columns - sum(shape.fan_out for shape in narrow)
        if narrow and wide:
            cell = (free_width - MIN_HEATMAP_WIDTH * len(narrow)) / wide
        return max(min(cell, CELL_WIDTHS[1]), CELL_WIDTHS[0])
