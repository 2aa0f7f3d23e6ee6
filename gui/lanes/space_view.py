"""The plane of two inputs as the network of a lane sees it: regions, decision boundary, samples, predictions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QWidget

from engine.core.arrays import Floats
from engine.report.plane import Maps, Plane, Predictions, SpaceMaps
from gui.canvas.scene import SceneView
from gui.lanes.class_counts import ClassCounts, class_names, counted, right
from gui.look.colours import NOT_A_NUMBER, lookup_table, picture
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.present.matrix_picture import Pixels
from gui.text import words
from gui.text.language import translate

REGION_STRENGTH = 0.5
"""Maximum strength of the colours of regions: samples must stand out from them."""
LINE, HAIR, NO_PEN = 1.4, 1.01, QPen(Qt.PenStyle.NoPen)
SMALLEST_DOT, LARGEST_DOT = 1.1, 3.0
DEVICE_CACHE = QGraphicsItem.CacheMode.DeviceCoordinateCache
"""Cache mode of samples: they are painted once and then kept as pixels."""


def class_colours(plane: Plane, theme: Theme) -> list[QColor]:
    """Return the colour of each class, or of targets below and above their middle."""
    if len(plane.class_names) > 2:
        return [QColor(theme.groups[k % len(theme.groups)]) for k in range(len(plane.class_names))]
    return [QColor(colour) for colour in theme.classes]


def region_pixels(plane: Plane, outputs: Maps, theme: Theme) -> Pixels:
    """Return the colours (rows, columns) of outputs (outputs, rows, columns); undecided points are neutral."""
    if len(plane.class_names) > 2:
        chance = 1 / len(outputs)
        sure, chosen = (outputs.max(axis=0) - chance) / (1 - chance), outputs.argmax(axis=0)
    else:
        signed = (outputs[0] - np.float32(plane.middle)) * np.float32(1 / plane.reach)
        sure, chosen = np.abs(signed), (signed > 0).astype(np.intp)
    return _mixed(np.clip(sure, 0, 1), chosen, class_colours(plane, theme), theme)


def _mixed(sure: Maps, chosen: npt.NDArray[np.intp], colours: list[QColor], theme: Theme) -> Pixels:
    """Return the colours of the classes that were chosen, stronger the surer the choice is (from 0 to 1)."""
    unknown = np.isnan(sure)
    sure[unknown] = 0
    ends = np.array([[c.red(), c.green(), c.blue()] for c in (*colours, QColor(theme.raised))])
    mixed = ends[-1] + REGION_STRENGTH * sure[..., np.newaxis] * (ends[chosen] - ends[-1])
    red, green, blue = np.moveaxis(np.rint(mixed).astype(np.uint32), -1, 0)
    pixels = np.uint32(0xFF000000) | red << 16 | green << 8 | blue
    pixels[unknown] = lookup_table(theme.name)[NOT_A_NUMBER]
    return pixels


class SpaceView(SceneView):
    """Shows the plane of one lane: regions, boundary, training samples, and below them what was predicted how often."""

    def __init__(self, index: int, name: str, plane: Plane, parent: QWidget | None = None) -> None:
        super().__init__(translate("data space", "{0}, data space").format(name), parent)
        self.setObjectName(f"lane.{index}.space")
        self.setMouseTracking(True)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.plane = plane
        self._picture = self.drawing.addPixmap(QPixmap())
        self._picture.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        classes = class_colours(plane, LIGHT)
        self._dots = [self.drawing.addPath(QPainterPath(), NO_PEN) for _ in classes]
        self._line = self.drawing.addPath(QPainterPath())
        self._frame = self.drawing.addRect(QRectF())
        self._counts = ClassCounts(self, plane)
        self._square = QRectF(0, 0, 1, 1)
        self._shown: tuple[SpaceMaps, Predictions | None] | None = None
        self._pixels: Pixels | None = None
        self._boundary: Floats | None = None
        self.hover.explain(_explanation(plane))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; the regions have them from the next frame on."""
        super().set_theme(theme)
        colours = class_colours(self.plane, theme)
        self.legend = tuple(zip(class_names(self.plane), [colour.name() for colour in colours], strict=True))
        self._counts.set_theme(theme, colours)
        self._line.setPen(QPen(QColor(theme.text), LINE))
        self._frame.setPen(QPen(QColor(theme.border), HAIR))
        for item, colour in zip(self._dots, colours, strict=True):
            item.setBrush(colour)
        self._pixels = None

    def show_maps(self, maps: SpaceMaps, predictions: Predictions | None) -> None:
        """Draw the network of this lane at one step; unchanged parts are not drawn again."""
        is_first = self._shown is None or (self._shown[1] is None) != (predictions is None)
        self._shown = (maps, predictions)
        if is_first:
            self._lay_out()  # this shows the maps again, in the room that the counts leave
            return
        pixels = region_pixels(self.plane, maps.outputs, self.theme)
        if self._pixels is None or not np.array_equal(pixels, self._pixels):
            self._pixels = pixels
            self._picture.setPixmap(QPixmap.fromImage(picture(pixels)))
            cell = self._square.width() / len(pixels)
            self._picture.setTransform(QTransform.fromScale(cell, cell))
        if self._boundary is None or not np.array_equal(maps.boundary, self._boundary):
            self._boundary = maps.boundary
            ends = self._places(maps.boundary.reshape(-1, 2))
            self._line.setPath(pg.arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs", finiteCheck=False))
        self._counts.write(predictions)
        self.hover.refresh()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the plane the new room."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = max(self.viewport().width(), 20), max(self.viewport().height(), 40)
        self.drawing.setSceneRect(0, 0, width, height)
        below = self._counts.fit(width, self._shown[1] if self._shown else None)
        side = max(8, min(width - 2, height - 2 - below))
        top = max((height - side - below) // 2, 1)
        self._square = QRectF((width - side) // 2, top, side, side)
        self._counts.place(self._square)
        self._frame.setRect(self._square)
        self._picture.setPos(self._square.topLeft())
        self._draw_dots()
        self._pixels = self._boundary = None
        if self._shown is not None:
            self.show_maps(*self._shown)

    def _draw_dots(self) -> None:
        share = self._square.width() / (3.2 * len(self.plane.points) ** 0.5)
        radius = min(max(share, SMALLEST_DOT), LARGEST_DOT)
        places = self._places(self.plane.points)
        for number, item in enumerate(self._dots):
            path = QPainterPath()
            path.setFillRule(Qt.FillRule.WindingFill)
            for x, y in places[self.plane.classes == number].tolist():
                path.addEllipse(QPointF(x, y), radius, radius)
            item.setPath(path)
            item.setCacheMode(DEVICE_CACHE)

    def _places(self, inputs: Floats) -> Floats:
        """Return where points of the plane (n, 2) are in the scene."""
        plane, square = self.plane, self._square
        across = (inputs[:, 0] - plane.left) * (square.width() / (plane.right - plane.left))
        down = (plane.top - inputs[:, 1]) * (square.height() / (plane.top - plane.bottom))
        return np.stack([square.left() + across, square.top() + down], axis=1)

    def paint_into(self, painter: QPainter, area: QRectF) -> None:
        """Draw the samples as they are, not as the pixels kept of them."""
        for item in self._dots:
            item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        super().paint_into(painter, area)
        for item in self._dots:
            item.setCacheMode(DEVICE_CACHE)

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the numbers under the pointer."""
        self.hover.move(event)

    def text_at(self, place: QPointF) -> str:
        """Return the output and the prediction at a place of the scene in words; '' outside the plane."""
        if self._shown is None or not self._square.contains(place):
            return ""
        maps, predictions = self._shown
        cells = maps.outputs.shape[1]
        inside = (place - self._square.topLeft()) * (cells / self._square.width())
        column, row = min(int(inside.x()), cells - 1), min(int(inside.y()), cells - 1)
        x, y = map(words.number, self.plane.grid(cells)[row * cells + column].tolist())
        outputs = ", ".join(map(words.number, maps.outputs[:, row, column].tolist()))
        lines = [translate("data space", "input 1 = {0}, input 2 = {1}: output {2}").format(x, y, outputs)]
        if predictions is not None:
            lines += [counted(self.plane, predictions), right(predictions)]
        return "\n".join(lines)


def _explanation(plane: Plane) -> str:
    """Return what a tooltip says of the whole plane."""
    colour = translate("data space", "Colour: the output. Line: where the prediction changes.")
    dots = translate("data space", "Dots: training samples.")
    whose = (
        translate("data space", "Numbers: how many test samples are predicted to be of each class.")
        if plane.has_test_samples
        else translate("data space", "Numbers: how many training samples are predicted to be of each class.")
    )
    return "\n".join([colour, dots, *([whose] if plane.class_names else [])])
