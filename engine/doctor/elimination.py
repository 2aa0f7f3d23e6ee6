"""Which of the suspects are the causes: each is cured alone, or all at once and every cure taken back that is not needed.

Where several cures work alone, the most severe suspect is the cause: scaling weights down helps raw pixels, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.doctor.treatment import Treatment
from engine.symptoms.findings import Cause, Changes, Remedy, Sure
from engine.symptoms.suspect import Option, Suspect
from engine.trials.outcome import Outcome

CLEAR = 0.15
"""By so much skill something is clearly better where nothing learns."""

MOST_OF_IT = 0.7
"""A suspect explains what can be gained where its cure gains this share of it."""

ADAM: Option = (Remedy.RATE, (("optimizer", {"kind": "adam", "learning_rate": 0.01}),))

OF_RATES = {Cause.RATE_TOO_HIGH, Cause.RATE_TOO_LOW}


@dataclass(frozen=True)
class Explained:
    """A suspect that is a cause, the option that cures it, and on what that rests."""

    suspect: Suspect
    option: Option
    sure: Sure


class Elimination:
    """Tries the cures of `found`, the most severe suspects first."""

    def __init__(self, treatment: Treatment, found: Sequence[Suspect]) -> None:
        self._treatment, self._found = treatment, found
        self._sick = treatment.present(treatment.screening)
        self._best: dict[Cause, tuple[float, Option]] = {}

    def causes(self) -> list[Explained]:
        """Return the causes, the most severe first; none where nothing that was tried is clearly better."""
        alone = self._first_alone()
        if alone is not None:
            return [alone]
        return self._together() or self._clearly_better()

    def _first_alone(self) -> Explained | None:
        for suspect in self._found:
            option = self._working(suspect)
            if option is not None:
                return self._rather(Explained(suspect, option, _sure(suspect)))
        return None

    def _working(self, suspect: Suspect) -> Option | None:
        """Return the first option of a suspect that works alone."""
        for option in suspect.options:
            outcome = self._treatment.attempt(option[1], self._treatment.screening)
            if outcome is None:
                continue
            best = self._best.get(suspect.cause)
            if best is None or outcome.skill > best[0]:
                self._best[suspect.cause] = (outcome.skill, option)
            if self._treatment.works(outcome):
                return option
        return None

    def _rather(self, found: Explained) -> Explained:
        """Return too few steps instead of a low rate where twice the steps are enough."""
        if found.suspect.cause is not Cause.RATE_TOO_LOW:
            return found
        for suspect in self._found:
            if suspect.cause is Cause.TOO_FEW_STEPS:
                twice = suspect.options[0]
                if self._treatment.works(self._treatment.attempt(twice[1], self._treatment.screening)):
                    return Explained(suspect, twice, Sure.TRIED)
        return found

    def _together(self) -> list[Explained]:
        """Return the suspects whose cures are needed together."""
        for rate in self._rates():
            chosen = self._without_conflicts(rate)
            if self._work(chosen):
                return [
                    Explained(suspect, option, _sure(suspect)) for suspect, option in self._needed(chosen)
                ]
        return []

    def _rates(self) -> Iterator[Option | None]:
        """Yield which rate to try together with all else: that of the experiment, the best one alone, Adam's."""
        yield None
        known = [self._best[cause] for cause in OF_RATES if cause in self._best]
        if known:
            yield max(known)[1]
        yield ADAM

    def _without_conflicts(self, rate: Option | None) -> list[tuple[Suspect, Option]]:
        """Return suspects with cures of different fields, the most severe first."""
        chosen: list[tuple[Suspect, Option]] = []
        touched: list[str] = []
        for suspect in self._found:
            option = self._option(suspect, rate)
            if option is None or any(_same_field(path, other) for path, _ in option[1] for other in touched):
                continue
            chosen.append((suspect, option))
            touched += [path for path, _ in option[1]]
        return chosen

    def _option(self, suspect: Suspect, rate: Option | None) -> Option | None:
        if suspect.cause in OF_RATES:
            return rate
        if suspect.cause is Cause.TOO_FEW_STEPS:
            return suspect.options[1]
        return self._best[suspect.cause][1] if suspect.cause in self._best else None

    def _needed(self, chosen: list[tuple[Suspect, Option]]) -> list[tuple[Suspect, Option]]:
        """Return what is left after every cure, the least severe suspect first, was left out if it is not needed."""
        for pair in reversed(list(chosen)):
            rest = [other for other in chosen if other is not pair]
            if rest and self._work(rest):
                chosen = rest
        return chosen

    def _work(self, chosen: Sequence[tuple[Suspect, Option]]) -> bool:
        return self._treatment.works(self._attempt(chosen))

    def _attempt(self, chosen: Sequence[tuple[Suspect, Option]]) -> Outcome | None:
        changes: Changes = tuple(change for _, option in chosen for change in option[1])
        return self._treatment.attempt(changes, self._treatment.screening)

    def _clearly_better(self) -> list[Explained]:
        """Return the most severe suspect whose cure gains most of what can be gained, where nothing learns."""
        if not self._best:
            return []
        before = max(self._sick.skill, -1.0)
        gain = max(skill for skill, _ in self._best.values()) - before
        if gain < CLEAR:
            return []
        for suspect in self._found:
            skill, option = self._best.get(suspect.cause, (before, suspect.options[0]))
            if skill - before >= MOST_OF_IT * gain:
                return [Explained(suspect, option, Sure.SUSPECTED)]
        return []


def _sure(suspect: Suspect) -> Sure:
    return Sure.PROVED if suspect.is_proved else Sure.TRIED


def _same_field(path: str, other: str) -> bool:
    """Return whether two paths change the same field, or one a part of the other; a star stands for every number."""
    return all(
        one == two or "*" in {one, two} for one, two in zip(path.split("."), other.split("."), strict=False)
    )
