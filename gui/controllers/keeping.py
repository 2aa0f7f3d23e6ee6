"""A question before what a person made goes: lanes made by touching, and long runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.controllers.training_controller import TrainingController
from gui.look.plain_text import make_plain
from gui.text.language import translate

MANY_STEPS = 1000
"""So many steps are trained again in no time."""


class Keeper(QObject):
    """Asks before an action that forgets the recorded steps, if there are many or a lane was made by touching."""

    def __init__(self, training: TrainingController, window: QWidget) -> None:
        super().__init__(window)
        self._training = training
        self._window = window

    def rewind(self) -> None:
        """Start again from the same weights."""
        self._ask(translate("keeping", "Rewind?"), self._training.rewind)

    def new_seed(self) -> None:
        """Start again from the weights of the next seed."""
        self._ask(translate("keeping", "Start again with a new seed?"), self._training.new_seed)

    def _ask(self, title: str, act: Callable[[], None]) -> None:
        snapshot = self._training.snapshot
        touched = len(snapshot.lanes) - snapshot.variants if snapshot else 0
        if snapshot is None or (snapshot.last_step < MANY_STEPS and not touched):
            act()
            return
        steps = f"{snapshot.last_step:,}"
        text = (
            translate("keeping", "This forgets {0} recorded steps and {1} lanes made by touching.")
            if touched
            else translate("keeping", "This forgets {0} recorded steps.")
        )
        dialog = QMessageBox(self._window)
        dialog.setObjectName("question")
        dialog.setWindowTitle(title)
        dialog.setText(title)
        dialog.setInformativeText(text.format(steps, touched))
        dialog.setStandardButtons(QMessageBox.StandardButton.Ok | QMessageBox.StandardButton.Cancel)
        dialog.setDefaultButton(QMessageBox.StandardButton.Cancel)
        dialog.accepted.connect(act)
        dialog.finished.connect(dialog.deleteLater)
        make_plain(dialog)
        dialog.open()
