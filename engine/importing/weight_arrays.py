"""Which arrays of a file are the weights and biases of a network, told from their names and shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.formats.npz_arrays import ArrayHeader

WEIGHT_NAME = re.compile(r"(.*?)(weights?|kernel|coefs?|W|w)([_.]?\d*)")
BIAS_NAME = re.compile(r"(.*?)(bias|biases|B|b)([_.]?\d*)")
PYTORCH_NAME = re.compile(r"(.*\.)?weight")
NORM_NAME = re.compile(r"(.*\.)?(scale|shift|gamma|beta|(running|moving)_(mean|var|variance))\d*")


@dataclass(frozen=True)
class StoredLayer:
    """A matrix of weights in a file and its biases: the names of their arrays.

    `shape` is (fan_in, fan_out). `transposed`: the file has the matrix as (fan_out, fan_in).
    """

    weights: str
    biases: str | None
    shape: tuple[int, int]
    transposed: bool = False

    @property
    def turned(self) -> StoredLayer:
        """Return the same array, taken the other way round."""
        return replace(self, shape=(self.shape[1], self.shape[0]), transposed=not self.transposed)


@dataclass(frozen=True)
class StoredNetwork:
    """The layers of a network in a file, in one order and orientation. `name` is that of a variant, or empty."""

    name: str
    layers: tuple[StoredLayer, ...]

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Return (fan_in, fan_out) of every layer."""
        return [layer.shape for layer in self.layers]

    @property
    def widths(self) -> tuple[int, ...] | None:
        """Return the number of units of every layer, the inputs first; None if the matrices are no chain."""
        chained = all(one[1] == other[0] for one, other in zip(self.shapes, self.shapes[1:], strict=False))
        return (self.shapes[0][0], *(fan_out for _, fan_out in self.shapes)) if chained else None


def is_named_weight(name: str) -> bool:
    """Return whether an array is called as weights are: W1, layer.weight, kernel."""
    return WEIGHT_NAME.fullmatch(name) is not None


def not_dense(headers: Mapping[str, ArrayHeader]) -> str | None:
    """Return the first array that is called a weight and is no matrix, as those of a convolution; None if none is.

    Those of normalized layers do not count.
    """
    norms = norms_in({name: header.shape for name, header in headers.items()})
    names = (name for name in headers if PYTORCH_NAME.fullmatch(name) and name not in norms)
    return next((name for name in names if len(headers[name].shape) != 2), None)


def norms_in(shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return the arrays that belong to normalized layers: their scales, shifts and running averages, by their names.

    The scale of such a layer of PyTorch is called a weight, and has a bias of the same shape beside it.
    """
    return [name for name, shape in shapes.items() if len(shape) == 1 and _is_of_norm(name, shapes)]


def _is_of_norm(name: str, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    if PYTORCH_NAME.fullmatch(name):
        return shapes.get(f"{name.removesuffix('weight')}bias") == shapes[name]
    return NORM_NAME.fullmatch(name) is not None


def networks_in(headers: Mapping[str, ArrayHeader]) -> list[list[StoredNetwork]]:
    """Return the networks in a file, several where `run --out` has written several variants.

    Of each there are the ways to read it, the likeliest first: with neurons as rows where the names are those of
    PyTorch, in the order of the file or of the numbers in the names.
    """
    matrices = _matrices(headers)
    groups: dict[str, list[str]] = {}
    for name in matrices:
        groups.setdefault(_group(name), []).append(name)
    if len({len(names) for names in groups.values()}) > 1 or "" in groups:
        groups = {"": matrices} if matrices else {}
    if len(groups) == 1:
        groups = {"": matrices}
    return [_ways(name, names, headers) for name, names in groups.items()]


def _matrices(headers: Mapping[str, ArrayHeader]) -> list[str]:
    """Return the names of the matrices that are weights: those that are called so, or all if none is."""
    found = [
        name
        for name, header in headers.items()
        if len(header.shape) == 2 and "float" in header.dtype and not BIAS_NAME.fullmatch(name)
    ]
    return [name for name in found if WEIGHT_NAME.fullmatch(name)] or found


def _group(name: str) -> str:
    """Return what stands before `.W1`; nothing if a name has no such number."""
    parts = WEIGHT_NAME.fullmatch(name)
    return parts[1][:-1] if parts and parts[3] and parts[1].endswith(".") else ""


def _ways(group: str, names: Sequence[str], headers: Mapping[str, ArrayHeader]) -> list[StoredNetwork]:
    rows_are_neurons = all(PYTORCH_NAME.fullmatch(name) for name in names)
    ways: list[StoredNetwork] = []
    for ordered in (list(names), sorted(names, key=_natural)):
        layers = [
            StoredLayer(name, _biases(name, headers), (headers[name].shape[0], headers[name].shape[1]))
            for name in ordered
        ]
        straight = StoredNetwork(group, tuple(layers))
        turned = StoredNetwork(group, tuple(layer.turned for layer in layers))
        ways += [turned, straight] if rows_are_neurons else [straight, turned]
    return ways


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts `layer2` before `layer10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _biases(weights: str, headers: Mapping[str, ArrayHeader]) -> str | None:
    """Return the array of biases that belongs to a matrix: called like it, or the vector that follows it."""
    parts = WEIGHT_NAME.fullmatch(weights)
    if parts:
        for name in headers:
            other = BIAS_NAME.fullmatch(name)
            if other and (other[1], other[3]) == (parts[1], parts[3]):
                return name
        return None
    names = list(headers)
    following = names[names.index(weights) + 1 :][:1]
    return following[0] if following and len(headers[following[0]].shape) == 1 else None
