"""The share of samples that every lane classifies correctly, against the step."""

from __future__ import annotations

import numpy as np

from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.plots.step_plot import StepPlot
from gui.present.lines import Bundle
from gui.text.language import translate

LEVELS = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")]
TOP = 1.04
"""The upper end of the axis, so that a line at 100 % is seen whole."""


class AccuracyPlot(StepPlot):
    """Accuracy on all training samples and, lighter, on all test samples, at the steps at which it was measured."""

    def __init__(self) -> None:
        super().__init__(translate("curves", "Accuracy"))
        self.setObjectName("curves.accuracy")
        self.axis_names = translate("curves", "step"), translate("curves", "samples classified correctly")
        self._shown: Snapshot | None = None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the accuracies that are known."""
        self._shown = snapshot
        self.set_axes(snapshot.last_step, 0.0, TOP, LEVELS)
        for index, lane in enumerate(snapshot.lanes):
            for line in _lines(index, lane):
                self.set_lines(line)
        self.mark_step(snapshot.step, [_present(lane, snapshot.step) for lane in snapshot.lanes])

    def show_again(self) -> None:
        """Draw what was shown last into the new size."""
        if self._shown is not None:
            self.show_snapshot(self._shown)


def _lines(index: int, lane: LaneSnapshot) -> list[Bundle]:
    """Return the line of the training samples and that of the test samples."""
    curves = lane.score_curves
    if curves is None:
        return []
    values = (curves.accuracy, curves.test_accuracy)
    end = int(curves.steps[-1]) if len(curves.steps) else 0
    return [Bundle(((index, part),), curves.steps, y[np.newaxis], end, 1) for part, y in enumerate(values)]


def _present(lane: LaneSnapshot, step: int) -> float:
    """Return the accuracy at the shown step, NaN as long as it is not measured there."""
    score = lane.score
    if score is None or score.step != step or score.training.accuracy is None:
        return float("nan")
    return score.training.accuracy
