"""Which causes come into question for a patient that does not learn, each with what it rests on and the cures to try.

A suspect has a severity: by how many powers of ten something is away from what is usual, or how plainly it is seen. It
decides only where several cures work alone; whether a suspect is a cause is decided by the trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from engine.core.registry import kind_of
from engine.symptoms import remedies
from engine.symptoms.course import RISE, Course
from engine.symptoms.curvature import largest_stable_rate
from engine.symptoms.findings import Cause, Remedy
from engine.symptoms.patient import Patient
from engine.symptoms.suspect import PROVED, Suspect
from engine.symptoms.suspects_at_start import OF_START

LARGE_INPUT, SMALL_INPUT = 3.0, 0.1
LARGE_TARGET = 10.0
FREQUENT = 0.8
"""The base rate from which on a class is frequent."""
LOW_RATE = 0.1
"""Rates from this share of a usual one on may be too high for a network."""
ENOUGH_STEPS = 500
"""The steps that a small network needs."""
LONG_MEMORY = 0.95
"""Momentum above this keeps more than twenty steps."""
FEW_SAMPLES = 4
"""Batches up to this size are noisy."""


def suspects(patient: Patient, course: Course) -> list[Suspect]:
    """Return the causes that come into question, the most severe first."""
    looks = (*_STRUCTURAL, *_OF_SCALES, *OF_START, *_OF_STEPS, *_OF_NETWORK)
    found = [suspect for look in looks for suspect in look(patient, course)]
    return sorted(found, key=lambda suspect: -suspect.severity)


def _output(patient: Patient, _course: Course) -> Iterator[Suspect]:
    last, output = len(patient.layers), patient.start.health.output
    if output.is_fixed:
        fitted = remedies.output(patient)
        yield Suspect(Cause.OUTPUT_CONSTANT, 3 * PROVED, ((Remedy.OUTPUT, fitted),), (last,), is_proved=True)
    elif output.unreachable > 0:
        low, high = output.targets
        numbers = (("share", output.unreachable), ("lowest_target", low), ("highest_target", high))
        options = (
            (Remedy.OUTPUT, remedies.output(patient, keep_loss=True)),
            (Remedy.OUTPUT, remedies.output(patient)),
        )
        yield Suspect(Cause.OUTPUT_RANGE, 2 * PROVED, options, (last,), numbers=numbers, is_proved=True)


STRANGE_LOSS, UNUSUAL_LOSS, SQUARED_CLASSES = 3.0, 1.2, 0.2


def _loss(patient: Patient, course: Course) -> Iterator[Suspect]:
    severity = mismatch(patient)
    if severity == SQUARED_CLASSES:
        stuck = max(patient.start.health.output.stuck, course.health.output.stuck)
        severity = UNUSUAL_LOSS if stuck > 0.25 else SQUARED_CLASSES
    if severity:
        options = ((Remedy.LOSS, remedies.output(patient)),)
        yield Suspect(Cause.LOSS_MISMATCH, severity, options, (len(patient.layers),))


def mismatch(patient: Patient) -> float:
    """Return how strange the loss is for targets and output, 0 where it fits."""
    loss, output = patient.experiment.loss, patient.layers[-1].activation
    activation, fitting = remedies.fitting_pair(patient)
    if loss.mismatch(output, patient.dataset.y_train) is not None:
        return STRANGE_LOSS
    if kind_of(loss) == fitting["kind"]:
        return 0.0 if kind_of(output) == activation else UNUSUAL_LOSS
    if fitting["kind"].endswith("entropy"):
        if loss.classifies:  # several outputs of their own for classes that exclude each other
            return UNUSUAL_LOSS if fitting["kind"] == "cross-entropy" and "binary" in kind_of(loss) else 0.0
        return SQUARED_CLASSES if kind_of(loss) == "squared-error" else STRANGE_LOSS
    return 0.0


def _zero(patient: Patient, _course: Course) -> Iterator[Suspect]:
    yield from still_or_equal(patient)


def still_or_equal(patient: Patient) -> Iterator[Suspect]:
    """Yield layers that no gradient ever reaches because weights are 0, and layers whose neurons stay equal for ever."""
    start, hidden = patient.start, len(patient.hidden)
    still = [number for number in range(1, hidden + 1) if start.still[number - 1]]
    if still and any(start.all_zero):
        options = ((Remedy.START, remedies.start(patient)),)
        yield Suspect(Cause.ZERO_START, 1.8 * PROVED, options, tuple(still), is_proved=True)
        return
    equal = equal_layers(patient)
    if equal:
        numbers = tuple((f"columns_{number}", float(columns)) for number, columns in equal.items())
        options = (
            (Remedy.START, remedies.start(patient, tuple(equal))),
            (Remedy.START, remedies.start(patient)),
        )
        yield Suspect(Cause.SYMMETRY, 1.5 * PROVED, options, tuple(equal), numbers=numbers, is_proved=True)


def equal_layers(patient: Patient) -> dict[int, int]:
    """Return the hidden layers (numbers from 1) with at most half as many distinct columns as neurons, for ever.

    Inputs of the network that are passed on by residual connections tell their neurons apart all the same.
    """
    layout = patient.experiment.layout(patient.dataset.inputs)
    return {
        prediction.layer: prediction.columns
        for prediction, layer in zip(patient.start.predictions, patient.hidden, strict=False)
        if layer.units > 1
        and prediction.columns <= layer.units / 2
        and -1 not in layout.chain(prediction.layer - 1)
    }


def _inputs(patient: Patient, _course: Course) -> Iterator[Suspect]:
    largest, spread = float(patient.input_sizes.max()), patient.input_deviation
    options = ((Remedy.INPUTS, remedies.standardised(patient, "inputs")),)
    if largest > LARGE_INPUT:
        severity = log10(largest / LARGE_INPUT) + 0.1
        yield Suspect(Cause.INPUTS_NOT_SCALED, severity, options, (1,), numbers=(("size", largest),))
    elif 0 < spread < SMALL_INPUT:
        severity = log10(SMALL_INPUT / spread) + 0.5
        yield Suspect(Cause.INPUTS_TOO_SMALL, severity, options, (1,), numbers=(("deviation", spread),))


def _targets(patient: Patient, _course: Course) -> Iterator[Suspect]:
    size = patient.target_size
    if not patient.tells_classes and size > LARGE_TARGET:
        options = ((Remedy.TARGETS, remedies.standardised(patient, "targets")),)
        layers = (len(patient.layers),)
        severity = log10(size / LARGE_TARGET) - 0.2
        yield Suspect(Cause.TARGETS_NOT_SCALED, severity, options, layers, numbers=(("size", size),))


def _decay(patient: Patient, _course: Course) -> Iterator[Suspect]:
    decay = max(patient.experiment.weight_decay, patient.experiment.l1)
    if decay > 0:
        severity = max(0.2, 1.0 + log10(decay / 1e-3))
        layers = tuple(range(1, len(patient.layers) + 1))
        options = ((Remedy.DECAY, remedies.without_decay(patient)),)
        yield Suspect(Cause.OVER_REGULARISED, severity, options, layers, numbers=(("decay", decay),))


def _biases(patient: Patient, _course: Course) -> Iterator[Suspect]:
    without = tuple(n for n, layer in enumerate(patient.layers, start=1) if layer.biases is None)
    if without:
        wrong = patient.start.health.output.wrong_at_zero
        options = ((Remedy.BIASES, remedies.biases(patient)),)
        numbers = (("wrong_at_zero", wrong),)
        severity = 2.5 if wrong else 0.6
        yield Suspect(Cause.NO_BIAS, severity, options, without, numbers=numbers)


def _dead_by_training(patient: Patient, course: Course) -> Iterator[Suspect]:
    if course.died:
        options = [(Remedy.RATE, remedies.rate(patient, factor)) for factor in (0.1, 0.01)]
        options.insert(1, (Remedy.LEAKY, remedies.leaky(patient)))
        since, layers = min(course.died.values()), tuple(course.died)
        severity = 0.4 if course.rise > RISE else 1.2  # a loss that rises says that it is the rate
        yield Suspect(Cause.DEAD_BY_TRAINING, severity, tuple(options), layers, since)


def _rate(patient: Patient, course: Course) -> Iterator[Suspect]:
    relative = _rate_alone(patient)
    numbers = (
        ("rate", patient.experiment.optimizer.learning_rate),
        ("rise", course.rise),
        ("swings", course.swings),
    )
    unstable = course.is_unstable or bool(course.died)
    if unstable or relative > LOW_RATE:
        options = tuple((Remedy.RATE, remedies.rate(patient, factor)) for factor in (0.1, 0.01, 0.001))
        severity = max(log10(relative), 0.6 if unstable else 0.15)
        since = course.diverged_at[0] if course.diverged_at else 0
        stable = _stable_rate(patient, course) if unstable else None
        if stable is not None:
            yield Suspect(
                Cause.RATE_TOO_HIGH,
                severity,
                options,
                (),
                since,
                (*numbers, ("stable", stable)),
                is_proved=True,
            )
        else:
            yield Suspect(Cause.RATE_TOO_HIGH, severity, options, (), since, numbers)
    if not unstable and relative < 3:
        options = tuple((Remedy.RATE, remedies.rate(patient, factor)) for factor in _raises(relative))
        severity = max(0.1, -log10(relative) - 0.5)
        yield Suspect(Cause.RATE_TOO_LOW, severity, options, (), 0, numbers)


def _brakes(patient: Patient, course: Course) -> Iterator[Suspect]:
    """A rate that is made low by a schedule, by clipping or for a layer."""
    brakes = remedies.unbraked(patient)
    if brakes and not course.is_unstable:
        numbers = (("rate", patient.experiment.optimizer.learning_rate),)
        yield Suspect(Cause.RATE_TOO_LOW, 1.0, ((Remedy.UNBRAKED, brakes),), numbers=numbers)


def _stable_rate(patient: Patient, course: Course) -> float | None:
    """Return the largest rate with which full batches do not overshoot at the start, if the present one is above it."""
    optimizer = patient.experiment.optimizer
    whole = patient.batch >= patient.dataset.samples
    if kind_of(optimizer) != "sgd" or getattr(optimizer, "momentum", 0.0) or not whole:
        return None
    stable = largest_stable_rate(patient.experiment, patient.dataset, course.check)
    return stable if stable is not None and optimizer.learning_rate > stable else None


def _raises(relative: float) -> list[float]:
    """Return by what a low rate is multiplied: powers of ten, and what makes it a usual one."""
    return [10.0, 100.0, 1000.0, *([1.0 / relative] if relative < 1e-3 else [])]


def _rate_alone(patient: Patient) -> float:
    """Return the rate beside a usual one; long momentum is a suspect of its own and left out."""
    momentum = getattr(patient.experiment.optimizer, "momentum", 0.0)
    return patient.relative_rate * (1.0 - momentum if momentum >= LONG_MEMORY else 1.0)


def _noise(patient: Patient, _course: Course) -> Iterator[Suspect]:
    momentum = getattr(patient.experiment.optimizer, "momentum", 0.0)
    if momentum >= LONG_MEMORY:
        options = ((Remedy.MOMENTUM, (("optimizer.momentum", 0.0), ("optimizer.nesterov", False))),)
        severity = -log10(1.0 - momentum)
        yield Suspect(Cause.NOISY_STEPS, severity, options, (), 0, (("momentum", momentum),))
    if patient.batch <= FEW_SAMPLES and patient.batch < patient.dataset.samples:
        options = ((Remedy.BATCH, remedies.batch(patient)),)
        severity = min(
            1.6, max(0.65, log10(_rate_alone(patient)) + 0.05)
        )  # before the rate that goes with it
        yield Suspect(Cause.NOISY_STEPS, severity, options, (), 0, (("batch", float(patient.batch)),))


def _duration(patient: Patient, course: Course) -> Iterator[Suspect]:
    enough = -(-ENOUGH_STEPS // patient.experiment.steps)
    factors = (2, 4, 10, *([enough] if enough > 10 else []))
    options = tuple((Remedy.STEPS, remedies.steps(patient, factor)) for factor in factors)
    numbers = (("steps", float(patient.experiment.steps)), ("falling", float(course.is_falling)))
    yield Suspect(Cause.TOO_FEW_STEPS, 0.3, options, numbers=numbers)


def _classes(patient: Patient, course: Course) -> Iterator[Suspect]:
    base = patient.scale.base
    if base is not None and FREQUENT <= base < 1 and course.one_class:
        options = ((Remedy.RATE, remedies.rate(patient, 10.0)), (Remedy.STEPS, remedies.steps(patient, 10)))
        yield Suspect(Cause.CLASS_IMBALANCE, 1.5, options, numbers=(("base_rate", base),))


def _labels(patient: Patient, _course: Course) -> Iterator[Suspect]:
    if patient.experiment.data.shuffle_labels:
        yield Suspect(Cause.NO_SIGNAL, 1.7, ((Remedy.LABELS, remedies.own_labels()),))


def _linear(patient: Patient, _course: Course) -> Iterator[Suspect]:
    if not patient.hidden:
        yield Suspect(Cause.LINEAR_NETWORK, 0.35, ((Remedy.HIDDEN, remedies.hidden_layer(patient)),), (1,))
    elif all(kind_of(layer.activation) == "identity" for layer in patient.hidden):
        options = tuple((Remedy.ACTIVATION, remedies.activations(patient, kind)) for kind in ("relu", "tanh"))
        layers = tuple(range(1, len(patient.hidden) + 1))
        yield Suspect(Cause.LINEAR_NETWORK, 1.3, options, layers)


def _narrow(patient: Patient, _course: Course) -> Iterator[Suspect]:
    narrow = [n for n, layer in enumerate(patient.hidden, start=1) if layer.units <= remedies.WIDEST_NARROW]
    if narrow:
        least = min(patient.layers[number - 1].units for number in narrow)
        options = ((Remedy.WIDTH, remedies.wider(patient)),)
        numbers = (("width", float(least)),)
        yield Suspect(Cause.TOO_NARROW, 0.35 if least < 3 else 0.25, options, tuple(narrow), numbers=numbers)


def _infinite(patient: Patient, course: Course) -> Iterator[Suspect]:
    if course.diverged_at and patient.hidden:
        step, layer = course.diverged_at
        options = tuple((Remedy.ACTIVATION, remedies.activations(patient, kind)) for kind in ("relu", "tanh"))
        yield Suspect(Cause.NOT_FINITE, 0.05, options, (layer,) if layer else (), step)


_STRUCTURAL = (_output, _loss, _zero)
_OF_SCALES = (_inputs, _targets, _decay, _biases)
_OF_STEPS = (_dead_by_training, _rate, _brakes, _noise, _duration)
_OF_NETWORK = (_labels, _classes, _linear, _narrow, _infinite)
