"""The name of a start, which opens and closes what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from gui.look.handlers import shielded
from gui.text.language import translate

PADDING = 8
"""Pixels beside the text."""


class StartTitle(QPushButton):
    """A name, in several lines where one is too short: it must not widen the page."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._whole = ""
        self.setObjectName(name)
        self.setCheckable(True)
        self.setProperty("link", True)
        self.setProperty("left", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_name(self, position: int, name: str) -> None:
        """Show the name of the start at a position of the ranking, the first one at 1."""
        self._whole = f"{position}. {name}"
        self.setAccessibleName(self._whole)
        self.setToolTip(translate("advice", "{0}: try it, keep it, or read it as code").format(name))
        self._fit()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room, metrics = max(0, self.width() - PADDING), self.fontMetrics()
        lines: list[str] = []
        for part in self._whole.split(", "):  # its numbers stand after commas
            if lines and metrics.horizontalAdvance(f"{lines[-1]}, {part},") <= room:
                lines[-1] = f"{lines[-1]}, {part}"
            else:
                lines.append(part)
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]
        self.setText(",\n".join(shown))
