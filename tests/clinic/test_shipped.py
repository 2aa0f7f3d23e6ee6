"""The networks of the clinic that ship with the program: what the doctor finds, and what is said of them before."""

from __future__ import annotations

import pytest

from engine.doctor.diagnosis import Doctor
from engine.experiments.presets import clinic_names, is_file_name, open_target, preset_names
from engine.symptoms.findings import Cause
from engine.trials.trials import Trials
from gui.diagnosis.clinic_words import CLINIC, clinic_question, symptom_of
from gui.findings.doctor_words import cause_name

pytestmark = pytest.mark.untraced

FINDINGS = {
    "nothing-moves": Cause.ZERO_START,
    "one-of-many": Cause.SYMMETRY,
    "nearly-alike": Cause.NEAR_SYMMETRY,
    "asleep": Cause.START_TOO_SMALL,
    "first-loss": Cause.START_TOO_LARGE,
    "six-layers": Cause.TOO_DEEP,
    "dark-layer": Cause.DEAD_AT_START,
    "jumpy": Cause.RATE_TOO_HIGH,
    "crawling": Cause.RATE_TOO_LOW,
    "cut-short": Cause.TOO_FEW_STEPS,
    "swinging": Cause.NOISY_STEPS,
    "raw-numbers": Cause.INPUTS_NOT_SCALED,
    "only-the-mean": Cause.INPUTS_TOO_SMALL,
    "far-away": Cause.TARGETS_NOT_SCALED,
    "out-of-reach": Cause.OUTPUT_RANGE,
    "always-one": Cause.OUTPUT_CONSTANT,
    "sure-and-wrong": Cause.LOSS_MISMATCH,
    "fading": Cause.OVER_REGULARISED,
    "always-no": Cause.CLASS_IMBALANCE,
    "nothing-to-go-by": Cause.USELESS_INPUTS,
    "straight-line": Cause.LINEAR_NETWORK,
    "cut-in-two": Cause.TOO_NARROW,
    "mirror": Cause.NO_BIAS,
    "by-heart": Cause.NO_SIGNAL,
}
QUICK = ("one-of-many", "dark-layer", "raw-numbers", "fading")
INCURABLE = {Cause.USELESS_INPUTS, Cause.NO_SIGNAL}
"""Causes that no change of the network cures."""


def test_all_of_them_are_offered_and_are_targets_but_no_presets() -> None:
    assert clinic_names() == sorted(FINDINGS) == sorted(CLINIC)
    assert not set(clinic_names()) & set(preset_names())
    assert not any(is_file_name(name) for name in clinic_names())


@pytest.mark.parametrize("name", FINDINGS)
def test_what_is_said_of_them_before_does_not_tell_the_cause(name: str) -> None:
    experiment = open_target(name)
    assert (experiment.name, experiment.title) == (name, symptom_of(name))
    assert experiment.notes.startswith(clinic_question(name))
    assert "Find it yourself first" in experiment.notes
    assert cause_name(FINDINGS[name]) not in (experiment.title + experiment.notes).lower()


def check(name: str, seeds: int) -> None:
    experiment = open_target(name)
    found = Doctor(Trials(), experiment, experiment.data.load(), seeds).diagnose(name)
    assert found.findings[0].cause is FINDINGS[name]
    if found.findings[0].cause not in INCURABLE:
        cure = found.findings[0].cures[0]
        assert cure.learned >= 0.6 * cure.seeds


@pytest.mark.parametrize("name", QUICK)
def test_the_doctor_finds_what_is_wrong_with_some(name: str) -> None:
    check(name, seeds=3)


@pytest.mark.clinic
@pytest.mark.parametrize("name", FINDINGS)
def test_the_doctor_finds_what_is_wrong_with_each(name: str) -> None:
    check(name, seeds=5)
