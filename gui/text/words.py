"""What the screen says about a lane, in words. Everything is computed from the snapshot that is shown.

Neurons are counted from 0 here; the `source` of a number is the name of an input, or what of its own a neuron has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from math import isfinite, isnan
from pathlib import Path

import numpy as np

from engine.experiments.experiment import Experiment
from engine.report.condition import AlarmKind, Divergence
from engine.report.equality import Quotient
from engine.report.snapshot import LaneSnapshot, LayerSnapshot
from gui.text.language import QT_TRANSLATE_NOOP, translate

MOST_WIDTHS = 12
"""Widths of layers that are written out."""
MOST_NAMED = 3
"""Files that a sentence about a short code names."""


class Wording(Enum):
    """How fully the state of a layer is worded on its chip."""

    FULL = auto()
    """Layer 1: 1 of 10 distinct, 1 group · gradients equal"""
    SHORT = auto()
    """L1: 1 of 10 distinct · gradients equal"""
    BRIEF = auto()
    """L1: 1 of 10"""
    NUMBERS = auto()
    """1/10"""


@dataclass(frozen=True)
class LayerState:
    """What is equal in a layer, and whether it moves.

    `number` counts hidden layers from 1 and is 0 for the outputs of a network without any. `acts_like` is as how many
    neurons they act, if that is worth saying. `gradients` counts distinct ones; 0 where all of them are exactly 0, and
    None where some are NaN.
    """

    number: int
    units: int
    columns: int
    groups: int
    gradients: int | None
    acts_like: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Return whether neurons are equal or nearly so, or do not move. Equal outputs are no failure."""
        equal = self.number > 0 and (self.columns < self.units or self.acts_like is not None)
        return equal or not self.gradients


def states(lane: LaneSnapshot) -> list[LayerState]:
    """Return the state of each hidden layer; of the outputs where there is none."""
    likeness = _nearly_equal(lane)
    layers = list(enumerate(lane.hidden_layers, start=1)) or [(0, lane.layers[0])]
    return [_state(number, layer, likeness.get(number)) for number, layer in layers]


def _state(number: int, layer: LayerSnapshot, acts_like: float | None) -> LayerState:
    symmetry, gradients = layer.symmetry, layer.gradient_columns
    beside = [found for found in (layer.bias_gradient, layer.learnt_gradient) if found is not None]
    if not (layer.moving or any(found.any() for found in beside)):
        gradients = 0
    elif np.isnan(layer.gradient).any():
        gradients = None
    return LayerState(number, symmetry.units, symmetry.columns, symmetry.groups, gradients, acts_like)


def _nearly_equal(lane: LaneSnapshot) -> dict[int, float]:
    """Return for each layer of nearly equal neurons as how many they act."""
    health = lane.insight.health
    found = [alarm for alarm in health.alarms if alarm.kind is AlarmKind.NEAR_SYMMETRY] if health else []
    return {layer: like for alarm in found for layer, like in zip(alarm.layers, alarm.figures, strict=True)}


def has_diverged(lane: LaneSnapshot) -> bool:
    """Return whether some weight of a lane is not finite, so that its layers have no state."""
    return lane.divergence is not None and not np.isfinite(lane.theta).all()


def diverged(where: Divergence) -> str:
    """Return where a lane left the finite numbers."""
    return translate("status", "Diverged at step {0}: {1} is not finite.").format(
        f"{where.step:,}", where.formula
    )


def sentence(state: LayerState, layers: str = "") -> str:
    """Return how many neurons are really there, and whether they part: a sentence or two.

    Of several layers with this state, `layers` tells which they are: 3–58.
    """
    units, columns, groups = (
        state.units,
        state.columns,
        state.groups,
    )  # lupdate finds no number that is an attribute
    distinct = translate("status", "%n distinct column(s)", None, columns)
    if not state.number:
        outputs = translate("status", "%n output(s)", None, units)
        said = translate("status", "No hidden layer, {0}, {1}.").format(outputs, distinct)
    else:
        neurons = (
            translate("status", "%n neuron(s)", None, units)
            if state.acts_like is None
            else act_like(units, state.acts_like)
        )
        there = translate("status", "%n group(s)", None, groups)
        said = (
            translate("status", "Layers {0}: {1}, {2}, {3} each.").format(layers, neurons, distinct, there)
            if layers
            else translate("status", "Layer {0}: {1}, {2}, {3}.").format(
                state.number, neurons, distinct, there
            )
        )
    return f"{said} {_gradients(state)[0]}".rstrip()


def act_like(units: int, acts_like: float) -> str:
    """Return as how many neurons those of a layer act: 100 neurons act like 1.4."""
    return translate("status", "%n neuron(s) (acts|act) like {0}", None, units).format(f"{acts_like:.1f}")


def _gradients(state: LayerState) -> tuple[str, str]:
    """Return whether the gradients of the neurons differ: in a sentence, and in two words."""
    match state.gradients:
        case None:
            return translate("status", "Gradients NaN."), translate("status", "gradients NaN")
        case 0:
            return translate("status", "Gradients exactly 0."), translate("status", "gradients 0")
        case _ if state.units == 1:
            return "", ""
        case 1:
            return translate("status", "Gradients equal."), translate("status", "gradients equal")
        case state.units:
            return translate("status", "Gradients differ."), translate("status", "gradients differ")
        case count:
            sentence, few = (
                translate("status", "{0} distinct gradients."),
                translate("status", "{0} gradients"),
            )
            return sentence.format(count), few.format(count)


def chip(state: LayerState, wording: Wording, layers: str = "") -> str:
    """Return the state of a layer in a few words; `layers` tells which they are where several have it: 3–58."""
    there, groups = _there(state, wording, layers or str(state.number)), state.groups
    if state.acts_like is not None:
        like = f"{state.acts_like:.1f}"
        there = (
            translate("status", "{0}, act like {1}").format(there, like)
            if wording in {Wording.FULL, Wording.SHORT}
            else f"{there} ≈ {like}"
        )
    elif state.number and groups != state.columns and wording is Wording.FULL:
        there = translate("status", "{0}, {1}").format(
            there, translate("status", "%n group(s)", None, groups)
        )
    _, moving = _gradients(state)
    return f"{there} · {moving}" if moving and wording in {Wording.FULL, Wording.SHORT} else there


def _there(state: LayerState, wording: Wording, layers: str) -> str:
    number, columns, units = state.number, state.columns, state.units
    match wording:
        case Wording.NUMBERS:
            return f"{columns}/{units}"
        case Wording.BRIEF if number:
            return translate("status", "L{0}: {1} of {2}").format(layers, columns, units)
        case Wording.BRIEF:
            return translate("status", "Outputs: {0} of {1}").format(columns, units)
        case Wording.SHORT if number:
            return translate("status", "L{0}: {1} of {2} distinct").format(layers, columns, units)
        case _ if number:
            return translate("status", "Layer {0}: {1} of {2} distinct").format(layers, columns, units)
        case _:
            return translate("status", "Outputs: {0} of {1} distinct").format(columns, units)


def longest_chip(number: int, units: int, wording: Wording) -> str:
    """Return the longest text that the chip of a layer has as long as nothing is nearly equal."""
    counts = [0, units, max(units - 1, 1)]
    found = [LayerState(number, units, units, max(units - 1, 1), gradients) for gradients in counts]
    return max((chip(state, wording) for state in found), key=len)


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


def short_number(value: float) -> str:
    """Return a number as `number` does, but with one digit before an exponent: −8e−3."""
    text = number(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def loss(value: float) -> str:
    """Return a loss with four significant digits."""
    if not isfinite(value):
        return number(value)
    text = f"{value:#.4g}".rstrip(".") if value else "0"
    digits, power, exponent = text.partition("e")
    return (f"{digits}e{int(exponent)}" if power else digits).replace("-", "−")


def widths_text(widths: Sequence[int]) -> str:
    """Return an architecture as people write it: 784-100-10; of many layers the first and the last ones."""
    shown = [str(width) for width in widths]
    return "-".join(shown if len(shown) <= MOST_WIDTHS else [*shown[:8], "…", *shown[-2:]])


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


class Own(Enum):
    """What a neuron has of its own, beside its weights; scale and shift in a normalized layer."""

    BIAS = QT_TRANSLATE_NOOP("heatmap", "bias")
    SCALE = QT_TRANSLATE_NOOP("heatmap", "scale")
    SHIFT = QT_TRANSLATE_NOOP("heatmap", "shift")


OWN = tuple(Own)
"""In the order in which the rows stand beneath W."""


def weight_name(source: str | Own, neuron: int) -> str:
    """Return what one number of W or beneath it is called: weight from input 1 to neuron 2."""
    if isinstance(source, Own):
        own = translate("heatmap", source.value)
        return translate("heatmap", "{0} of neuron {1}").format(own, neuron + 1)
    return translate("heatmap", "weight from {0} to neuron {1}").format(source, neuron + 1)


def cell_text(quantity: str, source: str | Own, neuron: int, value: float, count: int) -> str:
    """Return what a cell of a quantity shows, exactly: the strongest of `count` values, or the only one."""
    exact = f"{value:.17g}"
    if isinstance(source, Own):
        own = translate("heatmap", source.value)
        text = translate("heatmap", "{0} of the {1} of neuron {2} = {3}").format(
            quantity, own, neuron + 1, exact
        )
    else:
        text = translate("heatmap", "{0} from {1} to neuron {2} = {3}").format(
            quantity, source, neuron + 1, exact
        )
    if count == 1:
        return text
    return translate("heatmap", "{0}, the strongest of {1}").format(text, count)


def drag_text(name: str, before: float, after: float) -> str:
    """Return what stands beside the pointer while a weight is dragged from one value to another."""
    change = translate("heatmap", "{0}: {1} → {2}").format(
        name, number(before), f"{after:g}".replace("-", "−")
    )
    return change + "\n" + translate("heatmap", "Release: a new lane from here on. Esc: no change.")


def code_copied_text(characters: int, files: list[str], note: str) -> str:
    """Say that a code is in the clipboard, and what it does not hold."""
    copied = translate("codes", "The short code is in the clipboard: %n character(s).", None, characters)
    parts = [copied]
    if files:
        names = ", ".join(files[:MOST_NAMED])
        more = " …" if len(files) > MOST_NAMED else ""
        parts.append(translate("codes", "It names files that it does not hold: {0}").format(names + more))
    return " ".join([*parts, note] if note else parts)


def no_code_text() -> str:
    """Say that there is no code in the clipboard."""
    return translate("codes", "There is no short code in the clipboard; one begins with initscope1:")


QUESTIONS = {
    "circles": QT_TRANSLATE_NOOP("start", "Which starts find the inner circle, and which never move?"),
    "columns": QT_TRANSLATE_NOOP("start", "Why do neurons that start equal stay equal for ever?"),
    "zero-gradient": QT_TRANSLATE_NOOP(
        "start", "When does nothing move at all, although the answers are wrong?"
    ),
    "mnist-per-sample": QT_TRANSLATE_NOOP(
        "start", "Why do a hundred neurons act like one when all weights are positive?"
    ),
    "mnist-two-layer": QT_TRANSLATE_NOOP(
        "start", "Why do pixels from 0 to 255 keep digits from being learnt?"
    ),
    "new": QT_TRANSLATE_NOOP("start", "A 2-4-1 network on two circles, to be changed as you like."),
}
"""What each shipped experiment answers, for the start page."""


def question_of(name: str) -> str:
    """Return the question that a shipped experiment answers, nothing for one that is not known."""
    return translate("start", QUESTIONS[name]) if name in QUESTIONS else ""


def new_experiment_title() -> str:
    """Return what the start page calls a new experiment."""
    return translate("start", "New experiment")
