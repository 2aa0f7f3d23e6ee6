"""A diagnosis as it is printed: for people, line by line, and as plain data; and what is being done on the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.symptoms.findings import Cure, Diagnosis, Finding, Verdict
from engine.trials.outcome import Share
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.findings.doctor_words import (
    cause_name,
    controls_sentence,
    cure_name,
    evidence,
    layers_text,
    sure_text,
)
from gui.text.language import translate
from gui.text.words import loss


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield what is printed for people."""
    yield verdict_sentence(diagnosis)
    for finding in diagnosis.findings:
        yield from _of_finding(finding)
    if diagnosis.findings and diagnosis.controls.seeds:
        yield f"    {controls_sentence(diagnosis.controls)}"


def _of_finding(finding: Finding) -> Iterator[str]:
    yield f"    {headline(finding)}"
    yield f"        {evidence(finding)}"
    for cure in finding.cures:
        yield from _of_cure(finding, cure)


def _of_cure(finding: Finding, cure: Cure) -> Iterator[str]:
    yield f"        {cure_sentence(finding, cure)}"
    yield f"            Initscope: {here(cure)}"
    for library, said in (("PyTorch", torch_lines(cure)), ("Keras", keras_lines(cure))):
        for number, line in enumerate(said):
            yield f"            {f'{library}:' if not number else '':<10} {line}"


def verdict_sentence(diagnosis: Diagnosis) -> str:
    """Return what comes of a diagnosis, in a line."""
    learned, count = _learned(diagnosis.untreated), diagnosis.steps
    if not diagnosis.is_complete:
        said = translate("doctor", "{0}: stopped; {1} in {2} step(s).", None, count)
    elif diagnosis.verdict is Verdict.HEALTHY:
        said = translate("doctor", "{0}: healthy; {1} in {2} step(s).", None, count)
    elif diagnosis.verdict is Verdict.SICK:
        said = translate("doctor", "{0}: something is wrong; {1} in {2} step(s).", None, count)
    else:
        said = translate(
            "doctor", "{0}: nothing that was tried does clearly better; {1} in {2} step(s).", None, count
        )
    return said.format(diagnosis.name, learned, f"{count:,}")


def _learned(share: Share) -> str:
    text = translate("doctor", "{0} of {1} seeds learn").format(share.learned, share.seeds)
    if share.loss is None:
        return text
    return translate("doctor", "{0}, loss {1}").format(text, loss(share.loss))


def headline(finding: Finding) -> str:
    """Return the cause with its layers, the step since which it is there, and how sure it is."""
    name = cause_name(finding.cause)
    if finding.layers:
        layers = layers_text(finding.layers)
        count = len(finding.layers)
        said = translate("doctor", "{0}, layer(s) {1}, since step {2} ({3})", None, count)
        return said.format(name, layers, f"{finding.since:,}", sure_text(finding.sure))
    return translate("doctor", "{0}, since step {1} ({2})").format(
        name, f"{finding.since:,}", sure_text(finding.sure)
    )


def cure_sentence(finding: Finding, cure: Cure) -> str:
    """Return what a cure of a finding changes and what its trial gave."""
    name = cure_name(finding, cure)
    if not cure.seeds or cure.loss is None:
        return translate("doctor", "{0} (not tried)").format(name)
    said = translate("doctor", "{0}: {1} of {2} seeds learn, loss {3}")
    return said.format(name, cure.learned, cure.seeds, loss(cure.loss))


def stage_text(stage: str) -> str:
    """Return what the doctor is doing."""
    return {
        "waiting": translate("doctor", "waiting for the diagnosis of another lane"),
        "untreated": translate("doctor", "training from several seeds"),
        "looking": translate("doctor", "looking for symptoms"),
        "trying": translate("doctor", "trying cures"),
        "controls": translate("doctor", "trying random other changes"),
    }[stage]


def document(found: Sequence[Diagnosis]) -> dict[str, Any]:
    """Return diagnoses as `diagnose --json` prints them; numbers that JSON does not know are left as they are."""
    return {
        "format": "initscope-diagnosis",
        "version": 1,
        "variants": [_of_diagnosis(diagnosis) for diagnosis in found],
    }


def _of_diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    untreated, controls = diagnosis.untreated, diagnosis.controls
    return {
        "name": diagnosis.name,
        "verdict": diagnosis.verdict.value,
        "learns": {"learned": untreated.learned, "seeds": untreated.seeds},
        "findings": [_document_of(finding) for finding in diagnosis.findings],
        "controls": {"learned": controls.learned, "seeds": controls.seeds},
    }


def _document_of(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause.value,
        "layers": list(finding.layers),
        "since": finding.since,
        "sure": finding.sure.value,
        "evidence": evidence(finding),
        "numbers": finding.numbers,
        "cures": [_with_trial(finding, cure) for cure in finding.cures],
    }


def _with_trial(finding: Finding, cure: Cure) -> dict[str, Any]:
    return {
        "title": cure_name(finding, cure),
        "set": [[path, value] for path, value in cure.changes],
        "learned": cure.learned,
        "seeds": cure.seeds,
        "loss": cure.loss,
    }
