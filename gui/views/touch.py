"""Touching a network by hand: a weight held with the pointer, a field to type one, and the panel for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from PySide6.QtCore import QPoint, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGraphicsRectItem,
    QGraphicsScene,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.experiment import Experiment
from engine.experiment_file import variants_of
from engine.snapshot import Snapshot
from gui.theme import Theme
from gui.words import say

NOISES = ("1e-1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7")
FIRST_NOISE = "1e-3"
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
        self.field.setToolTip(say("Type a number and press Enter; Esc leaves the weight as it is"))
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
            self._name.setText(say("Type a number, such as 0.5 or 1e-3."))
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


class TouchPanel(QDialog):
    """Stays open beside the window. Neurons are counted from 1 on the screen, and from 0 in signals.

    Signals: `noise_requested(lane, standard deviation)`, `tie_requested(lane, layer, first, second)`,
    `removal_requested(lane)`; lanes are names, layers count from 1.
    """

    noise_requested = Signal(str, float)
    tie_requested = Signal(str, int, int, int)
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("touch")
        self.setWindowTitle(say("Touch the network"))
        self._hidden: list[tuple[int, ...]] = []
        self._variants = 0
        self.lane = QComboBox()
        _explain(
            self.lane, "touch.lane", say("Lane"), say("The lane that is changed, in a new lane beside it")
        )
        self.noise = QComboBox()
        self.noise.setEditable(True)
        self.noise.addItems(NOISES)
        self.noise.setCurrentText(FIRST_NOISE)
        _explain(self.noise, "touch.noise", say("Noise"), say("The standard deviation of the noise"))
        self.layer, self.first, self.second = QSpinBox(), QSpinBox(), QSpinBox()
        _explain(self.layer, "touch.layer", say("Layer"), say("The hidden layer whose neurons are tied"))
        _explain(self.first, "touch.first", say("Neuron"), say("The neuron that stays as it is"))
        _explain(self.second, "touch.second", say("Second neuron"), say("The neuron that becomes its copy"))
        for field in (self.layer, self.first, self.second):
            field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.add_noise, self.tie, self.remove = QPushButton(), QPushButton(), QPushButton()
        self.add_noise.setText(say("Break the symmetry now"))
        self.tie.setText(say("Tie them"))
        self.remove.setText(say("Remove this lane"))
        _explain(self.add_noise, "touch.break", self.add_noise.text(), say("Add the noise, in a new lane"))
        _explain(self.tie, "touch.tie", self.tie.text(), say("Make the two neurons equal, in a new lane"))
        _explain(self.remove, "touch.remove", self.remove.text(), say("Only lanes made by touching can go"))
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(3, 1)
        self._sentence(
            grid, 0, say("Every touch makes a new lane from the shown step on. The old one stays.")
        )
        self._row(grid, 1, say("lane"), self.lane, None, self.remove)
        self._heading(grid, 2, say("One weight"))
        self._sentence(
            grid, 3, say("Drag its cell in a heatmap up or down, or double-click the cell to type a value.")
        )
        self._heading(grid, 4, say("Noise"))
        self._sentence(
            grid,
            5,
            say("Adds normal noise of standard deviation e to all weights that lead into hidden layers."),
        )
        self._row(grid, 6, say("e ="), self.noise, None, self.add_noise)
        self._heading(grid, 7, say("Two equal neurons"))
        self._sentence(
            grid,
            8,
            say(
                "The second neuron gets the incoming weights, the bias and the outgoing weights of the first."
            ),
        )
        self._row(grid, 9, say("layer"), self.layer)
        self._row(grid, 10, say("neurons"), self.first, self.second, self.tie)

    @staticmethod
    def _heading(grid: QGridLayout, row: int, text: str) -> None:
        label = QLabel(text)
        label.setProperty("caption", True)
        label.setContentsMargins(0, 9, 0, 0)
        grid.addWidget(label, row, 0, 1, 4)

    @staticmethod
    def _sentence(grid: QGridLayout, row: int, text: str) -> None:
        label = QLabel(text)
        label.setProperty("muted", True)
        grid.addWidget(label, row, 0, 1, 4)

    @staticmethod
    def _row(grid: QGridLayout, row: int, caption: str, *widgets: QWidget | None) -> None:
        """Put a caption and its widgets into a row; one alone gets the room of two."""
        grid.addWidget(QLabel(caption), row, 0)
        for column, widget in enumerate(widgets, start=1):
            if widget is not None:
                alone = column == 1 and widgets[1:2] == (None,)
                grid.addWidget(widget, row, column, 1, 2 if alone else 1)

    def _connect(self) -> None:
        self.lane.currentIndexChanged.connect(self._show_choices)
        self.layer.valueChanged.connect(self._show_choices)
        self.first.valueChanged.connect(self._show_choices)
        self.second.valueChanged.connect(self._show_choices)
        self.noise.editTextChanged.connect(self._show_choices)
        self.add_noise.clicked.connect(self._ask_for_noise)
        self.tie.clicked.connect(self._ask_for_tie)
        self.remove.clicked.connect(lambda: self.removal_requested.emit(self.lane.currentText()))

    def show_lanes(self, experiment: Experiment, snapshot: Snapshot) -> None:
        """Offer the lanes of a snapshot; the chosen one stays chosen."""
        self._variants = len(variants_of(experiment))
        self._hidden = [lane.layout.widths[1:-1] for lane in snapshot.lanes]
        chosen = self.lane.currentText()
        with QSignalBlocker(self.lane):
            self.lane.clear()
            self.lane.addItems([lane.name for lane in snapshot.lanes])
            self.lane.setCurrentIndex(max(0, self.lane.findText(chosen)))
        self._show_choices()

    def _show_choices(self) -> None:
        """Allow what is possible in the chosen lane."""
        hidden = self._hidden[self.lane.currentIndex()]
        with QSignalBlocker(self.layer), QSignalBlocker(self.first), QSignalBlocker(self.second):
            self.layer.setRange(1, max(1, len(hidden)))
            units = hidden[self.layer.value() - 1] if hidden else 1
            for neuron in (self.first, self.second):
                neuron.setRange(1, units)
            if self.first.value() == self.second.value() == 1:
                self.second.setValue(2)
        for widget in (self.layer, self.first, self.second):
            widget.setEnabled(bool(hidden))
        noise = number_in(self.noise.currentText())
        self.add_noise.setEnabled(bool(hidden) and noise is not None and noise > 0)
        self.tie.setEnabled(self.first.value() != self.second.value())
        self.remove.setEnabled(self.lane.currentIndex() >= self._variants)

    def _ask_for_noise(self) -> None:
        noise = number_in(self.noise.currentText())
        if noise is not None:
            self.noise_requested.emit(self.lane.currentText(), noise)

    def _ask_for_tie(self) -> None:
        self.tie_requested.emit(
            self.lane.currentText(), self.layer.value(), self.first.value() - 1, self.second.value() - 1
        )


def _explain(widget: QWidget, name: str, accessible: str, tip: str) -> None:
    widget.setObjectName(name)
    widget.setAccessibleName(accessible)
    widget.setToolTip(tip)
