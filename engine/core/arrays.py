"""Types of the arrays of a run."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
"""Arrays of a run. They are float64, or float32 where the experiment says so; types speak of the usual case."""


AnyArray: TypeAlias = npt.NDArray[Any]
