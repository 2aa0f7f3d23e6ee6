"""One cure: what it changes, what its trial gave, and buttons to try it and to keep it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.trials.outcome import Share
from gui.diagnosis.case import Treatment
from gui.diagnosis.code_lines import CodeLines
from gui.diagnosis.diagnosis_words import cure_title, trial_text
from gui.text.language import translate


class CureBox(QWidget):
    """Signals: `try_requested()`, `keep_requested(bool)`: in all lanes, or in this one."""

    try_requested = Signal()
    keep_requested = Signal(bool)

    def __init__(self, name: str, treatment: Treatment, without: Share | None) -> None:
        """Show a cure; `without` is what came of the runs before it, None while that is not known."""
        super().__init__()
        cure = treatment.cure
        title = QLabel(cure_title(cure))
        title.setObjectName(f"{name}.title")
        title.setProperty("caption", True)
        title.setToolTip(translate("diagnosis", "What the cure changes"))
        title.setWordWrap(True)
        self._lines = CodeLines(f"{name}.lines", cure)
        self._lines.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(title)
        if without is not None:
            layout.addWidget(self._trial(name, trial_text(cure, without)))
        layout.addLayout(self._buttons(name))
        layout.addWidget(self._lines)

    @staticmethod
    def _trial(name: str, said: str) -> QLabel:
        trial = QLabel(said)
        trial.setObjectName(f"{name}.trial")
        trial.setProperty("small", True)
        trial.setWordWrap(True)
        trial.setToolTip(translate("diagnosis", "How many runs learn with this cure, from as many seeds"))
        return trial

    def _buttons(self, name: str) -> QHBoxLayout:
        attempt = QPushButton(translate("diagnosis", "Try it"))
        attempt.setObjectName(f"{name}.try")
        attempt.setAccessibleName(translate("diagnosis", "Try this cure"))
        attempt.setToolTip(translate("diagnosis", "Open the cured lane beside this one, from the same seed"))
        attempt.clicked.connect(self.try_requested)
        code = QToolButton()
        code.setText(translate("diagnosis", "Code"))
        code.setObjectName(f"{name}.code")
        code.setAccessibleName(translate("diagnosis", "Lines of code for this cure"))
        code.setToolTip(translate("diagnosis", "What to write: in this program, with PyTorch, with Keras"))
        code.setCheckable(True)
        code.toggled.connect(self._lines.setVisible)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (attempt, self._keep(name), code):
            button.setProperty("chip", True)
            row.addWidget(button)
        row.addStretch()
        return row

    def _keep(self, name: str) -> QToolButton:
        keep = QToolButton()
        keep.setText(translate("diagnosis", "Keep"))
        keep.setObjectName(f"{name}.keep")
        keep.setAccessibleName(translate("diagnosis", "Keep this cure"))
        keep.setToolTip(translate("diagnosis", "Write this cure into the experiment"))
        keep.setProperty("keeps", True)
        keep.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        keep.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(keep)
        menu.setObjectName(f"{name}.keep.menu")
        here = menu.addAction(translate("diagnosis", "In this lane"))
        here.triggered.connect(lambda: self.keep_requested.emit(False))
        everywhere = menu.addAction(translate("diagnosis", "In all lanes"))
        everywhere.triggered.connect(lambda: self.keep_requested.emit(True))
        keep.setMenu(menu)
        return keep
