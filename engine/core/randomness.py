"""Everything random is a function of (seed, what for, position): nothing hides in a global state.

Each purpose has a stream of its own, so another initializer changes the weights and nothing else, and the batch
order or the dropout of step k can be drawn again without drawing the steps before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Rng: TypeAlias = np.random.Generator | np.random.RandomState
StreamName: TypeAlias = Literal["pcg64", "mt19937"]

SEEDS = 2**32
"""The number of seeds that there are; after the last one comes 0."""


class Purpose(IntEnum):
    """What a stream is drawn for. The numbers are part of every recorded run: never reuse or renumber them."""

    TRAIN_DATA = 1
    TEST_DATA = 2
    WEIGHTS = 3
    BIASES = 4
    BATCHES = 5
    DROPOUT = 6
    LABELS = 7


def seeds_from(first: int, count: int) -> list[int]:
    """Return so many seeds, `first` and those after it."""
    return [(first + place) % SEEDS for place in range(count)]


def stream(seed: int, purpose: Purpose, *position: int) -> np.random.Generator:
    """Return the PCG64 generator of one purpose at one position (a layer, an epoch, a step)."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), *position)))
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Random numbers for one parameter array of a layer.

    `shape` is the shape of the parameter: (fan_in, fan_out) for weights, (fan_out,) for biases.
    `transposed` draws a matrix as (fan_out, fan_in), which is the order of programs that keep W that way.
    """

    rng: Rng
    shape: tuple[int, ...]
    transposed: bool = False

    def normal(self) -> npt.NDArray[np.float64]:
        """Return standard normal numbers of the parameter's shape."""
        if self.transposed:
            return self.rng.standard_normal(self.shape[::-1]).T
        return self.rng.standard_normal(self.shape)

    def uniform(self) -> npt.NDArray[np.float64]:
        """Return numbers from [0, 1) of the parameter's shape."""
        if self.transposed:
            return self.rng.random(self.shape[::-1]).T
        return self.rng.random(self.shape)

    def truncated_normal(self) -> npt.NDArray[np.float64]:
        """Return standard normal numbers of the parameter's shape; those beyond 2 are drawn again, until none is."""
        values = self.normal()
        while (far := np.abs(values) > 2.0).any():
            values[far] = self.rng.standard_normal(np.count_nonzero(far))
        return values
