"""Why columns are equal and whether they stay so, in sentences; the engine gives codes and numbers."""

from __future__ import annotations

from engine.report.causes import LayerCause, Link, Motion, PairExplanation, Quantity, Reason, Verdict, names
from engine.report.equality import LayerPrediction, LayerSymmetry, PredictionReason
from gui.text.language import QT_TRANSLATE_NOOP, translate
from gui.text.words import number

REASONS = {
    Reason.NO_INPUT: QT_TRANSLATE_NOOP("why", "Everything it reads ({inputs}) is 0."),
    Reason.NO_OUTGOING: QT_TRANSLATE_NOOP(
        "why", "dZ{layer} is 0 because all outgoing weights W{next} are 0."
    ),
    Reason.NO_NEXT_DELTA: QT_TRANSLATE_NOOP("why", "dZ{layer} is 0 because dZ{next} of the next layer is 0."),
    Reason.RETURN_APART: QT_TRANSLATE_NOOP(
        "why", "dA{layer} = dZ{next}·W{next}ᵀ is 0: in every product one factor is."
    ),
    Reason.RETURN_TINY: QT_TRANSLATE_NOOP(
        "why", "dA{layer} = dZ{next}·W{next}ᵀ is 0: every product is so small that it is rounded to 0."
    ),
    Reason.RETURN_CANCELS: QT_TRANSLATE_NOOP(
        "why", "dA{layer} = dZ{next}·W{next}ᵀ is 0: what comes back from layer {next} cancels exactly."
    ),
    Reason.LEFT_OUT: QT_TRANSLATE_NOOP(
        "why", "In this step dropout leaves out all that an error comes back to, so dZ{layer} is 0."
    ),
    Reason.OFF: QT_TRANSLATE_NOOP(
        "why",
        "Wherever an error comes back (to {reached} of {units} neurons), {sum} is at most 0 (from {low} to {high}). "
        "ReLU is off there, f′({sum}) = 0, so d{Sum}{layer} is 0.",
    ),
    Reason.FLAT: QT_TRANSLATE_NOOP(
        "why",
        "Wherever an error comes back (to {reached} of {units} neurons), the activation is so flat that "
        "d{Sum}{layer} = dA{layer} ⊙ f′({sum}) is 0 ({sum} from {low} to {high}).",
    ),
    Reason.TINY_DELTA: QT_TRANSLATE_NOOP(
        "why",
        "Wherever an error comes back (to {reached} of {units} neurons), d{Sum}{layer} = dA{layer} ⊙ f′({sum}) is so "
        "small that it is rounded to 0 ({sum} from {low} to {high}).",
    ),
    Reason.ALWAYS_ONE: QT_TRANSLATE_NOOP(
        "why", "A softmax over one output is always 1, whatever its z, so dZ{layer} is 0."
    ),
    Reason.SAME_ERRORS: QT_TRANSLATE_NOOP(
        "why",
        "In every sample all outputs that are not 0 have the same error. A softmax stays the same if all z rise alike, "
        "so dZ{layer} is 0.",
    ),
    Reason.NO_ERROR: QT_TRANSLATE_NOOP("why", "Every output equals its target, so dZ{layer} is 0."),
    Reason.NORMALIZED: QT_TRANSLATE_NOOP(
        "why", "dU{layer} is not 0, but the normalization passes nothing of it on, so dZ{layer} is 0."
    ),
    Reason.RESIDUAL_CANCELS: QT_TRANSLATE_NOOP("why", "What comes back in both ways cancels exactly."),
    Reason.NOTHING_BESIDE: QT_TRANSLATE_NOOP("why", "Nothing comes back beside W{next}, either."),
    Reason.APART: QT_TRANSLATE_NOOP(
        "why", "Neither factor is 0 throughout, but in every sample one of them is."
    ),
    Reason.TINY: QT_TRANSLATE_NOOP(
        "why", "Neither factor is 0, but every product is so small that it is rounded to 0."
    ),
    Reason.CANCELS: QT_TRANSLATE_NOOP("why", "Neither factor is 0, but the samples cancel exactly."),
    Reason.DECAY_BALANCES: QT_TRANSLATE_NOOP(
        "why", "The gradient of the loss and weight decay cancel exactly."
    ),
    Reason.BIASES_CANCEL: QT_TRANSLATE_NOOP(
        "why", "The bias gradient, the sum of dZ{layer} over the samples, cancels exactly, too."
    ),
}
MOTIONS = {
    Motion.ALL: QT_TRANSLATE_NOOP("why", "Yes."),
    Motion.SOME: QT_TRANSLATE_NOOP(
        "why", "Yes, {moving_neurons} of {units} neurons. All gradients of the others are exactly 0."
    ),
    Motion.SOME_TOO_SMALL: QT_TRANSLATE_NOOP(
        "why",
        "Yes, {moving_neurons} of {units} neurons. The updates of the others are too small to change a number.",
    ),
    Motion.ONLY_BIASES: QT_TRANSLATE_NOOP(
        "why", "Only {others}: dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    ),
    Motion.BIASES_AND_MEMORY: QT_TRANSLATE_NOOP(
        "why",
        "By their gradients {others}, the weights only by what the optimizer remembers: "
        "now dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0.",
    ),
    Motion.ONLY_DECAY: QT_TRANSLATE_NOOP(
        "why", "The weights only by weight decay: the loss gives dW{layer} = {inputs}ᵀ·dZ{layer} = 0 exactly."
    ),
    Motion.DECAY_AND_MEMORY: QT_TRANSLATE_NOOP(
        "why",
        "The weights only by weight decay and by what the optimizer remembers: the loss gives "
        "dW{layer} = {inputs}ᵀ·dZ{layer} = 0 exactly.",
    ),
    Motion.COASTING: QT_TRANSLATE_NOOP(
        "why", "Only by what the optimizer remembers: now dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."
    ),
    Motion.TOO_SMALL: QT_TRANSLATE_NOOP(
        "why", "Not in this step: the update is too small to change any of its numbers."
    ),
    Motion.NONE: QT_TRANSLATE_NOOP("why", "Not in this step: dW{layer} = {inputs}ᵀ·dZ{layer} is exactly 0."),
    Motion.FROZEN: QT_TRANSLATE_NOOP("why", "No: its factor on the learning rate is 0, it is frozen."),
    Motion.NOT_FINITE: QT_TRANSLATE_NOOP("why", "Its numbers are no longer finite."),
}
QUANTITIES = {
    Quantity.INPUTS: QT_TRANSLATE_NOOP("why", "inputs {inputs}"),
    Quantity.WEIGHTS: QT_TRANSLATE_NOOP("why", "incoming weights W{layer}"),
    Quantity.BIAS: QT_TRANSLATE_NOOP("why", "bias b{layer}"),
    Quantity.SUM: QT_TRANSLATE_NOOP("why", "weighted sums z"),
    Quantity.NORM: QT_TRANSLATE_NOOP("why", "scale and shift"),
    Quantity.NORMALIZED_SUM: QT_TRANSLATE_NOOP("why", "normalized sums u"),
    Quantity.ACTIVATION: QT_TRANSLATE_NOOP("why", "activations a = f({sum})"),
    Quantity.PASSED_ON: QT_TRANSLATE_NOOP("why", "passed on beside: {inputs}"),
    Quantity.RETURNED: QT_TRANSLATE_NOOP("why", "back beside W{next}: dA{next}"),
    Quantity.MASK: QT_TRANSLATE_NOOP("why", "dropout factors of this step"),
    Quantity.OUTGOING: QT_TRANSLATE_NOOP("why", "outgoing weights W{next}"),
    Quantity.ERROR: QT_TRANSLATE_NOOP("why", "errors dA, from dZ{next}·W{next}ᵀ"),
    Quantity.DELTA: QT_TRANSLATE_NOOP("why", "d{Sum} = dA ⊙ f′({sum})"),
    Quantity.SUM_DELTA: QT_TRANSLATE_NOOP("why", "dZ, what dU comes to before it is normalized"),
    Quantity.GRADIENT: QT_TRANSLATE_NOOP("why", "incoming gradients dW{layer}"),
    Quantity.NORM_GRADIENT: QT_TRANSLATE_NOOP("why", "gradients of scale and shift"),
    Quantity.OUTGOING_GRADIENT: QT_TRANSLATE_NOOP("why", "outgoing gradients dW{next}"),
    Quantity.MEMORY: QT_TRANSLATE_NOOP("why", "optimizer memory, incoming"),
    Quantity.OUTGOING_MEMORY: QT_TRANSLATE_NOOP("why", "optimizer memory, outgoing"),
}
QUANTITY_TIPS = {
    Quantity.INPUTS: QT_TRANSLATE_NOOP(
        "why", "What this layer reads: one number for each input, the same for all."
    ),
    Quantity.WEIGHTS: QT_TRANSLATE_NOOP("why", "The column of W of each neuron."),
    Quantity.BIAS: QT_TRANSLATE_NOOP("why", "What is added to the weighted sum of each neuron."),
    Quantity.SUM: QT_TRANSLATE_NOOP(
        "why", "Inputs times incoming weights, plus the bias: one z for each sample."
    ),
    Quantity.NORM: QT_TRANSLATE_NOOP("why", "What normalized z are multiplied by, and what is added."),
    Quantity.NORMALIZED_SUM: QT_TRANSLATE_NOOP("why", "Normalized z, times the scale, plus the shift."),
    Quantity.ACTIVATION: QT_TRANSLATE_NOOP(
        "why", "What the activation function makes of it: one a for each sample."
    ),
    Quantity.PASSED_ON: QT_TRANSLATE_NOOP("why", "What the neuron before it adds to its output."),
    Quantity.RETURNED: QT_TRANSLATE_NOOP("why", "How the loss changes with what it adds to the next layer."),
    Quantity.MASK: QT_TRANSLATE_NOOP(
        "why", "Which samples leave a neuron out in this step, and how others are scaled."
    ),
    Quantity.OUTGOING: QT_TRANSLATE_NOOP("why", "The row of the next W that a neuron feeds."),
    Quantity.ERROR: QT_TRANSLATE_NOOP("why", "How the loss changes with a: one number for each sample."),
    Quantity.DELTA: QT_TRANSLATE_NOOP(
        "why", "How the loss changes with what the activation gets: dA times its slope there."
    ),
    Quantity.SUM_DELTA: QT_TRANSLATE_NOOP("why", "How the loss changes with z."),
    Quantity.NORM_GRADIENT: QT_TRANSLATE_NOOP("why", "How the loss changes with the scale and the shift."),
    Quantity.GRADIENT: QT_TRANSLATE_NOOP(
        "why", "How the loss changes with the column of W and with the bias."
    ),
    Quantity.OUTGOING_GRADIENT: QT_TRANSLATE_NOOP("why", "How the loss changes with the row of the next W."),
    Quantity.MEMORY: QT_TRANSLATE_NOOP(
        "why", "What the optimizer remembers of earlier gradients of the column."
    ),
    Quantity.OUTGOING_MEMORY: QT_TRANSLATE_NOOP(
        "why", "What the optimizer remembers of earlier gradients of the row."
    ),
}
VERDICTS = {
    Verdict.STAY: QT_TRANSLATE_NOOP(
        "why",
        "Every link is equal, so the update moves both alike, in this step and in every later one: they stay equal.",
    ),
    Verdict.PROVED: QT_TRANSLATE_NOOP(
        "why",
        "Equal columns, and proved to stay so, although not all else about them is equal: see the prediction.",
    ),
    Verdict.ROUNDING: QT_TRANSLATE_NOOP(
        "why", "Equal now. But plain matrix products can round them differently, and that can grow."
    ),
    Verdict.DROPOUT: QT_TRANSLATE_NOOP(
        "why",
        "Equal now. But dropout can leave out one without the other: then they part, unless their gradients are 0.",
    ),
    Verdict.PARTING: QT_TRANSLATE_NOOP(
        "why", "Equal columns, but this update moves them differently: after it they differ."
    ),
    Verdict.LATER: QT_TRANSLATE_NOOP(
        "why",
        "Equal columns, and this update leaves them equal. But not every link is equal: the columns part as soon as "
        "that makes a difference to an update.",
    ),
    Verdict.DIFFER: QT_TRANSLATE_NOOP(
        "why",
        "Two different neurons, from the first ≠ on. Nothing keeps them alike; whether they draw nearer to each other is "
        "not predicted.",
    ),
    Verdict.NOT_FINITE: QT_TRANSLATE_NOOP(
        "why", "Their numbers are no longer finite: nothing follows from them."
    ),
}
PREDICTIONS = {
    PredictionReason.ONE: QT_TRANSLATE_NOOP("why", "A layer of one neuron has one column."),
    PredictionReason.DIFFERENT: QT_TRANSLATE_NOOP(
        "why",
        "All columns differ at the start, and nothing keeps two of them equal. They can still draw near each other, and "
        "rounding or weight decay can make some equal.",
    ),
    PredictionReason.DIFFERENT_AT_START: QT_TRANSLATE_NOOP("why", "All columns differ at the start."),
    PredictionReason.STILL: QT_TRANSLATE_NOOP(
        "why", "All gradients of this layer are exactly 0 at every step: nothing moves."
    ),
    PredictionReason.DECAYS: QT_TRANSLATE_NOOP(
        "why",
        "All gradients of the loss are exactly 0 in this layer at every step: only weight decay shrinks its weights.",
    ),
    PredictionReason.SOME_STILL: QT_TRANSLATE_NOOP(
        "why", "Equal columns whose gradients are exactly 0 at every step stay equal."
    ),
    PredictionReason.EQUAL: QT_TRANSLATE_NOOP(
        "why",
        "Neurons with equal columns, biases and outgoing rows get equal gradients at every step, "
        "and the optimizer moves them alike, so they stay equal.",
    ),
    PredictionReason.EQUAL_MEMORY: QT_TRANSLATE_NOOP(
        "why",
        "Of neurons with equal columns, biases and outgoing rows, those of which the optimizer remembers the same get "
        "equal gradients and equal updates at every step, so they stay equal.",
    ),
    PredictionReason.ROWS: QT_TRANSLATE_NOOP(
        "why",
        "Outgoing rows of equal columns differ, so their gradients can differ and the columns part, "
        "at step {step} at the earliest.",
    ),
    PredictionReason.RESIDUAL: QT_TRANSLATE_NOOP(
        "why", "Residual connections join them with neurons that differ: they can part from step {step} on."
    ),
    PredictionReason.EQUAL_IN_CHAIN: QT_TRANSLATE_NOOP(
        "why", "Neurons equal in all layers that residual connections join get equal updates and stay equal."
    ),
    PredictionReason.MEMORY: QT_TRANSLATE_NOOP(
        "why", "The optimizer remembers different things of equal columns, so it can move them apart."
    ),
    PredictionReason.DROPOUT: QT_TRANSLATE_NOOP(
        "why", "Dropout leaves out different neurons, so equal columns can part."
    ),
    PredictionReason.ROUNDING: QT_TRANSLATE_NOOP(
        "why",
        "Plain matrix products round equal neurons differently, so equal columns can part in the last bits.",
    ),
    PredictionReason.EQUAL_TARGETS: QT_TRANSLATE_NOOP(
        "why",
        "Outputs with equal columns, biases and targets get equal gradients at every step, "
        "and the optimizer moves them alike, so they stay equal.",
    ),
    PredictionReason.EQUAL_TARGETS_AND_MEMORY: QT_TRANSLATE_NOOP(
        "why",
        "Of outputs with equal columns, biases and targets, those of which the optimizer remembers the same get equal "
        "gradients and equal updates at every step, so they stay equal.",
    ),
    PredictionReason.TARGETS: QT_TRANSLATE_NOOP(
        "why",
        "Targets of equal columns differ, so these outputs can part: they are there for different targets.",
    ),
}
CONTRADICTION = "✗"
REMEDIES = {
    True: QT_TRANSLATE_NOOP(
        "why",
        "What would part them: one nudged weight, noise, random weights into or out of this layer, or dropout in it.",
    ),
    False: QT_TRANSLATE_NOOP(
        "why",
        "What would part them: one nudged incoming weight, noise or random incoming weights. Their gradients are 0 "
        "in this step, so other outgoing weights or dropout part them only if that makes them move.",
    ),
}


def distinct_text(symmetry: LayerSymmetry, *, is_output: bool) -> str:
    """Return how many columns are distinct, and how many groups there are; outputs have no rows to tell them apart."""
    if is_output:
        return translate("why", "Distinct? {0} of {1} columns.").format(symmetry.columns, symmetry.units)
    count = symmetry.groups
    groups = translate("why", "%n group(s)", None, count)
    return translate("why", "Distinct? {0} of {1} columns, {2}.").format(
        symmetry.columns, symmetry.units, groups
    )


def moving_text(cause: LayerCause) -> str:
    """Return whether a layer moves in this step; if its weights do not, which factor is 0 and why."""
    biases = (
        translate("why", "biases, scales and shifts")
        if cause.is_normalized
        else translate("why", "the biases")
    )
    words = {**vars(cause), **names(cause.layer, is_normalized=cause.is_normalized), "others": biases}
    if cause.z is not None:
        words |= {"low": number(cause.z[0]), "high": number(cause.z[1])}
    texts = [MOTIONS[cause.motion], *(REASONS[reason] for reason in cause.reasons)]
    sentences = [translate("why", text).format(**words) for text in texts]
    return translate("why", "Moving? {0}").format(" ".join(sentences))


def prediction_text(prediction: LayerPrediction, units: int) -> str:
    """Return what was predicted for a layer, at the start or at the last edit."""
    start, end, step = prediction.columns_at_start, prediction.columns, prediction.step
    if prediction.is_exact and step:
        text = translate("why", "Predicted from step {3} on: {1} of {2} columns distinct.")
    elif prediction.is_exact:
        text = translate("why", "Predicted: {1} of {2} columns distinct, at every step.")
    elif step and start == end:
        text = translate("why", "Predicted from step {3} on: at most {1} of {2} columns distinct.")
    elif step:
        text = translate(
            "why", "Predicted from step {3} on: at first {0} of {2} columns distinct, later at most {1}."
        )
    elif start == end:
        text = translate("why", "Predicted: at most {1} of {2} columns distinct.")
    else:
        text = translate("why", "Predicted: at first {0} of {2} columns distinct, later at most {1}.")
    return text.format(start, end, units, f"{step:,}")


def prediction_reason_text(prediction: LayerPrediction) -> str:
    """Return why that was predicted, in a sentence for each reason."""
    texts = [translate("why", PREDICTIONS[reason]) for reason in prediction.reasons]
    return " ".join(text.format(step=prediction.earliest_step) for text in texts)


def observation(prediction: LayerPrediction, symmetry: LayerSymmetry) -> tuple[str, str]:
    """Return a mark and a sentence: what is seen now, against what was predicted."""
    now, start, end = symmetry.columns, prediction.columns_at_start, prediction.columns
    if now > end or (prediction.is_exact and now < end):
        return CONTRADICTION, translate("why", "Now {0}: against the prediction.").format(now)
    if prediction.is_exact:
        return "✓", translate("why", "Now {0}: as predicted so far.").format(now)
    if now < start:
        return "≈", translate("why", "Now {0}: some columns that differed have become equal.").format(now)
    if now == end:
        return "✓", translate("why", "Now {0}: the most there can be.").format(now)
    return "…", translate("why", "Now {0}: there can be more later.").format(now)


def question(pair: PairExplanation) -> str:
    """Return the question that the chain answers."""
    equal = pair.verdict in {Verdict.STAY, Verdict.PROVED, Verdict.ROUNDING, Verdict.DROPOUT}
    why = translate("why", "Why are neurons {0} and {1} of layer {2} equal?")
    text = (
        why
        if equal
        else translate("why", "Are neurons {0} and {1} of layer {2} equal, and will they stay so?")
    )
    return text.format(pair.neurons.first.number, pair.neurons.second.number, pair.neurons.layer)


def link_text(pair: PairExplanation, link: Link, *, unbroken: bool) -> str:
    """Return the name of a link; `unbroken`: all links before it are equal, so it follows from them."""
    text = translate("why", QUANTITIES[link.quantity]).format(
        **names(pair.neurons.layer, is_normalized=pair.is_normalized)
    )
    return (
        translate("why", "so {0}").format(text) if unbroken and link.equal and link.quantity.follows else text
    )


def numbers_text(pair: PairExplanation, link: Link) -> str:
    """Return the numbers of both neurons: the first few if they are equal, else where they differ most."""
    values = ", ".join(map(number, link.first))
    if link.equal:
        rest = ", …" if link.count > len(link.first) else ""
        return translate("why", "both {0}").format(values + rest)
    other = number(link.second[0])
    text = _place_text(pair, link) + translate("why", "{0} and {1}").format(values, other)
    return (
        text
        if values != other
        else translate("why", "{0}, difference {1}").format(text, number(link.difference))
    )


def exact_text(link: Link) -> str:
    """Return the same numbers with all their digits."""
    first, second = (", ".join(map(repr, values)) for values in (link.first, link.second))
    text = translate("why", "{0}\n{1}\nlargest difference of all {2}: {3}")
    return text.format(first, second, link.count, link.difference)


def _place_text(pair: PairExplanation, link: Link) -> str:
    if link.quantity.of_samples:
        return translate("why", "sample {0}: ").format(link.place + 1)
    if link.quantity in {Quantity.OUTGOING, Quantity.OUTGOING_GRADIENT}:
        return translate("why", "to neuron {0}: ").format(link.place + 1)
    if link.quantity not in {Quantity.WEIGHTS, Quantity.GRADIENT}:
        return ""
    if link.place == pair.fan_in:
        return translate("why", "bias: ")
    return (
        translate("why", "from input {0}: ")
        if pair.neurons.layer == 1
        else translate("why", "from neuron {0}: ")
    ).format(link.place + 1)
