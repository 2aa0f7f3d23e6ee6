"""Labels whose texts change on every frame, or may."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel

SLACK = 6
"""Pixels more than a text needs, which is measured with the widest digit in place of each."""
DIGITS = "0123456789"


class CalmLabel(QLabel):
    """Keeps its size while only digits change: a new size arranges and paints the window once more.

    The size depends on the present text alone, so that a picture of a step does not depend on the steps before it.
    """

    def write(self, text: str, spare: str = "") -> None:
        """Show a text, in the room that it needs with the widest digits, and with `spare` beside it."""
        if text == self.text():
            return
        self.setText(text)
        self.ensurePolished()
        width = (
            _width(text + spare, self.fontMetrics()) + SLACK
        )  # a size hint is never below the present size
        if width != self.minimumWidth():
            self.setFixedSize(width, self.sizeHint().height())


def _width(text: str, metrics: QFontMetrics) -> int:
    widest = max(DIGITS, key=metrics.horizontalAdvance)
    return metrics.horizontalAdvance(text.translate(dict.fromkeys(map(ord, DIGITS), widest)))


def set_label(label: QLabel, text: str) -> None:
    """Change a text only if it is another one: a label that is given a text is arranged and painted again."""
    if label.text() != text:
        label.setText(text)
