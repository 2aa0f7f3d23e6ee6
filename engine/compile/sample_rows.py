"""The inputs of all samples as batches are taken from them: one copy for all steps on the same inputs."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.tape.blas import aligned_zeros

_ROWS: dict[tuple[int, int, str], AnyArray] = {}
"""The results of `rows_with_ones` that are in use."""


def rows_with_ones(inputs: Floats, rows: int, dtype: np.dtype[Any]) -> AnyArray:
    """Return a locked copy (n, rows) of `inputs` (n, fan_in), with a last column of ones if `rows` is fan_in + 1.

    Steps on the same inputs share one copy, because a copy per lane of a picture data set would fill the memory. The copy
    is dropped together with the inputs.
    """
    key = (id(inputs), rows, dtype.str)
    if key not in _ROWS:
        copy = aligned_zeros((len(inputs), rows), dtype)
        copy[:, : inputs.shape[1]] = inputs
        copy[:, inputs.shape[1] :] = 1.0
        copy.flags.writeable = False
        _ROWS[key] = copy
        weakref.finalize(inputs, _ROWS.pop, key, None)
    return _ROWS[key]
