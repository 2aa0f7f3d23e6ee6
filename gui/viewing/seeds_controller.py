"""Lanes that are trained from many seeds beside their run. What was done says which; a process trains each of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.core.own_process import SharedNumber
from engine.experiments.experiment import Experiment
from engine.report.snapshot import Snapshot
from engine.reruns.company import Company
from engine.reruns.following import follow
from engine.session.action_log import ActionLog
from engine.session.commands import ManySeeds, OneSeed
from engine.session.recipe import LaneRecipe
from engine.training.edits import Set
from gui.controllers.display_controller import DisplayController
from gui.controllers.training_controller import TrainingController
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text.error_words import sentence
from gui.text.language import translate

WORK = "seeds"
"""What the work is called in its background; each lane has one of its own."""


@dataclass(eq=False)
class _Followed:
    """What a lane is made from, whatever its seed, trained from `seeds` up to step `goal`."""

    made_from: LaneRecipe
    seeds: tuple[int, ...]
    background: Background
    goal: SharedNumber = field(default_factory=lambda: SharedNumber(0))
    reaches: int = 0
    company: Company | None = None
    refusal: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Return what the runs depend on."""
        return self.made_from.experiment, self.made_from.edits, self.seeds

    def take(self, company: Company) -> None:
        """Take note of what has come of the seeds, in the thread that waits for it."""
        self.company = company


class SeedsController(QObject):
    """Signals: `failed(str)`: why a lane cannot be trained from other seeds."""

    failed = Signal(str)

    def __init__(
        self, training: TrainingController, display: DisplayController, memory: int | None, parent: QObject
    ) -> None:
        """Train each lane in at most `memory` bytes; `default_limit` if it is not given."""
        super().__init__(parent)
        self._training, self._display, self._memory = training, display, memory
        self._followed: list[tuple[str, _Followed]] = []
        self._unused: list[Background] = []
        self._shown: list[tuple[str, Company | None]] = []

    @property
    def is_at_rest(self) -> bool:
        """Return whether all seeds have come as far as their lanes."""
        return all(
            bool(one.refusal)
            or (one.company is not None and one.company.is_complete and one.company.step >= one.reaches)
            for _, one in self._followed
        )

    def begin(self, name: str, seeds: int) -> None:
        """Train a lane from so many seeds, its own one and those after it."""
        log = self._training.log
        if log is not None and log.recipe.has(name):
            own = log.recipe.lanes[log.recipe.index(name)].experiment.seed
            self._training.act(ManySeeds(own, seeds, lane=name))

    def end(self, name: str) -> None:
        """Train a lane from its own seed only."""
        self._training.act(OneSeed(lane=name))

    def choose(self, name: str, seed: int) -> None:
        """Let a lane have one of the seeds; it is trained to the shown step."""
        self._training.act(Set("seed", seed, lane=name))

    def take_log(self, log: ActionLog | None) -> None:
        """Follow the lanes that are to be followed now, as they are now; not while a value of them is dragged."""
        if log is None:
            return
        before = list(self._followed)
        lanes = {lane.name: lane for lane in log.recipe.lanes}
        self._followed = [
            (one.lane, followed)
            for one in log.recipe.seeds
            if one.lane in lanes and (followed := self._follow(lanes[one.lane], one, before, log.is_open))
        ]
        for _, gone in before:
            gone.background.give_up(WORK)
            self._unused.append(gone.background)
        if self._training.snapshot is not None:
            self.arrive(self._training.snapshot)
        self._show()

    def _follow(
        self, lane: LaneRecipe, wanted: ManySeeds, before: list[tuple[str, _Followed]], is_open: bool
    ) -> _Followed | None:
        """Return what follows a lane, taken from those `before` where one does already; None while it is dragged."""
        made_from = LaneRecipe(lane.name, lane.origin, _seedless(lane.experiment), lane.edits)
        found = _Followed(made_from, tuple(wanted.all_seeds), Background())
        for place, (_, one) in enumerate(before):
            if one.key == found.key:
                return before.pop(place)[1]
        if is_open:
            return None
        if self._unused:
            found.background = self._unused.pop()
        self._begin(lane.name, found)
        return found

    def _begin(self, name: str, one: _Followed) -> None:
        one.background.ask(
            WORK,
            lambda: follow(one.made_from, one.seeds, one.goal, self._memory, one.take),
            lambda _none: None,
            lambda error: self._refuse(name, one, error),
        )

    def _refuse(self, name: str, one: _Followed, error: InitscopeError) -> None:
        said = translate("seeds", "{0} cannot be trained from many seeds: {1}")
        one.refusal = said.format(shortened(name, LONGEST_NAME), sentence(error))
        self._show()
        self.failed.emit(one.refusal)

    def arrive(self, snapshot: Snapshot) -> None:
        """Let the seeds go as far as the lanes have come."""
        for _, one in self._followed:
            if one.reaches != snapshot.last_step:
                one.reaches = one.goal.value = snapshot.last_step

    def tick(self) -> None:
        """Show what has come of the seeds since the last look."""
        for _, one in self._followed:
            one.background.take()
        if self._now() != self._shown:
            self._show()

    def stop(self) -> None:
        """End all of it."""
        for background in (*(one.background for _, one in self._followed), *self._unused):
            background.stop()

    def _now(self) -> list[tuple[str, Company | None]]:
        return [(name, one.company) for name, one in self._followed]

    def _show(self) -> None:
        self._shown = self._now()
        self._display.show_seeds([_shown(name, one) for name, one in self._followed])


def _seedless(experiment: Experiment) -> Experiment:
    return msgspec.structs.replace(experiment, seed=0)


def _shown(name: str, one: _Followed) -> SeedsOfLane:
    made_from = one.made_from
    is_changed = bool(made_from.edits)
    return SeedsOfLane(name, one.seeds, made_from.experiment, is_changed, one.company, one.refusal)
