"""What is left of a path inside a clip. Not every program that opens SVG knows clips; a path that is cut needs none."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPen, QPolygonF, QTransform

CORNERS = 4


def contains(clip: QPainterPath, place: QRectF) -> bool:
    """Return whether a rectangle is inside a clip; its sides may touch those of a clip that is one, too."""
    return clip.boundingRect().contains(place) if is_rectangle(clip) else clip.contains(place)


def intersection(one: QPainterPath, other: QPainterPath) -> QPainterPath:
    """Return what two clips share."""
    if is_rectangle(one) and is_rectangle(other):
        return rectangle(one.boundingRect() & other.boundingRect())
    return one.intersected(other)


def is_rectangle(path: QPainterPath) -> bool:
    """Return whether a path is an upright rectangle, begun at its upper left corner."""
    return path.elementCount() == CORNERS + 1 and path == rectangle(path.boundingRect())


def rectangle(of: QRectF) -> QPainterPath:
    """Return a rectangle as a path."""
    path = QPainterPath()
    path.addRect(of)
    return path


def cut_line(path: QPainterPath, area: QRectF) -> QPainterPath:
    """Return the parts of a line inside a rectangle, as lines."""
    cut = QPainterPath()
    for polygon in path.toSubpathPolygons(QTransform()):
        _cut_polygon(polygon, area, cut)
    return cut


def _cut_polygon(polygon: QPolygonF, area: QRectF, cut: QPainterPath) -> None:
    points, goes_on = polygon.toList(), False
    for start, end in pairwise(points):
        shares = _shares_inside(start, end - start, area)
        if shares is None:
            goes_on = False
            continue
        first, last = shares
        if not goes_on or first > 0:
            cut.moveTo(start + (end - start) * first)
        cut.lineTo(start + (end - start) * last)
        goes_on = last == 1


def _shares_inside(start: QPointF, way: QPointF, area: QRectF) -> tuple[float, float] | None:
    """Return between which shares of its way a segment is inside a rectangle (Liang and Barsky 1984)."""
    first, last = 0.0, 1.0
    for speed, room in (
        (-way.x(), start.x() - area.left()),
        (way.x(), area.right() - start.x()),
        (-way.y(), start.y() - area.top()),
        (way.y(), area.bottom() - start.y()),
    ):
        if not speed:
            if room < 0:
                return None
        elif speed < 0:
            first = max(first, room / speed)
        else:
            last = min(last, room / speed)
    return (first, last) if first <= last else None


def outline(path: QPainterPath, pen: QPen) -> QPainterPath:
    """Return what a line covers."""
    stroker = QPainterPathStroker(pen)
    return stroker.createStroke(path)
