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

from dataclasses import dataclass, replace
from math import nan

import msgspec
import numpy as np
import numpy.typing as npt

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
    layer that is normalized over its neurons, unless there are equally many of each: their mean would be another. Where
    layers are joined by residual connections, neurons are merged that are equal in all of them; nothing where inputs of
    the network are passed on.
    """
    parts = _Parts.of(layout, theta)
    for chain in dict.fromkeys(layout.chain(index) for index in range(len(layout.blocks) - 1)):
        labels = [0] if chain.start < 0 else group_labels(parts.columns(chain).T)
        sizes = {labels.count(label) for label in labels}
        layers = [experiment.network.layers[index] for index in chain]
        if chain.start >= 0 and not any(_needs_all(layer, sizes) for layer in layers):
            for index in chain:
                parts.merge(index, np.array(labels))
    weights, biases, norms = tuple(parts.weights), tuple(parts.biases), tuple(parts.norms)
    return Quotient(weights, biases, norms, layout.residuals, nan)


@dataclass(frozen=True)
class _Parts:
    """What the neurons of all layers have of their own, each by layers: matrices, biases, and rows of norms."""

    weights: list[Floats]
    biases: list[Floats | None]
    norms: list[Floats | None]

    @staticmethod
    def of(layout: Layout, theta: Floats) -> _Parts:
        """Return copies of the parts of a network with parameters `theta` (parameters,)."""
        return _Parts(
            [block.weights(theta).copy() for block in layout.blocks],
            [None if b is None else b.copy() for b in (block.biases(theta) for block in layout.blocks)],
            [norm and _rows_of(norm, theta) for norm in layout.norms],
        )

    def columns(self, chain: range) -> Floats:
        """Return the columns (numbers, units) of layers of one width, one layer below the other."""
        own = [part[index] for index in chain for part in (self.weights, self.biases, self.norms)]
        return np.vstack([rows for rows in own if rows is not None])

    def merge(self, index: int, labels: npt.NDArray[np.intp]) -> None:
        """Keep one neuron for each label (units,) of layer `index` (from 0), and sum what they all send."""
        bias, norm, following = self.biases[index], self.norms[index], self.weights[index + 1]
        kept = np.unique(labels, return_index=True)[1]
        self.weights[index] = self.weights[index][:, kept]
        self.biases[index] = None if bias is None else bias[kept]
        self.norms[index] = None if norm is None else norm[:, kept]
        rows = np.zeros((len(kept), following.shape[1]), following.dtype)
        np.add.at(rows, labels, following)
        self.weights[index + 1] = rows


def _rows_of(norm: Norm, theta: Floats) -> Floats:
    """Return what a normalized layer has besides, as rows."""
    running = norm.running(theta)
    return np.vstack([norm.learnt(theta), *([] if running is None else [running])])


def _needs_all(layer: Layer, sizes: set[int]) -> bool:
    """Return whether a layer computes something else if of equal neurons, in groups of these sizes, one stays."""
    kind = layer.normalization
    crosses_units = kind is not None and kind.crosses_units
    return layer.activation.mixes_units or (crosses_units and len(sizes) > 1)


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
