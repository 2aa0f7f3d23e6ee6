"""The values of curves at a step, in words: exact where a point of a curve stands for one step."""

from __future__ import annotations

import numpy as np

from engine.report.curve import Curve, NoisyCurve, ScoreCurves, smoothed
from gui.findings import score_words
from gui.text.language import translate
from gui.text.words import loss


def read_curve(curve: Curve, step: int) -> str:
    """Return the value of a curve at a step, or the lowest and highest of the steps that its point stands for."""
    point = step // curve.every
    if not 0 <= point < len(curve.low):
        return ""
    first, last = point * curve.every, (point + 1) * curve.every - 1
    low, high = float(curve.low[point]), float(curve.high[point])
    if curve.low is curve.high:
        return loss(low) if first == step else _measured_at(loss(low), first)
    if first == last:
        return loss(low)
    return translate("curves", "{0} to {1} (steps {2}–{3})").format(
        loss(low), loss(high), f"{first:,}", f"{last:,}"
    )


def read_mean(curve: NoisyCurve, steps: int, step: int) -> str:
    """Return the mean of the last `steps` values of a curve at a step; "" if there is none."""
    point, (ends, means) = step // curve.every, smoothed(curve, steps)
    if not 0 <= point < len(means) or np.isnan(means[point]):
        return ""
    said = loss(float(means[point]))
    return said if ends[point] == step else _measured_at(said, int(ends[point]))


def read_all_samples(curves: ScoreCurves | None, step: int) -> str:
    """Return the loss over all training samples that was measured last up to a step; "" if there was none."""
    point = -1 if curves is None else int(np.searchsorted(curves.steps, step, "right")) - 1
    if curves is None or point < 0 or np.isnan(curves.loss[point]):
        return ""
    said, measured = loss(float(curves.loss[point])), int(curves.steps[point])
    return said if measured == step else _measured_at(said, measured)


def read_accuracy(curves: ScoreCurves | None, step: int) -> str:
    """Return the accuracy that was measured last up to a step; "" if there was none."""
    point = -1 if curves is None else int(np.searchsorted(curves.steps, step, "right")) - 1
    if curves is None or point < 0 or np.isnan(curves.accuracy[point]):
        return ""
    said = score_words.accuracy(float(curves.accuracy[point]))
    if not np.isnan(curves.test_accuracy[point]):
        right = score_words.accuracy(float(curves.test_accuracy[point]))
        said = translate("curves", "{0}, test {1}").format(said, right)
    measured = int(curves.steps[point])
    return said if measured == step else _measured_at(said, measured)


def _measured_at(value: str, step: int) -> str:
    return translate("curves", "{0} (step {1})").format(value, f"{step:,}")
