"""Reading files from strangers: only ordinary files, and never into more memory than a fixed limit."""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import Annotated, Protocol, TypeAlias

from msgspec import Meta

from engine.core.cancellation import checkpoint
from engine.core.errors import FileError
from engine.core.problems import Form, Problem

MAX_VALUES = 2**26
"""Largest number of values in one array: 512 MB as float64, enough for the 60,000 images of MNIST."""

PORTION_BYTES = 2**20
"""Number of bytes that are read at once."""


class Readable(Protocol):
    """A binary stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, or no bytes at the end of the stream."""
        ...


@contextmanager
def open_data(path: Path, limit: int) -> Generator[io.BufferedReader, None, None]:
    """Open a file of at most `limit` bytes for reading; every failure inside the `with` block becomes a FileError."""
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise FileError(path, Problem.NO_ORDINARY_FILE)  # reading a pipe or a device may never end
        if found.st_size > limit:
            raise FileError(path, Problem.LARGER_THAN_READ, megabytes=limit // 2**20)
        with path.open("rb") as stream:
            yield stream
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileError(path, Problem.DAMAGED_COMPRESSION) from error
    except OSError as error:
        raise FileError(path, Problem.UNREADABLE, reason=error.strerror or str(error)) from error
    except EOFError as error:
        raise FileError(path, Problem.CUT_SHORT) from error
    except UnicodeDecodeError as error:
        raise FileError(path, Problem.NOT_UTF8) from error


def read_exactly(path: Path, stream: Readable, size: int) -> bytearray:
    """Return the remaining `size` bytes of a stream; raise FileError if there are fewer or more.

    The bytes are read in portions: a file that announces too large a size costs no memory, and a compressed file that
    unpacks to more than it announces is given up after one byte too many.
    """
    data = bytearray()
    while len(data) <= size and (portion := stream.read(min(PORTION_BYTES, size + 1 - len(data)))):
        checkpoint()
        data += portion
    if len(data) < size:
        raise FileError(path, Problem.CUT_SHORT_NUMBERS, size=size, there=len(data))
    if len(data) > size:
        raise FileError(path, Problem.GOES_ON, size=size)
    return data


def parse_number(cell: str) -> float | None:
    """Return the number that a text stands for, or None if it is not a finite number; `1_000` is no number in a file."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


FileName: TypeAlias = Annotated[
    str,
    Meta(min_length=1, max_length=4096, pattern=r"^[^\x00]+$", extra={"form": Form.PATH}),
]
