"""What the lanes of a session are made from: experiments, and the edits on their way. It makes them again, bit for bit.

A recipe is a value. An action makes another recipe of it without any training, so that undoing is going back to the
recipe before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import msgspec

from engine.compile.continuation import begins_alike
from engine.core.errors import ExperimentError, InitscopeError
from engine.core.problems import Problem
from engine.experiments.changes import build_experiment, changes_in_common, differences, plain, with_changes
from engine.experiments.experiment import Experiment, Variant
from engine.experiments.variants import checked_name, free_name, lane_specs
from engine.scenes import scene_list
from engine.scenes.scene_list import Scenes
from engine.session.commands import (
    AddScene,
    ChangeScene,
    Duplicate,
    Hide,
    KeepGhost,
    ManySeeds,
    Move,
    MoveScene,
    NewSeed,
    OneSeed,
    Remove,
    RemoveGhost,
    RemoveScene,
    Rename,
    Restart,
    SessionAction,
    Show,
    Together,
    WriteNotes,
)
from engine.training.edits import AddNoise, CopyNeuron, Edit, Set, SetWeight, gone_on

MAX_LANES = 8
"""The most lanes that a session may get; an experiment with more variants keeps them."""


@dataclass(frozen=True)
class LaneRecipe:
    """One lane: its experiment, which has no variants, and the `edits` on its way, ascending in their steps.

    `origin` is the name that it had before it was edited.
    """

    name: str
    origin: str
    experiment: Experiment
    edits: tuple[Edit, ...] = ()

    def experiment_after(self, place: int) -> Experiment:
        """Return the experiment that the lane goes on with after its edit at a place."""
        return gone_on(self.experiment, self.edits[: place + 1])

    def experiment_with(self, place: int, change: Set) -> Experiment:
        """Return that with a change in place of the edit there; raise ExperimentError where it is not possible."""
        return with_changes(self.experiment_after(place - 1), change.changes)

    def experiment_at(self, step: int) -> Experiment:
        """Return the experiment that the lane goes on with at a step."""
        return self.experiment_after(sum(edit.step <= step for edit in self.edits) - 1)

    @property
    def is_touched(self) -> bool:
        """Return whether the lane was made by an edit of another one."""
        return any(edit.makes_a_lane for edit in self.edits)

    @property
    def is_passing(self) -> bool:
        """Return whether that was after step 0, so that starting again does not make the lane."""
        return any(edit.step and edit.makes_a_lane for edit in self.edits)

    @property
    def is_changed(self) -> bool:
        """Return whether the lane itself was changed on its way, so that starting again takes the change back."""
        return any(not edit.makes_a_lane for edit in self.edits)


@dataclass(frozen=True)
class GhostRecipe:
    """The old curves of the lane that is called `name`: those of what it was made from, after some `steps`."""

    name: str
    lane: LaneRecipe
    steps: int


@dataclass(frozen=True)
class Recipe:
    """All lanes from left to right, and what they have in common: an experiment without variants.

    `edits` are settings that were changed on the way in all lanes that have them. `scenes` are the views that somebody
    wants to come back to, `ghosts` the curves that somebody keeps, and `seeds` says which lanes have many seeds.
    """

    experiment: Experiment
    lanes: tuple[LaneRecipe, ...]
    edits: tuple[Edit, ...] = ()
    scenes: Scenes = ()
    ghosts: tuple[GhostRecipe, ...] = ()
    seeds: tuple[ManySeeds, ...] = ()

    def makes_the_same(self, other: Recipe) -> bool:
        """Return whether the lanes of another recipe are the same ones."""
        return (self.experiment, self.lanes) == (other.experiment, other.lanes)

    def experiment_at(self, step: int) -> Experiment:
        """Return what all lanes have in common at a step: with what was changed on the way in all that have it."""
        return gone_on(self.experiment, [edit for edit in self.edits if edit.step <= step])

    def index(self, name: str) -> int:
        """Return which lane has a name; raise InitscopeError if none has."""
        names = [lane.name for lane in self.lanes]
        if name not in names:
            raise InitscopeError(Problem.NO_LANE, name=name, names=names)
        return names.index(name)

    def of(self, name: str | None) -> tuple[LaneRecipe, ...]:
        """Return the lane that has a name, all lanes for None; raise InitscopeError if none has."""
        return self.lanes if name is None else (self.lanes[self.index(name)],)

    def has(self, name: str | None) -> bool:
        """Return whether there is a lane of a name; None stands for all of them."""
        return name is None or any(lane.name == name for lane in self.lanes)

    def as_experiment(self) -> Experiment:
        """Return an experiment whose variants are the lanes, with the edits left out, which no experiment can say."""
        document = plain(self.experiment)
        only = self.lanes[0]
        if len(self.lanes) == 1 and only.experiment == self.experiment and only.name == self.experiment.name:
            return self.experiment
        variants = [
            Variant(lane.name, dict(differences(document, plain(lane.experiment)))) for lane in self.lanes
        ]
        return msgspec.structs.replace(self.experiment, variants=variants)


def beginning(experiment: Experiment) -> Recipe:
    """Return the lanes of an experiment as it stands in a file; raise ExperimentError where a variant is wrong."""
    lanes = [LaneRecipe(spec.name, spec.name, spec.experiment) for spec in lane_specs(experiment)]
    return Recipe(msgspec.structs.replace(experiment, variants=[]), tuple(lanes))


def after(recipe: Recipe, action: SessionAction) -> Recipe:
    """Return the recipe after an action; raise InitscopeError where the action is not possible."""
    return _CHANGES[type(action)](recipe, action)


def _set(recipe: Recipe, action: Set) -> Recipe:
    """Change one experiment, or all of them and what they have in common; or how lanes go on, or what new ones do."""
    for path, _ in action.changes:
        if path.split(".")[0] in {"variants", "format", "version"}:
            raise ExperimentError(path, Problem.VARIANT_CHANGES_VARIANTS)
    if action.makes_a_lane:
        concerned = _concerned(recipe, action)
        return _fork(recipe, concerned) if action.step else _begin_beside(recipe, concerned)
    if action.step:
        return _change(recipe, action)
    common = with_changes(recipe.experiment, action.changes) if action.lane is None else recipe.experiment
    chosen = recipe.of(action.lane)
    lanes = [
        replace(lane, experiment=with_changes(lane.experiment, _changes(recipe, lane, action)))
        if lane in chosen
        else lane
        for lane in recipe.lanes
    ]
    return replace(recipe, experiment=common, lanes=tuple(lanes))


def _changes(recipe: Recipe, lane: LaneRecipe, change: Set) -> list[tuple[str, Any]]:
    """Return which values of a change a lane gets: those of all lanes only where it has such settings."""
    if change.lane is not None:
        return change.changes
    common, own = recipe.experiment_at(change.step), lane.experiment_at(change.step)
    return changes_in_common(common, own, change.changes)


def _concerned(recipe: Recipe, change: Set) -> list[tuple[LaneRecipe, Set]]:
    """Return the lanes that get values of a change, and what it is in each; raise ExperimentError if there are none."""
    pairs = [(lane, _changes(recipe, lane, change)) for lane in recipe.of(change.lane)]
    found = [(lane, change.with_only(changes)) for lane, changes in pairs if changes]
    if not found:
        with_changes(recipe.lanes[0].experiment_at(change.step), change.changes)  # raises
    return found


def check_on_the_way(recipe: Recipe, change: Set) -> None:
    """Raise ExperimentError where lanes cannot go on with another value: it has its effect at the start alone.

    What a session file says is done without this, as it was when the file was written.
    """
    for lane, mine in _concerned(recipe, change):
        before = lane.experiment_at(change.step)
        if not begins_alike(before, with_changes(before, mine.changes)):
            raise ExperimentError(change.path, Problem.ONLY_FROM_START)


def _begin_beside(recipe: Recipe, concerned: list[tuple[LaneRecipe, Set]]) -> Recipe:
    """Add a new last lane for each of some lanes, that has another value from the start."""
    lanes = recipe.lanes
    for lane, change in concerned:
        name = free_name(f"{lane.origin} + {change.name}", [other.name for other in lanes])
        edits = tuple(edit for edit in lane.edits if not edit.step)
        lanes = (*lanes, LaneRecipe(name, name, with_changes(lane.experiment, change.changes), edits))
    return _with_lanes(recipe, lanes)


def _change(recipe: Recipe, change: Set) -> Recipe:
    """Let lanes themselves go on with another value from a step on; what was done to them later is done again."""
    lanes = list(recipe.lanes)
    for lane, mine in _concerned(recipe, change):
        changed = replace(lane, edits=mine.among(lane.edits))
        changed.experiment_with(changed.edits.index(mine), mine)  # raises where a change makes no sense
        lanes[recipe.index(lane.name)] = changed
    common = recipe.edits if change.lane is not None else change.among(recipe.edits)
    return replace(recipe, lanes=tuple(lanes), edits=common)


def _edit(recipe: Recipe, edit: Edit) -> Recipe:
    """Edit the weights of one lane, or of every lane, in a new one beside it."""
    mine = msgspec.structs.replace(edit, lane=None)
    return _fork(recipe, [(lane, mine) for lane in recipe.of(edit.lane)])


def _fork(recipe: Recipe, edited: Sequence[tuple[LaneRecipe, Edit]]) -> Recipe:
    """Add a new last lane for each edited one: what it was up to the step of the edit, and the edit there."""
    lanes = recipe.lanes
    for lane, edit in edited:
        before = tuple(other for other in lane.edits if other.step <= edit.step)
        told = f"{lane.origin} + {'… + ' if before else ''}{edit.name} at {edit.step}"
        name = free_name(told, [other.name for other in lanes])
        forked = LaneRecipe(name, lane.origin, lane.experiment, (*before, edit))
        if isinstance(edit, Set):
            forked.experiment_with(len(before), edit)  # raises where a change makes no sense
        lanes = (*lanes, forked)
    return _with_lanes(recipe, lanes)


def _new_seed(recipe: Recipe, action: NewSeed) -> Recipe:
    """Give the seed to all lanes that have the common one; those made by an edit go, the others are as at the start."""
    if action.lane is not None:
        return _set(recipe, Set(lane=action.lane, path="seed", value=action.seed))
    common = msgspec.structs.replace(recipe.experiment, seed=action.seed)
    build_experiment(plain(common))
    lanes = [
        replace(lane, experiment=msgspec.structs.replace(lane.experiment, seed=action.seed), edits=())
        if lane.experiment.seed == recipe.experiment.seed
        else replace(lane, edits=())
        for lane in recipe.lanes
        if not lane.is_touched
    ]
    if not lanes:
        raise InitscopeError(Problem.LAST_LANE)
    return replace(recipe, experiment=common, lanes=tuple(lanes), edits=())


def _restart(recipe: Recipe, _action: Restart) -> Recipe:
    lanes = [lane for lane in recipe.lanes if not lane.is_passing]
    if not lanes:
        raise InitscopeError(Problem.LAST_LANE)
    begun = [replace(lane, edits=tuple(edit for edit in lane.edits if not edit.step)) for lane in lanes]
    return replace(recipe, lanes=tuple(begun), edits=())


def _rename(recipe: Recipe, action: Rename) -> Recipe:
    place = _place(recipe, action)
    name = checked_name(action.name, [lane.name for lane in recipe.lanes if lane is not recipe.lanes[place]])
    renamed = replace(recipe.lanes[place], name=name, origin=name)
    return replace(
        recipe,
        lanes=(*recipe.lanes[:place], renamed, *recipe.lanes[place + 1 :]),
        scenes=tuple(
            scene.with_lane_renamed(recipe.lanes[place].name, action.name) for scene in recipe.scenes
        ),
        ghosts=tuple(
            replace(ghost, name=name) if ghost.name == recipe.lanes[place].name else ghost
            for ghost in recipe.ghosts
        ),
        seeds=tuple(one.with_lane_renamed(recipe.lanes[place].name, name) for one in recipe.seeds),
    )


def _duplicate(recipe: Recipe, action: Duplicate) -> Recipe:
    place = _place(recipe, action)
    name = checked_name(action.name, [lane.name for lane in recipe.lanes])
    copy = replace(recipe.lanes[place], name=name, origin=name)
    return _with_lanes(recipe, (*recipe.lanes[: place + 1], copy, *recipe.lanes[place + 1 :]))


def _move(recipe: Recipe, action: Move) -> Recipe:
    place = _place(recipe, action)
    others = [lane for lane in recipe.lanes if lane is not recipe.lanes[place]]
    if not 0 <= action.to <= len(others):
        raise InitscopeError(Problem.NO_PLACE, last=len(others), got=action.to)
    others.insert(action.to, recipe.lanes[place])
    return replace(recipe, lanes=tuple(others))


def _remove(recipe: Recipe, action: Remove) -> Recipe:
    place = _place(recipe, action)
    if len(recipe.lanes) == 1:
        raise InitscopeError(Problem.LAST_LANE)
    lanes = (*recipe.lanes[:place], *recipe.lanes[place + 1 :])
    return replace(_one_seed(_without_ghost(recipe, action.lane), action), lanes=lanes)


def _look(recipe: Recipe, action: Hide | Show) -> Recipe:
    """Make no difference to what the lanes are made from, if there is such a lane."""
    _place(recipe, action)
    return recipe


def _keep_ghost(recipe: Recipe, action: KeepGhost) -> Recipe:
    lane = recipe.lanes[_place(recipe, action)]
    ghosts = _without_ghost(recipe, lane.name).ghosts
    return replace(recipe, ghosts=(*ghosts, GhostRecipe(lane.name, lane, action.steps)))


def _remove_ghost(recipe: Recipe, action: RemoveGhost) -> Recipe:
    return _without_ghost(recipe, recipe.lanes[_place(recipe, action)].name)


def _without_ghost(recipe: Recipe, name: str | None) -> Recipe:
    return replace(recipe, ghosts=tuple(ghost for ghost in recipe.ghosts if ghost.name != name))


def _many_seeds(recipe: Recipe, action: ManySeeds) -> Recipe:
    return replace(recipe, seeds=(*_one_seed(recipe, action).seeds, msgspec.structs.replace(action, step=0)))


def _one_seed(recipe: Recipe, action: SessionAction) -> Recipe:
    """Let the lane that an action is about have its own seed only."""
    _place(recipe, action)
    return replace(recipe, seeds=tuple(one for one in recipe.seeds if one.lane != action.lane))


def _add_scene(recipe: Recipe, action: AddScene) -> Recipe:
    return replace(recipe, scenes=scene_list.with_scene(recipe.scenes, action.scene))


def _change_scene(recipe: Recipe, action: ChangeScene) -> Recipe:
    return replace(recipe, scenes=scene_list.with_changed(recipe.scenes, action.place, action.scene))


def _move_scene(recipe: Recipe, action: MoveScene) -> Recipe:
    return replace(recipe, scenes=scene_list.with_moved(recipe.scenes, action.place, action.to))


def _remove_scene(recipe: Recipe, action: RemoveScene) -> Recipe:
    return replace(recipe, scenes=scene_list.without(recipe.scenes, action.place))


def _place(recipe: Recipe, action: SessionAction) -> int:
    if action.lane is None:
        raise InitscopeError(Problem.NO_LANE_NAMED)
    return recipe.index(action.lane)


def _with_lanes(recipe: Recipe, lanes: tuple[LaneRecipe, ...]) -> Recipe:
    if len(lanes) > MAX_LANES:
        raise InitscopeError(Problem.TOO_MANY_LANES, lanes=len(recipe.lanes), most=MAX_LANES)
    return replace(recipe, lanes=lanes)


_CHANGES: dict[type[SessionAction], Callable[[Recipe, Any], Recipe]] = {
    Set: _set,
    SetWeight: _edit,
    CopyNeuron: _edit,
    AddNoise: _edit,
    NewSeed: _new_seed,
    Restart: _restart,
    Rename: _rename,
    Duplicate: _duplicate,
    Move: _move,
    Remove: _remove,
    Together: lambda recipe, action: reduce(after, action.actions, recipe),
    Hide: _look,
    Show: _look,
    KeepGhost: _keep_ghost,
    RemoveGhost: _remove_ghost,
    ManySeeds: _many_seeds,
    OneSeed: _one_seed,
    WriteNotes: lambda recipe, _action: recipe,
    AddScene: _add_scene,
    ChangeScene: _change_scene,
    MoveScene: _move_scene,
    RemoveScene: _remove_scene,
}
