"""NPZ, NumPy's format for named arrays. Headers are checked before numbers are read, and nothing is unpickled."""

from __future__ import annotations

import errno
import io
import struct
import tokenize
import warnings
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
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

MAX_HEADER = 1000
"""Largest number of characters in the header of an array; the longest that NumPy writes for numbers has 118."""

ENCRYPTION = 1
NUMBER_KINDS = "biuf"
LONGEST_NUMBER = 8
ERRORS_OF_BROKEN_ARCHIVES = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error)


def read_arrays(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays (n, …) with these names, n > 0, of any type of finite numbers.

    An array that is `optional` may be missing. Raise FileError if a required one is, or if the file is damaged.
    """
    with open_data(path, MAX_BYTES) as file, _as_zip(path, file) as archive:
        present = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        for name in required:
            if name not in present:
                raise _missing(path, name, [other[:40] for other in present[:10]])
        names = [*required, *(name for name in optional if name in present)]
        return {name: _read(path, archive, name) for name in names}


def _missing(path: Path, name: str, present: list[str]) -> FileError:
    if not present:
        return FileError(path, Problem.NO_ARRAY_AT_ALL, array=name)
    return FileError(path, Problem.NO_ARRAY, array=name, present=present)


class _ContentsError(Exception):
    """The table of contents is larger than what is read at once."""


class _Portions(io.BufferedReader):
    """A file that refuses to read more than a portion at once; zipfile reads a table of contents of any size."""

    def read(self, size: int | None = -1, /) -> bytes:
        many = PORTION_BYTES + 1 if size is None or size < 0 else min(size, PORTION_BYTES + 1)
        data = super().read(many)
        if len(data) > PORTION_BYTES:
            raise _ContentsError
        return data


@contextmanager
def _as_zip(path: Path, file: io.BufferedReader) -> Generator[zipfile.ZipFile, None, None]:
    try:
        with _Portions(file.raw) as portions, zipfile.ZipFile(portions) as archive:
            yield archive
    except _ContentsError as error:
        raise FileError(path, Problem.NPZ_CONTENTS) from error
    except ERRORS_OF_BROKEN_ARCHIVES as error:
        raise FileError(path, Problem.NO_NPZ, reason=str(error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise FileError(
            path, Problem.NO_NPZ, reason=error.strerror
        ) from error  # a place before the file begins


def _read(path: Path, archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    member = archive.getinfo(f"{name}.npy")
    # other methods may unpack to any size in one call; NumPy uses only these two
    if member.flag_bits & ENCRYPTION or member.compress_type not in {
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    }:
        raise FileError(path, Problem.ARRAY_PACKING, array=name)
    with archive.open(member) as stream:
        shape, by_columns, dtype = _read_header(path, name, stream)
        _check_header(path, name, shape, dtype)
        data = read_exactly(path, stream, prod(shape) * dtype.itemsize)
    array = np.reshape(np.frombuffer(data, dtype), shape, order="F" if by_columns else "C")
    _check_finite(path, name, array)
    return array


def _read_header(path: Path, name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape of an array, whether it is stored in Fortran order, and its type."""
    try:
        # versions 2 and 3 have headers of more than 64 KB, which arrays of numbers never need
        if np.lib.format.read_magic(stream) != (1, 0):
            raise FileError(path, Problem.ARRAY_VERSION, array=name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header is a Python literal, and parsing one may warn
            return np.lib.format.read_array_header_1_0(stream, max_header_size=MAX_HEADER)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise FileError(path, Problem.ARRAY_HEADER, array=name) from error


def _check_header(path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.kind not in NUMBER_KINDS or dtype.itemsize > LONGEST_NUMBER:
        raise _no_numbers(path, name, dtype)
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


def _check_finite(path: Path, name: str, array: npt.NDArray[Any]) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        place = [int(index) for index in np.unravel_index(np.argmin(finite), array.shape)]
        got = float(array[tuple(place)])
        raise FileError(path, Problem.ARRAY_NOT_FINITE, array=name, got=got, place=place)
