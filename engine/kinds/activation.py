"""What an activation is, and what each one answers about itself."""

from __future__ import annotations

from abc import abstractmethod
from math import inf
from typing import ClassVar

import numpy as np

from engine.core.arrays import Bools, Floats
from engine.core.registry import Choice, kind_of
from engine.tape.writer import TapeWriter


class Activation(Choice, frozen=True):
    """A function of z applied to every unit of a layer."""

    kinks: ClassVar[tuple[float, ...]] = ()
    """Where f' jumps, from the lowest z to the highest."""
    is_rectifier: ClassVar[bool] = False
    """Whether f and f' are exactly 0 wherever z is at most 0, so that a neuron can be off for every sample."""
    mixes_units: ClassVar[bool] = False
    """Whether each output depends on z of all units of the layer."""
    saturates: ClassVar[bool] = False
    """Whether f' goes to 0 on both sides."""
    keeps_sign: ClassVar[bool] = True
    """Whether f(z) is never of the other sign than z, and 0 where z is 0; if not, it can be of any sign in `outputs`."""
    value_at_zero: ClassVar[float] = 0.0
    """f(0): other than 0, a layer whose weights are all 0 still feeds the next one."""

    @property
    def outputs(self) -> tuple[float, float]:
        """Return between which numbers f lies; it reaches them, or comes as near as one likes."""
        return -inf, inf

    def can_give(self, y: Floats) -> Bools:
        """Return which targets y (samples, units) outputs reach, or come as near to as one likes."""
        low, high = self.outputs
        return (y >= low) & (y <= high)

    def nearest(self, y: Floats) -> Floats:
        """Return the possible outputs (samples, units) that are nearest to the targets y."""
        return np.clip(y, *self.outputs)

    @property
    def function(self) -> str:
        """Return what formulas call f."""
        return kind_of(self).replace("-", "_")

    def forward_formula(self, z: str) -> str:
        """Return what `write_forward` computes, as people write it."""
        return f"{self.function}({z})"

    def backward_formula(self, z: str, a: str, da: str) -> str:
        """Return what `write_backward` computes, as people write it."""
        return f"{da} ⊙ {self.function}′({z})"

    @abstractmethod
    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = f(z)."""

    @abstractmethod
    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · f'(z); may use z, a and da, and leaves them as they are, except da."""
