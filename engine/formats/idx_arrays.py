"""IDX, the format of the MNIST files: a header and an array of unsigned bytes, possibly compressed with gzip.

The header has two zero bytes, the type of the values as a byte (8, unsigned byte, is the only one that is read), the
number of dimensions as a byte, and the size of each dimension as a big-endian uint32.
Source: Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits, "the IDX file format".
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import MAX_VALUES, Readable, open_data, read_exactly

UNSIGNED_BYTE = 8
GZIP_MAGIC = b"\x1f\x8b"
LONGEST_HEADER = 16


def is_idx(path: Path) -> bool:
    """Return whether a file begins as IDX files do, gzipped or not."""
    with open_data(path, MAX_VALUES + LONGEST_HEADER) as file:
        return file.read(4).startswith((GZIP_MAGIC, b"\0\0\x08"))


def idx_shape(path: Path) -> tuple[int, ...] | None:
    """Return the shape of labels (n,) or images (n, height, width) in an IDX file; None if it holds neither."""
    for dimensions in (1, 3):
        with suppress(FileError, OSError), _open(path) as stream:
            return _read_header(path, stream, dimensions)
    return None


def read_labels(path: Path) -> npt.NDArray[np.uint8]:
    """Return the labels (n,) of an IDX file; raise FileError if it does not hold labels."""
    return _read(path, 1)


def read_images(path: Path) -> npt.NDArray[np.uint8]:
    """Return the images (n, height, width) of an IDX file, 0 to 255; raise FileError if it does not hold images."""
    return _read(path, 3)


@contextmanager
def _open(path: Path) -> Generator[Readable, None, None]:
    with open_data(path, MAX_VALUES + LONGEST_HEADER) as file:
        zipped = file.read(2) == GZIP_MAGIC
        file.seek(0)
        yield gzip.GzipFile(fileobj=file) if zipped else file


def _read(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    with _open(path) as stream:
        shape = _read_header(path, stream, dimensions)
        return np.reshape(np.frombuffer(read_exactly(path, stream, prod(shape)), np.uint8), shape)


def _read_header(path: Path, stream: Readable, dimensions: int) -> tuple[int, ...]:
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise FileError(path, Problem.NO_IDX_LABELS if dimensions == 1 else Problem.NO_IDX_IMAGES)
    if start[2] != UNSIGNED_BYTE or start[3] != dimensions:
        raise FileError(
            path,
            Problem.IDX_HOLDS_NO_LABELS if dimensions == 1 else Problem.IDX_HOLDS_NO_IMAGES,
            type=start[2],
            dimensions=start[3],
        )
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise FileError(path, Problem.IDX_HEADER)
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", sizes)
    if not 0 < prod(shape) <= MAX_VALUES:
        raise FileError(path, Problem.IDX_SIZE, sizes=shape, most=MAX_VALUES)
    return shape
