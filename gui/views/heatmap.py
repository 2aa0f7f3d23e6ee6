"""A weight matrix as a heatmap with its gradient beneath, column for column: column j is neuron j."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen, QPixmap, QTransform
from PySide6.QtWidgets import (
    QGraphicsLineItem,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
    QToolTip,
    QWidget,
)

from engine.randomness import Floats
from engine.snapshot import LaneSnapshot
from gui import words
from gui.colours import HALF, LaneColours, Scale, Scales
from gui.theme import Theme
from gui.views.scene import SceneView
from gui.words import say

TITLE_HEIGHT = 17
STRIP_HEIGHT = 4
BIAS_GAP = 2.5
STRONG = 0.55
"""Numbers are white on colours stronger than this share of the scale."""
SECTION_GAP = 5
NUMBER_CELL = (46, 17)
"""The smallest cell, in pixels, that has room for its number."""
MAX_NUMBERS = 64
MAX_ENLARGED = 10_000
SVG_CELL = 16
"""Viewers smooth small pictures: in files that scale, each cell has so many pixels on a side."""


@dataclass(frozen=True)
class MatrixShape:
    """Rows and columns of a heatmap: inputs and neurons, and whether there is a row of biases."""

    fan_in: int
    fan_out: int
    has_bias: bool

    @property
    def rows(self) -> int:
        """Return the rows of W and b."""
        return self.fan_in + self.has_bias


def heights(shape: MatrixShape, cell_height: float) -> tuple[float, float]:
    """Return the height of one section (title, W, b) and of the whole view for cells of some height."""
    section = TITLE_HEIGHT + STRIP_HEIGHT + shape.rows * cell_height
    return section, 2 * section + SECTION_GAP


class _Section:
    """W and b, or their gradients: one picture with b as its last row, a frame, a title, the numbers in the cells."""

    def __init__(self, view: HeatmapView, title: str, shape: MatrixShape) -> None:
        self.shape = shape
        self.title = view.text_item(11)
        self.title.setText(title)
        self.picture = QGraphicsPixmapItem()
        self.frame = QGraphicsRectItem()
        self.bias_line = QGraphicsLineItem()
        self.bias_line.setVisible(shape.has_bias)
        for item in (self.picture, self.frame, self.bias_line):
            view.drawing.addItem(item)
        self.numbers: list[QGraphicsSimpleTextItem] = []
        self._view = view
        self._cell = (1.0, 1.0)
        self._shown: npt.NDArray[np.intp] | None = None

    def place(self, top: float, cell: tuple[float, float]) -> None:
        self._cell = cell
        width, height = cell
        self.title.setPos(0, top)
        y = top + TITLE_HEIGHT + STRIP_HEIGHT
        self.picture.setPos(0.5, y)
        self.picture.setTransform(QTransform.fromScale(*cell))
        self.frame.setRect(0.5, y, width * self.shape.fan_out, height * self.shape.rows)
        below = y + height * self.shape.fan_in
        self.bias_line.setLine(0, below, width * self.shape.fan_out + 1, below)
        self._place_numbers()

    def set_theme(self, theme: Theme) -> None:
        self.title.setBrush(QColor(theme.muted))
        self.frame.setPen(_pen(theme.border, 1.01))  # a pen of width 1 is painted six times slower
        self.bias_line.setPen(_pen(theme.surface, BIAS_GAP))
        self._shown = None

    def _place_numbers(self) -> None:
        width, height = self._cell
        fits = width >= NUMBER_CELL[0] and height >= NUMBER_CELL[1]
        count = self.shape.rows * self.shape.fan_out
        count = count if fits and count <= MAX_NUMBERS else 0
        while len(self.numbers) > count:
            self._view.drawing.removeItem(self.numbers.pop())
        while len(self.numbers) < count:
            self.numbers.append(self._view.text_item(11))
        for item in self.numbers:
            item.setText("")
        self._shown = None

    def show(self, values: Floats, places: npt.NDArray[np.intp], scale: Scale) -> None:
        """Draw values (rows, fan_out) in the colours at `places`; what did not change is not painted again."""
        if self._shown is None or not np.array_equal(self._shown, places):
            self.picture.setPixmap(QPixmap.fromImage(scale.image(places)))
            self._shown = places
        if self.numbers:
            self._show_numbers(values, places)

    def _show_numbers(self, values: Floats, places: npt.NDArray[np.intp]) -> None:
        light, dark = QColor("#ffffff"), QColor(self._view.theme.text)
        strong = (np.abs(places - HALF) > STRONG * HALF).ravel().tolist()
        for index, (item, value) in enumerate(zip(self.numbers, values.ravel().tolist(), strict=True)):
            text = words.number(value)
            if item.text() != text:
                item.setText(text)
                item.setBrush(light if strong[index] else dark)
                size, rect = item.boundingRect(), self.frame.rect()
                row, column = divmod(index, self.shape.fan_out)
                x = rect.left() + (column + 0.5) * self._cell[0] - size.width() / 2
                item.setPos(x, rect.top() + (row + 0.5) * self._cell[1] - size.height() / 2)

    def enlarge(self, factor: int) -> None:
        """Give each cell so many pixels on a side without changing its size."""
        pixmap = self.picture.pixmap()
        self.picture.setPixmap(pixmap.scaled(pixmap.size() * factor))
        self.picture.setTransform(QTransform.fromScale(self._cell[0] / factor, self._cell[1] / factor))

    def restore(self) -> None:
        """Undo `enlarge`; the picture is drawn again by the next `show`."""
        self.picture.setTransform(QTransform.fromScale(*self._cell))
        self._shown = None


class HeatmapView(SceneView):
    """Shows one layer: W (rows are inputs, columns are neurons) with b as last row, their gradients beneath."""

    def __init__(
        self, number: int, shape: MatrixShape, *, hidden: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(say("Weights and gradient of layer {0}").format(number), parent)
        self.shape = shape
        self.number = number
        self._hidden = hidden
        self._weights = _Section(self, f"W{number}  {shape.fan_in}×{shape.fan_out}", shape)
        self._gradients = _Section(self, say("gradient"), shape)
        self._strip = QGraphicsPixmapItem()
        self.drawing.addItem(self._strip)
        self._labels: tuple[int, ...] | None = None
        self._shown: tuple[LaneSnapshot, int, LaneColours, Scales] | None = None
        self._cell = (8.0, 8.0)
        self.setMouseTracking(True)
        self.setToolTip(
            say(
                "Rows are inputs, the row set apart is the biases, columns are neurons. Point at a cell to read it."
            )
        )

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for section in (self._weights, self._gradients):
            section.set_theme(theme)
        self._labels = None

    def set_cell(self, width: float, height: float) -> None:
        """Give every cell a size in pixels."""
        self._cell = (width, height)
        section, whole = heights(self.shape, height)
        self._weights.place(0, self._cell)
        self._gradients.place(section + SECTION_GAP, self._cell)
        self._strip.setPos(0.5, TITLE_HEIGHT - 1)
        self._strip.setTransform(QTransform.fromScale(width, STRIP_HEIGHT - 1))
        titles = max(self._weights.title.boundingRect().width(), self._gradients.title.boundingRect().width())
        self.drawing.setSceneRect(0, 0, max(width * self.shape.fan_out + 2, titles), whole + 2)
        self._show_again()

    def show_layer(self, lane: LaneSnapshot, index: int, colours: LaneColours, scales: Scales) -> None:
        """Draw layer number `index` (from 0) of a lane."""
        self._shown = (lane, index, colours, scales)
        block = lane.layout.blocks[index]
        self._weights.show(block.of(lane.theta), block.of(colours.weights), scales.weights)
        self._gradients.show(block.of(lane.gradient), block.of(colours.gradients), scales.gradients)
        labels = lane.layers[index].symmetry.labels
        if self._hidden and labels != self._labels:
            self._labels = labels
            self._strip.setPixmap(self._strip_picture(labels))

    def _show_again(self) -> None:
        if self._shown is not None:
            self.show_layer(*self._shown)

    def _strip_picture(self, labels: tuple[int, ...]) -> QPixmap:
        """Return one pixel per neuron: the colour of its group, or of the surface if it is alone in it."""
        image = QImage(len(labels), 1, QImage.Format.Format_RGB32)
        for column, colour in enumerate(group_colours(labels, self.theme)):
            image.setPixelColor(column, 0, QColor(colour or self.theme.surface))
        return QPixmap.fromImage(image)

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw with enlarged cells, which stay sharp where the picture is scaled."""
        sections = (self._weights, self._gradients)
        if self.shape.rows * self.shape.fan_out <= MAX_ENLARGED:
            for section in sections:
                section.enlarge(SVG_CELL)
        super().paint_into(painter, area)
        for section in sections:
            section.restore()
        self._show_again()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the exact number under the pointer."""
        text = self.text_at(self.mapToScene(event.position().toPoint()))
        QToolTip.showText(event.globalPosition().toPoint(), text or self.toolTip(), self)

    def text_at(self, place: QPointF) -> str:
        """Return what the cell at a place of the scene holds, in words; nothing between the cells."""
        if self._shown is None:
            return ""
        lane, index, _, _ = self._shown
        block = lane.layout.blocks[index]
        if self._weights.frame.rect().contains(place):
            return self._cell_text(
                say("weight"), block.of(lane.theta), place - self._weights.frame.rect().topLeft()
            )
        if self._gradients.frame.rect().contains(place):
            inside = place - self._gradients.frame.rect().topLeft()
            return self._cell_text(say("gradient"), block.of(lane.gradient), inside)
        return ""

    def _cell_text(self, name: str, values: Floats, inside: QPointF) -> str:
        column = min(int(inside.x() / self._cell[0]), values.shape[1] - 1)
        row = min(int(inside.y() / self._cell[1]), values.shape[0] - 1)
        value = f"{values[row, column]:.17g}"
        if row == self.shape.fan_in:
            return say("{0} of the bias of neuron {1} = {2}").format(name, column + 1, value)
        return say("{0} from input {1} to neuron {2} = {3}").format(name, row + 1, column + 1, value)


def group_colours(labels: tuple[int, ...], theme: Theme) -> list[str | None]:
    """Return for each neuron the colour of its group, None where it is alone in its group."""
    sizes = Counter(labels)
    shared = [label for label in dict.fromkeys(labels) if sizes[label] > 1]
    colours = {label: theme.groups[index % len(theme.groups)] for index, label in enumerate(shared)}
    return [colours.get(label) for label in labels]


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour))
    pen.setWidthF(width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
