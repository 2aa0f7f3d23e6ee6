"""Keeps what no file has beside the settings, every half minute, and offers it when the program has ended by a crash.

That is what was done, and the step that was reached and the view, where they are other ones than those in the file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic

import msgspec
from PySide6.QtCore import QDateTime, QLocale, QLockFile, QObject

from engine.core.errors import InitscopeError
from engine.output.export import write_file
from engine.scenes.view import ColourSizes, View
from engine.session.session_file import Session, encode_session, open_session
from gui.controllers.training_controller import TrainingController
from gui.dialogs.recovery_dialog import RecoveryDialog
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.error_words import sentence
from gui.text.language import translate
from gui.window.main_window import MainWindow

SAVE_SECONDS = 30.0
"""The seconds between two saves: the most work that a crash can take."""
NAME = "unsaved-{}.json"
"""Of the file of a process, whose number is in it: every window has its own."""


class Autosave(QObject):
    """Keeps the session of one window in a file while it has changes that no other file has."""

    def __init__(
        self, training: TrainingController, folder: Path, parent: QObject, seconds: float = SAVE_SECONDS
    ) -> None:
        """Save every so many seconds while there is something unsaved."""
        super().__init__(parent)
        self._seconds = seconds
        self._training = training
        self.path = folder / NAME.format(os.getpid())
        self._lock = _lock_of(self.path)
        self._saved_at = monotonic()
        self._kept: Session | None = None
        self._opening, self._last_saved = 0, training.last_saved
        self._is_recovered = False
        self._known: View | None = None

    def open(self, path: Path) -> None:
        """Open what another program has left; its file is this one's then. Raise InitscopeError if it is damaged."""
        session = replace(open_session(str(path)), source=None)  # nobody knows this file by its name
        self._training.open(session, is_saved=False)
        self._is_recovered = True
        self._lock.tryLock(0)
        path.replace(self.path)

    def tick(self) -> None:
        """Save if it is time; to be called at every frame."""
        self._look()
        if monotonic() - self._saved_at >= self._seconds:
            self._saved_at = monotonic()
            self.save()

    def _look(self) -> None:
        """Take note of what a file has, or everybody has at the beginning, when one is opened or saved."""
        log, session, snapshot = self._training.log, self._training.session, self._training.snapshot
        if log is None or session is None or snapshot is None:
            return
        if snapshot.opening != self._opening:
            self._opening = snapshot.opening
            begun = msgspec.structs.replace(_chosen(session.view), step=log.view.step)
            self._known, self._is_recovered = (None if self._is_recovered else begun), False
        elif self._training.last_saved is not self._last_saved:
            self._last_saved = self._training.last_saved
            self._known = _chosen(session.view if self._last_saved is None else self._last_saved.view)

    def save(self) -> None:
        """Keep the session if no file has it as it is; otherwise keep nothing."""
        self._look()
        session = self._training.session
        if session is None or not (self._training.unsaved or _chosen(session.view) != self._known):
            self.forget()
        elif session != self._kept:
            with suppress(InitscopeError, OSError):  # a full disk is said where somebody saves
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._lock.tryLock(0)
                write_file(self.path, encode_session(session))
                self._kept = session

    def forget(self) -> None:
        """Remove the file: the window was closed, or another file has everything."""
        self._kept = None
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._lock.unlock()


def _chosen(view: View) -> View:
    """Return what somebody has chosen of a view, without what follows from the run and from the size of the window."""
    shown = view.shown and msgspec.structs.replace(view.shown, sizes=ColourSizes(), room={}, panels=None)
    return msgspec.structs.replace(view, shown=shown, notes="")


def left_behind(folder: Path) -> list[Path]:
    """Return the files of programs that have ended without removing theirs, the newest first."""
    found: list[Path] = []
    with suppress(OSError):
        found = [path for path in folder.glob(NAME.format("*")) if _lock_of(path).tryLock(0)]
        found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return found


def _lock_of(path: Path) -> QLockFile:
    """Return the lock that a program holds on its file while it lives."""
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)  # however old it is: what counts is whether the program lives
    return lock


def offer(window: MainWindow, autosave: Autosave, paths: list[Path]) -> None:
    """List these files, which crashes have left, to open one of them; each stays until somebody discards it."""
    if not paths:
        return
    dialog = RecoveryDialog([_entry(path) for path in paths], window)

    def open_one(place: int) -> None:
        try:
            autosave.open(paths[place])
        except (InitscopeError, OSError) as error:
            window.show_error(sentence(error) if isinstance(error, InitscopeError) else str(error))

    def discard(place: int) -> None:
        with suppress(OSError):
            paths[place].unlink()

    dialog.open_requested.connect(open_one)
    dialog.discard_requested.connect(discard)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _entry(path: Path) -> str:
    """Return what a file holds, and from when it is."""
    with suppress(OSError):
        when = QDateTime.fromSecsSinceEpoch(int(path.stat().st_mtime))
        saved = QLocale().toString(when, QLocale.FormatType.ShortFormat)
        try:
            session = open_session(str(path))
        except InitscopeError:
            return translate("autosave", "damaged, from {0}").format(saved)
        title = shortened(session.experiment.title or session.experiment.name, LONGEST_NAME)
        count = len(session.actions)
        told = translate("autosave", "{0}, %n change(s), step {1}, from {2}", None, count)
        return told.format(title, f"{session.view.step:,}", saved)
    return path.name
