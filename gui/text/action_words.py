"""What a person did, in a few words: for undo, redo and the list of everything that was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from engine.training.edits import AddNoise, CopyNeuron, Set, SetWeight
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.text.language import translate
from gui.text.words import number


def words_for(action: SessionAction) -> str:
    """Return what an action did, and to which lane."""
    said = _WORDS[type(action)](action)
    if action.lane is None:
        return said
    return translate("actions", "{0} ({1})").format(said, shortened(action.lane, LONGEST_NAME))


def _value(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("kind", "…"))
    if isinstance(value, list):
        return "…"
    return number(value) if isinstance(value, float) else shortened(str(value), LONGEST_NAME)


def _set(action: Set) -> str:
    path = shortened(action.path, LONGEST_NAME)
    if action.step:
        return translate("actions", "{0} = {1} from step {2} on").format(
            path, _value(action.value), action.step
        )
    return translate("actions", "{0} = {1}").format(path, _value(action.value))


def _set_weight(action: SetWeight) -> str:
    said = translate("actions", "weight of layer {0} = {1}, at step {2}")
    return said.format(action.layer, number(action.value), action.step)


def _copy(action: CopyNeuron) -> str:
    said = translate("actions", "neuron {0} of layer {1} becomes {2}, at step {3}")
    return said.format(action.target + 1, action.layer, action.source + 1, action.step)


def _noise(action: AddNoise) -> str:
    return translate("actions", "noise {0} at step {1}").format(number(action.std), action.step)


def _together(action: Together) -> str:
    return shortened(", ".join(map(words_for, action.actions)), LONGEST_NAME)


_WORDS: dict[type[SessionAction], Callable[[Any], str]] = {
    Set: _set,
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
    Together: _together,
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
