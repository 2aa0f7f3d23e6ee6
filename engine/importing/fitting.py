"""What an experiment changes so that it learns other data, or starts from weights of another network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.core.registry import kind_of
from engine.datasets import Data, Dataset
from engine.datasets.drawn import Moons, Spirals
from engine.datasets.images import Digits, Mnist
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment import Experiment
from engine.importing.own_start import MAX_SHAPES, changes_for_start
from engine.importing.weight_arrays import StoredNetwork
from engine.kinds.classes import are_classes
from engine.model.activations import Activation, Identity, Sigmoid, Softmax, Tanh
from engine.model.initializers import File, GlorotNormal
from engine.model.losses import BinaryCrossEntropy, CrossEntropy, Loss, SquaredError

Changes: TypeAlias = list[tuple[str, Any]]
SHIPPED: dict[tuple[int, int], Data] = {(784, 10): Mnist(), (64, 10): Digits(), (2, 1): Moons()}
"""Data of the program by their inputs and outputs, for weights that do not fit the data of an experiment."""
MOST_SPIRALS = 20


def learns(experiment: Experiment, dataset: Dataset) -> bool:
    """Return whether an experiment can learn data as it is: its loss takes them, and its outputs can become them."""
    try:
        experiment.check_data(dataset)
    except ExperimentError:
        return False
    activation = experiment.output_layer.activation
    if experiment.loss.mismatch(activation, dataset.y_train) is not None:
        return False
    return bool(activation.can_give(dataset.y_train).all())


def output_for(dataset: Dataset) -> tuple[type[Activation], type[Loss]]:
    """Return the activation of the outputs and the loss that are made for targets: shares, classes, or numbers."""
    y = dataset.y_train
    if y.shape[1] > 1 and are_classes(y):
        return Softmax, CrossEntropy
    return (Sigmoid, BinaryCrossEntropy) if ((y == 0.0) | (y == 1.0)).all() else (Identity, SquaredError)


def changes_to_learn(experiment: Experiment, dataset: Dataset) -> Changes:
    """Return what changes so that an experiment learns data: outputs, loss, batches, and starts of other shapes."""
    place, layers = len(experiment.network.layers) - 1, experiment.network.layers
    activation, loss = output_for(dataset)
    changes: Changes = [
        (f"network.layers.{place}.units", dataset.outputs),
        (f"network.layers.{place}.activation", {"kind": kind_of(activation)}),
        ("loss", {"kind": kind_of(loss)}),
    ]
    for end in {0, place}:
        if isinstance(layers[end].weights, File):
            changes.append((f"network.layers.{end}.weights", {"kind": kind_of(GlorotNormal)}))
    if experiment.batch.size != "full" and experiment.batch.size > dataset.samples:
        changes.append(("batch.size", dataset.samples))
    return changes


def changes_to_start(experiment: Experiment, dataset: Dataset, path: Path, stored: StoredNetwork) -> Changes:
    """Return what changes so that an experiment on some data starts from a network in a file.

    Another architecture takes the place of the present one; data of the program with as many inputs and outputs take
    the place of the present data where these do not fit. Raise FileError where there are none.
    """
    widths = chain_of(path, stored)
    if widths == experiment.widths(dataset):
        return changes_for_start(path, stored)
    network: Changes = [("network.layers", _layers_of(experiment, path, stored))]
    if (widths[0], widths[-1]) == (dataset.inputs, dataset.outputs):
        return network
    data = shipped_data(widths)
    if data is None:
        raise FileError(path, Problem.START_NO_DATA, found=widths)
    changes: Changes = [*network, ("data", msgspec.to_builtins(data))]
    ends = changes_to_learn(with_changes(experiment, changes), data.load())
    return changes + [change for change in ends if not change[0].endswith((".weights", ".units"))]


def chain_of(path: Path, stored: StoredNetwork) -> tuple[int, ...]:
    """Return the widths of a network, the inputs first; raise FileError if its matrices do not fit each other."""
    if stored.widths is None:
        shapes = [f"{a}×{b}" for a, b in stored.shapes[:MAX_SHAPES]]
        raise FileError(path, Problem.START_NO_CHAIN, shapes=shapes)
    return stored.widths


def shipped_data(widths: tuple[int, ...]) -> Data | None:
    """Return data of the program with as many inputs and outputs as a network has; None if there are none."""
    if widths[0] == 2 and 2 < widths[-1] <= MOST_SPIRALS:
        return Spirals(classes=widths[-1])
    return SHIPPED.get((widths[0], widths[-1]))


def _layers_of(experiment: Experiment, path: Path, stored: StoredNetwork) -> list[dict[str, Any]]:
    """Return the layers of the network in a file, each like that of the experiment at its place; more like the first."""
    *hidden, output = plain(experiment)["network"]["layers"]
    usual = {**output, "activation": {"kind": kind_of(Tanh)}}
    layers = [(hidden[n : n + 1] or hidden[:1] or [usual])[0] for n in range(len(stored.layers) - 1)]
    fields = dict(changes_for_start(path, stored))
    return [_layer(layer, place, stored, fields) for place, layer in enumerate([*layers, output])]


def _layer(layer: dict[str, Any], place: int, stored: StoredNetwork, start: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with the width and the start of that in a file; without biases where the file has none."""
    own = {name: start.get(f"network.layers.{place}.{name}") for name in ("weights", "biases")}
    return {**layer, "units": stored.shapes[place][1], **own}
