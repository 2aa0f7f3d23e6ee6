"""Small experiments and short ways to train them, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, get_args

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.core.registry import Choice, kind_of
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import parse_experiment
from engine.experiments.variants import LaneSpec
from engine.output.result import VariantResult, run_variants
from engine.session.lab import HISTORY_BUDGET, Lab
from engine.session.lane import Lane
from engine.training.trainer import Trainer
from gui.text.error_words import sentence

Document = dict[str, Any]

MOONS: Document = {"kind": "moons", "train": 60, "noise": 0.1, "seed": 1}
NORMAL: Document = {"kind": "normal", "std": 0.5}
NO_BIASES: Document = {"biases": None}


def by_kind(union: Any) -> dict[str, type[Choice]]:
    """Return the classes of a union of choices (or of a single choice) by their names, in its written order."""
    return {kind_of(member): member for member in get_args(union) or (union,)}


def constant(value: float) -> Document:
    """Return an initializer that makes every value the same."""
    return {"kind": "constant", "value": value}


def table(x: Any, y: Any) -> Document:
    """Return data written out: inputs (samples, inputs) and targets (samples, outputs)."""
    return {"kind": "table", "x": np.asarray(x, float).tolist(), "y": np.asarray(y, float).tolist()}


def layer(units: int, activation: str = "sigmoid", weights: Document = NORMAL, **fields: Any) -> Document:
    """Return a layer of a network, as it stands in an experiment file."""
    return {"units": units, "activation": {"kind": activation}, "weights": weights, **fields}


def document(*layers: Document, **fields: Any) -> Document:
    """Return an experiment on 60 points of two moons, as it stands in a file; `fields` add to it or replace."""
    return {
        "name": "test",
        "data": MOONS,
        "network": {"layers": list(layers)},
        "loss": {"kind": "binary-cross-entropy"},
        "optimizer": {"kind": "sgd", "learning_rate": 0.5},
        **fields,
    }


def experiment(*layers: Document, **fields: Any) -> Experiment:
    """Return the checked experiment of `document`."""
    return parse_experiment(msgspec.json.encode(document(*layers, **fields)))


@contextmanager
def refused(expected: str, kind: type[InitscopeError] = InitscopeError) -> Iterator[None]:
    """Expect an error that people are told in this one line; `…` in it stands for anything."""
    with pytest.raises(kind) as caught:
        yield
    pattern = ".*".join(map(re.escape, expected.split("…")))
    assert re.fullmatch(pattern, sentence(caught.value)), sentence(caught.value)


def trainer_of(chosen: Experiment) -> Trainer:
    """Return an experiment at step 0."""
    return Trainer(chosen, chosen.data.load())


def lane_of(chosen: Experiment, steps: int = 0, budget: int = HISTORY_BUDGET) -> Lane:
    """Return an experiment after `steps` recorded steps."""
    lab = Lab(chosen, budget=budget)
    lab.train(steps)
    return lab.lanes[0]


def run_variant(name: str, chosen: Experiment, steps: int, every: int) -> VariantResult:
    """Return the result of one experiment."""
    [result] = run_variants([LaneSpec(name, chosen)], steps, every)
    return result


class Steps(Protocol):
    """What can do a step of training."""

    def advance(self) -> object: ...


def advance(what: Steps, steps: int) -> None:
    """Do `steps` steps; numbers may become infinite."""
    with np.errstate(all="ignore"):
        for _ in range(steps):
            what.advance()


def recorded_states(lane: Lane) -> Floats:
    """Return the parameters (steps + 1, parameters) before every step and after the last; all are recorded."""
    assert lane.history.stride == 1, "the budget holds every step"
    states = lane.history.states(0, lane.history.length, 1)[:, : lane.trainer.layout.size]
    return np.concatenate([states, lane.trainer.theta[np.newaxis]])


def same_bits(one: Floats, other: Floats) -> bool:
    """Return whether two arrays are the same number for number, sign of zero and NaN included."""
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()
