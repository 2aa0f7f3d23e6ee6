"""A Dataset: frozen arrays that many runs share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Dataset:
    """Samples as rows: `x_train` (n, inputs), `y_train` (n, outputs), and test samples in the same form or None."""

    x_train: npt.NDArray[np.float64]
    y_train: npt.NDArray[np.float64]
    x_test: npt.NDArray[np.float64] | None = None
    y_test: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            if array is not None:
                array.flags.writeable = False

    @property
    def inputs(self) -> int:
        """Return the number of inputs of a sample."""
        return self.x_train.shape[1]

    @property
    def outputs(self) -> int:
        """Return the number of targets of a sample."""
        return self.y_train.shape[1]

    @property
    def samples(self) -> int:
        """Return the number of training samples."""
        return self.x_train.shape[0]
