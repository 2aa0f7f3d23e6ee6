"""One finding: its name and layers, how it is known, its cures, and the test that was made of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.symptoms.findings import Finding
from gui.diagnosis.case import Case, keeps_loss, treatments, untreated
from gui.diagnosis.cure_box import CureBox
from gui.diagnosis.diagnosis_words import finding_title, since_text, sure_tip, test_made, trial_text
from gui.findings.doctor_words import evidence, sure_text
from gui.text.language import translate

MOST_LINKS = 6
"""Layers that have a link each; of more of them the first ones and the last."""


class FindingCard(QFrame):
    """Signals: `try_requested(Treatment)`, `keep_requested(Treatment, bool)`, `test_requested(Treatment)`,
    `layer_chosen(int)`, counted from 1.
    """

    try_requested = Signal(object)
    keep_requested = Signal(object, bool)
    test_requested = Signal(object)
    layer_chosen = Signal(int)

    def __init__(self, case: Case, place: int) -> None:
        """Show the finding at a place of a case, the main one at 0."""
        super().__init__()
        self._name = f"diagnosis.finding.{place}"
        self.setObjectName(self._name)
        self.setProperty("card", True)
        finding = case.findings[place]
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 10, 8)
        self._column.setSpacing(4)
        self._column.addLayout(self._head(finding, is_main=not place))
        self._column.addLayout(self._places(finding))
        self._column.addWidget(
            self._text(
                evidence(finding),
                "evidence",
                translate("diagnosis", "How it is known, in numbers of this run"),
            )
        )
        self._add_cures(case, place)
        if case.diagnosis is not None:
            self._add_test(case, place)

    def _text(self, said: str, name: str, tip: str) -> QLabel:
        label = QLabel(said)
        label.setObjectName(f"{self._name}.{name}")
        label.setProperty("small", True)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setToolTip(tip)
        return label

    def _head(self, finding: Finding, *, is_main: bool) -> QHBoxLayout:
        title = QLabel(finding_title(finding))
        title.setObjectName(f"{self._name}.title")
        title.setProperty("heading" if is_main else "caption", True)
        title.setWordWrap(True)
        title.setToolTip(translate("diagnosis", "The cause"))
        sure = QLabel(sure_text(finding.sure))
        sure.setObjectName(f"{self._name}.sure")
        sure.setProperty("badge", True)
        sure.setToolTip(sure_tip(finding.sure))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(sure, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _places(self, finding: Finding) -> QHBoxLayout:
        """Return a line with the layers, each a link, and the step since which it is so."""
        row = QHBoxLayout()
        row.setSpacing(2)
        layers = finding.layers
        linked = layers if len(layers) <= MOST_LINKS else (*layers[: MOST_LINKS - 1], layers[-1])
        for layer in linked:
            if len(linked) < len(layers) and layer == layers[-1]:
                row.addWidget(QLabel("…"))
            said = translate("diagnosis", "layer {0}") if layer == finding.layers[0] else "{0}"
            link = QPushButton(said.format(layer))
            link.setObjectName(f"{self._name}.layer.{layer}")
            link.setProperty("link", True)
            link.setProperty("tight", True)
            link.setAccessibleName(translate("diagnosis", "Show layer {0}").format(layer))
            link.setToolTip(translate("diagnosis", "Choose layer {0} in the lane, and read why it is so"))
            link.setToolTip(link.toolTip().format(layer))
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(partial(self._choose, layer))
            row.addWidget(link)
        since = QLabel(since_text(finding))
        since.setProperty("muted", True)
        since.setToolTip(translate("diagnosis", "The first step at which it is seen"))
        row.addWidget(since)
        row.addStretch()
        return row

    def _choose(self, layer: int) -> None:
        self.layer_chosen.emit(layer)

    def _add_cures(self, case: Case, place: int) -> None:
        known = case.diagnosis
        for number, treatment in enumerate(treatments(case.findings, place)):
            cure, trial = treatment.cure, ""
            if known is not None:
                trial = trial_text(cure, untreated(known, place), keeps_loss=keeps_loss(known, cure))
            box = CureBox(f"{self._name}.cure.{number}", case.findings[place], cure, trial)
            box.try_requested.connect(partial(self.try_requested.emit, treatment))
            box.keep_requested.connect(partial(self.keep_requested.emit, treatment))
            self._column.addWidget(box)

    def _add_test(self, case: Case, place: int) -> None:
        assert case.diagnosis is not None, "there is a diagnosis"
        why = QPushButton(translate("diagnosis", "Why do you think so?"))
        why.setObjectName(f"{self._name}.why")
        why.setAccessibleName(why.text())
        why.setToolTip(translate("diagnosis", "Which test was made, and how to see it"))
        why.setProperty("link", True)
        why.setProperty("tight", True)
        why.setCheckable(True)
        test = self._test(case, place)
        test.hide()
        why.toggled.connect(test.setVisible)
        self._column.addWidget(why, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(test)

    def _test(self, case: Case, place: int) -> QWidget:
        """Return what was tried to be sure, and a button that opens the runs as lanes."""
        diagnosis, found = case.diagnosis, treatments(case.findings, place)
        assert diagnosis is not None, "there is a diagnosis"
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        said = test_made(diagnosis, case.findings[place], untreated(diagnosis, place))
        column.addWidget(
            self._text(said, "test", translate("diagnosis", "The runs on which the finding rests"))
        )
        if found:
            show = QPushButton(translate("diagnosis", "Open the test as lanes"))
            show.setObjectName(f"{self._name}.open")
            show.setAccessibleName(show.text())
            show.setToolTip(
                translate(
                    "diagnosis", "One lane before the cure, one with it, one with another change instead"
                )
            )
            show.setProperty("chip", True)
            show.clicked.connect(partial(self.test_requested.emit, found[-1]))
            column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        return whole
