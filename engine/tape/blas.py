"""What BLAS needs to compute reproducibly: one thread, aligned memory and whole blocks."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from engine.core.arrays import AnyArray

ALIGNMENT = 64
"""The alignment of arrays in bytes: every array of a tape begins with a cache line, at a multiple of this number."""

BLOCK_SIZE = {8: 8, 4: 16}
"""How many numbers a BLAS kernel computes as one block; the key is the size of a number in bytes."""

SMALL_BLOCK_SIZE = 4
"""How many numbers the BLAS kernels for small products compute as one block."""


@cache
def limit_blas_to_one_thread() -> None:
    """Limit BLAS to one thread in this process. Two threads change the bits of wide products and slow small ones down."""
    threadpool_limits(limits=1, user_api="blas")


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
    """Return a C-ordered array of zeros at a multiple of `ALIGNMENT`, so that a probe holds for every run."""
    size = prod(shape) * dtype.itemsize
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(dtype).reshape(shape)


def aligned_like(array: AnyArray, dtype: np.dtype[Any] | None = None) -> AnyArray:
    """Return zeros at a multiple of `ALIGNMENT`, with the shape and the memory order of an array, packed."""
    axes = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    packed = aligned_zeros(tuple(array.shape[axis] for axis in axes), dtype or array.dtype)
    return packed.transpose(np.argsort(axes).tolist())


def aligned_copy(array: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """Return the numbers of an array as `dtype`, at a multiple of `ALIGNMENT`."""
    copy = aligned_like(array, dtype)
    copy[...] = array
    return copy


def up_to_block(count: int, dtype: np.dtype[Any]) -> int:
    """Return `count` rounded up to a multiple of the block size for numbers of `dtype`."""
    return round_up(count, BLOCK_SIZE[dtype.itemsize])


def round_up(count: int, multiple: int) -> int:
    """Return the smallest multiple of `multiple` that is not below `count`."""
    return -(-count // multiple) * multiple
