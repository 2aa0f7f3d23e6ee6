"""Pictures that programs independent of each other make of the files that the window saves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pypdfium2
import resvg_py
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

Pixels = npt.NDArray[np.float64]
ZOOM = 2
BLOCK = 16
"""Pixels of a side of the squares in which pictures are compared: at `ZOOM`, as large as the dot of a lane."""
PIXELS_PER_POINT = 96 / 72


def pixels(image: QImage) -> Pixels:
    """Return the colours (height, width, 3) of an image."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.float64)


def by_qt(svg: bytes) -> Pixels:
    """Return how Qt draws an SVG file."""
    renderer = QSvgRenderer(QByteArray(svg))
    image = QImage(renderer.defaultSize() * ZOOM, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return pixels(image)


def by_resvg(svg: bytes) -> Pixels:
    """Return how resvg draws an SVG file, without any typeface."""
    png = resvg_py.svg_to_bytes(svg_string=svg.decode(), zoom=ZOOM, skip_system_fonts=True)
    return pixels(QImage.fromData(png))


def by_pdfium(pdf: bytes) -> Pixels:
    """Return how the PDF reader of Chrome draws the only page of a file."""
    with pypdfium2.PdfDocument(pdf) as document:
        (page,) = document
        return (
            page.render(scale=ZOOM * PIXELS_PER_POINT, rev_byteorder=True).to_numpy()[..., :3].astype(float)
        )


def words_of_pdf(pdf: bytes) -> str:
    """Return the text that can be searched for in the only page of a file."""
    with pypdfium2.PdfDocument(pdf) as document:
        (page,) = document
        return page.get_textpage().get_text_bounded()


def largest_difference(one: Pixels, other: Pixels) -> float:
    """Return by how much the mean colours of a square differ at most, from 0 to 255.

    Pictures may differ by the fraction of a pixel in height or width; edges are smoothed differently by every program.
    """
    height, width = (min(sides) // BLOCK for sides in zip(one.shape[:2], other.shape[:2], strict=True))
    means = [
        picture[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK, 3).mean(axis=(1, 3))
        for picture in (one, other)
    ]
    return float(np.abs(means[0] - means[1]).max())
