"""What a person did, in a few words: for undo, redo and the list of everything that was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec

from engine.experiments.changes import plain
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
from engine.session.recipe import Recipe
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.terms.setting_words import LAYERS, layers_words, setting
from gui.text.language import translate
from gui.text.words import number


def words_for(action: SessionAction, recipe: Recipe | None = None) -> str:
    """Return what an action did, and to which lane; `recipe` is what there was before, where it is known."""
    if isinstance(action, Set):
        said = _set(action, recipe)
    elif isinstance(action, Together):
        said = _together(action, recipe)
    else:
        said = _WORDS[type(action)](action)
    if action.lane is None:
        return said
    return translate("actions", "{0} ({1})").format(said, shortened(action.lane, LONGEST_NAME))


def _set(action: Set, recipe: Recipe | None) -> str:
    document = None if recipe is None or not recipe.has(action.lane) else _document(action, recipe)
    if action.path == LAYERS and isinstance(action.value, list):
        layers = cast("list[Any]", action.value)
        told = layers_words(layers, None if document is None else document["network"]["layers"])
    else:
        told = shortened(setting(action.path, action.value, document), LONGEST_SETTING)
    if action.step:
        told = translate("actions", "{0}, from step {1} on").format(told, action.step)
    return translate("actions", "{0}, in a new lane").format(told) if action.makes_a_lane else told


def _document(action: Set, recipe: Recipe) -> dict[str, Any]:
    """Return the experiment that a setting changes, as a file has it."""
    lane = recipe if action.lane is None else recipe.lanes[recipe.index(action.lane)]
    return plain(lane.experiment_at(action.step))


def _set_weight(action: SetWeight) -> str:
    said = translate("actions", "weight of layer {0} = {1}, at step {2}")
    return said.format(action.layer, number(action.value), action.step)


def _copy(action: CopyNeuron) -> str:
    said = translate("actions", "neuron {0} of layer {1} becomes {2}, at step {3}")
    return said.format(action.target + 1, action.layer, action.source + 1, action.step)


def _noise(action: AddNoise) -> str:
    return translate("actions", "noise {0} at step {1}").format(number(action.std), action.step)


def _together(action: Together, recipe: Recipe | None) -> str:
    """Say all that was done at once; the layers of all lanes are arranged alike, and told once."""
    first, *others = action.actions
    if isinstance(first, Set) and all(isinstance(one, Set) and one.path == LAYERS for one in action.actions):
        return words_for(msgspec.structs.replace(first, lane=None), recipe)
    told = [words_for(first, recipe), *map(words_for, others)]
    return shortened(", ".join(told), LONGEST_SETTING)


LONGEST_SETTING = 100
"""Characters of what is said about a setting, or about several things that were done at once."""

_WORDS: dict[type[SessionAction], Callable[[Any], str]] = {
    SetWeight: _set_weight,
    CopyNeuron: _copy,
    AddNoise: _noise,
    NewSeed: lambda action: translate("actions", "seed {0}").format(action.seed),
    Rename: lambda action: translate("actions", "rename to {0}").format(shortened(action.name, LONGEST_NAME)),
    Duplicate: lambda action: translate("actions", "copy as {0}").format(
        shortened(action.name, LONGEST_NAME)
    ),
    Move: lambda action: translate("actions", "move to place {0}").format(action.to + 1),
    Remove: lambda _action: translate("actions", "remove"),
    Restart: lambda _action: translate("actions", "rewind"),
    Hide: lambda _action: translate("actions", "hide"),
    Show: lambda _action: translate("actions", "show again"),
    KeepGhost: lambda action: translate("actions", "keep curves of {0} steps as ghost").format(
        f"{action.steps:,}"
    ),
    RemoveGhost: lambda _action: translate("actions", "remove the ghost"),
    ManySeeds: lambda action: translate("actions", "{0} seeds").format(action.seeds),
    OneSeed: lambda _action: translate("actions", "only its own seed"),
    WriteNotes: lambda _action: translate("actions", "your notes"),
    AddScene: lambda action: translate("actions", "add scene {0}").format(
        shortened(action.scene.name, LONGEST_NAME)
    ),
    ChangeScene: lambda action: translate("actions", "change scene {0}").format(
        shortened(action.scene.name, LONGEST_NAME)
    ),
    MoveScene: lambda action: translate("actions", "scene {0} becomes number {1}").format(
        action.place + 1, action.to + 1
    ),
    RemoveScene: lambda action: translate("actions", "remove scene {0}").format(action.place + 1),
}
