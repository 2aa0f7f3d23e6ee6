"""Rows of an import page: a caption and a box of options of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from gui.importing.offers import Option, Outcome
from gui.look.plain_text import shortened, tip
from gui.widgets.fields import ChoiceBox

FEWEST_LETTERS = 16
"""Letters that a box has room for at least."""


class OptionBox(ChoiceBox):
    """Offers options; hides itself, with its caption, where there is nothing to choose.

    Signals: `picked()` when somebody has chosen.
    """

    picked = Signal()

    def __init__(self, form: QFormLayout, name: str, caption: str, about: str) -> None:
        super().__init__()
        self.setObjectName(f"import.{name}")
        self.setAccessibleName(caption)
        self.setToolTip(about)
        self.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(FEWEST_LETTERS)
        self._options: tuple[Option, ...] = ()
        self._form = form
        label = QLabel(caption)
        label.setBuddy(self)
        form.addRow(label, self)
        self.activated.connect(lambda _index: self.picked.emit())

    def show_options(self, options: Sequence[Option], value: Any) -> None:
        """Offer options, of which one is so."""
        with QSignalBlocker(self):
            if tuple(options) != self._options:
                self._fill(tuple(options))
            values = [option.value for option in options]
            self.setCurrentIndex(values.index(value) if value in values else -1)
        self._form.setRowVisible(self, len(options) > 1)

    def _fill(self, options: tuple[Option, ...]) -> None:
        self._options = options
        self.clear()
        model = self.model()
        assert isinstance(model, QStandardItemModel), "a combo box makes one"
        for place, option in enumerate(options):
            self.addItem(option.label)
            self.setItemData(place, tip(option.refused or option.tip), Qt.ItemDataRole.ToolTipRole)
            model.item(place).setEnabled(not option.refused)

    @property
    def value(self) -> Any:
        """Return the value that is chosen; None where there is nothing to choose."""
        return (
            self._options[self.currentIndex()].value
            if 0 <= self.currentIndex() < len(self._options)
            else None
        )


class OutcomeCard(QFrame):
    """Says what comes of a choice, or why it cannot be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import_outcome")
        self.label = QLabel()
        self.label.setObjectName("import.outcome")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setMinimumWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(self.label)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show sentences, or the problem."""
        self.label.setText(shortened(outcome.problem or "\n".join(outcome.sentences)))
        self.setProperty("problem", bool(outcome.problem))
        self.style().unpolish(self)
        self.style().polish(self)
