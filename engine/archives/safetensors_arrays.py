"""Files of safetensors: the length of a JSON header, the header, and the numbers of all arrays.

The format is so small that a reader of our own, with limits on every size, is shorter than a dependency is to watch.
Source: the safetensors README of Hugging Face, "Format".
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.archives.short_floats import from_bfloat16
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import Readable, open_data
from engine.formats.npz_arrays import MAX_ARRAYS, MAX_BYTES, ArrayHeader, check_finite, check_size

LENGTH_BYTES = 8
MAX_HEADER_BYTES = 2**20
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
"""The types that are read, and how NumPy calls them; BF16 is made float32."""
NOTES = "__metadata__"
Place = Annotated[int, Meta(ge=0, le=MAX_BYTES)]


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: Annotated[tuple[Place, ...], Meta(max_length=32)]
    data_offsets: tuple[Place, Place]


def could_be_safetensors(head: bytes) -> bool:
    """Return whether the first bytes of a file may be those of safetensors: a length and then a brace."""
    length = int.from_bytes(head[:LENGTH_BYTES], "little")
    return 2 <= length <= MAX_HEADER_BYTES and head[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"


def read_headers(path: Path) -> dict[str, ArrayHeader]:
    """Return what the file says of each array, in its order."""
    with open_data(path, MAX_BYTES) as file:
        entries, _ = _entries(path, file)
    return {name: ArrayHeader(entry.shape, _type_name(entry)) for name, entry in entries.items()}


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return arrays (n, …) by their names, of finite numbers; raise FileError if one is not there or damaged."""
    with open_data(path, MAX_BYTES) as file:
        entries, start = _entries(path, file)
        found: dict[str, npt.NDArray[Any]] = {}
        for name in names:
            if name not in entries:
                present = [other[:40] for other in list(entries)[:10]]
                raise FileError(path, Problem.NO_ARRAY, array=name, present=present)
            file.seek(start + entries[name].data_offsets[0])
            found[name] = _read(path, file, name, entries[name])
        return found


def _entries(path: Path, file: Readable) -> tuple[dict[str, _Entry], int]:
    """Return what the header says of each array, and where the numbers begin."""
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if length > MAX_HEADER_BYTES:
        raise FileError(path, Problem.NO_SAFETENSORS)
    try:
        table = msgspec.json.decode(file.read(length), type=dict[str, msgspec.Raw])
        entries = {
            name: msgspec.json.decode(raw, type=_Entry) for name, raw in table.items() if name != NOTES
        }
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise FileError(path, Problem.NO_SAFETENSORS) from error
    if len(entries) > MAX_ARRAYS:
        raise FileError(path, Problem.TOO_MANY_ARRAYS, most=MAX_ARRAYS)
    return entries, LENGTH_BYTES + length


def _read(path: Path, file: Readable, name: str, entry: _Entry) -> npt.NDArray[Any]:
    if entry.dtype not in TYPES:
        raise FileError(path, Problem.ARRAY_OF_OTHERS, array=name, type=entry.dtype[:20])
    count, dtype = prod(entry.shape), np.dtype(TYPES[entry.dtype])
    check_size(path, name, entry.shape)
    begin, end = entry.data_offsets
    data = file.read(count * dtype.itemsize) if end - begin == count * dtype.itemsize else b""
    if len(data) != count * dtype.itemsize:
        raise FileError(path, Problem.NO_SAFETENSORS)
    values = np.frombuffer(data, dtype)
    array = np.reshape(from_bfloat16(values) if entry.dtype == "BF16" else values, entry.shape)
    check_finite(path, name, array)
    return array


def _type_name(entry: _Entry) -> str:
    if entry.dtype == "BF16":
        return "bfloat16"
    return np.dtype(TYPES[entry.dtype]).name if entry.dtype in TYPES else entry.dtype[:20]
