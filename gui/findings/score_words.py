"""What a network does on all samples, in words: accuracy, which class is taken for which, base rates."""

from __future__ import annotations

from engine.experiments.experiment import Experiment
from engine.report.curve import SampleScore
from engine.report.snapshot import LaneSnapshot
from gui.text.language import translate
from gui.text.words import loss

MOST_CONFUSIONS = 6
"""The most pairs of classes of which it is told how often one is taken for the other."""


def baselines(value: float, experiment: Experiment) -> tuple[str, ...]:
    """Return what stands at the line of a base-rate loss, and shorter forms of it."""
    number = f"{value:.4f}" if 1e-3 <= value < 1e4 else loss(value)
    if experiment.loss.weighs_classes:
        full = translate("curves", "{0}: predicts the weighted class frequencies")
        short = translate("curves", "{0}: weighted base rate")
    elif experiment.loss.classifies:
        full = translate("curves", "{0}: predicts the class frequencies")
        short = translate("curves", "{0}: base rate")
    else:
        full = translate("curves", "{0}: predicts the same for every input")
        short = translate("curves", "{0}: same for all")
    return full.format(number), short.format(number), number


def accuracy(value: float) -> str:
    """Return a percentage with one decimal that says 0 % and 100 % only where nothing and everything is right."""
    percent = 100 * value
    if 0 < percent < 0.1:
        return translate("score", "under 0.1 %")
    if 99.9 < percent < 100:
        return translate("score", "over 99.9 %")
    return translate("score", "{0} %").format(f"{percent:.1f}" if 0 < percent < 100 else f"{percent:.0f}")


def head(lane: LaneSnapshot, step: int, *, is_narrow: bool = False) -> str:
    """Return loss and accuracy of a lane at the shown step, as they stand in its head.

    In a narrow one these are bare numbers. The accuracy stands in brackets if it is that of another step.
    """
    said = translate("lane", "loss {0}").format(loss(lane.mean_loss))
    if lane.score is None or lane.score.training.accuracy is None:
        return said
    right = accuracy(lane.score.training.accuracy)
    if lane.score.step != step:
        right = f"({right})"
    if is_narrow:
        return f"{loss(lane.mean_loss)} · {right}"
    return translate("lane", "{0}, acc. {1}").format(said, right)


def details(lane: LaneSnapshot) -> str:
    """Return what the numbers in the head of a lane are, with all that is known over all samples, a line for each."""
    if lane.smoothing == 1:
        lines = [translate("lane", "Loss: that of the shown weights, before their update.")]
    else:
        lines = [
            translate("lane", "Loss: mean of at most the last {0} steps; this step alone: {1}.").format(
                f"{lane.smoothing:,}", loss(lane.loss)
            )
        ]
    if lane.score is not None:
        lines.append(translate("lane", "Measured at step {0}:").format(f"{lane.score.step:,}"))
        lines += _part(translate("lane", "all {0} training samples"), lane.score.training)
        if lane.score.test is not None:
            lines += _part(translate("lane", "all {0} test samples"), lane.score.test)
    return "\n".join(lines)


def _part(samples: str, score: SampleScore) -> list[str]:
    who = samples.format(f"{score.samples:,}")
    if score.accuracy is None:
        return [translate("lane", "{0}: loss {1}").format(who, loss(score.loss))]
    right = round(score.accuracy * score.samples)
    lines = [
        translate("lane", "{0}: loss {1}, {2} right ({3})").format(
            who, loss(score.loss), f"{right:,}", accuracy(score.accuracy)
        )
    ]
    if score.counts is not None:
        lines += [_class_line(index, row) for index, row in enumerate(score.counts.tolist())]
    return lines


def _class_line(truth: int, row: list[int]) -> str:
    """Return how many samples of a class are taken for it, and for which others."""
    others = [(count, guess) for guess, count in enumerate(row) if count and guess != truth]
    wrong = [
        translate("lane", "{0} as {1}").format(f"{count:,}", guess)
        for count, guess in sorted(others, key=lambda pair: (-pair[0], pair[1]))[:MOST_CONFUSIONS]
    ]
    if len(others) > MOST_CONFUSIONS:
        wrong.append("…")
    line = translate("lane", "    class {0}: {1} right").format(truth, f"{row[truth]:,}")
    return ", ".join([line, *wrong])


def loss_title(lanes: tuple[LaneSnapshot, ...], *, cut_off: bool) -> str:
    """Return the title of the loss plot: over how many steps losses are averaged, and whether some are out of sight."""
    steps = sorted({lane.smoothing for lane in lanes if lane.smoothing > 1})
    if not steps:
        return translate("curves", "Loss, cut off") if cut_off else translate("curves", "Loss")
    over = f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,}–{steps[-1]:,}"
    sentence = (
        translate("curves", "Loss, mean of {0}, cut off")
        if cut_off
        else translate("curves", "Loss, mean of {0}")
    )
    return sentence.format(over)
