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

from dataclasses import replace
from math import nan

import msgspec
import numpy as np

from engine.compile.compiler import compile_measurement
from engine.core.arrays import Floats
from engine.experiments.experiment import Experiment, Layer, Network
from engine.model.initializers import File
from engine.model.layout import Layout, Norm
from engine.report.equality import Quotient
from engine.symmetry.groups import group_labels
from engine.tape.instructions import Phase
from engine.training.trainer import Trainer

NAME_LENGTH = 74
"""Maximum number of characters taken over from the large experiment's name: the small one's gets an ending."""


def quotient_of(trainer: Trainer) -> Quotient:
    """Return the small network that computes what the trainer's present weights compute."""
    with np.errstate(all="ignore"):  # a run that diverged has a small network, too
        small = collapse(trainer.experiment, trainer.layout, trainer.theta)
        return replace(small, max_output_difference=_largest_difference(trainer, small))


def collapse(experiment: Experiment, layout: Layout, theta: Floats) -> Quotient:
    """Return the network with one neuron for each distinct column of a hidden layer; the difference is not known.

    Neurons that share 1 stay as they are: without some of them the others would have larger shares. So do those of a
    layer that is normalized over its neurons, unless there are equally many of each: their mean would be another. Neurons
    that pass numbers on by residual connections stay, too.
    """
    weights = [block.weights(theta).copy() for block in layout.blocks]
    biases = [None if b is None else b.copy() for b in (block.biases(theta) for block in layout.blocks)]
    norms = [norm and _rows_of(norm, theta) for norm in layout.norms]
    for index, layer in enumerate(experiment.network.layers[:-1]):
        bias, norm = biases[index], norms[index]
        own = [weights[index], *(rows for rows in (bias, norm) if rows is not None)]
        labels = np.array(group_labels(np.vstack(own).T))
        kept, sizes = np.unique(labels, return_index=True, return_counts=True)[1:]
        if layer.activation.mixes_units or (_crosses_units(layer) and len(set(sizes.tolist())) > 1):
            continue
        if len(layout.chain(index)) > 1:
            continue
        weights[index] = weights[index][:, kept]
        biases[index] = None if bias is None else bias[kept]
        norms[index] = None if norm is None else norm[:, kept]
        rows = np.zeros((len(kept), weights[index + 1].shape[1]), theta.dtype)
        np.add.at(rows, labels, weights[index + 1])
        weights[index + 1] = rows
    return Quotient(tuple(weights), tuple(biases), tuple(norms), layout.residuals, nan)


def _rows_of(norm: Norm, theta: Floats) -> Floats:
    """Return what a normalized layer has besides, as rows."""
    running = norm.running(theta)
    return np.vstack([norm.learnt(theta), *([] if running is None else [running])])


def _crosses_units(layer: Layer) -> bool:
    return layer.normalization is not None and layer.normalization.crosses_units


def _largest_difference(trainer: Trainer, small: Quotient) -> float:
    widths = tuple(small.layers[1:])
    if widths == trainer.layout.widths[1:]:  # nothing was collapsed: it is the same network
        return 0.0 if np.isfinite(trainer.theta).all() else nan
    layout, theta = small.parameters()
    dataset, experiment = trainer.dataset, _with_units(trainer.experiment, widths)
    step = compile_measurement(experiment, layout, dataset.x_train, dataset.y_train)
    step.run(Phase.FORWARD, theta=theta)
    return float(np.abs(step.outputs - trainer.outputs_for_training_samples()).max())


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
