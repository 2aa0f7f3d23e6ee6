"""What was done to an experiment since it was opened, with everything that can be undone and done again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec

from engine.experiments.experiment import Experiment
from engine.scenes.view import View
from engine.session.commands import (
    Hide,
    Rename,
    SessionAction,
    Show,
    Source,
    WriteNotes,
    action_in,
    check_room,
)
from engine.session.recipe import Recipe, after, beginning


@dataclass(frozen=True)
class Seen:
    """The shown step, and the newest one that was recorded, when something else was done."""

    step: int = 0
    last_step: int = 0


@dataclass(frozen=True)
class ActionLog:
    """The actions since an experiment was opened, oldest first; those behind `position` were undone.

    `recipes` holds what there was before the first action and after each, `seen` where each of them was when it was left.
    A log is never changed, so any thread may read it. `is_open` says that the value of the last action is still being
    dragged. `view` is how it was looked at when it was opened, `source` the file that it came from, if it came from one.
    """

    experiment: Experiment
    recipes: tuple[Recipe, ...]
    all_actions: tuple[SessionAction, ...] = ()
    position: int = 0
    is_open: bool = False
    view: View = field(default_factory=View)
    seen: tuple[Seen, ...] = (Seen(),)
    source: Source | None = None

    @property
    def actions(self) -> tuple[SessionAction, ...]:
        """Return what was done and not undone."""
        return self.all_actions[: self.position]

    @property
    def notes(self) -> str:
        """Return what somebody has written about the session."""
        written = [action for action in self.all_actions if isinstance(action, WriteNotes)]
        done = [action for action in self.actions if isinstance(action, WriteNotes)]
        return done[-1].text if done else written[0].before if written else self.view.notes

    def hidden_after(self, before: ActionLog | None, hidden: frozenset[str]) -> frozenset[str]:
        """Return the names of the lanes that are hidden now, if `hidden` were when the log was as `before`.

        Without one, that was when the experiment was opened. What else has hidden lanes, as scenes do, stays.
        """
        old, now = () if before is None else before.actions, self.actions
        pairs = zip(old, now, strict=False)
        same = next(
            (place for place, (one, other) in enumerate(pairs) if one != other), min(len(old), len(now))
        )
        for action in reversed(old[same:]):
            hidden = _hidden(hidden, action, undone=True)
        for action in now[same:]:
            hidden = _hidden(hidden, action, undone=False)
        return hidden

    @property
    def recipe(self) -> Recipe:
        """Return what every lane is made from now."""
        return self.recipes[self.position]

    def with_action(
        self, action: SessionAction, recipe: Recipe, *, is_open: bool = False, seen: Seen = Seen()
    ) -> ActionLog:
        """Return the log with an action that made `recipe`, done at `seen`; what was undone is forgotten.

        Raise ExperimentError where no session file could hold it: what was done could be lost with it.
        """
        check_room(self.position + 1)
        action_in(msgspec.json.decode(msgspec.json.encode(action)), self.position)
        return replace(
            self,
            recipes=(*self.recipes[: self.position + 1], recipe),
            all_actions=(*self.actions, action),
            position=self.position + 1,
            is_open=is_open,
            seen=(*self.seen[: self.position], seen, Seen()),
        )

    def before_dragging(self, action: SessionAction) -> ActionLog:
        """Return the log without its last action if that is the same one, of which the value is still being dragged."""
        last = self.actions[-1:]
        if not (self.is_open and last and _aim(last[0]) == _aim(action)):
            return replace(self, is_open=False)
        before = self.at(self.position - 1)
        return replace(
            before, all_actions=before.actions, recipes=self.recipes[:-1], seen=before.seen[: self.position]
        )

    def at(self, position: int, seen: Seen | None = None) -> ActionLog:
        """Return the same log with another number of actions done; the present one is left at `seen`."""
        here = self.seen[self.position] if seen is None else seen
        places = (*self.seen[: self.position], here, *self.seen[self.position + 1 :])
        position = max(0, min(position, len(self.all_actions)))
        return replace(self, position=position, is_open=False, seen=places)

    def between(self, position: int) -> tuple[SessionAction, ...]:
        """Return the actions between another position and this one, whichever is first."""
        return self.all_actions[min(position, self.position) : max(position, self.position)]


def new_log(
    experiment: Experiment,
    actions: tuple[SessionAction, ...] = (),
    view: View | None = None,
    source: Source | None = None,
) -> ActionLog:
    """Return the log of an experiment to which all this was done; raise InitscopeError where it is not possible."""
    log = ActionLog(experiment, (beginning(experiment),), view=view or View(), source=source)
    for action in actions:
        log = log.with_action(action, after(log.recipe, action))
    return log


def _hidden(hidden: frozenset[str], action: SessionAction, *, undone: bool) -> frozenset[str]:
    """Return which lanes are hidden after an action was done or undone."""
    if isinstance(action, Rename):
        before, now = (action.name, action.lane or "") if undone else (action.lane or "", action.name)
        return hidden - {before} | {now} if before in hidden else hidden
    if isinstance(action, Hide | Show):
        lane = {action.lane or ""}
        return hidden | lane if isinstance(action, Hide) != undone else hidden - lane
    return hidden


def _aim(action: SessionAction) -> tuple[object, ...]:
    """Return what an action changes, whatever the value."""
    return type(action), action.lane, getattr(action, "path", None)
