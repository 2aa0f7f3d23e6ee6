"""The dialog that changes a network by hand: noise, a copy of a neuron, and taking such lanes away again."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from engine.report.probes import pair_in
from engine.report.snapshot import Snapshot
from gui.text.language import translate
from gui.text.words import number_in
from gui.widgets.fields import ChoiceBox, NumberField

NOISES = ("1e-1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6", "1e-7")
FIRST_NOISE = "1e-3"


class TouchPanel(QDialog):
    """Stays open beside the window.

    Signals: `noise_requested(lane, standard deviation)`, `copy_neuron_requested(lane, Pair)`: the second becomes
    equal to the first, `removal_requested(lane)`; lanes are names.
    """

    noise_requested = Signal(str, float)
    copy_neuron_requested = Signal(str, object)
    removal_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("touch")
        self.setWindowTitle(translate("touch", "Touch the network"))
        self._hidden: list[tuple[int, ...]] = []
        self.lane = ChoiceBox()
        _explain(
            self.lane,
            "touch.lane",
            translate("touch", "Lane"),
            translate("touch", "The lane that is changed, in a new lane beside it"),
        )
        self.noise = ChoiceBox()
        self.noise.setEditable(True)
        self.noise.addItems(NOISES)
        self.noise.setCurrentText(FIRST_NOISE)
        _explain(
            self.noise,
            "touch.noise",
            translate("touch", "Noise"),
            translate("touch", "The standard deviation of the noise"),
        )
        self.layer, self.first, self.second = NumberField(), NumberField(), NumberField()
        _explain(
            self.layer,
            "touch.layer",
            translate("touch", "Layer"),
            translate("touch", "The hidden layer of both neurons"),
        )
        _explain(
            self.first,
            "touch.first",
            translate("touch", "Neuron"),
            translate("touch", "The neuron that stays as it is"),
        )
        _explain(
            self.second,
            "touch.second",
            translate("touch", "Second neuron"),
            translate("touch", "The neuron that becomes its copy"),
        )
        self.add_noise, self.copy_neuron, self.remove = QPushButton(), QPushButton(), QPushButton()
        for button in (self.add_noise, self.copy_neuron, self.remove):
            button.setEnabled(False)  # until there are lanes
            button.setAutoDefault(False)  # Enter in a field must not remove a lane
        self.add_noise.setText(translate("touch", "Break the symmetry now"))
        self.copy_neuron.setText(translate("touch", "Copy it"))
        self.remove.setText(translate("touch", "Remove this lane"))
        _explain(
            self.add_noise,
            "touch.break",
            self.add_noise.text(),
            translate("touch", "Add the noise, in a new lane"),
        )
        _explain(
            self.copy_neuron,
            "touch.copy",
            self.copy_neuron.text(),
            translate("touch", "Make the two neurons equal, in a new lane"),
        )
        _explain(
            self.remove,
            "touch.remove",
            self.remove.text(),
            translate("touch", "Take this lane away; undo brings it back"),
        )
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(3, 1)
        self._sentence(
            grid,
            0,
            translate("touch", "Every touch makes a new lane from the shown step on. The old one stays."),
        )
        self._row(grid, 1, translate("touch", "lane"), self.lane, None, self.remove)
        self._heading(grid, 2, translate("touch", "One weight"))
        self._sentence(
            grid,
            3,
            translate(
                "touch", "Drag its cell in a heatmap up or down, or double-click the cell to type a value."
            ),
        )
        self._heading(grid, 4, translate("touch", "Noise"))
        self._sentence(
            grid,
            5,
            translate(
                "touch",
                "Adds normal noise of standard deviation e to all weights that lead into hidden layers.",
            ),
        )
        self._row(grid, 6, translate("touch", "e ="), self.noise, None, self.add_noise)
        self._heading(grid, 7, translate("touch", "Two equal neurons"))
        self._sentence(
            grid,
            8,
            translate(
                "touch",
                "The second neuron gets the incoming weights, the bias and the outgoing weights of the first.",
            ),
        )
        self._row(grid, 9, translate("touch", "layer"), self.layer)
        self._row(grid, 10, translate("touch", "neurons"), self.first, self.second, self.copy_neuron)

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
        self.copy_neuron.clicked.connect(self._ask_for_copy)
        self.remove.clicked.connect(lambda: self.removal_requested.emit(self.lane.currentText()))

    def show_lanes(self, snapshot: Snapshot) -> None:
        """Offer the lanes of a snapshot; the chosen one stays chosen."""
        self._hidden = [lane.layout.widths[1:-1] for lane in snapshot.lanes]
        chosen = self.lane.currentText()
        with QSignalBlocker(self.lane):
            self.lane.clear()
            self.lane.addItems([lane.name for lane in snapshot.lanes])
            self.lane.setCurrentIndex(max(0, self.lane.findText(chosen)))
        self._show_choices()

    def _show_choices(self) -> None:
        """Allow what is possible in the chosen lane."""
        if not self._hidden:  # before the first experiment
            return
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
        self.copy_neuron.setEnabled(self.first.value() != self.second.value())
        self.remove.setEnabled(len(self._hidden) > 1)

    def _ask_for_noise(self) -> None:
        noise = number_in(self.noise.currentText())
        if noise is not None:
            self.noise_requested.emit(self.lane.currentText(), noise)

    def _ask_for_copy(self) -> None:
        pair = pair_in(self.layer.value(), self.first.value() - 1, self.second.value() - 1)
        self.copy_neuron_requested.emit(self.lane.currentText(), pair)


def _explain(widget: QWidget, name: str, accessible: str, tip: str) -> None:
    widget.setObjectName(name)
    widget.setAccessibleName(accessible)
    widget.setToolTip(tip)
