"""A weight matrix as a heatmap with its gradient beneath, column for column: column j is neuron j.

A weight can be dragged up or down with the pointer, or typed; the view only asks for the new value.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsPixmapItem, QWidget

from engine.core.arrays import Floats
from engine.report.snapshot import LaneSnapshot
from gui.canvas.badge_items import Badges
from gui.canvas.matrix_section import (
    STRIP_HEIGHT,
    TITLE_GAP,
    TITLE_HEIGHT,
    Arrangement,
    MatrixSection,
    enlarge,
)
from gui.canvas.scene import SceneView, set_first_that_fits
from gui.canvas.weight_grip import Weight, WeightDrag, WeightGrip
from gui.look.colours import Scales, largest, nice_ceiling, picture
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.present.badges import group_colours
from gui.present.matrix_picture import MatrixPicture, MatrixShape, Pixels, fit_matrix
from gui.present.neuron_pictures import NeuronPictures
from gui.text import words
from gui.text.language import translate

SECTION_GAP = 5
GROUP_LINE_HEIGHT = 3
"""Height of the line in the colours of groups, which badges stand on."""
SMALLEST_UNIT = float(np.finfo(np.float64).tiny)
"""The smallest change of a weight that is dragged by one pixel: dividing by subnormal numbers gives infinity."""
STEPS_TO_LARGEST = 100
"""Dragging over this many pixels changes a weight by the largest weight of its layer, rounded up."""


class HeatmapView(SceneView):
    """Shows one layer: W (rows are inputs, columns are neurons) with b as last row, their gradients beneath.

    A normalized layer has a row of scales and one of shifts behind b. Where the inputs are pixels, the view can show each
    neuron as a picture of its weights instead. Signals: `nudge_requested(row, neuron, value)`, both counted from 0, rows
    from fan_in on are those beneath W; `hold_requested()` when a weight is taken and training should not change it
    meanwhile; and those of every drawing.
    """

    nudge_requested = Signal(int, int, float)
    hold_requested = Signal()

    def __init__(
        self, number: int, shape: MatrixShape, *, hidden: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(translate("heatmap", "Weights and gradient of layer {0}").format(number), parent)
        self.shape = shape
        self.number = number
        self._hidden = hidden
        self._weights, self._gradients, self._changes = (
            MatrixSection(self, above) for above in (STRIP_HEIGHT, TITLE_GAP, TITLE_GAP)
        )
        self._shows_change = True
        self._strip = QGraphicsPixmapItem()
        self.drawing.addItem(self._strip)
        self._badges = Badges(self, 1)
        self._labels: tuple[int, ...] | None = None
        self._ground: Pixels = np.empty(0, np.uint32)
        self._shown: tuple[LaneSnapshot, int, Scales] | None = None
        self._grip = WeightGrip(self.drawing)
        self._drag = WeightDrag(self._grip, self)
        self._drag.value_requested.connect(self.nudge_requested)
        self._drag.hold_requested.connect(self.hold_requested)
        self.arrangement: Arrangement = fit_matrix(shape, 8.0, 8.0 * shape.rows)
        self._arranged: tuple[Arrangement, float, bool] | None = None
        self.setMouseTracking(True)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for section in (self._weights, self._gradients, self._changes):
            section.set_theme(theme)
        self._grip.set_theme(theme)
        self._labels = None

    def arrange(self, arrangement: Arrangement, title_width: float) -> None:
        """Show the layer as a matrix or as pictures of its neurons, under a title no wider than there is room."""
        asked = arrangement, title_width, self._shows_change
        if asked == self._arranged:
            return
        self._arranged = asked
        self.arrangement = arrangement
        top = bottom = 0.0
        for section in (self._weights, self._gradients, self._changes):
            below = section.place(top, arrangement)
            bottom = below if section in self._sections else bottom
            top = below + SECTION_GAP
        self._strip.setPos(0.5, TITLE_HEIGHT + STRIP_HEIGHT - GROUP_LINE_HEIGHT - 1)
        self._strip.setTransform(QTransform.fromScale(arrangement.cell[0], GROUP_LINE_HEIGHT))
        self._strip.setVisible(isinstance(arrangement, MatrixPicture))
        names = [*arrangement.titles(self.number), f"W{self.number}"]
        set_first_that_fits(self._weights.title, names, title_width)
        set_first_that_fits(
            self._gradients.title, [translate("heatmap", "gradient"), f"dW{self.number}"], title_width
        )
        changes = [translate("heatmap", "last change"), translate("heatmap", "change"), f"ΔW{self.number}"]
        set_first_that_fits(self._changes.title, changes, title_width)
        titles = max(part.title.boundingRect().width() for part in self._sections)
        self.drawing.setSceneRect(0, 0, max(arrangement.size[0] + 2, titles), bottom + 2)
        self.hover.explain(self._explanation())
        self._grip.set_marked(False)
        self._labels = None
        self._show_again()

    @property
    def _sections(self) -> list[MatrixSection]:
        parts = [self._weights, self._gradients]
        return [*parts, self._changes] if self._shows_change else parts

    def show_last_change(self, on: bool) -> None:
        """Show the last change of the weights beneath the gradient, or not; call `arrange` afterwards."""
        self._shows_change = on
        self._changes.set_visible(on)

    def _explanation(self) -> str:
        if isinstance(self.arrangement, NeuronPictures):
            text = translate(
                "heatmap",
                "Each picture is a neuron: its weights where their pixels are in the data. Point at one to read it.",
            )
        elif self.shape.is_normalized:
            text = translate(
                "heatmap",
                "Rows are inputs, columns are neurons. The rows set apart are biases, if there are any, and the scales "
                "and shifts (γ, β) that the layer learns for its normalized z. Point at a cell to read it.",
            )
        else:
            text = translate(
                "heatmap",
                "Rows are inputs, the row set apart is the biases, columns are neurons. Point at a cell to read it.",
            )
        touch = translate(
            "heatmap", "Drag a weight up or down, or double-click it, to change it in a new lane."
        )
        return f"{text}\n{touch}"

    def show_layer(self, lane: LaneSnapshot, index: int, scales: Scales) -> None:
        """Draw layer number `index` (from 0) of a lane."""
        self._shown = (lane, index, scales)
        self._show_groups(lane.layers[index].symmetry.labels)
        columns = partial(lane.layout.columns, index)
        self._weights.show(columns(lane.theta), scales.weights, self._ground)
        self._gradients.show(columns(lane.gradient), scales.gradients, self._ground)
        if self._shows_change and lane.change is not None:
            self._changes.show(columns(lane.change), scales.changes, self._ground)
        self.hover.refresh()

    def _show_again(self) -> None:
        if self._shown is not None:
            self.show_layer(*self._shown)

    def _show_groups(self, labels: tuple[int, ...]) -> None:
        """Give each neuron the colour of its group, in the strip above its column or around its picture."""
        if labels == self._labels:
            return
        self._labels = labels
        colours = group_colours(labels, self.theme) if self._hidden else [None] * len(labels)
        surface = self.theme.surface
        alone = surface if isinstance(self.arrangement, MatrixPicture) else self.theme.border
        ground = [*(colour or alone for colour in colours), surface]
        self._ground = np.array([QColor(colour).rgb() for colour in ground], np.uint32)
        strip = self._ground[np.newaxis, : -1 : self.arrangement.columns_per_cell]
        self._strip.setPixmap(QPixmap.fromImage(picture(strip)))
        corner = self._weights.frame.rect().topLeft()
        self._badges.show([badge.moved(corner) for badge in self.arrangement.badges(labels, colours)])
        for section in self._sections:
            section.forget()

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw with enlarged cells, which stay sharp when a viewer scales the picture."""
        for section in self._sections:
            section.enlarge()
        strip = self._strip.pixmap(), self._strip.transform()
        enlarge(self._strip)
        marked = self._grip.marked
        self._grip.set_marked(False)
        super().paint_into(painter, area)
        for section in self._sections:
            section.restore()
        self._strip.setPixmap(strip[0])
        self._strip.setTransform(strip[1])
        self._grip.set_marked(marked)
        self._show_again()

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the weight under the pointer; a click only marks it."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag.press(event, self._weight_at(event.position().toPoint()))

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the exact number under the pointer, or the new value of the weight that is dragged."""
        if self._shown is not None and self._drag.holds:
            text = self._drag.move(event, self._shown[2].weights)
            if text:
                self.hover.show(event, text)
            return
        place = event.position().toPoint()
        weight = self._weight_at(place)
        self.setCursor(Qt.CursorShape.SizeVerCursor if weight else Qt.CursorShape.ArrowCursor)
        self.hover.move(event)

    @shielded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the new value of the weight that was dragged."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag.release(event)

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the value of the weight under the pointer be typed; beside the weights, ask for all the room."""
        weight = self._weight_at(event.position().toPoint())
        if weight is None:
            super().mouseDoubleClickEvent(event)
        else:
            self._drag.edit(event, weight)

    @shielded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the weight as it is."""
        if event.key() == Qt.Key.Key_Escape:
            self._drag.cancel()

    def _weight_at(self, place: QPoint) -> Weight | None:
        """Return the one finite weight of a cell at a place of the view; None where there are none or several."""
        frame, inside = self._weights.frame.rect(), self.mapToScene(place)
        if self._shown is None or not frame.contains(inside):
            return None
        inside -= frame.topLeft()
        found = self.arrangement.place_at(inside.x(), inside.y())
        if found is None or found[0].size * found[1].size != 1:
            return None
        lane, index, _ = self._shown
        values = lane.layout.columns(index, lane.theta)
        row, neuron = int(found[0][0]), int(found[1][0])
        if not np.isfinite(values[row, neuron]):
            return None
        unit = max(nice_ceiling(largest(values)) / STEPS_TO_LARGEST, SMALLEST_UNIT)
        cell = QRectF(*self.arrangement.cell_at(inside.x(), inside.y())).translated(frame.topLeft())
        name = words.weight_name(*self._who(row, neuron))
        return Weight(row, neuron, name, float(values[row, neuron]), unit, cell)

    def _who(self, row: int, place: int) -> tuple[str | words.Own, int]:
        """Return the name of the input, or what beneath W it is, and the neuron of the network shown at a place."""
        assert self._shown is not None, "something is shown"
        lane, index, _ = self._shown
        is_own = row >= self.shape.fan_in
        if lane.order is not None:
            row = lane.order[index - 1][row] if index and not is_own else row
            place = lane.order[index][place]
        if is_own:
            return words.OWN[row - self.shape.fan_in + (not self.shape.has_bias)], place
        return self.arrangement.row_name(row), place

    def text_at(self, place: QPointF) -> str:
        """Return what the cell at a place of the scene holds; nothing between the cells."""
        if self._shown is None:
            return ""
        lane, index, _ = self._shown
        parts = [
            (self._weights, translate("heatmap", "weight"), lane.theta),
            (self._gradients, translate("heatmap", "gradient"), lane.gradient),
        ]
        if self._shows_change and lane.change is not None:
            parts.append((self._changes, translate("heatmap", "last change"), lane.change))
        for section, quantity, vector in parts:
            frame = section.frame.rect()
            if frame.contains(place):
                return self._cell_text(quantity, lane.layout.columns(index, vector), place - frame.topLeft())
        return ""

    def _cell_text(self, quantity: str, values: Floats, inside: QPointF) -> str:
        found = self.arrangement.place_at(inside.x(), inside.y())
        if found is None:
            return ""
        shown = values[np.ix_(*found)]
        at = np.unravel_index(np.argmax(np.abs(shown)), shown.shape)
        who = self._who(int(found[0][at[0]]), int(found[1][at[1]]))
        return words.cell_text(quantity, *who, float(shown[at]), shown.size)
