"""What an untreated run did on its way: whether its loss rose or still falls, which layers died, and when."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import takewhile

import numpy as np

from engine.health.health_check import HealthCheck
from engine.report.condition import Health
from engine.symptoms.patient import Patient, dead_layers
from engine.training.divergence import locate_divergence
from engine.training.loop import NEVER, train
from engine.training.trainer import Trainer
from engine.training.updates import updates_of
from engine.training.watchers import StopWhenAsked
from engine.trials.outcome import Run

RISE = 2.0
"""A loss has risen where it was this many times larger than at the start."""

UPS = 0.25
"""A loss swings where it goes up in this share of the last steps; for full batches only."""

LOOKS = 40
"""How often it is looked whether a layer has died."""

FALLING = 0.02
"""A loss is still falling where the last fifth of the steps takes more than this share of what is left."""


class Course:
    """One run of a patient from its own seed, and its health at the end."""

    def __init__(self, patient: Patient, run: Run, check: Callable[[], bool]) -> None:
        """`check` is called now and then in what takes long; it returns False, or raises where it is to end."""
        self._patient, self.run, self.check = patient, run, check
        self._trainer = Trainer(patient.experiment, patient.dataset)
        self._trainer.theta[...] = run.theta
        self.health: Health = HealthCheck(self._trainer).look()
        self.outputs = self._trainer.outputs_for_training_samples().copy()

    @property
    def steps(self) -> int:
        """Return how many updates it did."""
        return len(self.run.losses)

    @cached_property
    def rise(self) -> float:
        """Return the largest loss of a step beside the first one; infinite where one was not finite."""
        losses = self.run.losses
        if not np.isfinite(losses).all() or not losses[0] > 0:
            return np.inf if not np.isfinite(losses).all() else 1.0
        return float(losses.max() / max(losses[0], self.run.chance))

    @cached_property
    def swings(self) -> float:
        """Return in which share of the last half of the steps the loss went up by more than a thousandth of itself."""
        last = self.run.losses[self.steps // 2 :]
        if len(last) < 4 or not np.isfinite(last).all():
            return 0.0
        return float((np.diff(last) > 1e-3 * np.abs(last[:-1])).mean())

    @property
    def is_unstable(self) -> bool:
        """Return whether its loss rose, swung or ended at infinity."""
        whole = self._patient.batch >= self._patient.dataset.samples
        return self.run.diverged or self.rise > RISE or (whole and self.swings > UPS)

    @cached_property
    def is_falling(self) -> bool:
        """Return whether its loss is still falling at the end."""
        losses = self.run.losses
        piece = max(1, self.steps // 5)
        if self.steps < 4 or not np.isfinite(losses).all():
            return False
        before, after = losses[-2 * piece : -piece].mean(), losses[-piece:].mean()
        return bool(before - after > FALLING * abs(before))

    @cached_property
    def died(self) -> dict[int, int]:
        """Return the hidden layers (numbers from 1) that are dead at the end and were not at first, and since when.

        None of a run that diverged: what is not a number is not above 0 either, but not switched off.
        """
        if self.run.diverged:
            return {}
        gone = set(dead_layers(self.health)) - set(self._patient.start.dead_layers)
        if not gone:
            return {}
        trainer = Trainer(self._patient.experiment, self._patient.dataset)
        watch = _DeathWatch(trainer, gone, self.steps)
        train(updates_of([trainer]), 0, self.steps, [watch, StopWhenAsked(self.check)])
        return dict(sorted(watch.since.items()))

    @cached_property
    def diverged_at(self) -> tuple[int, int] | None:
        """Return step and layer at which it left the finite numbers, if it did."""
        if not self.run.diverged:
            return None
        trainer = Trainer(self._patient.experiment, self._patient.dataset)
        found = locate_divergence(trainer, trainer.initial_state, 0, [StopWhenAsked(self.check)])
        return found.step, found.layer

    @cached_property
    def one_class(self) -> bool:
        """Return whether it takes nearly all samples for one class."""
        taken = self.outputs > 0.5 if self.outputs.shape[1] == 1 else self.outputs.argmax(axis=1)
        _, counts = np.unique(taken, return_counts=True)
        return bool(counts.max() >= 0.98 * len(self.outputs))


class _DeathWatch:
    """Looks now and then which of some layers are dead; `since` says since which step they all the time were."""

    def __init__(self, trainer: Trainer, layers: set[int], steps: int) -> None:
        self._health, self._steps = HealthCheck(trainer), steps
        self._looks = iter(_looks(steps))
        self.since = dict.fromkeys(layers, steps)
        self.next_look = next(self._looks)

    def look(self, step: int) -> bool:
        """Look at the layers; training goes on in any case."""
        dead = dead_layers(self._health.look())
        for number, since in self.since.items():
            self.since[number] = min(since, step) if number in dead else self._steps
        self.next_look = next(self._looks, NEVER)
        return True


def _looks(steps: int) -> list[int]:
    """Return steps to look at, up to the last one, closer at the beginning."""
    drawn = {round(steps ** (number / LOOKS)) for number in range(1, LOOKS + 1)}
    return sorted(takewhile(lambda step: step <= steps, sorted(drawn | {steps})))
