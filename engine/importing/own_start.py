"""Weights of people's own: the changes of an experiment that let it start from those in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from engine.archives.any_arrays import read_headers
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.core.registry import kind_of
from engine.experiments.experiment import Experiment
from engine.formats.npz_arrays import check_size
from engine.importing.weight_arrays import StoredNetwork, networks_in, norms_in, not_dense
from engine.model.initializers import File

Changes: TypeAlias = list[tuple[str, Any]]
MAX_SHAPES = 12


def start_of_file(path: Path, experiment: Experiment, inputs: int, lane: str) -> Changes:
    """Return the changes that let every layer of an experiment start from the weights in a file.

    `inputs` is how many numbers a sample has. Of a file that holds several variants, that of the same name as the
    `lane` is taken. Raise FileError where the weights do not fit the network.
    """
    path = path.resolve()
    found = _fitting(path, (inputs, *(layer.units for layer in experiment.network.layers)), lane)
    for number, (layer, stored) in enumerate(zip(experiment.network.layers, found.layers, strict=True)):
        if stored.biases is not None and layer.biases is None:
            raise FileError(path, Problem.START_BIASES, layer=number + 1, index=number)
    return changes_for_start(path, found)


def holds_norms(path: Path) -> bool:
    """Return whether a file has scales and shifts of normalized layers, which no layer starts from."""
    return bool(norms_in({name: header.shape for name, header in read_headers(path).items()}))


def changes_for_start(path: Path, network: StoredNetwork) -> Changes:
    """Return the changes that let every layer of an experiment of this architecture start from a network in a file."""
    changes: Changes = []
    for number, stored in enumerate(network.layers):
        file = {"kind": kind_of(File), "path": str(path.resolve())}
        place = f"network.layers.{number}"
        weights = {**file, "array": stored.weights, "transposed": stored.transposed}
        changes.append((f"{place}.weights", weights))
        if stored.biases is not None:
            changes.append((f"{place}.biases", {**file, "array": stored.biases, "transposed": False}))
    return changes


def _fitting(path: Path, widths: tuple[int, ...], lane: str) -> StoredNetwork:
    """Return the network in a file that has these widths, read in the way in which it has."""
    headers = read_headers(path)
    if (name := not_dense(headers)) is not None:
        raise FileError(path, Problem.WEIGHTS_NOT_DENSE, array=name, shape=headers[name].shape)
    networks = networks_in(headers)
    if not networks:
        raise FileError(path, Problem.NO_WEIGHTS)
    for layer in (layer for ways in networks for layer in ways[0].layers):
        check_size(path, layer.weights, headers[layer.weights].shape)
    ways = networks[0]
    if len(networks) > 1:
        named = [ways for ways in networks if ways[0].name == lane]
        if not named:
            names = [ways[0].name[:40] for ways in networks[:10]]
            raise FileError(path, Problem.START_SEVERAL, names=names, lane=lane)
        ways = named[0]
    for way in ways:
        if way.widths == widths:
            return way
    chained = next((way.widths for way in ways if way.widths is not None), None)
    if chained is None:
        shapes = [f"{a}×{b}" for a, b in ways[0].shapes[:MAX_SHAPES]]
        raise FileError(path, Problem.START_MATRICES, shapes=shapes, widths=widths)
    raise FileError(path, Problem.START_ARCHITECTURE, found=chained, widths=widths)
