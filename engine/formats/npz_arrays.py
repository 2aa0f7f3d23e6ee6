"""NPZ and NPY, NumPy's formats for arrays. Headers are checked before numbers are read, and nothing is unpickled."""

from __future__ import annotations

import errno
import io
import struct
import tokenize
import warnings
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import MAX_VALUES, PORTION_BYTES, open_data, read_exactly

MAX_BYTES = 2**29
"""Largest size of a file."""

MAX_ARRAYS = 1000
"""Largest number of arrays in a file whose contents are listed."""

MAX_HEADER = 1000
"""Largest number of characters in the header of an array; the longest that NumPy writes for numbers has 118."""

ENCRYPTION = 1
NUMBER_KINDS = "biuf"
LONGEST_NUMBER = 8
BROKEN_ARCHIVE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error)

NPY_NAME = "array"
"""What the single array of an NPY file, which has no name, is called."""


@dataclass(frozen=True)
class ArrayHeader:
    """What a file says of an array: its shape and the name of its type."""

    shape: tuple[int, ...]
    dtype: str


def read_arrays(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays (n, …) with these names, n > 0, of any type of finite numbers.

    An array that is `optional` may be missing. Raise FileError if a required one is, or if the file is damaged.
    """
    with open_data(path, MAX_BYTES) as file, _as_zip(path, file) as archive:
        present = _names(archive)
        for name in required:
            if name not in present:
                raise _missing(path, name, [other[:40] for other in present[:10]])
        names = [*required, *(name for name in optional if name in present)]
        return {name: _read(path, archive, name) for name in names}


def read_headers(path: Path) -> dict[str, ArrayHeader]:
    """Return what an NPZ file says of each of its arrays, in its order; raise FileError if it is damaged."""
    with open_data(path, MAX_BYTES) as file, _as_zip(path, file) as archive:
        names = _names(archive)
        if len(names) > MAX_ARRAYS:
            raise FileError(path, Problem.TOO_MANY_ARRAYS, most=MAX_ARRAYS)
        headers: dict[str, ArrayHeader] = {}
        for name in names:
            with _open_member(path, archive, name) as stream:
                shape, _, dtype = _read_header(path, name, stream)
            headers[name] = ArrayHeader(shape, dtype.name)
        return headers


def read_npy_header(path: Path) -> dict[str, ArrayHeader]:
    """Return what an NPY file says of its array."""
    with open_data(path, MAX_BYTES) as file:
        shape, _, dtype = _read_header(path, NPY_NAME, file)
        return {NPY_NAME: ArrayHeader(shape, dtype.name)}


def read_npy(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the array (n, …) of an NPY file, of any type of finite numbers; raise FileError if it is damaged."""
    with open_data(path, MAX_BYTES) as file:
        return {NPY_NAME: _read_array(path, NPY_NAME, file)}


def _names(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _missing(path: Path, name: str, present: list[str]) -> FileError:
    if not present:
        return FileError(path, Problem.NO_ARRAY_AT_ALL, array=name)
    return FileError(path, Problem.NO_ARRAY, array=name, present=present)


class ContentsError(Exception):
    """The table of contents is larger than what is read at once."""


class _Portions(io.BufferedReader):
    """A file that refuses to read more than a portion at once; zipfile reads a table of contents of any size."""

    def read(self, size: int | None = -1, /) -> bytes:
        many = PORTION_BYTES + 1 if size is None or size < 0 else min(size, PORTION_BYTES + 1)
        data = super().read(many)
        if len(data) > PORTION_BYTES:
            raise ContentsError
        return data


@contextmanager
def open_zip(file: io.BufferedReader) -> Generator[zipfile.ZipFile, None, None]:
    """Open an archive whose table of contents is read in one portion at most; it fails with BROKEN_ARCHIVE."""
    with _Portions(file.raw) as portions, zipfile.ZipFile(portions) as archive:
        yield archive


@contextmanager
def _as_zip(path: Path, file: io.BufferedReader) -> Generator[zipfile.ZipFile, None, None]:
    try:
        with open_zip(file) as archive:
            yield archive
    except ContentsError as error:
        raise FileError(path, Problem.NPZ_CONTENTS) from error
    except BROKEN_ARCHIVE as error:
        raise FileError(path, Problem.NO_NPZ, reason=str(error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise FileError(
            path, Problem.NO_NPZ, reason=error.strerror
        ) from error  # a place before the file begins


def _read(path: Path, archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    with _open_member(path, archive, name) as stream:
        return _read_array(path, name, stream)


def _open_member(path: Path, archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    member = archive.getinfo(f"{name}.npy")
    if not is_readable(member):
        raise FileError(path, Problem.ARRAY_PACKING, array=name)
    return archive.open(member)


def is_readable(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is stored or deflated; other methods may unpack to any size in one call."""
    return not member.flag_bits & ENCRYPTION and member.compress_type in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    }


def _read_array(path: Path, name: str, stream: IO[bytes]) -> npt.NDArray[Any]:
    shape, by_columns, dtype = _read_header(path, name, stream)
    _check_header(path, name, shape, dtype)
    data = read_exactly(path, stream, prod(shape) * dtype.itemsize)
    array = np.reshape(np.frombuffer(data, dtype), shape, order="F" if by_columns else "C")
    check_finite(path, name, array)
    return array


def _read_header(path: Path, name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape of an array, whether it is stored in Fortran order, and its type."""
    try:
        # versions 2 and 3 have headers of more than 64 KB, which arrays of numbers never need
        if np.lib.format.read_magic(stream) != (1, 0):
            raise FileError(path, Problem.ARRAY_VERSION, array=name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header is a Python literal, and parsing one may warn
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=MAX_HEADER)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise FileError(path, Problem.ARRAY_HEADER, array=name) from error
    if not all(type(length) is int and length >= 0 for length in shape):
        raise FileError(path, Problem.ARRAY_HEADER, array=name)
    return shape, by_columns, dtype


def _check_header(path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.kind not in NUMBER_KINDS or dtype.itemsize > LONGEST_NUMBER:
        raise _no_numbers(path, name, dtype)
    check_size(path, name, shape)


def check_size(path: Path, name: str, shape: tuple[int, ...]) -> None:
    """Raise FileError where an array has no numbers, or more than are read."""
    if not shape or min(shape) < 1 or prod(shape) > MAX_VALUES:
        raise FileError(path, Problem.ARRAY_SIZE, array=name, most=MAX_VALUES, shape=shape)


def _no_numbers(path: Path, name: str, dtype: np.dtype[Any]) -> FileError:
    match dtype.kind:
        case "O":
            return FileError(path, Problem.ARRAY_OF_OBJECTS, array=name)
        case "c":
            return FileError(path, Problem.ARRAY_OF_COMPLEX, array=name)
        case "S" | "U":
            return FileError(path, Problem.ARRAY_OF_TEXT, array=name)
        case _:
            return FileError(path, Problem.ARRAY_OF_OTHERS, array=name, type=str(dtype))


def check_finite(path: Path, name: str, array: npt.NDArray[Any]) -> None:
    """Raise FileError, naming the first one, where numbers of an array (n, …) are not finite."""
    finite = np.isfinite(array)
    if not finite.all():
        place = [int(index) for index in np.unravel_index(np.argmin(finite), array.shape)]
        got = float(array[tuple(place)])
        raise FileError(path, Problem.ARRAY_NOT_FINITE, array=name, got=got, place=place)
