"""A weight matrix as a heatmap with its gradient beneath, column for column: column j is neuron j."""

from __future__ import annotations

from collections import Counter
from math import isqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPixmap, QTransform
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
from gui.colours import HALF, Scale, Scales, picture
from gui.theme import Theme
from gui.views.matrix_picture import MatrixPicture, MatrixShape, Pixels, fit_matrix
from gui.views.neuron_pictures import NeuronPictures
from gui.views.scene import SceneView, set_first_that_fits
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
SVG_CELL, ENLARGED_PIXELS = 16, 10**6
"""Viewers smooth small pictures: in files that scale, each cell has so many pixels on a side, up to so many in all."""


Arrangement: TypeAlias = MatrixPicture | NeuronPictures
"""How the numbers of a layer are arranged on the screen."""


class _Section:
    """The weights of a layer, or their gradients: one picture, a frame, a title, the numbers in the cells."""

    def __init__(self, view: HeatmapView) -> None:
        self.title = view.text_item(11)
        self.picture = QGraphicsPixmapItem()
        self.frame = QGraphicsRectItem()
        self.bias_line = QGraphicsLineItem()
        for item in (self.picture, self.frame, self.bias_line):
            view.drawing.addItem(item)
        self.numbers: list[QGraphicsSimpleTextItem] = []
        self._view = view
        self._arrangement: Arrangement | None = None
        self._shown: npt.NDArray[np.intp] | None = None
        self._texts: list[str] = []

    def place(self, top: float, arrangement: Arrangement) -> None:
        self._arrangement = arrangement
        width, height = arrangement.size
        self.title.setPos(0, top)
        y = top + TITLE_HEIGHT + STRIP_HEIGHT
        self.picture.setPos(0.5, y)
        self.picture.setTransform(QTransform.fromScale(*arrangement.cell))
        self.frame.setRect(0.5, y, width, height)
        below = y + arrangement.weights_height
        self.bias_line.setLine(0, below, width + 1, below)
        self.bias_line.setVisible(arrangement.bias_cells > 0)
        self._make_numbers(arrangement)

    def set_theme(self, theme: Theme) -> None:
        self.title.setBrush(QColor(theme.muted))
        self.frame.setPen(_pen(theme.border, 1.01))  # a pen of width 1 is painted six times slower
        self.bias_line.setPen(_pen(theme.surface, BIAS_GAP))
        self._shown = None

    def _make_numbers(self, arrangement: Arrangement) -> None:
        width, height = arrangement.cell
        fits = width >= NUMBER_CELL[0] and height >= NUMBER_CELL[1]
        count = arrangement.numbers if fits and arrangement.numbers <= MAX_NUMBERS else 0
        while len(self.numbers) > count:
            self._view.drawing.removeItem(self.numbers.pop())
        while len(self.numbers) < count:
            self.numbers.append(self._view.text_item(11))
        for item in self.numbers:
            item.setText("")
        self._texts = [""] * count
        self._shown = None

    def show(self, values: Floats, scale: Scale, ground: Pixels) -> None:
        """Draw values (rows, fan_out) in the colours of a scale; what did not change is not painted again."""
        assert self._arrangement is not None, "the view was given room before it shows anything"
        places = scale.places(self._arrangement.summary(scale.shares(values)))
        if self._shown is None or not np.array_equal(self._shown, places):
            pixels = self._arrangement.pixels(scale.pixels(places), ground)
            self.picture.setPixmap(QPixmap.fromImage(picture(pixels)))
            self._shown = places
        if self.numbers:
            self._show_numbers(values, places, self._arrangement.cell)

    def _show_numbers(self, values: Floats, places: npt.NDArray[np.intp], cell: tuple[float, float]) -> None:
        light, dark = QColor("#ffffff"), QColor(self._view.theme.text)
        strong = (np.abs(places - HALF) > STRONG * HALF).ravel().tolist()
        for index, (item, value) in enumerate(zip(self.numbers, values.ravel().tolist(), strict=True)):
            text = words.number(value)
            if self._texts[index] != text:
                self._texts[index] = text
                item.setText(text)
                item.setBrush(light if strong[index] else dark)
                size, rect = item.boundingRect(), self.frame.rect()
                row, column = divmod(index, values.shape[1])
                x = rect.left() + (column + 0.5) * cell[0] - size.width() / 2
                item.setPos(x, rect.top() + (row + 0.5) * cell[1] - size.height() / 2)

    def forget(self) -> None:
        """Draw the picture again when it is shown next."""
        self._shown = None

    def enlarge(self) -> None:
        """Give each cell many pixels without changing its size: viewers smooth small pictures."""
        pixmap = self.picture.pixmap()
        factor = isqrt(ENLARGED_PIXELS // max(pixmap.width() * pixmap.height(), 1))
        factor = max(1, min(factor, SVG_CELL))
        self.picture.setPixmap(pixmap.scaled(pixmap.size() * factor))
        self.picture.setTransform(self.picture.transform().scale(1 / factor, 1 / factor))

    def restore(self) -> None:
        """Undo `enlarge`; the picture is drawn again by the next `show`."""
        assert self._arrangement is not None, "something was drawn"
        self.picture.setTransform(QTransform.fromScale(*self._arrangement.cell))
        self._shown = None


class HeatmapView(SceneView):
    """Shows one layer: W (rows are inputs, columns are neurons) with b as last row, their gradients beneath.

    Where the inputs are pixels, it can show each neuron as a picture of its weights instead.
    """

    def __init__(
        self, number: int, shape: MatrixShape, *, hidden: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(say("Weights and gradient of layer {0}").format(number), parent)
        self.shape = shape
        self.number = number
        self._hidden = hidden
        self._weights, self._gradients = _Section(self), _Section(self)
        self._gradients.title.setText(say("gradient"))
        self._strip = QGraphicsPixmapItem()
        self.drawing.addItem(self._strip)
        self._labels: tuple[int, ...] | None = None
        self._ground: Pixels = np.empty(0, np.uint32)
        self._shown: tuple[LaneSnapshot, int, Scales] | None = None
        self.arrangement: Arrangement = fit_matrix(shape, 8.0, 8.0 * shape.rows)
        self.setMouseTracking(True)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        for section in (self._weights, self._gradients):
            section.set_theme(theme)
        self._labels = None

    def arrange(self, arrangement: Arrangement, title_width: float) -> None:
        """Show the layer as a matrix or as pictures of its neurons, under a title no wider than there is room."""
        self.arrangement = arrangement
        width, height = arrangement.size
        section = TITLE_HEIGHT + STRIP_HEIGHT + height
        self._weights.place(0, arrangement)
        self._gradients.place(section + SECTION_GAP, arrangement)
        self._strip.setPos(0.5, TITLE_HEIGHT - 1)
        self._strip.setTransform(QTransform.fromScale(arrangement.cell[0], STRIP_HEIGHT - 1))
        self._strip.setVisible(isinstance(arrangement, MatrixPicture))
        set_first_that_fits(self._weights.title, arrangement.titles(self.number), title_width)
        titles = max(self._weights.title.boundingRect().width(), self._gradients.title.boundingRect().width())
        self.drawing.setSceneRect(0, 0, max(width + 2, titles), 2 * section + SECTION_GAP + 2)
        self.setToolTip(self._explanation())
        self._labels = None
        self._show_again()

    def _explanation(self) -> str:
        if isinstance(self.arrangement, NeuronPictures):
            return say(
                "Each picture is a neuron: its weights where their pixels are in the data. Point at one to read it."
            )
        return say(
            "Rows are inputs, the row set apart is the biases, columns are neurons. Point at a cell to read it."
        )

    def show_layer(self, lane: LaneSnapshot, index: int, scales: Scales) -> None:
        """Draw layer number `index` (from 0) of a lane."""
        self._shown = (lane, index, scales)
        self._show_groups(lane.layers[index].symmetry.labels)
        block = lane.layout.blocks[index]
        self._weights.show(block.of(lane.theta), scales.weights, self._ground)
        self._gradients.show(block.of(lane.gradient), scales.gradients, self._ground)

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
        for section in (self._weights, self._gradients):
            section.forget()

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw with enlarged cells, which stay sharp where the picture is scaled."""
        sections = (self._weights, self._gradients)
        for section in sections:
            section.enlarge()
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
        lane, index, _ = self._shown
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
        found = self.arrangement.place_at(inside.x(), inside.y())
        if found is None:
            return ""
        shown = values[np.ix_(*found)]
        at = np.unravel_index(np.argmax(np.abs(shown)), shown.shape)
        row, column, value = found[0][at[0]], found[1][at[1]], f"{shown[at]:.17g}"
        if row == self.shape.fan_in:
            text = say("{0} of the bias of neuron {1} = {2}").format(name, column + 1, value)
        else:
            source = self.arrangement.row_name(int(row))
            text = say("{0} from {1} to neuron {2} = {3}").format(name, source, column + 1, value)
        return text if shown.size == 1 else say("{0}, the strongest of {1}").format(text, shown.size)


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
