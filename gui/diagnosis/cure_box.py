"""One cure: what it changes, what its trial gave, and buttons to try it and to keep it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.symptoms.findings import Cure, Finding
from gui.diagnosis.cure_buttons import CureButtons
from gui.diagnosis.diagnosis_words import cure_title
from gui.text.language import translate


class CureBox(QWidget):
    """Signals: `try_requested()`, `keep_requested(bool)`: in all lanes, or in this one."""

    try_requested = Signal()
    keep_requested = Signal(bool)

    def __init__(self, name: str, finding: Finding, cure: Cure, trial: str) -> None:
        """Show a cure of a finding; `trial` says what came of its runs, "" while that is not all known."""
        super().__init__()
        title = QLabel(cure_title(finding, cure))
        title.setObjectName(f"{name}.title")
        title.setProperty("caption", True)
        title.setToolTip(translate("diagnosis", "What the cure changes"))
        title.setWordWrap(True)
        buttons = CureButtons(name, cure)
        buttons.try_requested.connect(self.try_requested)
        buttons.keep_requested.connect(self.keep_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(title)
        if trial:
            layout.addWidget(self._trial(name, trial))
        layout.addWidget(buttons)

    @staticmethod
    def _trial(name: str, said: str) -> QLabel:
        trial = QLabel(said)
        trial.setObjectName(f"{name}.trial")
        trial.setProperty("small", True)
        trial.setWordWrap(True)
        trial.setToolTip(translate("diagnosis", "How many runs learn with this cure, from as many seeds"))
        return trial
