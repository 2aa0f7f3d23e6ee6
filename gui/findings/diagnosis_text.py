"""A diagnosis as it is printed: for people, line by line, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.symptoms.findings import Cure, Diagnosis, Finding
from gui.findings.cure_lines import here, keras_lines, torch_lines
from gui.findings.doctor_words import (
    controls_sentence,
    cure_sentence,
    evidence,
    headline,
    remedy_name,
    verdict_sentence,
)


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
        yield from _of_cure(cure)


def _of_cure(cure: Cure) -> Iterator[str]:
    yield f"        {cure_sentence(cure)}"
    yield f"            Initscope: {here(cure)}"
    for library, said in (("PyTorch", torch_lines(cure)), ("Keras", keras_lines(cure))):
        for number, line in enumerate(said):
            yield f"            {f'{library}:' if not number else '':<10} {line}"


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
        "cures": [_with_trial(cure) for cure in finding.cures],
    }


def _with_trial(cure: Cure) -> dict[str, Any]:
    return {
        "title": remedy_name(cure.remedy),
        "set": [[path, value] for path, value in cure.changes],
        "learned": cure.learned,
        "seeds": cure.seeds,
        "loss": cure.loss,
    }
