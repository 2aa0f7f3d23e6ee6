"""A label that says as much of a text as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from gui.look.handlers import shielded

SLACK = 2
"""Pixels more than a text needs: widths are rounded."""


class ElidedLabel(QLabel):
    """One line that ends with … where it is cut; it takes the room of the whole text where there is any."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.whole = ""

    def write(self, text: str) -> None:
        """Show a text, on one line."""
        self.whole = " ".join(text.split())
        self.updateGeometry()
        self._elide()

    def sizeHint(self) -> QSize:
        """Return the room that the whole text needs."""
        margins = self.contentsMargins()
        around = margins.left() + margins.right() + SLACK
        return QSize(self.fontMetrics().horizontalAdvance(self.whole) + around, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return hardly any room: a long text must not widen the window."""
        return QSize(1, super().minimumSizeHint().height())

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        self.setText(self.fontMetrics().elidedText(self.whole, Qt.TextElideMode.ElideRight, room))
