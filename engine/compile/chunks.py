"""Chunks of the flat vectors: a large network is updated a few thousand numbers at a time, which stay in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.tape.writer import TapeArray, TapeWriter

CHUNK_SIZE = 6144
"""The number of numbers in a chunk: three chunks fit into the second-level cache together."""


def is_chunked(size: int) -> bool:
    """Return whether vectors (size,) are updated in several chunks."""
    return size > 2 * CHUNK_SIZE


def over_chunks(writer: TapeWriter, vectors: Sequence[TapeArray], working: TapeArray) -> Iterator[None]:
    """Take one chunk of flat vectors after another in place of them; what is written meanwhile is for that chunk.

    `vectors` are arrays (size,), all of the same size. `working` is another such array, whose contents are not needed
    later: every chunk uses the beginning of it, which is then still in the cache. A short vector is a single chunk.
    """
    size = len(working.array)
    if not is_chunked(size):
        yield
        return
    for chunk, (start, stop) in enumerate(pairwise(_bounds(size))):
        for vector in vectors:
            _alias(writer, vector, chunk, slice(start, stop))
        _alias(writer, working, chunk, slice(stop - start))
        yield
    writer.aliases = {}


def _bounds(size: int) -> list[int]:
    count = -(-size // CHUNK_SIZE)
    return [round(size * index / count) for index in range(count + 1)]


def _alias(writer: TapeWriter, vector: TapeArray, chunk: int, numbers: slice) -> None:
    writer.aliases[vector.name] = writer.add(f"{vector.name}_{chunk}", vector.array[numbers])
