"""Diagnosis and advice in processes of their own: they say how far they are, what is wrong, and can be given up."""

from __future__ import annotations

import multiprocessing
import pickle
from itertools import count

import pytest

from engine.advice.advice import Advice
from engine.advice.counsel import take_counsel
from engine.core.cancellation import Cancelled, cancellable
from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.core.problems import Problem
from engine.doctor.consultation import consult
from engine.doctor.treatment import Treatment
from engine.experiments.variants import LaneSpec
from engine.symptoms.findings import Cause
from engine.trials.trials import Trials, memory_plan
from gui.text.error_words import sentence
from tests.builders import constant, experiment, layer

pytestmark = pytest.mark.untraced

ZEROS = experiment(layer(4, "tanh", constant(0.0)), layer(1, "sigmoid", constant(0.0)), steps=100)


def test_it_tells_what_it_does_and_what_it_has_found_before_it_ends() -> None:
    told: list[tuple[str, int]] = []
    shares: list[float] = []
    with cancellable(lambda: False, shares.append):
        found = consult(
            LaneSpec("zeros", ZEROS), 2, lambda stage, findings: told.append((stage, len(findings)))
        )
    assert found.name == "zeros"
    assert found.findings[0].cause is Cause.ZERO_START
    assert told[0] == ("untreated", 0)
    assert told[-1] == ("controls", len(found.findings))
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_the_process_keeps_to_the_memory_that_it_is_given() -> None:
    with pytest.raises(InitscopeError, match="TOO_MUCH_MEMORY"):
        consult(LaneSpec("zeros", ZEROS), memory=1000)


def test_an_advisor_tells_theory_first_and_keeps_to_the_same_rules() -> None:
    told: list[Advice] = []
    spec = LaneSpec("zeros", ZEROS)
    advice = take_counsel(spec, 1.0, told.append)
    assert told[0].theory == advice.theory
    assert (told[0].places, told[0].runs) == ((), 0)
    assert advice.runs > 0
    assert take_counsel(spec, None).places == ()
    with pytest.raises(InitscopeError, match="TOO_MUCH_MEMORY"):
        take_counsel(spec, 1.0, memory=1000)


def test_a_cure_that_takes_too_much_memory_is_not_tried() -> None:
    trials, dataset = Trials(plan=memory_plan(10**6)), ZEROS.data.load()
    patient = Treatment(trials, ZEROS, dataset, 1)
    assert patient.changed((("network.layers.0.units", 5),)) is not None
    assert patient.changed((("network.layers.0.units", 5000),)) is None


def test_who_no_longer_wants_it_ends_its_process() -> None:
    looks = count()
    with cancellable(lambda: next(looks) > 2), pytest.raises(Cancelled):
        consult(LaneSpec("zeros", ZEROS))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    "error",
    [
        ExperimentError("steps", Problem.NO_HIDDEN_LAYER),
        FileError("a.csv", Problem.ROW_NOT_CSV, row=3, reason="it ends"),
    ],
)
def test_an_error_of_another_process_says_the_same(error: ExperimentError | FileError) -> None:
    assert sentence(pickle.loads(pickle.dumps(error))) == sentence(error)
