"""The heatmaps of a lane side by side, each as large as there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.report.snapshot import LaneSnapshot
from gui.canvas.heatmap_view import SECTION_GAP, HeatmapView
from gui.canvas.matrix_section import STRIP_HEIGHT, TITLE_GAP, TITLE_HEIGHT, Arrangement
from gui.look.colours import Scales
from gui.look.handlers import shielded
from gui.present.matrix_picture import fit_matrix
from gui.present.neuron_pictures import fit_pictures

SPACING = 14
MAX_CELL_WIDTH = 96.0
"""Maximum width of a cell in pixels."""
MIN_NARROW_CELL = 3.2
"""Minimum width of the cells of a narrow matrix in pixels; wide matrices beside it may have narrower cells."""
MIN_MAP_WIDTH = 64
"""Minimum width of a heatmap in pixels, which its title needs; it is less where the lane is too narrow."""
MATRICES_SHARE, MAX_MATRICES_SHARE = 0.4, 0.7
"""Share of the width for the matrices beside pictures of neurons, and the maximum if they need more."""


class WeightMaps(QWidget):
    """Shows all layers of a lane."""

    def __init__(self, heatmaps: list[HeatmapView], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heatmaps = heatmaps
        self._pictures = self._shows_change = True
        self._smallest: float = MIN_MAP_WIDTH
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addStretch()
        for view in heatmaps:
            row.addWidget(view, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(1, 1)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        self._pictures = on
        self._fit()

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did beneath the gradients, or not."""
        self._shows_change = on
        for view in self.heatmaps:
            view.show_last_change(on)
        self._fit()

    def show_lane(self, lane: LaneSnapshot, scales: Scales) -> None:
        """Draw all layers of a lane."""
        for index, view in enumerate(self.heatmaps):
            view.show_layer(lane, index, scales)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the heatmaps the new room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._share_room()
        self._row.activate()  # laid out later, the heatmaps would overlap for a frame

    def _share_room(self) -> None:
        width = self.width() - SPACING * (len(self.heatmaps) - 1) - 4 * len(self.heatmaps)
        sections = 3 if self._shows_change else 2
        titles = sections * TITLE_HEIGHT + STRIP_HEIGHT + (sections - 1) * (TITLE_GAP + SECTION_GAP)
        height = (self.height() - 4 - titles) / sections
        self._smallest = min(MIN_MAP_WIDTH, width / len(self.heatmaps))
        first, others = self.heatmaps[0], self.heatmaps[1:]
        image = first.shape.image
        if image is None or not self._pictures:
            self._fit_matrices(self.heatmaps, width, height)
            return
        least = sum(max(view.shape.fan_out, self._smallest) for view in others)
        beside = min(max(MATRICES_SHARE * width, least), MAX_MATRICES_SHARE * width)
        self._fit_matrices(others, beside, height)
        left = width - sum(view.width() for view in others)
        self._arrange(first, fit_pictures(first.shape, image, left, height), left)

    def _fit_matrices(self, views: list[HeatmapView], width: float, height: float) -> None:
        """Make the cells of matrices as large as fit when the matrices stand side by side."""
        cell = _cell_width([view.shape.fan_out for view in views], width, self._smallest)
        for view in views:
            legible = min(self._smallest / view.shape.fan_out, MIN_NARROW_CELL)
            matrix = fit_matrix(view.shape, max(cell, legible), height)
            self._arrange(view, matrix, max(matrix.size[0], self._smallest))

    def _arrange(self, view: HeatmapView, arrangement: Arrangement, title_width: float) -> None:
        view.arrange(arrangement, title_width)
        size = view.drawing.sceneRect().size()
        view.setFixedSize(
            int(max(size.width(), self._smallest)), int(min(size.height(), max(self.height(), 1)))
        )


def _cell_width(columns: list[int], width: float, smallest: float) -> float:
    """Return the width of a cell. Narrow matrices get room for their titles first; wide ones share the rest."""
    if not columns:
        return MAX_CELL_WIDTH
    cell = width / sum(columns)
    narrow = [count for count in columns if count * cell < smallest]
    wide = sum(columns) - sum(narrow)
    if narrow and wide:
        cell = max(cell / 2, (width - smallest * len(narrow)) / wide)
    return min(cell, MAX_CELL_WIDTH)
