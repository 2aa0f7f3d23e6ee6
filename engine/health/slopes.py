"""How steep activations are, read from the same operations that training uses."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.core.arrays import Floats
from engine.model.activations import Activation
from engine.tape.writer import TapeWriter

FLAT_SLOPE = 1e-3
"""An activation is flat where less than a thousandth of a gradient gets through: |f'(z)| < 1e-3."""

FAR_Z = 40.0
"""At this |z| every activation has long become what it is far from 0."""


class Slopes:
    """The slopes of one activation for arrays of one shape.

    They come from its own backward pass with dA = 1, so that a new activation needs nothing more. Of an activation that
    mixes units that would be no slope.
    """

    def __init__(self, activation: Activation, like: Floats) -> None:
        """Get ready for z of the shape, the type and the memory order of `like` (samples, units)."""
        tape = TapeWriter(like.dtype)
        for name in ("z", "a", "da", "dz"):
            tape.arrays[name] = np.ones_like(like)
        activation.write_forward(tape, "z", "a")
        activation.write_backward(tape, "z", "a", "da", "dz")
        self._arrays, self._instructions = tape.arrays, tape.instructions

    def of(self, z: Floats) -> Floats:
        """Return f'(z) (samples, units), a live array."""
        self._arrays["z"][...] = z
        self._arrays["da"][...] = 1.0  # an activation may use it up
        with np.errstate(all="ignore"):
            for instruction in self._instructions:
                instruction.call()
        return self._arrays["dz"]

    @property
    def values(self) -> Floats:
        """Return f(z) (samples, units) of the z that were last asked about, a live array."""
        return self._arrays["a"]


@cache
def turns_off(activation: Activation) -> bool:
    """Return whether an activation is flat far below 0 and not far above, so that a unit can be off for every sample."""
    if activation.mixes_units:
        return False
    below, above = Slopes(activation, np.ones((2, 1))).of(np.array([[-FAR_Z], [FAR_Z]]))[:, 0]
    return bool(abs(below) < FLAT_SLOPE <= abs(above))
