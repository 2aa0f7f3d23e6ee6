"""Starts that no seed changes: constants, matrices that are written down, and values from files."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from msgspec import Meta

from engine.archives.any_arrays import read_named
from engine.core.errors import ExperimentError, FileError
from engine.core.problems import Problem
from engine.core.randomness import Source
from engine.core.registry import named
from engine.formats.bounded_reading import FileName
from engine.kinds.initializer import Array, Initializer, Number, Scaled

Rows: TypeAlias = Annotated[list[Annotated[list[Number], Meta(min_length=1)]], Meta(min_length=1)]


class Constant(Scaled, frozen=True, tag="constant"):
    """Every value the same: the start that no deterministic update ever breaks."""

    label: ClassVar[str] = "constant"
    formula: ClassVar[str] = "value"

    value: Annotated[Number, named("value", "The value of every parameter.")] = 0.0

    def unscaled(self, source: Source) -> Array:
        """Return an array full of `value`."""
        return np.full(source.shape, self.value)

    @property
    def unscaled_variance(self) -> float | None:
        """A constant of 0 spreads by 0."""
        return None if self.value else 0.0

    @property
    def is_random(self) -> bool:
        """A constant does not depend on the seed."""
        return False


class IdentityMatrix(Initializer, frozen=True, tag="identity"):
    """The identity matrix times a gain: neuron j starts as a copy of input j, further neurons with zeros."""

    label: ClassVar[str] = "identity matrix"
    formula: ClassVar[str] = "gain·I"

    gain: Annotated[Number, named("gain", "What the ones of the diagonal are multiplied by.")] = 1.0

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return gain where row and column have the same number, else 0."""
        rows, columns = source.shape
        return self.gain * np.eye(rows, columns)

    @property
    def is_random(self) -> bool:
        """The identity does not depend on the seed."""
        return False


class Hadamard(Initializer, frozen=True, tag="hadamard"):
    """ZerO: the identity, or where a layer widens a part of a Hadamard matrix (Zhao, Schäfer, Anandkumar 2022)."""

    label: ClassVar[str] = "Hadamard (ZerO)"
    formula: ClassVar[str] = "I, or H / √2ᵐ where the layer widens"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return the identity, or the first rows and columns of the orthonormal Hadamard matrix of 2ᵐ ≥ fan_out."""
        rows, columns = source.shape
        if fan_in >= fan_out:
            return np.eye(rows, columns)
        size = 1 << (fan_out - 1).bit_length()
        shared = np.bitwise_and(np.arange(rows)[:, np.newaxis], np.arange(columns))
        return np.where(np.bitwise_count(shared) % 2, -1.0, 1.0) / sqrt(size)

    @property
    def is_random(self) -> bool:
        """The matrix does not depend on the seed."""
        return False


class Values(Initializer, frozen=True, tag="values"):
    """The weights themselves: a list for each input, with a number for each neuron."""

    label: ClassVar[str] = "values"
    formula: ClassVar[str] = "as written down"

    values: Annotated[Rows, named("values", "A list for each input, with the weight of each neuron.")]

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return what is written down."""
        return np.array(self.values)

    def check(self, path: str) -> None:
        """All lists have one length."""
        for index, row in enumerate(self.values):
            if len(row) != len(self.values[0]):
                place, width = f"{path}.values.{index}", len(self.values[0])
                raise ExperimentError(place, Problem.TABLE_WIDTH, width=width, got=len(row))

    @property
    def fixed_shape(self) -> tuple[int, ...]:
        """The lists and their length."""
        return len(self.values), len(self.values[0])

    @property
    def is_random(self) -> bool:
        """What is written down does not depend on the seed."""
        return False


class Biases(Initializer, frozen=True, tag="values"):
    """The biases themselves: a number for each neuron."""

    label: ClassVar[str] = "values"
    formula: ClassVar[str] = "as written down"

    values: Annotated[
        Annotated[list[Number], Meta(min_length=1)], named("values", "The bias of each neuron.")
    ]

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return what is written down."""
        return np.array(self.values)

    @property
    def fixed_shape(self) -> tuple[int, ...]:
        """The length of the list."""
        return (len(self.values),)

    @property
    def is_random(self) -> bool:
        """What is written down does not depend on the seed."""
        return False


class File(Initializer, frozen=True, tag="file"):
    """Values from a file of arrays (NPZ, NPY, safetensors, PyTorch): the float array named `array`.

    `transposed`: the file stores the matrix as fan_out × fan_in, as PyTorch does. Biases may be one row or one column.
    """

    label: ClassVar[str] = "from a file"
    formula: ClassVar[str] = "an array of a file"

    path: Annotated[FileName, named("file", "The file that holds the values.")]
    array: Annotated[
        str, Meta(min_length=1, max_length=200), named("array", "The name of the array in the file.")
    ]
    transposed: Annotated[
        bool, named("transposed", "Whether the file has a row for each neuron, as PyTorch stores weights.")
    ] = False

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return the array of the file; raise FileError if its shape or its type is another one."""
        values = read_named(Path(self.path), (self.array,))[self.array]
        if self.transposed:
            values = values.T
        if len(source.shape) == 1 and values.shape in {(1, fan_out), (fan_out, 1)}:
            values = values.reshape(fan_out)
        if values.shape != source.shape:
            raise FileError(
                self.path, Problem.INITIAL_SHAPE, array=self.array, shape=source.shape, got=values.shape
            )
        if values.dtype.kind != "f":
            raise FileError(self.path, Problem.INITIAL_TYPE, array=self.array)
        return values.astype(np.float64)

    @property
    def is_given(self) -> bool:
        """The array of a file has a shape, whatever it is."""
        return True

    @property
    def is_random(self) -> bool:
        """A file does not depend on the seed."""
        return False
