"""What is wrong with one lane: the main finding first, how it is known, and cures to try and to keep."""

from __future__ import annotations

from PySide6.QtCore import Signal

from gui.diagnosis.case import Case
from gui.diagnosis.diagnosis_words import (
    basis,
    invitation,
    percent,
    touched_text,
    verdict_text,
    verdict_title,
)
from gui.diagnosis.finding_card import FindingCard
from gui.findings.diagnosis_text import stage_text
from gui.side.asking_page import AskingPage
from gui.text.language import translate
from gui.widgets.discard import discard


class DiagnosisPanel(AskingPage):
    """Signals: those of an `AskingPage` and of a `FindingCard`."""

    try_requested = Signal(object)
    keep_requested = Signal(object, bool)
    test_requested = Signal(object)
    layer_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__("diagnosis", translate("diagnosis", "Diagnose"), translate("diagnosis", "Cancel"))
        self._case: Case | None = None
        self._cards: list[FindingCard] = []
        self.ask.setToolTip(
            translate("diagnosis", "Find out what is wrong with this lane, and what cures it")
        )
        self.cancel.setToolTip(translate("diagnosis", "Give the diagnosis up"))
        for label in (self.title, self.text):
            label.setToolTip(translate("diagnosis", "What comes of the diagnosis"))
        self.basis.setToolTip(translate("diagnosis", "How many runs were made"))
        self.show_case(0, Case())

    def show_case(self, index: int, case: Case) -> None:
        """Show what is known of lane `index`."""
        self.lanes.show_lane(index)
        if case == self._case:
            return
        before, self._case = self._case, case
        self.show_progress(case.share if case.stage else None)
        known = case.diagnosis
        said = [] if known is None else [basis(known)]
        self.say(_title(case), _text(case), " ".join([*said, touched_text()] if case.is_touched else said))
        if before is None or (case.findings, known) != (before.findings, before.diagnosis):
            self._show_findings(case)

    def _show_findings(self, case: Case) -> None:
        for card in self._cards:
            self.list.removeWidget(card)
            discard(card)
        self._cards = [FindingCard(case, place) for place in range(len(case.findings))]
        for place, card in enumerate(self._cards):
            card.try_requested.connect(self.try_requested)
            card.keep_requested.connect(self.keep_requested)
            card.test_requested.connect(self.test_requested)
            card.layer_chosen.connect(self.layer_chosen)
            self.list.insertWidget(place + 2, card)


def _title(case: Case) -> str:
    if case.stage:
        return translate("diagnosis", "Diagnosing… about {0} %").format(percent(case.share))
    return "" if case.diagnosis is None else verdict_title(case.diagnosis)


def _text(case: Case) -> str:
    if case.stage:
        said = stage_text(case.stage)
        return f"{said[:1].upper()}{said[1:]} …"
    if case.refusal:
        return case.refusal
    return invitation() if case.diagnosis is None else verdict_text(case.diagnosis)
