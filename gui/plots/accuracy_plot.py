"""The share of samples that every lane classifies correctly, against the step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

import numpy as np

from engine.core.arrays import Floats
from engine.report.snapshot import LaneSnapshot, Snapshot
from engine.reruns.company import Band, Company
from gui.findings import score_words
from gui.plots.reading import read_accuracy
from gui.plots.step_plot import StepPlot
from gui.present.lines import PIXELS_IN_MOTION, PIXELS_PER_STRETCH, Bundle, Key
from gui.text.language import translate

LEVELS = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")]
TOP = 1.04
"""The upper end of the axis, so that a line at 100 % is seen whole."""


class AccuracyPlot(StepPlot):
    """Accuracy on all training samples and, lighter, on all test samples, at the steps at which it was measured."""

    def __init__(self) -> None:
        names = translate("curves", "samples classified correctly"), translate("curves", "accuracy")
        super().__init__(translate("curves", "Accuracy"), names)
        self.setObjectName("curves.accuracy")

    def bands_of(self, company: Company) -> tuple[Band, ...]:
        """Return the band of the accuracies on training samples."""
        return () if company.accuracy is None else (company.accuracy,)

    def in_words(self, value: float) -> str:
        """Return an accuracy as a percentage."""
        return score_words.accuracy(value)

    def value_at(self, lane: LaneSnapshot, step: int, shown: int) -> str:
        """Return the accuracy that was measured last up to a step."""
        return read_accuracy(lane.score_curves, step)

    def draw(self, snapshot: Snapshot) -> None:
        """Draw the accuracies that are known."""
        self.set_axes(snapshot.last_step, 0.0, TOP, LEVELS)
        moving = snapshot.is_passing
        stretches = self.resolution / (PIXELS_IN_MOTION if moving else PIXELS_PER_STRETCH)
        for line in _lines(self.lanes, max(1, round(stretches))):
            self.set_lines(line)
        present = {number: _present(lane, snapshot.step) for number, lane in self.lanes.items()}
        self.mark_step(snapshot.step, present)


def _lines(lanes: Mapping[int, LaneSnapshot], most: int) -> Iterator[Bundle]:
    """Yield lines of the training and of the test samples through about `most` points, those of equal steps together."""
    alike: dict[bytes, list[tuple[Key, Floats]]] = {}
    for lane, shown in lanes.items():
        curves = shown.score_curves
        if curves is None or not len(curves.steps):
            continue
        parts = (
            [curves.accuracy]
            if np.isnan(curves.test_accuracy[-1])
            else [curves.accuracy, curves.test_accuracy]
        )
        lines = [((lane, part), values) for part, values in enumerate(parts)]
        alike.setdefault(curves.steps.tobytes(), []).extend(lines)
    for steps, lines in alike.items():
        x = np.frombuffer(steps)
        places = np.arange(len(x) - 1, -1, -ceil(len(x) / most))[::-1]  # the last one always
        y = np.stack([values[places] for _, values in lines])
        yield Bundle(tuple(key for key, _ in lines), x[places], y, int(x[-1]), 1)


def _present(lane: LaneSnapshot, step: int) -> float:
    """Return the accuracy at the shown step, NaN as long as it is not measured there."""
    score = lane.score
    if score is None or score.step != step or score.training.accuracy is None:
        return float("nan")
    return score.training.accuracy
