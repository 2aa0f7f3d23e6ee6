"""What the doctor knows of one lane: nothing yet, what has been found so far, or a whole diagnosis."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.registry import kind_of
from engine.symptoms.findings import Changes, Cure, Diagnosis, Finding
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
    """A cure as it is tried in a lane: on top of the changes `before`."""

    before: Changes
    cure: Cure

    @property
    def changes(self) -> Changes:
        """Return all changes."""
        return (*self.before, *self.cure.changes)


def treatments(findings: tuple[Finding, ...], place: int) -> tuple[Treatment, ...]:
    """Return the cures of the finding at a place."""
    return tuple(Treatment(findings[place].before, cure) for cure in findings[place].cures)


def keeps_loss(diagnosis: Diagnosis, cure: Cure) -> bool:
    """Return whether losses with a cure can be compared with those without: of the same kind, of the same targets."""
    present, scaled = diagnosis.experiment, {"targets", "both"}
    was_scaled = getattr(present.data, "standardize", None) in scaled
    return not any(
        (path == "loss" and value["kind"] != kind_of(present.loss))
        or (path == "data.standardize" and (value in scaled) != was_scaled)
        for path, value in cure.changes
    )


def untreated(diagnosis: Diagnosis, place: int) -> Share:
    """Return what came of the runs in which the finding at a place was not cured, and all before it were."""
    present = diagnosis.findings[place].before
    before = [
        finding.cures[-1]
        for finding in diagnosis.findings[:place]
        if finding.cures and len(finding.before) < len(present)
    ]
    if before and before[-1].seeds:
        return Share(before[-1].learned, before[-1].seeds, before[-1].loss)
    return diagnosis.untreated
