"""The lines that make a cure in this program, with PyTorch and with Keras, to be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from engine.symptoms.findings import Cure
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.text.language import translate


class CodeLines(QWidget):
    """Three blocks of text, each with a button that copies it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._blocks = [
            (QLabel(title), QLabel(), QPushButton(translate("diagnosis", "Copy")))
            for title in ("Initscope", "PyTorch", "Keras")
        ]
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, (title, text, copy) in enumerate(self._blocks):
            self._dress(f"{name}.{title.text().lower()}", title, text, copy)
            grid.addWidget(title, 2 * row, 0)
            grid.addWidget(copy, 2 * row, 1)
            grid.addWidget(text, 2 * row + 1, 0, 1, 2)

    @staticmethod
    def _dress(name: str, title: QLabel, text: QLabel, copy: QPushButton) -> None:
        title.setProperty("muted", True)
        title.setToolTip(translate("diagnosis", "What to write to get this cure"))
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setStyleHint(QFont.StyleHint.Monospace)
        text.setObjectName(name)
        text.setProperty("code", True)
        text.setFont(font)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setToolTip(translate("diagnosis", "What to write to get this cure"))
        text.setMinimumWidth(1)
        copy.setObjectName(f"{name}.copy")
        copy.setProperty("link", True)
        copy.setAccessibleName(translate("diagnosis", "Copy the lines for {0}").format(title.text()))
        copy.setToolTip(copy.accessibleName())
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text.text().replace("\u200b", "")))

    def show_cure(self, cure: Cure) -> None:
        """Show the lines of a cure."""
        lines: tuple[Sequence[str], ...] = ([here(cure)], torch_lines(cure), keras_lines(cure))
        for (_, text, _), said in zip(self._blocks, lines, strict=True):
            text.setText(_breakable("\n".join(said)))


def _breakable(text: str) -> str:
    """Return code that may be broken behind dots, so that long paths stay inside a narrow panel."""
    return text.replace(".", ".\u200b").replace("=", "=\u200b")
