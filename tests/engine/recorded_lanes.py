"""Experiments whose lanes the tests record, visit and compare."""

from __future__ import annotations

import numpy as np
import pytest

from engine.experiments.experiment import Experiment
from engine.report.snapshot import LaneSnapshot
from engine.session.lab import Lab
from tests.builders import (
    experiment,
    lane_of,
    layer,
    same_bits,
)

ADAM = {"kind": "adam", "learning_rate": 0.05}
EXPERIMENTS: dict[str, Experiment] = {
    "sgd": experiment(layer(6, "tanh"), layer(5, "relu"), layer(1)),
    "momentum": experiment(layer(6, "tanh"), layer(1), optimizer={"kind": "sgd", "momentum": 0.9}),
    "adam": experiment(layer(6, "tanh"), layer(1), optimizer=ADAM, weight_decay=0.01),
    "float32": experiment(layer(7, "sigmoid"), layer(1), optimizer=ADAM, dtype="float32"),
}
STEPS = 90
TINY_BUDGET = 1200
"""Bytes for the states of one of these lanes: a few of its 90 states."""

every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)
every_budget = pytest.mark.parametrize("budget", [2**24, TINY_BUDGET], ids=["every-state", "few-keyframes"])
WANDERING_STEPS = (90, 0, 1, 17, 16, 89, 45, 44, 46, 90, 3, 88)
"""Steps to visit: the newest, the first, forward and back, near and far."""


def assert_same_lane(one: LaneSnapshot, other: LaneSnapshot) -> None:
    """Compare weights, loss and gradient bit for bit."""
    assert same_bits(one.theta, other.theta)
    assert same_bits(one.gradient, other.gradient)
    assert one.loss == other.loss


def fresh_at(chosen: Experiment, step: int) -> LaneSnapshot:
    """Return what a run that never went further shows at a step."""
    lane = lane_of(chosen, step)
    with np.errstate(all="ignore"):
        return lane.snapshot(step)


def lab_after(chosen: Experiment, steps: int = STEPS, budget: int = 2**24) -> Lab:
    lab = Lab(chosen, budget=budget)
    lab.train(steps)
    return lab


def shown(lab: Lab, step: int) -> LaneSnapshot:
    lab.move(step)
    snapshot = lab.snapshot()
    assert snapshot.step == step
    return snapshot.lanes[0]
