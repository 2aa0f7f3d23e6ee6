"""The title of a lane, by which it is dragged to another place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.look.handlers import shielded
from gui.look.plain_text import tip
from gui.look.theme import Theme
from gui.text.lane_names import fitting
from gui.text.language import translate

DOT, SPACING, SLACK = 10, 8, 2
"""Pixels of the dot in the colour of the lane, between it and the name, and more than the name needs: it is rounded."""


class LaneTitle(QWidget):
    """A dot in the colour of the lane, and its name.

    Signals: `pulled(place on the screen)` while it is dragged, `let_go(whether it is to stay there)` at the end: not if
    Esc was pressed.
    """

    pulled = Signal(QPoint)
    let_go = Signal(bool)

    def __init__(self, index: int, name: str) -> None:
        super().__init__()
        self.setObjectName(f"lane.{index}.title")
        self._index, self._names = index, {index: name}
        self._pressed_at: QPoint | None = None
        self._had_focus: QWidget | None = None
        self._is_pulled = False
        self._dot = QLabel()
        self._dot.setFixedSize(DOT, DOT)
        self._dot.setToolTip(translate("lane", "The colour of this lane in the curves"))
        self.name = QLabel(name)
        self.name.setProperty("heading", True)
        said = translate("lane", "Drag it to put the lane elsewhere")
        self.name.setToolTip(tip(f"{name}\n{said}"))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self._dot)
        row.addWidget(self.name, 1)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        colour = theme.lanes[self._index % len(theme.lanes)]
        self._dot.setStyleSheet(f"background: {colour}; border-radius: {DOT // 2}px;")

    def tell_from(self, names: dict[int, str]) -> None:
        """Cut the name so that it differs from those of the other lanes, all by their numbers."""
        self._names = names
        self._fit()

    def width_of_name(self) -> int:
        """Return how many pixels the whole name needs."""
        return self.name.fontMetrics().horizontalAdvance(self._names[self._index])

    def width_up_to(self, most_of_name: int) -> int:
        """Return how many pixels it needs in all, with at most so many for the name."""
        return DOT + SPACING + min(self.width_of_name() + SLACK, most_of_name)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the name as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        numbers = sorted(self._names)
        names, place = [self._names[number] for number in numbers], numbers.index(self._index)
        room = self.width() - DOT - SPACING
        text = fitting(names, place, self.name.fontMetrics().horizontalAdvance, room)
        if text != self.name.text():
            self.name.setText(text)

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin; nothing moves until the pointer has gone some way."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.globalPosition().toPoint()

    @shielded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Leave it to the lane, which then has all the room."""
        event.ignore()

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the lane is dragged to."""
        at = event.globalPosition().toPoint()
        if self._pressed_at is None:
            return
        if not self._is_pulled:
            if (at - self._pressed_at).manhattanLength() < QApplication.startDragDistance():
                return
            self._begin()
        self.pulled.emit(at)

    @shielded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End where it is."""
        self._end(stays=True)

    @shielded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the drag back."""
        if self._is_pulled and event.key() == Qt.Key.Key_Escape:
            self._end(stays=False)
        else:
            super().keyPressEvent(event)

    @shielded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the drag back where the keyboard goes elsewhere, to another window perhaps."""
        super().focusOutEvent(event)
        self._end(stays=False)

    def _begin(self) -> None:
        self._is_pulled, self._had_focus = True, QApplication.focusWidget()
        self.setFocus(Qt.FocusReason.MouseFocusReason)  # for Esc
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _end(self, *, stays: bool) -> None:
        was_pulled, self._is_pulled, self._pressed_at = self._is_pulled, False, None
        if not was_pulled:
            return
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if self._had_focus is not None:
            self._had_focus.setFocus()
        else:
            self.clearFocus()
        self.let_go.emit(stays)


def place_among(numbers: Sequence[int], shown: Sequence[int], gap: int) -> int:
    """Return the place, among all other lanes, that lies before the shown one number `gap`, or behind the last one.

    `numbers` and `shown` are all other lanes, and those of them that are shown, from left to right.
    """
    return numbers.index(shown[gap]) if gap < len(shown) else numbers.index(shown[-1]) + 1
