"""The line below a data space: the colours of the classes, and how many samples are predicted to be of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPen
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsSimpleTextItem

from engine.report.plane import Plane, Predictions
from gui.canvas.scene import SceneView, set_text
from gui.look.theme import Theme
from gui.text import words
from gui.text.language import translate

LINE_HEIGHT, DOT, GAP, SPACING, TOP_GAP = 14, 7, 4, 10, 3
"""Height of a row, size of a dot, room between it and its text, between two texts, and above the first row."""
MOST_ROWS = 2


class ClassCounts:
    """A coloured dot and a text for each class, in a row or two; nothing where there is no room for all of them."""

    def __init__(self, view: SceneView, plane: Plane) -> None:
        self._view, self._plane = view, plane
        names = class_names(plane)
        self._dots = [QGraphicsEllipseItem(0, 0, DOT, DOT) for _ in names]
        self._texts = [view.text_item(11) for _ in names]
        for dot in self._dots:
            dot.setPen(QPen(QColor(0, 0, 0, 0), 0))
            view.drawing.addItem(dot)
        self._whose = view.text_item(11)
        self._is_full = True
        self._rows: list[list[int]] = []
        self._widths: list[float] = []

    @property
    def _items(self) -> list[QGraphicsSimpleTextItem | QGraphicsEllipseItem]:
        return [*self._dots, *self._texts]

    def set_theme(self, theme: Theme, colours: list[QColor]) -> None:
        """Take the colours of a theme and of the classes."""
        for dot, colour in zip(self._dots, colours, strict=True):
            dot.setBrush(colour)
        for text in self._texts:
            text.setBrush(QColor(theme.muted))

    def fit(self, width: float, predictions: Predictions | None) -> float:
        """Choose the fullest form that fits a width, and return the height it needs."""
        most = None if predictions is None else sum(predictions.counts)
        metrics = QFontMetricsF(self._whose.font())
        counts = None if most is None else [most] * len(self._texts)
        for is_full in (True, False):
            texts = _texts(self._plane, counts, is_full=is_full)
            self._is_full = is_full
            self._widths = [DOT + GAP + metrics.horizontalAdvance(text) for text in texts]
            self._rows = _in_rows(self._widths, width)
            if len(self._rows) <= MOST_ROWS and max(self._widths) <= width:
                break
        else:
            self._rows = []
        for item in self._items:
            item.setVisible(bool(self._rows))
        return TOP_GAP + LINE_HEIGHT * len(self._rows) if self._rows else 0

    def place(self, square: QRectF) -> None:
        """Stand below a square, in the middle of it."""
        for number, row in enumerate(self._rows):
            wide = sum(self._widths[index] for index in row) + SPACING * (len(row) - 1)
            x = max(square.center().x() - wide / 2, 0.0)
            y = square.bottom() + TOP_GAP + number * LINE_HEIGHT
            for index in row:
                self._dots[index].setPos(round(x), round(y) + 4)
                self._texts[index].setPos(round(x) + DOT + GAP, round(y))
                x += self._widths[index] + SPACING

    def write(self, predictions: Predictions | None) -> None:
        """Write the counts, or only the names of the classes."""
        counts = None if predictions is None else predictions.counts
        texts = _texts(self._plane, counts, is_full=self._is_full)
        if predictions is not None and predictions.undefined:
            texts = [_undefined(predictions), *[""] * (len(texts) - 1)]
        for item, text in zip(self._texts, texts, strict=True):
            set_text(item, text)


def _texts(plane: Plane, counts: Sequence[int] | None, *, is_full: bool) -> list[str]:
    """Return the text of each class: how many samples are predicted to be of it, in full or as a number."""
    names = class_names(plane)
    if counts is None:
        return names
    if not is_full:
        return [str(count) for count in counts]
    return [
        translate("data space", "{0} predicted {1}").format(count, name)
        for count, name in zip(counts, plane.class_names, strict=True)
    ]


def _in_rows(widths: list[float], room: float) -> list[list[int]]:
    """Return which entries stand in which row."""
    rows, left = list[list[int]](), 0.0
    for index, wide in enumerate(widths):
        if not rows or left + wide > room:
            rows.append([])
            left = 0.0
        rows[-1].append(index)
        left += wide + SPACING
    return rows


def class_names(plane: Plane) -> list[str]:
    """Return what each colour stands for: a class, or targets below and above their middle."""
    if not plane.class_names:
        middle = words.number(plane.middle)
        return [
            translate("data space", "below {0}").format(middle),
            translate("data space", "above {0}").format(middle),
        ]
    return [
        translate("data space", "class {0}").format(name) if name.isdigit() else name
        for name in plane.class_names
    ]


def counted(plane: Plane, predictions: Predictions) -> str:
    """Return in words how many samples are predicted to be of each class."""
    whose = (
        translate("data space", "test: {0}")
        if plane.has_test_samples
        else translate("data space", "training: {0}")
    )
    if predictions.undefined:
        return whose.format(_undefined(predictions))
    return whose.format(", ".join(_texts(plane, predictions.counts, is_full=True)))


def _undefined(predictions: Predictions) -> str:
    return translate("data space", "{0} are NaN").format(predictions.undefined)


def right(predictions: Predictions) -> str:
    """Return in words how many predictions are right."""
    samples = sum(predictions.counts)
    return translate("data space", "{0} of {1} right").format(round(predictions.accuracy * samples), samples)
