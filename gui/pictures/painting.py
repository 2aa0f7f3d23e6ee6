"""Paints what is on the screen on something else: a picture, an SVG file, a page."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from gui.canvas.scene import SceneView

WITHOUT_CHILDREN = QWidget.RenderFlag(0)


class Page(Protocol):
    """Something that can be saved as a picture."""

    @property
    def title(self) -> str:
        """Return what files are told to be called inside."""
        ...

    @property
    def size(self) -> QSize:
        """Return width and height in pixels of the screen."""
        ...

    @property
    def ground(self) -> QColor:
        """Return the colour on which it is painted."""
        ...

    def paint(self, painter: QPainter) -> None:
        """Paint all of it at the origin of a painter."""
        ...


class WidgetPage:
    """A widget with everything that is visible in it."""

    def __init__(self, widget: QWidget, title: str) -> None:
        self._widget = widget
        self.title = title

    @property
    def size(self) -> QSize:
        """Return the size of the widget."""
        return self._widget.size()

    @property
    def ground(self) -> QColor:
        """Return the colour of the window that the widget is in."""
        return self._widget.palette().window().color()

    def paint(self, painter: QPainter) -> None:
        """Paint the widget."""
        paint_widget(self._widget, painter)


def paint_widget(widget: QWidget, painter: QPainter) -> None:
    """Paint a widget and all that is visible in it at the origin of a painter.

    Drawings paint their scenes themselves, as they want to be on paper; every other widget paints what it shows. Each is
    clipped to its place: `QWidget.render` does that on the screen only.
    """
    painter.save()
    painter.setClipRect(QRectF(widget.rect()))
    if isinstance(widget, SceneView):
        widget.paint_into(painter, widget.drawing.sceneRect())
    else:
        widget.render(painter, QPoint(), QRegion(), WITHOUT_CHILDREN)
        for child in widget.children():
            if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
                painter.save()
                painter.translate(child.pos())
                paint_widget(child, painter)
                painter.restore()
    painter.restore()
