"""Where training starts: one frozen class per way to draw a layer's weights or biases.

Every class answers `sample(fan_in, fan_out, source)` with a float64 array of `source.shape`:
(fan_in, fan_out) for weights, (fan_out,) for biases. The arithmetic follows the papers in the docstrings.
"""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.archives.any_arrays import read_named
from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.core.randomness import Source
from engine.core.registry import Choice, named
from engine.formats.bounded_reading import FileName

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


class Constant(Scaled, frozen=True, tag="constant"):
    """Every value the same: the start that no deterministic update ever breaks."""

    label: ClassVar[str] = "constant"
    formula: ClassVar[str] = "value"

    value: Annotated[Number, named("value", "The value of every parameter.")] = 0.0

    def unscaled(self, source: Source) -> Array:
        """Return an array full of `value`."""
        return np.full(source.shape, self.value)

    @property
    def is_random(self) -> bool:
        """A constant does not depend on the seed."""
        return False


class ConstantNoise(Scaled, frozen=True, tag="constant-noise"):
    """A constant plus normal noise: nearly equal columns, value + std·N(0, 1)."""

    label: ClassVar[str] = "constant with noise"
    formula: ClassVar[str] = "value + std·N(0, 1)"

    value: Annotated[Number, named("value", "The constant.")] = 0.0
    std: Annotated[Deviation, named("noise", "The standard deviation of what is added.")] = 0.001

    def unscaled(self, source: Source) -> Array:
        """Return value + std·N(0, 1)."""
        return self.value + self.std * source.normal()


class Uniform(Scaled, frozen=True, tag="uniform"):
    """Uniform on [low, high): low + (high - low)·U."""

    label: ClassVar[str] = "uniform"
    formula: ClassVar[str] = "low + (high − low)·U(0, 1)"

    low: Annotated[Number, named("low", "The lower end of the range.")] = -1.0
    high: Annotated[Number, named("high", "The upper end of the range.")] = 1.0

    def unscaled(self, source: Source) -> Array:
        """Return low + (high - low)·U."""
        return self.low + (self.high - self.low) * source.uniform()


class Normal(Scaled, frozen=True, tag="normal"):
    """Normal with mean and std: mean + std·N(0, 1)."""

    label: ClassVar[str] = "normal"
    formula: ClassVar[str] = "mean + std·N(0, 1)"

    mean: Annotated[Number, named("mean", "The mean of the values.")] = 0.0
    std: Annotated[Deviation, named("standard deviation", "How far the values spread around their mean.")] = (
        1.0
    )

    def unscaled(self, source: Source) -> Array:
        """Return mean + std·N(0, 1)."""
        return self.mean + self.std * source.normal()


class LecunNormal(Initializer, frozen=True, tag="lecun-normal"):
    """Normal with variance 1/fan_in (LeCun, Bottou, Orr and Müller 1998, Efficient BackProp)."""

    label: ClassVar[str] = "LeCun normal"
    formula: ClassVar[str] = "N(0, 1)·√(1 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(1/fan_in)."""
        return source.normal() * sqrt(1.0 / fan_in)


class GlorotNormal(Initializer, frozen=True, tag="glorot-normal"):
    """Normal with variance 2/(fan_in + fan_out) (Glorot and Bengio 2010)."""

    label: ClassVar[str] = "Glorot (Xavier) normal"
    formula: ClassVar[str] = "N(0, 1)·√(2 / (fan_in + fan_out))"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(2/(fan_in + fan_out))."""
        return source.normal() * sqrt(2.0 / (fan_in + fan_out))


class GlorotUniform(Initializer, frozen=True, tag="glorot-uniform"):
    """Uniform on ±sqrt(6/(fan_in + fan_out)) (Glorot and Bengio 2010)."""

    label: ClassVar[str] = "Glorot (Xavier) uniform"
    formula: ClassVar[str] = "U(−1, 1)·√(6 / (fan_in + fan_out))"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return (2·U - 1)·sqrt(6/(fan_in + fan_out))."""
        return (2.0 * source.uniform() - 1.0) * sqrt(6.0 / (fan_in + fan_out))


class HeNormal(Initializer, frozen=True, tag="he-normal"):
    """Normal with variance 2/fan_in (He, Zhang, Ren and Sun 2015)."""

    label: ClassVar[str] = "He (Kaiming) normal"
    formula: ClassVar[str] = "N(0, 1)·√(2 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(2/fan_in)."""
        return source.normal() * sqrt(2.0 / fan_in)


class HeUniform(Initializer, frozen=True, tag="he-uniform"):
    """Uniform on ±sqrt(6/fan_in) (He, Zhang, Ren and Sun 2015)."""

    label: ClassVar[str] = "He (Kaiming) uniform"
    formula: ClassVar[str] = "U(−1, 1)·√(6 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return (2·U - 1)·sqrt(6/fan_in)."""
        return (2.0 * source.uniform() - 1.0) * sqrt(6.0 / fan_in)


class Orthogonal(Initializer, frozen=True, tag="orthogonal"):
    """Orthonormal columns (or rows, where fan_out > fan_in) times gain (Saxe, McClelland and Ganguli 2014)."""

    label: ClassVar[str] = "orthogonal"
    formula: ClassVar[str] = "gain·Q, QᵀQ = 1"

    gain: Annotated[float, Meta(gt=0), named("gain", "What the orthonormal columns are multiplied by.")] = 1.0

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return Q of the QR decomposition of a normal matrix, its signs fixed so that Q is uniform."""
        drawn = source.normal()
        tall = drawn if fan_in >= fan_out else drawn.T
        q, r = np.linalg.qr(tall)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        return self.gain * (q if fan_in >= fan_out else q.T)


class Lsuv(Orthogonal, frozen=True, tag="lsuv"):
    """Layer-sequential unit variance: orthogonal, then scaled until z of the layer has variance 1 on a batch.

    The scaling needs data; `first_state` does it, layer after layer (Mishkin and Matas 2016).
    """

    label: ClassVar[str] = "LSUV"
    formula: ClassVar[str] = "orthogonal, then scaled until z has variance 1"
    needs_data: ClassVar[bool] = True


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
    def is_random(self) -> bool:
        """A file does not depend on the seed."""
        return False


WeightInitializer: TypeAlias = (
    Constant
    | ConstantNoise
    | Uniform
    | Normal
    | LecunNormal
    | GlorotNormal
    | GlorotUniform
    | HeNormal
    | HeUniform
    | Orthogonal
    | Lsuv
    | File
)
BiasInitializer: TypeAlias = Constant | ConstantNoise | Uniform | Normal | File
