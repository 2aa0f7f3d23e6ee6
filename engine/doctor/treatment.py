"""What is tried on one experiment: the cures that were taken over so far, and trials of what to change next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.errors import InitscopeError
from engine.core.randomness import seeds_from
from engine.datasets import Dataset
from engine.experiments.changes import gathered, with_changes
from engine.experiments.experiment import Experiment
from engine.symptoms.findings import Changes, Cure
from engine.symptoms.patient import Patient
from engine.symptoms.suspect import Option
from engine.training.trainer import Trainer
from engine.trials.outcome import Outcome, Share
from engine.trials.trials import Trials

SCREENING = 3
"""The seeds by which it is decided what to try next."""

CURED_SHARE, BETTER_SHARE = 0.6, 1 / 3
"""A cure works if at least the first share of its runs learn, and more than without it by the second one."""


def is_well(outcome: Outcome) -> bool:
    """Return whether an experiment learns, from most seeds and from its own."""
    return outcome.learns and outcome.runs[0].learned


class Treatment:
    """An experiment with what has been cured; all trials do the same number of `steps`, unless a cure is to do more."""

    def __init__(self, trials: Trials, planned: Experiment, dataset: Dataset, seeds: int) -> None:
        trials.take_data(planned, dataset)
        self._trials, self._planned = trials, planned
        self.steps = trials.steps_for(planned)
        self.seeds = seeds_from(planned.seed, seeds)
        self.cured: Changes = ()
        self.patient = Patient(planned, dataset)

    @property
    def screening(self) -> int:
        """Return from how many seeds something is tried first."""
        return min(SCREENING, len(self.seeds))

    def steps_of(self, experiment: Experiment) -> int:
        """Return how many steps a changed experiment does: as many as all, unless the change is to do more."""
        return max(1, round(self.steps * experiment.steps / self._planned.steps))

    def run(self, experiment: Experiment, seeds: int | None = None) -> Outcome:
        """Return what comes of an experiment from the first seeds."""
        return self._trials.run(experiment, self.seeds[:seeds], self.steps_of(experiment))

    def run_from(self, experiment: Experiment) -> Outcome:
        """Return what comes of an experiment from its own seed alone."""
        return self._trials.run(experiment, [experiment.seed], self.steps_of(experiment))

    def data_of(self, experiment: Experiment) -> Dataset:
        """Return the data of an experiment."""
        return self._trials.data_of(experiment)

    def train(self, trainer: Trainer, steps: int) -> None:
        """Train for so many steps; raise Stopped when asked to."""
        self._trials.train(trainer, steps)

    def check(self) -> bool:
        """Return False; raise Stopped when asked to."""
        return self._trials.check()

    def present(self, seeds: int | None = None) -> Outcome:
        """Return what comes of the patient as it is now."""
        return self.run(self.patient.experiment, seeds)

    def changed(self, changes: Changes) -> Experiment | None:
        """Return the patient with changes; None where they change nothing or make no sense."""
        if not changes:
            return None
        try:
            experiment = with_changes(self.patient.experiment, list(changes))
        except InitscopeError:
            return None
        same = experiment == self.patient.experiment
        return None if same or not self._trials.fits(experiment) else experiment

    def attempt(self, changes: Changes, seeds: int | None = None) -> Outcome | None:
        """Return what comes of the patient with changes, None where they make no sense."""
        experiment = self.changed(changes)
        return None if experiment is None else self.run(experiment, seeds)

    def works(self, outcome: Outcome | None) -> bool:
        """Return whether something works: its runs learn, and clearly more of them than without it.

        Outputs that are all nearly the same may happen to be on the right sides; such a loss is still that of chance.
        """
        if outcome is None or not outcome.learns or outcome.is_chance:
            return False
        count = len(outcome.runs)
        sick = self.present(count)
        share, before = outcome.learned / count, sick.learned / count
        return share >= CURED_SHARE and (share - before >= BETTER_SHARE or not sick.runs[0].learned)

    def best(self, options: Sequence[Option]) -> Option:
        """Return the option with which the runs end best, the first of equally good ones."""
        tried = [(option, self.attempt(option[1], self.screening)) for option in options]
        known = [(option, outcome) for option, outcome in tried if outcome is not None]
        if not known:
            return options[0]
        return max(known, key=lambda pair: (pair[1].learned, pair[1].skill))[0]

    def cure(self, option: Option) -> Cure:
        """Return a cure with what its trial from all seeds gave."""
        remedy, changes = option
        outcome = self.attempt(changes)
        short = self._short(changes)
        if outcome is None:
            return Cure(remedy, short)
        return Cure(remedy, short, outcome.learned, len(outcome.runs), outcome.loss)

    def _short(self, changes: Changes) -> Changes:
        return tuple(gathered(changes, len(self.patient.layers)))

    def take(self, changes: Changes) -> None:
        """Go on with changes, if they make sense."""
        experiment = self.changed(changes)
        if experiment is not None:
            self.cured = (*self.cured, *self._short(changes))
            self.patient = Patient(experiment, self._trials.data_of(experiment))

    def begin_again(self) -> None:
        """Go back to the patient before anything was cured."""
        self.cured = ()
        self.patient = Patient(self._planned, self._trials.data_of(self._planned))

    def share_of(self, many: Iterable[Changes]) -> Share:
        """Return how many runs learn, each with other changes and from another seed."""
        experiments = [found for changes in many if (found := self.changed(changes)) is not None]
        jobs = [
            (found, seed if found.seed == self._planned.seed else found.seed, self.steps_of(found))
            for found, seed in zip(experiments, self.seeds, strict=False)
        ]
        return Share(sum(run.learned for run in self._trials.run_each(jobs)), len(jobs))

    def from_seed(self, seed: int) -> Patient:
        """Return the patient with another seed."""
        if seed == self.patient.experiment.seed:
            return self.patient
        return Patient(with_changes(self.patient.experiment, [("seed", seed)]), self.patient.dataset)
