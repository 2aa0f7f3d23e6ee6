"""A label in a plot on a ground of its own, so that no line crosses it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from gui.canvas.scene import SceneView, set_first_that_fits

SIDE_MARGIN = 2.0
"""Pixels of ground left and right of the text."""


class GroundedText(QGraphicsRectItem):
    """A text above the lines and markers of a plot; what is beneath it is covered."""

    def __init__(self, view: SceneView) -> None:
        super().__init__()
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setZValue(30)
        view.drawing.addItem(self)
        self._item = view.text_item(11)
        self._item.setParentItem(self)
        self._item.setPos(SIDE_MARGIN, 0)

    def text(self) -> str:
        """Return what is written."""
        return self._item.text()

    @property
    def ink(self) -> QColor:
        """Return the colour of the text."""
        return self._item.brush().color()

    def write(self, texts: Sequence[str], width: float) -> None:
        """Write the first of `texts` that is at most `width` pixels wide, or the last if none is."""
        set_first_that_fits(self._item, texts, width - 2 * SIDE_MARGIN)
        size = self._item.boundingRect()
        box = QRectF(0, 0, size.width() + 2 * SIDE_MARGIN, size.height())
        if box != self.rect():
            self.setRect(box)

    def paint_with(self, ink: QColor, ground: QColor) -> None:
        """Take the colours of a theme."""
        self._item.setBrush(ink)
        self.setBrush(ground)
