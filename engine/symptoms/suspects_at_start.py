"""Which causes come into question for how the weights of a patient start."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from engine.report.condition import AlarmKind
from engine.symptoms import remedies
from engine.symptoms.course import Course
from engine.symptoms.findings import Cause, Remedy
from engine.symptoms.patient import DEAD_SEEDS, Patient
from engine.symptoms.suspect import Option, Suspect

LARGE_GAIN = 3.0
LARGE_SHIFT = 1.5
"""Weights whose mean is so many deviations away from 0 hardly cancel; uniform from 0 to 1 has 1.7."""
FADED, GROWN = 0.1, 10.0
"""Signals that are multiplied by less or more than this from the first hidden layer to the last fade or grow."""
SMALL_SHARE = 1 / 3
"""A start is small below this share of Glorot's."""
DEEP = 3
"""Hidden layers from which on a signal can fade."""
MANY_DEAD = 0.2
"""The share of seeds with a dead layer that is more than bad luck."""

_ALIKE = {AlarmKind.NEAR_SYMMETRY, AlarmKind.WEIGHTS_OF_ONE_SIGN}


def _likeness(patient: Patient, _course: Course) -> Iterator[Suspect]:
    alarmed = {n for a in patient.start.health.alarms if a.kind in _ALIKE for n in a.layers}
    shifted = {n for n, shift in enumerate(patient.start.shifts, start=1) if shift > LARGE_SHIFT}
    if not alarmed | shifted:
        return
    layers = sorted(alarmed | shifted)
    options = ((Remedy.START, remedies.start(patient)),)
    if centred := remedies.centred(patient):
        options = ((Remedy.CENTRED, centred), *options)
    likeness = [found.acts_like for found in patient.start.health.likeness if found.acts_like is not None]
    numbers = (("acts_like", min(likeness)),) if likeness else ()
    severity = 1.6 if alarmed else 1.1
    yield Suspect(Cause.NEAR_SYMMETRY, severity, options, tuple(layers), numbers=numbers)


def _sizes(patient: Patient, _course: Course) -> Iterator[Suspect]:
    """Weights that are much larger or much smaller than usual."""
    gains, small = patient.start.gains, 0.0
    large = tuple(number for number, gain in enumerate(gains, start=1) if gain > LARGE_GAIN)
    if large:
        first, everything = remedies.start(patient, large), remedies.start(patient)
        options = (
            ((Remedy.START, first),)
            if first == everything
            else ((Remedy.START, first), (Remedy.START, everything))
        )
        severity = log10(max(gains) / 1.4)
        yield Suspect(Cause.START_TOO_LARGE, severity, options, large, numbers=(("gain", max(gains)),))
    ratios = _ratios(patient)
    for ratio in ratios.values():
        small -= log10(ratio)
    if ratios:
        least = min(gains[number - 1] for number in ratios)
        options = ((Remedy.START, remedies.start(patient)),)
        yield Suspect(Cause.START_TOO_SMALL, small, options, tuple(ratios), numbers=(("gain", least),))


def _growth(patient: Patient, _course: Course) -> Iterator[Suspect]:
    """Weights that are nearly usual, but let signals fade or grow a little in each of many layers."""
    hidden = patient.start.health.layers[:-1]
    if len(hidden) < DEEP or not hidden[0].z_deviation > 0:
        return
    growth = hidden[-1].z_deviation / hidden[0].z_deviation
    options = ((Remedy.START, remedies.start(patient)),)
    layers, numbers = tuple(range(1, len(hidden) + 1)), (("growth", growth),)
    if 0 < growth < FADED:
        yield Suspect(Cause.START_TOO_SMALL, 0.8, options, layers, numbers=numbers)
    elif growth > GROWN:
        yield Suspect(Cause.START_TOO_LARGE, 0.8, options, layers, numbers=numbers)


def _ratios(patient: Patient) -> dict[int, float]:
    """Return the layers (numbers from 1) whose weights are small, but not 0, and how small beside Glorot's."""
    found: dict[int, float] = {}
    inputs = patient.dataset.inputs
    for number, (layer, gain) in enumerate(zip(patient.layers, patient.start.gains, strict=True), start=1):
        glorot = (2 * inputs / (inputs + layer.units)) ** 0.5
        if 0 < gain < SMALL_SHARE * glorot:
            found[number] = gain / glorot
        inputs = layer.units
    return found


def _depth(patient: Patient, _course: Course) -> Iterator[Suspect]:
    hidden = patient.hidden
    fading = {AlarmKind.FADING, AlarmKind.VANISHING, AlarmKind.EXPLODING, AlarmKind.GROWING}
    squashing = [
        n for n, la in enumerate(hidden, start=1) if la.activation.saturates and not la.activation.keeps_sign
    ]
    fades = any(alarm.kind in fading for alarm in patient.start.health.alarms)
    if len(hidden) >= DEEP and (len(squashing) >= DEEP or fades):
        options = tuple(
            (Remedy.ACTIVATION, remedies.activations(patient, k)) for k in ("tanh", "relu", "selu")
        )
        numbers = (("depth", float(len(hidden))),)
        severity = 1.2 if len(squashing) >= DEEP else 0.7
        yield Suspect(Cause.TOO_DEEP, severity, options, tuple(range(1, len(hidden) + 1)), numbers=numbers)


def _dead_at_start(patient: Patient, _course: Course) -> Iterator[Suspect]:
    own, seeds = patient.start.dead_layers, patient.start.dead_seeds
    many = len(seeds) >= MANY_DEAD * DEAD_SEEDS
    if not own and not many:
        return
    layers = tuple(own) or tuple(sorted(set(seeds.values())))
    options: list[Option] = [(Remedy.START, remedies.start(patient))]
    if changes := remedies.leaky(patient):
        options.append((Remedy.LEAKY, changes))
    if changes := remedies.wider(patient):
        options.append((Remedy.WIDTH, changes))
    numbers = (("dead_seeds", float(len(seeds))), ("of_seeds", float(DEAD_SEEDS)))
    yield Suspect(Cause.DEAD_AT_START, 2.2 if own else 1.3, tuple(options), layers, numbers=numbers)


OF_START = (_likeness, _sizes, _growth, _depth, _dead_at_start)
