"""The formula of the shown operation, and the chosen cell of it written out with the numbers of the run."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.look.plain_text import shortened
from gui.operations.shown_operation import ShownOperation, operations_of
from gui.present.frame import Frame
from gui.text.language import translate
from gui.timeline.phases import phase_names
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.fields import DecimalField, NumberField

BUTTONS = ("phase_back", "operation_back", "slow_motion", "operation_forward", "phase_forward")
FIELD_HEIGHT = 26
SLOWEST, FASTEST, USUAL = 10.0, 0.25, 1.25
"""Seconds that slow motion shows an operation."""


class FormulaBand(QFrame):
    """Stands above the lanes while operations are shown.

    Signals: `pace_chosen(seconds)`, `sample_chosen(number from 0, or None for some of all)`, `closed()`.
    """

    pace_chosen = Signal(float)
    sample_chosen = Signal(object)
    closed = Signal()

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("operation")
        self.setProperty("card", True)
        self.phases = QLabel()
        self.formula, self.place = ElidedLabel(), QLabel()
        self.lines = [ElidedLabel(), ElidedLabel()]
        self.functions = ElidedLabel()
        self._arrange(actions)
        self.hide()

    def _arrange(self, actions: Mapping[str, QAction]) -> None:
        self.phases.setObjectName("operation.phases")
        self.phases.setTextFormat(Qt.TextFormat.RichText)
        self.formula.setObjectName("operation.formula")
        self.formula.setProperty("heading", True)
        self.functions.setProperty("muted", True)
        self.place.setProperty("muted", True)
        for number, line in enumerate(self.lines):
            line.setObjectName(f"operation.line.{number}")
            line.setToolTip(
                translate(
                    "operations",
                    "The chosen cell with this run's numbers: point at a cell of what is written, click to keep it",
                )
            )
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.phases)
        top.addWidget(self.formula)
        top.addWidget(self.functions, 1)
        top.addWidget(self.place)
        for name in BUTTONS:
            top.addWidget(self._button(actions[name], name))
        top.addWidget(self._close())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 6)
        layout.setSpacing(1)
        layout.addLayout(top)
        below, lines = QHBoxLayout(), QVBoxLayout()
        lines.setSpacing(1)
        below.setSpacing(8)
        for line in self.lines:
            lines.addWidget(line)
        below.addLayout(lines, 1)
        below.addWidget(self._sample())
        below.addWidget(self._pace())
        layout.addLayout(below)

    @staticmethod
    def _button(action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"operation.{name}")
        button.setDefaultAction(action)
        button.setAccessibleName(action.toolTip())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _pace(self) -> DecimalField:
        self.pace = DecimalField()
        self.pace.setObjectName("operation.pace")
        self.pace.setRange(FASTEST, SLOWEST)
        self.pace.setSingleStep(0.25)
        self.pace.setValue(USUAL)
        self.pace.setFixedHeight(FIELD_HEIGHT)
        self.pace.setSuffix(translate("operations", " s"))
        self.pace.setAccessibleName(translate("operations", "Seconds for each operation"))
        self.pace.setToolTip(translate("operations", "How long slow motion shows an operation"))
        self.pace.valueChanged.connect(self.pace_chosen)
        return self.pace

    def _sample(self) -> NumberField:
        self.sample = NumberField()
        self.sample.setObjectName("operation.sample")
        self.sample.setRange(0, 0)
        self.sample.setKeyboardTracking(False)
        self.sample.setButtonSymbols(NumberField.ButtonSymbols.NoButtons)
        self.sample.setFixedHeight(FIELD_HEIGHT)
        self.sample.setSpecialValueText(translate("operations", "some samples"))
        self.sample.setPrefix(translate("operations", "sample "))
        self.sample.setAccessibleName(translate("operations", "The sample that is always shown"))
        self.sample.setToolTip(
            translate(
                "operations",
                "Of many samples some are shown, spread over the classes or targets. A number fixes one: it is always "
                "among them, and it is written out. 0 takes that back",
            )
        )
        self.sample.valueChanged.connect(
            lambda number: self.sample_chosen.emit(number - 1 if number else None)
        )
        return self.sample

    def _close(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("operation.close")
        button.setText("✕")
        button.setAccessibleName(translate("operations", "Show the whole step again"))
        button.setToolTip(translate("operations", "Show the whole step again"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.closed)
        return button

    def show_frame(self, frame: Frame) -> None:
        """Show the operation of a frame, or nothing."""
        self.setVisible(frame.operation is not None)
        shown = operations_of(frame)[frame.lead]
        if shown is None:
            return
        done = shown.done
        self.phases.setText(_phases(done.phase))
        self.formula.write(done.formula)
        self.functions.write(
            "   ".join(
                f"{name}(z) = {formula}"
                for name, formula in shown.walk.functions.items()
                if name in done.formula
            )
        )
        self._show_sample(frame, shown)
        count = len(shown.walk.operations)
        self.place.setText(translate("operations", "operation {0} of {1}").format(shown.place + 1, count))
        name = f"{shortened(shown.lane.name)}:  " if len(frame.snapshot.lanes) > 1 else ""
        lines = shown.lines
        if shown.samples.is_missing:
            lines = [
                *lines[:1],
                translate("operations", "The fixed sample is not in the batch of this step."),
            ]
        for number, label in enumerate(self.lines):
            label.write(f"{name}{lines[number]}" if number < len(lines) else " ")

    def _show_sample(self, frame: Frame, shown: ShownOperation) -> None:
        dataset = shown.lane.dataset
        self.sample.setVisible(shown.samples.are_some or frame.sample is not None)
        with QSignalBlocker(self.sample):
            self.sample.setMaximum(shown.samples.total if dataset is None else dataset.samples)
            self.sample.setValue(0 if frame.sample is None else frame.sample + 1)


def _phases(current: str) -> str:
    """Return the phases of a step, the current one bold."""
    return " › ".join(
        f'<span style="font-weight:600">{name}</span>' if phase == current else name
        for phase, name in phase_names().items()
    )
