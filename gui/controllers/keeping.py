"""A question before what a person made goes: changes that no file has, lanes made by touching, and long runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.controllers.training_controller import TrainingController
from gui.dialogs.question import question
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.language import translate

MANY_STEPS = 1000
"""Fewer steps than these are trained again in no time."""


class Keeper(QObject):
    """Asks before an action that forgets recorded steps, if there are many, or lanes that no file has.

    Signals: `opening_agreed(str)`, a preset or a file; `closing_agreed()`.
    """

    opening_agreed = Signal(str)
    closing_agreed = Signal()

    def __init__(self, training: TrainingController, window: QWidget) -> None:
        super().__init__(window)
        self._training = training
        self._window = window
        self._question: QMessageBox | None = None

    def rewind(self) -> None:
        """Start again from the same weights."""
        snapshot = self._training.snapshot
        going = self._forgotten(snapshot.passing if snapshot else ())
        button = translate("keeping", "Rewind")
        self._ask(translate("keeping", "Rewind?"), going, button, self._training.rewind)

    def new_seed(self) -> None:
        """Start again from the weights of the next seed."""
        title = translate("keeping", "Start again with a new seed?")
        going = self._forgotten(self._training.snapshot.edited if self._training.snapshot else ())
        self._ask(title, going, translate("keeping", "Start again"), self._training.new_seed)

    def open_target(self, target: str) -> None:
        """Open another experiment in place of the shown one."""
        title = translate("keeping", "Open another experiment?")
        agreed = partial(self.opening_agreed.emit, target)
        self._ask(title, self._unsaved(), translate("keeping", "Open"), agreed)

    def close(self) -> None:
        """Close the window."""
        title = translate("keeping", "Close the window?")
        button = translate("keeping", "Close it")
        self._ask(title, self._unsaved(), button, self.closing_agreed.emit)

    def _unsaved(self) -> str:
        """Say what is lost with the window, nothing if a file has everything."""
        count = self._training.unsaved
        if not count:
            return ""
        return translate(
            "keeping",
            "%n change(s) that no file has (is|are) lost; save first to keep (it|them).",
            None,
            count,
        )

    def _forgotten(self, lanes: Sequence[str]) -> str:
        """Return what is forgotten with the recorded steps, nothing if it is hardly anything."""
        snapshot = self._training.snapshot
        steps = snapshot.last_step if snapshot else 0
        if steps < MANY_STEPS and not lanes:
            return ""
        forgotten = translate("keeping", "The {0} recorded steps are forgotten.").format(f"{steps:,}")
        return " ".join(text for text in (forgotten if steps > 1 else "", _lanes_text(lanes)) if text)

    def _ask(self, title: str, going: str, button: str, act: Callable[[], object]) -> None:
        """Do something at once where nothing goes with it, otherwise when somebody agrees."""
        if self._question is not None:
            self._question.reject()
        if not going:
            act()
            return
        dialog = self._question = question(self._window, title, going, button)
        dialog.accepted.connect(act)
        dialog.finished.connect(self._put_away)
        dialog.open()

    def _put_away(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None


def _lanes_text(names: Sequence[str]) -> str:
    """Say which lanes go, nothing if there are none."""
    if not names:
        return ""
    count = len(names)
    shown = ", ".join(shortened(name, LONGEST_NAME) for name in names)
    going = translate(
        "keeping", "%n lane(s) made by touching (goes|go); undo brings them back: {0}", None, count
    )
    return going.format(shown)
