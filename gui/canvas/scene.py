"""The ground for live drawings: a plain QGraphicsView whose items Qt paints by itself, without Python."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsSimpleTextItem, QGraphicsView, QWidget

from gui.look.handlers import shielded
from gui.look.hover import Hover
from gui.look.theme import LIGHT, Theme, load_fonts


class SceneView(QGraphicsView):
    """Shows a scene whose coordinates are pixels.

    Signals: `context_menu_requested(SceneView)`, to export or copy this drawing; `enlarge_requested(SceneView)` to give
    it all the room, or to have the rest back.
    """

    context_menu_requested = Signal(object)
    enlarge_requested = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.legend: tuple[tuple[str, str], ...] = ()
        """Names with their colours, where the drawing alone does not tell: what a picture of it needs beside it."""
        self.theme = LIGHT
        self.drawing = QGraphicsScene(self)
        self.hover = Hover(self, self._text_under)
        self.setScene(self.drawing)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setInteractive(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.setBackgroundBrush(QColor(theme.surface))

    @shielded
    def contextMenuEvent(self, event: object) -> None:
        """Ask for the menu that exports or copies this drawing."""
        self.context_menu_requested.emit(self)

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for all the room."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.enlarge_requested.emit(self)

    def text_at(self, place: QPointF) -> str:
        """Return what is at a place of the scene, exactly and in words; "" where there is nothing; for subclasses."""
        return ""

    def _text_under(self, pointer: QPoint) -> str:
        return self.text_at(self.mapToScene(pointer))

    @shielded
    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing more of the place that the pointer was on."""
        self.hover.leave()

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw the whole scene into an area of another device, on the theme's surface."""
        painter.fillRect(area, QColor(self.theme.surface))
        self.drawing.render(painter, area, self.drawing.sceneRect())

    def text_item(self, pixels: int, *, bold: bool = False) -> QGraphicsSimpleTextItem:
        """Add an empty text to the scene and return it."""
        item = QGraphicsSimpleTextItem()
        font = QFont(load_fonts())
        font.setPixelSize(pixels)
        font.setWeight(
            QFont.Weight.DemiBold if bold else QFont.Weight.Normal
        )  # bolder than any bundled is smeared
        item.setFont(font)
        self.drawing.addItem(item)
        return item


def set_text(item: QGraphicsSimpleTextItem, text: str) -> None:
    """Set the text of an item only if it differs: setting it paints the item again."""
    if item.text() != text:
        item.setText(text)


def set_first_that_fits(item: QGraphicsSimpleTextItem, texts: Sequence[str], width: float) -> None:
    """Write the first of `texts` that is at most `width` pixels wide, or the last if none is."""
    for text in texts:
        item.setText(text)
        if item.boundingRect().width() <= width:
            return
