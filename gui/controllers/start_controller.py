"""Fills the start page: the shipped experiments and a new one, whose pictures a thread of its own makes."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, Signal

from engine.core.errors import InitscopeError
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_code
from engine.experiments.presets import new_experiment, open_target, preset_names
from engine.insight.previewer import preview_of
from engine.report.preview import Preview
from gui.start.preset_card import CardText
from gui.start.start_page import StartPage
from gui.text.words import new_experiment_title, question_of

NEW = "new"


class StartController(QObject):
    """Signals: `preview_made(str, Preview)`, the name of an experiment; `target_chosen(str)`, an experiment as a code;
    `new_agreed()` where the new experiment is going to be opened.
    """

    preview_made = Signal(str, object)
    target_chosen = Signal(str)
    new_agreed = Signal()

    def __init__(self, page: StartPage, parent: QObject) -> None:
        super().__init__(parent)
        self._made: SimpleQueue[tuple[str, Preview]] = SimpleQueue()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._experiments = {name: open_target(name) for name in preset_names()}
        texts = [
            CardText(name, experiment.title or name, question_of(name))
            for name, experiment in self._experiments.items()
        ]
        self._experiments[NEW] = new_experiment()
        self._new_code = encode_code(self._experiments[NEW])
        page.show_cards(texts, CardText(NEW, new_experiment_title(), question_of(NEW)))

    def open_new(self) -> None:
        """Open a small new experiment."""
        self.target_chosen.emit(self._new_code)

    def take_agreed(self, target: str) -> None:
        """Somebody agrees that a target is opened in place of what is shown."""
        if target == self._new_code:
            self.new_agreed.emit()

    def make_previews(self) -> None:
        """Begin to make the pictures, the first time that the page is open."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._make_all, name="previews", daemon=True)
            self._thread.start()

    def take(self) -> None:
        """Hand over the pictures that are ready."""
        while True:
            try:
                self.preview_made.emit(*self._made.get_nowait())
            except Empty:
                return

    @property
    def is_done(self) -> bool:
        """Return whether all pictures were made and handed over."""
        return self._thread is not None and not self._thread.is_alive() and self._made.empty()

    def stop(self) -> None:
        """End the thread."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()

    def _make_all(self) -> None:
        for name, experiment in self._experiments.items():
            if self._ends.is_set():
                return
            self._make(name, experiment)

    def _make(self, name: str, experiment: Experiment) -> None:
        try:
            self._made.put((name, preview_of(experiment)))
        except (InitscopeError, MemoryError):
            return  # the card stays without a picture; opening it says what is wrong
