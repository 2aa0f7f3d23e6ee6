"""What stands beside the pointer: the exact value of the place it is on, for as long as it stays there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from gui.look.plain_text import tip

TIP_MILLISECONDS = 24 * 60 * 60 * 1000
"""Milliseconds that a text stays beside a pointer that does not move: Qt takes it away after ten seconds."""


class Hover:
    """Says what is at places of a widget, and what the widget is where nothing more exact can be said.

    A text is the tooltip of the widget, too: Qt would put the general one in its place within a second.
    """

    def __init__(self, widget: QWidget, text_at: Callable[[QPoint], str]) -> None:
        """Ask `text_at` for the text of a place, "" for none."""
        self._widget, self._text_at = widget, text_at
        self._general = ""
        self._pointer: tuple[QPoint, QPoint] | None = None
        self._said = ""
        widget.setToolTipDuration(TIP_MILLISECONDS)

    def explain(self, general: str) -> None:
        """Say this, after a while, where there is nothing more exact."""
        self._general = tip(general)
        if not self._said:
            self._widget.setToolTip(self._general)

    def move(self, event: QMouseEvent) -> None:
        """Say at once what is under the pointer."""
        self._pointer = event.position().toPoint(), event.globalPosition().toPoint()
        self._say()

    def show(self, event: QMouseEvent, text: str) -> None:
        """Show another text beside the pointer, such as what a drag would do."""
        QToolTip.showText(
            event.globalPosition().toPoint(), tip(text), self._widget, QRect(), TIP_MILLISECONDS
        )

    def leave(self) -> None:
        """Say nothing any more: the pointer has gone."""
        self._pointer = None
        if self._said:
            self._said = ""
            self._widget.setToolTip(self._general)

    def refresh(self) -> None:
        """Say what is under the pointer now, where it stays and something is said: another step is shown there."""
        if self._said and QToolTip.isVisible() and QToolTip.text() == self._said:
            self._say()

    def _say(self) -> None:
        if self._pointer is None:
            return
        place, on_screen = self._pointer
        before, self._said = self._said, tip(self._text_at(place))
        self._widget.setToolTip(self._said or self._general)
        if self._said:
            QToolTip.showText(on_screen, self._said, self._widget, QRect(), TIP_MILLISECONDS)
        elif before:
            QToolTip.hideText()
