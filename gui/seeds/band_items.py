"""Bands in a plot: where the curves of many seeds lie, behind the line of their lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem

from engine.core.arrays import Floats
from engine.reruns.company import Band

Key = tuple[int, int]
"""Lane and layer, both from 0."""
Place = Callable[[Floats], Floats]
"""From values to pixels."""

OPACITY, PALER = 46, 0.6
"""How much of a band of the first layer is seen, of 255, and the share of that for each deeper one."""
MIDDLE_WIDTH = 1.1
"""Pixels of the line at the median."""
BEHIND = -1.5
"""Bands are behind all lines, and before the ground of a plot."""
PIXELS_PER_STRETCH = 4.0
"""How narrow the steps are of which a band shows the lowest and the highest value."""


class BandItems:
    """The bands of one plot; what has not changed is not made again."""

    def __init__(self, frame: QGraphicsItem) -> None:
        self._frame = frame
        self._items: dict[Key, tuple[QGraphicsPathItem, QGraphicsPathItem]] = {}
        self._drawn: dict[Key, tuple[object, ...]] = {}

    def show(
        self,
        bands: Mapping[Key, Band],
        colours: Sequence[str],
        last_step: int,
        across: Place,
        down: Place,
        width: float,
        axes: object,
    ) -> None:
        """Draw bands up to a step in the colours of their lanes, and no others.

        All steps are `width` pixels wide, and the same `axes` place everything alike.
        """
        self.keep_only(set(bands))
        for key, band in bands.items():
            self._colour(key, colours[key[0] % len(colours)])
            self._draw(key, band, last_step, across, down, width, axes)

    def keep_only(self, keys: set[Key]) -> None:
        """Take the others away."""
        for key in self._items.keys() - keys:
            for item in self._items.pop(key):
                item.setParentItem(None)  # type: ignore[arg-type]
                scene = item.scene()
                if scene is not None:
                    scene.removeItem(item)
            del self._drawn[key]

    def _draw(
        self, key: Key, band: Band, last_step: int, across: Place, down: Place, width: float, axes: object
    ) -> None:
        end = int(np.searchsorted(band.steps, last_step, "right"))
        drawn = band, end, axes
        if self._drawn.get(key) == drawn:
            return
        self._drawn[key] = drawn
        known = band.finite[:end] > 0
        steps, low, middle, high = (
            values[:end][known] for values in (band.steps, band.low, band.middle, band.high)
        )
        together = max(1, ceil(len(steps) * PIXELS_PER_STRETCH / max(width, 1.0)))
        starts = np.arange(0, len(steps), together)
        area, line = self._items_of(key)
        if len(starts) < 2:
            area.setPath(QPainterPath())
            line.setPath(QPainterPath())
            return
        x = across(steps[starts])
        bottom, top = down(np.minimum.reduceat(low, starts)), down(np.maximum.reduceat(high, starts))
        area.setPath(pg.arrayToQPath(np.append(x, x[::-1]), np.append(top, bottom[::-1]), connect="all"))
        line.setPath(pg.arrayToQPath(x, down(middle[starts]), connect="all"))

    def _colour(self, key: Key, colour: str) -> None:
        area, line = self._items_of(key)
        shade = QColor(colour)
        shade.setAlpha(round(OPACITY * PALER ** key[1]))
        area.setBrush(QBrush(shade))
        pen = QPen(QColor(colour), MIDDLE_WIDTH, Qt.PenStyle.DotLine)
        line.setPen(pen)

    def _items_of(self, key: Key) -> tuple[QGraphicsPathItem, QGraphicsPathItem]:
        if key not in self._items:
            items = QGraphicsPathItem(self._frame), QGraphicsPathItem(self._frame)
            items[0].setPen(QPen(Qt.PenStyle.NoPen))
            for item in items:
                item.setZValue(BEHIND)
            self._items[key] = items
        return self._items[key]
