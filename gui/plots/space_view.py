"""The plane of two inputs as each lane's network sees it: regions, decision boundary, samples, predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QHBoxLayout,
    QLabel,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from engine.core.arrays import Floats
from engine.report.plane import Maps, Plane, Predictions, SpaceMaps
from gui.canvas.scene import SceneView
from gui.look.colours import NOT_A_NUMBER, lookup_table, picture
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.present.matrix_picture import Pixels
from gui.text import words
from gui.text.language import translate

REGION_STRENGTH = 0.5
"""Maximum strength of the colours of regions: samples must stand out from them."""
LINE, HAIR, NO_PEN = 1.4, 1.01, QPen(Qt.PenStyle.NoPen)
NAME_HEIGHT, LINE_HEIGHT, CHIP, GAP, SPACING = 17, 14, 8, 4, 10
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
    """Shows the plane of one lane under its name: regions, boundary, training samples, and below them predictions."""

    def __init__(self, index: int, name: str, plane: Plane, parent: QWidget | None = None) -> None:
        super().__init__(translate("data space", "{0}, data space").format(name), parent)
        self.setObjectName(f"data_space.lane.{index}")
        self.setMouseTracking(True)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.index, self.name, self.plane = index, name, plane
        self._picture = self.drawing.addPixmap(QPixmap())
        self._picture.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._dots = [self.drawing.addPath(QPainterPath(), NO_PEN) for _ in class_colours(plane, LIGHT)]
        self._line = self.drawing.addPath(QPainterPath())
        self._frame = self.drawing.addRect(QRectF())
        self._chip = self.drawing.addEllipse(0, 0, CHIP, CHIP, NO_PEN)
        self._name, self._text = self.text_item(12, bold=True), self.text_item(11)
        self._square = QRectF(0, 0, 1, 1)
        self._longest: Predictions | None = None
        self._form = _counted
        self._shown: tuple[SpaceMaps, Predictions | None] | None = None
        self._pixels: Pixels | None = None
        self._boundary: Floats | None = None
        self.setToolTip(
            translate(
                "data space", "Colour: the output. Line: where the prediction changes. Point at a place."
            )
        )

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        super().set_theme(theme)
        self._chip.setBrush(QColor(theme.lanes[self.index % len(theme.lanes)]))
        self._name.setBrush(QColor(theme.text))
        self._text.setBrush(QColor(theme.muted))
        self._line.setPen(QPen(QColor(theme.text), LINE))
        self._frame.setPen(QPen(QColor(theme.border), HAIR))
        for item, colour in zip(self._dots, class_colours(self.plane, theme), strict=True):
            item.setBrush(colour)
        self._pixels = None
        self._show_again()

    def show_maps(self, maps: SpaceMaps, predictions: Predictions | None) -> None:
        """Draw the network of this lane at one step; unchanged parts are not drawn again."""
        self._shown = (maps, predictions)
        if (predictions is None) != (self._longest is None):
            self._longest = predictions and _longest(predictions)
            self._lay_out()  # this shows the maps again, in the new room
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
        if predictions is not None:
            self._write(predictions)

    def _write(self, predictions: Predictions) -> None:
        text = self._form(self.plane, predictions)
        if text != self._text.text():
            self._text.setText(text)
            wide = max(self._text.boundingRect().width(), self._square.width())
            self._text.setVisible(wide <= self.drawing.width())  # otherwise only the tooltip says it
            self._text.setPos(self._square.center().x() - wide / 2, self._square.bottom() + GAP / 2)

    def _show_again(self) -> None:
        if self._shown is not None:
            self.show_maps(*self._shown)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the plane the new room."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = max(self.viewport().width(), 20), max(self.viewport().height(), 40)
        self.drawing.setSceneRect(0, 0, width, height)
        lines = 0
        if self._longest is not None:
            self._form = self._form_that_fits(self._longest, width)
            lines = self._form(self.plane, self._longest).count("\n") + 1
        side = max(8, min(width - 2, height - NAME_HEIGHT - GAP - lines * LINE_HEIGHT))
        self._square = QRectF((width - side) // 2, NAME_HEIGHT, side, side)
        self._frame.setRect(self._square)
        self._picture.setPos(self._square.topLeft())
        self._write_name(width)
        self._draw_dots()
        self._text.setText("")
        self._pixels = self._boundary = None
        self._show_again()

    def _form_that_fits(self, longest: Predictions, width: float) -> Callable[[Plane, Predictions], str]:
        for form in (_counted, _in_two_lines):
            self._text.setText(form(self.plane, longest))
            if self._text.boundingRect().width() <= width:
                return form
        return _right

    def _write_name(self, width: float) -> None:
        room, metrics = width - CHIP - GAP, QFontMetricsF(self._name.font())
        self._name.setText(metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, room))
        left = max(min(self._square.left(), room - self._name.boundingRect().width()), 0)
        self._chip.setPos(left, 4)
        self._name.setPos(left + CHIP + GAP, 0)

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
        text = self.text_at(self.mapToScene(event.position().toPoint())) or self.toolTip()
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

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
            lines += [_counted(self.plane, predictions), _right(self.plane, predictions)]
        return "\n".join(lines)


def _counted(plane: Plane, predictions: Predictions) -> str:
    whose = (
        translate("data space", "test: {0}")
        if plane.has_test_samples
        else translate("data space", "training: {0}")
    )
    return whose.format(", ".join(_counts(plane, predictions)))


def _in_two_lines(plane: Plane, predictions: Predictions) -> str:
    counts = _counts(plane, predictions)
    if len(counts) < 3:
        return "\n".join(counts)
    return translate("data space", "predicted {0}").format(", ".join(map(str, predictions.counts)))


def _right(_plane: Plane, predictions: Predictions) -> str:
    samples = sum(predictions.counts)
    return translate("data space", "{0} of {1} right").format(round(predictions.accuracy * samples), samples)


def _counts(plane: Plane, predictions: Predictions) -> list[str]:
    if predictions.undefined:
        return [translate("data space", "{0} are NaN").format(predictions.undefined)]
    counted = zip(predictions.counts, plane.class_names, strict=True)
    return [translate("data space", "{0} predicted {1}").format(count, name) for count, name in counted]


def _longest(predictions: Predictions) -> Predictions:
    """Return predictions of as many samples whose text needs the most room."""
    samples = sum(predictions.counts)
    return replace(predictions, counts=(samples,) * len(predictions.counts), accuracy=1.0, undefined=0)


class DataSpaceCard(QFrame):
    """Shows the data space of every lane at the same scale. Signals: `context_menu_requested(SpaceView)`."""

    context_menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_space")
        self.setProperty("card", True)
        self._theme = LIGHT
        self.drawings: list[SpaceView] = []
        self._title, self._legend, self._room = (
            QLabel(translate("data space", "Data space")),
            QLabel(),
            QWidget(),
        )
        self._title.setProperty("caption", True)
        self._legend.setProperty("small", True)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._legend.setMinimumWidth(1)
        header = QHBoxLayout()
        header.addWidget(self._title)
        header.addWidget(self._legend, 1)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(10, 6, 8, 4)
        self._rows.setSpacing(2)
        self._rows.addLayout(header)
        self._rows.addWidget(self._room, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for view in self.drawings:
            view.set_theme(theme)
        self._write_legend()

    def show_experiment(self, names: Sequence[str], planes: Sequence[Plane]) -> None:
        """Show the planes of the lanes of another experiment, with their training samples."""
        for view in self.drawings:
            view.setParent(None)
            view.deleteLater()
        lanes = enumerate(zip(names, planes, strict=True))
        self.drawings = [SpaceView(index, name, plane, self._room) for index, (name, plane) in lanes]
        for view in self.drawings:
            view.set_theme(self._theme)
            view.context_menu_requested.connect(self.context_menu_requested)
            view.show()
        self._place()

    def show_maps(self, maps: Sequence[SpaceMaps], predictions: Sequence[Predictions | None]) -> None:
        """Draw all lanes at one step."""
        for view, shown, predicted in zip(self.drawings, maps, predictions, strict=True):
            view.show_maps(shown, predicted)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the planes the new room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        """Give all planes exactly the same size, so that they have the same scale."""
        self._rows.activate()
        self._write_legend()
        count = max(len(self.drawings), 1)
        width = max((self._room.width() - SPACING * (count - 1)) // count, 1)
        for index, view in enumerate(self.drawings):
            view.setGeometry(index * (width + SPACING), 0, width, self._room.height())

    def _write_legend(self) -> None:
        """Write what the colours mean, and as many notes as there is room for."""
        if not self.drawings:
            self._legend.clear()
            return
        plane = self.drawings[0].plane
        colours = [colour.name() for colour in class_colours(plane, self._theme)]
        legend = tuple(zip(_class_words(plane), colours, strict=True))
        for view in self.drawings:
            view.legend = legend
        chips = [f'<span style="color:{colour}">●</span> {escape(name)}' for name, colour in legend]
        for said in (*_notes(plane), []):
            self._legend.setText("&nbsp;&nbsp; ".join([*chips, *said]))
            if self._legend.sizeHint().width() <= self._legend.width():
                return
        self._legend.clear()


def _class_words(plane: Plane) -> list[str]:
    if not plane.class_names:
        middle = words.number(plane.middle)
        return [
            translate("data space", "below {0}").format(middle),
            translate("data space", "above {0}").format(middle),
        ]
    return [
        translate("data space", "class {0}").format(name) if name.isdigit() else name
        for name in plane.class_names
    ]


def _notes(plane: Plane) -> list[list[str]]:
    """Return the further notes of the legend in full, then shorter ones."""
    dots, line = (
        translate("data space", "dots: training samples"),
        translate("data space", "line: the prediction changes"),
    )
    if not plane.class_names:
        return [[dots]]
    counts, brief = (
        translate("data space", "counts: training samples"),
        translate("data space", "dots, counts: training"),
    )
    if plane.has_test_samples:
        counts, brief = (
            translate("data space", "counts: test samples"),
            translate("data space", "dots: training, counts: test"),
        )
    return [[dots, counts, line], [dots, counts], [brief]]
