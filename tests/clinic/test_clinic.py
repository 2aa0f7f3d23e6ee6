"""What the doctor says of many networks, sick and well: how often it names the cause, and how often its cure works.

`pytest -m clinic` prints the table.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import msgspec
import pytest

from engine.doctor.diagnosis import Doctor
from engine.experiments.experiment_file import parse_experiment
from engine.symptoms.findings import Diagnosis, Verdict
from engine.trials.trials import Trials
from tests.clinic.wards import Case, controls, sick
from tests.clinic.worked import worked

pytestmark = [pytest.mark.clinic, pytest.mark.untraced]

WITHOUT_CURE = {"useless-inputs", "no-signal"}
"""Causes that no change of the network cures."""


@dataclass(frozen=True)
class Treated:
    case: Case
    found: Diagnosis

    @property
    def is_named(self) -> bool:
        named = self.found.findings[0].cause.value if self.found.findings else ""
        return named in self.case.causes if self.case.causes else self.found.verdict is Verdict.HEALTHY

    @property
    def cured(self) -> float:
        """The share of runs that learn with the first cure of the main finding."""
        cures = self.found.findings[0].cures if self.found.findings else ()
        return cures[0].learned / cures[0].seeds if cures and cures[0].seeds else 0.0

    @property
    def chance(self) -> float:
        """The share of runs that learn with random other changes."""
        controls = self.found.controls
        return controls.learned / controls.seeds if controls.seeds else 0.0


def treated(case: Case) -> Treated:
    experiment = parse_experiment(msgspec.json.encode(case.document))
    return Treated(case, Doctor(Trials(), experiment, experiment.data.load()).diagnose(case.name))


@pytest.fixture(scope="module")
def ward() -> list[Treated]:
    return [treated(case) for case in [*sick(4), *controls(5), *(case for case in worked())]]


def table(ward: list[Treated]) -> str:
    named, all_of = Counter[str](), Counter[str]()
    for one in ward:
        kind = one.case.causes[0] if one.case.causes else "well"
        all_of[kind] += 1
        named[kind] += one.is_named
    lines = [f"{kind:<26} {named[kind]:>3} of {count:>3}" for kind, count in all_of.items()]
    return "\n".join(lines)


def test_the_main_cause_is_named_and_networks_that_are_well_are_left_alone(
    ward: list[Treated], capsys: pytest.CaptureFixture[str]
) -> None:
    ill, well = [one for one in ward if one.case.causes], [one for one in ward if not one.case.causes]
    with capsys.disabled():
        print("\n" + table(ward))
        print(*(f"missed: {one.case.name}" for one in ward if not one.is_named), sep="\n")
    assert len(ill) >= 60
    assert len(well) >= 40
    assert sum(one.is_named for one in ill) >= 0.95 * len(ill)
    assert all(one.is_named for one in well)


def test_cures_work_and_random_changes_do_not(
    ward: list[Treated], capsys: pytest.CaptureFixture[str]
) -> None:
    """Networks that learn although something is wrong with them are left out: nothing can be seen of a cure there."""
    ill = [
        one
        for one in ward
        if one.case.causes
        and not set(one.case.causes) & WITHOUT_CURE
        and 2 * one.found.untreated.learned <= one.found.untreated.seeds
    ]
    cured, chance = (
        sum(share) / len(ill) for share in ([one.cured for one in ill], [one.chance for one in ill])
    )
    with capsys.disabled():
        print(
            f"\n{len(ill)} networks that do not learn: {cured:.0%} of the runs learn with the cure, "
            f"{chance:.0%} with random changes"
        )
    assert cured >= 0.9
    assert cured - chance >= 0.3
