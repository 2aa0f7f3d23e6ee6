"""Changes of the explained lane that somebody proposes: tried in a lane beside it, compared in several, or kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from engine.session.action_log import ActionLog
from engine.session.commands import Duplicate, LaneAction, Remove, Show, Together
from engine.session.recipe import LaneRecipe
from engine.symptoms.findings import Changes
from engine.training.edits import Set
from gui.consulting.tried_lanes import tried_alike
from gui.controllers.display_controller import DisplayController
from gui.controllers.lane_controller import LONGEST_COPIED
from gui.controllers.training_controller import TrainingController
from gui.text.language import translate


class Attempts(QObject):
    """Each of them is one action; the lane that they are about stays the explained one, beside its new neighbours.

    Signals: `told(sentence)` and `wanted(lane number)`, which is to be seen, where a change is being tried already.
    """

    told = Signal(str)
    wanted = Signal(int)

    def __init__(self, training: TrainingController, display: DisplayController, parent: QObject) -> None:
        super().__init__(parent)
        self._training, self._display = training, display
        self._returns_to, self._is_due = "", False

    @property
    def lanes(self) -> tuple[LaneRecipe, ...]:
        """Return all lanes."""
        log = self._training.log
        return () if log is None else log.recipe.lanes

    @property
    def number(self) -> int:
        """Return which lane the page is about: that of which a change is tried, before its new neighbour."""
        names = [lane.name for lane in self.lanes]
        return names.index(self._returns_to) if self._returns_to in names else self._display.state.lane

    @property
    def lane(self) -> LaneRecipe | None:
        """Return the lane that is explained."""
        number, lanes = self._display.state.lane, self.lanes
        return lanes[number] if number < len(lanes) else None

    def open(self, changes: Changes, stem: str) -> None:
        """Open a changed copy beside the explained lane, or show the one that there is, as `open_all` does."""
        self.open_all([(stem, changes)])

    def _show_again(self, name: str) -> None:
        if name in self._display.state.hidden:
            self._training.act(Show(lane=name))
        else:
            self.wanted.emit([lane.name for lane in self.lanes].index(name))
        self.told.emit(translate("diagnosis", "This is being tried already: {0}").format(name))

    def open_all(self, wanted: Sequence[tuple[str, Changes]]) -> None:
        """Open changed copies, each with its stem, beside the explained lane in this order, unless they are there.

        "{0}" in a stem stands for the name of the lane. While copies are on their way nothing else is opened.
        """
        lane, log = self.lane, self._training.log
        if lane is None or log is None or self._returns_to:
            return
        there = [tried_alike(log, _set(changes, lane.name)) for _, changes in wanted]
        if all(there):
            self._show_again(there[0][0])
            return
        actions: list[LaneAction] = []
        taken: tuple[str, ...] = ()
        for (stem, changes), known in zip(reversed(wanted), reversed(there), strict=True):
            if not known:
                taken = (*taken, self._free_name(stem, lane.name, taken))
                actions += _copied(lane.name, taken[-1], changes)
        self._act(lane, actions)

    def keep(self, changes: Changes, everywhere: bool) -> None:
        """Write changes into the explained lane, or into all of them; lanes that tried the same go."""
        lane, log = self.lane, self._training.log
        if lane is None or log is None:
            return
        change = _set(changes, None if everywhere else lane.name)
        self._act(lane, [change, *(Remove(lane=name) for name in tried_alike(log, change))])

    def take_log(self, log: ActionLog | None) -> None:
        """Something was done or undone, or another experiment was opened."""
        if log is not None:
            self._is_due = bool(self._returns_to)

    def change_lanes(self) -> None:
        """There are other lanes: stay at the one of which a change is tried."""
        number = self.number
        if number != self._display.state.lane:
            self._display.choose_lane(number)

    def arrive(self) -> None:
        """The lanes that were asked for are shown."""
        if self._is_due:
            self._returns_to, self._is_due = "", False

    def refuse(self) -> None:
        """What was asked for is not possible: no lane will come."""
        self._returns_to = ""

    def _act(self, lane: LaneRecipe, actions: Iterator[LaneAction] | Sequence[LaneAction]) -> None:
        self._returns_to = lane.name
        self._training.act(Together(tuple(actions)))

    def _free_name(self, stem: str, lane: str, more: tuple[str, ...]) -> str:
        taken = {*(other.name for other in self.lanes), *more}
        name = stem.replace("{0}", lane[:LONGEST_COPIED])
        names = [name, *(f"{name} {number}" for number in range(2, len(taken) + 2))]
        return next(free for free in names if free not in taken)


def _copied(lane: str, name: str, changes: Changes) -> Iterator[LaneAction]:
    """Yield what makes a changed copy of a lane."""
    yield Duplicate(name, lane=lane)
    yield _set(changes, name)


def _set(changes: Changes, lane: str | None) -> Set:
    (path, value), *also = changes
    return Set(path, value, tuple(also), lane=lane)
