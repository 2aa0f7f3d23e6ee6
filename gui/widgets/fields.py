"""Boxes, number fields and sliders that change only where somebody means them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QSlider,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionSlider,
    QWidget,
)

from gui.look.handlers import shielded

FAR_KEYS = {Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
"""Keys that move in a field, and mean something to the window where no field has the focus."""


def keeps_key(event: QEvent) -> bool:
    """Keep a key that moves in a field from the shortcuts of the window; return whether it was asked for and kept."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    if event.key() not in FAR_KEYS:
        return False
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    event.accept()
    return True


class ChoiceBox(QComboBox):
    """A combo box that leaves the wheel to what it stands on, which may scroll; its open list takes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setItemDelegate(
            QStyledItemDelegate(self)
        )  # the one of combo boxes does not mark the current item

    def event(self, event: QEvent) -> bool:
        """Take Home, End and the page keys: they choose."""
        return keeps_key(event) or super().event(event)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to the page."""
        event.ignore()


class NumberField(QSpinBox):
    """A field for a whole number that leaves the wheel to what it stands on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to the page."""
        event.ignore()


class DecimalField(QDoubleSpinBox):
    """A field for a number with decimals that leaves the wheel to what it stands on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to the page."""
        event.ignore()


class SteppedText(QAbstractSpinBox):
    """A text with arrow buttons that takes the wheel only where somebody has gone into it."""

    def event(self, event: QEvent) -> bool:
        """Take Home, End and the page keys: they go to the ends of the text, and step far."""
        return keeps_key(event) or super().event(event)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step where the field has the focus, otherwise leave it to the page."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Slider(QSlider):
    """A horizontal slider that goes where it is clicked, and leaves the wheel to what it stands on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to the page."""
        event.ignore()

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the clicked place; the handle, which then is there, can be dragged on."""
        x = event.position().toPoint().x()
        if event.button() is Qt.MouseButton.LeftButton and not self._is_handle(x):
            self.setValue(self._value_at(x))
            if not self._is_handle(x):  # between two places: there is nothing to drag
                event.accept()
                return
        super().mousePressEvent(event)

    def ends(self) -> tuple[int, int]:
        """Return where the middle of the handle is at the smallest and at the largest value, in pixels."""
        left, length = self._part(QStyle.SubControl.SC_SliderGroove)
        _, handle = self._part(QStyle.SubControl.SC_SliderHandle)
        return left + handle // 2, left + length - handle + handle // 2

    def _is_handle(self, x: int) -> bool:
        handle = self._part(QStyle.SubControl.SC_SliderHandle)
        return handle[0] <= x < handle[0] + handle[1]

    def _value_at(self, x: int) -> int:
        """Return the value whose handle has its middle next to a place."""
        (left, length), (_, handle) = (
            self._part(QStyle.SubControl.SC_SliderGroove),
            self._part(QStyle.SubControl.SC_SliderHandle),
        )
        return QStyle.sliderValueFromPosition(
            self.minimum(), self.maximum(), x - left - handle // 2, length - handle
        )

    def _part(self, part: QStyle.SubControl) -> tuple[int, int]:
        """Return where a part of the slider begins, and its length, in pixels."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        place = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
        return place.left(), place.width()
