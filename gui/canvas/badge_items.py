"""The numbers of groups as items of a drawing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem

from gui.canvas.scene import SceneView
from gui.present.badges import CORNER_RADIUS, INK, PIXELS, Badge, badge_font, box, font_metrics


class Badges:
    """The badges of a drawing. Items are reused, and made only when more badges are shown than before."""

    def __init__(self, view: SceneView, height: float) -> None:
        self._view = view
        self._height = height
        self._items: list[tuple[QGraphicsPathItem, QGraphicsSimpleTextItem]] = []

    def show(self, badges: Sequence[Badge], pixels: int = PIXELS) -> None:
        """Show these badges and no others, with numbers `pixels` high."""
        while len(self._items) < len(badges):
            self._items.append(self._make())
        for badge, (ground, text) in zip(badges, self._items, strict=False):
            _put(ground, badge)
            _write(text, badge, pixels)
        for index, (ground, _) in enumerate(self._items):
            ground.setVisible(index < len(badges))

    def _make(self) -> tuple[QGraphicsPathItem, QGraphicsSimpleTextItem]:
        ground = self._view.drawing.addPath(QPainterPath(), QPen(Qt.PenStyle.NoPen))
        ground.setZValue(self._height)
        text = QGraphicsSimpleTextItem(ground)
        text.setBrush(INK)
        return ground, text


def _put(item: QGraphicsPathItem, badge: Badge) -> None:
    path = QPainterPath()
    if badge.ground is not None:
        path.addRoundedRect(box(badge), CORNER_RADIUS, CORNER_RADIUS)
        item.setBrush(QColor(badge.ground))
    item.setPath(path)


def _write(item: QGraphicsSimpleTextItem, badge: Badge, pixels: int) -> None:
    """Centre the ink of a number, not its line, and place it on whole pixels: between pixels it is blurred."""
    item.setFont(badge_font(pixels))
    item.setText(badge.number)
    metrics = font_metrics(pixels)
    middle = box(badge).center() if badge.ground is not None else QPointF(badge.x, badge.y)
    ink = metrics.tightBoundingRect(badge.number).center()
    item.setPos((middle - ink - QPointF(0, metrics.ascent())).toPoint())
