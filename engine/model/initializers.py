"""Where training starts: one frozen class per way to draw a layer's weights or biases.

Every class answers `sample(fan_in, fan_out, source)` with a float64 array of `source.shape`:
(fan_in, fan_out) for weights, (fan_out,) for biases. The arithmetic follows the papers in the docstrings.
"""

from __future__ import annotations

from math import ceil, sqrt
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.randomness import Source
from engine.core.registry import named
from engine.kinds.initializer import LARGEST_NUMBER, Array, Deviation, Initializer, Number, Scaled
from engine.model.fixed_values import Biases, Constant, File, Hadamard, IdentityMatrix, Values

KEPT_DEVIATION = 0.87962566103423978
"""The standard deviation of N(0, 1) without what lies beyond 2."""
Gain: TypeAlias = Annotated[float, Meta(gt=0, le=LARGEST_NUMBER)]


class ConstantNoise(Scaled, frozen=True, tag="constant-noise"):
    """A constant plus normal noise: nearly equal columns, value + std·N(0, 1)."""

    label: ClassVar[str] = "constant with noise"
    formula: ClassVar[str] = "value + std·N(0, 1)"

    value: Annotated[Number, named("value", "The constant.")] = 0.0
    std: Annotated[Deviation, named("noise", "The standard deviation of what is added.")] = 0.001

    def unscaled(self, source: Source) -> Array:
        """Return value + std·N(0, 1)."""
        return self.value + self.std * source.normal()

    @property
    def unscaled_variance(self) -> float | None:
        """Return std², where the constant is 0."""
        return None if self.value else self.std**2


class Uniform(Scaled, frozen=True, tag="uniform"):
    """Uniform on [low, high): low + (high - low)·U."""

    label: ClassVar[str] = "uniform"
    formula: ClassVar[str] = "low + (high − low)·U(0, 1)"

    low: Annotated[Number, named("low", "The lower end of the range.")] = -1.0
    high: Annotated[Number, named("high", "The upper end of the range.")] = 1.0

    def unscaled(self, source: Source) -> Array:
        """Return low + (high - low)·U."""
        return self.low + (self.high - self.low) * source.uniform()

    @property
    def unscaled_variance(self) -> float | None:
        """Return a third of the square of the limit, where both are alike."""
        return None if self.low + self.high else self.high**2 / 3.0


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

    @property
    def unscaled_variance(self) -> float | None:
        """Return std², where the mean is 0."""
        return None if self.mean else self.std**2


class TruncatedNormal(Scaled, frozen=True, tag="truncated-normal"):
    """Normal with mean and std, drawn again where it lies more than two std from the mean, as Keras has it."""

    label: ClassVar[str] = "truncated normal"
    formula: ClassVar[str] = "mean + std·N(0, 1), within 2 std"

    mean: Annotated[Number, named("mean", "The mean of the values.")] = 0.0
    std: Annotated[
        Deviation, named("standard deviation", "That of the normal numbers before the far ones are replaced.")
    ] = 0.05

    def unscaled(self, source: Source) -> Array:
        """Return mean + std·N(0, 1), no number beyond 2."""
        return self.mean + self.std * source.truncated_normal()

    @property
    def unscaled_variance(self) -> float | None:
        """Return what is left of std², where the mean is 0."""
        return None if self.mean else (KEPT_DEVIATION * self.std) ** 2


class Gained(Initializer, frozen=True):
    """An initializer whose values are multiplied by a gain, which makes up for what the activation loses."""

    gain: Annotated[Gain, named("gain", "What all values are multiplied by.")] = 1.0


class LecunNormal(Gained, frozen=True, tag="lecun-normal"):
    """Normal with variance 1/fan_in (LeCun, Bottou, Orr and Müller 1998, Efficient BackProp)."""

    label: ClassVar[str] = "LeCun normal"
    formula: ClassVar[str] = "N(0, 1)·√(1 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(1/fan_in)."""
        return self.gain * (source.normal() * sqrt(1.0 / fan_in))

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain²·1/fan_in."""
        return self.gain**2 * 1.0 / fan_in


class GlorotNormal(Gained, frozen=True, tag="glorot-normal"):
    """Normal with variance 2/(fan_in + fan_out) (Glorot and Bengio 2010)."""

    label: ClassVar[str] = "Glorot (Xavier) normal"
    formula: ClassVar[str] = "N(0, 1)·√(2 / (fan_in + fan_out))"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(2/(fan_in + fan_out))."""
        return self.gain * (source.normal() * sqrt(2.0 / (fan_in + fan_out)))

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain²·2/(fan_in + fan_out)."""
        return self.gain**2 * 2.0 / (fan_in + fan_out)


class GlorotUniform(Gained, frozen=True, tag="glorot-uniform"):
    """Uniform on ±sqrt(6/(fan_in + fan_out)) (Glorot and Bengio 2010)."""

    label: ClassVar[str] = "Glorot (Xavier) uniform"
    formula: ClassVar[str] = "U(−1, 1)·√(6 / (fan_in + fan_out))"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return (2·U - 1)·sqrt(6/(fan_in + fan_out))."""
        return self.gain * ((2.0 * source.uniform() - 1.0) * sqrt(6.0 / (fan_in + fan_out)))

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain²·2/(fan_in + fan_out)."""
        return self.gain**2 * 2.0 / (fan_in + fan_out)


class HeNormal(Gained, frozen=True, tag="he-normal"):
    """Normal with variance 2/fan_in (He, Zhang, Ren and Sun 2015)."""

    label: ClassVar[str] = "He (Kaiming) normal"
    formula: ClassVar[str] = "N(0, 1)·√(2 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return N(0, 1)·sqrt(2/fan_in)."""
        return self.gain * (source.normal() * sqrt(2.0 / fan_in))

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain²·2/fan_in."""
        return self.gain**2 * 2.0 / fan_in


class HeUniform(Gained, frozen=True, tag="he-uniform"):
    """Uniform on ±sqrt(6/fan_in) (He, Zhang, Ren and Sun 2015)."""

    label: ClassVar[str] = "He (Kaiming) uniform"
    formula: ClassVar[str] = "U(−1, 1)·√(6 / fan_in)"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return (2·U - 1)·sqrt(6/fan_in)."""
        return self.gain * ((2.0 * source.uniform() - 1.0) * sqrt(6.0 / fan_in))

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain²·2/fan_in."""
        return self.gain**2 * 2.0 / fan_in


class VarianceScaling(Initializer, frozen=True, tag="variance-scaling"):
    """Variance scale / n, n being fan_in, fan_out or their mean: what Keras makes its He, Glorot and LeCun from."""

    label: ClassVar[str] = "variance scaling"
    formula: ClassVar[str] = "variance scale / n"

    scale: Annotated[
        Gain, named("scale", "The variance times the number of weights that it is shared by.")
    ] = 1.0
    mode: Annotated[
        Literal["fan_in", "fan_out", "fan_avg"],
        named("mode", "Whether n is the number of inputs, that of neurons, or the mean of both."),
    ] = "fan_in"
    distribution: Annotated[
        Literal["truncated-normal", "normal", "uniform"],
        named(
            "distribution", "How the weights are spread; without what is beyond 2 deviations, as Keras draws."
        ),
    ] = "truncated-normal"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return numbers of variance scale / n; those of the truncated normal are corrected for what is cut off."""
        deviation = sqrt(self.variance(fan_in, fan_out))
        if self.distribution == "uniform":
            return (2.0 * source.uniform() - 1.0) * (sqrt(3.0) * deviation)
        if self.distribution == "normal":
            return source.normal() * deviation
        return source.truncated_normal() * (deviation / KEPT_DEVIATION)

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return scale / n."""
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        return self.scale / count


class Sparse(Initializer, frozen=True, tag="sparse"):
    """Normal with std, but a share of the weights that leave each input is 0, as PyTorch's `sparse_` draws."""

    label: ClassVar[str] = "sparse"
    formula: ClassVar[str] = "std·N(0, 1), a share of them 0"

    share: Annotated[
        float, Meta(ge=0, le=1), named("share of zeros", "The share of the weights of each input that is 0.")
    ] = 0.9
    std: Annotated[Deviation, named("standard deviation", "How far the weights spread that are not 0.")] = (
        0.01
    )

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return the normal numbers, in each row ⌈share · fan_out⌉ zeros at random places."""
        values = self.std * source.normal()
        order = source.uniform().argsort(axis=1, kind="stable")
        np.put_along_axis(values, order[:, : ceil(self.share * values.shape[1])], 0.0, axis=1)
        return values

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return std² times the share that is not 0."""
        return self.std**2 * (1.0 - ceil(self.share * fan_out) / fan_out)


class PyTorchLinear(Initializer, frozen=True, tag="pytorch-linear"):
    """Uniform on ±1/√fan_in, weights and biases: how `torch.nn.Linear` starts."""

    label: ClassVar[str] = "as PyTorch's Linear"
    formula: ClassVar[str] = "U(−1, 1) / √fan_in"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return (2·U - 1)/sqrt(fan_in)."""
        return (2.0 * source.uniform() - 1.0) / sqrt(fan_in)

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return 1/(3·fan_in)."""
        return 1.0 / (3.0 * fan_in)


class Orthogonal(Gained, frozen=True, tag="orthogonal"):
    """Orthonormal columns (or rows, where fan_out > fan_in) times gain (Saxe, McClelland and Ganguli 2014)."""

    label: ClassVar[str] = "orthogonal"
    formula: ClassVar[str] = "gain·Q, QᵀQ = 1"

    def sample(self, fan_in: int, fan_out: int, source: Source) -> Array:
        """Return Q of the QR decomposition of a normal matrix, its signs fixed so that Q is uniform."""
        drawn = source.normal()
        tall = drawn if fan_in >= fan_out else drawn.T
        q, r = np.linalg.qr(tall)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        return self.gain * (q if fan_in >= fan_out else q.T)

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """Return gain² over the longer side."""
        return self.gain**2 / max(fan_in, fan_out)


class Lsuv(Orthogonal, frozen=True, tag="lsuv"):
    """Layer-sequential unit variance: orthogonal, then scaled until z of the layer has variance 1 on a batch.

    The scaling needs data; `first_state` does it, layer after layer (Mishkin and Matas 2016).
    """

    label: ClassVar[str] = "LSUV"
    formula: ClassVar[str] = "orthogonal, then scaled until z has variance 1"
    needs_data: ClassVar[bool] = True

    def variance(self, fan_in: int, fan_out: int) -> float | None:
        """The data decide."""
        return None


WeightInitializer: TypeAlias = (
    Constant
    | ConstantNoise
    | Uniform
    | Normal
    | TruncatedNormal
    | LecunNormal
    | GlorotNormal
    | GlorotUniform
    | HeNormal
    | HeUniform
    | VarianceScaling
    | PyTorchLinear
    | Orthogonal
    | Lsuv
    | IdentityMatrix
    | Hadamard
    | Sparse
    | Values
    | File
)
BiasInitializer: TypeAlias = (
    Constant | ConstantNoise | Uniform | Normal | TruncatedNormal | PyTorchLinear | Biases | File
)
