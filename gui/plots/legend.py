"""The names of the lanes beside their colours, as far as there is room: no name is cut, and no lane left out."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy

from gui.look.handlers import shielded
from gui.look.plain_text import LONGEST_NAME, shortened

BEFORE_BUTTONS = 6
"""Pixels that keep the last name apart from the button after it."""


class Legend(QLabel):
    """Dots in the colours of the lanes, with their names where all of them fit, which the lanes show in any case.

    Nothing where not even the dots fit: some of them would say that there are no other lanes.

    Signals: `fitted(whether there is room for the names)` when that has changed.
    """

    fitted = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("small", True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setContentsMargins(0, 0, BEFORE_BUTTONS, 0)
        self._entries: tuple[tuple[str, str], ...] = ()
        self.has_names = True

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
        room = self.contentsRect().width()
        fitting = (text for text in (self._whole, self._dots) if self._width(text) <= room)
        text = next(fitting, "")
        self.setText(text)
        if self.has_names != (text == self._whole):
            self.has_names = text == self._whole
            self.fitted.emit(self.has_names)

    def _width(self, text: str) -> float:
        measured = QTextDocument()
        measured.setDefaultFont(self.font())
        measured.setDocumentMargin(0)
        measured.setHtml(text)
        return measured.idealWidth()
