"""Work that takes too long for a window, done one piece after the other in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from engine.core.cancellation import Cancelled, cancellable
from engine.core.errors import InitscopeError


@dataclass
class _Piece:
    """A piece of work, and who is told what came of it."""

    key: str
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[InitscopeError], None]
    result: Any = None
    error: Exception | None = None
    share: float = 0.0
    is_useless: threading.Event = field(default_factory=threading.Event)


class Background:
    """Does what is asked for, in the order in which it is asked; of one `key` only what was asked last.

    The thread that asks calls `take` now and then, and is told there what was done.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[_Piece | None] = SimpleQueue()
        self._done: SimpleQueue[_Piece] = SimpleQueue()
        self._latest: dict[str, _Piece] = {}
        self._thread: threading.Thread | None = None

    def ask(
        self,
        key: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[InitscopeError], None],
    ) -> None:
        """Do `work` soon; then `take` calls `done` with its result, or `failed` with why there is none."""
        self.give_up(key)
        piece = self._latest[key] = _Piece(key, work, done, failed)
        self._asked.put(piece)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="background", daemon=True)
            self._thread.start()

    def give_up(self, key: str) -> None:
        """Nobody is told any more what comes of the work of this key; it ends at its next checkpoint."""
        piece = self._latest.pop(key, None)
        if piece is not None:
            piece.is_useless.set()

    def share(self, key: str) -> float | None:
        """Return how much of the work of a key is done, 0 to 1; None if there is none."""
        piece = self._latest.get(key)
        return None if piece is None else piece.share

    def take(self) -> None:
        """Tell what was done. What nobody expected is raised here."""
        while True:
            try:
                piece = self._done.get_nowait()
            except Empty:
                return
            if self._latest.get(piece.key) is piece:
                del self._latest[piece.key]
                _tell(piece)

    def stop(self) -> None:
        """End the thread at the next checkpoint of what it does, and wait for it."""
        for key in list(self._latest):
            self.give_up(key)
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (piece := self._asked.get()) is not None:
            _do(piece)
            self._done.put(piece)


def _do(piece: _Piece) -> None:
    def progress(share: float) -> None:
        piece.share = share

    try:
        if not piece.is_useless.is_set():
            with cancellable(piece.is_useless.is_set, progress):
                piece.result = piece.work()
    except Cancelled:
        pass
    except Exception as error:
        piece.error = error


def _tell(piece: _Piece) -> None:
    if isinstance(piece.error, InitscopeError):
        piece.failed(piece.error)
    elif piece.error is not None:
        raise piece.error
    else:
        piece.done(piece.result)
