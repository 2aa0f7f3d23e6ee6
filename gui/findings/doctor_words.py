"""What the doctor says: the verdict on a network, what is wrong with it and how that is known, and what a cure gave."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from engine.symptoms.findings import Cause, Cure, Finding, Remedy, Sure
from engine.trials.outcome import Share
from gui.findings.score_words import accuracy
from gui.text.language import translate
from gui.text.words import loss, number


def layers_text(layers: tuple[int, ...]) -> str:
    """Return layer numbers as people write them: 1-3, or 1, 3."""
    first, last = layers[0], layers[-1]
    if len(layers) > 1 and layers == tuple(range(first, last + 1)):
        return f"{first}-{last}"
    return ", ".join(map(str, layers))


def sure_text(sure: Sure) -> str:
    """Return on what a finding rests."""
    return {
        Sure.PROVED: translate("doctor", "proved"),
        Sure.TRIED: translate("doctor", "tried"),
        Sure.SUSPECTED: translate("doctor", "suspected"),
    }[sure]


def cause_name(cause: Cause) -> str:
    """Return what people call a cause."""
    return {
        Cause.SYMMETRY: translate("doctor", "symmetry"),
        Cause.ZERO_START: translate("doctor", "zero start"),
        Cause.NEAR_SYMMETRY: translate("doctor", "near symmetry"),
        Cause.START_TOO_SMALL: translate("doctor", "start too small"),
        Cause.START_TOO_LARGE: translate("doctor", "start too large"),
        Cause.TOO_DEEP: translate("doctor", "too deep for its activation"),
        Cause.DEAD_AT_START: translate("doctor", "dead at the start"),
        Cause.DEAD_BY_TRAINING: translate("doctor", "dead by training"),
        Cause.RATE_TOO_HIGH: translate("doctor", "learning rate too high"),
        Cause.RATE_TOO_LOW: translate("doctor", "learning rate too low"),
        Cause.TOO_FEW_STEPS: translate("doctor", "too few steps"),
        Cause.NOISY_STEPS: translate("doctor", "noisy steps"),
        Cause.INPUTS_NOT_SCALED: translate("doctor", "inputs not scaled"),
        Cause.INPUTS_TOO_SMALL: translate("doctor", "inputs too small"),
        Cause.TARGETS_NOT_SCALED: translate("doctor", "targets not scaled"),
        Cause.OUTPUT_RANGE: translate("doctor", "targets out of the output's range"),
        Cause.OUTPUT_CONSTANT: translate("doctor", "constant output"),
        Cause.LOSS_MISMATCH: translate("doctor", "loss does not fit"),
        Cause.OVER_REGULARISED: translate("doctor", "too much weight decay"),
        Cause.CLASS_IMBALANCE: translate("doctor", "one class is rare"),
        Cause.USELESS_INPUTS: translate("doctor", "useless inputs"),
        Cause.LINEAR_NETWORK: translate("doctor", "linear network"),
        Cause.TOO_NARROW: translate("doctor", "too narrow"),
        Cause.NO_BIAS: translate("doctor", "no biases"),
        Cause.NO_SIGNAL: translate("doctor", "labels tell nothing"),
        Cause.NOT_FINITE: translate("doctor", "numbers no longer finite"),
    }[cause]


def evidence(finding: Finding) -> str:
    """Return how a finding is known, in numbers of this run."""
    figures = {name: _figure(name, value) for name, value in finding.numbers.items()}
    said = _sentence_of(finding).format(**figures, layers=layers_text(finding.layers or (1,)))
    if "small_network_loss" in figures:
        capped = translate(
            "doctor", "A network with only the different neurons ends at {0}, this one at {1}."
        )
        said = f"{said} {capped.format(figures['small_network_loss'], figures['loss'])}"
    return f"{said} {cured}" if (cured := _cured(finding)) else said


MOST_SEEDS = 0.6
"""With a cure a network learns if at least this share of the seeds do."""


def is_enough(cure: Cure) -> bool:
    """Return whether the trial of a cure shows that the network learns with it."""
    return cure.learned >= MOST_SEEDS * cure.seeds


def _cured(finding: Finding) -> str:
    """Return that the cure of a finding makes the network learn; "" where its trial does not show that.

    What is proved may be found in a network that learns without the cure, too.
    """
    own = finding.cures[-1] if finding.cures else None
    if finding.sure is Sure.PROVED or own is None or not own.seeds or not is_enough(own):
        return ""
    return translate("doctor", "With {0} it learns.").format(cure_name(finding, own))


WRITTEN = {"rate", "momentum", "decay"}
"""Numbers that stand in the experiment, told as they stand there: momentum 0.998 is not 1.00."""

WHOLE = {"dead_seeds", "of_seeds", "width", "depth", "constant", "repeated", "inputs", "batch", "steps"}
SHARES = {"share", "wrong_at_zero", "base_rate"}
LOSSES = {"loss", "small_network_loss"}


def _figure(name: str, value: float) -> str:
    if name in WRITTEN:
        return f"{value:g}"
    if name in WHOLE:
        return f"{value:,.0f}"
    if name in SHARES:
        return accuracy(value)
    return loss(value) if name in LOSSES else number(value)


def _sentence_of(finding: Finding) -> str:
    """Return the sentence that tells a finding, with {name} for each of its numbers and {layers}."""
    count = len(finding.layers)
    sentences = (
        _of_neurons(count)
        | _of_scales(count)
        | _of_steps(int(finding.numbers.get("steps", 2)))
        | _of_outputs()
        | _of_data(count)
    )
    return sentences[_key(finding)]


SPECIAL = {
    (Cause.NOISY_STEPS, "momentum"): "momentum",
    (Cause.START_TOO_SMALL, "growth"): "fades",
    (Cause.START_TOO_LARGE, "growth"): "grows",
    (Cause.RATE_TOO_HIGH, "stable"): "overshoots",
}
"""Causes with another sentence where a certain number is known."""


OTHERWISE: dict[Cause, tuple[str, Callable[[Finding], bool]]] = {
    Cause.NO_BIAS: ("fixed at zero", lambda finding: bool(finding.numbers.get("wrong_at_zero"))),
    Cause.NO_SIGNAL: ("shuffled", lambda finding: "skill" not in finding.numbers),
    Cause.NEAR_SYMMETRY: ("one sign", lambda finding: "acts_like" not in finding.numbers),
    Cause.LINEAR_NETWORK: (
        "no hidden layer",
        lambda finding: [cure.remedy for cure in finding.cures[-1:]] == [Remedy.HIDDEN],
    ),
}
"""Causes with another sentence where something is so."""


RISEN = 1.05
"""A loss is said to rise where it comes to be so many times as large as at the start."""


def _key(finding: Finding) -> Cause | str:
    """Return which sentence tells a finding: of some causes there are two."""
    for name in finding.numbers:
        if (finding.cause, name) in SPECIAL:
            return SPECIAL[finding.cause, name]
    if finding.cause is Cause.RATE_TOO_HIGH and not RISEN < (rise := finding.numbers["rise"]) < inf:
        return "not finite" if rise == inf else "no rise"
    if finding.cause in OTHERWISE:
        key, is_so = OTHERWISE[finding.cause]
        return key if is_so(finding) else finding.cause
    return finding.cause


def _of_neurons(count: int) -> dict[Cause | str, str]:
    """Return the sentences about neurons and their start."""
    return {
        Cause.SYMMETRY: translate(
            "doctor",
            "Layer(s) {layers}: neurons start equal, get equal gradients and stay equal for ever: the layer is as "
            "good as the few different ones.",
            None,
            count,
        ),
        Cause.ZERO_START: translate(
            "doctor",
            "Layer(s) {layers}: weights are 0, so the gradients there are exactly 0 at every step: nothing there "
            "will ever move.",
            None,
            count,
        ),
        Cause.NEAR_SYMMETRY: translate(
            "doctor",
            "Layer(s) {layers}: neurons start nearly equal, a whole layer acts like {acts_like} neurons.",
            None,
            count,
        ),
        "one sign": translate(
            "doctor",
            "Layer(s) {layers}: weights are nearly all of one sign, so neurons act nearly alike.",
            None,
            count,
        ),
        Cause.START_TOO_SMALL: translate(
            "doctor",
            "Layer(s) {layers}: the weights start so small (size times √inputs {gain}, usual is about 1) that the signal "
            "fades.",
            None,
            count,
        ),
        Cause.START_TOO_LARGE: translate(
            "doctor",
            "Layer(s) {layers}: the weights start very large (size times √inputs {gain}, usual is about 1).",
            None,
            count,
        ),
        "fades": translate(
            "doctor",
            "From layer to layer the signal fades, to {growth} of its size in the last hidden one.",
        ),
        "grows": translate(
            "doctor",
            "From layer to layer the signal grows, to {growth} times its size in the last hidden one.",
        ),
        Cause.TOO_DEEP: translate(
            "doctor",
            "{depth} hidden layers of this activation: signal or gradient do not keep their size on the way.",
        ),
        Cause.DEAD_AT_START: translate(
            "doctor",
            "Layer(s) {layers}: all neurons are off for every sample at step 0, so nothing gets through; so it is from "
            "{dead_seeds} of {of_seeds} seeds.",
            None,
            count,
        ),
        Cause.DEAD_BY_TRAINING: translate(
            "doctor",
            "Layer(s) {layers}: neurons were alive at step 0 and have been switched off for every sample by training.",
            None,
            count,
        ),
    }


def _of_scales(count: int) -> dict[Cause | str, str]:
    """Return the sentences about the scales of data and weights."""
    return {
        Cause.INPUTS_NOT_SCALED: translate(
            "doctor",
            "Inputs have a size of {size}, usual is about 1.",
        ),
        Cause.INPUTS_TOO_SMALL: translate(
            "doctor",
            "Inputs vary by {deviation} only, usual is about 1.",
        ),
        Cause.TARGETS_NOT_SCALED: translate(
            "doctor",
            "Targets have a size of {size}, outputs start near 1.",
        ),
        Cause.OVER_REGULARISED: translate(
            "doctor",
            "Weight decay of {decay} pulls the weights to 0 harder than the data.",
        ),
        Cause.NO_BIAS: translate(
            "doctor",
            "Layer(s) {layers}: without biases the boundary of every neuron goes through 0.",
            None,
            count,
        ),
        "fixed at zero": translate(
            "doctor",
            "Layer(s) {layers}: without biases the output for inputs of 0 is fixed whatever the weights; "
            "{wrong_at_zero} of the samples are such and have another target.",
            None,
            count,
        ),
    }


def _of_steps(steps: int) -> dict[Cause | str, str]:
    """Return the sentences about the steps of training, of which so many are planned where that matters."""
    return {
        Cause.RATE_TOO_HIGH: translate(
            "doctor",
            "With the learning rate {rate} the loss rises up to {rise} times its start.",
        ),
        "not finite": translate(
            "doctor", "With the learning rate {rate} numbers leave what can be represented."
        ),
        "no rise": translate("doctor", "The learning rate {rate} is too high for this network."),
        "overshoots": translate(
            "doctor",
            "With the learning rate {rate} steps overshoot: the curvature of the loss at the start allows {stable} at "
            "most (2/λ).",
        ),
        Cause.RATE_TOO_LOW: translate(
            "doctor",
            "With the learning rate {rate} it does not get far enough in the planned steps.",
        ),
        Cause.TOO_FEW_STEPS: translate(
            "doctor", "Training ends before it gets there: {steps} step(s) (is|are) planned.", None, steps
        ),
        Cause.NOISY_STEPS: translate(
            "doctor", "Each step uses a batch of {batch}, so that steps point in all directions."
        ),
        "momentum": translate(
            "doctor",
            "With momentum {momentum} steps overshoot again and again.",
        ),
        Cause.NOT_FINITE: translate("doctor", "Numbers leave what can be represented."),
    }


def _of_outputs() -> dict[Cause | str, str]:
    """Return the sentences about outputs and loss."""
    return {
        Cause.OUTPUT_CONSTANT: translate(
            "doctor", "Softmax over a single output is always 1, whatever goes in: nothing can be learned."
        ),
        Cause.OUTPUT_RANGE: translate(
            "doctor",
            "{share} of the targets, which go from {lowest_target} to {highest_target}, cannot be reached by the output "
            "activation.",
        ),
        Cause.LOSS_MISMATCH: translate(
            "doctor",
            "The loss does not fit output and targets.",
        ),
        Cause.CLASS_IMBALANCE: translate(
            "doctor",
            "{base_rate} of the samples have one class, and it is predicted for nearly all.",
        ),
    }


def _of_data(count: int) -> dict[Cause | str, str]:
    """Return the sentences about the data, and about what the network can do at all."""
    return {
        Cause.USELESS_INPUTS: translate(
            "doctor",
            "Inputs: {inputs}; always the same: {constant}; copies of another one: {repeated}. What is left tells "
            "nothing about the targets.",
        ),
        Cause.LINEAR_NETWORK: translate(
            "doctor",
            "Without an activation in between, the layers are one linear map.",
        ),
        "no hidden layer": translate(
            "doctor",
            "Without a hidden layer there is one linear map, from the inputs to the outputs.",
        ),
        Cause.TOO_NARROW: translate(
            "doctor",
            "Layer(s) {layers}: a width of {width} is too small for these data.",
            None,
            count,
        ),
        "shuffled": translate(
            "doctor",
            "The labels are shuffled, so they do not follow from the inputs.",
        ),
        Cause.NO_SIGNAL: translate(
            "doctor",
            "It learns the training samples by heart, and is hardly better than chance on others: the labels do not "
            "follow from the inputs.",
        ),
    }


def controls_sentence(controls: Share) -> str:
    """Return what random other changes gave."""
    said = translate("doctor", "random other changes: {0} of {1} learn")
    return said.format(controls.learned, controls.seeds)


def cure_name(finding: Finding, cure: Cure) -> str:
    """Return what a cure of a finding changes, and whether in addition to cures of what was found before."""
    name = remedy_name(cure.remedy)
    return translate("doctor", "{0} in addition").format(name) if finding.before else name


def remedy_name(remedy: Remedy) -> str:
    """Return what a cure changes."""
    return {
        Remedy.START: translate("doctor", "usual random weights"),
        Remedy.CENTRED: translate("doctor", "weights around 0"),
        Remedy.ACTIVATION: translate("doctor", "another activation with its start"),
        Remedy.LEAKY: translate("doctor", "leaky ReLU"),
        Remedy.RATE: translate("doctor", "another learning rate"),
        Remedy.STEPS: translate("doctor", "more steps"),
        Remedy.BATCH: translate("doctor", "larger batches"),
        Remedy.MOMENTUM: translate("doctor", "no momentum"),
        Remedy.INPUTS: translate("doctor", "standardized inputs"),
        Remedy.TARGETS: translate("doctor", "standardized targets"),
        Remedy.OUTPUT: translate("doctor", "an output that fits the targets"),
        Remedy.LOSS: translate("doctor", "output and loss that fit the targets"),
        Remedy.DECAY: translate("doctor", "no weight decay"),
        Remedy.WIDTH: translate("doctor", "a wider layer"),
        Remedy.BIASES: translate("doctor", "biases"),
        Remedy.HIDDEN: translate("doctor", "a hidden layer"),
        Remedy.UNBRAKED: translate("doctor", "the whole learning rate in every layer and all the time"),
        Remedy.LABELS: translate("doctor", "every sample its own label"),
        Remedy.TOGETHER: translate("doctor", "all of it together"),
    }[remedy]
