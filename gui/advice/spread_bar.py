"""Where the losses of a start lie: a line from quartile to quartile with the median, over those of the first start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.advice.advice import Place
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.text.language import translate

HEIGHT, LINE, TICK = 12, 4, 3
"""Pixels of a bar, of its line, and of the tick of the median."""

LEAST = 1e-12
"""Losses are drawn in powers of ten; smaller ones are drawn as this one."""


@dataclass(frozen=True)
class LossScale:
    """From which loss to which bars go, as powers of ten, and the quartiles of the first start of the ranking."""

    low: float
    high: float
    first: tuple[float, float]

    def at(self, loss: float) -> float:
        """Return where a loss is, from 0 to 1."""
        if not isfinite(loss):
            return 1.0
        share = (log10(max(loss, LEAST)) - self.low) / max(self.high - self.low, LEAST)
        return min(1.0, max(0.0, share))


def loss_scale(places: Sequence[Place]) -> LossScale:
    """Return the scale of a ranking that is not empty."""
    found = [value for place in places for value in (place.low, place.high) if isfinite(value)] or [1.0]
    powers = [log10(max(value, LEAST)) for value in found]
    return LossScale(min(powers), max(powers), (places[0].low, places[0].high))


class SpreadBar(QWidget):
    """The losses of one start; the ground is dark where those of the first one are."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setToolTip(
            translate(
                "advice",
                "The line goes from quartile to quartile of the losses, in powers of ten from left to right, the tick is "
                "the median; shaded are the quartiles of the first start: who reaches into them is tied.",
            )
        )
        self._theme = LIGHT
        self._shown: tuple[Place, LossScale] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_place(self, place: Place, scale: LossScale, said: str) -> None:
        """Show the losses of a start, which `said` tells in words."""
        self.setAccessibleName(said)
        if (place, scale) != self._shown:
            self._shown = place, scale
            self.update()

    @shielded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, line and tick."""
        if self._shown is None:
            return
        place, scale = self._shown
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2.0
        painter.fillRect(QRectF(0, middle - 1, self.width(), 2), QColor(self._theme.border))
        self._fill(painter, *scale.first, HEIGHT, self._theme.exactly_zero)
        self._fill(painter, place.low, place.high, LINE, self._theme.accent)
        x = self._x(place.median)
        painter.fillRect(QRectF(x - TICK / 2, 0, TICK, self.height()), QColor(self._theme.text))

    def _fill(self, painter: QPainter, low: float, high: float, height: float, colour: str) -> None:
        left, right = self._x(low), self._x(high)
        top = (self.height() - height) / 2.0
        painter.fillRect(QRectF(left - 1, top, right - left + 2, height), QColor(colour))

    def _x(self, loss: float) -> float:
        assert self._shown is not None, "there is something to paint"
        return TICK + self._shown[1].at(loss) * (self.width() - 2 * TICK)
