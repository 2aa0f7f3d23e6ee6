"""The dialog of the import: it waits while a file is read, then shows what is in it and asks what is made of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.importing.inspection import FileContents, Holds
from gui.importing import import_words as words
from gui.importing.offers import DataOffer, Outcome, WeightsOffer
from gui.importing.pages import DataPage, WeightsPage
from gui.look.plain_text import LONGEST_NAME, shortened, tip
from gui.text.language import translate
from gui.widgets.elided_label import ElidedLabel

SIZE = (760, 160)
"""Of the dialog while a file is read."""
PROGRESS = 1000
"""The steps of the bar that shows how much of a file was read."""


class ImportDialog(QDialog):
    """Signals: `data_chosen(DataChoice, fits)`, `weights_chosen(WeightsChoice)` after every change, `taken_for(what)`:
    data or weights, and `agreed()` when what is chosen shall be done.
    """

    data_chosen = Signal(object, bool)
    weights_chosen = Signal(object)
    taken_for = Signal(str)
    agreed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Open with the name of a file that is being read."""
        super().__init__(parent)
        self.setObjectName("import")
        self.setWindowTitle(translate("import", "Import"))
        self.resize(*SIZE)
        self._title, self._about = ElidedLabel(), QLabel()
        self._title.setProperty("title", True)
        self._title.write(shortened(name, LONGEST_NAME))
        self._title.setToolTip(tip(name))
        self._about.setProperty("muted", True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal = QLabel()
        self.refusal.setObjectName("import.refusal")
        self.refusal.setProperty("refusal", True)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.setMinimumWidth(1)
        self.progress = QProgressBar()
        self.progress.setObjectName("import.progress")
        self.progress.setAccessibleName(translate("import", "How much of the file was read"))
        self.progress.setTextVisible(False)
        self.progress.setRange(0, PROGRESS)
        self.data, self.weights = DataPage(), WeightsPage()
        self.data.chosen.connect(self.data_chosen)
        self.weights.chosen.connect(self.weights_chosen)
        self._make_buttons()
        self._arrange()
        self.wait(translate("import", "The file is being read …"))

    def _make_buttons(self) -> None:
        self.kinds = QButtonGroup(self)
        self.as_data = QRadioButton(translate("import", "data"))
        self.as_weights = QRadioButton(translate("import", "weights"))
        for button, name, about in (
            (self.as_data, "data", translate("import", "The arrays are samples to learn from")),
            (self.as_weights, "weights", translate("import", "The arrays are weights to start from")),
        ):
            button.setObjectName(f"import.as_{name}")
            button.setAccessibleName(button.text())
            button.setToolTip(about)
            button.clicked.connect(lambda _checked=False, name=name: self.taken_for.emit(name))
            self.kinds.addButton(button)
        self._buttons = QDialogButtonBox()
        self.import_button = self._buttons.addButton(
            translate("import", "Import"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.import_button.setObjectName("import.agree")
        self.import_button.setProperty("primary", True)
        self.cancel_button = self._buttons.addButton(
            translate("import", "Cancel"), QDialogButtonBox.ButtonRole.RejectRole
        )
        self.cancel_button.setObjectName("import.cancel")
        self.cancel_button.setAutoDefault(False)
        self._buttons.accepted.connect(self.agreed)
        self._buttons.rejected.connect(self.reject)

    def _arrange(self) -> None:
        layout, head, self._kinds = QVBoxLayout(self), QVBoxLayout(), QWidget()
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(10)
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(self._about)
        layout.addLayout(head)
        row = QHBoxLayout(self._kinds)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(translate("import", "Take it for")))
        row.addWidget(self.as_data)
        row.addWidget(self.as_weights)
        row.addStretch(1)
        layout.addWidget(self._kinds)
        for page in (self.data, self.weights):
            layout.addWidget(page, 1)
            page.hide()
        layout.addWidget(self.refusal)
        layout.addWidget(self.progress)
        layout.addWidget(self._buttons)
        self.import_button.setDefault(True)  # now that it belongs to this dialog

    def wait(self, text: str) -> None:
        """Say what is being done; nothing can be chosen meanwhile, but it can be given up."""
        self._about.setText(text)
        self._kinds.setVisible(self._is_read and self._kinds.isVisible())
        self.progress.setValue(0)
        self.progress.show()
        self.refusal.hide()
        self._set_open(False)

    @property
    def _is_read(self) -> bool:
        """Return whether it is known what is in the file."""
        return not (self.data.isHidden() and self.weights.isHidden())

    def _set_open(self, is_open: bool) -> None:
        for part in (self.data, self.weights, self._kinds, self.import_button):
            part.setEnabled(is_open)

    def show_progress(self, share: float) -> None:
        """Show how much was done, 0 to 1."""
        self.progress.setValue(round(share * PROGRESS))

    def show_contents(self, contents: FileContents, holds: Holds, *, is_open: bool) -> None:
        """Show what a file is, and what it is taken for, which can be changed where it `is_open`."""
        self._about.setText(words.file_text(contents))
        self._kinds.setVisible(is_open)
        (self.as_data if holds == "data" else self.as_weights).setChecked(True)
        self.data.setVisible(holds == "data")
        self.weights.setVisible(holds == "weights")
        self._set_open(True)
        self.import_button.setFocus()

    def fit(self) -> None:
        """Be as high as what is shown needs."""
        self.adjustSize()
        self.resize(SIZE[0], self.height())

    def show_data(self, contents: FileContents, offer: DataOffer) -> None:
        """Show what can be chosen of samples."""
        self.data.show_offer(contents, offer)
        self._be_ready(offer.outcome)

    def show_weights(self, contents: FileContents, offer: WeightsOffer) -> None:
        """Show what can be chosen of weights."""
        self.weights.show_offer(contents, offer)
        self._be_ready(offer.outcome)

    def _be_ready(self, outcome: Outcome) -> None:
        self.progress.hide()
        self.refusal.hide()
        self.import_button.setEnabled(not outcome.problem)

    def refuse(self, text: str) -> None:
        """Say why nothing can be made of the file, or of what was chosen."""
        self.progress.hide()
        self.refusal.setText(shortened(text))
        self.refusal.show()
        self._set_open(True)
        if not self._is_read:
            self._about.clear()
            self.import_button.hide()
            self.cancel_button.setText(translate("import", "Close"))
            self.cancel_button.setDefault(True)
            self.cancel_button.setFocus()
