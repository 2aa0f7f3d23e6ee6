"""What was done to an experiment since it was opened: a list of actions that makes every lane again, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from engine.core.errors import InitscopeError
from engine.core.problems import Problem
from engine.experiments.experiment import Experiment
from engine.session.commands import NewSeed, Reach, Remove, Restart, SessionAction
from engine.session.lab import Lab
from engine.training.edits import AddNoise, CopyNeuron, Edit, SetWeight


class ActionLog:
    """The actions since an experiment was opened, oldest first.

    `actions` is replaced by a longer tuple, never changed, so any thread may read it.
    """

    def __init__(self) -> None:
        self.actions: tuple[SessionAction, ...] = ()
        self._reached = 0

    def add(self, action: SessionAction, reached: int) -> None:
        """Append an action after which the newest step of all lanes is `reached`."""
        self.actions = (*self.actions, action)
        self._reached = reached

    def reach(self, step: int) -> None:
        """Note that training went on to `step`; of several steps in a row only the last one stays."""
        if step <= self._reached:
            return
        self._reached = step
        before = self.actions
        if before and type(before[-1]) is Reach:
            before = before[:-1]
        self.actions = (*before, Reach(step=step))


def perform(lab: Lab, action: SessionAction) -> tuple[Lab, SessionAction]:
    """Do an action; return the lab to go on with, and the action with the step at which it was done.

    Raise InitscopeError, and leave the lab as it was, if the action is not possible.
    """
    lab = _PERFORMERS[type(action)](lab, action)
    return lab, action if isinstance(action, Reach) else msgspec.structs.replace(action, step=lab.step)


def replay(experiment: Experiment, actions: Iterable[SessionAction]) -> Lab:
    """Return a lab in which all this was done; the lanes are the same as then, bit for bit."""
    lab = Lab(experiment)
    for action in actions:
        lab, _ = perform(lab, action)
        lab.catch_up()  # an edit of a lane at a later step may come next
    return lab


def _edit(lab: Lab, edit: Edit) -> Lab:
    lab.move(edit.step)
    lab.fork(None if edit.lane is None else lab.index(edit.lane), edit)
    return lab


def _remove(lab: Lab, action: Remove) -> Lab:
    if action.lane is None:
        raise InitscopeError(Problem.NO_LANE_NAMED)
    lab.drop(lab.index(action.lane))
    return lab


def _restart(lab: Lab, _action: Restart) -> Lab:
    lab.restart()
    return lab


def _new_seed(lab: Lab, action: NewSeed) -> Lab:
    return lab.with_seed(action.seed)


def _reach(lab: Lab, action: Reach) -> Lab:
    lab.train(action.step - lab.reached)
    return lab


_PERFORMERS: dict[type[SessionAction], Callable[[Lab, Any], Lab]] = {
    SetWeight: _edit,
    CopyNeuron: _edit,
    AddNoise: _edit,
    NewSeed: _new_seed,
    Remove: _remove,
    Restart: _restart,
    Reach: _reach,
}
