"""The axes of a plot against the step: labelled heights with lines through the plot, labelled steps, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsLineItem, QGraphicsSimpleTextItem

from gui.canvas.scene import SceneView, set_first_that_fits
from gui.look.colours import nice_ceiling
from gui.look.theme import LIGHT, Theme

HAIR = 1.01
"""Width of thin pens; a width of exactly 1 is painted six times slower."""
STEP_TICK_DISTANCE = 90
"""About how many pixels are between two labelled steps."""
TICK_GAP, NAME_GAP = 6, 3
"""Pixels between a label and the axis beside it, and above one below it."""


class StepAxes:
    """Plain items of a view; they are made anew when the axes change, which is seldom."""

    def __init__(self, view: SceneView, across: str, up: Sequence[str]) -> None:
        """Name the axes: `across`, and `up` by the first of several texts that fits."""
        self._view, self._names_up = view, up
        self._theme = LIGHT
        self._across, self._up = view.text_item(11), view.text_item(11)
        self._across.setText(across)
        self._up.setRotation(-90)
        self.ticks: list[QGraphicsSimpleTextItem] = []
        self._grid: list[QGraphicsLineItem] = []

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; what is drawn has them from the next `draw` on."""
        self._theme = theme
        for name in (self._across, self._up):
            name.setBrush(QColor(theme.muted))

    def place_names(self, area: QRectF) -> None:
        """Write the names below the right end of the plot's area and along its left side."""
        self._across.setPos(area.right() - self._across.boundingRect().width(), area.bottom() + NAME_GAP)
        set_first_that_fits(self._up, self._names_up, area.bottom())
        middle = area.center().y() + self._up.boundingRect().width() / 2
        self._up.setPos(1, min(middle, area.bottom() + 2))

    def draw(self, area: QRectF, heights: Sequence[tuple[float, str]], steps: tuple[float, float]) -> None:
        """Label heights of the scene, and steps from one to another across the area."""
        for item in (*self.ticks, *self._grid):
            self._view.drawing.removeItem(item)
        self.ticks, self._grid = [], []
        for y, text in heights:
            self._add_line(QPointF(area.left(), y), QPointF(area.right(), y))
            label = self._add_tick(text)
            size = label.boundingRect()
            label.setPos(area.left() - TICK_GAP - size.width(), y - size.height() / 2)
        self._add_line(area.topLeft(), area.bottomLeft())
        first, last = steps
        end = area.right() - self._across.boundingRect().width() - TICK_GAP
        for step in _step_ticks(first, last, area.width()):
            label = self._add_tick(f"{step:,.0f}")
            wide = label.boundingRect().width()
            x = area.left() + (step - first) * area.width() / (last - first) - wide / 2
            label.setPos(x, area.bottom() + NAME_GAP)
            label.setVisible(x + wide < end)  # the name of the axis stands there

    def _add_tick(self, text: str) -> QGraphicsSimpleTextItem:
        label = self._view.text_item(11)
        label.setText(text)
        label.setBrush(QColor(self._theme.muted))
        self.ticks.append(label)
        return label

    def _add_line(self, start: QPointF, end: QPointF) -> None:
        line = QGraphicsLineItem(start.x(), start.y(), end.x(), end.y())
        line.setPen(QPen(QColor(self._theme.border), HAIR))
        line.setZValue(-1)
        self._view.drawing.addItem(line)
        self._grid.append(line)


def _step_ticks(first: float, last: float, width: float) -> list[float]:
    """Return round steps from the first to the last one, far enough apart for their labels."""
    every = max(1.0, nice_ceiling((last - first) * STEP_TICK_DISTANCE / width))
    return [every * index for index in range(ceil(first / every), ceil((last + 1) / every))]
