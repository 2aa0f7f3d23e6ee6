"""Whether a run can go on as another experiment: only numbers of its step can change on the way, the step itself not."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.compile.compiler import compile_step
from engine.experiments.experiment import Batch, Experiment
from engine.model.activations import Identity
from engine.model.initializers import Constant
from engine.model.losses import SquaredError
from engine.model.optimizers import Sgd

APART = ("name", "title", "notes", "data", "seed", "stream", "draw", "steps", "on_divergence", "variants")
"""The fields of an experiment that its step does not depend on, whose data are given to it."""
FEW = 2
"""Neurons of a layer that are enough to write its step."""


def begins_alike(one: Experiment, other: Experiment) -> bool:
    """Return whether experiments differ at most in what their step computes, which may change while they train.

    Everything else is used at the start alone, such as weights and seed, or holds for the whole of a run.
    """
    return _without_step(one) == _without_step(other)


def works_on_the_same(one: Experiment, other: Experiment) -> bool:
    """Return whether steps of experiments on the same data work on arrays of the same names and shapes."""
    alike = msgspec.structs.replace(_with_one_start(other), **{name: getattr(one, name) for name in APART})
    letters = one.optimizer.memory_letters == other.optimizer.memory_letters
    return letters and begins_alike(_with_one_start(one), alike)


def takes_the_same_steps(one: Experiment, other: Experiment) -> bool:
    """Return whether experiments on the same data differ at most in where they start and how they are named."""
    alike = msgspec.structs.replace(other, **{name: getattr(one, name) for name in APART})
    return _with_one_start(one) == _with_one_start(alike)


def step_form(experiment: Experiment) -> str:
    """Return what the steps of runs have in common that can go on as each other, if they begin alike.

    It is read from the step of a network with few neurons, which is written quickly.
    """
    layers = [
        msgspec.structs.replace(layer, units=min(layer.units, FEW), weights=Constant())
        for layer in experiment.network.layers
    ]
    network = msgspec.structs.replace(experiment.network, layers=layers)
    small = msgspec.structs.replace(experiment, network=network, batch=Batch(), variants=[])
    targets = np.eye(FEW)[:, : layers[-1].units]
    step = compile_step(small, small.layout(FEW), np.eye(FEW), targets)
    return f"{experiment.optimizer.state_count}\n{step.tape.form()}"


def _with_one_start(experiment: Experiment) -> Experiment:
    """Return an experiment whose layers all start from zeros."""
    layers = [
        msgspec.structs.replace(layer, weights=Constant(), biases=layer.biases and Constant())
        for layer in experiment.network.layers
    ]
    return msgspec.structs.replace(
        experiment, network=msgspec.structs.replace(experiment.network, layers=layers)
    )


def _without_step(experiment: Experiment) -> Experiment:
    layers = [
        msgspec.structs.replace(layer, activation=Identity(), rate=1.0) for layer in experiment.network.layers
    ]
    return msgspec.structs.replace(
        experiment,
        network=msgspec.structs.replace(experiment.network, layers=layers),
        loss=SquaredError(),
        optimizer=Sgd(),
        weight_decay=0.0,
        l1=0.0,
        clip=None,
    )
