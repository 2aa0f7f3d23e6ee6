"""What is said of alarms: a sentence with the figures of this run, a short name for chips, and what was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

from engine.kinds.loss import Mismatch
from engine.report.condition import Alarm, AlarmKind, Health
from gui.text.language import translate
from gui.text.words import act_like, loss, number


def sentence(alarm: Alarm, health: Health) -> str:
    """Return what an alarm says, with its layers and the step."""
    count = len(alarm.layers)
    texts = _of_all(count, health)
    if health.samples < health.all_samples:
        texts |= _of_some(count)
    if isinf(min(alarm.figures)):
        texts |= _of_infinite_figures(count)
    output = health.output
    return texts[alarm.kind].format(
        layers=", ".join(map(str, alarm.layers)),
        step=f"{health.step:,}",
        figures=_figures(alarm, health),
        samples=f"{health.samples:,}",
        targets=_range(output.targets),
        outputs=_range(output.possible),
        sums="" if output.sums is None else _range(output.sums),
        loss=loss(output.loss),
        chance="" if output.chance is None else loss(output.chance),
        before=loss(health.update.loss),
        after=loss(health.update.loss_after),
        at_zero="" if output.at_zero is None else number(output.at_zero),
    )


def sentences(health: Health) -> list[str]:
    """Return what all alarms say, the most important first; without one, that there is none and what was looked at."""
    return [sentence(alarm, health) for alarm in health.alarms] or [all_clear(health)]


def all_clear(health: Health) -> str:
    """Return that no alarm was found, and among what."""
    looked_at = translate(
        "health",
        "Looked at: the scale of inputs and targets, the output and the loss against chance, saturated, dead, equal and "
        "similar neurons, activations and dZ from layer to layer, gradients, weight decay, the next update.",
    )
    return translate("health", "No alarm at step {0}. {1}").format(f"{health.step:,}", looked_at)


def _of_all(count: int, health: Health) -> dict[AlarmKind, str]:
    """Return the sentence of every alarm for a number of layers, where all samples were looked at."""
    return _of_data(count, health) | _of_neurons(count) | _of_signals(count)


def _of_data(count: int, health: Health) -> dict[AlarmKind, str]:
    """Return the sentences about inputs, outputs and targets."""
    output = health.output
    return {
        AlarmKind.NOT_FINITE: translate(
            "health", "Layer(s) {layers}, step {step}: numbers are no longer finite.", None, count
        ),
        AlarmKind.LOSS_MISMATCH: _of_mismatch(output.mismatch),
        AlarmKind.OUTPUT_RANGE: translate(
            "health",
            "Layer {layers}, step {step}: {figures} of the targets are out of reach, they range from {targets}, "
            "the output from {outputs}.",
        )
        if output.sums is None
        else translate(
            "health",
            "Layer {layers}, step {step}: {figures} of the targets are out of reach, those of a sample have sums from "
            "{sums}, the outputs of softmax always sum to 1.",
        ),
        AlarmKind.TARGETS_NOT_SCALED: translate(
            "health",
            "Layer {layers}, step {step}: targets are not scaled, they range from {targets}, and outputs are about "
            "{figures} away.",
        ),
        AlarmKind.INPUTS_NOT_SCALED: translate(
            "health", "Layer {layers}, step {step}: raw pixels, inputs range from {figures}."
        )
        if health.inputs.are_pixels
        else translate(
            "health", "Layer {layers}, step {step}: inputs are not scaled, they range from {figures}."
        ),
        AlarmKind.INPUTS_TOO_SMALL: translate(
            "health", "Layer {layers}, step {step}: inputs are very small, they range from {figures}."
        ),
        AlarmKind.FIXED_AT_ZERO: translate(
            "health",
            "Layer {layers}, step {step}: without biases inputs of zeros give {at_zero} whatever the weights; "
            "{figures} of the samples are zeros and have another target.",
        ),
        AlarmKind.OUTPUT_CONSTANT: _of_constant_output(health),
        AlarmKind.OUTPUT_SATURATED: translate(
            "health",
            "Layer {layers}, step {step}: for {figures} of the samples the output is saturated on a wrong side.",
        ),
        AlarmKind.HIGH_LOSS: translate(
            "health", "Layer {layers}, step {step}: the loss is infinite, that of chance is {chance}."
        )
        if isinf(output.loss)
        else translate(
            "health",
            "Layer {layers}, step {step}: the loss of {loss} is {figures} times that of chance, {chance}.",
        ),
    }


def _of_mismatch(mismatch: Mismatch | None) -> str:
    texts = {
        Mismatch.DOUBLED: translate(
            "health",
            "Layer {layers}, step {step}: the loss applies softmax or sigmoid to outputs that had it already, so "
            "gradients are small and the loss cannot come near 0. It is made for outputs without activation.",
        ),
        Mismatch.NO_SHARES: translate(
            "health",
            "Layer {layers}, step {step}: the loss takes outputs for probabilities, which they are not; they range from "
            "{outputs}, and where they are clipped nothing is learnt.",
        ),
        Mismatch.TARGETS_NO_SHARES: translate(
            "health",
            "Layer {layers}, step {step}: the loss is made for probabilities of classes, the targets range "
            "from {targets}.",
        ),
        Mismatch.TARGETS_NO_SIDES: translate(
            "health",
            "Layer {layers}, step {step}: the loss is made for targets of −1 and 1, these range from {targets}.",
        ),
    }
    return texts[mismatch] if mismatch is not None else ""


def _of_constant_output(health: Health) -> str:
    if health.inputs.variation == 0:
        return translate(
            "health", "Layer {layers}, step {step}: all inputs are the same, so the output is, too."
        )
    if health.output.variation == 0:
        return translate("health", "Layer {layers}, step {step}: the output is the same for every input.")
    return translate("health", "Layer {layers}, step {step}: the output is nearly the same for every input.")


def _of_neurons(count: int) -> dict[AlarmKind, str]:
    """Return the sentences about equal, saturated and dead neurons."""
    return {
        AlarmKind.WEIGHTS_OF_ONE_SIGN: translate(
            "health",
            "Layer(s) {layers}, step {step}: {figures} of the weights have one sign and all inputs of the layer too, so "
            "they add up to z instead of cancelling.",
            None,
            count,
        ),
        AlarmKind.SYMMETRY: translate(
            "health", "Layer(s) {layers}, step {step}: equal neurons, {figures}.", None, count
        ),
        AlarmKind.NEAR_SYMMETRY: translate(
            "health", "Layer(s) {layers}, step {step}: similar neurons, {figures}.", None, count
        ),
        AlarmKind.DEAD: translate(
            "health", "Layer(s) {layers}, step {step}: dead neurons, {figures}.", None, count
        ),
        AlarmKind.SATURATED: translate(
            "health", "Layer(s) {layers}, step {step}: {figures} of the outputs are saturated.", None, count
        ),
    }


def _of_signals(count: int) -> dict[AlarmKind, str]:
    """Return the sentences about activations, gradients and updates."""
    return {
        AlarmKind.ZERO_GRADIENT: translate(
            "health", "Layer(s) {layers}, step {step}: the gradient of W is exactly 0.", None, count
        ),
        AlarmKind.WEIGHT_DECAY: translate(
            "health",
            "Layer(s) {layers}, step {step}: weight decay pulls W {figures} times as hard as the loss does.",
            None,
            count,
        ),
        AlarmKind.LARGE_STEP: translate(
            "health",
            "Layer(s) {layers}, step {step}: large step, the next update is {figures} of the size of W, and the loss of "
            "its batch goes from {before} to {after}.",
            None,
            count,
        ),
        AlarmKind.FADING: translate(
            "health",
            "Layer(s) {layers}, step {step}: fading, from sample to sample the outputs vary by {figures} only.",
            None,
            count,
        ),
        AlarmKind.GROWING: translate(
            "health",
            "Layer(s) {layers}, step {step}: growing, the outputs have a size of {figures}.",
            None,
            count,
        ),
        AlarmKind.VANISHING: translate(
            "health",
            "Layer(s) {layers}, step {step}: vanishing, dZ is {figures} of a later layer's.",
            None,
            count,
        ),
        AlarmKind.EXPLODING: translate(
            "health",
            "Layer(s) {layers}, step {step}: exploding, dZ is {figures} times the output layer's.",
            None,
            count,
        ),
        AlarmKind.SMALL_STEP: translate(
            "health",
            "Layer(s) {layers}, step {step}: it hardly moves, the next update is {figures} of the size of W.",
            None,
            count,
        ),
    }


def _of_some(count: int) -> dict[AlarmKind, str]:
    """Return the sentences that are true of the samples that were looked at only, and say so."""
    return {
        AlarmKind.ZERO_GRADIENT: translate(
            "health",
            "Layer(s) {layers}, step {step}: the gradient of W is exactly 0 for the {samples} samples looked at.",
            None,
            count,
        ),
        AlarmKind.DEAD: translate(
            "health",
            "Layer(s) {layers}, step {step}: dead neurons, {figures} for the {samples} samples looked at.",
            None,
            count,
        ),
        AlarmKind.OUTPUT_CONSTANT: translate(
            "health",
            "Layer {layers}, step {step}: the output is nearly the same for the {samples} inputs looked at.",
        ),
    }


def _of_infinite_figures(count: int) -> dict[AlarmKind, str]:
    """Return the sentences for figures that are all infinite because they are shares of 0."""
    return {
        AlarmKind.LARGE_STEP: translate(
            "health",
            "Layer(s) {layers}, step {step}: large step, W is 0, and the next update takes the loss of its batch from "
            "{before} to {after}.",
            None,
            count,
        ),
        AlarmKind.WEIGHT_DECAY: translate(
            "health",
            "Layer(s) {layers}, step {step}: weight decay pulls W, and the loss does not.",
            None,
            count,
        ),
    }


def short_name(kind: AlarmKind) -> str:
    """Return an alarm in a word or two, for a chip."""
    return {
        AlarmKind.NOT_FINITE: translate("health", "not finite"),
        AlarmKind.LOSS_MISMATCH: translate("health", "loss does not suit"),
        AlarmKind.OUTPUT_RANGE: translate("health", "out of reach"),
        AlarmKind.TARGETS_NOT_SCALED: translate("health", "targets unscaled"),
        AlarmKind.INPUTS_NOT_SCALED: translate("health", "inputs unscaled"),
        AlarmKind.INPUTS_TOO_SMALL: translate("health", "tiny inputs"),
        AlarmKind.WEIGHTS_OF_ONE_SIGN: translate("health", "weights of one sign"),
        AlarmKind.FIXED_AT_ZERO: translate("health", "no biases"),
        AlarmKind.WEIGHT_DECAY: translate("health", "weight decay"),
        AlarmKind.OUTPUT_CONSTANT: translate("health", "constant output"),
        AlarmKind.ZERO_GRADIENT: translate("health", "gradient 0"),
        AlarmKind.SYMMETRY: translate("health", "equal neurons"),
        AlarmKind.NEAR_SYMMETRY: translate("health", "similar neurons"),
        AlarmKind.DEAD: translate("health", "dead neurons"),
        AlarmKind.SATURATED: translate("health", "saturated"),
        AlarmKind.OUTPUT_SATURATED: translate("health", "saturated output"),
        AlarmKind.HIGH_LOSS: translate("health", "high loss"),
        AlarmKind.LARGE_STEP: translate("health", "large step"),
        AlarmKind.FADING: translate("health", "fading"),
        AlarmKind.GROWING: translate("health", "growing"),
        AlarmKind.VANISHING: translate("health", "vanishing"),
        AlarmKind.EXPLODING: translate("health", "exploding"),
        AlarmKind.SMALL_STEP: translate("health", "hardly moves"),
    }[kind]


def chip(alarms: Sequence[Alarm]) -> str:
    """Return the most important of some alarms in a word or two, and how many others there are."""
    worst = short_name(alarms[0].kind)
    others = len(alarms) - 1
    return translate("health", "{0} +{1}").format(worst, others) if others else worst


def _figures(alarm: Alarm, health: Health) -> str:
    counts = list(zip(alarm.layers, alarm.figures, strict=True))
    match alarm.kind:
        case AlarmKind.INPUTS_NOT_SCALED | AlarmKind.INPUTS_TOO_SMALL:
            return _range(health.layers[0].inputs)
        case (
            AlarmKind.SATURATED
            | AlarmKind.OUTPUT_SATURATED
            | AlarmKind.OUTPUT_RANGE
            | AlarmKind.LARGE_STEP
            | AlarmKind.FIXED_AT_ZERO
            | AlarmKind.WEIGHTS_OF_ONE_SIGN
        ):
            return _from_to([share(figure) for figure in sorted(alarm.figures)])
        case AlarmKind.DEAD:
            return ", ".join(of(round(dead), health.layers[layer - 1].units) for layer, dead in counts)
        case AlarmKind.SYMMETRY:
            return ", ".join(
                _in_groups(health.layers[layer - 1].units, round(groups)) for layer, groups in counts
            )
        case AlarmKind.NEAR_SYMMETRY:
            return ", ".join(act_like(health.layers[layer - 1].units, like) for layer, like in counts)
        case _:
            return _from_to([number(figure) for figure in sorted(alarm.figures)])


def _in_groups(units: int, groups: int) -> str:
    return translate("health", "{0} in %n group(s)", None, groups).format(units)


def of(part: int, whole: int) -> str:
    """Return a part of a whole: 3 of 10."""
    return translate("health", "{0} of {1}").format(part, whole)


def _from_to(figures: Sequence[str]) -> str:
    """Return the first and the last of some figures in order."""
    low, high = figures[0], figures[-1]
    return low if low == high else translate("health", "{0} to {1}").format(low, high)


def _range(ends: tuple[float, float]) -> str:
    return translate("health", "{0} to {1}").format(*map(plain, ends))


def share(value: float) -> str:
    """Return a percentage that says 0 % and 100 % only where nothing and everything is meant, in a few digits."""
    percent = 100 * value
    if 0 < percent < 0.1:
        return translate("health", "under 0.1 %")
    if 99.9 < percent < 100:
        return translate("health", "over 99.9 %")
    if not percent < 1e5:  # a size that is compared, and no part
        return translate("health", "{0} times").format(number(value))
    text = f"{percent:.1f}" if 0 < percent < 1 or 99 < percent < 100 else f"{percent:,.0f}"
    return translate("health", "{0} %").format(text)


def plain(value: float) -> str:
    """Return a number, a whole one up to a million with all its digits."""
    if abs(value) < 1e6 and value == round(value):
        return f"{value:,.0f}".replace("-", "−")
    return number(value)
