"""Something to paint on that becomes an SVG file, the same in every program that opens it.

Whatever a QPainter paints arrives here: widgets, scenes, texts of any kind. Everything becomes a path or a picture. Texts
are outlines, because programs that lack a typeface take another, which is wider; their words are kept as labels. Qt's
own QSvgGenerator writes texts that need the typeface, gives the lines of views giant pens and loses clips inside widgets.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLine, QLineF, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QImage,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QTextItem,
    QTransform,
)

from gui.pictures.clipping import contains, cut_line, intersection, is_rectangle, outline
from gui.pictures.svg_marks import (
    NO_BRUSH,
    NO_PEN,
    SOLID,
    TILE,
    Attributes,
    bounds,
    colour,
    element,
    escaped,
    fill_rule,
    matrix,
    number,
    path_data,
    png_link,
    stroke,
    tile,
)

Feature = QPaintEngine.PaintEngineFeature
FEATURES = (
    Feature.PrimitiveTransform
    | Feature.PatternTransform
    | Feature.PixmapTransform
    | Feature.PatternBrush
    | Feature.AlphaBlend
    | Feature.PainterPaths
    | Feature.Antialiasing
    | Feature.ConstantOpacity
    | Feature.PorterDuff
    | Feature.BlendModes
    | Feature.PaintOutsidePaintEvent
)
"""What is written as it is; QPainter turns the rest, gradients and lines with a pattern, into these."""
DOTS_PER_INCH = 96
"""A pixel of SVG is the 96th part of an inch."""
Dirty = QPaintEngine.DirtyFlag
CLIPPING = Dirty.DirtyClipRegion | Dirty.DirtyClipPath | Dirty.DirtyClipEnabled
NAME = "{name}"
"""Stands for the name of a definition until it has one; no path and no picture contains it."""
FINENESS = 4
"""Pixels of a picture that is cut for each pixel on the screen."""
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class _SvgEngine(QPaintEngine):
    """Writes down what is painted, one element after another."""

    def __init__(self) -> None:
        super().__init__(FEATURES)
        self.elements: list[str] = []
        self.definitions: dict[str, str] = {}
        """Patterns, by what they hold; the value is the name."""
        self._clip: QPainterPath | None = None
        self._clips = False
        self._words = ""

    def begin(self, device: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, state: QPaintEngineState) -> None:
        """Follow the clip; everything else is asked for when something is painted."""
        changed = state.state()
        if not changed & CLIPPING:
            return
        if changed & Dirty.DirtyClipRegion:
            region = QPainterPath()
            region.addRegion(state.clipRegion())
            self._take_clip(state.transform().map(region), state.clipOperation())
        if changed & Dirty.DirtyClipPath:
            self._take_clip(state.transform().map(state.clipPath()), state.clipOperation())
        if changed & Dirty.DirtyClipEnabled:
            self._clips = state.isClipEnabled()

    def _take_clip(self, path: QPainterPath, operation: Qt.ClipOperation) -> None:
        if operation is Qt.ClipOperation.NoClip:
            self._clip = None
        elif operation is Qt.ClipOperation.ReplaceClip or self._clip is None:
            self._clip = path
        else:
            self._clip = intersection(self._clip, path)
        self._clips = self._clip is not None

    def drawPath(self, path: QPainterPath) -> None:
        self._draw(path, self.painter().brush())

    def drawRects(self, rects: Sequence[QRect | QRectF]) -> None:  # type: ignore[override]
        for rect in rects:
            path = QPainterPath()
            path.addRect(QRectF(rect))
            self._draw(path, self.painter().brush())

    def drawEllipse(self, rect: QRect | QRectF) -> None:  # type: ignore[override]
        path = QPainterPath()
        path.addEllipse(QRectF(rect))
        self._draw(path, self.painter().brush())

    def drawLines(self, lines: Sequence[QLine | QLineF]) -> None:  # type: ignore[override]
        path = QPainterPath()
        for line in lines:
            path.moveTo(QPointF(line.p1()))
            path.lineTo(QPointF(line.p2()))
        self._draw(path, QBrush())

    def drawPoints(self, points: Sequence[QPoint | QPointF]) -> None:  # type: ignore[override]
        path = QPainterPath()
        for point in points:
            path.moveTo(QPointF(point))
            path.lineTo(QPointF(point) + QPointF(0.01, 0))  # a line without length has no ends
        self._draw(path, QBrush())

    def drawPolygon(  # type: ignore[override]
        self, points: Sequence[QPoint | QPointF], mode: QPaintEngine.PolygonDrawMode
    ) -> None:
        path, kinds = QPainterPath(), QPaintEngine.PolygonDrawMode
        path.addPolygon(QPolygonF([QPointF(point) for point in points]))
        if mode is kinds.PolylineMode:
            self._draw(path, QBrush())
            return
        path.closeSubpath()
        if mode is kinds.WindingMode:
            path.setFillRule(Qt.FillRule.WindingFill)
        self._draw(path, self.painter().brush())

    def drawTextItem(self, place: QPointF, item: QTextItem) -> None:  # type: ignore[override]
        """Let Qt find the outlines, which come back as a path."""
        self._words = item.text()
        super().drawTextItem(place, item)
        self._words = ""

    def drawPixmap(self, target: QRectF, pixmap: QPixmap, source: QRectF) -> None:  # type: ignore[override]
        self.drawImage(target, pixmap.toImage(), source)

    def drawImage(  # type: ignore[override]
        self, target: QRectF, image: QImage, source: QRectF, flags: Qt.ImageConversionFlag | None = None
    ) -> None:
        transform = self.painter().deviceTransform()
        part = image if source == QRectF(image.rect()) else image.copy(source.toAlignedRect())
        if self._clips and self._clip is not None and not contains(self._clip, transform.mapRect(target)):
            area = transform.inverted()[0].mapRect(self._clip.boundingRect())
            if not target.intersects(area):
                return
            part, target = _cut_picture(image, target, source, area)
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        coarse = {} if self.painter().testRenderHint(smooth) else {"image-rendering": "optimizeSpeed"}
        attributes = {
            "x": number(target.x()),
            "y": number(target.y()),
            "width": number(target.width()),
            "height": number(target.height()),
            "preserveAspectRatio": "none",
            "xlink:href": png_link(part),
        }
        self._write("image", attributes | coarse | matrix(transform))

    def _draw(self, path: QPainterPath, brush: QBrush) -> None:
        painter = self.painter()
        pen, transform = painter.pen(), painter.deviceTransform()
        if pen.style() is not NO_PEN and pen.isCosmetic():
            path, transform = transform.map(path), QTransform()
        place = transform.mapRect(bounds(path, pen))
        if self._clips and self._clip is not None and not contains(self._clip, place):
            self._draw_cut(transform.map(path), brush, pen, transform)
        else:
            self._write_path(path, brush, pen, transform)

    def _draw_cut(self, path: QPainterPath, brush: QBrush, pen: QPen, transform: QTransform) -> None:
        """Write what the clip leaves of a path, which is where it belongs already."""
        assert self._clip is not None, "there is something to cut with"
        if brush.style() is not NO_BRUSH:
            self._write_path(self._clip.intersected(path), brush, QPen(NO_PEN), QTransform())
        if pen.style() is NO_PEN:
            return
        pen = QPen(pen)
        pen.setWidthF(pen.widthF() * abs(transform.determinant()) ** 0.5)
        if is_rectangle(self._clip):
            self._write_path(cut_line(path, self._clip.boundingRect()), QBrush(), pen, QTransform())
        else:
            covered = self._clip.intersected(outline(path, pen))
            self._write_path(covered, QBrush(pen.color()), QPen(NO_PEN), QTransform())

    def _write_path(self, path: QPainterPath, brush: QBrush, pen: QPen, transform: QTransform) -> None:
        if path.isEmpty() or (brush.style() is NO_BRUSH and pen.style() is NO_PEN):
            return
        attributes = {"d": path_data(path)} | self._fill(brush) | stroke(pen) | matrix(transform)
        if brush.style() is not NO_BRUSH:
            attributes |= fill_rule(path)
        self._write("path", attributes)

    def _fill(self, brush: QBrush) -> Attributes:
        if brush.style() is NO_BRUSH:
            return {}
        return colour("fill", brush.color()) if brush.style() is SOLID else {"fill": self._pattern(brush)}

    def _pattern(self, brush: QBrush) -> str:
        image = brush.textureImage()
        if image.isNull():
            inside = element("path", {"d": path_data(tile(brush))} | colour("fill", brush.color()))
            width = height = TILE
        else:
            width, height = image.width(), image.height()
            size = {"width": number(width), "height": number(height)}
            inside = element("image", size | {"xlink:href": png_link(image)})
        moved = {"pattern" + key.capitalize(): value for key, value in matrix(brush.transform()).items()}
        size = {"width": number(width), "height": number(height), "patternUnits": "userSpaceOnUse"}
        return self._define("pattern", size | moved, inside)

    def _define(self, name: str, attributes: Attributes, inside: str) -> str:
        held = element(name, {"id": NAME} | attributes, inside)
        key = self.definitions.setdefault(held, f"{name.lower()}{len(self.definitions) + 1}")
        return f"url(#{key})"

    def _write(self, name: str, attributes: Attributes) -> None:
        opacity = self.painter().opacity()
        if opacity < 1:
            attributes["opacity"] = f"{opacity:.3g}"
        if self._words:
            attributes["aria-label"] = self._words
        self.elements.append(element(name, attributes))


def _cut_picture(image: QImage, target: QRectF, source: QRectF, area: QRectF) -> tuple[QImage, QRectF]:
    """Return the part of a picture inside an area, and where that is."""
    place = target & area
    across, down = source.width() / target.width(), source.height() / target.height()
    seen = place.translated(-target.topLeft())
    part = QRectF(seen.x() * across, seen.y() * down, seen.width() * across, seen.height() * down)
    cut = QImage((place.size() * FINENESS).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    cut.fill(Qt.GlobalColor.transparent)
    painter = QPainter(cut)
    painter.drawImage(QRectF(cut.rect()), image, part.translated(source.topLeft()))
    painter.end()
    return cut, place


class SvgDevice(QPaintDevice):
    """Paint on it with a QPainter and end that; then `svg()` is the file."""

    def __init__(self, size: QSize, title: str) -> None:
        """Be `size` pixels large."""
        super().__init__()
        self._size, self._title = size, title
        self._engine = _SvgEngine()

    def paintEngine(self) -> QPaintEngine:
        """Return what writes down what is painted."""
        return self._engine

    def metric(self, metric: QPaintDevice.PaintDeviceMetric) -> int:
        """Return the size and the resolution."""
        wanted = QPaintDevice.PaintDeviceMetric
        inch = 25.4
        return {
            wanted.PdmWidth: self._size.width(),
            wanted.PdmHeight: self._size.height(),
            wanted.PdmWidthMM: round(self._size.width() * inch / DOTS_PER_INCH),
            wanted.PdmHeightMM: round(self._size.height() * inch / DOTS_PER_INCH),
            wanted.PdmDepth: 32,
            wanted.PdmDpiX: DOTS_PER_INCH,
            wanted.PdmDpiY: DOTS_PER_INCH,
            wanted.PdmPhysicalDpiX: DOTS_PER_INCH,
            wanted.PdmPhysicalDpiY: DOTS_PER_INCH,
            wanted.PdmDevicePixelRatio: 1,
            wanted.PdmDevicePixelRatioScaled: round(self.devicePixelRatioFScale()),
        }.get(metric, 0)

    def svg(self) -> bytes:
        """Return the file."""
        size = {"width": str(self._size.width()), "height": str(self._size.height())}
        head = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}
        box = {"viewBox": f"0 0 {size['width']} {size['height']}"}
        held = [kept.replace(NAME, name) for kept, name in self._engine.definitions.items()]
        parts = [
            element("title", {}, escaped(self._title)),
            element("defs", {}, "\n".join(held)),
            element("g", {"fill": "none"}, "\n".join(self._engine.elements)),
        ]
        return (DECLARATION + element("svg", head | size | box, "\n".join(parts)) + "\n").encode()
