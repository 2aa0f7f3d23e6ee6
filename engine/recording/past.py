"""What is known of the past of a run: every recorded step, and where somebody changed it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.arrays import Floats
from engine.recording.history import History


@dataclass
class Past:
    """The recorded `history` of a run, and its `edits`: ascending steps with the states (state_size,) given there."""

    history: History
    edits: tuple[tuple[int, Floats], ...] = ()

    def last_known(self, step: int) -> tuple[int, Floats]:
        """Return (number, state) of the last keyframe or edit at or before a recorded step."""
        edits = [edit for edit in self.edits if edit[0] <= step]
        if not self.history.keyframes:
            return edits[-1]
        keyframe = self.history.keyframe_before(step)
        return edits[-1] if edits and edits[-1][0] >= keyframe[0] else keyframe

    def forked(self, step: int, state: Floats, last_losses: Floats) -> Past:
        """Return the same past up to a step, at which the run is given a `state` (state_size,).

        `last_losses` are those of the steps from `history.first_of_stretch(step)` to it.
        """
        earlier = (edit for edit in self.edits if edit[0] < step)
        return Past(self.history.until(step, last_losses), (*earlier, (step, state)))

    def clear(self) -> None:
        """Forget every recorded step, and all edits but one of the start."""
        self.edits = tuple(edit for edit in self.edits if edit[0] == 0)
        self.history.clear()

    def start(self, initial_state: Floats, step: int) -> tuple[int, Floats]:
        """Return (step, state) of the last edit at or before `step`, or (0, `initial_state`) if there was none.

        From there the run has gone to `step` without being changed.
        """
        edits = [edit for edit in self.edits if edit[0] <= step]
        return edits[-1] if edits else (0, initial_state)
