"""What came of a lane from many seeds, in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.reruns.company import Band, Company, Member
from gui.findings import score_words
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text.language import translate
from gui.text.words import loss


def chip(shown: SeedsOfLane, step: int, *, is_narrow: bool, is_tiny: bool) -> str:
    """Return how many of them learn, and at which step that is if another one is shown and there is room to say so."""
    company = shown.company
    if shown.refusal:
        return translate("seeds", "{0} seeds: –").format(len(shown.seeds))
    if company is None:
        return translate("seeds", "{0} seeds …").format(len(shown.seeds))
    said = translate("seeds", "{0} of {1} learn")
    if is_tiny:
        said = "{0}/{1}"
    elif is_narrow:
        said = translate("seeds", "{0}/{1} learn")
    elif company.step != step:
        said = translate("seeds", "{0} of {1} learn at {2}")
    return said.format(company.learned, len(company.members), f"{company.step:,}")


def chip_tip(shown: SeedsOfLane) -> str:
    """Return what the chip counts, and what the bands in the curves are."""
    if shown.refusal:
        return shown.refusal
    first, last = shown.seeds[0], shown.seeds[-1]
    lines = [
        translate("seeds", "This lane from {0} seeds, {1} to {2}, trained beside it.").format(
            len(shown.seeds), first, last
        )
    ]
    company = shown.company
    if company is not None:
        said = translate("seeds", "At step {0}, {1} of {2} have learned: {3}.")
        lines.append(
            said.format(f"{company.step:,}", company.learned, len(company.members), _learning(company))
        )
    lines.append(
        translate(
            "seeds",
            "The bands in the curves go from the lowest to the highest seed; the dots are the median.",
        )
    )
    lines.append(translate("seeds", "Click to see all of them and to choose one."))
    return "\n".join(lines)


def _learning(company: Company) -> str:
    if company.members[0].accuracy is None:
        return translate("seeds", "their loss is at most half of that of predicting the mean")
    return translate("seeds", "their training accuracy is at least half way from the base rate to 100 %")


def member(found: Member) -> str:
    """Return what came of one seed."""
    parts = [translate("seeds", "seed {0}").format(found.seed)]
    if found.has_diverged:
        parts.append(translate("seeds", "diverged"))
    else:
        parts.append(translate("seeds", "loss {0}").format(loss(found.loss)))
        if found.accuracy is not None:
            parts.append(score_words.accuracy(found.accuracy))
        if found.has_learned:
            parts.append(translate("seeds", "learned"))
    return " · ".join(parts)


def below(bands: tuple[Band, ...], step: int, say: Callable[[float], str]) -> str:
    """Return a line that tells where the seeds of each band lie at a step; "" where nothing is known."""
    found = [_value(band, step, say) for band in bands]
    if not found or not all(found):
        return ""
    return "\n    " + translate("seeds", "{0} seeds: {1}").format(bands[0].finite.max(), "; ".join(found))


def _value(band: Band, step: int, say: Callable[[float], str]) -> str:
    point = int(np.searchsorted(band.steps, step, "right")) - 1
    if point < 0 or not band.finite[point] or step - band.steps[point] > _apart(band):
        return ""
    low, middle, high = (say(float(values[point])) for values in (band.low, band.middle, band.high))
    return translate("seeds", "{0} to {1}, median {2}").format(low, high, middle)


def _apart(band: Band) -> float:
    return float(np.diff(band.steps).max(initial=1.0))
