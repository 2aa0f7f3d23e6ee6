"""Whatever a QPainter paints looks the same in the SVG file, in programs that are independent of each other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QRegion,
)
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.output.figures import curves_svg, heatmaps_svg
from gui.look.theme import load_fonts
from gui.pictures.painting import paint_widget
from gui.pictures.svg_device import SvgDevice

from .renderers import ZOOM, by_qt, by_resvg, largest_difference, pixels

SVG = "{http://www.w3.org/2000/svg}"
PATH = f"{SVG}path"
Paint = Callable[[QPainter], None]
SIZE = QSize(160, 120)
SMALL_DIFFERENCE = 12.0
"""Programs smooth edges differently; a line of two pixels that is missing makes a difference of 60 and more."""


def svg(paint: Paint) -> bytes:
    device = SvgDevice(SIZE, "a test")
    painter = QPainter(device)
    painter.fillRect(0, 0, SIZE.width(), SIZE.height(), QColor("white"))
    paint(painter)
    painter.end()
    return device.svg()


def image(paint: Paint) -> QImage:
    picture = QImage(SIZE * ZOOM, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ZOOM)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter)
    painter.end()
    return picture


def checkerboard() -> QImage:
    board = QImage(4, 4, QImage.Format.Format_RGB32)
    for place in range(16):
        across, down = place % 4, place // 4
        board.setPixelColor(across, down, QColor("red" if (across + down) % 2 else "blue"))
    return board


def shapes(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("red"), 3))
    painter.setBrush(QColor("yellow"))
    painter.drawRect(10, 10, 40, 30)
    painter.drawEllipse(QRectF(60, 10, 50, 30))
    painter.drawRoundedRect(QRectF(10, 60, 60, 40), 8, 8)
    painter.drawPolygon(QPolygonF([QPointF(90, 60), QPointF(150, 70), QPointF(100, 110)]))


def lines(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("navy"), 2))
    painter.drawLines([QLineF(5, 5, 150, 20), QLineF(5, 30, 150, 30)])
    painter.drawPolyline([QPointF(5, 50), QPointF(60, 90), QPointF(150, 50)])
    painter.setPen(QPen(QColor("green"), 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoint(20, 100)
    painter.drawLine(60, 105, 120, 105)


def dashes(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("black"), 2, Qt.PenStyle.DashLine))
    painter.drawLine(5, 20, 150, 20)
    painter.setPen(QPen(QColor("black"), 3, Qt.PenStyle.DotLine))
    painter.drawLine(5, 60, 150, 100)


def transforms(painter: QPainter) -> None:
    painter.translate(80, 60)
    painter.rotate(30)
    painter.scale(2, 1)
    painter.setPen(QPen(QColor("red"), 4))
    painter.drawRect(-20, -20, 40, 40)


def transparency(painter: QPainter) -> None:
    painter.fillRect(10, 10, 80, 80, QColor(255, 0, 0, 128))
    painter.setOpacity(0.5)
    painter.fillRect(50, 30, 80, 80, QColor("blue"))


def holes(painter: QPainter) -> None:
    for left, rule in ((0, Qt.FillRule.OddEvenFill), (80, Qt.FillRule.WindingFill)):
        path = QPainterPath()
        path.setFillRule(rule)
        path.addRect(left + 5, 10, 70, 90)
        path.addRect(left + 25, 30, 30, 40)
        painter.fillPath(path, QColor("green"))


def fills_in_a_clip(painter: QPainter) -> None:
    painter.setClipRect(20, 20, 60, 60)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("orange"))
    painter.drawEllipse(QRectF(40, 40, 100, 100))
    painter.drawRect(0, 0, 40, 40)


def lines_in_a_clip(painter: QPainter) -> None:
    painter.save()
    painter.setClipRect(20, 20, 100, 60)
    painter.setPen(QPen(QColor("black"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(
        [QPointF(0, 50), QPointF(40, -50), QPointF(60, 200), QPointF(90, 50), QPointF(160, 50)]
    )
    painter.drawEllipse(QRectF(60, 40, 100, 80))
    painter.restore()
    painter.setPen(QPen(QColor("red"), 2))
    painter.drawLine(0, 110, 160, 110)  # the clip is over


def round_clips_in_each_other(painter: QPainter) -> None:
    painter.setClipRect(0, 0, 90, 120)
    painter.translate(20, 10)
    circle = QPainterPath()
    circle.addEllipse(0, 0, 100, 100)
    painter.setClipPath(circle, Qt.ClipOperation.IntersectClip)
    painter.fillRect(0, 0, 160, 60, QColor("teal"))
    painter.setPen(QPen(QColor("black"), 4))
    painter.drawLine(0, 80, 160, 80)


def a_clip_of_two_rectangles(painter: QPainter) -> None:
    painter.setClipRegion(QRegion(10, 10, 40, 100).united(QRegion(90, 10, 40, 100)))
    painter.fillRect(0, 40, 160, 40, QColor("purple"))


def pictures(painter: QPainter) -> None:
    board = checkerboard()
    painter.drawImage(QRectF(10, 10, 64, 64), board, QRectF(board.rect()))
    painter.drawPixmap(QRectF(90, 10, 32, 32), QPixmap.fromImage(board), QRectF(0, 0, 2, 2))
    painter.setClipRect(90, 60, 40, 40)
    painter.drawImage(QRectF(74, 44, 64, 64), board, QRectF(board.rect()))


def patterns(painter: QPainter) -> None:
    painter.fillRect(10, 10, 60, 60, QBrush(QColor("red"), Qt.BrushStyle.BDiagPattern))
    painter.fillRect(80, 10, 60, 60, QBrush(QColor("blue"), Qt.BrushStyle.Dense5Pattern))
    painter.fillRect(10, 80, 60, 30, QBrush(checkerboard()))


def gradients(painter: QPainter) -> None:
    gradient = QLinearGradient(0, 0, 160, 0)
    gradient.setColorAt(0, QColor("red"))
    gradient.setColorAt(1, QColor("blue"))
    painter.fillRect(0, 20, 160, 60, gradient)


def texts(painter: QPainter) -> None:
    font = QFont(load_fonts())
    font.setPixelSize(20)
    painter.setFont(font)
    painter.setPen(QColor("black"))
    painter.drawText(QPointF(10, 30), "loss 0.6931")
    painter.translate(10, 110)
    painter.rotate(-30)
    painter.drawText(QPointF(0, 0), "W1·X < 3")


@pytest.mark.parametrize(
    "paint",
    [
        shapes,
        lines,
        dashes,
        transforms,
        transparency,
        holes,
        fills_in_a_clip,
        lines_in_a_clip,
        round_clips_in_each_other,
        a_clip_of_two_rectangles,
        pictures,
        patterns,
        gradients,
        texts,
    ],
)
def test_what_is_painted_looks_the_same_in_two_programs(qapp: QApplication, paint: Paint) -> None:
    file, wanted = svg(paint), pixels(image(paint))
    assert largest_difference(by_qt(file), wanted) < SMALL_DIFFERENCE
    assert largest_difference(by_resvg(file), wanted) < SMALL_DIFFERENCE


@pytest.mark.parametrize("width", [0, 3])
def test_a_cosmetic_line_is_as_wide_at_every_scale(qapp: QApplication, width: int) -> None:
    def paint(painter: QPainter) -> None:
        pen = QPen(QColor("blue"), width)
        pen.setCosmetic(True)
        painter.scale(10, 10)
        painter.setPen(pen)
        painter.drawLine(1, 1, 9, 1)

    (line,) = (path for path in ET.fromstring(svg(paint)).iter(PATH) if path.get("stroke"))
    assert line.attrib["stroke-width"] == str(width or 1)
    assert line.attrib["d"] == "M10.0,10.0L90.0,10.0"
    assert "transform" not in line.attrib


def test_a_text_needs_no_typeface_and_its_words_can_still_be_found(qapp: QApplication) -> None:
    file = svg(texts)
    assert not list(ET.fromstring(file).iter(f"{SVG}text"))
    labels = [path.get("aria-label") for path in ET.fromstring(file).iter(PATH)]
    assert [label for label in labels if label] == ["loss 0.6931", "W1·X < 3"]
    assert b"font" not in file


def test_a_clip_leaves_no_clip_in_the_file(qapp: QApplication) -> None:
    """Not every program knows clips: Qt's own renderer does not."""
    assert b"clip" not in svg(lines_in_a_clip) + svg(round_clips_in_each_other) + svg(pictures)


def test_what_is_outside_a_clip_is_not_in_the_file(qapp: QApplication) -> None:
    def paint(painter: QPainter) -> None:
        painter.setClipRect(0, 0, 40, 40)
        painter.fillRect(60, 60, 20, 20, QColor("red"))
        painter.drawLine(60, 60, 80, 80)
        painter.drawImage(QRectF(60, 60, 20, 20), checkerboard(), QRectF(0, 0, 4, 4))

    root = ET.fromstring(svg(paint))
    assert len([*root.iter(PATH), *root.iter(f"{SVG}image")]) == 1, "the white ground"


@pytest.mark.parametrize("text", ["<b>&\"'", "\x00\x08 bell", "多层感知机", "\ud800", "\U0001f600"])
def test_any_text_gives_a_file_that_can_be_read(qapp: QApplication, text: str) -> None:
    device = SvgDevice(SIZE, text)
    painter = QPainter(device)
    painter.drawText(QPointF(10, 30), text)
    painter.end()
    root = ET.fromstring(device.svg())
    (title,) = root.iter(f"{SVG}title")
    allowed = "".join(letter for letter in text if letter >= " " and not "\ud800" <= letter <= "\udfff")
    assert (title.text or "") == allowed


def test_a_rounded_label_stays_round_in_the_file(qtbot: QtBot, qapp: QApplication) -> None:
    """Style sheets paint round corners by clips inside of clips."""
    label = QLabel()
    qtbot.addWidget(label)
    label.setStyleSheet("background: red; border-radius: 20px;")
    label.resize(40, 40)
    label.show()
    device = SvgDevice(QSize(40, 40), "round")
    painter = QPainter(device)
    painter.fillRect(0, 0, 40, 40, QColor("white"))
    paint_widget(label, painter)
    painter.end()
    for render in (by_qt, by_resvg):
        picture = render(device.svg())
        assert picture[2, 2].tolist() == [255, 255, 255]
        assert picture[40, 40].tolist() == [255, 0, 0]
        covered = (picture[..., 1] < 128).mean()
        assert covered == pytest.approx(0.785, abs=0.01), "a circle in its square"


def test_figures_of_run_look_the_same_in_two_programs_without_any_typeface(qapp: QApplication) -> None:
    curve = {"step": [0, 10, 20], "loss": [3.0, 2.0, 1.0]}
    for figure in (
        curves_svg({"zeros": curve, "he, learning rate 0.1": curve}, "loss"),
        heatmaps_svg("random after 3,000 steps", [np.eye(3) - 0.5, np.ones((3, 1))]),
    ):
        by_one, by_other = by_qt(figure.encode()), by_resvg(figure.encode())
        assert largest_difference(by_one, by_other) < SMALL_DIFFERENCE
        assert (by_other[: 24 * ZOOM] < 128).any(), "the title is there"
