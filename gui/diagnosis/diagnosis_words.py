"""What the page of a diagnosis says beside the findings: the verdict, what it rests on, and which test was made."""

from __future__ import annotations

from engine.symptoms.findings import Cause, Cure, Diagnosis, Finding, Sure, Verdict
from engine.trials.outcome import Share
from gui.findings.doctor_words import (
    cause_name,
    controls_sentence,
    cure_name,
    is_enough,
    layers_text,
    sure_text,
)
from gui.text.language import translate
from gui.text.words import loss


def percent(share: float) -> int:
    """Return a share of work in whole percent; all of it is done only at the end."""
    return min(99, int(100 * share))


def verdict_title(diagnosis: Diagnosis) -> str:
    """Return what comes of a diagnosis, in a few words."""
    if not diagnosis.is_complete:
        return translate("diagnosis", "Stopped")
    return {
        Verdict.HEALTHY: translate("diagnosis", "Healthy"),
        Verdict.SICK: translate("diagnosis", "Something is wrong"),
        Verdict.FLOOR: translate("diagnosis", "Nothing that was tried is clearly better"),
    }[diagnosis.verdict]


def verdict_text(diagnosis: Diagnosis) -> str:
    """Return why the verdict is what it is."""
    learned, seeds = diagnosis.untreated.learned, diagnosis.untreated.seeds
    if diagnosis.verdict is Verdict.FLOOR:
        said = translate(
            "diagnosis",
            "{0} of {1} seeds learn, and no change that was tried does clearly better. These data may give no more.",
        )
    elif diagnosis.verdict is Verdict.HEALTHY:
        said = translate("diagnosis", "{0} of {1} seeds learn, and nothing was found that holds them back.")
    elif learned == seeds:
        said = translate("diagnosis", "{0} of {1} seeds learn, and yet something holds them back:")
    elif (cured := _cured(diagnosis)) is not None and not is_enough(cured):
        said = translate(
            "diagnosis",
            "{0} of {1} seeds learn. This was found, the most important first; with all of it cured {2} of {3} learn:",
        )
        return said.format(learned, seeds, cured.learned, cured.seeds)
    else:
        said = translate("diagnosis", "{0} of {1} seeds learn. The reason, the most important first:")
    return said.format(learned, seeds)


def _cured(diagnosis: Diagnosis) -> Cure | None:
    """Return the cure of all that was found, if there is one and it was tried."""
    cures = diagnosis.findings[0].cures if diagnosis.findings else ()
    return cures[0] if cures and cures[0].seeds else None


def basis(diagnosis: Diagnosis) -> str:
    """Return what a diagnosis rests on."""
    count = diagnosis.steps
    planned = diagnosis.experiment.steps
    if count < planned:
        said = translate(
            "diagnosis", "Judged from {0} seeds, {1} of {2} steps each: all would take too long."
        )
    else:
        said = translate("diagnosis", "Judged from {0} seeds, {1} step(s) each.", None, count)
    said = said.format(diagnosis.untreated.seeds, f"{count:,}", f"{planned:,}")
    if not _compares(diagnosis):
        return said
    compared = translate("diagnosis", "For comparison, {0}.")
    return f"{said} {compared.format(controls_sentence(diagnosis.controls))}"


def _compares(diagnosis: Diagnosis) -> bool:
    """Return whether random other changes say something: they stand beside cures."""
    return bool(diagnosis.controls.seeds) and any(finding.cures for finding in diagnosis.findings)


def finding_title(finding: Finding) -> str:
    """Return the name of a cause as a heading."""
    name = cause_name(finding.cause)
    return name[:1].upper() + name[1:]


def since_text(finding: Finding) -> str:
    """Return since which step something is wrong."""
    return translate("diagnosis", "since step {0}").format(f"{finding.since:,}")


OF_DATA = {Cause.INPUTS_NOT_SCALED, Cause.INPUTS_TOO_SMALL, Cause.TARGETS_NOT_SCALED, Cause.USELESS_INPUTS}
"""Causes that are not in the layers where they are seen."""


def chip_text(finding: Finding) -> str:
    """Return the main finding in a few words, for the head of a lane."""
    name = cause_name(finding.cause)
    if not finding.layers or finding.cause in OF_DATA:
        return name
    count = len(finding.layers)
    if finding.cause is Cause.ZERO_START:
        said = translate("diagnosis", "{0}: layer(s) {1} never (moves|move)", None, count)
    elif finding.cause is Cause.SYMMETRY:
        said = translate("diagnosis", "{0}: layer(s) {1} never (parts|part)", None, count)
    else:
        said = translate("diagnosis", "{0}: layer(s) {1}", None, count)
    return said.format(name, layers_text(finding.layers))


def cure_title(finding: Finding, cure: Cure) -> str:
    """Return what a cure of a finding changes, as the beginning of a sentence."""
    return _capital(cure_name(finding, cure))


def trial_text(cure: Cure, without: Share, *, keeps_loss: bool) -> str:
    """Return what the trial of a cure gave, beside what came of the runs `without` it.

    `keeps_loss` says that the losses of both are on one scale.
    """
    if not cure.seeds or cure.loss is None:
        return translate("diagnosis", "not tried")
    if without.loss is None:
        said = translate("diagnosis", "{0} of {1} learn, loss {2}; without it {3} of {4}")
        return said.format(cure.learned, cure.seeds, loss(cure.loss), without.learned, without.seeds)
    if keeps_loss:
        said = translate("diagnosis", "{0} of {1} learn, loss {2}; without it {3} of {4}, loss {5}")
    else:
        said = translate(
            "diagnosis", "{0} of {1} learn, loss {2}; without it {3} of {4}, loss {5} on another scale"
        )
    return said.format(
        cure.learned, cure.seeds, loss(cure.loss), without.learned, without.seeds, loss(without.loss)
    )


def sure_tip(sure: Sure) -> str:
    """Return what it means to be so sure."""
    return {
        Sure.PROVED: translate(
            "diagnosis",
            "It follows from the operations of a step and the numbers of this run; it rests on no trial.",
        ),
        Sure.TRIED: translate(
            "diagnosis", "Runs of this network show it, from the same seeds; it is no proof."
        ),
        Sure.SUSPECTED: translate("diagnosis", "It is seen, but what was tried did not settle it."),
    }[sure]


def test_made(diagnosis: Diagnosis, finding: Finding, without: Share) -> str:
    """Return which test was made of a finding."""
    parts = [
        translate("diagnosis", "{0}. {1}").format(_capital(sure_text(finding.sure)), sure_tip(finding.sure))
    ]
    if finding.cures and finding.cures[-1].seeds:
        cure, count = finding.cures[-1], diagnosis.steps
        said = translate(
            "diagnosis",
            "The test: the same data, the same {0} seeds. Before, in {1} step(s), {2} of {3} learn. With {4} and nothing "
            "else changed: {5} of {6}.",
            None,
            count,
        )
        parts.append(
            said.format(
                cure.seeds,
                f"{count:,}",
                without.learned,
                without.seeds,
                cure_name(finding, cure),
                cure.learned,
                cure.seeds,
            )
        )
    if finding.cures and _compares(diagnosis):
        parts.append(_capital(controls_sentence(diagnosis.controls)) + ".")
    return " ".join(parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def touched_text() -> str:
    """Return that a diagnosis leaves out what hands did."""
    return translate("diagnosis", "Diagnosed as it starts: what was changed by hand on its way is left out.")


def invitation() -> str:
    """Return what a diagnosis is, before there is one."""
    return translate(
        "diagnosis",
        "The doctor trains this lane from several seeds, looks for symptoms, and tries a cure for each cause that it "
        "suspects, beside random other changes. Training here goes on meanwhile.",
    )
