"""The page of the import that shows weights and asks how they are read."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from engine.importing.inspection import FileContents
from gui.importing.choice_rows import OptionBox, OutcomeCard
from gui.importing.offers import WeightsChoice, WeightsOffer
from gui.importing.seen_tables import ArraysTable, NumbersTable
from gui.text.language import translate


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
