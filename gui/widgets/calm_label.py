"""Labels whose texts change on every frame, or may."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

SLACK = 6
"""Pixels more than a text needs, so that others as long mostly fit, too: not all digits are equally wide."""


class CalmLabel(QLabel):
    """Keeps its size while its texts fit: a new size arranges and paints the window once more."""

    def write(self, text: str) -> None:
        """Show a text, in other room only where it is not as long as the one before or needs more."""
        before = self.text()
        if text == before:
            return
        self.setText(text)
        self.ensurePolished()
        needed = self.fontMetrics().horizontalAdvance(text)  # a size hint is never below the present size
        if len(text) != len(before) or needed > self.width():
            self.setFixedSize(needed + SLACK, self.sizeHint().height())


def set_label(label: QLabel, text: str) -> None:
    """Change a text only if it is another one: a label that is given a text is arranged and painted again."""
    if label.text() != text:
        label.setText(text)
