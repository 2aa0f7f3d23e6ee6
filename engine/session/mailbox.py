"""The hand-off between the training thread and the window: one letter out, commands in, no Qt.

The thread waits until its letter was taken, or until a command comes. One that trains by calls from Python waits until it
was shown, too: it would starve the window through the interpreter lock. What trains ahead does not wait
(`engine/ensemble/ahead.py`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from engine.core.errors import InitscopeError
from engine.report.snapshot import Snapshot

Command = TypeVar("Command")


@dataclass(frozen=True)
class Failure:
    """Something went wrong in the training thread; `error` is for the user, `details` for a bug report.

    `goes_on` says that what was trained or played goes on as it did, as where a command was refused.
    """

    error: InitscopeError
    details: str = ""
    goes_on: bool = False


Letter = Snapshot | Failure


class Mailbox(Generic[Command]):
    """Letters from the training thread, commands to it. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._letters: deque[Letter] = deque()
        self._commands: deque[Command] = deque()
        self._showing = False
        self._working = False
        self._taken_at = 0.0

    def send(self, command: Command) -> None:
        """Give the training thread a command."""
        with self._condition:
            self._commands.append(command)
            self._condition.notify_all()

    @property
    def is_working(self) -> bool:
        """Return whether the thread is at work on a letter."""
        return self._working

    def take(self, patience: float = 0.0) -> Letter | None:
        """Return the oldest letter, or None. Call `shown` when it is on the screen.

        If the thread is at work on a letter, wait for it at most `patience` seconds: a letter that comes a
        millisecond late should not miss its frame.
        """
        with self._condition:
            if patience and not self._letters and self._working:
                self._condition.wait_for(lambda: self._letters, timeout=patience)
            if not self._letters:
                return None
            self._showing = True
            self._taken_at = perf_counter()
            self._condition.notify_all()
            return self._letters.popleft()

    def shown(self) -> None:
        """Tell the training thread that its letter is on the screen, so that it goes on."""
        with self._condition:
            self._showing = False
            self._condition.notify_all()

    def put(self, letter: Letter) -> None:
        """Leave a letter; a snapshot that nobody took is replaced by a newer one."""
        with self._condition:
            if self._letters and isinstance(self._letters[-1], Snapshot) and isinstance(letter, Snapshot):
                self._letters.pop()
            self._letters.append(letter)
            self._working = False
            self._condition.notify_all()

    def rest(self) -> None:
        """Tell the window that the next letter takes long, so that its frames do not wait for it."""
        with self._condition:
            self._working = False

    def holds(self, kinds: tuple[type, ...]) -> bool:
        """Return whether a command of one of these kinds is waiting."""
        with self._condition:
            return any(isinstance(command, kinds) for command in self._commands)

    def commands(self) -> Iterator[Command]:
        """Yield the waiting commands, oldest first. Each goes on waiting until its turn, so that `holds` knows of it."""
        for _ in range(len(self._commands)):
            with self._condition:
                command = self._commands.popleft()
            yield command

    @property
    def is_undisturbed(self) -> bool:
        """Return whether the window is at work on a letter that it has taken, and has sent no command since."""
        return self._showing and not self._commands

    def wait_until_taken(self, *, shown: bool) -> float:
        """Wait until every letter was taken, and `shown` if that is wanted, or until a command came.

        Return when the last one was taken (`perf_counter`).
        """
        with self._condition:
            self._condition.wait_for(
                lambda: self._commands or not (self._letters or (shown and self._showing))
            )
            self._working = True
            return self._taken_at

    def wait_for_command(self, seconds: float | None = None) -> None:
        """Wait until a command comes, at most `seconds`; with None, wait without a limit."""
        with self._condition:
            self._working = False
            self._condition.wait_for(lambda: self._commands, timeout=seconds)
            self._working = True
