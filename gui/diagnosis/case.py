"""What the doctor knows of one lane: nothing yet, what has been found so far, or a whole diagnosis."""

from __future__ import annotations

from dataclasses import dataclass

from engine.symptoms.findings import Changes, Cure, Diagnosis, Finding, Remedy
from engine.trials.outcome import Share


@dataclass(frozen=True)
class Case:
    """One lane. `stage` is what is being done about it, "" at rest; `refusal` says why there is no diagnosis.

    `so_far` are the findings while it is being diagnosed, `share` is how much of that is done, 0 to 1. `is_touched` says
    that hands changed it on its way, which no diagnosis takes into account.
    """

    stage: str = ""
    so_far: tuple[Finding, ...] = ()
    share: float = 0.0
    diagnosis: Diagnosis | None = None
    refusal: str = ""
    is_touched: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what has been found, the main cause first."""
        return self.so_far if self.diagnosis is None else self.diagnosis.findings


@dataclass(frozen=True)
class Treatment:
    """A cure as it is tried in a lane: `before` are the changes by the cures of the findings before it."""

    before: Changes
    cure: Cure

    @property
    def changes(self) -> Changes:
        """Return all changes."""
        return (*self.before, *self.cure.changes)


def treatments(findings: tuple[Finding, ...], place: int) -> tuple[Treatment, ...]:
    """Return the cures of the finding at a place; each was tried together with the cures of the findings before."""
    before = tuple(change for finding in findings[:place] for change in _own(finding))
    return tuple(
        Treatment(() if cure.remedy is Remedy.TOGETHER else before, cure) for cure in findings[place].cures
    )


def _own(finding: Finding) -> Changes:
    """Return the changes by the cure of a finding itself, which stands behind that of all of them together."""
    return finding.cures[-1].changes if finding.cures else ()


def untreated(diagnosis: Diagnosis, place: int) -> Share:
    """Return what came of the runs before the finding at a place was cured."""
    before = [finding.cures[-1] for finding in diagnosis.findings[:place] if finding.cures]
    if before and before[-1].seeds:
        return Share(before[-1].learned, before[-1].seeds, before[-1].loss)
    return diagnosis.untreated
