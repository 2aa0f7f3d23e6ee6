"""What is changed in the experiment panel becomes actions; what was done becomes the form that the panel shows."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET
from PySide6.QtCore import QObject, Signal

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.report.snapshot import Snapshot
from engine.session.action_log import ActionLog
from engine.session.recipe import MAX_LANES, Recipe
from engine.training.edits import Set
from gui.controllers.training_controller import TrainingController
from gui.editor.consequences import LAYERS, changed_data, changes_for, layers_of, layers_of_all
from gui.editor.form import InLane, Moment
from gui.editor.form_builder import form_of
from gui.panels.experiment_panel import ExperimentPanel
from gui.text.error_words import sentence
from gui.text.language import translate

MOST_POINTS, MOST_IMAGES = 500, 12
"""Samples that the picture of the data shows."""


class EditorController(QObject):
    """Signals: `failed(str, str)`: what is refused, where no field of the panel can say it."""

    failed = Signal(str, str)

    def __init__(
        self, training: TrainingController, panel: ExperimentPanel, background: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._training, self._panel, self._background = training, panel, background
        self._chosen: str | None = None
        self._in_lane: InLane = None
        self._asked: str | None = None
        self._dataset: Dataset | None = None
        self._shown: tuple[ActionLog, str | None, InLane, tuple[int, ...]] | None = None

    @property
    def lane(self) -> str | None:
        """Return the lane that is edited, None for all of them."""
        return self._chosen

    def choose_lane(self, lane: str | None) -> None:
        """Edit one lane, or with None all of them."""
        self._chosen = lane
        self.refresh()

    def choose_moment(self, in_lane: InLane) -> None:
        """Change values from the start, or from the shown step on in the same lane or in a new one."""
        self._in_lane = in_lane
        self.refresh()

    def set_value(self, lane: str | None, path: str, value: Any, in_lane: InLane, is_final: bool) -> None:
        """Change the experiment of a lane or of all, from the start or from the shown step on."""
        log, snapshot = self._training.log, self._training.snapshot
        if log is None or snapshot is None:
            return
        self._asked, where = path, in_lane or UNSET
        step = snapshot.step if in_lane else 0
        if path == LAYERS:
            if lane is None and _layers_differ(log.recipe):
                self._training.act(layers_of_all(log.recipe, value, where))
                return
            value = layers_of(_shown(log.recipe, lane, step), value)
        change = Set(path, value, lane=lane, step=step, in_lane=where)
        try:
            data = changed_data(_shown(log.recipe, lane, step), path, value)
        except InitscopeError as error:
            self._refuse_at(path, error)
            return
        if data is None:
            self._try(change, self._dataset, is_final=is_final)
            return
        self._background.ask(
            "data",
            data.load,
            lambda dataset: self._try(change, dataset, is_final=is_final),
            lambda error: self._refuse_at(path, error),
        )

    def take_back(self) -> None:
        """Forget the value that is being dragged, and one whose data are still being loaded."""
        self.wait_no_more()
        self._training.let_go()

    def wait_no_more(self) -> bool:
        """Give up a value whose data are still being loaded; return whether there was one."""
        was_loading = self._background.share("data") is not None
        self._background.give_up("data")
        self._asked, self._shown = None, None
        self.refresh()
        return was_loading

    def undo(self) -> None:
        """Undo what was done last; that is what was asked for last, where its data are still being loaded."""
        log = self._training.log
        if not self.wait_no_more() or (log is not None and log.is_open):
            self._training.undo()

    def _refuse_at(self, path: str, error: InitscopeError) -> None:
        self._asked = path
        self.refuse(sentence(error), "")

    def _try(self, change: Set, dataset: Dataset | None, *, is_final: bool) -> None:
        """Change a value and what has to follow it, on the data that the experiment has then."""
        log = self._training.log
        if log is None or not log.recipe.has(change.lane):
            return
        shown = _shown(log.recipe, change.lane, change.step)
        _, *also = changes_for(shown, change.path, change.value, dataset)
        self._training.try_value(msgspec.structs.replace(change, also=tuple(also)), is_final=is_final)

    def refuse(self, text: str, details: str) -> None:
        """Say why a value was refused at its field, and show again what is so; say anything else in a notice."""
        if self._asked is None or details:
            self.failed.emit(text, details)
            return
        path, self._asked, self._shown = self._asked, None, None
        self.refresh()
        self._panel.show_refusal(path, text)

    def take_log(self, _log: ActionLog | None) -> None:
        """Something was done or undone: what was asked for has come true."""
        self._asked = None
        self.refresh()

    def _renamed(self, names: list[str]) -> str | None:
        """Return what the edited lane is called now; None where it is gone."""
        before = [lane.name for lane in self._shown[0].recipe.lanes] if self._shown else []
        if len(before) != len(names) or self._chosen not in before:
            return None
        now = names[before.index(self._chosen)]
        return None if now in before else now

    def refresh(self) -> None:
        """Show what is so, if anybody sees it."""
        log, snapshot = self._training.log, self._training.snapshot
        if log is None or snapshot is None or self._panel.isHidden() or log.is_open:
            return  # while a value is dragged, nothing else of the form changes
        names = [lane.name for lane in log.recipe.lanes]
        if self._chosen is not None and self._chosen not in names:
            self._chosen = self._renamed(names)
        shown = snapshot.lanes[
            names.index(self._chosen) if self._chosen in names[: len(snapshot.lanes)] else 0
        ]
        step = snapshot.step if self._in_lane else 0
        # nothing else of a step matters: whether it is the start, and which edits lie before it
        stage = (min(step, 1), *(sum(edit.step <= step for edit in lane.edits) for lane in log.recipe.lanes))
        now = log, self._chosen, self._in_lane, stage
        if self._shown == now and shown.dataset is self._dataset:
            return
        if shown.dataset is not self._dataset:
            self._dataset = shown.dataset
            self._show_data(snapshot)
        self._shown = now
        lanes = [(lane.name, lane.experiment_at(step)) for lane in log.recipe.lanes]
        moment = Moment(self._in_lane, step, self._no_room(log.recipe), _later(log.recipe, step))
        common = log.recipe.experiment_at(step)
        self._panel.show_form(form_of(common, lanes, self._chosen, self._dataset, moment))

    def _no_room(self, recipe: Recipe) -> str:
        """Return why there can be no new lanes where some are wanted; nothing if they can."""
        wanted = len(recipe.of(self._chosen)) if self._in_lane == "new" else 0
        if len(recipe.lanes) + wanted <= MAX_LANES or not wanted:
            return ""
        return translate(
            "experiment panel",
            "There is room for {0} lanes: change lanes themselves, change one lane only, or remove some.",
        ).format(MAX_LANES)

    def _show_data(self, snapshot: Snapshot) -> None:
        data = self._dataset
        if data is not None and data.image_shape is not None:
            self._panel.show_images(data.x_train[:MOST_IMAGES].reshape(-1, *data.image_shape))
        elif data is not None and data.inputs == 2:
            targets = data.y_train[:MOST_POINTS]
            classes = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0] > 0.5
            self._panel.show_thumbnail(data.x_train[:MOST_POINTS], classes.astype(float))
        elif data is not None:
            self._panel.show_table(data.x_train[:MOST_POINTS], data.y_train[:MOST_POINTS])


def _shown(recipe: Recipe, lane: str | None, step: int) -> Experiment:
    """Return the experiment of a lane at a step, or what all have in common there."""
    return (recipe if lane is None else recipe.lanes[recipe.index(lane)]).experiment_at(step)


def _later(recipe: Recipe, step: int) -> dict[str, list[tuple[int, Experiment, Experiment]]]:
    """Return what is changed in each lane after a step, with the experiments before and after it."""
    return {
        lane.name: [
            (edit.step, lane.experiment_after(place - 1), lane.experiment_after(place))
            for place, edit in enumerate(lane.edits)
            if isinstance(edit, Set) and edit.step > step
        ]
        for lane in recipe.lanes
    }


def _layers_differ(recipe: Recipe) -> bool:
    return any(lane.experiment.network != recipe.experiment.network for lane in recipe.lanes)
