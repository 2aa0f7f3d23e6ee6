"""Random other changes of an experiment: what a cure has to beat, because repair by chance often helps, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.symptoms.findings import Changes
from engine.symptoms.patient import Patient

Maker = Callable[[Patient, np.random.Generator], Changes]

STARTS = ("glorot-normal", "glorot-uniform", "he-normal", "he-uniform", "lecun-normal")
ACTIVATIONS = ("tanh", "relu", "elu", "sigmoid")


def random_changes(patient: Patient, cured: Changes, count: int) -> Iterator[Changes]:
    """Yield `count` changes of other fields than those that are `cured`, the same each time."""
    rng = np.random.default_rng([patient.experiment.seed, 15])
    touched = {_part(path) for path, _ in cured}
    makers = [make for part, make in _MAKERS.items() if part not in touched]
    for _ in range(count):
        make = makers[int(rng.integers(len(makers)))]
        yield make(patient, rng)


def _part(path: str) -> str:
    """Return which part of an experiment a path changes."""
    keys = path.split(".")
    return keys[3] if keys[:2] == ["network", "layers"] and len(keys) > 3 else keys[-1]


def _start(_patient: Patient, rng: np.random.Generator) -> Changes:
    return (("network.layers.*.weights", {"kind": str(rng.choice(STARTS))}),)


def _width(patient: Patient, rng: np.random.Generator) -> Changes:
    number = int(rng.integers(max(1, len(patient.hidden))))
    units = patient.layers[number].units
    return ((f"network.layers.{number}.units", max(1, int(units * float(rng.choice([0.5, 1.5, 2.0]))))),)


def _activation(patient: Patient, rng: np.random.Generator) -> Changes:
    number = int(rng.integers(max(1, len(patient.hidden))))
    return ((f"network.layers.{number}.activation", {"kind": str(rng.choice(ACTIVATIONS))}),)


def _rate(patient: Patient, rng: np.random.Generator) -> Changes:
    factor = 10.0 ** float(rng.uniform(-1, 1))
    return (("optimizer.learning_rate", float(f"{patient.experiment.optimizer.learning_rate * factor:.4g}")),)


def _batch(patient: Patient, rng: np.random.Generator) -> Changes:
    return (("batch.size", int(min(patient.dataset.samples, rng.choice([8, 16, 32, 64])))),)


def _seed(_patient: Patient, rng: np.random.Generator) -> Changes:
    return (("seed", int(rng.integers(2**31))),)


_MAKERS: dict[str, Maker] = {
    "weights": _start,
    "units": _width,
    "activation": _activation,
    "learning_rate": _rate,
    "size": _batch,
    "seed": _seed,
}
