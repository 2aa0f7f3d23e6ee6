"""How Ctrl+C and SIGTERM end the program. Nothing large is imported here: they may come before anything else is there."""

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
    clear = "\r\033[K" if os.isatty(2) else ""
    word = "interrupted" if number == signal.SIGINT else "ended"
    with suppress(OSError):
        os.write(2, f"{clear}initscope: {word}\n".encode())
    os._exit(128 + number)


def end_at_signals() -> None:
    """Let Ctrl+C and SIGTERM end the program; who starts it in the background may have them ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)
