"""A weight matrix as a heatmap with its gradient beneath, column for column: column j is neuron j.

A weight can be taken with the pointer and drawn up or down, or typed; what becomes of it is asked for.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import (
    QGraphicsPixmapItem,
    QToolTip,
    QWidget,
)

from engine.core.arrays import Floats
from engine.report.snapshot import LaneSnapshot
from gui.canvas.badge_items import Badges
from gui.canvas.matrix_section import (
    STRIP_HEIGHT,
    TITLE_GAP,
    TITLE_HEIGHT,
    Arrangement,
    MatrixSection,
)
from gui.canvas.scene import SceneView, set_first_that_fits
from gui.canvas.weight_grip import Weight, WeightEditor, WeightGrip
from gui.look.colours import Scales, largest, nice_ceiling, picture
from gui.look.theme import Theme
from gui.present.badges import group_colours
from gui.present.matrix_picture import MatrixPicture, MatrixShape, Pixels, fit_matrix
from gui.present.neuron_pictures import NeuronPictures
from gui.text import words
from gui.text.language import translate

SECTION_GAP = 5
LINE_HEIGHT = 3
"""Of the line in the colours of groups that badges stand on."""
TINY = float(np.finfo(np.float64).tiny)
"""The least that a dragged weight changes by: smaller numbers divide to infinity."""
UNITS = 100
"""Pixels that the pointer moves to change a weight by as much as the largest weight of its layer, rounded up."""


class HeatmapView(SceneView):
    """Shows one layer: W (rows are inputs, columns are neurons) with b as last row, their gradients beneath.

    Where the inputs are pixels, it can show each neuron as a picture of its weights instead. Signals:
    `nudge_requested(row, neuron, value)`, both counted from 0, row fan_in is the bias; `hold_requested()` when a weight
    is taken and training should not change it meanwhile; and those of every drawing.
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
        self.arrangement: Arrangement = fit_matrix(shape, 8.0, 8.0 * shape.rows)
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
        self.arrangement = arrangement
        top = bottom = 0.0
        for section in (self._weights, self._gradients, self._changes):
            below = section.place(top, arrangement)
            bottom = below if section in self._sections else bottom
            top = below + SECTION_GAP
        self._strip.setPos(0.5, TITLE_HEIGHT + STRIP_HEIGHT - LINE_HEIGHT - 1)
        self._strip.setTransform(QTransform.fromScale(arrangement.cell[0], LINE_HEIGHT))
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
        self.setToolTip(self._explanation())
        self._grip.set_marked(False)
        self._labels = None
        self._show_again()

    @property
    def _sections(self) -> list[MatrixSection]:
        parts = [self._weights, self._gradients]
        return [*parts, self._changes] if self._shows_change else parts

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did beneath the gradient, or not; arrange anew afterwards."""
        self._shows_change = on
        self._changes.set_visible(on)

    def _explanation(self) -> str:
        if isinstance(self.arrangement, NeuronPictures):
            text = translate(
                "heatmap",
                "Each picture is a neuron: its weights where their pixels are in the data. Point at one to read it.",
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
        block = lane.layout.blocks[index]
        self._weights.show(block.of(lane.theta), scales.weights, self._ground)
        self._gradients.show(block.of(lane.gradient), scales.gradients, self._ground)
        if self._shows_change and lane.change is not None:
            self._changes.show(block.of(lane.change), scales.changes, self._ground)

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
        """Draw with enlarged cells, which stay sharp where the picture is scaled."""
        for section in self._sections:
            section.enlarge()
        marked = self._grip.marked
        self._grip.set_marked(False)
        super().paint_into(painter, area)
        for section in self._sections:
            section.restore()
        self._grip.set_marked(marked)
        self._show_again()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the weight under the pointer; a click only marks it."""
        if event.button() is Qt.MouseButton.LeftButton:
            place = event.position().toPoint()
            self._grip.press(self._weight_at(place), place.y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the exact number under the pointer, or what the weight becomes that it holds."""
        place, pointer = event.position().toPoint(), event.globalPosition().toPoint()
        if self._grip.weight is None:
            weight = self._weight_at(place)
            self.setCursor(Qt.CursorShape.SizeVerCursor if weight else Qt.CursorShape.ArrowCursor)
            QToolTip.showText(pointer, self.text_at(self.mapToScene(place)) or self.toolTip(), self)
            return
        if self._grip.drag(place.y()):
            self.grabKeyboard()
            self.hold_requested.emit()
        if self._grip.dragged:
            self._show_drag(self._grip.weight, self._grip.value_at(place.y()), pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for the new value of the weight that was dragged."""
        weight, dragged = self._grip.weight, self._grip.dragged
        if event.button() is not Qt.MouseButton.LeftButton or weight is None:
            return
        value = self._grip.value_at(event.position().toPoint().y())
        self._let_go()
        if dragged and value != weight.value:
            self.nudge_requested.emit(weight.row, weight.neuron, value)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the value of the weight under the pointer be typed."""
        weight = self._weight_at(event.position().toPoint())
        if weight is not None:
            self.hold_requested.emit()
            editor = WeightEditor(weight.name, weight.value, self)
            editor.value_entered.connect(partial(self.nudge_requested.emit, weight.row, weight.neuron))
            editor.open_at(event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the weight as it is."""
        if event.key() == Qt.Key.Key_Escape:
            self._let_go()
            QToolTip.hideText()

    def _let_go(self) -> None:
        if self._grip.dragged:
            self.releaseKeyboard()
        self._grip.let_go()

    def _show_drag(self, weight: Weight, value: float, pointer: QPoint) -> None:
        """Show what the held weight would be, in its cell and beside the pointer."""
        assert self._shown is not None, "only what is shown can be dragged"
        scale = self._shown[2].weights
        place = scale.places(scale.shares(np.array([value])))
        self._grip.fill(QColor.fromRgb(int(scale.pixels(place)[0])))
        text = translate("heatmap", "{0}: {1} → {2}").format(
            weight.name, words.number(weight.value), f"{value:g}".replace("-", "−")
        )
        QToolTip.showText(
            pointer,
            text + "\n" + translate("heatmap", "Release: a new lane from here on. Esc: no change."),
            self,
        )

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
        values = lane.layout.blocks[index].of(lane.theta)
        row, neuron = int(found[0][0]), int(found[1][0])
        if not np.isfinite(values[row, neuron]):
            return None
        unit = max(nice_ceiling(largest(values)) / UNITS, TINY)
        cell = self._cell_at(inside).translated(frame.topLeft())
        return Weight(row, neuron, self._weight_name(row, neuron), float(values[row, neuron]), unit, cell)

    def _cell_at(self, inside: QPointF) -> QRectF:
        """Return the cell around a place in the picture of the weights; the cells of biases may be higher."""
        width, height = self.arrangement.cell
        left, biases = inside.x() // width * width, self.arrangement.weights_height
        if self.arrangement.bias_cells and inside.y() >= biases:
            return QRectF(left, biases, width, self.arrangement.bias_cells * height)
        return QRectF(left, inside.y() // height * height, width, height)

    def _who(self, row: int, place: int) -> tuple[int, int]:
        """Return the row and the neuron of the network that stand at a place, in whatever order they are shown."""
        assert self._shown is not None, "something is shown"
        lane, index, _ = self._shown
        if lane.order is None:
            return row, place
        moved = index and row < self.shape.fan_in
        return (lane.order[index - 1][row] if moved else row), lane.order[index][place]

    def _weight_name(self, row: int, neuron: int) -> str:
        row, neuron = self._who(row, neuron)
        if row == self.shape.fan_in:
            return translate("heatmap", "bias of neuron {0}").format(neuron + 1)
        return translate("heatmap", "weight from {0} to neuron {1}").format(
            self.arrangement.row_name(row), neuron + 1
        )

    def text_at(self, place: QPointF) -> str:
        """Return what the cell at a place of the scene holds, in words; nothing between the cells."""
        if self._shown is None:
            return ""
        lane, index, _ = self._shown
        block = lane.layout.blocks[index]
        if self._weights.frame.rect().contains(place):
            return self._cell_text(
                translate("heatmap", "weight"),
                block.of(lane.theta),
                place - self._weights.frame.rect().topLeft(),
            )
        if self._gradients.frame.rect().contains(place):
            inside = place - self._gradients.frame.rect().topLeft()
            return self._cell_text(translate("heatmap", "gradient"), block.of(lane.gradient), inside)
        if self._shows_change and lane.change is not None and self._changes.frame.rect().contains(place):
            inside = place - self._changes.frame.rect().topLeft()
            return self._cell_text(translate("heatmap", "last change"), block.of(lane.change), inside)
        return ""

    def _cell_text(self, name: str, values: Floats, inside: QPointF) -> str:
        found = self.arrangement.place_at(inside.x(), inside.y())
        if found is None:
            return ""
        shown = values[np.ix_(*found)]
        at = np.unravel_index(np.argmax(np.abs(shown)), shown.shape)
        value = f"{shown[at]:.17g}"
        row, column = self._who(int(found[0][at[0]]), int(found[1][at[1]]))
        if row == self.shape.fan_in:
            text = translate("heatmap", "{0} of the bias of neuron {1} = {2}").format(name, column + 1, value)
        else:
            source = self.arrangement.row_name(int(row))
            text = translate("heatmap", "{0} from {1} to neuron {2} = {3}").format(
                name, source, column + 1, value
            )
        return (
            text
            if shown.size == 1
            else translate("heatmap", "{0}, the strongest of {1}").format(text, shown.size)
        )
