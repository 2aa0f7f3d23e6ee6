"""IDX, the format of the MNIST files: a header of big-endian sizes, then bytes; gzipped or not.

Header: 0, 0, the type (8: unsigned byte, the only one read), the number of dimensions, a uint32 for each.
Source: Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits, "the IDX file format".
"""

from __future__ import annotations

import gzip
import struct
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.core.errors import FileError
from engine.formats.bounded_reading import MAX_VALUES, Readable, open_data, read_exactly

UNSIGNED_BYTE = 8
GZIP_MAGIC = b"\x1f\x8b"
LONGEST_HEADER = 16
CONTENTS = {1: "labels", 3: "images"}


def read_labels(path: Path) -> npt.NDArray[np.uint8]:
    """Return the labels (n,) of an IDX file."""
    return _read(path, 1)


def read_images(path: Path) -> npt.NDArray[np.uint8]:
    """Return the images (n, height, width) of an IDX file."""
    return _read(path, 3)


def _read(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    with open_data(path, MAX_VALUES + LONGEST_HEADER) as file:
        zipped = file.read(2) == GZIP_MAGIC
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if zipped else file
        shape = _read_header(path, stream, dimensions)
        return np.reshape(np.frombuffer(read_exactly(path, stream, prod(shape)), np.uint8), shape)


def _read_header(path: Path, stream: Readable, dimensions: int) -> tuple[int, ...]:
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise FileError(path, f"is not an IDX file of {CONTENTS[dimensions]}")
    if start[2] != UNSIGNED_BYTE or start[3] != dimensions:
        wanted = f"unsigned bytes (type 8) in {dimensions} dimensions"
        got = f"type {start[2]} in {start[3]}"
        raise FileError(path, f"must hold {CONTENTS[dimensions]}, {wanted}, got {got}")
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise FileError(path, "is cut short: its header is not complete")
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", sizes)
    if not 0 < prod(shape) <= MAX_VALUES:
        text = " x ".join(f"{size:,}" for size in shape)
        raise FileError(path, f"announces {text} numbers, must be from 1 to {MAX_VALUES:,} altogether")
    return shape
