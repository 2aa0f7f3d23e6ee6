"""Scenes: what is asked for them becomes actions, and going to one shows its step as it was looked at."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.report.snapshot import Snapshot
from engine.scenes.scene_list import Scene, Scenes
from engine.scenes.view import View
from engine.session.action_log import ActionLog
from engine.session.commands import AddScene, ChangeScene, MoveScene, RemoveScene
from gui.controllers.training_controller import TrainingController
from gui.text.language import translate
from gui.viewing.view_controller import ViewController


class SceneController(QObject):
    """Signals: `scenes_changed(scenes, current one or None)`, `added()` when there is a new last one to be named."""

    scenes_changed = Signal(object, object)
    added = Signal()

    def __init__(self, training: TrainingController, views: ViewController, parent: QObject) -> None:
        super().__init__(parent)
        self._training, self._views = training, views
        self._scenes: Scenes = ()
        self._current: int | None = None
        self._new: Scene | None = None
        self._awaited: View | None = None

    def take_log(self, log: ActionLog | None) -> None:
        """Have the scenes of what was done; the current one stays if it is still there."""
        before, self._scenes = self._scenes, () if log is None else log.recipe.scenes
        if self._scenes == before:
            return
        is_new = self._new is not None and self._scenes[-1:] == (self._new,)
        self._new = None
        self._current = len(self._scenes) - 1 if is_new else self._moved(before)
        self.scenes_changed.emit(self._scenes, self._current)
        if is_new:
            self.added.emit()

    def _moved(self, before: Scenes) -> int | None:
        """Return where the current scene is now; None if it has gone."""
        if self._current is None:
            return None
        if before[self._current] in self._scenes:
            return self._scenes.index(before[self._current])
        return self._current if len(before) == len(self._scenes) else None

    def add(self) -> None:
        """Keep what is shown now as the last scene."""
        names = {scene.name for scene in self._scenes}
        wanted = (
            translate("scenes", "Scene {0}").format(n) for n in range(len(names) + 1, 2 * len(names) + 2)
        )
        self._new = Scene(next(name for name in wanted if name not in names), self._view_now())
        self._training.act(AddScene(self._new))

    def retake(self, place: int) -> None:
        """Let a scene be what is shown now; its name and its note stay."""
        scene = msgspec.structs.replace(self._scenes[place], view=self._view_now())
        self._training.act(ChangeScene(place, scene))

    def change(self, place: int, name: str, note: str) -> None:
        """Give a scene a name and a note."""
        scene = msgspec.structs.replace(self._scenes[place], name=name, note=note)
        self._training.act(ChangeScene(place, scene))

    def move(self, place: int, to: int) -> None:
        """Show a scene earlier or later."""
        self._training.act(MoveScene(place, to))

    def remove(self, place: int) -> None:
        """Take a scene away; undo brings it back."""
        self._training.act(RemoveScene(place))

    def show_next(self) -> None:
        """Go to the scene after the current one, or to the first."""
        self.show(0 if self._current is None else self._current + 1)

    def show_previous(self) -> None:
        """Go to the scene before the current one, or to the last."""
        self.show(len(self._scenes) - 1 if self._current is None else self._current - 1)

    def show(self, place: int) -> None:
        """Go to a scene: to its step, which may take a while, and to what was shown and selected."""
        snapshot = self._training.snapshot
        if snapshot is None or not 0 <= place < len(self._scenes):
            return
        view = self._scenes[place].view
        self._current, self._awaited = place, view
        self._training.go_to(view.step)
        self._views.show_like(view, snapshot)
        self.scenes_changed.emit(self._scenes, place)

    def arrive(self, snapshot: Snapshot) -> None:
        """Have the colours of a scene as soon as its step is there: steps on the way may have larger numbers."""
        if self._awaited is not None and snapshot.step == self._awaited.step:
            self._views.use_sizes(self._awaited)
            self._awaited = None

    def _view_now(self) -> View:
        return msgspec.structs.replace(self._views.view(), notes="", speed=None)
