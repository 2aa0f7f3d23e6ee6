"""Work that may become useless while it is done: long work asks at its checkpoints whether anybody still wants it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

_is_useless: ContextVar[Callable[[], bool] | None] = ContextVar("is_useless", default=None)


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Nobody wants what was being done."""


@contextmanager
def cancellable(is_useless: Callable[[], bool]) -> Generator[None, None, None]:
    """Let `checkpoint` end what is done inside, in this thread, as soon as `is_useless()`."""
    before = _is_useless.set(is_useless)
    try:
        yield
    finally:
        _is_useless.reset(before)


def checkpoint() -> None:
    """Raise Cancelled if what this thread does has become useless; to be called a few times a second."""
    is_useless = _is_useless.get()
    if is_useless is not None and is_useless():
        raise Cancelled
