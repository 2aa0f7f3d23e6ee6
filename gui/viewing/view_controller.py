"""Keeps how a session is looked at for its file, and brings that back when one is opened."""

from __future__ import annotations

from math import inf, isfinite

import msgspec
from PySide6.QtCore import QObject

from engine.experiments.experiment import Experiment
from engine.report.snapshot import Snapshot
from engine.scenes.view import View
from engine.session.action_log import ActionLog
from gui.controllers.display_controller import DisplayController
from gui.controllers.editor_controller import EditorController
from gui.controllers.training_controller import TrainingController
from gui.viewing.view_of_state import sizes_in, view_of, with_view
from gui.window.main_window import MainWindow


class ViewController(QObject):
    """Knows what a person has chosen to see, in the state of the screen and in the window."""

    def __init__(
        self,
        training: TrainingController,
        display: DisplayController,
        editor: EditorController,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._training, self._display, self._editor, self._window = training, display, editor, window
        self._opening = 0
        self._log: ActionLog | None = None

    def view(self) -> View:
        """Return how the session is looked at now."""
        snapshot = self._training.snapshot
        if snapshot is None:
            return View()
        view = view_of(self._display.state, snapshot, self._window.panels.shares, self._editor.lane)
        speed = self._window.transport.steps_per_second
        return msgspec.structs.replace(
            view, notes=self._training.notes, speed=speed if isfinite(speed) else 0.0
        )

    def take_log(self, log: ActionLog | None) -> None:
        """Hide and show the lanes that somebody has hidden or shown, or has not any more."""
        snapshot = self._training.snapshot
        if log is not None and snapshot is not None:
            if snapshot.opening == self._opening:
                self._display.hide(log.hidden_after(self._log, self._display.state.hidden))
            self._log = log

    def begin(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Look at a session that has just been opened as it was looked at before."""
        log = self._training.log
        if snapshot.opening != self._opening and log is not None:
            self._opening = snapshot.opening
            self.show_like(log.view, snapshot)
            if log.view.shown is None:
                self._display.hide(log.hidden_after(None, frozenset()))
            if log.view.speed is not None:
                self._window.transport.show_speed(log.view.speed or inf)

    def use_sizes(self, view: View) -> None:
        """Let the next picture have the colours of a view."""
        if view.shown is not None:
            self._display.use_sizes(sizes_in(view.shown))

    def show_like(self, view: View, snapshot: Snapshot) -> None:
        """Show and select what a view does, at whatever step."""
        if view.shown is not None and view.shown.panels is not None:
            self._window.panels.set_shares(view.shown.panels)
        if view.selected is not None:
            self._editor.choose_lane(view.selected.edited)
        self._display.bring_back(with_view(self._display.state, view, snapshot))
