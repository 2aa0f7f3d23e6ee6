"""A box of choices in which those that do not fit stay visible, and say why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QWidget

from gui.editor.form import FormChoice
from gui.look.plain_text import tip
from gui.text.language import translate
from gui.widgets.fields import ChoiceBox

FEWEST_LETTERS = 6
"""Letters for which a box has room at least; a longer one must not widen the panel."""


class ChoiceField(ChoiceBox):
    """Signals: `picked(FormChoice)` when somebody has chosen, never when it is told what to show."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[FormChoice, ...] = ()
        self.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(FEWEST_LETTERS)
        self.activated.connect(lambda index: self.picked.emit(self._choices[index]))

    def show_choices(self, choices: Sequence[FormChoice], index: int) -> None:
        """Offer choices, of which one is so; -1 where several are. An open list is left alone."""
        if self.view().isVisible():
            return
        with QSignalBlocker(self):
            if tuple(choices) != self._choices:
                self._fill(tuple(choices))
            self.setCurrentIndex(index)
        self.setPlaceholderText(translate("experiment panel", "mixed"))

    def _fill(self, choices: tuple[FormChoice, ...]) -> None:
        self._choices = choices
        self.clear()
        model = self.model()
        assert isinstance(model, QStandardItemModel), "a combo box makes one"
        for place, choice in enumerate(choices):
            self.addItem(choice.label)
            told = f"{choice.about}\n{choice.refused}" if choice.refused else choice.about
            self.setItemData(place, tip(told.strip()), Qt.ItemDataRole.ToolTipRole)
            self.setItemData(place, choice.refused, Qt.ItemDataRole.AccessibleDescriptionRole)
            model.item(place).setEnabled(not choice.refused)
        longest = self.view().sizeHintForColumn(0)
        self.view().setMinimumWidth(longest + 12)
