"""What BLAS needs to compute reproducibly: one thread, aligned memory and whole blocks."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from engine.core.arrays import AnyArray

ALIGNMENT = 64
"""Bytes: every array of a tape begins at a multiple of this."""

BLOCK_SIZE = {8: 8, 4: 16}
"""Numbers in a block of a BLAS kernel, by item size in bytes."""

SMALL_BLOCK_SIZE = 4
"""Numbers in a block of the BLAS kernels for small products."""


@cache
def limit_blas_to_one_thread() -> None:
    """Limit BLAS to one thread for this process; two change the bits of wide products and slow down small ones."""
    threadpool_limits(limits=1, user_api="blas")


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
    """Return a zeroed C-ordered array that begins at a 64-byte boundary, so that a probe holds for every run."""
    size = prod(shape) * dtype.itemsize
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(dtype).reshape(shape)


def up_to_block(count: int, dtype: np.dtype[Any]) -> int:
    """Return `count` rounded up to a multiple of the block size for numbers of `dtype`."""
    return round_up(count, BLOCK_SIZE[dtype.itemsize])


def round_up(count: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is not below `count`."""
    return -(-count // multiple) * multiple
