"""The output of one neuron over the data space, shown over the edge of a graph."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import (
    QPixmap,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from engine.report.plane import Maps
from gui.look.colours import Scale, largest, picture
from gui.look.theme import Theme
from gui.text import words
from gui.text.language import translate

MAP_SIZE, POINTER_GAP = QSize(96, 96), 10


class NeuronMapView(QFrame):
    """A small picture of the output of one neuron at every point of the plane, over the edge of a graph."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("neuron_map")
        self.setProperty("card", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._outside, self._picture, self._caption = parent, QLabel(), QLabel()
        self._caption.setProperty("small", True)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(8, 8, 8, 5)
        inside.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self._caption)

    def show_map(self, name: str, values: Maps, theme: Theme, place: QPoint) -> None:
        """Show the map (rows, columns) of a neuron beside a place of the parent, where there is room."""
        scale = Scale(largest(values) or 1.0, 0, theme.name)
        image = picture(scale.pixels(scale.places(scale.shares(values))))
        smooth = Qt.TransformationMode.SmoothTransformation
        self._picture.setPixmap(QPixmap.fromImage(image.scaled(MAP_SIZE, mode=smooth)))
        self._caption.setText(f"{name}\n{_range(values)}")
        self.adjustSize()
        x = place.x() + POINTER_GAP
        if x + self.width() > self._outside.width():
            x = place.x() - POINTER_GAP - self.width()
        y = min(place.y() - self.height() // 2, self._outside.height() - self.height())
        self.move(max(x, 0), max(y, 0))
        self.show()


def _range(values: Maps) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return translate("graph", "not a number")
    low, high = words.number(float(finite.min())), words.number(float(finite.max()))
    return (
        translate("graph", "{0} everywhere").format(low)
        if low == high
        else translate("graph", "{0} … {1}").format(low, high)
    )
