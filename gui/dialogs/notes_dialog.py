"""The notes of the experiment: its question, and what there is to see in it. It can stay open beside the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.language import translate

LONGEST_NOTES = 20_000
"""Characters of notes that are shown."""


class NotesDialog(QDialog):
    """Shows texts of an experiment file as they are written there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notes")
        self.setWindowTitle(translate("notes", "Notes"))
        self.resize(460, 300)
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
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.notes, 1)
        layout.addWidget(buttons)

    def show_notes(self, title: str, notes: str) -> None:
        """Show what an experiment is about."""
        self.title.setText(shortened(title, 2 * LONGEST_NAME))
        self.notes.setPlainText(shortened(notes, LONGEST_NOTES) or translate("notes", "It has no notes."))
