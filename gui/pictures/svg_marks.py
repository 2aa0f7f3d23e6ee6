"""Colours, pens, brushes and paths of Qt as SVG writes them."""

from __future__ import annotations

from base64 import b64encode
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QDataStream, QIODevice, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from engine.output.lettering import plain

Attributes = dict[str, str]

SOLID = Qt.BrushStyle.SolidPattern
NO_BRUSH, NO_PEN = Qt.BrushStyle.NoBrush, Qt.PenStyle.NoPen
MOVE = 0
LETTERS = np.array(["M", "L", "C", " "])
"""What stands before an element of a path of Qt: a move, a line, a curve, or the rest of the points of a curve."""
ELEMENT = np.dtype([("kind", ">i4"), ("place", ">f8", 2)])
DECIMALS = 2
TILE = 8
"""Pixels of a side of the smallest piece that Qt's patterns repeat."""
PENCILS = {
    Qt.PenCapStyle.FlatCap: "butt",
    Qt.PenCapStyle.SquareCap: "square",
    Qt.PenCapStyle.RoundCap: "round",
}
JOINTS = {
    Qt.PenJoinStyle.MiterJoin: "miter",
    Qt.PenJoinStyle.SvgMiterJoin: "miter",
    Qt.PenJoinStyle.BevelJoin: "bevel",
    Qt.PenJoinStyle.RoundJoin: "round",
}


def number(value: float) -> str:
    """Return a number to a hundredth of a pixel."""
    return f"{round(value, DECIMALS):g}"


def numbers(*values: float) -> str:
    """Return numbers, separated by commas."""
    return ",".join(map(number, values))


def escaped(text: str) -> str:
    """Return a text between elements or quotation marks, without the characters that XML does not know."""
    return escape(plain(text), {'"': "&quot;"})


def element(name: str, attributes: Attributes, inside: str = "") -> str:
    """Return an element around what is inside, which is XML already."""
    head = " ".join([name, *(f'{key}="{escaped(value)}"' for key, value in attributes.items())])
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


def path_data(path: QPainterPath) -> str:
    """Return the attribute `d` of a path; what ends where it began is closed."""
    kinds, places = _elements(path)
    begins = np.flatnonzero(kinds == MOVE)
    ends = np.append(begins[1:], len(kinds)) - 1
    closed = (places[begins] == places[ends]).all(axis=1) & (ends > begins)
    closes = np.full(len(kinds), "", "<U1")
    closes[ends[closed]] = "Z"
    x, y = np.round(places, DECIMALS).T.tolist()
    words = zip(LETTERS[kinds].tolist(), x, y, closes.tolist(), strict=True)
    return "".join([f"{letter}{across},{down}{close}" for letter, across, down, close in words])


def _elements(path: QPainterPath) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the kinds (n,) and the places (n, 2) of the elements of a path.

    They are read from the bytes that Qt writes of it: asking for one element after another takes ten times as long.
    """
    data = QByteArray()
    stream = QDataStream(data, QIODevice.OpenModeFlag.WriteOnly)
    _ = stream << path
    elements = np.frombuffer(data.data(), ELEMENT, path.elementCount(), np.dtype(np.int32).itemsize)
    return elements["kind"].astype(np.int32), elements["place"].astype(np.float64)


def bounds(path: QPainterPath, pen: QPen) -> QRectF:
    """Return what a path covers together with its line."""
    around = (
        0.0 if pen.style() is NO_PEN else pen.widthF()
    )  # half of it, and more where lines meet at an angle
    return path.controlPointRect().adjusted(-around, -around, around, around)


def fill_rule(path: QPainterPath) -> Attributes:
    """Return which places inside lines that cross each other are filled."""
    return {"fill-rule": "evenodd"} if path.fillRule() is Qt.FillRule.OddEvenFill else {}


def colour(name: str, of: QColor) -> Attributes:
    """Return the attributes that give `fill` or `stroke` a colour."""
    opacity = {f"{name}-opacity": f"{of.alphaF():.3g}"} if of.alpha() < 255 else {}
    return {name: of.name(), **opacity}


def stroke(pen: QPen) -> Attributes:
    """Return the attributes of a line. A pen of width 0 draws one pixel, as a cosmetic one does at any scale."""
    if pen.style() is NO_PEN:
        return {}
    width = pen.widthF() or 1.0
    made = colour("stroke", pen.color()) | {"stroke-width": number(width)}
    if pen.capStyle() is not Qt.PenCapStyle.FlatCap:
        made["stroke-linecap"] = PENCILS[pen.capStyle()]
    made["stroke-linejoin"] = JOINTS[pen.joinStyle()]
    if pen.style() is not Qt.PenStyle.SolidLine:
        made["stroke-dasharray"] = numbers(*(part * width for part in pen.dashPattern()))
        made["stroke-dashoffset"] = number(pen.dashOffset() * width)
    return made


def matrix(transform: QTransform) -> Attributes:
    """Return the attribute that moves and scales an element; none where nothing is moved."""
    if transform.isIdentity():
        return {}
    if transform.type() is QTransform.TransformationType.TxTranslate:
        return {"transform": f"translate({numbers(transform.dx(), transform.dy())})"}
    parts = transform.m11(), transform.m12(), transform.m21(), transform.m22()
    turned = ",".join(f"{part:.6g}" for part in parts)
    return {"transform": f"matrix({turned},{numbers(transform.dx(), transform.dy())})"}


def tile(brush: QBrush) -> QPainterPath:
    """Return the pixels that one of Qt's patterns sets in a square of `TILE` pixels."""
    image = QImage(TILE, TILE, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.fillRect(image.rect(), brush)
    painter.end()
    path = QPainterPath()
    for y in range(TILE):
        for x in range(TILE):
            if image.pixelColor(x, y).alpha():
                path.addRect(x, y, 1, 1)
    return path


def png_link(image: QImage) -> str:
    """Return a picture as PNG inside a link."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return "data:image/png;base64," + b64encode(data.data()).decode()
