"""What the page of the advisor says beside the ranking: which start is first, what that rests on, and what to do."""

from __future__ import annotations

from engine.advice.advice import Advice, Place
from gui.advice.counsel_state import Counsel, Stage
from gui.diagnosis.diagnosis_words import percent
from gui.findings.advice_text import ended, label, no_scale, reason
from gui.text.language import translate
from gui.text.words import loss, number


def title(counsel: Counsel) -> str:
    """Return what comes of it, in a few words."""
    advice = counsel.advice
    if counsel.stage is Stage.WAITING:
        return translate("advice", "Waiting for the race of another lane…")
    if counsel.stage is Stage.RACING:
        return translate("advice", "Racing… about {0} %").format(percent(counsel.share))
    if advice is None or not advice.places:
        return ""
    if advice.other is not None:
        return translate("advice", "Another activation learns")
    if not advice.learns:
        in_time = advice.is_complete and advice.steps == advice.planned
        return (
            translate("advice", "No start helps") if in_time else translate("advice", "None learns in time")
        )
    return label(advice.places[0].weights)


def text(counsel: Counsel) -> str:
    """Return what comes of it, or what can be asked."""
    advice = counsel.advice
    if counsel.refusal:
        return counsel.refusal
    if counsel.stage is Stage.RACING:
        return _progress(advice)
    if advice is None or not advice.runs:
        return "" if counsel.is_open else invitation()
    return _result(advice)


def _progress(advice: Advice | None) -> str:
    if advice is None or not advice.runs:
        return translate("advice", "Looking at the starts …")
    return translate("advice", "{0} of {1} runs. The ranking so far:").format(advice.done, advice.runs)


def _result(advice: Advice) -> str:
    if not advice.places:
        return translate("advice", "No run was finished in that time: it takes more seconds.")
    if advice.other is not None:
        return no_scale(advice)
    if not advice.learns:
        return translate("advice", "No start that was tried learns from most seeds.")
    return " ".join([_first(advice.places[0]), *_ties(advice)])


def invitation() -> str:
    """Return what a race is, before there is one."""
    return translate(
        "advice",
        "A race trains this lane from all starts that make sense and from many seeds, within the seconds at the top, and "
        "puts the starts in order. Training here goes on meanwhile, and you can stop it at any time.",
    )


def basis(counsel: Counsel) -> str:
    """Return what the ranking rests on."""
    advice = counsel.advice
    if advice is None or not advice.places or counsel.is_open:
        return ""
    raced = translate("advice", "{0} starts raced, {1} runs of {2} steps, {3} s.")
    parts = [raced.format(len(advice.places), advice.done, f"{advice.steps:,}", f"{advice.seconds:.0f}")]
    if said := ended(
        advice, translate("advice", "The time was short: more seconds give more seeds and steps.")
    ):
        parts.append(said)
    if counsel.is_touched:
        parts.append(
            translate("advice", "Raced as it starts: what was changed by hand on its way is left out.")
        )
    return " ".join(parts)


def _first(place: Place) -> str:
    said = translate(
        "advice", "{0} of {1} seeds learn; the median loss is {2}, half of the runs end between {3} and {4}."
    )
    share = place.share
    return said.format(share.learned, share.seeds, loss(place.median), number(place.low), number(place.high))


def _ties(advice: Advice) -> list[str]:
    count = sum(place.is_tied for place in advice.places)
    if not count:
        return [translate("advice", "No other start is tied with it.")]
    return [translate("advice", "%n other start(s) (is|are) tied with it: any of them will do.", None, count)]


def share_text(place: Place) -> str:
    """Return how many seeds learn."""
    return translate("advice", "{0} of {1} learn").format(place.share.learned, place.share.seeds)


def losses_text(place: Place) -> str:
    """Return the median of the losses, and their quartiles."""
    return translate("advice", "loss {0} ({1} to {2})").format(
        loss(place.median), number(place.low), number(place.high)
    )


def reason_text(place: Place) -> str:
    """Return why a start has its place, as a sentence."""
    said = reason(place)
    said = f"{said[:1].upper()}{said[1:]}."
    if not place.is_present:
        return said
    return translate("advice", "The lane starts so now. {0}").format(said)
