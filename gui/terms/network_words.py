"""What a network is and how it is trained, in one line."""

from __future__ import annotations

from itertools import groupby

from engine.experiments.experiment import Experiment
from gui.terms.experiment_words import said
from gui.terms.setting_words import plain_text
from gui.text.language import translate
from gui.text.words import MOST_WIDTHS, widths_text


def architecture(experiment: Experiment, widths: tuple[int, ...]) -> str:
    """Return the network in one line: 2-10-5-1 · ReLU, ReLU, sigmoid · binary cross-entropy · SGD 0.01 · seed 3."""
    activations = [said(layer.activation.label) for layer in experiment.network.layers]
    if len(set(activations)) == 1:
        activations = activations[:1]
    elif len(widths) > MOST_WIDTHS:
        runs = [(name, len(list(same))) for name, same in groupby(activations)]
        activations = [f"{name} ×{count}" if count > 1 else name for name, count in runs]
    optimizer, layers = experiment.optimizer, len(widths) - 1
    depth = [translate("status", "%n layer(s)", None, layers)] if len(widths) > MOST_WIDTHS else []
    return " · ".join(
        [
            widths_text(widths),
            *depth,
            ", ".join(activations),
            said(experiment.loss.label),
            f"{said(optimizer.label)} {plain_text(float(optimizer.learning_rate))}",
            translate("status", "seed {0}").format(experiment.seed),
        ]
    )
