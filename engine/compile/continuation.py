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

FEW = 2
"""Neurons of a layer that are enough to write its step."""


def begins_alike(one: Experiment, other: Experiment) -> bool:
    """Return whether experiments differ at most in what their step computes, which may change while they train.

    Everything else is used at the start alone, such as weights and seed, or holds for the whole of a run.
    """
    return _without_step(one) == _without_step(other)


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
