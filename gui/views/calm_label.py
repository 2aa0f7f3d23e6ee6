"""A label for numbers that change on every frame."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

SLACK = 24
"""Pixels that the room of a text may be too wide before it is made narrower."""


class CalmLabel(QLabel):
    """Keeps its size while its texts need about the same room: a new size arranges and paints the window once more."""

    def write(self, text: str) -> None:
        """Show a text, in more or less room only where it needs that."""
        if text == self.text():
            return
        self.setText(text)
        self.ensurePolished()
        wanted, room = self.sizeHint(), self.maximumSize()
        if not wanted.width() <= room.width() <= wanted.width() + SLACK or wanted.height() != room.height():
            self.setFixedSize(wanted)
