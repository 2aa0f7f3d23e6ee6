"""An activation with which a network learns that learns from no start: what it is, and buttons to take it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from engine.advice.advice import OtherActivation
from gui.diagnosis.cure_buttons import CureButtons
from gui.findings.advice_text import cure_of_other, label_of_other
from gui.text.language import translate


class OtherCard(QFrame):
    """Signals: `try_requested()`, `keep_requested(bool)`."""

    try_requested = Signal()
    keep_requested = Signal(bool)

    def __init__(self, other: OtherActivation) -> None:
        super().__init__()
        self.setObjectName("advice.other")
        self.setProperty("card", True)
        title = QLabel(label_of_other(other))
        title.setObjectName("advice.other.title")
        title.setProperty("caption", True)
        title.setWordWrap(True)
        title.setToolTip(
            translate("advice", "Another activation of the hidden layers, with the start that suits it")
        )
        said = translate("advice", "{0} of {1} seeds learn").format(other.share.learned, other.share.seeds)
        share = QLabel(said)
        share.setObjectName("advice.other.share")
        share.setProperty("small", True)
        share.setToolTip(translate("advice", "How many runs learn, each from another seed"))
        buttons = CureButtons("advice.other", cure_of_other(other))
        buttons.try_requested.connect(self.try_requested)
        buttons.keep_requested.connect(self.keep_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(3)
        for widget in (title, share, buttons):
            column.addWidget(widget)
