"""What windows that ended by a crash have left: each can be opened, or discarded; what is neither is offered again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs.question import question
from gui.text.language import translate


class RecoveryDialog(QDialog):
    """Lists what was left. Signals: `open_requested(int)`, `discard_requested(int)`, the number of an entry from 0."""

    open_requested = Signal(int)
    discard_requested = Signal(int)

    def __init__(self, entries: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recovery")
        self.setWindowTitle(translate("autosave", "Open what was not saved?"))
        self.resize(560, 260)
        text = QLabel(
            translate(
                "autosave",
                "Initscope ended before these changes were saved. What you neither open nor discard is offered "
                "again at the next start.",
            )
        )
        text.setWordWrap(True)
        self.list = QListWidget()
        self.list.setObjectName("recovery.list")
        self.list.setWordWrap(True)
        self.list.setSpacing(3)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(text.text())
        self.list.setToolTip(translate("autosave", "Double-click one to open it"))
        for number, entry in enumerate(entries):
            item = QListWidgetItem(entry)
            item.setData(Qt.ItemDataRole.UserRole, number)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemDoubleClicked.connect(self._open)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.opening = buttons.addButton(translate("autosave", "Open"), role.AcceptRole)
        self.opening.setToolTip(translate("autosave", "Open the chosen one in this window"))
        self.discarding = buttons.addButton(translate("autosave", "Discard"), role.DestructiveRole)
        self.discarding.setToolTip(translate("autosave", "Remove the chosen one"))
        later = buttons.addButton(translate("autosave", "Not now"), role.RejectRole)
        later.setToolTip(translate("autosave", "Leave all of them for the next start"))
        for name, button in (("open", self.opening), ("discard", self.discarding), ("later", later)):
            button.setObjectName(f"recovery.{name}")
            button.setAccessibleName(button.text())
        self.opening.setDefault(True)
        self.opening.clicked.connect(self._open)
        self.discarding.clicked.connect(self._discard)
        later.clicked.connect(self.reject)
        return buttons

    def _open(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.open_requested.emit(item.data(Qt.ItemDataRole.UserRole))

    def _discard(self) -> None:
        """Discard the chosen entry if somebody agrees."""
        item = self.list.currentItem()
        if item is None:
            return
        asked = question(
            self,
            translate("autosave", "Discard it?"),
            translate("autosave", "{0}\nNothing brings it back.").format(item.text()),
            translate("autosave", "Discard"),
        )
        asked.accepted.connect(lambda: self._remove(item))
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _remove(self, item: QListWidgetItem) -> None:
        number = item.data(Qt.ItemDataRole.UserRole)
        self.list.takeItem(self.list.row(item))
        self.discard_requested.emit(number)
        if not self.list.count():
            self.reject()
