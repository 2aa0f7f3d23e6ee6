"""Advice on the start of a network as it is printed: for people, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec

from engine.advice.advisor import Advice, Choice, Reason
from engine.model.initializers import WeightInitializer
from engine.symptoms.findings import Cure, Remedy
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.text.language import translate
from gui.text.words import loss, number

SHOWN = 8
"""The starts of a ranking that are printed for people."""


def label(weights: dict[str, Any]) -> str:
    """Return what people call an initializer, with the numbers that are not those of its kind."""
    kind = msgspec.convert(weights, WeightInitializer)
    numbers = [
        f"{name} {number(value)}"
        for name, value in weights.items()
        if isinstance(value, float) and (name, value) not in {("gain", 1.0), ("mean", 0.0)}
    ]
    return ", ".join([type(kind).label, *numbers])


def document(advice: Advice) -> dict[str, Any]:
    """Return advice as `advise --json` prints it."""
    field = advice.field
    return {
        "format": "initscope-advice",
        "version": 1,
        "ranking": [_in_ranking(choice) for choice in advice.ranking],
        "theory": [
            {"layer": layer, "forward_gain": forward, "backward_gain": backward}
            for layer, (forward, backward) in enumerate(
                zip(advice.gains.forward, advice.gains.backward, strict=True), start=1
            )
        ],
        "chi": None if field is None else field.chi,
        "depth_scale": None if field is None else field.depth_scale,
    }


def _in_ranking(choice: Choice) -> dict[str, Any]:
    return {
        "weights": choice.weights,
        "label": label(choice.weights),
        "learned": choice.outcome.learned,
        "seeds": len(choice.outcome.runs),
        "median_loss": choice.outcome.loss,
        "reason": reason(choice),
    }


def reason(choice: Choice) -> str:
    """Return why a start has its place."""
    said = {
        Reason.KEEPS: translate(
            "advice", "it keeps signals: per layer {0} times forward, {1} times backward"
        ),
        Reason.FADES: translate("advice", "signals fade: per layer {0} times forward, {1} times backward"),
        Reason.GROWS: translate("advice", "signals grow: per layer {0} times forward, {1} times backward"),
        Reason.TIED: translate(
            "advice", "tied with the first; per layer {0} times forward, {1} times backward"
        ),
    }[choice.reason]
    return said.format(number(choice.forward), number(choice.backward))


def lines(advice: Advice) -> Iterator[str]:
    """Yield what is printed for people."""
    yield translate("advice", "{0}: which start? All of them, {1} steps each").format(
        advice.name, f"{advice.steps:,}"
    )
    for place, choice in enumerate(advice.ranking[:SHOWN], start=1):
        yield f"    {place:>2}. {_told(choice)}"
    yield from _theory(advice)
    if advice.ranking:
        yield from _to_write(advice)


def _told(choice: Choice) -> str:
    said = translate("advice", "{0}: {1} of {2} learn, loss {3} ± {4}; {5}")
    outcome = choice.outcome
    figures = (outcome.learned, len(outcome.runs), loss(outcome.loss), number(choice.spread))
    return said.format(label(choice.weights), *figures, reason(choice))


def _theory(advice: Advice) -> Iterator[str]:
    """Yield how the present start changes signals, and how deep they reach."""
    for title, gains in (
        (translate("advice", "z grows by (present start, layer by layer): {0}"), advice.gains.forward),
        (translate("advice", "dZ grows by (backward, layer by layer): {0}"), advice.gains.backward),
    ):
        yield f"    {title.format(' '.join(map(number, gains)))}"
    field = advice.field
    if field is None:
        return
    depth = number(field.depth_scale) if isfinite(field.depth_scale) else "∞"
    yield "    " + translate("advice", "χ {0}: signals reach about {1} layers").format(
        number(field.chi), depth
    )
    if field.critical is None:
        yield "    " + translate(
            "advice", "With this activation no weights carry a signal through many layers."
        )
    else:
        said = translate("advice", "Critical is a deviation of {0}/√inputs without biases.")
        yield "    " + said.format(number(field.critical))


def _to_write(advice: Advice) -> Iterator[str]:
    if advice.activation is not None:
        said = translate(
            "advice", "No start makes it learn; another activation of the hidden layers does: {0}"
        )
        yield "    " + said.format(advice.activation)
    best = Cure(Remedy.START, (("network.layers.*.weights", advice.ranking[0].weights),))
    yield f"    Initscope: {here(best)}"
    for library, written in (("PyTorch", torch_lines(best)), ("Keras", keras_lines(best))):
        for line in written:
            yield f"    {f'{library}:':<10} {line}"
