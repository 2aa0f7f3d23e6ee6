"""One graph, heatmap or plot as a picture that says by itself what it shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from gui.canvas.scene import SceneView
from gui.look.theme import load_fonts
from gui.pictures.painting import paint_widget

MARGIN, GAP = 14, 8
TITLE_PIXELS, TEXT_PIXELS = 15, 12
DOT, DOT_GAP, NAME_GAP = 8, 6, 16
"""A dot of the legend, and the room between it and its name, and between two entries."""


class DrawingPage:
    """A drawing below its title, what it belongs to, its legend, and a widget that explains its colours."""

    def __init__(self, drawing: SceneView, belongs_to: str, key: QWidget | None = None) -> None:
        """Have a drawing; `belongs_to` names the experiment and the step."""
        self._drawing, self._belongs_to, self._key = drawing, belongs_to, key
        self._scene = drawing.drawing.sceneRect()
        self._bold, self._plain = _font(TITLE_PIXELS, QFont.Weight.DemiBold), _font(TEXT_PIXELS)
        texts = (self._bold, drawing.title), (self._plain, belongs_to)
        widths = [QFontMetricsF(font).horizontalAdvance(text) for font, text in texts]
        widest_name = max((self._entry_width(name) for name, _ in drawing.legend), default=0.0)
        self._width = max(self._scene.width(), *widths, widest_name, key.width() if key else 0)
        self._rows = self._legend_rows()

    @property
    def title(self) -> str:
        """Return the title of the drawing and what it belongs to."""
        return f"{self._drawing.title}: {self._belongs_to}"

    @property
    def size(self) -> QSize:
        """Return the room for everything."""
        height = self._top + self._scene.height() + MARGIN
        return QSize(round(self._width + 2 * MARGIN + 0.5), round(height + 0.5))

    @property
    def _top(self) -> float:
        """Return where the drawing begins."""
        lines = 1 + len(self._rows)
        above = MARGIN + _line(self._bold) + lines * _line(self._plain) + GAP
        return above + (self._key.height() + GAP if self._key else 0) + (GAP / 2 if self._rows else 0)

    @property
    def ground(self) -> QColor:
        """Return the surface of the theme, which drawings are on."""
        return QColor(self._drawing.theme.surface)

    def paint(self, painter: QPainter) -> None:
        """Paint heading, legend and drawing."""
        theme = self._drawing.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._write(painter, self._bold, theme.text, self._drawing.title, MARGIN, MARGIN)
        down = MARGIN + _line(self._bold)
        self._write(painter, self._plain, theme.muted, self._belongs_to, MARGIN, down)
        down += _line(self._plain) + GAP
        for row in self._rows:
            self._paint_entries(painter, row, down)
            down += _line(self._plain)
        if self._key is not None:
            painter.save()
            painter.translate(MARGIN, down)
            paint_widget(self._key, painter)
            painter.restore()
        self._drawing.paint_into(painter, self._scene.translated(MARGIN, self._top))

    @staticmethod
    def _write(painter: QPainter, font: QFont, colour: str, text: str, left: float, top: float) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(left, top + QFontMetricsF(font).ascent()), text)

    def _paint_entries(self, painter: QPainter, row: list[tuple[str, str]], top: float) -> None:
        metrics, x = QFontMetricsF(self._plain), float(MARGIN)
        for name, colour in row:
            middle = top + metrics.ascent() - metrics.xHeight() / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(x + DOT / 2, middle), DOT / 2, DOT / 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(self._drawing.theme.text))
            painter.setFont(self._plain)
            painter.drawText(QPointF(x + DOT + DOT_GAP, top + metrics.ascent()), name)
            x += self._entry_width(name) + NAME_GAP

    def _legend_rows(self) -> list[list[tuple[str, str]]]:
        """Return the names with their colours, in as many rows as they need."""
        rows, left = list[list[tuple[str, str]]](), 0.0
        for name, colour in self._drawing.legend:
            wide = self._entry_width(name)
            if not rows or left + wide > self._width:
                rows.append([])
                left = 0.0
            rows[-1].append((name, colour))
            left += wide + NAME_GAP
        return rows

    def _entry_width(self, name: str) -> float:
        return DOT + DOT_GAP + QFontMetricsF(self._plain).horizontalAdvance(name)


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(load_fonts())
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def _line(font: QFont) -> float:
    return QFontMetricsF(font).lineSpacing() + 2
