"""The plane of two inputs as a network sees it: the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats

Maps: TypeAlias = npt.NDArray[Any]
"""Numbers (…, rows, columns) in float32, enough for a picture."""


@dataclass(frozen=True)
class Plane:
    """The part of the plane that is drawn, and the training samples in it.

    `points` are the training inputs (n, 2), `classes` (n,) the number of the class of each. Without classes
    `class_names` is empty and a point is 1 if its first target lies above `middle`, else 0. Outputs are judged from
    `middle`: 0.5 for probabilities, else the middle of the first target's range, which extends by `reach` either way.
    """

    left: float
    right: float
    bottom: float
    top: float
    points: Floats
    classes: npt.NDArray[np.intp]
    class_names: tuple[str, ...]
    middle: float
    reach: float
    has_test_samples: bool

    def grid(self, rows: int) -> Floats:
        """Return the centres (rows · rows, 2) of the cells of a grid, row after row from the top."""
        shares = (np.arange(rows) + 0.5) / rows
        across = self.left + shares * (self.right - self.left)
        down = self.top - shares * (self.top - self.bottom)
        return np.stack([np.tile(across, rows), np.repeat(down, rows)], axis=1)


@dataclass(frozen=True)
class SpaceMaps:
    """What one network makes of the plane, copied and locked.

    `outputs` (outputs, rows, columns). `boundary` (lines, 2 ends, 2 inputs) are the places where the predicted class
    changes, without classes where the first output is `plane.middle`; straight lines from cell to cell.
    """

    plane: Plane
    outputs: Maps
    boundary: Floats


@dataclass(frozen=True)
class Predictions:
    """How many samples are predicted as each class, and the share of them that is right.

    The samples are the test samples, or the training samples where there are no others. Of one output, 0.5 itself counts
    as class 0. Outputs that are not numbers are counted as the loss counts them, and in `undefined` once more.
    """

    counts: tuple[int, ...]
    accuracy: float
    undefined: int
