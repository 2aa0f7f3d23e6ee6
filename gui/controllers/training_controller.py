"""What the transport bar asks for becomes commands; what the training thread sends becomes signals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.conditions.terms import Condition
from engine.experiments.experiment import Experiment
from engine.report.snapshot import Activity, Snapshot
from engine.scenes.view import View
from engine.session.action_log import ActionLog
from engine.session.commands import (
    Command,
    LetGo,
    MoveBy,
    MoveTo,
    MoveToEnd,
    NewSeed,
    Open,
    OpenTarget,
    Pause,
    Play,
    PlayUntil,
    Remove,
    Restart,
    ReturnBy,
    ReturnTo,
    SessionAction,
    Try,
    WriteNotes,
)
from engine.session.mailbox import Failure, Letter
from engine.session.runner import Runner
from engine.session.session_file import Session
from engine.training.edits import Edit, Set
from gui.text.error_words import sentence
from gui.timeline.mark_layout import marks_of, neighbour


class TrainingController(QObject):
    """Signals: `experiment_shown(Experiment, Snapshot)` for the first snapshot of another experiment or network,
    `lanes_changed(Experiment, Snapshot)` for the first with other lanes or names,
    `snapshot_arrived(Snapshot)`, `log_changed(ActionLog)` when something was done, undone or saved,
    `playing_changed(bool)`, `failed(str, str)`: a sentence, and details
    where the program itself made a mistake. `notes_changed(str)`: other notes than those that were written last.
    """

    experiment_shown = Signal(object, object)
    lanes_changed = Signal(object, object)
    snapshot_arrived = Signal(object)
    playing_changed = Signal(bool)
    log_changed = Signal(object)
    failed = Signal(str, str)
    notes_changed = Signal(str)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._last_opening = 0
        self._shown = (0, 0)
        self._log: ActionLog | None = None
        self._saved: tuple[SessionAction, ...] = ()
        self.last_saved: Session | None = None
        self._in_no_file = 0
        self.notes = ""
        self._sent: WriteNotes | None = None
        self._view: Callable[[], View] = View
        self._speed = 60.0
        self._playing = False
        self.experiment: Experiment | None = None
        self.snapshot: Snapshot | None = None
        self.sent = 0
        """How many commands were sent: what somebody waits for may be out of date after the next one."""
        self.is_opening = False
        """Whether another session has been asked for that is neither there nor refused."""

    def _send(self, command: Command) -> None:
        self.sent += 1
        self._runner.send(command)

    def open(self, session: Session, *, is_saved: bool = True) -> None:
        """Load another session, which some file has if it `is_saved`; what is shown stays until that has succeeded."""
        self._begin_opening()
        if not is_saved:
            self._in_no_file = self._last_opening
        opened = session.experiment, self._last_opening, session.actions, session.view, session.source
        self._send(Open(*opened))

    def open_target(self, target: str) -> int:
        """Load a preset, a file or a short code, which the training thread reads; return the number of this opening.

        The shown experiment stays until that has succeeded.
        """
        self._begin_opening()
        self._send(OpenTarget(target, self._last_opening))
        return self._last_opening

    def _begin_opening(self) -> None:
        self._last_opening += 1
        self.is_opening = True

    def toggle_play(self) -> None:
        """Train, or stop training."""
        self._send(Pause() if self._playing else Play(self._speed))

    def play_until(self, condition: Condition) -> None:
        """Train until a condition holds in some lane."""
        self._send(PlayUntil(condition, self._speed))

    def stop_playing(self) -> None:
        """Stop training if it plays: somebody holds on to what is shown."""
        if self._playing:
            self._send(Pause())

    def set_speed(self, steps_per_second: float) -> None:
        """Use another speed, at once if it is playing."""
        self._speed = steps_per_second
        if self.snapshot is not None and self.snapshot.activity is Activity.PLAYING:
            self._send(Play(steps_per_second))

    def step_forward(self) -> None:
        """Go one step forward."""
        self._send(MoveBy(1))

    def step_back(self) -> None:
        """Go one step back."""
        self._send(MoveBy(-1))

    def ten_forward(self) -> None:
        """Go ten steps forward."""
        self._send(MoveBy(10))

    def ten_back(self) -> None:
        """Go ten steps back."""
        self._send(MoveBy(-10))

    def go_to(self, step: int) -> None:
        """Go to a step; train if it was not reached yet."""
        self._send(MoveTo(step))

    def go_to_recorded(self, step: int) -> None:
        """Go to a step, or to the newest one if it was not reached yet."""
        last = self.snapshot.last_step if self.snapshot else 0
        self._send(MoveTo(min(step, last)))

    def to_next_mark(self) -> None:
        """Go to the next step at which something happened in a lane."""
        self._go_to_mark(forward=True)

    def to_previous_mark(self) -> None:
        """Go to the last step before at which something happened in a lane."""
        self._go_to_mark(forward=False)

    def _go_to_mark(self, *, forward: bool) -> None:
        if self.snapshot is not None:
            step = neighbour(marks_of(self.snapshot.lanes), self.snapshot.step, forward=forward)
            if step is not None:
                self.go_to(step)

    def to_start(self) -> None:
        """Go to step 0."""
        self._send(MoveTo(0))

    def to_end(self) -> None:
        """Go to the newest step."""
        self._send(MoveToEnd())

    def rewind(self) -> None:
        """Start again from the same weights."""
        self._send(Restart())

    def new_seed(self) -> None:
        """Start again from the weights of the next seed."""
        if self.experiment is not None:
            self._send(NewSeed((self.experiment.seed + 1) % 2**32))

    def act(self, action: SessionAction) -> None:
        """Do an action."""
        self._send(action)

    def try_value(self, change: Set, *, is_final: bool) -> None:
        """Put a value at a dotted path of a lane's experiment, or of all; it is not final while it is dragged."""
        self._send(Try(change, is_final))

    def let_go(self) -> None:
        """Forget the value that is being dragged."""
        self._send(LetGo())

    def fork(self, lane: str, edit: Edit) -> None:
        """Change a lane at the step that is on the screen, in a new lane."""
        if self.snapshot is not None:
            self._send(msgspec.structs.replace(edit, lane=lane, step=self.snapshot.step))

    def drop(self, lane: str) -> None:
        """Take away a lane."""
        self._send(Remove(lane=lane))

    def undo(self) -> None:
        """Undo what was done last."""
        self.keep_notes()
        self._send(ReturnBy(-1))

    def redo(self) -> None:
        """Do again what was undone last."""
        self._send(ReturnBy(1))

    def return_to(self, position: int) -> None:
        """Go to what there was after some actions of the log."""
        self.keep_notes()
        self._send(ReturnTo(position))

    @property
    def is_playing(self) -> bool:
        """Return whether it trains, or replays what was recorded."""
        return self._playing

    @property
    def log(self) -> ActionLog | None:
        """Return what was done to the shown experiment; None before there is one."""
        return self._log

    @property
    def session(self) -> Session | None:
        """Return what makes everything shown again; None before there is anything."""
        if self._log is None or self.snapshot is None:
            return None
        return Session(self._log.experiment, self._done, self._view())

    @property
    def _done(self) -> tuple[SessionAction, ...]:
        """Return what was done, the notes included that are being written."""
        if self._log is None:
            return ()
        return self._log.actions if self._new_notes is None else (*self._log.actions, self._new_notes)

    @property
    def _new_notes(self) -> WriteNotes | None:
        """Return what puts the notes into the log that are being written; None where they are there."""
        if self._log is None or self.notes == self._log.notes:
            return None
        return WriteNotes(self.notes, self._log.notes)

    def look_with(self, view: Callable[[], View]) -> None:
        """Ask a function how the session is looked at."""
        self._view = view

    def write_notes(self, text: str) -> None:
        """Keep what somebody writes about the session; it is one change until `keep_notes`."""
        self.notes = text
        self.log_changed.emit(self._log)

    def keep_notes(self) -> None:
        """Put the notes on the list of what was done: somebody has finished writing."""
        new = self._new_notes
        if new is not None and new != self._sent:
            self._sent = new
            self._send(new)

    @property
    def unsaved(self) -> int:
        """Return how many changes no file has; what is undone of a file counts, too."""
        done = self._done
        same = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(done, self._saved, strict=False))
        )
        return max(len(done), len(self._saved)) - same

    def note_saved(self, session: Session) -> None:
        """Take note that a file has this session."""
        self._saved, self.last_saved = session.actions, session
        self.log_changed.emit(self._log)

    def receive(self, letter: Letter) -> None:
        """Take a letter of the training thread; snapshots of an experiment that is no longer shown are dropped."""
        if isinstance(letter, Failure):
            self.is_opening = False
            self._set_playing(self._playing and letter.goes_on)
            self.failed.emit(sentence(letter.error), letter.details)
            return
        opening, _ = shown = letter.opening, letter.generation
        if opening < self._shown[0]:
            return
        self.is_opening = self.is_opening and opening < self._last_opening
        before, self.snapshot = self.snapshot, letter
        self.experiment = letter.experiment
        is_new, self._shown = shown != self._shown, shown
        self._take_log(letter.log, is_opened=before is None or opening > before.opening)
        if is_new:
            self.experiment_shown.emit(self.experiment, letter)
        elif before is not None and _names(before) != _names(letter):
            self.lanes_changed.emit(self.experiment, letter)
        # on the way to a far step Space stops, too
        self._set_playing(letter.activity is Activity.PLAYING or letter.goal is not None)
        self.snapshot_arrived.emit(letter)

    def _take_log(self, log: ActionLog | None, *, is_opened: bool) -> None:
        if is_opened and log is not None:
            is_saved = self._shown[0] != self._in_no_file
            self._saved = log.actions if is_saved else ()
        if log is not self._log:
            self._take_notes(log, is_opened=is_opened)
            self._log = log
            self.log_changed.emit(log)

    def _take_notes(self, log: ActionLog | None, *, is_opened: bool) -> None:
        """Have the notes of a log, unless they are those that somebody goes on writing."""
        before, now = "" if self._log is None else self._log.notes, "" if log is None else log.notes
        is_mine = self._sent is not None and self._sent.text == now and not is_opened
        if is_opened or now != before:
            self._sent = None
        if is_opened or (now != before and not is_mine):
            self.notes = now
            self.notes_changed.emit(now)

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)


def _names(snapshot: Snapshot) -> list[str]:
    return [lane.name for lane in snapshot.lanes]
