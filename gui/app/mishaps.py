"""What nobody expected: exceptions in slots, handlers and threads become one notice, and the rest goes on."""

from __future__ import annotations

import sys
import threading
import traceback
from collections import deque
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from gui.text.language import translate

LONGEST_REASON = 200
Place = tuple[str, int]


class Mishaps(QObject):
    """Takes what is raised where no caller catches it: Qt calls slots and overridden handlers, and nobody calls threads.

    Signals: `told(str, str)`, a sentence and the details for a report. What is raised at the same place again, at every
    frame perhaps, is told once until `forget`.
    """

    told = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, str]] = deque()
        self._known: set[Place] = set()

    def watch(self) -> None:
        """Take all exceptions of the process from now on."""
        sys.excepthook = self.take
        threading.excepthook = lambda raised: self.take(
            raised.exc_type, raised.exc_value or raised.exc_type(), raised.exc_traceback
        )

    def take(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        """Keep an exception until `tell`; any thread may call it. What ends the process is left to Python."""
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, error, where)
            return
        place = _place(where)
        if place not in self._known:
            self._known.add(place)
            sys.__excepthook__(kind, error, where)
            details = "".join(traceback.format_exception(kind, error, where))
            self._waiting.append((f"{kind.__name__}: {error}"[:LONGEST_REASON], details))

    def tell(self) -> None:
        """Tell what was taken; called in the thread of the window, where nothing is being drawn."""
        if self._waiting:
            reasons, details = zip(*self._waiting, strict=True)
            self._waiting.clear()
            sentence = translate("mishaps", "A mistake in the program: {0}. Everything else goes on.")
            self.told.emit(sentence.format(reasons[0]), "\n".join(details))

    def forget(self) -> None:
        """Tell again what was told before: another experiment has come."""
        self._known.clear()


def _place(where: TracebackType | None) -> Place:
    """Return file and line in which an exception was raised."""
    stack = traceback.extract_tb(where)
    return (stack[-1].filename, stack[-1].lineno or 0) if stack else ("", 0)
