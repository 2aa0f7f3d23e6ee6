"""A few samples that show by themselves that a loss or an accuracy over all samples is not reached yet.

Where a step uses a batch, the loss over all samples costs many times as much as the step. But a loss is a sum of numbers
that are not negative: where some samples alone have more than is allowed, all of them have. In the same way some wrong
answers are too many for an accuracy. So the samples that are worst are looked at, and all only where these do not decide.
"""

from __future__ import annotations

from math import inf

import numpy as np
import numpy.typing as npt

from engine.compile.compiler import compile_measurement
from engine.compile.step import Step
from engine.conditions.terms import Quantity
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment
from engine.kinds.classes import class_numbers
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

FEWEST, MOST_SHARE = 8, 0.5
"""The fewest samples that are looked at, and the largest share of all of them: with more, all are as quick."""
CLEAR = 1.1
"""A loss rules out only what it is above by this factor: how samples are rounded depends on those beside them."""
RESERVE = 0.25
"""The share of what all samples have too much that witnesses shall have, or twice what is needed: they have to last."""
REST = 16
"""For so many looks none are chosen, where some were chosen that do not last."""

Order = npt.NDArray[np.intp]


def can_speak(trainer: Trainer, quantity: Quantity, *, is_above: bool) -> bool:
    """Return whether a part of the samples can rule out that a quantity is above or below a limit.

    A step that measures all samples by itself does so anyway.
    """
    if trainer.measures_itself or is_above != (quantity == "accuracy"):
        return False
    y = trainer.dataset.y_train
    is_positive = not trainer.experiment.loss.classifies or (y.min() >= 0 and y.max() <= 1)
    return quantity == "accuracy" or (quantity == "loss" and bool(is_positive))


class Witnesses:
    """Samples of a trainer's data that rule out a loss below a limit, or an accuracy above one."""

    def __init__(self, trainer: Trainer, quantity: Quantity, limit: float) -> None:
        self._quantity, self._limit = quantity, limit
        self._experiment: Experiment = trainer.experiment
        self._step: Step | None = None
        self._share = 0.0
        self._looks = self._wait = 0

    def rule_out(self, trainer: Trainer) -> bool:
        """Return whether the present parameters of a trainer certainly do not have what is asked."""
        if trainer.experiment is not self._experiment:  # a setting was changed on the way
            self._experiment = trainer.experiment
            self._step = None
        if self._step is None:
            return False
        self._looks += 1
        return self._rules_out(trainer, self._value(self._step, trainer))

    def choose(self, trainer: Trainer, measured: Step) -> None:
        """Choose the worst samples, after all of them were measured in a step, as few as are enough for some time."""
        lasted, self._looks, self._step = self._looks, 0, None
        if self._wait:
            self._wait -= 1
            return
        targets = trainer.dataset.y_train
        order = np.argsort(_margins(measured.outputs, targets, trainer), kind="stable")
        whole = self._whole(measured, targets, trainer)
        count = FEWEST
        while count <= MOST_SHARE * len(order) and self._step is None:
            step = self._step_on(trainer, order[:count])
            if self._is_enough(trainer, self._value(step, trainer), whole):
                self._step = step
            count *= 2
        if self._step is None or lasted == 1:
            self._wait = REST

    def _step_on(self, trainer: Trainer, chosen: Order) -> Step:
        """Return a step on samples, which is written for their targets."""
        x, y, loss = trainer.dataset.x_train[chosen], trainer.dataset.y_train[chosen], trainer.experiment.loss
        self._share = loss.divisor(y) / loss.divisor(trainer.dataset.y_train)
        return compile_measurement(trainer.experiment, trainer.layout, x, y)

    def _value(self, step: Step, trainer: Trainer) -> float:
        """Return what samples add to the loss of all, or how many of them are clearly taken for another class."""
        if self._quantity == "loss":
            step.run(Phase.FORWARD, Phase.LOSS, theta=trainer.theta)
            return float(step.loss) * self._share
        step.run(Phase.FORWARD, theta=trainer.theta)
        return _wrong(step.outputs, step.targets, trainer)

    def _whole(self, measured: Step, targets: Floats, trainer: Trainer) -> float:
        """Return the same of all samples."""
        if self._quantity == "loss":
            return float(measured.loss)
        return _wrong(measured.outputs, targets, trainer)

    def _rules_out(self, trainer: Trainer, value: float) -> bool:
        samples = trainer.dataset.samples
        if self._quantity == "loss":
            return CLEAR * self._limit <= value < inf
        return (samples - value) / samples <= self._limit

    def _is_enough(self, trainer: Trainer, value: float, whole: float) -> bool:
        is_loss, samples = self._quantity == "loss", trainer.dataset.samples
        need = CLEAR * self._limit if is_loss else (1.0 - self._limit) * samples
        return self._rules_out(trainer, value) and value >= need + min(RESERVE * (whole - need), need)


def _margins(outputs: Floats, targets: Floats, trainer: Trainer) -> Floats:
    """Return how well samples are answered (samples,), the worst ones lowest."""
    if not trainer.has_classes:
        return -np.abs(outputs - targets).sum(axis=1)
    truth = class_numbers(targets)
    if outputs.shape[1] == 1:
        return np.where(truth == 1, 1.0, -1.0) * (outputs[:, 0] - trainer.threshold)
    rows = np.arange(len(outputs))
    others = outputs.copy()
    others[rows, truth] = -inf
    return outputs[rows, truth] - others.max(axis=1)


def _wrong(outputs: Floats, targets: Floats, trainer: Trainer) -> int:
    """Return how many samples are taken for another class, whatever is rounded."""
    with np.errstate(all="ignore"):
        rounding = np.sqrt(np.finfo(outputs.dtype).eps) * np.maximum(1.0, np.abs(outputs).max(axis=1))
        return int((_margins(outputs, targets, trainer) < -rounding).sum())
