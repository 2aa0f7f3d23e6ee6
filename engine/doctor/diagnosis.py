"""The diagnosis of one network: causes are peeled off one after another, each by the cure that was tried.

What is proved comes first: its cure is taken over whatever else is wrong, and the patient is looked at again. What is
left is explained by trials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from engine.datasets import Dataset
from engine.doctor.checkup import ANY_SKILL, capped, findings_of_well, unseen_skill
from engine.doctor.controls import random_changes
from engine.doctor.elimination import Elimination, Explained
from engine.doctor.progress import Progress
from engine.doctor.treatment import BETTER_SHARE, Treatment, is_well
from engine.experiments.experiment import Experiment
from engine.symptoms.course import Course
from engine.symptoms.findings import Cause, Changes, Diagnosis, Finding, Remedy, Sure, Verdict
from engine.symptoms.suspect import PROVED, Suspect
from engine.symptoms.suspects import still_or_equal, suspects
from engine.trials.learnable import carries_signal, useless_columns
from engine.trials.outcome import Share
from engine.trials.trials import Stopped, Trials

SEEDS = 5
"""The seeds of what is told."""

MOST_CAUSES = 4

FIRST_LOOK, ALL_TRIED = 0.15, 0.85
"""The share of the work that is done when the network as it is has run, and when all that was to be tried has."""

Tell: TypeAlias = Callable[[str, tuple[Finding, ...]], object]
"""Who is told the next stage of a diagnosis, and what was found before it."""


class Doctor:
    """Finds out what is wrong with one experiment without variants."""

    def __init__(
        self,
        trials: Trials,
        experiment: Experiment,
        dataset: Dataset,
        seeds: int = SEEDS,
        tell: Tell = lambda _stage, _findings: None,
        progress: Progress | None = None,
    ) -> None:
        """Use `trials`, which lanes on the same data share; `tell` is told what is done next, and what is found.

        `progress` hears which part of the work begins; the runs are told to it by the trials.
        """
        self._experiment, self._told, self._progress = experiment, tell, progress or Progress()
        self._treatment = Treatment(trials, experiment, dataset, seeds)
        self._findings: list[Finding] = []
        self._others: tuple[Changes, ...] = ()
        self._untreated, self._controls = Share(0, 0), Share(0, 0)

    def diagnose(self, name: str) -> Diagnosis:
        """Return what is wrong; if somebody stops it, what was found until then."""
        is_complete = True
        try:
            with np.errstate(all="ignore"):  # infinite numbers are symptoms
                verdict = self._verdict()
        except Stopped:
            verdict, is_complete = Verdict.SICK if self._findings else Verdict.HEALTHY, False
        return Diagnosis(
            name=name,
            experiment=self._experiment,
            verdict=verdict,
            untreated=self._untreated,
            findings=tuple(self._findings),
            controls=self._controls,
            others=self._others,
            steps=self._treatment.steps,
            is_complete=is_complete,
        )

    def _tell(self, stage: str) -> None:
        self._told(stage, tuple(self._findings))

    def _verdict(self) -> Verdict:
        self._tell("untreated")
        self._progress.begin(FIRST_LOOK, len(self._treatment.seeds))
        outcome = self._treatment.present()
        self._untreated = outcome.share()
        if is_well(outcome):
            self._progress.begin(ALL_TRIED, len(self._treatment.seeds))
            self._findings += findings_of_well(self._treatment, outcome)
        else:
            self._peel()
        if self._findings:
            self._put_together()
            self._try_others()
            if not is_well(outcome):
                self._compare()
            return Verdict.SICK
        return Verdict.HEALTHY if is_well(outcome) else Verdict.FLOOR

    def _peel(self) -> None:
        """Take away one cause after another until it learns or nothing is left."""
        treatment = self._treatment
        while len(self._findings) < MOST_CAUSES:
            self._tell("looking")
            sick = treatment.present(treatment.screening)
            if self._findings and is_well(sick):
                self._findings += (capped(treatment, one) for one in still_or_equal(treatment.patient))
                return
            run = next((run for run in sick.runs if not run.learned), sick.runs[0])
            patient = treatment.from_seed(run.seed)
            course = Course(patient, run, treatment.check)
            found = suspects(patient, course)
            if not found or found[0].severity < PROVED:
                self._progress.begin(ALL_TRIED, self._runs_of(found))
                self._explain(Elimination(treatment, found), course)
                return
            self._progress.begin_half(ALL_TRIED, self._runs_of(found[:1]))
            self._accept(Explained(found[0], treatment.best(found[0].options), Sure.PROVED))

    def _runs_of(self, found: list[Suspect]) -> int:
        """Return how many runs it takes to try every option of suspects, and the best one from all seeds."""
        options = sum(len(suspect.options) for suspect in found)
        return options * self._treatment.screening + len(self._treatment.seeds)

    def _explain(self, elimination: Elimination, course: Course) -> None:
        self._tell("trying")
        patient = self._treatment.patient
        is_learnable = carries_signal(patient.dataset, classes=patient.tells_classes)
        found = elimination.causes()
        if found and not is_learnable and not self._tells_unseen(found):
            found = []
        for explained in found:
            self._accept(explained)
        if not found and not is_learnable and any(useless_columns(patient.dataset)):
            self._findings.append(_useless(patient.dataset))
        if found and found[0].suspect.cause is Cause.RATE_TOO_HIGH and course.died:
            layers, since = tuple(course.died), min(course.died.values())
            self._findings.append(Finding(Cause.DEAD_BY_TRAINING, layers, since, Sure.TRIED, {}))

    def _tells_unseen(self, found: list[Explained]) -> bool:
        """Return whether a cure does better on samples that it has not seen; otherwise it learns noise by heart."""
        changes = tuple(change for explained in found for change in explained.option[1])
        treatment = self._treatment
        experiment = treatment.changed(changes)
        if experiment is None:
            return False
        patient = replace(treatment.patient, experiment=experiment, dataset=treatment.data_of(experiment))
        return unseen_skill(treatment, patient, treatment.steps_of(experiment)) >= ANY_SKILL

    def _accept(self, explained: Explained) -> None:
        """Note a cause, and go on with its cure."""
        suspect, treatment = explained.suspect, self._treatment
        cure, numbers = treatment.cure(explained.option), dict(suspect.numbers)
        self._findings.append(
            Finding(
                suspect.cause,
                suspect.layers,
                suspect.since,
                explained.sure,
                numbers,
                (cure,),
                treatment.cured,
            )
        )
        treatment.take(explained.option[1])

    def _put_together(self) -> None:
        """Give the main finding all cures at once where there are several, and try them from all seeds."""
        treatment = self._treatment
        treatment.begin_again()
        cures = [finding.cures[0] for finding in self._findings if finding.cures]
        if len(cures) > 1:
            main, changes = self._findings[0], tuple(change for cure in cures for change in cure.changes)
            together = treatment.cure((Remedy.TOGETHER, changes))
            self._findings[0] = replace(main, cures=(together, *main.cures))

    def _try_others(self) -> None:
        """Try random other changes in as many runs."""
        self._tell("controls")
        treatment = self._treatment
        cured = tuple(
            change for finding in self._findings for cure in finding.cures for change in cure.changes
        )
        self._others = tuple(random_changes(treatment.patient, cured, len(treatment.seeds)))
        self._progress.begin(1.0, len(self._others))
        self._controls = treatment.share_of(self._others)

    def _compare(self) -> None:
        """Call what was tried suspected only, where random other changes help nearly as often as the cures do."""
        cure = self._findings[0].cures[0] if self._findings[0].cures else None
        if cure is None or not cure.seeds or not self._controls.seeds:
            return
        by_chance = self._controls.learned / self._controls.seeds
        if cure.learned / cure.seeds - by_chance < BETTER_SHARE:
            self._findings = [
                replace(found, sure=Sure.SUSPECTED) if found.sure is Sure.TRIED and found.cures else found
                for found in self._findings
            ]


def _useless(dataset: Dataset) -> Finding:
    constant, repeated = useless_columns(dataset)
    sure = Sure.PROVED if constant == dataset.inputs else Sure.TRIED
    numbers = {"constant": float(constant), "repeated": float(repeated), "inputs": float(dataset.inputs)}
    return Finding(Cause.USELESS_INPUTS, (1,), 0, sure, numbers)
