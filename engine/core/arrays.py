"""The arrays of a run: their types, and copies that can leave its thread."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
"""Arrays of a run. They are float64, or float32 where the experiment says so; types speak of the usual case."""

Bools: TypeAlias = npt.NDArray[np.bool_]

AnyArray: TypeAlias = npt.NDArray[Any]


AnArray = TypeVar("AnArray", bound=AnyArray)


def owner(array: AnyArray) -> AnyArray:
    """Return the array that owns the memory of a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def locked(values: AnArray) -> AnArray:
    """Return a copy that nobody can write to: what leaves the training thread."""
    copy = values.copy()
    copy.flags.writeable = False
    return copy
