"""What the transport bar asks for becomes commands; what the training thread sends becomes signals."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.experiments.experiment import Experiment
from engine.report.snapshot import Activity, Snapshot
from engine.session.commands import (
    MoveBy,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    OpenTarget,
    Pause,
    Play,
    Remove,
    Restart,
)
from engine.session.mailbox import Failure, Letter
from engine.session.runner import Runner
from engine.training.edits import Edit
from gui.text.error_words import sentence


class TrainingController(QObject):
    """Signals: `experiment_shown(Experiment, Snapshot)` for the first snapshot of another experiment,
    `lanes_changed(Experiment, Snapshot)` for the first with a lane more or less,
    `snapshot_arrived(Snapshot)`, `playing_changed(bool)`, `failed(str, str)`: a sentence, and details
    where the program itself made a mistake.
    """

    experiment_shown = Signal(object, object)
    lanes_changed = Signal(object, object)
    snapshot_arrived = Signal(object)
    playing_changed = Signal(bool)
    failed = Signal(str, str)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._last_opening = 0
        self._shown_opening = 0
        self._speed = 60.0
        self._playing = False
        self.experiment: Experiment | None = None
        self.snapshot: Snapshot | None = None

    def open(self, experiment: Experiment) -> None:
        """Load another experiment; the shown one stays until that has succeeded."""
        self._last_opening += 1
        self._runner.send(Open(experiment, self._last_opening))

    def open_target(self, target: str) -> int:
        """Load a preset, a file or a short code, which the training thread reads; return the number of this opening.

        The shown experiment stays until that has succeeded.
        """
        self._last_opening += 1
        self._runner.send(OpenTarget(target, self._last_opening))
        return self._last_opening

    def toggle_play(self) -> None:
        """Train, or stop training."""
        self._runner.send(Pause() if self._playing else Play(self._speed))

    def stop_playing(self) -> None:
        """Stop training if it plays: somebody holds on to what is shown."""
        if self._playing:
            self._runner.send(Pause())

    def set_speed(self, steps_per_second: float) -> None:
        """Use another speed, at once if it is playing."""
        self._speed = steps_per_second
        if self.snapshot is not None and self.snapshot.activity is Activity.PLAYING:
            self._runner.send(Play(steps_per_second))

    def step_forward(self) -> None:
        """Go one step forward."""
        self._runner.send(MoveBy(1))

    def step_back(self) -> None:
        """Go one step back."""
        self._runner.send(MoveBy(-1))

    def ten_forward(self) -> None:
        """Go ten steps forward."""
        self._runner.send(MoveBy(10))

    def ten_back(self) -> None:
        """Go ten steps back."""
        self._runner.send(MoveBy(-10))

    def go_to(self, step: int) -> None:
        """Go to a step; train if it was not reached yet."""
        self._runner.send(MoveTo(step))

    def go_to_recorded(self, step: int) -> None:
        """Go to a step, or to the newest one if it was not reached yet."""
        last = self.snapshot.last_step if self.snapshot else 0
        self._runner.send(MoveTo(min(step, last)))

    def to_start(self) -> None:
        """Go to step 0."""
        self._runner.send(MoveTo(0))

    def to_end(self) -> None:
        """Go to the newest step."""
        self._runner.send(MoveToEnd())

    def rewind(self) -> None:
        """Start again from the same weights."""
        self._runner.send(Restart())

    def new_seed(self) -> None:
        """Start again from the weights of the next seed."""
        if self.experiment is not None:
            self._last_opening += 1
            self._runner.send(NewSeed((self.experiment.seed + 1) % 2**32))

    def fork(self, lane: str, edit: Edit) -> None:
        """Change a lane at the step that is on the screen, in a new lane."""
        if self.snapshot is not None:
            self._runner.send(msgspec.structs.replace(edit, lane=lane, step=self.snapshot.step))

    def drop(self, lane: str) -> None:
        """Take away a lane that was forked."""
        self._runner.send(Remove(lane=lane))

    def receive(self, letter: Letter) -> None:
        """Take a letter of the training thread; snapshots of an experiment that is no longer shown are dropped."""
        if isinstance(letter, Failure):
            self._set_playing(False)
            self.failed.emit(sentence(letter.error), letter.details)
            return
        if letter.opening < self._shown_opening:
            return
        before, self.snapshot = self.snapshot, letter
        if letter.opening > self._shown_opening:
            self._shown_opening = letter.opening
            self.experiment = letter.experiment
            self.experiment_shown.emit(self.experiment, letter)
        elif before is not None and _names(before) != _names(letter):
            self.lanes_changed.emit(self.experiment, letter)
        # on the way to a far step Space stops, too
        self._set_playing(letter.activity is Activity.PLAYING or letter.goal is not None)
        self.snapshot_arrived.emit(letter)

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)


def _names(snapshot: Snapshot) -> list[str]:
    return [lane.name for lane in snapshot.lanes]
