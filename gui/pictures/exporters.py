"""Pictures as files: PNG, SVG and PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter, QPicture

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.output.export import write_file
from gui.pictures.painting import Page
from gui.pictures.svg_device import DOTS_PER_INCH, SvgDevice

SHARPNESS = 2
"""Pixels of a PNG for each pixel on the screen."""
POINTS_PER_INCH = 72
FORMATS = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"


class _KeptPage:
    """What a page showed when it was kept."""

    def __init__(self, page: Page) -> None:
        self.title, self.size, self.ground = page.title, page.size, page.ground
        self._picture = QPicture()
        painter = QPainter(self._picture)
        page.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        self._picture.play(painter)


def kept(page: Page) -> Page:
    """Return a page as it is now, whatever becomes of it."""
    return _KeptPage(page)


def image_of(page: Page) -> QImage:
    """Return a picture of a page, at twice its size on the screen."""
    image = QImage(page.size * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    _paint(page, image)
    return image


def svg_of(page: Page) -> bytes:
    """Return a page as SVG."""
    device = SvgDevice(page.size, page.title)
    _paint(page, device)
    return device.svg()


def pdf_of(page: Page) -> bytes:
    """Return a page as PDF, as large as on the screen."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)  # otherwise lines and letters of a pixel are tiny
    size = QSizeF(page.size) * (POINTS_PER_INCH / DOTS_PER_INCH)
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point, "", exact))
    writer.setPageMargins(QMarginsF())
    writer.setTitle(page.title)
    writer.setCreator("Initscope")
    _paint(page, writer)
    return bytes(data.data())


def _paint(page: Page, device: QPaintDevice) -> None:
    painter = QPainter(device)
    painter.fillRect(
        0, 0, device.width(), device.height(), page.ground
    )  # a sheet of PDF may be a little larger
    page.paint(painter)
    painter.end()


def save_picture(path: Path, image: QImage) -> None:
    """Write a picture as PNG; raise FileError, naming the path, if that fails."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise FileError(path, Problem.NOT_SAVED)
    write_file(path, bytes(data.data()))  # a disk that is full is told by libpng in a line of its own


def save_page(path: Path, page: Page) -> None:
    """Write a page as PNG, SVG or PDF, by the suffix of the path; raise FileError, naming the path, if that fails."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        save_picture(path, image_of(page))
    elif suffix in WRITERS:
        write_file(path, WRITERS[suffix](page))
    else:
        raise FileError(path, Problem.NO_PICTURE_NAME)


WRITERS = {".svg": svg_of, ".pdf": pdf_of}
