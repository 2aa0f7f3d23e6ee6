"""The pages of the import: samples, of which something is predicted, and weights, from which lanes start."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.importing.inspection import FileContents
from gui.importing.choice_rows import OptionBox, OutcomeCard
from gui.importing.offers import DataOffer, WeightsChoice, WeightsOffer
from gui.importing.seen_tables import ArraysTable, NumbersTable, RowsTable
from gui.text.language import translate
from gui.widgets.fields import NumberField

MOST_TEST = 90
"""Percent of the samples that can be kept for testing."""


class DataPage(QWidget):
    """Signals: `chosen(DataChoice, fits)` whenever somebody has changed something."""

    chosen = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows, self.arrays, self.numbers = RowsTable(), ArraysTable(), NumbersTable()
        self.outcome = OutcomeCard()
        self._contents: FileContents | None = None
        self._offer: DataOffer | None = None
        self._left, self._right = QFormLayout(), QFormLayout()
        self._make_boxes()
        self._arrange()
        self.rows.column_chosen.connect(self._choose_column)
        self.arrays.array_chosen.connect(self._show_numbers)

    def _make_boxes(self) -> None:
        left, right = self._left, self._right
        self.inputs = OptionBox(
            left,
            "inputs",
            translate("import", "inputs"),
            translate("import", "The array with a row for each sample"),
        )
        self.targets = OptionBox(
            left,
            "targets",
            translate("import", "predict"),
            translate("import", "What the network learns to tell"),
        )
        self.forms = OptionBox(
            left,
            "form",
            translate("import", "taken for"),
            translate("import", "Classes are told apart, numbers are met as nearly as possible"),
        )
        self.share = NumberField()
        self.share.setObjectName("import.test_share")
        self.share.setRange(0, MOST_TEST)
        self.share.setSuffix(" %")
        self.share.setAccessibleName(translate("import", "kept for testing"))
        self.share.setToolTip(
            translate("import", "The share of the samples that is not learned but tested on")
        )
        self._left.addRow(QLabel(translate("import", "kept for testing")), self.share)
        self.scalings = OptionBox(
            right,
            "scaling",
            translate("import", "scaling"),
            translate("import", "Standardized columns have mean 0 and deviation 1 over the training samples"),
        )
        self.networks = OptionBox(
            right,
            "network",
            translate("import", "network"),
            translate("import", "What the network ends in, and its loss, can be changed so that they fit"),
        )
        for box in (self.inputs, self.targets, self.forms, self.scalings, self.networks):
            box.picked.connect(self._tell)
        self.share.valueChanged.connect(self._tell)

    def _arrange(self) -> None:
        layout, boxes = QVBoxLayout(self), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for table in (self.rows, self.arrays, self.numbers):
            layout.addWidget(table)
        for form in (self._left, self._right):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setVerticalSpacing(6)
            boxes.addLayout(form, 1)
        boxes.setSpacing(24)
        layout.addLayout(boxes)
        layout.addWidget(self.outcome)
        layout.addStretch(1)

    def show_offer(self, contents: FileContents, offer: DataOffer) -> None:
        """Show what is in a file, what can be chosen of it and what is."""
        is_new = contents is not self._contents
        self._contents, self._offer = contents, offer
        choice = offer.choice
        self.inputs.show_options(offer.inputs, choice.inputs)
        self.targets.show_options(offer.targets, choice.targets if contents.table is None else choice.column)
        self.forms.show_options(offer.forms, choice.form)
        self.scalings.show_options(offer.scalings, choice.scaling)
        self.networks.show_options(offer.networks, offer.fits)
        with QSignalBlocker(self.share):
            self.share.setValue(round(100 * choice.test_share))
        self._left.setRowVisible(self.share, offer.divides)
        self.outcome.show_outcome(offer.outcome)
        self._show_contents(contents, offer, is_new=is_new)

    def _show_contents(self, contents: FileContents, offer: DataOffer, *, is_new: bool) -> None:
        is_table = contents.table is not None
        self.rows.setVisible(is_table)
        self.arrays.setVisible(not is_table)
        self.numbers.setVisible(not is_table)
        if contents.table is not None:
            self.rows.show_table(contents.table, offer.choice.column)
            return
        self.arrays.show_arrays(contents.arrays, _roles(contents, offer))
        if is_new:
            self.arrays.selectRow([array.name for array in contents.arrays].index(offer.choice.inputs))

    def _show_numbers(self, row: int) -> None:
        if self._contents is not None and 0 <= row < len(self._contents.arrays):
            self.numbers.show_array(self._contents.arrays[row])

    def _choose_column(self, place: int) -> None:
        if self._offer is not None:
            self.chosen.emit(replace(self._offer.choice, column=place), self._offer.fits)

    def _tell(self) -> None:
        if self._offer is None or self._contents is None:
            return
        choice = replace(
            self._offer.choice,
            form=self.forms.value or self._offer.choice.form,
            scaling=self.scalings.value,
            test_share=self.share.value() / 100,
        )
        if self._contents.table is not None:
            choice = replace(choice, column=self.targets.value)
        elif self._contents.idx is None:
            choice = replace(choice, inputs=self.inputs.value, targets=self.targets.value)
        self.chosen.emit(choice, bool(self.networks.value))


def _roles(contents: FileContents, offer: DataOffer) -> dict[str, str]:
    """Return what the arrays of a file are taken for."""
    inputs, targets = translate("import", "inputs"), translate("import", "to predict")
    if offer.choice.targets is None:
        inputs = translate("import", "inputs, and in the last column what to predict")
    found = {offer.choice.inputs: inputs, offer.choice.targets: targets}
    roles = contents.roles
    if roles is not None and not offer.divides:
        test = translate("import", "test samples")
        found.update({roles.test_inputs: test, roles.test_targets: test})
    return {name: role for name, role in found.items() if name is not None}


class WeightsPage(QWidget):
    """Signals: `chosen(WeightsChoice)` whenever somebody has changed something."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrays, self.numbers, self.outcome = ArraysTable(), NumbersTable(), OutcomeCard()
        self._contents: FileContents | None = None
        self._offer: WeightsOffer | None = None
        form = QFormLayout()
        self.networks = OptionBox(
            form,
            "networks",
            translate("import", "of the networks in it"),
            translate("import", "The file holds the weights of several networks"),
        )
        self.orientations = OptionBox(
            form,
            "orientation",
            translate("import", "matrices"),
            translate("import", "PyTorch stores a neuron as a row, most other programs as a column"),
        )
        self.lanes = OptionBox(
            form,
            "lane",
            translate("import", "start"),
            translate("import", "Which lanes start from these weights"),
        )
        for box in (self.networks, self.orientations, self.lanes):
            box.picked.connect(self._tell)
        self.arrays.array_chosen.connect(self._show_numbers)
        self._arrange(form)

    def _arrange(self, form: QFormLayout) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.arrays)
        layout.addWidget(self.numbers)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.outcome)
        layout.addStretch(1)

    def show_offer(self, contents: FileContents, offer: WeightsOffer) -> None:
        """Show what is in a file, what can be chosen of it and what is."""
        is_new = contents is not self._contents
        self._contents, self._offer = contents, offer
        choice = offer.choice
        self.networks.show_options(offer.networks, choice.network)
        self.orientations.show_options(offer.orientations, choice.rows_are_neurons)
        self.lanes.show_options(offer.lanes, choice.lane)
        self.outcome.show_outcome(offer.outcome)
        self.arrays.show_arrays(contents.arrays, dict(offer.roles))
        if is_new:
            self.arrays.selectRow(0)

    def _show_numbers(self, row: int) -> None:
        if self._contents is not None and 0 <= row < len(self._contents.arrays):
            self.numbers.show_array(self._contents.arrays[row])

    def _tell(self) -> None:
        if self._offer is not None:
            network = self.networks.value if self._offer.networks else self._offer.choice.network
            self.chosen.emit(WeightsChoice(network, bool(self.orientations.value), self.lanes.value))
