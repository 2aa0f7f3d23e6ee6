"""The lines that mark what is exactly 0, as plain paths: pattern brushes look different in every program."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

DISTANCE = 5.0
"""Pixels between two lines, measured across."""


def hatching(area: QRectF) -> QPainterPath:
    """Return lines that rise to the right and fill an area."""
    path = QPainterPath()
    start = DISTANCE / 2
    while start < area.width() + area.height():
        left, right = max(start - area.height(), 0.0), min(start, area.width())
        path.moveTo(area.left() + left, area.top() + start - left)
        path.lineTo(area.left() + right, area.top() + start - right)
        start += DISTANCE
    return path
