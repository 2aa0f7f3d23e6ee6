"""Loss and accuracy over all samples, at the steps that are shown; large networks take several frames for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2, nan
from time import perf_counter

import numpy as np

from engine.compile.compiler import compile_measurement
from engine.compile.step import Step
from engine.core.arrays import Floats, locked
from engine.experiments.experiment import Batch
from engine.kinds.classes import class_count, class_numbers, confusion, hits
from engine.report.curve import SampleScore, Score, ScoreCurves
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

WORK_PER_SLICE = 2**22
"""Samples times parameters that are measured at once: about a millisecond."""
MOST_CLASSES = 30
"""The most classes for which it is counted which is taken for which."""
MOST_POINTS = 512
"""The most steps whose scores are kept."""
FILLED_POINTS = 64
"""The most points that a curve is given at rest, where steps went by too quickly to be measured."""


@dataclass(frozen=True)
class Computed:
    """The parameters `theta` (parameters,) before an update, and what its step has computed with them already.

    `outputs` (samples, outputs) are those of all training samples, None where the step uses others; `loss` is theirs.
    """

    theta: Floats
    outputs: Floats | None = None
    loss: float = nan


class Scorer:
    """Measures one run over all training and test samples, a slice of them at a time, and keeps what it found."""

    def __init__(self, trainer: Trainer) -> None:
        """Measure runs of the experiment of a trainer, which is not touched."""
        self._trainer = trainer
        self._theta = np.empty_like(trainer.theta)
        self._parts: tuple[_Part, ...] = ()
        self._work: Iterator[None] = iter(())
        self._step = 0
        self.record = ScoreRecord()

    def take_over(self, other: Scorer) -> None:
        """Use what another scorer of the same trainer has compiled for the same network and loss."""
        self._parts = other._parts

    @property
    def is_needed(self) -> bool:
        """Return whether all samples tell more than the loss of a step."""
        return self._trainer.has_classes or not self._trainer.measures_itself

    def begin(self, step: int, computed: Computed) -> None:
        """Take what was computed before update `step` to be measured next."""
        self._theta[...] = computed.theta
        self._step, self._work = step, self._slices(computed)

    def work(self, deadline: float) -> bool:
        """Measure until it is done or `deadline` (of `perf_counter`) is over; return whether it is done."""
        return all(perf_counter() < deadline for _ in self._work)

    def score(self) -> Score:
        """Return what was measured last, and record it."""
        training, *test = (part.score() for part in self._parts)
        found = Score(self._step, training, test[0] if test else None)
        self.record.add(found)
        return found

    def _slices(self, computed: Computed) -> Iterator[None]:
        if not self._parts:
            self._parts = _parts(self._trainer)
        for index, part in enumerate(self._parts):
            part.begin()
            if index == 0 and computed.outputs is not None:
                part.take(computed.outputs, computed.loss)
                continue
            for number in range(part.slices):
                part.measure(self._theta, number)
                yield


def _parts(trainer: Trainer) -> tuple[_Part, ...]:
    dataset = trainer.dataset
    training = _Part(trainer, dataset.x_train, dataset.y_train)
    if dataset.x_test is None or dataset.y_test is None:
        return (training,)
    return training, _Part(trainer, dataset.x_test, dataset.y_test)


class _Part:
    """Samples of one kind, cut into slices of equal size and a last one with what is left over."""

    def __init__(self, trainer: Trainer, inputs: Floats, targets: Floats) -> None:
        self._trainer, self._inputs, self._targets = trainer, inputs, targets
        self._rows = min(len(inputs), max(1, WORK_PER_SLICE // trainer.layout.size))
        self._divisor = trainer.experiment.loss.divisor(targets)
        self.slices = -(-len(inputs) // self._rows)
        self._steps: dict[int, Step] = {}
        classes = class_count(targets.shape[1])
        self._counted = trainer.has_classes and classes <= MOST_CLASSES
        self._classes = class_numbers(targets)
        self._counts = np.zeros((classes, classes) if self._counted else (0, 0), np.intp)
        self.begin()

    def begin(self) -> None:
        """Forget what was measured."""
        self._loss, self._hits = 0.0, 0
        self._counts[...] = 0

    def measure(self, theta: Floats, number: int) -> None:
        """Measure slice `number` with parameters `theta` (parameters,)."""
        first = number * self._rows
        rows = min(self._rows, len(self._inputs) - first)
        step = self._step_of(rows)
        if step.batch is not None:
            step.batch[...] = np.arange(first, first + rows)
        step.run(Phase.FORWARD, Phase.LOSS, theta=theta)
        part = self._trainer.experiment.loss.divisor(self._targets[first : first + rows])
        self._loss += float(step.loss) * (part / self._divisor)
        self._count(step.outputs, first)

    def take(self, outputs: Floats, loss: float) -> None:
        """Take the outputs (samples, outputs) of all samples and their loss instead of measuring them."""
        self._loss = loss
        self._count(outputs, 0)

    def _count(self, outputs: Floats, first: int) -> None:
        """Count what the samples from `first` on are taken for."""
        chosen = slice(first, first + len(outputs))
        if self._counted:
            self._counts += confusion(outputs, self._classes[chosen], self._trainer.threshold)
        elif self._trainer.has_classes:
            self._hits += int(hits(outputs, self._targets[chosen], self._trainer.threshold).sum())

    def _step_of(self, rows: int) -> Step:
        """Return a compiled step over some number of samples."""
        if rows not in self._steps:
            batch = Batch() if rows == len(self._inputs) else Batch(size=rows)
            parts = self._trainer.experiment, self._trainer.layout, self._inputs, self._targets
            self._steps[rows] = compile_measurement(*parts, batch)
        return self._steps[rows]

    def score(self) -> SampleScore:
        """Return what the slices gave together."""
        samples, experiment = len(self._inputs), self._trainer.experiment
        batch = experiment.batch.size
        share = experiment.loss.share_of_batch(
            self._trainer.dataset.samples if batch == "full" else batch, samples
        )
        accuracy = None
        if self._trainer.has_classes:
            accuracy = (int(self._counts.trace()) if self._counted else self._hits) / samples
        counts = locked(self._counts) if self._counted else None
        return SampleScore(samples, self._loss * share, accuracy, counts)


class ScoreRecord:
    """The scores of a run at up to `MOST_POINTS` steps, spread over all of it; any step can be added at any time."""

    def __init__(self) -> None:
        self._points = np.empty((4, MOST_POINTS))
        self._count = 0
        self._apart = 1
        self._curves: ScoreCurves | None = None

    def add(self, score: Score) -> None:
        """Keep a score, unless there is one at a step nearby already."""
        steps = self._points[0, : self._count]
        place = int(np.searchsorted(steps, score.step))
        if (np.abs(steps[max(0, place - 1) : place + 1] - score.step) < self._apart).any():
            return
        test = score.test.accuracy if score.test else None
        point = np.array([score.step, score.training.loss, score.training.accuracy, test], np.float64)
        point[1:][~np.isfinite(point[1:])] = np.nan
        self._points[:, place + 1 : self._count + 1] = self._points[:, place : self._count]
        self._points[:, place] = point
        self._count += 1
        self._curves = None
        if self._count == MOST_POINTS:
            self._count = MOST_POINTS // 2
            self._points[:, : self._count] = self._points[:, ::2].copy()
            self._apart = max(1, 2 * int(self._points[0, self._count - 1]) // MOST_POINTS)

    def until(self, step: int) -> ScoreRecord:
        """Return a record of its own of the steps before `step`."""
        other = ScoreRecord()
        other._points[...] = self._points
        other._count = int(np.searchsorted(self._points[0, : self._count], step))
        other._apart = self._apart
        return other

    def step_in_gap(self, length: int, stride: int) -> int | None:
        """Return a step of a run of `length` steps that no point is near to, a multiple of `stride`; None if all are."""
        apart = stride << ceil(log2(max(1.0, length / (FILLED_POINTS * stride))))
        grid, steps = np.arange(0, length, apart), self._points[0, : self._count]
        if not len(steps):
            return 0 if length else None
        after = np.searchsorted(steps, grid)
        nearest = np.minimum(
            np.abs(steps[np.minimum(after, len(steps) - 1)] - grid),
            np.abs(steps[np.maximum(after - 1, 0)] - grid),
        )
        gaps = grid[nearest >= max(apart / 2, self._apart)]
        return int(gaps[0]) if len(gaps) else None

    def curves(self) -> ScoreCurves:
        """Return all points."""
        if self._curves is None:
            self._curves = ScoreCurves(*map(locked, self._points[:, : self._count]))
        return self._curves


class Scoring:
    """Measures several runs at the same step, one after the other, in the little time that a frame leaves for it."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        self._scorers = scorers
        self._needed = [scorer for scorer in scorers if scorer.is_needed]
        self._waiting: list[Scorer] = []
        self._filling: Scorer | None = None
        self._step: int | None = None
        self.scores: tuple[Score | None, ...] = (None,) * len(scorers)

    def is_at(self, step: int) -> bool:
        """Return whether all that has to be measured was measured at `step`."""
        return not self._needed or (self._step == step and not self._waiting)

    def work(self, step: int, computed: Callable[[Scorer], Computed], seconds: float) -> None:
        """Go on measuring for about `seconds`; what is new is measured at `step`.

        `computed(scorer)` returns what is known of its run before update `step`.
        """
        if self.is_at(step):
            return
        if not self._waiting:
            self._step, self._waiting, self._filling = step, list(self._needed), None
            for scorer in self._needed:
                scorer.begin(step, computed(scorer))
        deadline = perf_counter() + seconds
        while self._waiting and self._waiting[0].work(deadline):
            self._waiting.pop(0)
        if not self._waiting:
            self.scores = tuple(scorer.score() if scorer.is_needed else None for scorer in self._scorers)

    def fill(self, gap: Callable[[Scorer], tuple[int, Computed] | None], seconds: float) -> None:
        """Measure for about `seconds` at steps that were never shown, once all that is shown was measured.

        `gap(scorer)` returns a step where its curves have no point, and what is known of it; None if they have all.
        """
        deadline = perf_counter() + seconds
        while True:
            for scorer in [] if self._filling else self._needed:
                if found := gap(scorer):
                    scorer.begin(*found)
                    self._filling = scorer
                    break
            if self._filling is None or not self._filling.work(deadline):
                return
            self._filling.score()
            self._filling = None
            if perf_counter() >= deadline:
                return
