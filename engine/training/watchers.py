"""What can watch a training run: progress, divergence, and the points of its curve."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.report.condition import Divergence
from engine.training.divergence import has_diverged, locate_divergence
from engine.training.loop import NEVER
from engine.training.trainer import Trainer

REPORT_EVERY = 256
"""Steps between two reports of progress, and between two looks for numbers that are not finite."""


class ProgressReports:
    """Calls `report(done, steps)` now and then."""

    def __init__(self, report: Callable[[int, int], None], steps: int) -> None:
        self._report, self._steps = report, steps
        self.next_look = REPORT_EVERY

    def look(self, step: int) -> bool:
        """Report the step."""
        self._report(step, self._steps)
        self.next_look = step + REPORT_EVERY
        return True


class DivergenceWatch:
    """Looks now and then whether the weights are still finite; `found` says where they ceased to be."""

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


class LossPoints:
    """Collects the loss of steps 0, `every`, 2·`every`, …, each after its update."""

    def __init__(self, trainer: Trainer, every: int) -> None:
        self.losses: list[float] = []
        self.next_look = 1
        self._trainer, self._every = trainer, every

    def look(self, step: int) -> bool:
        """Note the loss of the update just done."""
        self.losses.append(self._trainer.loss)
        self.next_look = step + self._every
        return True


class MeasuredPoints:
    """Measures all samples at steps 0, `every`, 2·`every`, … below `end`, each before its update."""

    def __init__(self, trainer: Trainer, every: int, end: int) -> None:
        self.steps: list[int] = []
        self.mean_abs_error: list[float] = []
        self.train_accuracy: list[float | None] = []
        self.test_accuracy: list[float | None] = []
        self._trainer, self._every, self._end = trainer, every, end
        self.next_look = 0 if end else NEVER

    def look(self, step: int) -> bool:
        """Measure the present weights."""
        train, test = self._trainer.measure_training(), self._trainer.measure_test()
        self.steps.append(step)
        self.mean_abs_error.append(train.mean_abs_error)
        self.train_accuracy.append(train.accuracy)
        self.test_accuracy.append(test.accuracy if test else None)
        self.next_look = step + self._every if step + self._every < self._end else NEVER
        return True
