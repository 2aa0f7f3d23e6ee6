"""What becomes of the variances of z and dZ on their way through a network, in powers of ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor, inf, isfinite, log10
from operator import mul

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.advice.gains import Gains
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.text.language import translate
from gui.text.words import number

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 176, 44, 10, 28, 30
DOT = 2.5
FARTHEST = 30.0
"""Powers of ten from 1; what is farther away is drawn there."""
ZERO_BAND = 0.25
"""The share of the picture below all powers of ten that leads to exactly 0, which no logarithm can show."""
MOST_POWERS, MOST_LAYERS = 5, 12
"""How many powers of ten and layers have a label at most."""


@dataclass(frozen=True)
class Course:
    """Powers of ten of the variance at layers from 0, the inputs, or from 1; of exactly 0 it is −∞."""

    first: int
    powers: tuple[float, ...]


def forward_course(gains: Gains) -> Course:
    """Return the variance of z from layer to layer, where that of the inputs is 1."""
    return Course(0, tuple(map(_power, accumulate(gains.forward, mul, initial=1.0))))


def backward_course(gains: Gains) -> Course:
    """Return the variance of dZ of each layer, where that of the last one is 1."""
    return Course(1, tuple(reversed([_power(size) for size in accumulate(reversed(gains.backward), mul)])))


def _power(size: float) -> float:
    if size <= 0.0:
        return -inf
    return min(FARTHEST, max(-FARTHEST, log10(size))) if isfinite(size) else FARTHEST


class GainsPicture(QWidget):
    """Two lines with dots, as measured: z forward and dZ backward; dashed what theory expects."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("advice.picture")
        self.setFixedHeight(HEIGHT)
        self.setToolTip(
            translate(
                "advice",
                "The variance of z from the inputs to the last layer, beside that of the inputs, and that of dZ from the "
                "last layer to the first, beside that of the last. Level lines carry signal and gradient through any "
                "depth; dashed is what mean-field theory expects of wide layers.",
            )
        )
        self._theme = LIGHT
        self._gains: Gains | None = None
        self._expected: Gains | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_gains(self, gains: Gains, expected: Gains | None) -> None:
        """Show the gains of all layers, and those that theory expects."""
        if (gains, expected) == (self._gains, self._expected):
            return
        self._gains, self._expected = gains, expected
        self.setAccessibleName(
            translate("advice", "From end to end: variance of z ×{0}, of dZ ×{1}").format(
                number(gains.signal), number(gains.gradient)
            )
        )
        self.update()

    @shielded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, then what is expected, then what was measured."""
        if self._gains is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        measured = [forward_course(self._gains), backward_course(self._gains)]
        known = (
            []
            if self._expected is None
            else [forward_course(self._expected), backward_course(self._expected)]
        )
        area = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        frame = _Frame(
            area, len(self._gains.forward), [power for one in measured + known for power in one.powers]
        )
        self._paint_axes(painter, frame)
        colours = self._colours
        for course, colour in zip(known, colours, strict=False):
            self._paint_line(painter, frame, course, QPen(QColor(colour), 1.0, Qt.PenStyle.DashLine))
        for course, colour in zip(measured, colours, strict=True):
            self._paint_line(painter, frame, course, QPen(QColor(colour), 2.0))
            painter.setBrush(QColor(colour))
            painter.setPen(Qt.PenStyle.NoPen)
            for place in frame.points(course):
                painter.drawEllipse(place, DOT, DOT)
        self._paint_key(painter)

    @property
    def _colours(self) -> tuple[str, str]:
        return self._theme.accent, self._theme.classes[0]

    @staticmethod
    def _paint_line(painter: QPainter, frame: _Frame, course: Course, pen: QPen) -> None:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(frame.points(course))

    def _paint_axes(self, painter: QPainter, frame: _Frame) -> None:
        theme, area = self._theme, frame.area
        for power in frame.labelled_powers:
            y = frame.y(power)
            painter.setPen(QPen(QColor(theme.muted if power == 0 else theme.border), 1.0))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            beside = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(
                beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _power_text(power)
            )
        painter.setPen(QColor(theme.muted))
        if frame.has_zero:
            painter.drawText(QRectF(0, area.bottom() - 12, LEFT - 6, 16), Qt.AlignmentFlag.AlignRight, "0")
        for layer in frame.labelled_layers:
            below = QRectF(frame.x(layer) - 24, area.bottom() + 3, 48, 14)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(layer) if layer else "X")
        bottom = QRectF(area.left(), area.bottom() + 15, area.width(), 14)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, translate("advice", "layer (X: inputs)"))

    def _paint_key(self, painter: QPainter) -> None:
        """Say which line is which, above them."""
        names = (
            translate("advice", "z, forward"),
            translate("advice", "dZ, backward"),
            translate("advice", "expected"),
        )
        left, metrics = 4.0, painter.fontMetrics()
        pens = [QPen(QColor(colour), 2.0) for colour in self._colours]
        if self._expected is not None:
            pens.append(QPen(QColor(self._theme.muted), 1.0, Qt.PenStyle.DashLine))
        for name, pen in zip(names, pens, strict=False):
            painter.setPen(pen)
            painter.drawLine(QPointF(left, 9), QPointF(left + 16, 9))
            painter.setPen(QColor(self._theme.muted))
            width = metrics.horizontalAdvance(name)
            painter.drawText(QRectF(left + 20, 1, width + 2, 16), Qt.AlignmentFlag.AlignVCenter, name)
            left += width + 28


class _Frame:
    """Where layers and powers of ten are."""

    def __init__(self, area: QRectF, layers: int, powers: Sequence[float]) -> None:
        self.area, self._layers = area, layers
        finite = [power for power in powers if power > -inf]
        self.has_zero = len(finite) < len(powers)
        self._low, self._high = floor(min(0.0, *finite)), ceil(max(0.0, *finite))
        if self._low == self._high:
            self._low, self._high = -1, 1

    def x(self, layer: float) -> float:
        return self.area.left() + 6 + (self.area.width() - 12) * layer / self._layers

    def y(self, power: float) -> float:
        if power == -inf:
            return self.area.bottom()
        room = self.area.height() * (1.0 - ZERO_BAND if self.has_zero else 1.0)
        return self.area.top() + room * (self._high - power) / (self._high - self._low)

    def points(self, course: Course) -> list[QPointF]:
        return [
            QPointF(self.x(layer), self.y(power))
            for layer, power in enumerate(course.powers, start=course.first)
        ]

    @property
    def labelled_powers(self) -> Iterable[int]:
        step = max(1, ceil((self._high - self._low) / (MOST_POWERS - 1)))
        return range(-(-self._low // step) * step if self._low < 0 else 0, self._high + 1, step)

    @property
    def labelled_layers(self) -> Iterable[int]:
        return range(0, self._layers + 1, max(1, ceil(self._layers / MOST_LAYERS)))


def _power_text(power: int) -> str:
    return f"{10.0**power:g}" if -3 < power < 4 else f"1e{power}".replace("-", "−")
