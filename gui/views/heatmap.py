"""A weight matrix as a heatmap with its gradient beneath, column for column: column j is neuron j."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen, QPixmap, QTransform
from PySide6.QtWidgets import (
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
    QToolTip,
    QWidget,
)

from engine.randomness import Floats
from engine.snapshot import LayerSnapshot
from gui import words
from gui.colours import Scale, Scales
from gui.theme import Theme
from gui.views.scene import SceneView, set_text
from gui.words import say

TITLE_HEIGHT = 17
STRIP_HEIGHT = 4
BIAS_GAP = 3
SECTION_GAP = 5
NUMBER_CELL = (46, 17)
"""The smallest cell, in pixels, that has room for its number."""
MAX_NUMBERS = 64
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
    section = TITLE_HEIGHT + STRIP_HEIGHT + shape.rows * cell_height + BIAS_GAP * shape.has_bias
    return section, 2 * section + SECTION_GAP


class _Section:
    """W and b, or their gradients: two pictures, a frame for each, a title and the numbers in the cells."""

    def __init__(self, view: HeatmapView, title: str, shape: MatrixShape) -> None:
        self.shape = shape
        self.title = view.text_item(11)
        self.title.setText(title)
        self.pictures = [QGraphicsPixmapItem() for _ in range(1 + shape.has_bias)]
        self.frames = [QGraphicsRectItem() for _ in self.pictures]
        for item in (*self.pictures, *self.frames):
            view.drawing.addItem(item)
        self.numbers: list[QGraphicsSimpleTextItem] = []
        self._view = view
        self._cell = (1.0, 1.0)
        self._shown: list[npt.NDArray[np.intp] | None] = [None] * len(self.pictures)

    def place(self, top: float, cell: tuple[float, float], pen: QPen) -> None:
        self._cell = cell
        width, height = cell
        self.title.setPos(0, top)
        self.top = top + TITLE_HEIGHT + STRIP_HEIGHT
        tops = [self.top, self.top + self.shape.fan_in * height + BIAS_GAP]
        rows = [self.shape.fan_in, 1]
        for picture, frame, y, count in zip(self.pictures, self.frames, tops, rows, strict=False):
            picture.setPos(0.5, y)
            frame.setRect(0.5, y, width * self.shape.fan_out, height * count)
            frame.setPen(pen)
        self._stretch()
        self._place_numbers(tops)

    def _stretch(self, factor: int = 1) -> None:
        for picture in self.pictures:
            picture.setTransform(QTransform.fromScale(self._cell[0] / factor, self._cell[1] / factor))

    def _place_numbers(self, tops: list[float]) -> None:
        width, height = self._cell
        fits = width >= NUMBER_CELL[0] and height >= NUMBER_CELL[1]
        count = self.shape.rows * self.shape.fan_out if fits else 0
        count = count if count <= MAX_NUMBERS else 0
        while len(self.numbers) > count:
            self._view.drawing.removeItem(self.numbers.pop())
        while len(self.numbers) < count:
            self.numbers.append(self._view.text_item(11))
        self._centres = [
            QPointF((column + 0.5) * width, tops[row >= self.shape.fan_in] + (row % self.shape.fan_in + 0.5) * height)
            for row in range(self.shape.rows)
            for column in range(self.shape.fan_out)
        ][:count]

    def show(self, values: tuple[Floats, ...], scale: Scale) -> None:
        for index, (picture, array) in enumerate(zip(self.pictures, values, strict=True)):
            indices = scale.indices(np.atleast_2d(array))
            shown = self._shown[index]
            if shown is None or not np.array_equal(shown, indices):
                picture.setPixmap(QPixmap.fromImage(scale.image(indices)))
                self._shown[index] = indices
        if self.numbers:
            self._show_numbers(np.concatenate([np.atleast_2d(array) for array in values]), scale)

    def _show_numbers(self, values: Floats, scale: Scale) -> None:
        shares = np.abs(scale.shares(values)).ravel()
        light, dark = QColor("#ffffff"), QColor(self._view.theme.text)
        for item, value, share, centre in zip(self.numbers, values.ravel(), shares, self._centres, strict=True):
            text = words.number(float(value))
            if item.text() != text:
                item.setText(text)
                size = item.boundingRect()
                item.setPos(centre.x() - size.width() / 2, centre.y() - size.height() / 2)
            item.setBrush(light if share > 0.55 else dark)

    def forget(self) -> None:
        self._shown = [None] * len(self.pictures)

    def enlarge(self, factor: int) -> None:
        for picture in self.pictures:
            pixmap = picture.pixmap()
            size = pixmap.size() * factor if factor > 1 else pixmap.size()
            picture.setPixmap(pixmap.scaled(size))
        self._stretch(factor)
        self.forget()


class HeatmapView(SceneView):
    """Shows one layer: W (rows are inputs, columns are neurons) and b above, their gradients beneath."""

    def __init__(self, number: int, shape: MatrixShape, *, hidden: bool, parent: QWidget | None = None) -> None:
        super().__init__(say("Weights and gradient of layer {0}").format(number), parent)
        self.shape = shape
        self.number = number
        self._hidden = hidden
        size = f"{shape.fan_in}×{shape.fan_out}"
        self._weights = _Section(self, f"W{number}  {size}", shape)
        self._gradients = _Section(self, say("gradient"), shape)
        self._strip = QGraphicsPixmapItem()
        self.drawing.addItem(self._strip)
        self._labels: tuple[int, ...] | None = None
        self._layer: LayerSnapshot | None = None
        self._scales: Scales | None = None
        self._cell = (8.0, 8.0)
        self.setMouseTracking(True)
        self.setToolTip(say("Rows are inputs, columns are neurons; point at a cell to read its number."))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for section in (self._weights, self._gradients):
            section.title.setBrush(QColor(theme.muted))
            section.forget()
        self._labels = None
        self.set_cell(*self._cell)

    def set_cell(self, width: float, height: float) -> None:
        """Give every cell a size in pixels."""
        self._cell = (width, height)
        section, whole = heights(self.shape, height)
        pen = QPen(QColor(self.theme.border))
        pen.setWidthF(1.01)  # a pen of width 1 is painted six times slower
        self._weights.place(0, self._cell, pen)
        self._gradients.place(section + SECTION_GAP, self._cell, pen)
        self._strip.setPos(0.5, TITLE_HEIGHT - 1)
        self._strip.setTransform(QTransform.fromScale(width, STRIP_HEIGHT - 1))
        titles = max(self._weights.title.boundingRect().width(), self._gradients.title.boundingRect().width())
        self.drawing.setSceneRect(0, 0, max(width * self.shape.fan_out + 2, titles), whole + 2)
        for part in (self._weights, self._gradients):
            for text in part.numbers:
                set_text(text, "")

    def show_layer(self, layer: LayerSnapshot, scales: Scales) -> None:
        """Draw one layer of a snapshot."""
        self._layer, self._scales = layer, scales
        self._weights.show(_with_biases(layer.weights, layer.biases), scales.weights)
        self._gradients.show(_with_biases(layer.gradient, layer.bias_gradient), scales.gradients)
        if self._hidden and layer.symmetry.labels != self._labels:
            self._labels = layer.symmetry.labels
            self._strip.setPixmap(self._strip_picture(self._labels))

    def _strip_picture(self, labels: tuple[int, ...]) -> QPixmap:
        """Return one pixel per neuron: the colour of its group, or of the surface if it is alone in it."""
        image = QImage(len(labels), 1, QImage.Format.Format_RGB32)
        for column, colour in enumerate(group_colours(labels, self.theme)):
            image.setPixelColor(column, 0, QColor(colour or self.theme.surface))
        return QPixmap.fromImage(image)

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw with enlarged cells, which stay sharp where the picture is scaled."""
        factor = SVG_CELL if self.shape.rows * self.shape.fan_out <= 10_000 else 1
        sections = (self._weights, self._gradients)
        for section in sections:
            section.enlarge(factor)
        super().paint_into(painter, area)
        for section in sections:
            section.enlarge(1)
        if self._layer is not None and self._scales is not None:
            self.show_layer(self._layer, self._scales)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the exact number under the pointer."""
        text = self.text_at(self.mapToScene(event.position().toPoint()))
        QToolTip.showText(event.globalPosition().toPoint(), text or self.toolTip(), self)

    def text_at(self, place: QPointF) -> str:
        """Return what the cell at a place of the scene holds, in words; nothing between the cells."""
        if self._layer is None:
            return ""
        sections = (
            (self._weights, say("weight"), _with_biases(self._layer.weights, self._layer.biases)),
            (self._gradients, say("gradient"), _with_biases(self._layer.gradient, self._layer.bias_gradient)),
        )
        for section, name, arrays in sections:
            for frame, array in zip(section.frames, arrays, strict=True):
                if frame.rect().contains(place):
                    return self._cell_text(name, np.atleast_2d(array), place - frame.rect().topLeft(), array.ndim == 1)
        return ""

    def _cell_text(self, name: str, array: Floats, inside: QPointF, is_bias: bool) -> str:
        column = min(int(inside.x() / self._cell[0]), array.shape[1] - 1)
        row = min(int(inside.y() / self._cell[1]), array.shape[0] - 1)
        value = f"{array[row, column]:.17g}"
        if is_bias:
            return say("{0} of the bias of neuron {1} = {2}").format(name, column + 1, value)
        return say("{0} from input {1} to neuron {2} = {3}").format(name, row + 1, column + 1, value)


def _with_biases(matrix: Floats, biases: Floats | None) -> tuple[Floats, ...]:
    return (matrix,) if biases is None else (matrix, biases)


def group_colours(labels: tuple[int, ...], theme: Theme) -> list[str | None]:
    """Return for each neuron the colour of its group, None where it is alone in its group."""
    sizes = Counter(labels)
    shared = [label for label in dict.fromkeys(labels) if sizes[label] > 1]
    colours = {label: theme.groups[index % len(theme.groups)] for index, label in enumerate(shared)}
    return [colours.get(label) for label in labels]
