"""Work that is done beside the window: in its order, of each key the last, and told to the thread that asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.core.background import Background
from engine.core.cancellation import checkpoint
from engine.core.errors import InitscopeError
from engine.core.problems import Problem


class Asker:
    """Asks for work, and takes what was done until somebody was told something."""

    def __init__(self) -> None:
        self.background = Background()
        self.told: list[Any] = []
        self._ended = threading.Semaphore(0)

    def ask(self, key: str, work: Callable[[], Any]) -> None:
        def counted() -> Any:
            try:
                return work()
            finally:
                self._ended.release()

        self.background.ask(key, counted, self.told.append, lambda error: self.told.append(error.problem))

    def take(self, pieces: int = 1) -> list[Any]:
        """Return what is told once as many pieces have ended."""
        for _ in range(pieces):
            assert self._ended.acquire(timeout=60)
        last: list[int] = []
        self.background.ask("last", lambda: 0, last.append, lambda _error: None)
        while not last:
            self.background.take()
        return self.told


@pytest.fixture
def asker() -> Iterator[Asker]:
    found = Asker()
    yield found
    found.background.stop()


def test_what_was_done_is_told_in_the_thread_that_asked(asker: Asker) -> None:
    asker.ask("a", lambda: threading.current_thread().name)
    asker.ask("b", lambda: 2)
    assert asker.take(2) == ["background", 2]
    assert asker.background.share("a") is None


def test_of_one_key_only_what_was_asked_last_is_done_and_told(asker: Asker) -> None:
    goes_on, seen = threading.Event(), threading.Event()

    def wait() -> str:
        seen.set()
        while not goes_on.wait(0.001):
            checkpoint(0.5)
        return "never told"

    asker.ask("a", wait)
    assert seen.wait(60)
    asker.ask("a", lambda: "second")
    assert asker.take(2) == ["second"]


def test_how_much_is_done_can_be_asked_and_what_is_given_up_ends(asker: Asker) -> None:
    half = threading.Event()

    def work() -> None:
        while True:
            checkpoint(0.5)
            half.set()

    asker.ask("a", work)
    assert half.wait(60)
    assert asker.background.share("a") == 0.5
    asker.background.give_up("a")
    assert not asker.take()


def test_an_error_is_told_and_what_nobody_expected_is_raised_where_it_is_taken(asker: Asker) -> None:
    def refuse() -> None:
        raise InitscopeError(Problem.LAST_LANE)

    asker.ask("a", refuse)
    assert asker.take() == [Problem.LAST_LANE]
    asker.ask("a", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        asker.take()


def test_stopping_ends_what_is_being_done(asker: Asker) -> None:
    begun = threading.Event()

    def work() -> None:
        while True:
            checkpoint()
            begun.set()

    asker.ask("a", work)
    assert begun.wait(60)
    asker.background.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "background"]
