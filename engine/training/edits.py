"""Touching a run: what a person changes in a network at one step, as data.

Layers are counted from 1, as in W1; rows and neurons from 0. States are flat vectors: the parameters, then what the
optimizer remembers of each of them (see `Trainer.save`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.core.randomness import Purpose, stream
from engine.model.layout import Block, Layout


@dataclass(frozen=True)
class Nudge:
    """Set one weight to a value: that of a row of W and a neuron, or the neuron's bias if the row is fan_in."""

    layer: int
    row: int
    neuron: int
    value: float

    @property
    def name(self) -> str:
        """Return what is done, in a word for the name of a lane."""
        return "nudge"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return the changed state; what the optimizer remembers stays."""
        block = _block(layout, self.layer)
        if not (0 <= self.row < block.rows and 0 <= self.neuron < block.fan_out):
            raise InitscopeError(
                f"layer {self.layer} has no weight in row {self.row + 1} of neuron {self.neuron + 1}"
            )
        if not isfinite(self.value):
            raise InitscopeError(f"a weight must be a finite number, got {self.value}")
        edited = state.copy()
        block.of(edited[: layout.size])[self.row, self.neuron] = self.value
        return edited


@dataclass(frozen=True)
class Tie:
    """Make two neurons of a hidden layer one group: `second` gets everything that `first` has.

    Incoming column, bias and outgoing row, and what the optimizer remembers of them: so they are equal for ever.
    """

    layer: int
    first: int
    second: int

    @property
    def name(self) -> str:
        """Return what is done, in a word for the name of a lane."""
        return "tie"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return the changed state."""
        block = _block(layout, self.layer)
        if self.layer == len(layout.blocks):
            raise InitscopeError(
                f"only neurons of a hidden layer can be tied, layer {self.layer} is the output"
            )
        if self.first == self.second or not {self.first, self.second} <= set(range(block.fan_out)):
            raise InitscopeError(
                f"two different neurons of 1 to {block.fan_out} can be tied in layer {self.layer}, "
                f"got {self.first + 1} and {self.second + 1}"
            )
        edited = state.copy()
        parts = edited.reshape(-1, layout.size)
        incoming, outgoing = block.of(parts), layout.blocks[self.layer].weights(parts)
        incoming[..., self.second] = incoming[..., self.first]
        outgoing[:, self.second] = outgoing[:, self.first]
        return edited


@dataclass(frozen=True)
class BreakSymmetry:
    """Add normal noise of standard deviation `std` to all weights that lead into hidden layers; biases stay.

    The noise is a function of (seed, layer, step), times `std`.
    """

    std: float
    seed: int

    @property
    def name(self) -> str:
        """Return what is done, in two words for the name of a lane."""
        return f"noise {self.std:g}"

    def apply(self, state: Floats, layout: Layout, step: int) -> Floats:
        """Return the changed state; what the optimizer remembers stays."""
        if len(layout.blocks) == 1:
            raise InitscopeError("there is no hidden layer, so there is no symmetry to break")
        if not (self.std > 0 and isfinite(self.std)):
            raise InitscopeError(f"the noise must be a number above 0, got {self.std:g}")
        edited = state.copy()
        for number, block in enumerate(layout.blocks[:-1], start=1):
            weights = block.weights(edited[: layout.size])
            # starting weights are drawn at the position (layer), never at (layer, step)
            noise = stream(self.seed, Purpose.WEIGHTS, number, step).standard_normal(weights.shape)
            np.add(weights, self.std * noise, out=weights, casting="same_kind")
        return edited


Edit: TypeAlias = Nudge | Tie | BreakSymmetry


def _block(layout: Layout, layer: int) -> Block:
    if not 1 <= layer <= len(layout.blocks):
        raise InitscopeError(f"there is no layer {layer}, the layers are 1 to {len(layout.blocks)}")
    return layout.blocks[layer - 1]
