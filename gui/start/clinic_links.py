"""The clinic on the start page: networks that do not learn, called by what is seen of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.diagnosis.clinic_words import CLINIC, clinic_question, symptom_of
from gui.look.plain_text import entry
from gui.text.language import translate


class ClinicLinks(QWidget):
    """Signals: `chosen(str)`, the name of an experiment."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("start.clinic")
        title = QLabel(translate("clinic", "Clinic"))
        title.setProperty("heading", True)
        below = QLabel(
            translate("clinic", "Networks that do not learn. Find out why, and then ask the doctor (Ctrl+2).")
        )
        below.setProperty("muted", True)
        below.setWordWrap(True)
        self.links = [self._link(name) for name in CLINIC]
        self._grid, self._columns = QGridLayout(), 0
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(title)
        layout.addWidget(below)
        layout.addLayout(self._grid)

    def _link(self, name: str) -> QPushButton:
        link = QPushButton(entry(symptom_of(name)), self)
        link.setObjectName(f"start.clinic.{name}")
        link.setProperty("link", True)
        link.setProperty("left", True)
        link.setAutoDefault(True)
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        link.setAccessibleName(symptom_of(name))
        link.setToolTip(clinic_question(name))
        link.clicked.connect(partial(self._choose, name))
        return link

    def _choose(self, name: str) -> None:
        self.chosen.emit(name)

    def lay_out(self, columns: int) -> None:
        """Put the links into some columns, read from the top down."""
        if columns == self._columns:
            return
        self._columns = columns
        rows = -(-len(self.links) // columns)
        for number, link in enumerate(self.links):
            self._grid.addWidget(link, number % rows, number // rows, Qt.AlignmentFlag.AlignLeft)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, int(column < columns))
