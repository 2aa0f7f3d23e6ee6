"""Chunks of the flat vectors: a large network is updated a few thousand numbers at a time, which stay in the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from engine.tape.writer import TapeWriter

CHUNK_SIZE = 6144
"""Numbers in a chunk: three chunks fit into the second-level cache together."""


def is_chunked(size: int) -> bool:
    """Return whether vectors (size,) are updated in several chunks."""
    return size > 2 * CHUNK_SIZE


def over_chunks(writer: TapeWriter, vectors: Sequence[str], working: str) -> Iterator[None]:
    """Let names of flat vectors stand for one chunk after another; what is written meanwhile is for that chunk.

    `vectors` are names of arrays (size,), all of the same size. `working` is another such array, whose contents are
    not needed later: every chunk uses the beginning of it, which is then still in the cache. A short vector is a single
    chunk.
    """
    size = len(writer.arrays[vectors[0]])
    if not is_chunked(size):
        yield
        return
    for chunk, (start, stop) in enumerate(pairwise(_bounds(size))):
        for name in vectors:
            _alias(writer, name, chunk, slice(start, stop))
        _alias(writer, working, chunk, slice(stop - start))
        yield
    writer.aliases = {}


def _bounds(size: int) -> list[int]:
    count = -(-size // CHUNK_SIZE)
    return [round(size * index / count) for index in range(count + 1)]


def _alias(writer: TapeWriter, name: str, chunk: int, numbers: slice) -> None:
    writer.arrays[f"{name}_{chunk}"] = writer.arrays[name][numbers]
    writer.aliases[name] = f"{name}_{chunk}"
