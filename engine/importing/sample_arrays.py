"""Which arrays of a file are inputs and targets, told from their names and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from engine.formats.npz_arrays import ArrayHeader

PAIRS = (
    *(("x_train", "y_train"), ("train_x", "train_y"), ("x", "y"), ("x", "t"), ("data", "target")),
    *(("data", "labels"), ("data", "label"), ("inputs", "targets"), ("input", "target")),
    *(("inputs", "labels"), ("features", "labels"), ("features", "targets"), ("features", "target")),
    *(
        ("images", "labels"),
        ("pixels", "labels"),
        ("train_images", "train_labels"),
        ("train_data", "train_labels"),
    ),
)
"""What inputs and targets are called, in small letters."""
NUMBER_BEGINNINGS = ("float", "bfloat", "int", "uint", "bool")


@dataclass(frozen=True)
class Roles:
    """The names of the arrays of samples; without `targets` they are the last column of `inputs`."""

    inputs: str
    targets: str | None = None
    test_inputs: str | None = None
    test_targets: str | None = None


def roles_of(headers: Mapping[str, ArrayHeader]) -> Roles | None:
    """Return which arrays are the samples; None if that cannot be told."""
    return roles_by_name(headers) or roles_by_shape(headers)


def roles_by_name(headers: Mapping[str, ArrayHeader]) -> Roles | None:
    """Return the arrays that are called as inputs and targets are; None if none are."""
    shapes = _shapes(headers)
    small = {name.lower(): name for name in shapes}
    for inputs, targets in PAIRS:
        if inputs in small and targets in small and _alike(shapes, small[inputs], small[targets]):
            test = [small.get(name) for name in _test_names(inputs, targets)]
            if all(name is not None for name in test):
                return Roles(small[inputs], small[targets], test[0], test[1])
            return Roles(small[inputs], small[targets])
    return None


def roles_by_shape(headers: Mapping[str, ArrayHeader]) -> Roles | None:
    """Return the only table, or the only two arrays with as many rows: the wider one holds the inputs."""
    shapes = _shapes(headers)
    names = list(shapes)
    if len(names) == 1 and len(shapes[names[0]]) == 2 and shapes[names[0]][1] > 1:
        return Roles(names[0])
    if len(names) != 2 or not _alike(shapes, *names):
        return None
    narrow, wide = sorted(names, key=lambda name: prod(shapes[name][1:]))
    return Roles(wide, narrow) if prod(shapes[narrow][1:]) < prod(shapes[wide][1:]) else None


def _shapes(headers: Mapping[str, ArrayHeader]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the arrays of numbers."""
    return {
        name: header.shape
        for name, header in headers.items()
        if header.shape and header.dtype.startswith(NUMBER_BEGINNINGS)
    }


def _test_names(inputs: str, targets: str) -> tuple[str, str]:
    if "train" in inputs:
        return inputs.replace("train", "test"), targets.replace("train", "test")
    return f"{inputs}_test", f"{targets}_test"


def _alike(shapes: dict[str, tuple[int, ...]], one: str, other: str) -> bool:
    """Return whether two arrays have as many rows."""
    return shapes[one][0] == shapes[other][0]
