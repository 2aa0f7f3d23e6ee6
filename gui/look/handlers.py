"""Overridden event handlers that cannot break what Qt was doing when it called them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Receiver = TypeVar("Receiver")
Event = TypeVar("Event")


def shielded(handler: Callable[[Receiver, Event], None]) -> Callable[[Receiver, Event], None]:
    """Give what a handler raises to `sys.excepthook`.

    PySide keeps an exception that Qt cannot pass on and raises it at the next call from Python into Qt, whatever that is:
    a resize that fails would stop the clock, or lose a snapshot.
    """

    @wraps(handler)
    def call(self: Receiver, event: Event) -> None:
        try:
            handler(self, event)
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)

    return call
