"""Small pictures in the panel: what an initializer draws, and what the data looks like."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.core.arrays import Floats
from gui.editor.form import Histogram
from gui.look.handlers import shielded
from gui.look.sample_table import MOST_INPUTS, MOST_SAMPLES, paint_samples
from gui.look.theme import LIGHT, Theme
from gui.text.language import translate
from gui.text.words import number

BARS_SIZE, DATA_SIZE = QSize(72, 20), QSize(84, 84)
MOST_POINTS, MOST_IMAGES, IMAGES_PER_ROW = 400, 16, 4


class Picture(QWidget):
    """A picture of a fixed size in the colours of a theme."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self.setFixedSize(size)
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()


class HistogramView(Picture):
    """The numbers that an initializer draws; the bar in the middle is that of 0."""

    def __init__(self) -> None:
        super().__init__(BARS_SIZE)
        self._histogram: Histogram | None = None

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show what is drawn, and in words where the pointer is."""
        if histogram == self._histogram:
            return
        self._histogram = histogram
        if histogram is not None:
            self.setToolTip(
                translate("experiment panel", "A sample: from {0} to {1}, standard deviation {2}").format(
                    number(histogram.low), number(histogram.high), number(histogram.spread)
                )
            )
        self.setAccessibleName(self.toolTip())
        self.update()

    @shielded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a bar for each part, in the colours of the signs."""
        if self._histogram is None:
            return
        painter = QPainter(self)
        counts, signs = self._histogram.counts, self._theme.signs
        width, most = self.width() / len(counts), max(counts)
        for place, count in enumerate(counts):
            height = max(1.0 if count else 0.0, (self.height() - 2) * count / most)
            middle = len(counts) // 2
            colour = signs[1] if place < middle else signs[-2] if place > middle else self._theme.muted
            bar = QRectF(place * width, self.height() - 1 - height, width - 0.6, height)
            painter.fillRect(bar, QColor(colour))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), QColor(self._theme.border))


class ThumbnailView(Picture):
    """What the data looks like: points of the plane in the colours of their classes, the first images, or a table."""

    def __init__(self) -> None:
        super().__init__(DATA_SIZE)
        self.setAccessibleName(translate("experiment panel", "Picture of the data"))
        self._table: tuple[Floats, Floats] | None = None
        self._points: Floats | None = None
        self._classes: list[int] = []
        self._images: list[QImage] = []
        self.hide()

    def show_points(self, points: Floats, classes: Floats) -> None:
        """Show points (n, 2), each of a class (n,) from 0."""
        low, high = points.min(axis=0), points.max(axis=0)
        span = np.where(high > low, high - low, 1.0)
        self._points, self._images, self._table = ((points - low) / span)[:MOST_POINTS], [], None
        self._classes = [int(number) for number in classes[:MOST_POINTS]]
        self._show(translate("experiment panel", "Some of the training samples"))

    def show_images(self, images: Floats) -> None:
        """Show images (n, height, width): the smallest number is black, the largest white."""
        shown = images[:MOST_IMAGES]
        low, high = float(shown.min()), float(shown.max())
        grey = ((shown - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
        self._images = [_image(np.ascontiguousarray(one)) for one in grey]
        self._points = self._table = None
        self._show(translate("experiment panel", "Some of the training samples"))

    def show_table(self, inputs: Floats, targets: Floats) -> None:
        """Show samples as a table: inputs (n, inputs) and targets (n, outputs)."""
        self._table, self._points, self._images = (inputs, targets), None, []
        told = translate(
            "experiment panel",
            "The first {0} training samples, a row for each: {1} of {2} inputs, then the targets, in the colours of "
            "weights; the deepest colour of each column is its largest size here",
        )
        rows, columns = inputs.shape
        self._show(told.format(min(rows, MOST_SAMPLES), min(columns, MOST_INPUTS), columns))

    def _show(self, told: str) -> None:
        self.setToolTip(told)
        self.show()
        self.update()

    @shielded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint points or images on the ground of a picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.border))
        painter.setBrush(QColor(self._theme.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._points is not None:
            self._paint_points(painter, self._points)
        if self._table is not None:
            paint_samples(painter, QRectF(self.rect()).adjusted(4, 4, -4, -4), *self._table, self._theme)
        size = (self.width() - 8) / IMAGES_PER_ROW
        for place, image in enumerate(self._images):
            row, column = divmod(place, IMAGES_PER_ROW)
            painter.drawImage(QRectF(4 + column * size, 4 + row * size, size - 1, size - 1), image)

    def _paint_points(self, painter: QPainter, points: Floats) -> None:
        colours = [QColor(colour) for colour in (*self._theme.classes, *self._theme.groups)]
        room = self.width() - 12
        for (x, y), number_of_class in zip(points.tolist(), self._classes, strict=True):
            painter.setBrush(colours[number_of_class % len(colours)])
            painter.drawEllipse(QPointF(6 + x * room, 6 + (1 - y) * room), 1.6, 1.6)


def _image(grey: np.ndarray) -> QImage:
    height, width = grey.shape
    return QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
