"""Scenes: views with a name and a note, in the order in which somebody shows them. A list of them never changes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from engine.core.errors import InitscopeError
from engine.core.problems import Form, Problem
from engine.experiments.mistakes import mistake_in
from engine.scenes.view import View

MAX_SCENES = 200
LONGEST_NAME, LONGEST_NOTE = 80, 2000
"""Characters of the name and of the note of a scene."""

SceneName: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f]+$", extra={"form": Form.LINE}),
]


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A view that somebody wants to come back to."""

    name: SceneName
    view: View
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""

    def with_lane_renamed(self, before: str, now: str) -> Scene:
        """Return the scene after a lane has got another name."""
        return msgspec.structs.replace(self, view=self.view.with_lane_renamed(before, now))


Scenes: TypeAlias = tuple[Scene, ...]


def with_scene(scenes: Scenes, scene: Scene) -> Scenes:
    """Return the scenes with one more at the end; raise InitscopeError where no file could hold it."""
    if len(scenes) >= MAX_SCENES:
        raise InitscopeError(Problem.TOO_MANY_SCENES, most=MAX_SCENES)
    return (*scenes, _checked(scene))


def with_changed(scenes: Scenes, place: int, scene: Scene) -> Scenes:
    """Return the scenes with another one at a place; raise InitscopeError where no file could hold it."""
    _scene_at(scenes, place)
    return (*scenes[:place], _checked(scene), *scenes[place + 1 :])


def with_moved(scenes: Scenes, place: int, to: int) -> Scenes:
    """Return the scenes with one of them at another place."""
    moved = _scene_at(scenes, place)
    _scene_at(scenes, to)
    others = [scene for number, scene in enumerate(scenes) if number != place]
    return (*others[:to], moved, *others[to:])


def without(scenes: Scenes, place: int) -> Scenes:
    """Return the scenes without one of them."""
    _scene_at(scenes, place)
    return (*scenes[:place], *scenes[place + 1 :])


def _scene_at(scenes: Scenes, place: int) -> Scene:
    if not 0 <= place < len(scenes):
        raise InitscopeError(Problem.NO_SCENE, got=place, scenes=len(scenes))
    return scenes[place]


def _checked(scene: Scene) -> Scene:
    """Return a scene; raise ExperimentError where its name or its note have no form that a file can have."""
    mistake = mistake_in(msgspec.to_builtins(scene), Scene, "scene")
    if mistake is not None:
        raise mistake
    return scene
