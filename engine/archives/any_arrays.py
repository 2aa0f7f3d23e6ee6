"""The arrays of a file, whichever of the known formats it has; its first bytes tell which, not its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy.typing as npt

from engine.archives import safetensors_arrays, torch_arrays
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats import npz_arrays
from engine.formats.bounded_reading import open_data
from engine.formats.npz_arrays import MAX_BYTES, ArrayHeader

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
Headers: TypeAlias = dict[str, ArrayHeader]
FormatName: TypeAlias = Literal["npz", "npy", "torch", "safetensors"]
HEAD_BYTES = 64
OLD_TORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The number that files of PyTorch before 1.6 begin with."""
KERAS_WEIGHTS = "model.weights.h5"
"""What a .keras file, which is an archive, has its weights in."""
HDF5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class ArrayFormat:
    """A format of files of arrays: how their headers and the arrays themselves are read."""

    name: FormatName
    headers: Callable[[Path], Headers]
    arrays: Callable[[Path, Sequence[str]], Arrays]


def _npz(path: Path, names: Sequence[str]) -> Arrays:
    return npz_arrays.read_arrays(path, tuple(names))


def _npy(path: Path, names: Sequence[str]) -> Arrays:
    for name in names:
        if name != npz_arrays.NPY_NAME:
            raise FileError(path, Problem.NO_ARRAY, array=name, present=[npz_arrays.NPY_NAME])
    return npz_arrays.read_npy(path)


NPZ = ArrayFormat("npz", npz_arrays.read_headers, _npz)
NPY = ArrayFormat("npy", npz_arrays.read_npy_header, _npy)
TORCH = ArrayFormat("torch", torch_arrays.read_headers, torch_arrays.read_arrays)
SAFETENSORS = ArrayFormat("safetensors", safetensors_arrays.read_headers, safetensors_arrays.read_arrays)


def format_of(path: Path) -> ArrayFormat | None:
    """Return the format of a file of arrays; None if it is something else.

    Raise FileError where it cannot be read, or is a file of weights in a format that is not read.
    """
    with open_data(path, MAX_BYTES) as file:
        head = file.read(HEAD_BYTES)
    if OLD_TORCH in head:
        raise FileError(path, Problem.OLD_TORCH)
    if head.startswith(HDF5):
        raise FileError(path, Problem.IS_HDF5)
    if head.startswith(b"\x93NUMPY"):
        return NPY
    if head.startswith(b"PK"):
        return _format_of_archive(path)
    return SAFETENSORS if safetensors_arrays.could_be_safetensors(head) else None


def _format_of_archive(path: Path) -> ArrayFormat:
    members = torch_arrays.members_of(path)
    if KERAS_WEIGHTS in members:
        raise FileError(path, Problem.IS_KERAS)
    return TORCH if any(map(torch_arrays.is_list_of_tensors, members)) else NPZ


def read_headers(path: Path) -> Headers:
    """Return what a file says of each of its arrays, in its order; raise FileError if it is no file of arrays."""
    return _required(path).headers(path)


def read_named(path: Path, names: Sequence[str]) -> Arrays:
    """Return arrays (n, …) of finite numbers by their names; raise FileError if one is not there or damaged."""
    return _required(path).arrays(path, names)


def _required(path: Path) -> ArrayFormat:
    found = format_of(path)
    if found is None:
        raise FileError(path, Problem.NO_ARRAY_FILE)
    return found
