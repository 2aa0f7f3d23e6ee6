"""Keeps what no file has beside the settings, every half minute, and offers it when the program has ended by a crash."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QLockFile, QObject

from engine.core.errors import InitscopeError
from engine.output.export import write_file
from engine.session.session_file import Session, encode_session, open_session
from gui.controllers.training_controller import TrainingController
from gui.dialogs.question import question
from gui.text.error_words import sentence
from gui.text.language import translate
from gui.window.main_window import MainWindow

SAVE_SECONDS = 30.0
"""The seconds between two saves: the most work that a crash can take."""
NAME = "unsaved-{}.json"
"""Of the file of a process, whose number is in it: every window has its own."""


class Autosave(QObject):
    """Keeps the session of one window in a file while it has changes that no other file has."""

    def __init__(self, training: TrainingController, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self.path = folder / NAME.format(os.getpid())
        self._lock = _lock_of(self.path)
        self._saved_at = monotonic()
        self._kept: Session | None = None

    def open(self, path: Path) -> None:
        """Open what another program has left; its file is this one's then. Raise InitscopeError if it is damaged."""
        self._training.open(open_session(str(path)), is_saved=False)
        self._lock.tryLock(0)
        path.replace(self.path)

    def tick(self) -> None:
        """Save if it is time; to be called at every frame."""
        if monotonic() - self._saved_at >= SAVE_SECONDS:
            self._saved_at = monotonic()
            self.save()

    def save(self) -> None:
        """Keep the session if it has unsaved changes; otherwise keep nothing."""
        session = self._training.session
        if session is None or not self._training.unsaved:
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
    """Ask whether to open the newest of these files, which a crash has left; without it, all of them go."""
    if not paths:
        return
    dialog = question(
        window,
        translate("autosave", "Open what was not saved?"),
        translate("autosave", "Initscope ended before changes were saved. They are lost if you cancel."),
        translate("autosave", "Open"),
    )

    def open_newest() -> None:
        try:
            autosave.open(paths[0])
        except InitscopeError as error:
            window.show_error(sentence(error))

    def remove_all() -> None:
        for path in paths:
            with suppress(OSError):
                path.unlink()

    dialog.accepted.connect(open_newest)
    dialog.rejected.connect(remove_all)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
