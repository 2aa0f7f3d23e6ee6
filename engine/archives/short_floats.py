"""Types of numbers that NumPy does not have."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def from_bfloat16(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return as float32 what 16-bit words (n,) mean as bfloat16: they are the upper halves of the same numbers."""
    return (values.astype(np.uint32) << 16).view(np.float32)
