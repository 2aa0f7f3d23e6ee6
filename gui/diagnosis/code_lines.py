"""The lines that make a cure in this program, with PyTorch and with Keras, to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from engine.symptoms.findings import Cure
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.look.handlers import shielded
from gui.text.language import translate

AROUND = 6
"""Pixels that a block needs beside its lines."""


class CodeLines(QWidget):
    """Three blocks of text, each with a button that copies it."""

    def __init__(self, name: str, cure: Cure) -> None:
        super().__init__()
        blocks: dict[str, Sequence[str]] = {
            "Initscope": [here(cure)],
            "PyTorch": torch_lines(cure),
            "Keras": keras_lines(cure),
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, (library, lines) in enumerate(blocks.items()):
            title, block = QLabel(library), _Block("\n".join(lines))
            title.setProperty("muted", True)
            block.setObjectName(f"{name}.{library.lower()}")
            block.setAccessibleName(translate("diagnosis", "What to write: {0}").format(library))
            for widget in (title, block):
                widget.setToolTip(block.accessibleName())
            grid.addWidget(title, 2 * row, 0)
            grid.addWidget(_copy_button(block, library), 2 * row, 1)
            grid.addWidget(block, 2 * row + 1, 0, 1, 2)


def _copy_button(block: _Block, library: str) -> QPushButton:
    copy = QPushButton(translate("diagnosis", "Copy"))
    copy.setObjectName(f"{block.objectName()}.copy")
    copy.setProperty("link", True)
    copy.setProperty("tight", True)
    copy.setAccessibleName(translate("diagnosis", "Copy the lines: {0}").format(library))
    copy.setToolTip(copy.accessibleName())
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(block.toPlainText()))
    return copy


class _Block(QPlainTextEdit):
    """Lines that can be selected, broken anywhere where they are too long, and seen in full."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("code", True)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(4)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the text is in the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        block, height = self.document().begin(), float(AROUND)
        while block.isValid():  # the document knows its height only after each of them was laid out
            height += self.blockBoundingRect(block).height()
            block = block.next()
        if ceil(height) != self.height():
            self.setFixedHeight(ceil(height))
