"""Trains until a condition holds, and says where and by what it did."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.conditions.grammar import parse_condition
from engine.core.errors import InitscopeError
from engine.report.snapshot import Activity, Snapshot
from gui.controllers.training_controller import TrainingController
from gui.look.plain_text import shortened
from gui.text.error_words import sentence
from gui.text.language import translate


class UntilController(QObject):
    """Signals: `refused(str)` where a condition cannot be read, `begun()`, `told(str)` when training has stopped."""

    refused = Signal(str)
    begun = Signal()
    told = Signal(str)

    def __init__(self, training: TrainingController, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._awaited = ""

    def run(self, text: str) -> None:
        """Train until a condition holds in some lane."""
        try:
            condition = parse_condition(text)
        except InitscopeError as error:
            self.refused.emit(sentence(error))
            return
        self._awaited = str(condition)
        self._training.play_until(condition)
        self.begun.emit()

    def arrive(self, snapshot: Snapshot) -> None:
        """Say where the condition holds, or that it did not hold up to the planned end."""
        if not self._awaited or snapshot.activity is Activity.PLAYING:
            return
        if snapshot.held:
            self._tell(_held(snapshot))
        elif snapshot.step >= snapshot.experiment.steps and snapshot.activity is Activity.IDLE:
            text = translate("until", "Up to step {0:,} it did not hold in any lane: {1}")
            self._tell(text.format(snapshot.step, self._awaited))

    def refuse(self) -> None:
        """Await nothing more if training has ended with what was not possible."""
        if not self._training.is_playing:
            self._awaited = ""

    def _tell(self, text: str) -> None:
        self._awaited = ""
        self.told.emit(text)


def _held(snapshot: Snapshot) -> str:
    several = len(snapshot.lanes) > 1
    where = translate("until", "{0} in {1}")
    found = [
        where.format(", ".join(terms), shortened(snapshot.lanes[number].name))
        if several
        else ", ".join(terms)
        for number, terms in snapshot.held
    ]
    return translate("until", "Stopped at step {0:,}: {1}").format(snapshot.step, "; ".join(found))
