"""The heatmaps of a lane side by side, each as large as there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.report.snapshot import LaneSnapshot
from gui.canvas.heatmap_view import SECTION_GAP, HeatmapView
from gui.canvas.matrix_section import MIN_NUMBER_CELL, STRIP_HEIGHT, TITLE_GAP, TITLE_HEIGHT, Arrangement
from gui.look.colours import Scales
from gui.look.handlers import shielded
from gui.present.matrix_picture import CELL_HEIGHTS, MatrixShape, fit_matrix
from gui.present.neuron_pictures import fit_pictures
from gui.text.language import translate
from gui.widgets.fields import NumberField

SPACING = 12
MANY_LAYERS, SHOWN_WIDTH = 20, 72
"""Of more layers only the first and the last ones are drawn, as many as have this width, and one that is chosen."""
BOX_WIDTH = 62
"""Pixels of the box in which another layer is chosen."""
MAX_CELL_WIDTH = 96.0
"""Maximum width of a cell in pixels."""
SQUARENESS = 0.85
"""How far the widths of cells follow their heights from matrix to matrix: not at all with 0, wholly with 1."""
MIN_MAP_WIDTH = 22
"""Minimum width of a heatmap in pixels, which its name needs; it is less where the lane is too narrow."""
FEW_NUMBERS, NUMBER_WIDTH = 16, 52.0
"""Matrices with at most this many numbers get cells of this width for them, up to half of an equal share of the room."""
LEGIBLE_CELL, LEGIBLE_SHARE = 12.0, 0.13
"""Width of cells up to which a matrix is made no narrower, and the share of the room that this may take."""
MATRICES_SHARE, MAX_MATRICES_SHARE = 0.4, 0.7
"""Share of the width for the matrices beside pictures of neurons, and the maximum if they need more."""


class WeightMaps(QWidget):
    """Shows all layers of a lane.

    Signals: `layer_chosen(layer from 1, or 0 for none)` of those that are not drawn, `chosen_changed(layer)`: another one
    is drawn, or none, because it is chosen.
    """

    layer_chosen = Signal(int)
    chosen_changed = Signal(int)

    def __init__(self, heatmaps: list[HeatmapView], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heatmaps = self._drawn = heatmaps
        self._shown: tuple[LaneSnapshot, Scales] | None = None
        self._pictures = self._shows_change = True
        self._smallest: float = MIN_MAP_WIDTH
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addStretch()
        self._chosen = 0
        self._between = self._layer_box()
        for view in heatmaps:
            row.addWidget(view, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(1, 1)

    def _layer_box(self) -> NumberField:
        """Return the box that stands for the layers that are not drawn, and chooses one of them."""
        box = NumberField(self)
        box.setObjectName("layers_between")
        box.setSpecialValueText("⋯")
        box.setPrefix("W")
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._choose)
        box.hide()
        return box

    def _choose(self, layer: int) -> None:
        self.layer_chosen.emit(0 if layer == self._between.minimum() else layer)

    def ask_for(self, layer: int) -> None:
        """Ask for a layer, from 1, if it is one of those that are not drawn."""
        box = self._between
        if box.isVisibleTo(self) and box.minimum() < layer <= box.maximum():
            self.layer_chosen.emit(layer)

    @property
    def chosen(self) -> int:
        """Return the layer that is drawn because it is chosen, 0 for none."""
        box = self._between
        return self._chosen if box.isVisibleTo(self) and box.value() == self._chosen > box.minimum() else 0

    def show_chosen(self, layer: int) -> None:
        """Draw a layer, too, that would be left out; none for 0."""
        if layer != self._chosen:
            self._chosen = layer
            self._fit()

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        if on != self._pictures:
            self._pictures = on
            self._fit()

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did beneath the gradients, or not."""
        if on == self._shows_change:
            return
        self._shows_change = on
        for view in self.heatmaps:
            view.show_last_change(on)
        self._fit()

    def show_lane(self, lane: LaneSnapshot, scales: Scales) -> None:
        """Draw the layers of a lane that there is room for."""
        self._shown = lane, scales
        for view in self._drawn:
            view.show_layer(lane, view.number - 1, scales)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the heatmaps the new room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._share_room()
        self._row.activate()  # laid out later, the heatmaps would overlap for a frame

    def _choose_layers(self) -> list[HeatmapView]:
        """Show the layers that there is room for and return them: of a deep network the first and the last ones, and
        between them the chosen one.
        """
        count = len(self.heatmaps)
        if count <= MANY_LAYERS:
            return self.heatmaps
        most = max(2, (self.width() - BOX_WIDTH) // (SHOWN_WIDTH + SPACING))
        most -= most > 2 and self._chosen > 0
        first, last = -(-most // 2), count - most // 2
        shown = [
            view
            for number, view in enumerate(self.heatmaps, start=1)
            if not first < number <= last or number == self._chosen
        ]
        before, self._drawn = self._drawn, shown
        for view in self.heatmaps:
            view.setVisible(view in shown)
            if self._shown is not None and view in shown and view not in before:
                view.show_layer(self._shown[0], view.number - 1, self._shown[1])
        self._show_box(first, last)
        return shown

    def _show_box(self, first: int, last: int) -> None:
        """Offer the layers behind `first`, up to `last`, which are not drawn, in front of the chosen one."""
        box = self._between
        box.blockSignals(True)
        box.setRange(first, last)
        box.setValue(self._chosen if first < self._chosen <= last else first)
        box.blockSignals(False)
        told = translate("lane", "Layers {0} to {1} are not drawn here, but for the one that you choose.")
        box.setToolTip(told.format(first + 1, last))
        box.setAccessibleName(told.format(first + 1, last))
        box.setFixedWidth(BOX_WIDTH)
        if self._row.indexOf(box) != first + 1:  # behind the room at the left
            self._row.removeWidget(box)
            self._row.insertWidget(first + 1, box, 0, Qt.AlignmentFlag.AlignTop)
        box.setVisible(first < last)
        self.chosen_changed.emit(self.chosen)

    def _share_room(self) -> None:
        shown = self._choose_layers()
        count = len(shown)
        between = 0 if shown is self.heatmaps else SPACING + BOX_WIDTH
        width = max(
            self.width() - between - SPACING * (count - 1) - 3 * count, count
        )  # handles can leave no room at all
        sections = 3 if self._shows_change else 2
        titles = sections * TITLE_HEIGHT + STRIP_HEIGHT + (sections - 1) * (TITLE_GAP + SECTION_GAP)
        height = max(self.height() - 4 - titles, sections) / sections
        self._smallest = min(MIN_MAP_WIDTH, width / count)
        hidden = [view for view in self.heatmaps if view not in shown]
        if hidden:  # they are there when there is room
            self._fit_matrices(hidden, len(hidden) * self._smallest, height)
        first, others = shown[0], shown[1:]
        image = first.shape.image
        if image is None or not self._pictures:
            self._fit_matrices(shown, width, height)
            return
        least = sum(max(view.shape.fan_out, self._smallest) for view in others)
        beside = min(max(MATRICES_SHARE * width, least), MAX_MATRICES_SHARE * width)
        self._fit_matrices(others, beside, height)
        left = width - sum(view.width() for view in others)
        self._arrange(first, fit_pictures(first.shape, image, left, height), left)

    def _fit_matrices(self, views: list[HeatmapView], width: float, height: float) -> None:
        """Make the cells of matrices as large as fit when the matrices stand side by side."""
        widths = _widths([view.shape for view in views], width, height)
        for view, room in zip(views, widths, strict=True):
            matrix = fit_matrix(view.shape, min(room / view.shape.fan_out, MAX_CELL_WIDTH), height)
            self._arrange(view, matrix, max(matrix.size[0], room))

    def _arrange(self, view: HeatmapView, arrangement: Arrangement, title_width: float) -> None:
        view.arrange(arrangement, title_width)
        size = view.drawing.sceneRect().size()
        view.setFixedSize(
            int(max(size.width(), self._smallest)), int(min(size.height(), max(self.height(), 1)))
        )


def _widths(shapes: list[MatrixShape], room: float, height: float) -> list[float]:
    """Return how wide matrices of a height are that stand side by side in some room.

    Cells as wide everywhere would be flat in a matrix with many rows, and square ones would leave it no width: this is
    between the two. Every matrix has at least the width of its name, and its cells can be
    told apart; none is wider than `MAX_CELL_WIDTH`.
    """
    cells = [min(height / shape.rows, CELL_HEIGHTS[1]) for shape in shapes]
    weights = [shape.fan_out * cell**SQUARENESS for shape, cell in zip(shapes, cells, strict=True)]
    widths = [0.0] * len(shapes)
    free = set(range(len(shapes)))
    while free:
        left = max(room - sum(width for index, width in enumerate(widths) if index not in free), 0.0)
        total = sum(weights[index] for index in free)
        wanted = {index: left * weights[index] / total for index in free}
        limits = {
            index: _limited(
                wanted[index], _legible(shapes[index], cells[index], room, len(shapes)), shapes[index]
            )
            for index in free
        }
        bound = {index for index in free if limits[index] != wanted[index]}
        for index in bound or free:
            widths[index] = limits[index]
        free = free - bound if bound else set()
    return widths


def _legible(shape: MatrixShape, height: float, room: float, count: int) -> float:
    """Return how wide one of `count` matrices should be at least, with cells of a height."""
    legible = max(MIN_MAP_WIDTH, min(shape.fan_out * LEGIBLE_CELL, LEGIBLE_SHARE * room))
    if shape.rows * shape.fan_out <= FEW_NUMBERS and height >= MIN_NUMBER_CELL[1]:
        legible = max(legible, min(shape.fan_out * NUMBER_WIDTH, room / count / 2))
    return min(legible, room / count)


def _limited(width: float, least: float, shape: MatrixShape) -> float:
    return min(max(width, least), shape.fan_out * MAX_CELL_WIDTH)
