"""The notes of the experiment, which is what it asks, and a person's own. They can stay open beside the window."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.look.handlers import shielded
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.language import translate

LONGEST_NOTES = 20_000
"""Characters of notes that are shown."""


class _OwnNotes(QPlainTextEdit):
    """Room to write. Signals: `left()` when the keys go somewhere else, or the dialog closes."""

    left = Signal()

    @shielded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that it is left."""
        super().focusOutEvent(event)
        self.left.emit()

    @shielded
    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it is left."""
        super().hideEvent(event)
        self.left.emit()


class NotesDialog(QDialog):
    """Shows texts of an experiment file as they are written there; below them there is room for more.

    Signals: `written(str)`, a person's own notes after every change; `left()` when the person turns to something else.
    """

    written = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notes")
        self.setWindowTitle(translate("notes", "Notes"))
        self.resize(460, 400)
        self.title = QLabel()
        self.title.setObjectName("notes.title")
        self.title.setProperty("title", True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.notes = QPlainTextEdit()
        self.notes.setObjectName("notes.text")
        self.notes.setAccessibleName(translate("notes", "Notes"))
        self.notes.setReadOnly(True)
        self.notes.document().setDocumentMargin(8)
        self.own = _OwnNotes()
        self.own.left.connect(self.left)
        self.own.setObjectName("notes.own")
        self.own.setAccessibleName(translate("notes", "Your notes"))
        self.own.setPlaceholderText(translate("notes", "Your own notes; they are saved with the session"))
        self.own.setToolTip(self.own.placeholderText())
        self.own.setTabChangesFocus(True)
        self.own.document().setDocumentMargin(8)
        self.own.textChanged.connect(self._tell)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.notes, 1)
        layout.addWidget(self.own, 1)
        layout.addWidget(buttons)

    def show_notes(self, title: str, notes: str) -> None:
        """Show what an experiment is about."""
        self.title.setText(shortened(title, 2 * LONGEST_NAME))
        self.notes.setPlainText(shortened(notes, LONGEST_NOTES) or translate("notes", "It has no notes."))

    def show_own(self, notes: str) -> None:
        """Show what a person has written."""
        if notes != self.own.toPlainText():
            with QSignalBlocker(self.own):
                self.own.setPlainText(notes)

    def _tell(self) -> None:
        text = self.own.toPlainText()
        if len(text) > LONGEST_NOTES:
            self.own.undo()  # a file could not hold it
            return
        self.written.emit(text)
