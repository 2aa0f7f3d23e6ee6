"""Where a run starts: the initial parameters of an experiment, with what the data contribute to them."""

from __future__ import annotations

import numpy as np

from engine.compiler import compile_step, over_all_samples
from engine.datasets import Dataset
from engine.experiment import Experiment
from engine.initializers import Lsuv
from engine.network import Layout, initial_parameters
from engine.randomness import Floats
from engine.tape import Phase

LSUV_SAMPLES = 512
LSUV_TOLERANCE = 0.01
LSUV_ROUNDS = 10


def starting_parameters(experiment: Experiment, layout: Layout, dataset: Dataset) -> Floats:
    """Return the flat vector (parameters,) that training starts from, in the dtype of the run."""
    theta = initial_parameters(experiment, layout)
    if any(isinstance(layer.weights, Lsuv) for layer in experiment.network.layers):
        _give_unit_variance(experiment, layout, dataset, theta)
    return theta


def _give_unit_variance(experiment: Experiment, layout: Layout, dataset: Dataset, theta: Floats) -> None:
    """Scale W of each LSUV layer, the first one first, until its z has variance 1 on a batch of training samples."""
    inputs, targets = dataset.x_train[:LSUV_SAMPLES], dataset.y_train[:LSUV_SAMPLES]
    tape = compile_step(over_all_samples(experiment), layout, inputs, targets).tape
    for number, (layer, block) in enumerate(
        zip(experiment.network.layers, layout.blocks, strict=True), start=1
    ):
        if not isinstance(layer.weights, Lsuv):
            continue
        for _ in range(LSUV_ROUNDS):
            tape["theta"][...] = theta
            with np.errstate(all="ignore"):
                for call in tape.calls((Phase.FORWARD,)):
                    call()
                variance = float(tape[f"Z{number}"].var())
            if not np.isfinite(variance) or variance == 0 or abs(variance - 1) < LSUV_TOLERANCE:
                break
            block.weights(theta)[...] /= np.sqrt(variance)
