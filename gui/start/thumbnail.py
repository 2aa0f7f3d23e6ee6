"""The small picture of an experiment: its data at the left, then the first weights of every start."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from engine.core.arrays import Floats
from engine.report.preview import Preview, Start
from gui.look.colours import Scale, largest, mixed, picture
from gui.look.hatching import hatching
from gui.look.sample_table import paint_samples
from gui.look.theme import Theme

WIDTH, HEIGHT, CAPTION, GAP = 318, 104, 29, 9
"""Pixels of a picture, of the two lines for names at its bottom, and between its parts."""
SQUARE = HEIGHT - CAPTION
SHARPNESS = 2
MARGIN, SMALL_DOT, LARGE_DOT, FEW = 6.0, 1.6, 5.0, 12
NEURONS_IN_A_ROW = 2


def thumbnail(preview: Preview, theme: Theme) -> QPixmap:
    """Return the picture of an experiment in the colours of a theme."""
    pixmap = QPixmap(WIDTH * SHARPNESS, HEIGHT * SHARPNESS)
    pixmap.setDevicePixelRatio(SHARPNESS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = painter.font()
    font.setPixelSize(11)
    painter.setFont(font)
    left = 0.0
    if preview.points is not None or preview.images is not None or preview.table is not None:
        _paint_data(painter, preview, QRectF(0, 0, SQUARE, SQUARE), theme)
        left = SQUARE + 2 * GAP
    _paint_starts(painter, preview, left, theme)
    painter.end()
    return pixmap


def _paint_data(painter: QPainter, preview: Preview, area: QRectF, theme: Theme) -> None:
    painter.fillRect(area, QColor(theme.raised))
    if preview.images is not None:
        _paint_images(painter, preview.images, area, theme)
    elif preview.points is not None:
        _paint_points(painter, preview.points, preview.classes, area, theme)
    elif preview.table is not None:
        paint_samples(painter, area, *preview.table, theme)
    _frame(painter, area, theme)


def _paint_points(
    painter: QPainter, points: Floats, classes: tuple[int, ...], area: QRectF, theme: Theme
) -> None:
    least, most = points.min(axis=0), points.max(axis=0)
    places = (points - least) / np.where(most > least, most - least, 1.0)
    several = max(classes) > 1
    colours = theme.groups if several else theme.classes
    radius = LARGE_DOT if len(points) <= FEW else SMALL_DOT
    room = area.width() - 2 * (MARGIN + radius)
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y), number in zip(places.tolist(), classes, strict=True):
        painter.setBrush(QColor(colours[number % len(colours)]))
        centre = QPointF(x * room, (1 - y) * room) + QPointF(1, 1) * (MARGIN + radius) + area.topLeft()
        painter.drawEllipse(centre, radius, radius)


def _paint_images(painter: QPainter, images: Floats, area: QRectF, theme: Theme) -> None:
    ground, ink = QColor(theme.raised), QColor(theme.text)
    shades = np.array([mixed(ground, ink, share / 255).rgb() for share in range(256)], np.uint32)
    whole = _tiled(list(images), 0.0)
    painter.drawImage(area, picture(shades[np.rint(whole * 255).astype(np.intp)]))


def _paint_starts(painter: QPainter, preview: Preview, left: float, theme: Theme) -> None:
    starts = preview.starts
    sizes = [size for start in starts if (size := largest(start.weights))]
    scale = Scale(float(np.median(sizes)) if sizes else 1.0, 0, theme.name)
    room = (WIDTH - left - GAP * (len(starts) - 1)) / len(starts)
    width = min(room, SQUARE)
    has_names = len(starts) > 1
    image = None if preview.images is None else (preview.images.shape[1], preview.images.shape[2])
    for number, start in enumerate(starts):
        area = QRectF(left + number * (width + GAP), 0, width, SQUARE)
        _paint_start(painter, start, area, scale, image)
        if not start.weights.any():
            painter.setPen(QPen(QColor(theme.hatch), 1))
            painter.drawPath(hatching(area))
        _frame(painter, area, theme)
        if has_names:
            _paint_name(painter, start.name, QRectF(area.left(), SQUARE, width, CAPTION), theme)


def _frame(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """Show where a part ends whose colour is that of the card."""
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))


def _paint_name(painter: QPainter, name: str, area: QRectF, theme: Theme) -> None:
    painter.setPen(QColor(theme.muted))
    metrics = QFontMetricsF(painter.font())
    for number, line in enumerate(lines_of(name, metrics, area.width())):
        shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QPointF(area.left(), area.top() + 13 + number * 12), shown)


def lines_of(name: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Return a name in one line or two, the second of which begins with a hyphen, where that makes it fit."""
    first = name
    while metrics.horizontalAdvance(first) > width and "-" in first:
        first = first.rpartition("-")[0]
    if first == name or metrics.horizontalAdvance(first) > width:
        return [name]
    return [first, name[len(first) :]]


def _paint_start(
    painter: QPainter, start: Start, area: QRectF, scale: Scale, image: tuple[int, int] | None
) -> None:
    """Paint one cell for each weight, or the weights of some neurons as pictures."""
    values = start.weights
    if image is not None:
        shown = min(NEURONS_IN_A_ROW**2, values.shape[1])
        values = _tiled([values[:, neuron].reshape(image) for neuron in range(shown)], np.nan)
    pixels = scale.pixels(scale.places(scale.shares(values)))
    painter.drawImage(area, picture(pixels))


def _tiled(pictures: list[Floats], filling: float) -> Floats:
    """Return pictures (height, width) side by side in rows of two."""
    height, width = pictures[0].shape
    rows = -(-len(pictures) // NEURONS_IN_A_ROW)
    whole = np.full((rows * height, NEURONS_IN_A_ROW * width), filling)
    for number, one in enumerate(pictures):
        row, column = divmod(number, NEURONS_IN_A_ROW)
        whole[row * height : (row + 1) * height, column * width : (column + 1) * width] = one
    return whole
