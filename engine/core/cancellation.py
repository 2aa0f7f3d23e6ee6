"""Work that may become useless while it is done: long work asks at its checkpoints whether anybody still wants it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_is_useless: ContextVar[Callable[[], bool] | None] = ContextVar("is_useless", default=None)
_progress: ContextVar[Callable[[float], None] | None] = ContextVar("progress", default=None)


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Nobody wants what was being done."""


@contextmanager
def cancellable(
    is_useless: Callable[[], bool], progress: Callable[[float], None] | None = None
) -> Generator[None, None, None]:
    """Let `checkpoint` end what is done inside, in this thread, as soon as `is_useless()`.

    `progress` is told the share of the work that is done, 0 to 1, where the work knows it.
    """
    before, before_progress = _is_useless.set(is_useless), _progress.set(progress)
    try:
        yield
    finally:
        _is_useless.reset(before)
        _progress.reset(before_progress)


def checkpoint(share: float | None = None) -> None:
    """Raise Cancelled if what this thread does has become useless; to be called a few times a second.

    `share` is how much of the work is done.
    """
    is_useless, progress = _is_useless.get(), _progress.get()
    if is_useless is not None and is_useless():
        raise Cancelled
    if progress is not None and share is not None:
        progress(share)
