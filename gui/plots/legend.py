"""The names of the lanes beside their colours, as far as there is room: no name is cut."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy

from gui.look.handlers import shielded
from gui.look.plain_text import LONGEST_NAME, shortened


class Legend(QLabel):
    """Dots in the colours of the lanes; with their names where all of them fit, which the lanes show in any case."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("small", True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._entries: tuple[tuple[str, str], ...] = ()

    def write(self, entries: tuple[tuple[str, str], ...]) -> None:
        """Show (name, colour) of each lane."""
        self._entries = entries
        names = [escape(shortened(name, LONGEST_NAME)) for name, _ in entries]
        self._whole = "&nbsp;&nbsp; ".join(
            f'<span style="color:{colour}">●</span>&nbsp;{name}'
            for name, (_, colour) in zip(names, entries, strict=True)
        )
        self._dots = "&nbsp;".join(f'<span style="color:{colour}">●</span>' for _, colour in entries)
        self.setToolTip(self._whole)
        self._fit()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the names, or leave them out."""
        super().resizeEvent(event)
        if self._entries:
            self._fit()

    def _fit(self) -> None:
        measured = QTextDocument()
        measured.setDefaultFont(self.font())
        measured.setDocumentMargin(0)
        measured.setHtml(self._whole)
        self.setText(self._whole if measured.idealWidth() <= self.width() else self._dots)
