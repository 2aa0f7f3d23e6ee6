"""Work in a process of its own: it disturbs nobody, and who no longer wants it ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from enum import Enum, auto
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from engine.core.cancellation import checkpoint
from engine.core.errors import InitscopeError
from engine.core.problems import Problem

PATIENCE = 0.05
"""Seconds from one look whether the work is still wanted to the next."""

GENTLE = 10
"""By how much the process steps back behind a window that draws and trains."""

FINE = 0.005
"""A share of the work is told if it is larger by this much."""

R = TypeVar("R")


class _Kind(Enum):
    NEWS = auto()
    SHARE = auto()
    RESULT = auto()
    ERROR = auto()


class SharedNumber:
    """A whole number that who asks changes while the work goes on, and that the work reads."""

    def __init__(self, value: int) -> None:
        self._shared = get_context("spawn").Value("q", value)

    @property
    def value(self) -> int:
        """Return the number."""
        return self._shared.value

    @value.setter
    def value(self, value: int) -> None:
        self._shared.value = value


class Report:
    """What work says while it is done; any of its threads may say it."""

    def __init__(self, there: Connection) -> None:
        self._there, self._lock = there, threading.Lock()
        self._parent, self._share = os.getppid(), 0.0

    def tell(self, *news: Any) -> None:
        """Tell who asked how far it is."""
        self._send(_Kind.NEWS, news)

    def share(self, share: float) -> None:
        """Tell which share of the work is done, 0 to 1; it never falls."""
        if share >= self._share + FINE:
            self._share = share
            self._send(_Kind.SHARE, share)

    def is_orphaned(self) -> bool:
        """Return whether who asked is no longer there."""
        return os.getppid() != self._parent

    def end(self, work: Callable[[Report], Any]) -> None:
        """Do the work, and tell what came of it."""
        try:
            self._send(_Kind.RESULT, work(self))
        except InitscopeError as error:
            self._send(_Kind.ERROR, error)

    def _send(self, kind: _Kind, content: Any) -> None:
        with self._lock:
            self._there.send((kind, content))


def in_own_process(
    name: str, work: Callable[[Report], R], tell: Callable[..., object] = lambda *_news: None
) -> R:
    """Return what comes of `work` in a process of this name; `tell` hears what it tells, a checkpoint its share.

    The work goes to the process pickled. Raise Cancelled at a checkpoint where nobody wants it any more, and
    InitscopeError where it cannot be done.
    """
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, work), name=name, daemon=True)
    try:
        process.start()
        there.close()
        return _listen(here, tell)
    except (EOFError, OSError) as error:
        raise InitscopeError(Problem.PROCESS_GONE) from error
    finally:
        here.close()
        if process.pid is not None:
            process.kill()
            process.join()


def _listen(here: Connection, tell: Callable[..., object]) -> Any:
    while True:
        checkpoint()
        if not here.poll(PATIENCE):
            continue
        kind, content = here.recv()
        if kind is _Kind.ERROR:
            raise content
        if kind is _Kind.RESULT:
            return content
        if kind is _Kind.SHARE:
            checkpoint(content)
        else:
            tell(*content)


def _work(there: Connection, work: Callable[[Report], Any]) -> None:
    """Work, as the process does: leave Ctrl+C to who asked, and the processor to whoever needs it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(GENTLE)
    Report(there).end(work)
