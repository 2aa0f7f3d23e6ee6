"""One matrix of a layer as a picture: its weights, their gradients or their last change, with a title and numbers."""

from __future__ import annotations

from math import isqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import (
    QGraphicsLineItem,
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
)

from engine.core.arrays import Floats
from gui.canvas.scene import SceneView
from gui.look.colours import CLEAR, EXACTLY_ZERO, Scale, inks, picture
from gui.look.hatching import hatching
from gui.look.theme import Theme
from gui.present.matrix_picture import MatrixPicture, Pixels
from gui.present.neuron_pictures import NeuronPictures
from gui.text import words

TITLE_HEIGHT = 15
STRIP_HEIGHT = 12
"""Room above the weights for the colours and the numbers of groups."""
TITLE_GAP = 3
"""Room above the other matrices, which have no strip."""
BIAS_GAP = 2.5
MIN_NUMBER_CELL = (44, 13)
"""The smallest cell, in pixels, that has room for its number."""
NUMBER_GAP = 4
"""The least room between two numbers side by side; those that need more get fewer digits."""
MAX_NUMBERS = 64
MIN_HATCHED_CELL = 4.0
"""The smallest cell, in pixels, whose hatching can be seen."""
MAX_ENLARGEMENT, ENLARGED_PIXELS = 16, 200_000
"""Maximum pixels per side of a cell, and of a whole picture, in exported files: viewers smooth small pictures."""

Arrangement: TypeAlias = MatrixPicture | NeuronPictures
"""How the numbers of a layer are arranged on the screen."""


class MatrixSection:
    """The weights of a layer, or their gradients: one picture, a frame, a title, the numbers in the cells.

    `above` is the room between title and picture.
    """

    def __init__(self, view: SceneView, above: float) -> None:
        self.title = view.text_item(11)
        self._above = above
        self.zeros = QGraphicsRectItem()
        self.hatch = QGraphicsPathItem(self.zeros)
        self.picture = QGraphicsPixmapItem()
        self.frame = QGraphicsRectItem()
        self.bias_line = QGraphicsLineItem()
        for item in (self.zeros, self.picture, self.frame, self.bias_line):
            view.drawing.addItem(item)
        self.zeros.hide()
        self.numbers: list[QGraphicsSimpleTextItem] = []
        self._view = view
        self._arrangement: Arrangement | None = None
        self._shown: npt.NDArray[np.intp] | None = None
        self._written: list[tuple[str, QColor]] = []
        self._visible = True
        self._is_hatched = False

    def place(self, top: float, arrangement: Arrangement, left: float = 0.0) -> float:
        """Place the section below `top` and right of `left`, in pixels of the scene, and return where it ends."""
        self._arrangement = arrangement
        width, height = arrangement.size
        self.title.setPos(left, top)
        y = top + TITLE_HEIGHT + self._above
        self.picture.setPos(left + 0.5, y)
        self.picture.setTransform(QTransform.fromScale(*arrangement.cell))
        self.frame.setRect(left + 0.5, y, width, height)
        self.zeros.setRect(self.frame.rect())
        self._is_hatched = min(arrangement.cell) >= MIN_HATCHED_CELL
        self.hatch.setPath(QPainterPath())
        below = y + arrangement.weights_height
        self.bias_line.setLine(left, below, left + width + 1, below)
        self.bias_line.setVisible(self._visible and arrangement.bias_cells > 0)
        self._make_numbers(arrangement)
        return y + height

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.title.setBrush(QColor(theme.muted))
        self.frame.setPen(_pen(theme.border, 1.01))  # a pen of width 1 is painted six times slower
        self.bias_line.setPen(_pen(theme.surface, BIAS_GAP))
        self.zeros.setPen(QPen(Qt.PenStyle.NoPen))
        self.zeros.setBrush(QColor(theme.exactly_zero))
        self.hatch.setPen(_pen(theme.hatch, 1.01))
        self._forget_numbers()
        self._shown = None

    def _make_numbers(self, arrangement: Arrangement) -> None:
        width, height = arrangement.cell
        fits = width >= MIN_NUMBER_CELL[0] and height >= MIN_NUMBER_CELL[1]
        fits = fits and self._visible
        count = arrangement.numbers if fits and arrangement.numbers <= MAX_NUMBERS else 0
        while len(self.numbers) > count:
            self._view.drawing.removeItem(self.numbers.pop())
        while len(self.numbers) < count:
            self.numbers.append(self._view.text_item(11))
        for item in self.numbers:
            item.setText("")
        self._forget_numbers()
        self._shown = None

    def _forget_numbers(self) -> None:
        self._written = [("", QColor())] * len(self.numbers)

    def show(self, values: Floats, scale: Scale, ground: Pixels) -> None:
        """Draw values (rows, fan_out) in the colours of a scale; an unchanged picture is not painted again."""
        assert self._arrangement is not None, "the view was given room before it shows anything"
        places = scale.places(scale.shares(self._arrangement.summary(values)))
        if self._shown is None or (self._shown != places).any():
            self._draw(places, scale, ground)
        if self.numbers:
            self._show_numbers(values, places, self._arrangement.cell)

    def _draw(self, places: npt.NDArray[np.intp], scale: Scale, ground: Pixels) -> None:
        """Draw the colours at places of the lookup table; what is exactly 0 is clear, so that the hatching is seen."""
        assert self._arrangement is not None, "the view was given room before it shows anything"
        colours, zero = scale.pixels(places), places == EXACTLY_ZERO
        clear = self._is_hatched and bool(zero.any())
        if clear:
            colours[zero] = CLEAR
            if self.hatch.path().isEmpty():
                self.hatch.setPath(hatching(self.frame.rect()))
        self.picture.setPixmap(
            QPixmap.fromImage(picture(self._arrangement.pixels(colours, ground), clear=clear))
        )
        self.zeros.setVisible(clear and self._visible)
        self._shown = places

    def _show_numbers(self, values: Floats, places: npt.NDArray[np.intp], cell: tuple[float, float]) -> None:
        ink = inks(self._view.theme.name)
        colours = [ink[place] for place in places.ravel().tolist()]
        written = list(zip(map(words.number, values.ravel().tolist()), colours, strict=True))
        changed = [index for index, both in enumerate(written) if both != self._written[index]]
        self._written = written
        for index in changed:
            item, (text, colour) = self.numbers[index], written[index]
            row, column = divmod(index, values.shape[1])
            item.setText(text)
            if item.boundingRect().width() > cell[0] - NUMBER_GAP:
                item.setText(words.short_number(float(values[row, column])))
            item.setBrush(colour)
            size, rect = item.boundingRect(), self.frame.rect()
            x = rect.left() + (column + 0.5) * cell[0] - size.width() / 2
            item.setPos(x, rect.top() + (row + 0.5) * cell[1] - size.height() / 2)

    def set_visible(self, on: bool) -> None:
        """Show the section, or leave it out from the next `place` on."""
        self._visible = on
        for item in (self.picture, self.frame, self.title):
            item.setVisible(on)
        self.zeros.setVisible(False)  # until something is drawn
        self._shown = None

    def forget(self) -> None:
        """Make the next `show` draw the picture again."""
        self._shown = None

    def enlarge(self) -> None:
        """Give each cell many pixels without changing its size."""
        enlarge(self.picture)

    def restore(self) -> None:
        """Undo `enlarge`; the picture is drawn again by the next `show`."""
        assert self._arrangement is not None, "something was drawn"
        self.picture.setTransform(QTransform.fromScale(*self._arrangement.cell))
        self._shown = None


def enlarge(picture: QGraphicsPixmapItem) -> None:
    """Give each pixel of a picture many without changing its size: viewers smooth small pictures."""
    pixmap = picture.pixmap()
    if pixmap.isNull():
        return  # the last change was asked for, and has not come yet
    factor = isqrt(ENLARGED_PIXELS // max(pixmap.width() * pixmap.height(), 1))
    factor = max(1, min(factor, MAX_ENLARGEMENT))
    picture.setPixmap(pixmap.scaled(pixmap.size() * factor))
    picture.setTransform(picture.transform().scale(1 / factor, 1 / factor))


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour))
    pen.setWidthF(width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
