"""What the screen says about a lane, in words. Everything is computed from the snapshot that is shown."""

from __future__ import annotations

from enum import Enum, auto
from math import isfinite, isnan
from pathlib import Path

import numpy as np

from engine.core.registry import kind_of
from engine.experiments.experiment import Experiment
from engine.report.condition import AlarmKind
from engine.report.equality import Quotient
from engine.report.snapshot import LaneSnapshot, LayerSnapshot
from gui.text.language import translate


class Wording(Enum):
    """How fully the status is worded: all say how many neurons, distinct columns and groups there are."""

    FULL = auto()
    """Layer 1: 10 neurons, 1 distinct column, 1 group. Gradients equal."""
    SHORT = auto()
    """L1: 10 neurons, 1 distinct column, 1 group. Gradients equal."""
    SHORTEST = auto()
    """L1: 10 neurons, 1 column, 1 group. Gradients equal."""
    NUMBERS = auto()
    """L1: 10 neurons, 1 column, 1 group."""


def status(lane: LaneSnapshot, wording: Wording = Wording.FULL) -> str:
    """Return one sentence or two for every hidden layer: how many neurons are really there, and whether they part."""
    if lane.divergence is not None and not np.isfinite(lane.theta).all():
        where = lane.divergence
        if wording is not Wording.FULL:
            return translate("status", "Diverged at step {0}.").format(f"{where.step:,}")
        return translate("status", "Diverged at step {0}: {1} is not finite.").format(
            f"{where.step:,}", where.formula
        )
    hidden = lane.hidden_layers
    if not hidden:
        output = lane.layers[0].symmetry
        return _output_status(
            output.units, output.columns, _gradient_status(lane.layers[0], wording), wording
        )
    likeness = _nearly_equal(lane)
    return "\n".join(
        _layer_status(number, layer, wording, likeness.get(number))
        for number, layer in enumerate(hidden, start=1)
    )


def _nearly_equal(lane: LaneSnapshot) -> dict[int, float]:
    """Return for each layer of nearly equal neurons as how many they act."""
    health = lane.insight.health
    found = [alarm for alarm in health.alarms if alarm.kind is AlarmKind.NEAR_SYMMETRY] if health else []
    return {layer: like for alarm in found for layer, like in zip(alarm.layers, alarm.figures, strict=True)}


def longest_status(units: list[int], wording: Wording) -> list[str]:
    """Return the longest lines that `status` can give for layers of these `units`, the output layer last."""
    return [
        _layer_text(number, (count, count, count), _longest_gradients(count, wording), wording)
        for number, count in enumerate(units[:-1], start=1)
    ] or [_output_status(units[0], units[0], _longest_gradients(units[0], wording), wording)]


def _output_status(units: int, columns: int, gradients: str, wording: Wording) -> str:
    """Return the line of a network without hidden layers, which has outputs only."""
    neurons = translate("status", "%n output(s)", None, units)
    distinct = translate("status", "%n distinct column(s)", None, columns)
    if wording is Wording.NUMBERS:
        return translate("status", "{0}, {1}.").format(neurons, distinct)
    sentences = (
        translate("status", "No hidden layer, {0}, {1}. {2}")
        if wording is Wording.FULL
        else translate("status", "{0}, {1}. {2}")
    )
    return sentences.format(neurons, distinct, gradients)


def counts(
    sizes: tuple[int, int, int], wording: Wording = Wording.FULL, acts_like: float | None = None
) -> str:
    """Return what there is of a layer, its neurons, distinct columns and groups: 10 neurons, 1 distinct column, 1
    group. `acts_like` is as how many neurons they act, if that is worth saying: 100 neurons act like 1.4.
    """
    units, columns, groups = sizes
    if acts_like is None:
        neurons = translate("status", "%n neuron(s)", None, units)
    else:
        neurons = act_like(units, acts_like, wording)
    if wording in {Wording.SHORTEST, Wording.NUMBERS}:
        distinct = translate("status", "%n column(s)", None, columns)
    else:
        distinct = translate("status", "%n distinct column(s)", None, columns)
    there = translate("status", "%n group(s)", None, groups)
    return translate("status", "{0}, {1}, {2}").format(neurons, distinct, there)


def act_like(units: int, acts_like: float, wording: Wording = Wording.FULL) -> str:
    """Return as how many neurons those of a layer act: 100 neurons act like 1.4."""
    if wording in {Wording.SHORTEST, Wording.NUMBERS}:
        return translate("status", "%n neuron(s) ≈ {0}", None, units).format(f"{acts_like:.1f}")
    return translate("status", "%n neuron(s) (acts|act) like {0}", None, units).format(f"{acts_like:.1f}")


def _layer_text(
    number: int, sizes: tuple[int, int, int], gradients: str, wording: Wording, acts_like: float | None = None
) -> str:
    """Return the sentences of a layer with these numbers of neurons, distinct columns and groups."""
    there = counts(sizes, wording, acts_like)
    if wording is Wording.NUMBERS:
        return translate("status", "L{0}: {1}.").format(number, there)
    sentences = (
        translate("status", "Layer {0}: {1}. {2}")
        if wording is Wording.FULL
        else translate("status", "L{0}: {1}. {2}")
    )
    return sentences.format(number, there, gradients)


def _layer_status(number: int, layer: LayerSnapshot, wording: Wording, acts_like: float | None) -> str:
    symmetry = layer.symmetry
    sizes = (symmetry.units, symmetry.columns, symmetry.groups)
    return _layer_text(number, sizes, _gradient_status(layer, wording), wording, acts_like)


def _gradient_status(layer: LayerSnapshot, wording: Wording) -> str:
    units, different = layer.symmetry.units, layer.gradient_columns
    if not layer.moving and (layer.bias_gradient is None or not layer.bias_gradient.any()):
        return _no_gradients(wording)
    if np.isnan(layer.gradient).any():
        return translate("status", "Gradients NaN.")
    if units == 1:
        return ""
    if different == 1:
        return translate("status", "Gradients equal.")
    if different == units:
        return translate("status", "Gradients differ.")
    return _distinct_gradients(different, wording)


def _longest_gradients(count: int, wording: Wording) -> str:
    """Return the longest sentence on the gradients of a layer of `count` neurons."""
    sentences = (
        _no_gradients(wording),
        translate("status", "Gradients differ."),
        _distinct_gradients(count, wording),
    )
    return max(sentences, key=len)


def _no_gradients(wording: Wording) -> str:
    return (
        translate("status", "Gradients 0.")
        if wording is Wording.SHORTEST
        else translate("status", "Gradients exactly 0.")
    )


def _distinct_gradients(count: int, wording: Wording) -> str:
    gradients = (
        translate("status", "{0} gradients.")
        if wording is Wording.SHORTEST
        else translate("status", "{0} distinct gradients.")
    )
    return gradients.format(count)


def tolerance(value: float) -> str:
    """Return when neurons count as equal."""
    return (
        translate("status", "up to {0} of their size").format(f"{value:g}")
        if value
        else translate("status", "bit for bit")
    )


def step(number: int) -> str:
    """Return which step is shown."""
    return translate("window", "step {0}").format(f"{number:,}")


def number(value: float) -> str:
    """Return a number in two or three digits: 0, 0.58, −12.3, 4.1e−5, ∞, NaN.

    That is at most seven characters, and nine where a number is negative or its exponent has three digits.
    """
    size = abs(value)
    if 0.00995 <= size < 9.995:  # nearly always; the borders are those of rounding
        return f"{size:.2f}" if value > 0 else f"−{size:.2f}"
    if isnan(value):
        return "NaN"
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 9.995 <= size < 999.5:  # which is rounded up to 1e3
        text = f"{value:.3g}"
    else:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def loss(value: float) -> str:
    """Return a loss with four significant digits."""
    if not isfinite(value):
        return number(value)
    text = f"{value:#.4g}".rstrip(".") if value else "0"
    digits, power, exponent = text.partition("e")
    return (f"{digits}e{int(exponent)}" if power else digits).replace("-", "−")


def architecture(experiment: Experiment, widths: tuple[int, ...]) -> str:
    """Return the network in one line: 2-10-5-1 · relu, relu, sigmoid · binary-cross-entropy · sgd 0.01 · seed 3."""
    activations = [kind_of(layer.activation) for layer in experiment.network.layers]
    if len(set(activations)) == 1:
        activations = activations[:1]
    optimizer = experiment.optimizer
    return " · ".join(
        [
            "-".join(map(str, widths)),
            ", ".join(activations),
            kind_of(experiment.loss),
            f"{kind_of(optimizer)} {optimizer.learning_rate:g}",
            translate("status", "seed {0}").format(experiment.seed),
        ]
    )


def small_network_title_and_notes(experiment: Experiment, small: Quotient) -> tuple[str, str]:
    """Return what the file of the equivalent small network of an experiment says about itself."""
    shape = "-".join(map(str, small.layers))
    title = translate("small network", "{0}: the equivalent {1} network").format(experiment.name, shape)
    notes = translate(
        "small network",
        "One neuron for each distinct column of the trained network, its outgoing weights the sum of theirs. "
        "It starts with the same outputs; trained on, it goes a way of its own.",
    )
    return title, notes


def number_in(text: str) -> float | None:
    """Return the finite number that a text stands for, None if there is none."""
    try:
        value = float(text.strip().replace("−", "-"))
    except ValueError:
        return None
    return value if isfinite(value) else None


def settings_set_aside_text(path: Path, aside: Path) -> str:
    """Return what happened to a settings file that could not be read."""
    return translate(
        "files", "The settings in {0} cannot be read. They are kept as {1}; the window starts without them."
    ).format(path, aside.name)
