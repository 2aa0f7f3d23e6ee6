"""How Ctrl+C and SIGTERM end the program. Nothing large is imported here: they may come before anything else is there.

They end it at once, but for a run in training: that is asked to stop and prints what there is.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType


def _end(number: int, _frame: FrameType | None) -> None:
    """End at once, wherever it is: in half an import or a callback, an exception might be swallowed or misread."""
    remove_unfinished = getattr(sys.modules.get("engine.output.export"), "remove_unfinished", None)
    if remove_unfinished is not None:
        remove_unfinished()
    _say(number)
    os._exit(128 + number)


def _say(number: int) -> None:
    clear = "\r\033[K" if os.isatty(2) else ""
    word = "interrupted" if number == signal.SIGINT else "ended"
    with suppress(OSError):
        os.write(2, f"{clear}initscope: {word}\n".encode())


def end_at_signals() -> None:
    """Let Ctrl+C and SIGTERM end the program; who starts it in the background may have them ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


class Request:
    """Takes the first signal inside a `with` as a wish to stop; `exit_code` is then that of the command, else 0.

    Until somebody asks whether it is made there is nothing to keep, and a signal ends the program as elsewhere.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        self._is_asked_for = False

    def is_made(self) -> bool:
        """Return whether a signal has come."""
        self._is_asked_for = True
        return self.exit_code != 0

    def take(self, number: int, frame: FrameType | None) -> None:
        """Take a signal and say so; the next one ends the program at once."""
        if not self._is_asked_for:
            _end(number, frame)
        self.exit_code = 128 + number
        self._give_back()
        _say(number)

    def __enter__(self) -> Request:
        """Take the first signal from now on, of those that would end the program."""
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) == _end:
                signal.signal(number, self.take)
        return self

    def __exit__(self, *_raised: object) -> None:
        """Let signals end the program again."""
        self._give_back()

    def _give_back(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) == self.take:
                signal.signal(number, _end)
