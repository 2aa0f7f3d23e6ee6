"""A weight of a heatmap held with the pointer, and a field to type one."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsRectItem,
    QGraphicsScene,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from gui.look.theme import Theme
from gui.text.language import translate

FEWEST_PIXELS = 4
"""A pointer that was moved up or down by less has not dragged anything."""


FRAME = 1.5


@dataclass(frozen=True)
class Weight:
    """One weight on the screen: its row and neuron, counted from 0, what it is called, and its cell in the scene.

    Dragged, it changes by a `unit` with each pixel.
    """

    row: int
    neuron: int
    name: str
    value: float
    unit: float
    cell: QRectF

    def value_after(self, pixels: int) -> float:
        """Return what it would be so many pixels higher: a whole number of units."""
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
        self._frame.setPen(QPen(QColor(theme.text), FRAME))

    def press(self, weight: Weight | None, height: int) -> None:
        """Hold a weight, or nothing, with the pointer at a height in pixels."""
        self.weight, self._start = weight, height
        self.set_marked(weight is not None)
        if weight is not None:
            self._frame.setRect(weight.cell)

    def drag(self, height: int) -> bool:
        """Drag the weight to a height; return whether this is where dragging begins."""
        begins = not self.dragged and abs(height - self._start) >= FEWEST_PIXELS
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


class WeightEditor(QFrame):
    """A field beside the pointer for one weight. Signals: `value_entered(float)`."""

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


def number_in(text: str) -> float | None:
    """Return the finite number that a text is, None if it is none."""
    try:
        value = float(text.strip().replace("−", "-"))
    except ValueError:
        return None
    return value if isfinite(value) else None
