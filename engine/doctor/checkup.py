"""What can be wrong with a network that learns: neurons that are one for ever, seeds that start dead, labels of noise."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.doctor.treatment import Treatment
from engine.symptoms import remedies
from engine.symptoms.findings import Cause, Finding, Remedy, Sure
from engine.symptoms.patient import DEAD_SEEDS, Patient
from engine.symptoms.suspect import Suspect
from engine.symptoms.suspects import STRANGE_LOSS, equal_layers, mismatch, still_or_equal
from engine.symptoms.suspects_at_start import MANY_DEAD
from engine.training.trainer import Trainer
from engine.trials.learnable import carries_signal
from engine.trials.outcome import Outcome, Scale

TEST_SHARE = 0.3
"""The share of the samples that are kept apart where an experiment has no test samples."""

MUCH_MORE = 0.3
"""A network that learns is held back where a cure gives it so much more skill."""

ANY_SKILL = 0.2
"""Unseen samples are told apart from this skill on."""


def findings_of_well(treatment: Treatment, outcome: Outcome) -> Iterator[Finding]:
    """Yield what is wrong with a patient that learns, as `outcome` shows."""
    patient = treatment.patient
    for suspect in still_or_equal(patient):
        yield capped(treatment, suspect)
    if (fixed := _fixed_at_zero(treatment)) is not None:
        yield fixed
    if (strange := _strange_loss(treatment, outcome)) is not None:
        yield strange
    if (dead := _dead_by_chance(treatment, patient)) is not None:
        yield dead
    if (
        not carries_signal(patient.dataset, classes=patient.tells_classes)
        and unseen_skill(treatment, patient, treatment.steps) < ANY_SKILL
    ):
        cures = (treatment.cure((Remedy.LABELS, remedies.own_labels())),) if _is_shuffled(patient) else ()
        yield Finding(Cause.NO_SIGNAL, (), 0, Sure.TRIED, {"skill": outcome.skill}, cures)


def capped(treatment: Treatment, suspect: Suspect) -> Finding:
    """Return the finding of layers that stay equal, with the loss of the network that they really are."""
    option = treatment.best(suspect.options)
    numbers = dict(suspect.numbers) | {"loss": treatment.present().loss}
    columns = equal_layers(treatment.patient)
    if columns and suspect.cause is Cause.SYMMETRY:
        small = tuple((f"network.layers.{number - 1}.units", count) for number, count in columns.items())
        quotient = treatment.attempt((*small, *remedies.start(treatment.patient)))
        if quotient is not None:
            numbers["small_network_loss"] = min(run.loss for run in quotient.runs)
    cures = (treatment.cure(option),)
    return Finding(suspect.cause, suspect.layers, suspect.since, Sure.PROVED, numbers, cures, treatment.cured)


def _strange_loss(treatment: Treatment, outcome: Outcome) -> Finding | None:
    """Return the finding that a loss that does not fit keeps the network from learning much more."""
    patient = treatment.patient
    if mismatch(patient) < STRANGE_LOSS:
        return None
    option = (Remedy.LOSS, remedies.output(patient))
    fitting = treatment.attempt(option[1], treatment.screening)
    if fitting is None or fitting.skill < outcome.skill + MUCH_MORE:
        return None
    return Finding(Cause.LOSS_MISMATCH, (len(patient.layers),), 0, Sure.TRIED, {}, (treatment.cure(option),))


def _fixed_at_zero(treatment: Treatment) -> Finding | None:
    """Return the finding that without biases inputs of 0 have a wrong output, whatever the weights."""
    patient = treatment.patient
    wrong = patient.start.health.output.wrong_at_zero
    if not wrong:
        return None
    without = tuple(n for n, layer in enumerate(patient.layers, start=1) if layer.biases is None)
    cures = (treatment.cure((Remedy.BIASES, remedies.biases(patient))),)
    return Finding(Cause.NO_BIAS, without, 0, Sure.PROVED, {"wrong_at_zero": wrong}, cures)


def _dead_by_chance(treatment: Treatment, patient: Patient) -> Finding | None:
    """Return the finding that another seed may start with a layer that is dead, if such a run does not learn."""
    dead = patient.start.dead_seeds
    if len(dead) < MANY_DEAD * DEAD_SEEDS or not patient.start.begins_anew():
        return None
    experiment = msgspec.structs.replace(patient.experiment, seed=min(dead))
    if treatment.run_from(experiment).learned:
        return None
    changes = remedies.leaky(patient) or remedies.start(patient)
    numbers = {"dead_seeds": float(len(dead)), "of_seeds": float(DEAD_SEEDS)}
    layers = tuple(sorted(set(dead.values())))
    cures = (treatment.cure((Remedy.LEAKY, changes)),) if changes else ()
    return Finding(Cause.DEAD_AT_START, layers, 0, Sure.TRIED, numbers, cures)


def _is_shuffled(patient: Patient) -> bool:
    return patient.experiment.data.shuffle_labels


def unseen_skill(treatment: Treatment, patient: Patient, steps: int) -> float:
    """Return the skill on test samples, or on samples that are kept apart from training; 1 where that is impossible.

    Where all targets are equal a constant output is perfect: there is nothing to be told apart. Raise Stopped when
    asked to.
    """
    if (patient.dataset.y_train == patient.dataset.y_train[0]).all():
        return 1.0
    seen = _with_test(patient.dataset)
    try:
        trainer = Trainer(patient.experiment, seen)
    except InitscopeError:  # a batch is larger than what is left
        return 1.0
    treatment.train(trainer, steps)
    test = trainer.measure_test()
    if test is None or seen.x_test is None or seen.y_test is None:
        return 1.0
    scale = Scale(patient.experiment, Dataset(seen.x_test, seen.y_test))
    return scale.skill(test.loss, test.accuracy, test.loss)


def _with_test(dataset: Dataset) -> Dataset:
    if dataset.y_test is not None:
        return dataset
    order = np.random.default_rng(0).permutation(dataset.samples)
    test, rest = np.split(order, [max(1, round(TEST_SHARE * dataset.samples))])
    x, y = dataset.x_train, dataset.y_train
    return Dataset(x[rest], y[rest], x[test], y[test])
