"""What an initializer is: a way to draw the weights or the biases of a layer.

Every one answers `sample(fan_in, fan_out, source)` with a float64 array of `source.shape`: (fan_in, fan_out) for weights,
(fan_out,) for biases.
"""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.randomness import Source
from engine.core.registry import Choice, named

Array: TypeAlias = npt.NDArray[np.float64]
Scale: TypeAlias = Literal["1/fan_in", "2/fan_in", "2/(fan_in+fan_out)"]
LARGEST_NUMBER = 1e308
"""The largest number of an initializer: the last power of ten that float64 knows."""
Number: TypeAlias = Annotated[float, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Deviation: TypeAlias = Annotated[float, Meta(ge=0, le=LARGEST_NUMBER)]


def scale_variance(scale: Scale | None, fan_in: int, fan_out: int) -> float:
    """Return the variance that a `scale` stands for (1 without one); drawn values are multiplied by its root."""
    if scale is None:
        return 1.0
    return {
        "1/fan_in": 1.0 / fan_in,
        "2/fan_in": 2.0 / fan_in,
        "2/(fan_in+fan_out)": 2.0 / (fan_in + fan_out),
    }[scale]


class Initializer(Choice, frozen=True):
    """A way to draw a parameter array."""

    @abstractmethod
    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return float64 values of `source.shape`."""

    @property
    def is_random(self) -> bool:
        """Whether another seed gives other values."""
        return True

    @property
    def fixed_shape(self) -> tuple[int, ...] | None:
        """Return the only shape that it has values for, (fan_in, fan_out) or (fan_out,); None if it has them for any."""
        return None

    @property
    def is_given(self) -> bool:
        """Whether there are values for one shape only, so that a layer of another width cannot start from it."""
        return self.fixed_shape is not None

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return the variance of the values around 0; None where they are not spread around 0, or data scale them."""
        return None

    def check(self, path: str) -> None:
        """Raise ExperimentError for fields that make no sense together; `path` is where the initializer stands."""

    needs_data: ClassVar[bool] = False
    """Whether the weights are then scaled until z of their layer has variance 1 on a batch of training samples."""


class Scaled(Initializer, frozen=True):
    """An initializer whose values may be multiplied by the square root of a `scale`."""

    scale: Annotated[
        Scale | None, named("scale", "The variance by whose root drawn values are multiplied.")
    ] = None

    @abstractmethod
    def unscaled(self, source: Source) -> Array:
        """Return the values before they are scaled."""

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return the drawn values times the square root of `scale`."""
        values = self.unscaled(source)
        if self.scale is None:
            return values
        return values * sqrt(scale_variance(self.scale, fan_in, fan_out))

    @property
    def unscaled_variance(self) -> float | None:
        """Return the variance around 0 of the values before they are scaled; None where they do not spread around 0."""
        return None

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return the variance around 0 of the scaled values."""
        unscaled = self.unscaled_variance
        return None if unscaled is None else unscaled * scale_variance(self.scale, fan_in, fan_out)
