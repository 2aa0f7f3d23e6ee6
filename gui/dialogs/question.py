"""One calm question before something is lost."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from gui.look.plain_text import make_plain


def question(window: QWidget, title: str, loss: str, button: str) -> QMessageBox:
    """Return a dialog that asks, says what would be lost, and does nothing by default; open it to ask.

    It is `accepted` by the button with the given text. Nothing waits for the answer.
    """
    dialog = QMessageBox(window)
    dialog.setObjectName("question")
    dialog.setWindowTitle(title)
    dialog.setText(title)
    dialog.setInformativeText(loss)
    dialog.setStandardButtons(QMessageBox.StandardButton.Ok | QMessageBox.StandardButton.Cancel)
    dialog.button(QMessageBox.StandardButton.Ok).setText(button)
    dialog.setDefaultButton(QMessageBox.StandardButton.Cancel)
    make_plain(dialog)
    return dialog
