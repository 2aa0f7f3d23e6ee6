"""What can watch a training run: progress, divergence, whoever wants to stop it, and the points of its curve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Generic, TypeVar

import numpy as np

from engine.core.errors import ExperimentError, InitscopeError
from engine.core.problems import Problem
from engine.experiments.changes import with_changes
from engine.report.condition import Divergence
from engine.training.divergence import has_diverged, locate_divergence
from engine.training.edits import Edit, Set, edited
from engine.training.loop import NEVER
from engine.training.trainer import Trainer

Value = TypeVar("Value")

REPORT_EVERY = 256
"""The number of steps between two reports of progress, and between two looks for numbers that are not finite."""

QUESTION_SECONDS = 0.05
"""The seconds between two looks whether training should stop."""


class ProgressReports:
    """Calls `report(done, steps)` every `REPORT_EVERY` steps, with the steps done and those to be done in all."""

    def __init__(self, report: Callable[[int, int], None], steps: int) -> None:
        self._report, self._steps = report, steps
        self.next_look = REPORT_EVERY

    def look(self, step: int) -> bool:
        """Report the step."""
        self._report(step, self._steps)
        self.next_look = step + REPORT_EVERY
        return True


class Edits:
    """Does edits in a run at their steps, and tells it to `edited(step)`.

    The run goes on without those that are not possible; `left_out` says why.
    """

    def __init__(
        self, name: str, trainer: Trainer, edits: Sequence[Edit], edited: Callable[[int], object]
    ) -> None:
        """Take `edits` with ascending steps; the run has a name."""
        self._name, self._trainer, self._waiting, self._edited = name, trainer, list(edits), edited
        self.left_out: list[InitscopeError] = []
        self._state = np.empty_like(trainer.initial_state)
        self.next_look = edits[0].step if edits else NEVER

    def look(self, step: int) -> bool:
        """Do the edits of this step."""
        while self._waiting and self._waiting[0].step == step:
            try:
                self._do(self._waiting.pop(0), step)
            except InitscopeError as error:
                self.left_out.append(
                    InitscopeError(Problem.EDIT_LEFT_OUT, lane=self._name, step=step, cause=error)
                )
            else:
                self._edited(step)
        self.next_look = self._waiting[0].step if self._waiting else NEVER
        return True

    def _do(self, edit: Edit, step: int) -> None:
        trainer = self._trainer
        if has_diverged(trainer.theta):
            raise InitscopeError(Problem.LANE_DIVERGED, name=self._name, step=step)
        if isinstance(edit, Set):
            experiment = with_changes(trainer.experiment, edit.changes)
            numbers = trainer.numbers_for(experiment)
            if numbers is None:
                raise ExperimentError(edit.path, Problem.ONLY_FROM_START)
            trainer.go_on_with(experiment, numbers)
            return
        trainer.save(self._state)
        trainer.restore(edited(edit, self._state, trainer.layout, step), step)


class DivergenceWatch:
    """Looks every `REPORT_EVERY` steps whether the weights are still finite; `found` says where they no longer were."""

    def __init__(self, trainer: Trainer) -> None:
        self.found: Divergence | None = None
        self.next_look = REPORT_EVERY
        self._trainer = trainer
        self._finite_step = 0
        self._finite_state = trainer.initial_state.copy()

    def look(self, step: int) -> bool:
        """Find where the run diverged, if it did since the last look; the run itself goes on where it was."""
        self.next_look = step + REPORT_EVERY
        trainer = self._trainer
        if self.found is not None:
            return True
        if has_diverged(trainer.theta):
            self._locate()
        else:
            trainer.save(self._finite_state)
            self._finite_step = trainer.step_number
        return True

    def _locate(self) -> None:
        trainer = self._trainer
        present, number = np.empty_like(self._finite_state), trainer.step_number
        trainer.save(present)
        self.found = locate_divergence(trainer, self._finite_state, self._finite_step)
        trainer.restore(present, number)


class StopAtDivergence:
    """Ends training at the first point of the curve after a divergence was found."""

    def __init__(self, watch: DivergenceWatch, every: int) -> None:
        self.next_look = every
        self._watch, self._every = watch, every

    def look(self, step: int) -> bool:
        """Return whether the run has not diverged."""
        self.next_look = step + self._every
        return self._watch.found is None


class StopWhenAsked:
    """Ends training soon after `is_asked()`: it asks about `QUESTION_SECONDS` apart, however long a step takes."""

    def __init__(self, is_asked: Callable[[], bool]) -> None:
        self.next_look = 0
        self._is_asked = is_asked
        self._every = 1
        self._looked_at = perf_counter()

    def look(self, step: int) -> bool:
        """Return whether nobody has asked."""
        now = perf_counter()
        if now - self._looked_at < QUESTION_SECONDS / 2:
            self._every *= 2
        elif now - self._looked_at > 2 * QUESTION_SECONDS:
            self._every = max(1, self._every // 2)
        self._looked_at = now
        self.next_look = step + self._every
        return not self._is_asked()


class Points(Generic[Value]):
    """Collects `values`, what `measure()` returns for `steps` 0, `every`, 2·`every`, … below `end`.

    `measure` is called before the update of its step, or just after it if it reads what the update has computed.
    """

    def __init__(
        self, measure: Callable[[], Value], every: int, end: int, *, after_update: bool = False
    ) -> None:
        self.steps: list[int] = []
        self.values: list[Value] = []
        self._measure, self._every, self._end, self._delay = measure, every, end, int(after_update)
        self.next_look = self._delay if end else NEVER

    def look(self, step: int) -> bool:
        """Measure, and note the step that it belongs to."""
        measured = step - self._delay
        self.steps.append(measured)
        self.values.append(self._measure())
        self.next_look = step + self._every if measured + self._every < self._end else NEVER
        return True
