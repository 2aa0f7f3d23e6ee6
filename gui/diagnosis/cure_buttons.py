"""What to do with a change that is proposed: try it in a lane, keep it, or read it as lines of code."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.symptoms.findings import Cure
from gui.diagnosis.code_lines import CodeLines
from gui.text.language import translate
from gui.widgets.menu_button import MenuButton


class CureButtons(QWidget):
    """Signals: `try_requested()`, `keep_requested(bool)`: in all lanes, or in this one."""

    try_requested = Signal()
    keep_requested = Signal(bool)

    def __init__(self, name: str, cure: Cure) -> None:
        super().__init__()
        self._name = name
        self._lines = CodeLines(f"{name}.lines", cure)
        self._lines.hide()
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self._try(), self._keep(), self._code()):
            button.setProperty("chip", True)
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self._lines)

    def _try(self) -> QPushButton:
        attempt = QPushButton(translate("diagnosis", "Try it"))
        attempt.setObjectName(f"{self._name}.try")
        attempt.setAccessibleName(translate("diagnosis", "Try this change"))
        attempt.setToolTip(
            translate("diagnosis", "Open the changed lane beside this one, from the same seed")
        )
        attempt.clicked.connect(self.try_requested)
        return attempt

    def _code(self) -> QToolButton:
        code = QToolButton()
        code.setText(translate("diagnosis", "Code"))
        code.setObjectName(f"{self._name}.code")
        code.setAccessibleName(translate("diagnosis", "Lines of code for this change"))
        code.setToolTip(translate("diagnosis", "What to write: in this program, with PyTorch, with Keras"))
        code.setCheckable(True)
        code.toggled.connect(self._lines.setVisible)
        return code

    def _keep(self) -> QToolButton:
        menu = QMenu(self)
        keep = MenuButton(menu)
        keep.setText(translate("diagnosis", "Keep"))
        keep.setObjectName(f"{self._name}.keep")
        keep.setAccessibleName(translate("diagnosis", "Keep this change"))
        keep.setToolTip(translate("diagnosis", "Write this change into the experiment"))
        keep.setProperty("keeps", True)
        keep.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu.setObjectName(f"{self._name}.keep.menu")
        here = menu.addAction(translate("diagnosis", "In this lane"))
        here.triggered.connect(lambda: self.keep_requested.emit(False))
        everywhere = menu.addAction(translate("diagnosis", "In all lanes"))
        everywhere.triggered.connect(lambda: self.keep_requested.emit(True))
        return keep
