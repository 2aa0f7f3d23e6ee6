"""Old curves of lanes that somebody keeps. What was done says which; those of a file are trained once more for it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.report.snapshot import LaneSnapshot
from engine.reruns.past_curves import curves_after
from engine.session.action_log import ActionLog
from engine.session.commands import KeepGhost, RemoveGhost
from engine.session.recipe import GhostRecipe, LaneRecipe, Recipe
from gui.controllers.display_controller import DisplayController
from gui.controllers.training_controller import TrainingController
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.present.display_state import Ghost
from gui.text.error_words import sentence
from gui.text.language import translate


class GhostController(QObject):
    """Knows the curves of every ghost that there is or was since the experiment was opened.

    Signals: `failed(str)`: why old curves cannot be made again.
    """

    failed = Signal(str)

    def __init__(
        self,
        training: TrainingController,
        display: DisplayController,
        background: Background,
        memory: int | None,
        parent: QObject,
    ) -> None:
        """Make curves with at most `memory` bytes; `default_limit` if it is not given."""
        super().__init__(parent)
        self._memory = memory
        self._training, self._display, self._background = training, display, background
        self._known: list[tuple[LaneRecipe, int, LaneSnapshot]] = []
        self._begun_with: Recipe | None = None
        self._ghosts: tuple[GhostRecipe, ...] = ()
        self._missing: set[str] = set()

    @property
    def is_at_rest(self) -> bool:
        """Return whether no curves are being made."""
        return not self._missing

    def keep(self, name: str) -> None:
        """Keep the curves of a lane as they are on the screen."""
        log, snapshot = self._training.log, self._training.snapshot
        lane = next((lane for lane in snapshot.lanes if lane.name == name), None) if snapshot else None
        if log is None or lane is None or not log.recipe.has(name):
            return
        made_from, steps = log.recipe.lanes[log.recipe.index(name)], lane.loss_curve.length
        self._known.append((made_from, steps, replace(lane, dataset=None, change=None)))
        self._training.act(KeepGhost(steps, lane=name))

    def remove(self, name: str) -> None:
        """Forget the old curves of a lane; undo brings them back."""
        self._training.act(RemoveGhost(lane=name))

    def take_log(self, log: ActionLog | None) -> None:
        """Show the ghosts that there are now."""
        if log is None:
            return
        if log.recipes[0] is not self._begun_with:
            self._begun_with, self._known = log.recipes[0], []
        if log.recipe.ghosts != self._ghosts:
            self._ghosts = log.recipe.ghosts
            self._show()

    def _show(self) -> None:
        """Show those whose curves are known, and have the others made."""
        for name in self._missing:
            self._background.give_up(name)
        found = [(ghost, self._curves_of(ghost)) for ghost in self._ghosts]
        self._display.show_ghosts([Ghost(ghost.name, curves) for ghost, curves in found if curves])
        self._missing = {ghost.name for ghost, curves in found if curves is None}
        for ghost, curves in found:
            if curves is None:
                work = partial(curves_after, ghost.lane, ghost.steps, self._memory)
                self._background.ask(
                    ghost.name, work, partial(self._take, ghost), partial(self._forgo, ghost)
                )

    def _take(self, ghost: GhostRecipe, curves: LaneSnapshot) -> None:
        self._known.append((ghost.lane, ghost.steps, replace(curves, dataset=None)))
        self._show()

    def _forgo(self, ghost: GhostRecipe, error: InitscopeError) -> None:
        self._missing.discard(ghost.name)
        said = translate("lane", "The old curves of {0} cannot be made again: {1}")
        self.failed.emit(said.format(shortened(ghost.name, LONGEST_NAME), sentence(error)))

    def _curves_of(self, ghost: GhostRecipe) -> LaneSnapshot | None:
        return next(
            (
                curves
                for made_from, steps, curves in self._known
                if steps == ghost.steps
                and (made_from.experiment, made_from.edits) == (ghost.lane.experiment, ghost.lane.edits)
            ),
            None,
        )
