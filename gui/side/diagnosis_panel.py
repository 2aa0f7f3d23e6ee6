"""What is wrong with one lane: the main finding first, how it is known, and cures to try and to keep."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.diagnosis.case import Case
from gui.diagnosis.diagnosis_words import basis, invitation, touched_text, verdict_text, verdict_title
from gui.diagnosis.finding_card import FindingCard
from gui.findings.doctor_words import stage_text
from gui.look.theme import Theme
from gui.side.lane_chooser import LaneChooser
from gui.text.language import translate
from gui.widgets.calm_label import set_label


class DiagnosisPanel(QWidget):
    """Signals: `lane_chosen(int)`, `diagnosis_requested()`, `cancel_requested()`, and those of a `FindingCard`."""

    lane_chosen = Signal(int)
    diagnosis_requested = Signal()
    cancel_requested = Signal()
    try_requested = Signal(object)
    keep_requested = Signal(object, bool)
    test_requested = Signal(object)
    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._cards: list[FindingCard] = []
        self.lanes = LaneChooser("diagnosis")
        self.lanes.currentIndexChanged.connect(self.lane_chosen)
        self.ask = self._button("ask", translate("diagnosis", "Diagnose"), self.diagnosis_requested)
        self.ask.setToolTip(
            translate("diagnosis", "Find out what is wrong with this lane, and what cures it")
        )
        self.cancel = self._button("cancel", translate("diagnosis", "Cancel"), self.cancel_requested)
        self.cancel.setToolTip(translate("diagnosis", "Give the diagnosis up"))
        self.title = self._label("title", translate("diagnosis", "What comes of the diagnosis"))
        self.title.setProperty("heading", True)
        self.text = self._label("text", translate("diagnosis", "What comes of the diagnosis"))
        self.text.setProperty("small", True)
        self.basis = self._label("basis", translate("diagnosis", "How many runs were made"))
        self.basis.setProperty("muted", True)
        self._arrange()
        self.show_case(0, Case())

    @staticmethod
    def _button(name: str, text: str, asked: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"diagnosis.{name}")
        button.setAccessibleName(text)
        button.clicked.connect(asked)
        return button

    @staticmethod
    def _label(name: str, tip: str) -> QLabel:
        label = QLabel()
        label.setObjectName(f"diagnosis.{name}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setToolTip(tip)
        return label

    def _arrange(self) -> None:
        inside = QWidget()
        inside.setObjectName("figure")  # the ground of the window
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 2, 0)
        self._list.setSpacing(8)
        for label in (self.title, self.text, self.basis):
            self._list.addWidget(label)
        self._list.addStretch()
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        head = QHBoxLayout()
        head.addWidget(self.lanes, 1)
        head.addWidget(self.ask)
        head.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, which come with the style sheet."""

    def show_lane_names(self, names: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        self.lanes.show_names(names)

    def show_case(self, index: int, case: Case) -> None:
        """Show what is known of lane `index`."""
        self.lanes.show_lane(index)
        if case == self._case:
            return
        before, self._case = self._case, case
        self.ask.setVisible(not case.stage)
        self.cancel.setVisible(bool(case.stage))
        set_label(self.title, _title(case))
        set_label(self.text, _text(case))
        known = case.diagnosis
        said = [] if known is None else [basis(known)]
        set_label(self.basis, " ".join([*said, touched_text()] if case.is_touched else said))
        for label in (self.title, self.text, self.basis):
            label.setVisible(bool(label.text()))
        if before is None or (case.findings, known) != (before.findings, before.diagnosis):
            self._show_findings(case)

    def _show_findings(self, case: Case) -> None:
        for card in self._cards:
            self._list.removeWidget(card)
            card.setParent(None)
            card.deleteLater()
        self._cards = [FindingCard(case, place) for place in range(len(case.findings))]
        for place, card in enumerate(self._cards):
            card.try_requested.connect(self.try_requested)
            card.keep_requested.connect(self.keep_requested)
            card.test_requested.connect(self.test_requested)
            card.layer_chosen.connect(self.layer_chosen)
            self._list.insertWidget(place + 2, card)


def _title(case: Case) -> str:
    if case.stage:
        return translate("diagnosis", "Diagnosing…")
    return "" if case.diagnosis is None else verdict_title(case.diagnosis)


def _text(case: Case) -> str:
    if case.stage:
        said = stage_text(case.stage)
        return f"{said[:1].upper()}{said[1:]} …"
    if case.refusal:
        return case.refusal
    return invitation() if case.diagnosis is None else verdict_text(case.diagnosis)
