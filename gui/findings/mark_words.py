"""What happened in a run, in a sentence for each mark of the timeline."""

from __future__ import annotations

from collections.abc import Callable

from engine.report.curve import Mark, MarkKind
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.terms.action_words import words_for
from gui.text.language import translate
from gui.text.words import loss

MOST_NEURONS = 8
"""Neurons that a sentence names."""


def mark_text(mark: Mark) -> str:
    """Return what happened at a mark."""
    return _WORDS[mark.kind](mark)


def _parted(mark: Mark) -> str:
    return translate("marks", "columns of layer {0} part: {1} distinct until here, {2} from here on").format(
        mark.layer, mark.before, mark.now
    )


def _joined(mark: Mark) -> str:
    return translate(
        "marks", "columns of layer {0} become equal: {1} distinct until here, {2} from here on"
    ).format(mark.layer, mark.before, mark.now)


def _regrouped(mark: Mark) -> str:
    return translate(
        "marks", "neurons of layer {0} form other groups: {1} until here, {2} from here on"
    ).format(mark.layer, mark.before, mark.now)


def _died(mark: Mark) -> str:
    count = len(mark.neurons)
    said = translate(
        "marks", "%n neuron(s) of layer {0} (dies|die): off for all {1} samples looked at ({2})", None, count
    )
    return said.format(mark.layer, f"{mark.samples:,}", _numbers(mark))


def _revived(mark: Mark) -> str:
    count = len(mark.neurons)
    said = translate(
        "marks",
        "%n neuron(s) of layer {0} (is|are) no longer off for all {1} samples looked at ({2})",
        None,
        count,
    )
    return said.format(mark.layer, f"{mark.samples:,}", _numbers(mark))


def _numbers(mark: Mark) -> str:
    named = [str(neuron + 1) for neuron in mark.neurons[:MOST_NEURONS]]
    return ", ".join([*named, "…"] if len(mark.neurons) > MOST_NEURONS else named)


def _base_rate(mark: Mark) -> str:
    return translate(
        "marks", "the loss comes to the base rate, {0}: within 1 % of it for the first time"
    ).format(loss(mark.value))


def _diverged(mark: Mark) -> str:
    return translate(
        "marks", "diverged: the update before has made numbers infinite or NaN, first in {0}"
    ).format(shortened(mark.formula, LONGEST_NAME))


def _edited(mark: Mark) -> str:
    return words_for(mark.edit)


_WORDS: dict[MarkKind, Callable[[Mark], str]] = {
    MarkKind.PARTED: _parted,
    MarkKind.JOINED: _joined,
    MarkKind.REGROUPED: _regrouped,
    MarkKind.DIED: _died,
    MarkKind.REVIVED: _revived,
    MarkKind.BASE_RATE: _base_rate,
    MarkKind.DIVERGED: _diverged,
    MarkKind.EDITED: _edited,
    MarkKind.SETTING: _edited,
}
