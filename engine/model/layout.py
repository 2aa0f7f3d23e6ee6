"""All parameters of a network in one flat vector, and what part of it is which weight matrix.

In memory a layer is (fan_out, fan_in) with the bias as a last column, so that one product gives X·W + b. Outside this
file weights are always (fan_in, fan_out): column j is neuron j.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Block:
    """The place of one layer's parameters in a flat vector: positions `start` to `stop`.

    `rows` is how many numbers feed one neuron: fan_in, and 1 for the bias if there is one.
    """

    start: int
    stop: int
    fan_in: int
    fan_out: int
    rows: int

    @property
    def has_bias(self) -> bool:
        """Return whether the layer has biases."""
        return self.rows > self.fan_in

    def of(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view (…, fan_in [+ 1], fan_out) of this layer in (…, parameters): W with b as its last row."""
        part = flat[..., self.start : self.stop]
        return part.reshape(*part.shape[:-1], self.fan_out, self.rows).swapaxes(-1, -2)

    def weights(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view (…, fan_in, fan_out) of W."""
        return self.of(flat)[..., : self.fan_in, :]

    def biases(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number] | None:
        """Return the view (…, fan_out) of b, or None where the layer has none."""
        return self.of(flat)[..., self.fan_in, :] if self.has_bias else None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each layer's parameters lie in a flat vector of `size` numbers."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Return the number of parameters."""
        return self.blocks[-1].stop

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of units of every layer, the inputs first."""
        return (self.blocks[0].fan_in, *(block.fan_out for block in self.blocks))


def layout_of_layers(inputs: int, layers: Iterable[tuple[int, bool]]) -> Layout:
    """Return the layout of layers, each given by its number of units and whether it has biases."""
    blocks: list[Block] = []
    start, fan_in = 0, inputs
    for units, has_bias in layers:
        rows = fan_in + has_bias
        stop = start + rows * units
        blocks.append(Block(start, stop, fan_in, units, rows))
        start, fan_in = stop, units
    return Layout(tuple(blocks))
