"""The equivalent small network: what a network with equal neurons really is.

Neurons with equal columns and biases compute the same, so one of them does the work of all if it sends what they all
sent: keep one neuron for each distinct column and sum the outgoing rows. From the first hidden layer on: summing rows
shortens the columns of the next layer, and may make more of them equal, never fewer, because equal columns are summed
alike, number by number in the order of the neurons (Fukumizu and Amari 2000; Şimşek et al. 2021).

The small network computes the same outputs as long as no dropout leaves out neurons: with dropout the large network
draws a mask for every neuron, and the small one is equivalent in measurements only, where nothing is left out. From
there on it does not train like the large one: for m merged neurons its column gets the sum of their m gradients where
each of theirs got its own, and its row one gradient where their sum got m.
"""

from __future__ import annotations

from math import nan

import msgspec
import numpy as np

from engine.compile.compiler import compile_step, over_all_samples
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment, Network
from engine.model.initializers import File
from engine.model.layout import Layout
from engine.report.equality import Quotient
from engine.symmetry.groups import group_labels
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

NAME_LENGTH = 74
"""Maximum number of characters taken over from the large experiment's name: the small one's gets an ending."""


def quotient_of(trainer: Trainer) -> Quotient:
    """Return the small network that computes what the trainer's present weights compute."""
    with np.errstate(all="ignore"):  # a run that diverged has a small network, too
        weights, biases = collapse(trainer.experiment, trainer.layout, trainer.theta)
        difference = _largest_difference(trainer, weights, biases)
    return Quotient(tuple(weights), tuple(biases), difference)


def collapse(
    experiment: Experiment, layout: Layout, theta: Floats
) -> tuple[list[Floats], list[Floats | None]]:
    """Return W and b of every layer with one neuron for each distinct column of a hidden layer.

    Neurons that share 1 stay as they are: without some of them the others would have larger shares.
    """
    weights = [block.weights(theta).copy() for block in layout.blocks]
    biases = [None if b is None else b.copy() for b in (block.biases(theta) for block in layout.blocks)]
    for layer in range(len(weights) - 1):
        if experiment.network.layers[layer].activation.mixes_units:
            continue
        bias = biases[layer]
        columns = weights[layer].T if bias is None else np.column_stack([weights[layer].T, bias])
        labels = np.array(group_labels(columns))
        kept = np.unique(labels, return_index=True)[1]
        weights[layer] = weights[layer][:, kept]
        biases[layer] = None if bias is None else bias[kept]
        rows = np.zeros((len(kept), weights[layer + 1].shape[1]), theta.dtype)
        np.add.at(rows, labels, weights[layer + 1])
        weights[layer + 1] = rows
    return weights, biases


def _largest_difference(trainer: Trainer, weights: list[Floats], biases: list[Floats | None]) -> float:
    widths = tuple(matrix.shape[1] for matrix in weights)
    if widths == trainer.layout.widths[1:]:  # nothing was collapsed: it is the same network
        return 0.0 if np.isfinite(trainer.theta).all() else nan
    small = over_all_samples(_with_units(trainer.experiment, widths))
    dataset = trainer.dataset
    step = compile_step(small, small.layout(dataset.inputs), dataset.x_train, dataset.y_train)
    step.run(Phase.FORWARD, theta=Quotient(tuple(weights), tuple(biases), 0.0).parameters()[1])
    return float(np.abs(step.outputs - trainer.gradient_over_all_samples().outputs).max())


def _with_units(experiment: Experiment, widths: tuple[int, ...]) -> Experiment:
    layers = [
        msgspec.structs.replace(layer, units=units)
        for layer, units in zip(experiment.network.layers, widths, strict=True)
    ]
    return msgspec.structs.replace(experiment, network=Network(layers), variants=[])


def small_experiment(
    experiment: Experiment, quotient: Quotient, path: str, title: str, notes: str
) -> Experiment:
    """Return the experiment of the small network; its layers start from the arrays W1, b1, W2, … of the NPZ `path`."""
    small = _with_units(experiment, tuple(quotient.layers[1:]))
    layers = [
        msgspec.structs.replace(
            layer,
            weights=File(path, f"W{number}"),
            biases=None if bias is None else File(path, f"b{number}"),
        )
        for number, (layer, bias) in enumerate(
            zip(small.network.layers, quotient.biases, strict=True), start=1
        )
    ]
    return msgspec.structs.replace(
        small,
        name=f"{experiment.name[:NAME_LENGTH]}-small",
        title=title,
        notes=notes,
        network=Network(layers),
    )
