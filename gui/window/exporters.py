"""Pictures of drawings, of the whole figure and of the window, as PNG or SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QTextDocumentFragment
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel, QWidget

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.output.export import save_file, write_file
from gui.canvas.scene import SceneView
from gui.look.theme import Theme

SHARPNESS = 2
"""Pixels of a PNG for each pixel on the screen."""
SVG = "http://www.w3.org/2000/svg"
FORMATS = "PNG (*.png);;SVG (*.svg)"

ET.register_namespace("", SVG)


def drawing_image(drawing: SceneView) -> QImage:
    """Return a picture of one graph, heatmap or plot at twice its size on the screen."""
    size = _size(drawing)
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    image.fill(QColor(drawing.theme.surface))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.paint_into(painter, QRectF(image.rect()))
    painter.end()
    return image


def drawing_svg(drawing: SceneView) -> bytes:
    """Return one graph, heatmap or plot as SVG."""
    return ET.tostring(_drawing_element(drawing), encoding="utf-8", xml_declaration=True)


def widget_image(widget: QWidget) -> QImage:
    """Return a picture of a widget with everything in it, at twice its size on the screen."""
    image = QImage(widget.size() * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(widget.palette().window().color())
    widget.render(image, QPoint())
    return image


def figure_svg(figure: QWidget, drawings: list[SceneView], theme: Theme) -> bytes:
    """Return a widget as SVG: its drawings and the texts of its labels, each where it is on the screen."""
    size = figure.size()
    root = ET.Element(f"{{{SVG}}}svg", _box(0, 0, size))
    root.append(ET.Element(f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": theme.window}))
    for card in figure.findChildren(QWidget):
        if card.property("card") and card.isVisible():
            root.append(_card_element(card, figure, theme))
    for drawing in drawings:
        place = drawing.mapTo(figure, QPoint())
        element = _drawing_element(drawing)
        element.attrib.update({"x": str(place.x()), "y": str(place.y())})
        root.append(element)
    for label in figure.findChildren(QLabel):
        if label.isVisible():
            root.extend(_label_elements(label, figure))
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def save_picture(path: Path, image: QImage) -> None:
    """Write a picture; raise FileError, naming the path, if that fails."""
    save_file(path, lambda temporary: image.save(str(temporary)))


def save_drawing(path: Path, drawing: SceneView) -> None:
    """Write one drawing as PNG or SVG, by the suffix of the path."""
    if _is_svg(path):
        write_file(path, drawing_svg(drawing))
    else:
        save_picture(path, drawing_image(drawing))


def save_figure(path: Path, figure: QWidget, drawings: list[SceneView], theme: Theme) -> None:
    """Write the whole figure as PNG or SVG, by the suffix of the path."""
    if _is_svg(path):
        write_file(path, figure_svg(figure, drawings, theme))
    else:
        save_picture(path, widget_image(figure))


def _is_svg(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in {".png", ".svg"}:
        raise FileError(path, Problem.NO_PICTURE_NAME)
    return suffix == ".svg"


def _size(drawing: SceneView) -> QSize:
    return drawing.drawing.sceneRect().size().toSize()


def _drawing_element(drawing: SceneView) -> ET.Element:
    size = _size(drawing)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(drawing.title)
    painter = QPainter(generator)
    drawing.paint_into(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    element = ET.fromstring(data.data())
    element.attrib.update(_box(0, 0, size))
    return element


def _box(x: int, y: int, size: QSize) -> dict[str, str]:
    width, height = size.width(), size.height()
    return {
        "x": str(x),
        "y": str(y),
        "width": str(width),
        "height": str(height),
        "viewBox": f"0 0 {width} {height}",
    }


def _card_element(card: QWidget, figure: QWidget, theme: Theme) -> ET.Element:
    place = card.mapTo(figure, QPoint())
    return ET.Element(
        f"{{{SVG}}}rect",
        {
            "x": f"{place.x() + 0.5}",
            "y": f"{place.y() + 0.5}",
            "width": str(card.width() - 1),
            "height": str(card.height() - 1),
            "rx": "8",
            "fill": theme.surface,
            "stroke": theme.border,
        },
    )


def _label_elements(label: QLabel, figure: QWidget) -> list[ET.Element]:
    place = label.mapTo(figure, QPoint())
    pixmap = label.pixmap()
    if not pixmap.isNull():
        return [_image_element(label, place)]
    lines = _plain_text(label).splitlines()
    height = label.fontMetrics().lineSpacing()
    top = place.y() + (label.height() - height * len(lines)) / 2 + label.fontMetrics().ascent()
    font = label.font()
    elements: list[ET.Element] = []
    for index, line in enumerate(lines):
        element = ET.Element(
            f"{{{SVG}}}text",
            {
                "x": str(place.x()),
                "y": f"{top + index * height:.1f}",
                "font-family": f"{font.family()}, sans-serif",
                "font-size": str(label.fontInfo().pixelSize()),
                "font-weight": str(int(font.weight())),
                "fill": label.palette().windowText().color().name(),
            },
        )
        element.text = line
        elements.append(element)
    return elements


def _plain_text(label: QLabel) -> str:
    return QTextDocumentFragment.fromHtml(label.text()).toPlainText() if "<" in label.text() else label.text()


def _image_element(label: QLabel, place: QPoint) -> ET.Element:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not label.pixmap().save(buffer, "PNG"):  # type: ignore[call-overload]
        raise FileError(label.objectName(), Problem.NOT_DRAWN)
    encoded = bytes(data.toBase64().data()).decode()
    attributes = _box(place.x(), place.y(), label.size())
    del attributes["viewBox"]
    return ET.Element(f"{{{SVG}}}image", {**attributes, "href": f"data:image/png;base64,{encoded}"})
