"""Changing a weight of a heatmap: the tool that drags it with the pointer, and a field to type it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsRectItem,
    QGraphicsScene,
    QLabel,
    QLineEdit,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from gui.look.colours import Scale
from gui.look.theme import Theme
from gui.text.language import translate
from gui.text.words import drag_text, number_in

DRAG_DISTANCE = 4
"""Pixels that a held pointer moves up or down before it drags; less is a click."""
FRAME_WIDTH = 1.5


@dataclass(frozen=True)
class Weight:
    """One weight on the screen: its row and neuron, counted from 0, what it is called, and its cell in the scene.

    Dragging changes it by one `unit` per pixel.
    """

    row: int
    neuron: int
    name: str
    value: float
    unit: float
    cell: QRectF

    def value_after(self, pixels: int) -> float:
        """Return its value once dragged up by some pixels, a multiple of the unit; it is unchanged by 0 pixels."""
        if not pixels:
            return self.value
        return float(f"{(round(self.value / self.unit) + pixels) * self.unit:.12g}")


class WeightGrip:
    """The weight of a heatmap that the pointer pressed last, in a frame, and whether it is dragged up or down."""

    def __init__(self, drawing: QGraphicsScene) -> None:
        self._frame = QGraphicsRectItem()
        self._frame.setZValue(1)  # over the number in the cell, which is another one while it is dragged
        self._frame.hide()
        drawing.addItem(self._frame)
        self._start = 0
        self.weight: Weight | None = None
        self.dragged = False

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._frame.setPen(QPen(QColor(theme.text), FRAME_WIDTH))

    def press(self, weight: Weight | None, height: int) -> None:
        """Hold a weight, or nothing, with the pointer at a height in pixels."""
        self.weight, self._start = weight, height
        self.set_marked(weight is not None)
        if weight is not None:
            self._frame.setRect(weight.cell)

    def drag(self, height: int) -> bool:
        """Drag the weight to a height; return whether this is where dragging begins."""
        begins = not self.dragged and abs(height - self._start) >= DRAG_DISTANCE
        self.dragged |= begins
        return begins

    def value_at(self, height: int) -> float:
        """Return what the held weight would be with the pointer at a height."""
        assert self.weight is not None, "a weight is held"
        return self.weight.value_after(self._start - height)

    def fill(self, colour: QColor) -> None:
        """Show the held weight in another colour."""
        self._frame.setBrush(colour)

    def let_go(self) -> None:
        """Hold nothing any more; the frame stays."""
        self.weight, self.dragged = None, False
        self._frame.setBrush(Qt.BrushStyle.NoBrush)

    @property
    def marked(self) -> bool:
        """Return whether there is a frame."""
        return self._frame.isVisible()

    def set_marked(self, on: bool) -> None:
        """Show the frame, or hide it."""
        self._frame.setVisible(on)


class WeightDrag(QObject):
    """The tool that drags a weight up or down with the pointer, or opens a field to type it.

    Signals: `value_requested(row, neuron, value)`, row and neuron counted from 0; `hold_requested()` when a weight is
    taken and training should not change it meanwhile.
    """

    value_requested = Signal(int, int, float)
    hold_requested = Signal()

    def __init__(self, grip: WeightGrip, view: QWidget) -> None:
        super().__init__(view)
        self._grip = grip
        self._view = view

    @property
    def holds(self) -> bool:
        """Return whether the pointer holds a weight."""
        return self._grip.weight is not None

    def press(self, event: QMouseEvent, weight: Weight | None) -> None:
        """Hold a weight, or nothing."""
        self._grip.press(weight, _height(event))

    def move(self, event: QMouseEvent, scale: Scale) -> str:
        """Show what the held weight would be in its cell, in the colour of a scale, and return it in words."""
        if self._grip.drag(_height(event)):
            self._view.grabKeyboard()
            self.hold_requested.emit()
        weight = self._grip.weight
        if weight is None or not self._grip.dragged:
            return ""
        value = self._grip.value_at(_height(event))
        place = scale.places(scale.shares(np.array([value])))
        self._grip.fill(QColor.fromRgb(int(scale.pixels(place)[0])))
        return drag_text(weight.name, weight.value, value)

    def release(self, event: QMouseEvent) -> None:
        """Ask for the value that the held weight was dragged to, if it is another one."""
        weight, dragged = self._grip.weight, self._grip.dragged
        if weight is None:
            return
        value = self._grip.value_at(_height(event))
        self._let_go()
        if dragged and value != weight.value:
            self.value_requested.emit(weight.row, weight.neuron, value)

    def edit(self, event: QMouseEvent, weight: Weight) -> None:
        """Open a field beside the pointer to type a weight."""
        self.hold_requested.emit()
        editor = WeightEditor(weight.name, weight.value, self._view)
        editor.value_entered.connect(partial(self.value_requested.emit, weight.row, weight.neuron))
        editor.open_at(event.globalPosition().toPoint())

    def cancel(self) -> None:
        """Leave the held weight as it is."""
        self._let_go()
        QToolTip.hideText()

    def _let_go(self) -> None:
        if self._grip.dragged:
            self._view.releaseKeyboard()
        self._grip.let_go()


def _height(event: QMouseEvent) -> int:
    """Return the height of the pointer in the view, in whole pixels from the top."""
    return event.position().toPoint().y()


class WeightEditor(QFrame):
    """A field beside the pointer to type one weight. Signals: `value_entered(float)`."""

    value_entered = Signal(float)

    def __init__(self, name: str, value: float, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("weight_editor")
        self.setFrameShape(QFrame.Shape.Box)
        self._name = QLabel(name)
        self.field = QLineEdit(repr(value))
        self.field.setObjectName("weight_editor.value")
        self.field.setAccessibleName(name)
        self.field.setToolTip(
            translate("heatmap", "Type a number and press Enter; Esc leaves the weight as it is")
        )
        self.field.selectAll()
        self.field.returnPressed.connect(self._enter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(5)
        layout.addWidget(self._name)
        layout.addWidget(self.field)

    def open_at(self, place: QPoint) -> None:
        """Show the field at a place of the screen, ready to type."""
        self.move(place)
        self.show()
        self.field.setFocus()

    def _enter(self) -> None:
        value = number_in(self.field.text())
        if value is None:
            self._name.setText(translate("heatmap", "Type a number, such as 0.5 or 1e-3."))
            self.field.selectAll()
            return
        self.value_entered.emit(value)
        self.close()
