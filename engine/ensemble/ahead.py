"""Training in a thread of its own, while another one looks at what has been recorded."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from engine.training.loop import training_conditions
from engine.training.trainer import Trainer
from engine.training.updates import Driven, Recorder


class Ahead:
    """Does updates in trainers that all have a program, one recorder for each, until `end` is called.

    The driver runs without the interpreter lock and says how far it is, so that whoever looks does not stop it. Until
    `end`, the trainers belong to the thread. Recorded steps may be read inside `undisturbed()`.
    """

    def __init__(self, trainers: Sequence[Trainer], recorders: Sequence[Recorder], steps: int) -> None:
        """Begin at most `steps` updates, in a thread that does not outlive the program."""
        self._driven = Driven(trainers, recorders)
        self._left, self._noted = steps, 0
        self._ends = False
        self._reading = threading.Lock()
        self._failure: Exception | None = None
        self._prepare()
        atexit.register(self._driven.call.end)  # nothing is written any more when memory goes
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Return whether all updates are done, or one could not be; `end` tells."""
        return not self._thread.is_alive()

    @contextmanager
    def undisturbed(self) -> Generator[None, None, None]:
        """Take note of the updates that are done; inside, what is recorded of them neither changes nor moves."""
        with self._reading:
            self._note()
            yield

    def end(self) -> None:
        """End after the present update; raise what went wrong: DriverError where one could not be done, MemoryError."""
        self._ends = True
        self._driven.call.end()
        self._thread.join()
        atexit.unregister(self._driven.call.end)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            with training_conditions():
                while self._prepared:
                    self._driven.call.run_to_end(self._prepared)
                    with self._reading:
                        self._note()
                        self._prepare()
        except Exception as failure:  # it is told by `end`
            self._failure = failure

    def _prepare(self) -> None:
        """Make room for the next updates, as many as one call can do."""
        self._driven.call.begin()
        self._noted = 0
        self._prepared = 0 if self._ends or not self._left else self._driven.prepare(self._left)

    def _note(self) -> None:
        just_done = self._driven.call.done - self._noted
        self._driven.note(just_done)
        self._noted += just_done
        self._left -= just_done
