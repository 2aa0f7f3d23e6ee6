"""Tensors of PyTorch files (.pt, .pth), read without PyTorch: an archive with a list of tensors and their numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from engine.archives.pickle_steps import RefusedStepError, Storage, Tensor, read_steps
from engine.archives.short_floats import from_bfloat16
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import MAX_VALUES, open_data, read_exactly
from engine.formats.npz_arrays import (
    BROKEN_ARCHIVE,
    MAX_ARRAYS,
    MAX_BYTES,
    ArrayHeader,
    ContentsError,
    check_finite,
    check_size,
    is_readable,
    open_zip,
)

LIST_OF_TENSORS = "data.pkl"
MAX_LIST_BYTES = 4 * 2**20
"""Largest size of the list; a state dict takes about 200 bytes for each tensor."""
MAX_DEPTH = 6
"""How deep dicts may lie in each other: a state dict in a checkpoint needs 2."""
MAX_NODES = 50_000
"""How many things are looked at in them, which may each stand in many places."""
DAMAGED = (*BROKEN_ARCHIVE, ContentsError, LookupError, TypeError, AttributeError)


def members_of(path: Path) -> list[str]:
    """Return the names of the files in an archive, whichever format it has."""
    with open_data(path, MAX_BYTES) as file:
        try:
            with open_zip(file) as archive:
                return archive.namelist()
        except DAMAGED as error:
            raise FileError(path, Problem.NO_ARCHIVE) from error


def is_list_of_tensors(name: str) -> bool:
    """Return whether a file of an archive is the list of tensors that those of PyTorch have."""
    return name.endswith(f"/{LIST_OF_TENSORS}")


def read_headers(path: Path) -> dict[str, ArrayHeader]:
    """Return what the file says of each tensor, in its order; those in dicts are called `dict.tensor`."""
    with open_data(path, MAX_BYTES) as file, _as_archive(path, file) as archive:
        tensors = _tensors(path, archive)
    return {name: ArrayHeader(tensor.shape, _type_name(tensor)) for name, tensor in tensors.items()}


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return tensors (n, …) by their names, of finite numbers; raise FileError if one is not there or damaged."""
    with open_data(path, MAX_BYTES) as file, _as_archive(path, file) as archive:
        tensors = _tensors(path, archive)
        folder = (_list_name(archive) or "").removesuffix(LIST_OF_TENSORS)
        for name in names:
            if name not in tensors:
                present = [other[:40] for other in list(tensors)[:10]]
                raise FileError(path, Problem.NO_ARRAY, array=name, present=present)
        return {name: _read(path, archive, folder, name, tensors[name]) for name in names}


@contextmanager
def _as_archive(path: Path, file: Any) -> Generator[zipfile.ZipFile, None, None]:
    try:
        with open_zip(file) as archive:
            yield archive
    except RefusedStepError as error:
        raise FileError(path, Problem.TORCH_REFUSED, name=str(error.args[0])[:60]) from error
    except DAMAGED as error:
        raise FileError(path, Problem.NO_TORCH) from error


def _list_name(archive: zipfile.ZipFile) -> str | None:
    return next(filter(is_list_of_tensors, archive.namelist()), None)


def _tensors(path: Path, archive: zipfile.ZipFile) -> dict[str, Tensor]:
    name = _list_name(archive) or LIST_OF_TENSORS
    member = archive.getinfo(name)
    if member.file_size > MAX_LIST_BYTES or not is_readable(member):
        raise FileError(path, Problem.NO_TORCH)
    order = name.replace(LIST_OF_TENSORS, "byteorder")
    if order in archive.namelist() and archive.open(order).read(6) != b"little":
        raise FileError(path, Problem.NO_TORCH)
    with archive.open(member) as stream:
        found = read_steps(bytes(read_exactly(path, stream, member.file_size)))
    tensors: dict[str, Tensor] = {}
    for count, (key, value) in enumerate(_items(found, "", MAX_DEPTH)):
        if count > MAX_NODES or len(tensors) > MAX_ARRAYS:
            raise FileError(path, Problem.TOO_MANY_ARRAYS, most=MAX_ARRAYS)
        if isinstance(value, Tensor):
            tensors[key] = value
    return tensors


def _items(node: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield a node and everything in dicts and lists with its dotted name; nothing deeper than `depth`."""
    yield name or LIST_OF_TENSORS, node
    if isinstance(node, dict | list) and depth:
        inside = cast("Any", node)
        for key, value in inside.items() if isinstance(node, dict) else enumerate(inside):
            yield from _items(value, f"{name}.{key}" if name else str(key), depth - 1)


def _read(path: Path, archive: zipfile.ZipFile, folder: str, name: str, tensor: Tensor) -> npt.NDArray[Any]:
    reach = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    check_size(path, name, tensor.shape)
    if reach >= tensor.storage.count:
        raise FileError(path, Problem.NO_TORCH)
    numbers = _numbers(path, archive, folder, tensor.storage)
    steps = tuple(stride * numbers.itemsize for stride in tensor.strides)
    view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, steps, writeable=False)
    array = np.array(view)
    check_finite(path, name, array)
    return array


def _numbers(path: Path, archive: zipfile.ZipFile, folder: str, storage: Storage) -> npt.NDArray[Any]:
    """Return all numbers of a storage, no more than an archive of the largest size may hold."""
    short = storage.kind == "bfloat16"
    dtype = np.dtype("<u2" if short else storage.kind)
    member = archive.getinfo(f"{folder}data/{storage.key}")
    if storage.count > MAX_VALUES or not is_readable(member):
        raise FileError(path, Problem.NO_TORCH)
    with archive.open(member) as stream:
        values = np.frombuffer(read_exactly(path, stream, storage.count * dtype.itemsize), dtype)
    return from_bfloat16(values) if short else values


def _type_name(tensor: Tensor) -> str:
    kind = tensor.storage.kind
    return kind if kind == "bfloat16" else np.dtype(kind).name
