"""Icons from resources/icons, drawn in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from gui.look.theme import RESOURCES, Theme

SIZE = 20
SHARPNESS = 2


def icon(name: str, theme: Theme) -> QIcon:
    """Return the icon resources/icons/NAME.svg in the text colour of a theme, faint where it is disabled."""
    result = QIcon()
    result.addPixmap(_pixmap(name, theme.text), QIcon.Mode.Normal)
    result.addPixmap(_pixmap(name, theme.faint), QIcon.Mode.Disabled)
    return result


def _pixmap(name: str, colour: str) -> QPixmap:
    """Return the picture of an icon; a panel has hundreds of some of them."""
    key, pixmap = f"initscope {name} {colour}", QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    text = (RESOURCES / "icons" / f"{name}.svg").read_text("utf-8")
    renderer = QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
    pixmap = QPixmap(SIZE * SHARPNESS, SIZE * SHARPNESS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(SHARPNESS)
    QPixmapCache.insert(key, pixmap)
    return pixmap
