"""What comes of a run, and what learning means.

A run learns if its training accuracy ends at least half way from the base rate to 1 or, where targets are no classes,
if its loss ends at half of that of predicting the mean, or below. `skill` is that scale: 0 is chance, 1 is perfect.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np

from engine.core.arrays import Floats
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.model.activations import Identity
from engine.training.divergence import has_diverged
from engine.training.trainer import Measurement, Trainer

LEARNT = 0.5
"""The skill from which on a run has learned."""


NEAR_CHANCE = 0.01
"""A loss is that of chance if it differs by less than this share."""


@dataclass(frozen=True)
class Share:
    """`learned` of `seeds` runs learned; `loss` and `accuracy` are their medians at the end, None without runs."""

    learned: int
    seeds: int
    loss: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Run:
    """One run at its end, measured over all training samples; `losses` (steps,) are those of its batches.

    `chance` is the loss of the best constant outputs. `theta` (parameters,) are its last parameters.
    """

    seed: int
    loss: float
    accuracy: float | None
    skill: float
    chance: float
    losses: Floats
    theta: Floats

    @property
    def learned(self) -> bool:
        """Return whether it has learned."""
        return self.skill >= LEARNT

    @property
    def diverged(self) -> bool:
        """Return whether its numbers became infinite."""
        return has_diverged(self.theta)


@dataclass(frozen=True)
class Outcome:
    """The runs of one experiment, that of its own seed first."""

    runs: tuple[Run, ...]

    @property
    def learned(self) -> int:
        """Return how many have learned."""
        return sum(run.learned for run in self.runs)

    @property
    def skill(self) -> float:
        """Return the median skill."""
        return median(run.skill for run in self.runs)

    @property
    def learns(self) -> bool:
        """Return whether the median run has learned."""
        return self.skill >= LEARNT

    @property
    def loss(self) -> float:
        """Return the median loss; infinite where half of the runs have no finite one."""
        return median(run.loss if np.isfinite(run.loss) else np.inf for run in self.runs)

    @property
    def is_chance(self) -> bool:
        """Return whether the median loss is that of chance."""
        return abs(self.loss / self.runs[0].chance - 1.0) < NEAR_CHANCE if self.runs[0].chance > 0 else False

    def share(self) -> Share:
        """Return what is told of it."""
        rights = [run.accuracy for run in self.runs if run.accuracy is not None]
        return Share(self.learned, len(self.runs), self.loss, median(rights) if rights else None)


def base_rate(targets: Floats) -> float:
    """Return the share of the most frequent class in targets (samples, outputs)."""
    if targets.shape[1] == 1:
        share = float((targets > 0.5).mean())
        return max(share, 1.0 - share)
    return float(np.bincount(targets.argmax(axis=1)).max() / len(targets))


class Scale:
    """What chance is for an experiment on its data, so that a loss or an accuracy becomes a skill."""

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        y = dataset.y_train
        self.base = base_rate(y) if experiment.loss.tells_classes(y) else None
        self._targets = y if self.base is None and experiment.loss.classifies else None
        with np.errstate(all="ignore"):
            self.chance = experiment.loss.baseline(y, Identity())

    def judge(self, trainer: Trainer, first: float) -> tuple[Measurement, float]:
        """Return what a run does on all training samples now, and its skill; it had the loss `first` at its start."""
        end = trainer.measure_training()
        skill = self.skill_of_outputs(trainer.measured_step.outputs)
        if skill is None:
            skill = self.skill(end.loss, end.accuracy, first)
        return end, -np.inf if has_diverged(trainer.theta) else skill

    def skill_of_outputs(self, outputs: Floats) -> float | None:
        """Return the explained share of the variance, where a loss of classes is used on other targets; else None."""
        if self._targets is None:
            return None
        with np.errstate(all="ignore"):
            error = float(np.square(outputs - self._targets).sum())
        variance = float(np.square(self._targets - self._targets.mean(axis=0)).sum())
        return 1.0 - error / variance if variance > 0 and np.isfinite(error) else -np.inf

    def skill(self, loss: float, accuracy: float | None, first: float) -> float:
        """Return the skill of a run; where chance has no loss, its last loss is beside its `first` one."""
        if accuracy is not None and self.base is not None and self.base < 1.0:
            return (accuracy - self.base) / (1.0 - self.base)
        reference = self.chance if self.chance > 0 else first
        if not np.isfinite(loss):
            return -np.inf
        return 1.0 - loss / reference if reference > 0 else 1.0
