"""A Dataset: frozen arrays that many runs share. Two are the same only if they are one object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples as rows: `x_train` (n, inputs), `y_train` (n, outputs); test samples in the same form, or None.

    `image_shape` is (height, width) where the inputs are the pixels of an image, row by row. `class_names`
    has one name per class where classes have names: column k of the targets is class k, and the single column
    of two classes holds 0 for the first and 1 for the second. Two are equal only if they are the same object.
    """

    x_train: npt.NDArray[np.float64]
    y_train: npt.NDArray[np.float64]
    x_test: npt.NDArray[np.float64] | None = None
    y_test: npt.NDArray[np.float64] | None = None
    image_shape: tuple[int, int] | None = None
    class_names: tuple[str, ...] = ()

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
