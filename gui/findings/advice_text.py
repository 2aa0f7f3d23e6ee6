"""Advice on the start of a network as it is printed: for people, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec

from engine.advice.advice import Advice, OtherActivation, Place, Reason
from engine.advice.candidates import written
from engine.advice.gains import Gains
from engine.model.initializers import WeightInitializer
from engine.symptoms.findings import Cure, Remedy
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.text.language import translate
from gui.text.words import loss, number

EVERY_LAYER = "network.layers.*.weights"

MOST_NUMBERS, LONGEST_VALUE = 4, 40
"""How many fields of an initializer its label tells, and how many characters of each."""

SHOWN = 12
"""The starts of a ranking that are printed for people."""


def label(weights: WeightInitializer) -> str:
    """Return what people call an initializer, with its numbers; words among them, as fan_in, speak for themselves."""
    given = [(name, value) for name, value in written(weights).items() if name != "kind"]
    numbers = [
        _digits(value) if isinstance(value, str) else f"{name} {_digits(value)}" for name, value in given
    ]
    return ", ".join([translate("experiment", weights.label), *numbers[:MOST_NUMBERS]])


def _digits(value: Any) -> str:
    """Return a value of an initializer; tables of values are not told."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:LONGEST_VALUE]


def label_of_other(other: OtherActivation) -> str:
    """Return what another activation and its start are called."""
    return f"{translate('experiment', other.activation.label)}, {label(other.weights)}"


def cure_of(weights: WeightInitializer) -> Cure:
    """Return a start as a change of an experiment."""
    return Cure(Remedy.START, ((EVERY_LAYER, written(weights)),))


def cure_of_other(other: OtherActivation) -> Cure:
    """Return another activation with its start as a change of an experiment."""
    activation = msgspec.to_builtins(other.activation)
    changes = (("network.layers.hidden.activation", activation), (EVERY_LAYER, written(other.weights)))
    return Cure(Remedy.ACTIVATION, changes)


def document(advice: Advice) -> dict[str, Any]:
    """Return advice as `advise --json` prints it."""
    gains = zip(advice.gains.forward, advice.gains.backward, strict=True)
    return {
        "format": "initscope-advice",
        "version": 1,
        "ranking": [_in_ranking(place) for place in advice.places],
        "theory": [
            {"layer": layer, "forward_gain": forward, "backward_gain": backward}
            for layer, (forward, backward) in enumerate(gains, start=1)
        ],
        "chi": advice.theory.chi,
        "depth_scale": advice.theory.depth_scale,
    }


def _in_ranking(place: Place) -> dict[str, Any]:
    return {
        "weights": written(place.weights),
        "label": label(place.weights),
        "learned": place.share.learned,
        "seeds": place.share.seeds,
        "median_loss": place.median,
        "reason": reason(place),
    }


def reason(place: Place) -> str:
    """Return why a start has its place, in a sentence."""
    said = {
        Reason.KEEPS: translate(
            "advice", "signal and gradient keep about their size: variances ×{0} forward, ×{1} backward"
        ),
        Reason.SIGNAL_FADES: translate(
            "advice", "the signal fades: variances ×{0} forward, ×{1} backward, from end to end"
        ),
        Reason.SIGNAL_GROWS: translate(
            "advice", "the signal grows: variances ×{0} forward, ×{1} backward, from end to end"
        ),
        Reason.GRADIENT_FADES: translate(
            "advice", "the gradient fades: variances ×{0} forward, ×{1} backward, from end to end"
        ),
        Reason.GRADIENT_GROWS: translate(
            "advice", "the gradient grows: variances ×{0} forward, ×{1} backward, from end to end"
        ),
        Reason.NOTHING_BACK: translate(
            "advice", "from most seeds no gradient comes back to the first layer at step 0"
        ),
        Reason.EQUAL: translate(
            "advice", "the neurons of a hidden layer start equal, and no training parts them"
        ),
        Reason.DIVERGES: translate("advice", "more than half of the runs end with infinite numbers"),
    }[place.reason].format(number(place.gains.signal), number(place.gains.gradient))
    tied = translate("advice", "tied with the first; {0}")
    return tied.format(said) if place.is_tied else said


def lines(advice: Advice) -> Iterator[str]:
    """Yield what is printed for people: the ranking, what to write, and theory."""
    yield _headline(advice)
    for position, place in enumerate(advice.places[:SHOWN], start=1):
        yield f"    {position:>2}. {_told(place)}"
    if len(advice.places) > SHOWN:
        said = translate("advice", "… and {0} more, which --json prints.")
        yield f"        {said.format(len(advice.places) - SHOWN)}"
    short = translate("advice", "The time was short: --seconds gives more seeds and steps.")
    if (said := ended(advice, short)) is not None:
        yield f"    {said}"
    if advice.places:
        yield from _to_write(advice)
    yield from _theory(advice)


def _headline(advice: Advice) -> str:
    if not advice.places:
        return translate("advice", "{0}: which start? No run was finished.").format(advice.name)
    if advice.steps < advice.planned:
        said = translate("advice", "{0}: which start? {1} raced, {2} of the {3} planned steps each, {4} s")
    else:
        said = translate("advice", "{0}: which start? {1} raced, {2} steps each, {4} s")
    steps, planned = f"{advice.steps:,}", f"{advice.planned:,}"
    return said.format(advice.name, len(advice.places), steps, planned, f"{advice.seconds:.1f}")


def ended(advice: Advice, short: str) -> str | None:
    """Return that the race did not come to its end; None where it did. `short` says what to do about too little time."""
    if advice.was_asked:
        return translate("advice", "It was stopped: this is the ranking so far.")
    if not advice.is_complete or advice.steps < advice.planned:
        return short
    return None


def _told(place: Place) -> str:
    said = translate("advice", "{0}: {1} of {2} learn, loss {3} ({4} to {5}); {6}")
    if place.is_present:
        said = translate("advice", "{0} (as it is now): {1} of {2} learn, loss {3} ({4} to {5}); {6}")
    figures = (
        place.share.learned,
        place.share.seeds,
        loss(place.median),
        number(place.low),
        number(place.high),
    )
    return said.format(label(place.weights), *figures, reason(place))


def _to_write(advice: Advice) -> Iterator[str]:
    best = cure_of(advice.places[0].weights)
    if advice.other is not None:
        yield "    " + no_scale(advice)
        best = cure_of_other(advice.other)
    elif not advice.learns:
        yield "    " + translate("advice", "No start that was tried learns from most seeds.")
        if not advice.places[0].share.learned:
            return
    yield f"    Initscope: {here(best)}"
    for library, said in (("PyTorch", torch_lines(best)), ("Keras", keras_lines(best))):
        for line in said:
            yield f"    {f'{library}:':<10} {line}"


def no_scale(advice: Advice) -> str:
    """Return that no start helps, or none in this race, and which activation does."""
    assert advice.other is not None
    activations = ", ".join(translate("experiment", activation.label) for activation in advice.activations)
    said = translate(
        "advice",
        "With {0} no scale of the weights helps; with {1} and the start {2}, {3} of {4} seeds learn.",
    )
    if not advice.is_complete or advice.places[0].share.learned:
        said = translate(
            "advice",
            "With {0} no start that raced learns from most seeds; with {1} and the start {2}, {3} of {4} do.",
        )
    other = advice.other
    share = other.share.learned, other.share.seeds
    return said.format(
        activations, translate("experiment", other.activation.label), label(other.weights), *share
    )


def _theory(advice: Advice) -> Iterator[str]:
    """Yield a table of the gains of the present start, layer by layer, and what mean-field theory says."""
    yield "    " + translate("advice", "As it starts now, a layer multiplies the variance of")
    title = translate("advice", "layer   z, forward   (expected)   dZ, backward   (expected)")
    yield f"        {title}"
    for layer, gains in enumerate(gain_rows(advice.gains, advice.theory.expected), start=1):
        yield "        {:>5}   {:>10}   {:>10}   {:>12}   {:>10}".format(layer, *gains)
    yield from (f"    {said}" for said in theory_sentences(advice))


def theory_sentences(advice: Advice) -> Iterator[str]:
    """Yield what mean-field theory says of the present start, a sentence or two."""
    theory = advice.theory
    if theory.chi is not None and theory.depth_scale is not None:
        yield _chi(theory.chi, theory.depth_scale)
    elif theory.is_beyond:
        yield translate(
            "advice",
            "Mean-field theory says nothing of this start: layers are normalized, or add what they get to what they "
            "give. z counts here as the activations get it.",
        )
    else:
        yield translate(
            "advice",
            "Mean-field theory says nothing of this start: it is about hidden layers whose weights and biases are spread "
            "around 0.",
        )
    if theory.critical is not None:
        said = translate(
            "advice", "Critical (χ = 1) for {0}: weights of deviation {1}/√inputs, biases of deviation {2}."
        )
        label_of_first = translate("experiment", advice.activations[0].label)
        yield said.format(label_of_first, number(theory.critical), number(theory.biases))


def gain_rows(gains: Gains, expected: Gains | None) -> Iterator[tuple[str, str, str, str]]:
    """Yield for each layer its gain forward and backward, each beside what is expected, "" where nothing is."""
    for index, (forward, backward) in enumerate(zip(gains.forward, gains.backward, strict=True)):
        theirs = ("", "")
        if expected is not None:
            theirs = (number(expected.forward[index]), number(expected.backward[index]))
        yield number(forward), theirs[0], number(backward), theirs[1]


def _chi(chi: float, depth: float) -> str:
    if not chi:
        return translate("advice", "Mean field: χ = 0, no gradient passes a layer.")
    if not isfinite(depth):
        return translate("advice", "Mean field: χ = {0}, ξ = ∞: gradients reach any depth.").format(
            number(chi)
        )
    said = translate(
        "advice",
        "Mean field: χ = {0}, ξ = {1}: over so many layers a gradient becomes e times smaller or larger.",
    )
    return said.format(number(chi), number(depth))
