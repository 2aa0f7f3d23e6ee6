"""Lanes that were opened to try a change of another one. What was done says which they are, by whatever name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.errors import InitscopeError
from engine.session.action_log import ActionLog
from engine.session.commands import Duplicate, LaneAction, Remove, Rename, SessionAction, Together
from engine.session.recipe import LaneRecipe, Recipe, after
from engine.training.edits import Set


def tried_alike(log: ActionLog, change: Set) -> list[str]:
    """Return the lanes that were opened to try something and are like their source once it is changed.

    That is, like the lane that the change is about, or like any where it is about all of them, which changes those that
    were opened, too. None where the change is not possible.
    """
    try:
        changed = after(log.recipe, change)
    except InitscopeError:
        return []
    sources = _sources(log.actions)
    return [
        lane.name
        for lane in changed.lanes
        if change.lane in {None, sources.get(lane.name)} and _is_like(lane, sources.get(lane.name), changed)
    ]


def _is_like(lane: LaneRecipe, source: str | None, changed: Recipe) -> bool:
    """Return whether a lane has the experiment of its source, and what was done to that by hand, after a change."""
    made = [(other.experiment, other.edits) for other in changed.lanes if other.name == source]
    return made == [(lane.experiment, lane.edits)]


def _sources(actions: Sequence[SessionAction]) -> dict[str, str]:
    """Return for each lane that was opened to try something, by its present name, that of the lane it was made from."""
    found: dict[str, str] = {}
    for action in actions:
        parts = action.actions if isinstance(action, Together) else (action,)
        found |= dict(_copies(parts))
        for part in parts:
            if isinstance(part, Remove):
                found = {name: source for name, source in found.items() if part.lane not in {name, source}}
            elif isinstance(part, Rename):
                names = {part.lane: part.name}
                found = {names.get(name, name): names.get(other, other) for name, other in found.items()}
    return found


def _copies(parts: Sequence[SessionAction | LaneAction]) -> Iterator[tuple[str, str]]:
    """Yield copies that are changed in the same moment they are made, each with the lane that it is a copy of."""
    changed = {part.lane for part in parts if isinstance(part, Set)}
    for part in parts:
        if isinstance(part, Duplicate) and part.lane is not None and part.name in changed:
            yield part.name, part.lane
