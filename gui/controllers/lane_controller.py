"""What is asked for a whole lane becomes an action."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.session.commands import Duplicate, Hide, Move, Remove, Rename, Show
from gui.controllers.training_controller import TrainingController
from gui.text.language import translate

LONGEST_COPIED = 70
"""Characters of a name that its copy takes over, so that the number behind it has room."""


class LaneController(QObject):
    """Lanes are names."""

    def __init__(self, training: TrainingController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training

    def rename(self, lane: str, name: str) -> None:
        """Give a lane another name."""
        if name != lane:
            self._training.act(Rename(name.strip(), lane=lane))

    def duplicate(self, lane: str) -> None:
        """Make a copy of a lane, with a name that says what it is a copy of."""
        snapshot = self._training.snapshot
        taken = {shown.name for shown in snapshot.lanes} if snapshot else set()
        stem = translate("lane", "{0} copy").format(lane[:LONGEST_COPIED])
        names = [stem, *(f"{stem} {number}" for number in range(2, len(taken) + 2))]
        self._training.act(Duplicate(next(name for name in names if name not in taken), lane=lane))

    def move(self, lane: str, place: int) -> None:
        """Put a lane at a place, counted from 0 on the left."""
        self._training.act(Move(place, lane=lane))

    def hide(self, lane: str) -> None:
        """Hide a lane and its curves; it goes on training with the others."""
        self._training.act(Hide(lane=lane))

    def show(self, lane: str) -> None:
        """Show a lane again that was hidden."""
        self._training.act(Show(lane=lane))

    def remove(self, lane: str) -> None:
        """Take a lane away; undo brings it back."""
        self._training.act(Remove(lane=lane))
