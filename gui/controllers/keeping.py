"""A question before what a person made goes: changes that no file has, lanes made by touching, and long runs.

Undo is enough for whatever undo brings back exactly: a changed setting, other data, an import, a touch, a lane that is
removed. The lanes of before are made again from their recipes and trained to the newest step that they had, bit for bit.
A question at each of them would stop every drag.

Rewind and new seed can be undone, too, but one key is enough for each, and it leads away from what is looked at: they
ask where many steps or lanes are forgotten. What opening takes away no undo brings back: it asks for what no file has,
and for many recorded steps. Who closes the window expects it to forget those; it asks for what no file has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.session.recipe import LaneRecipe
from gui.controllers.training_controller import TrainingController
from gui.dialogs.question import question
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.language import translate

MANY_STEPS = 1000
"""Fewer steps than these are trained again in no time."""


class Keeper(QObject):
    """Asks before rewind, new seed, opening and closing, if much is forgotten with it.

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
        going = self._forgotten([lane for lane in self._lanes() if lane.is_passing])
        button = translate("keeping", "Rewind")
        self._ask(translate("keeping", "Rewind?"), going, button, self._training.rewind)

    def new_seed(self) -> None:
        """Start again from the weights of the next seed."""
        title = translate("keeping", "Start again with a new seed?")
        going = self._forgotten([lane for lane in self._lanes() if lane.is_touched])
        self._ask(title, going, translate("keeping", "Start again"), self._training.new_seed)

    def open_target(self, target: str) -> None:
        """Open another experiment in place of the shown one."""
        title = translate("keeping", "Open another experiment?")
        agreed = partial(self.opening_agreed.emit, target)
        going = " ".join(filter(None, (self._unsaved(), self._recorded() if self._is_long() else "")))
        self._ask(title, going, translate("keeping", "Open"), agreed)

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

    def _lanes(self) -> Sequence[LaneRecipe]:
        log = self._training.log
        return () if log is None else log.recipe.lanes

    def _recorded(self) -> str:
        """Say how many recorded steps are forgotten, nothing if they are hardly any."""
        steps = self._training.snapshot.last_step if self._training.snapshot else 0
        forgotten = translate("keeping", "The {0} recorded steps are forgotten.").format(f"{steps:,}")
        return forgotten if steps > 1 else ""

    def _is_long(self) -> bool:
        snapshot = self._training.snapshot
        return snapshot is not None and snapshot.last_step >= MANY_STEPS

    def _forgotten(self, going: Sequence[LaneRecipe]) -> str:
        """Return what a new start forgets with the lanes that go, nothing if it is hardly anything."""
        changed = [lane.name for lane in self._lanes() if lane.is_changed and lane not in going]
        if not (self._is_long() or going or changed):
            return ""
        return " ".join(
            filter(
                None,
                (
                    self._recorded(),
                    _lanes_text([lane.name for lane in going]),
                    _changes_text(changed),
                    translate("keeping", "Undo brings everything back."),
                ),
            )
        )

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
    going = translate("keeping", "%n lane(s) made on the way (goes|go): {0}.", None, count)
    return going.format(_listed(names))


def _changes_text(names: Sequence[str]) -> str:
    """Say which lanes lose what was changed on their way, nothing if none does."""
    if not names:
        return ""
    count = len(names)
    taken = translate("keeping", "What was changed on the way in %n lane(s) is taken back: {0}.", None, count)
    return taken.format(_listed(names))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shortened(name, LONGEST_NAME) for name in names)
