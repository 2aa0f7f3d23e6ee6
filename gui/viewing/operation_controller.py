"""Goes through updates operation by operation, forward and back, by keys or in slow motion."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, Signal

from engine.report.answers import Walk
from engine.report.snapshot import Activity, Snapshot
from gui.controllers.display_controller import DisplayController
from gui.controllers.training_controller import TrainingController
from gui.present.display_state import leading_lane
from gui.timeline.phases import PHASES

LAST = 10**9
"""The last operation of a step whose operations are not known yet."""


class OperationController(QObject):
    """Signals: `playing_changed(direction)`: 1 while slow motion goes forward, -1 while it goes back, else 0."""

    playing_changed = Signal(int)

    def __init__(self, training: TrainingController, display: DisplayController, parent: QObject) -> None:
        super().__init__(parent)
        self._training, self._display = training, display
        self._asked: tuple[int, int | str, int] | None = None
        """A step that was asked for, the number of an operation or the name of a phase to show there, and which command
        that was."""
        self._pace, self._direction, self._moved = 1.25, 0, 0.0

    def forward(self) -> None:
        """Go to the next operation, after the last one to the first of the next step."""
        self._go(1, by_phase=False)

    def back(self) -> None:
        """Go to the operation before, before the first one to the last of the step before."""
        self._go(-1, by_phase=False)

    def phase_forward(self) -> None:
        """Go to the first operation of the next phase."""
        self._go(1, by_phase=True)

    def phase_back(self) -> None:
        """Go to the first operation of this phase, or of the phase before."""
        self._go(-1, by_phase=True)

    def go_to_phase(self, step: int, phase: str) -> None:
        """Go to the first operation of a phase of a step."""
        snapshot = self._training.snapshot
        if snapshot is None or snapshot.step != step:
            self._ask_for(step, phase)
        else:
            self._asked = step, phase, self._training.sent
            self.arrive(snapshot)

    def end(self) -> None:
        """Show the whole step again."""
        self.stop()
        self._display.show_operation(None)

    def stop(self) -> None:
        """Stay where it is."""
        self._asked = None
        self.play(0)

    def set_pace(self, seconds: float) -> None:
        """Show each operation for so long in slow motion."""
        self._pace = seconds

    def play(self, direction: int) -> None:
        """Go on by itself: forward with 1, back with -1, not at all with 0."""
        if direction == self._direction:
            return
        self._direction, self._moved = direction, perf_counter()
        if direction and self._display.state.operation is None:
            self._show(0)
        self.playing_changed.emit(direction)

    def play_forward(self, on: bool) -> None:
        """Begin or stop to go forward by itself."""
        self.play(1 if on else 0)

    def play_back(self, on: bool) -> None:
        """Begin or stop to go back by itself."""
        self.play(-1 if on else 0)

    def tick(self) -> None:
        """Go on in slow motion when it is time; not before what was asked for is there."""
        if self._direction and self._awaited is None and perf_counter() - self._moved >= self._pace:
            self._moved = perf_counter()
            self._go(self._direction, by_phase=False)

    def arrive(self, snapshot: Snapshot) -> None:
        """Show an operation of a step that has come; training on its own shows whole steps."""
        if snapshot.activity is Activity.PLAYING:
            if self._display.state.operation is not None:
                self.end()
        elif self._awaited is not None and snapshot.step == self._awaited[0]:
            place = self._awaited[1]
            if isinstance(place, str):
                walk = self._walk(snapshot)
                if walk is None:  # it is worked out once an operation is shown
                    self._show(0)
                    return
                place = _first_from(walk, place)
            self._asked = None
            self._show(place)

    def _go(self, direction: int, *, by_phase: bool) -> None:
        snapshot, place = self._training.snapshot, self._place
        if snapshot is None or self._awaited is not None:
            return
        if place is None:
            self._begin(snapshot, direction)
            return
        walk = self._walk(snapshot)
        if walk is None:
            return
        place = min(place, len(walk.operations) - 1)
        found = _phase_from(walk, place, direction) if by_phase else place + direction
        if 0 <= found < len(walk.operations):
            self._show(found)
        else:
            self._leave(snapshot, direction)

    def _begin(self, snapshot: Snapshot, direction: int) -> None:
        if direction > 0:
            self._show(0)
        else:
            self._leave(snapshot, direction)

    def _leave(self, snapshot: Snapshot, direction: int) -> None:
        """Go to the next step or to the one before, and there to the first or the last operation."""
        step = snapshot.step + direction
        if step < 0:
            self.play(0)
        elif not self._training.is_opening:  # the other session would begin at this step
            self._ask_for(step, 0 if direction > 0 else LAST)

    def _ask_for(self, step: int, place: int | str) -> None:
        self._training.go_to(step)
        self._asked = step, place, self._training.sent

    @property
    def _awaited(self) -> tuple[int, int | str, int] | None:
        """Return what is still to come: whatever else somebody asks for leads elsewhere."""
        return self._asked if self._asked is not None and self._asked[2] == self._training.sent else None

    @property
    def _place(self) -> int | None:
        return self._display.state.operation

    def _walk(self, snapshot: Snapshot) -> Walk | None:
        lead = leading_lane(self._display.state, [lane.name for lane in snapshot.lanes])
        return snapshot.lanes[lead].insight.walk

    def _show(self, place: int) -> None:
        snapshot = self._training.snapshot
        walk = None if snapshot is None else self._walk(snapshot)
        last = LAST if walk is None else len(walk.operations) - 1
        self._display.show_operation(min(place, last))


def _first_from(walk: Walk, phase: str) -> int:
    """Return the first operation of a phase, or of one that follows: where all layers are frozen, nothing is updated."""
    first = PHASES.index(phase)
    found = (at for at, done in enumerate(walk.operations) if PHASES.index(done.phase) >= first)
    return next(found, len(walk.operations) - 1)


def _phase_from(walk: Walk, place: int, direction: int) -> int:
    """Return the first operation of the phase that follows, or of the one before; outside if there is none."""
    phases = [done.phase for done in walk.operations]
    place = min(place, len(phases) - 1)
    if direction > 0:
        return next((at for at in range(place, len(phases)) if phases[at] != phases[place]), len(phases))
    start = phases.index(phases[place])
    return start if start < place else phases.index(phases[start - 1]) if start else -1
