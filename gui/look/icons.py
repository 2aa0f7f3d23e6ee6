"""Icons from resources/icons, drawn in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.look.theme import RESOURCES, Theme

SIZE = 20
SHARPNESS = 2


def icon(name: str, theme: Theme) -> QIcon:
    """Return the icon resources/icons/NAME.svg in the text colour of a theme, faint where it is disabled."""
    text = (RESOURCES / "icons" / f"{name}.svg").read_text("utf-8")
    result = QIcon()
    result.addPixmap(_pixmap(text, theme.text), QIcon.Mode.Normal)
    result.addPixmap(_pixmap(text, theme.faint), QIcon.Mode.Disabled)
    return result


def _pixmap(text: str, colour: str) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
    pixmap = QPixmap(SIZE * SHARPNESS, SIZE * SHARPNESS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(SHARPNESS)
    return pixmap
