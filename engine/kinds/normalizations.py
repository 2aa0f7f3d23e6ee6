"""How a layer is normalized: its weighted sums get mean 0 and variance 1, and then a learnt scale and shift.

Each kind appends to a tape what becomes of Z of a layer: N = (Z - μ) / σ with σ = √(variance + ε), and U = scale · N +
shift, which the activation gets in place of Z. Scale and shift are what the literature calls γ and β (Ioffe and Szegedy
2015; Ba, Kiros and Hinton 2016). PyTorch's BatchNorm1d and LayerNorm do the same, with the same ε and running averages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from engine.tape.writer import TapeArray, TapeWriter

EPSILON, EPSILON_TEXT = 1e-5, "0.00001"
"""What is added to variances, as PyTorch does, so that numbers which are all equal are divided by no 0."""

MOMENTUM = 0.1
"""The share that a step has in the running averages, as in PyTorch."""

NAMES_OF_LEARNT, NAMES_OF_AVERAGES = ("scale", "shift"), ("running_mean", "running_var")
"""What formulas and files call what a normalized layer learns of each neuron, and what it keeps of its steps."""

Normalize: TypeAlias = Literal["batch", "layer"]
"""The name of a normalization in experiment files."""


@dataclass(frozen=True)
class NormNames:
    """What the arrays of a normalized layer are called on a tape; d in front of a name makes that of its gradient.

    `products` and `along` are working arrays.
    """

    z: str
    mean: str
    variance: str
    spread: str
    normalized: str
    u: str
    scale: str
    shift: str
    running_mean: str
    running_variance: str

    @property
    def products(self) -> str:
        """Return the name of an array of the shape of Z."""
        return f"{self.normalized}_products"

    @property
    def along(self) -> str:
        """Return the name of an array with one number for each sum."""
        return f"{self.normalized}_along"


class Normalization(ABC):
    """A way to normalize Z (samples, units); sums are taken over one of the two axes.

    `crosses_samples`: what becomes of a sample depends on the others of its step. `crosses_units`: what becomes of a
    neuron depends on the others of its layer.
    """

    crosses_samples: ClassVar[bool] = False
    crosses_units: ClassVar[bool] = False

    @property
    def keeps_averages(self) -> bool:
        """Return whether steps keep running averages, which measurements use in place of their own."""
        return self.crosses_samples

    @property
    def in_measurements(self) -> Normalization:
        """Return how the layer is normalized where nothing is trained."""
        return self

    def write_forward(self, tape: TapeWriter, names: NormNames) -> None:
        """Append U of a layer; working arrays are made."""
        z, n, u = names.z, names.normalized, names.u
        tape.scratch(names.products, z)
        mean, spread = self._write_statistics(tape, names)
        tape.emit("np.subtract", z, mean, out=n)
        tape.emit("np.divide", n, spread, out=n)
        tape.finish(f"{n} = ({z} − {mean}) / {spread}")
        tape.emit("np.multiply", n, names.scale, out=u)
        tape.emit("np.add", u, names.shift, out=u)
        tape.finish(f"{u} = {names.scale} ⊙ {n} + {names.shift}")

    @abstractmethod
    def _write_statistics(self, tape: TapeWriter, names: NormNames) -> tuple[str, str]:
        """Append the mean and σ, and return what they are called."""

    def write_backward(self, tape: TapeWriter, names: NormNames) -> None:
        """Append dZ of a layer, and the gradients of its scale and shift; dU is computed already."""
        du, n, dn, products = f"d{names.u}", names.normalized, f"d{names.normalized}", names.products
        tape.emit("np.multiply", du, n, out=products)
        _write_sum_over_samples(tape, products, f"d{names.scale}")
        tape.finish(f"d{names.scale} = Σᵢ({du} ⊙ {n})")
        _write_sum_over_samples(tape, du, f"d{names.shift}")
        tape.finish(f"d{names.shift} = Σᵢ({du})")
        tape.emit("np.multiply", du, names.scale, out=dn)
        tape.finish(f"{dn} = {du} ⊙ {names.scale}")
        self._write_delta(tape, names)

    @abstractmethod
    def _write_delta(self, tape: TapeWriter, names: NormNames) -> None:
        """Append dZ of a layer, whose dN is computed."""

    def write_averages(self, tape: TapeWriter, names: NormNames) -> None:
        """Append what a step does with the running averages of a layer, if it keeps some."""
        if self.crosses_samples:
            _write_average(tape, names.running_mean, names.mean, names.mean)
            count = len(tape.arrays[names.z])
            unbiased = f"{names.variance}·(n / (n − 1))"
            _write_average(tape, names.running_variance, names.variance, f"({unbiased})", count / (count - 1))


class _OfStep(Normalization):
    """A normalization by the mean and the variance of the Z of the step itself, over one of their axes."""

    sum_sign: ClassVar[str]

    @abstractmethod
    def _count(self, tape: TapeWriter, names: NormNames) -> tuple[float, str]:
        """Return how many numbers a mean is over, and what formulas call that."""

    @abstractmethod
    def _statistic(self, tape: TapeWriter, name: str, names: NormNames) -> str:
        """Make an array for one number of each sum over Z of a layer, and return its name."""

    @abstractmethod
    def _write_sum(self, tape: TapeWriter, values: str, out: str) -> None:
        """Append the sums over `values` (samples, units)."""

    def _write_mean(self, tape: TapeWriter, names: NormNames, values: str, out: str) -> None:
        self._write_sum(tape, values, out)
        tape.emit("np.divide", out, self._count(tape, names)[0], out=out)

    def _write_statistics(self, tape: TapeWriter, names: NormNames) -> tuple[str, str]:
        mean, variance, spread = (
            self._statistic(tape, name, names) for name in (names.mean, names.variance, names.spread)
        )
        z, products, count = names.z, names.products, self._count(tape, names)[1]
        self._write_mean(tape, names, z, mean)
        tape.finish(f"{mean} = {self.sum_sign}({z}) / {count}")
        tape.emit("np.subtract", z, mean, out=products)
        tape.emit("np.square", products, out=products)
        self._write_mean(tape, names, products, variance)
        tape.finish(f"{variance} = {self.sum_sign}(({z} − {mean})²) / {count}")
        _write_spread(tape, variance, spread)
        return mean, spread

    def _write_delta(self, tape: TapeWriter, names: NormNames) -> None:
        n, dn, dz, products = names.normalized, f"d{names.normalized}", f"d{names.z}", names.products
        sign, count = self.sum_sign, self._count(tape, names)[1]
        along = self._statistic(tape, names.along, names)
        tape.emit("np.multiply", dn, n, out=products)
        self._write_mean(tape, names, products, along)
        tape.emit("np.multiply", n, along, out=products)
        tape.emit("np.subtract", dn, products, out=dz)
        self._write_mean(tape, names, dn, along)
        tape.emit("np.subtract", dz, along, out=dz)
        tape.emit("np.divide", dz, names.spread, out=dz)
        parts = f"{n} ⊙ ({sign}({dn} ⊙ {n}) / {count})", f"{sign}({dn}) / {count}"
        tape.finish(f"{dz} = ({dn} − {parts[0]} − {parts[1]}) / {names.spread}")


class BatchNormalization(_OfStep):
    """Each neuron is normalized over the samples of a step; measurements take running averages instead."""

    crosses_samples = True
    sum_sign = "Σᵢ"

    @property
    def in_measurements(self) -> Normalization:
        """Return the normalization by running averages."""
        return _ByAverages()

    def _count(self, tape: TapeWriter, names: NormNames) -> tuple[float, str]:
        return float(len(tape.arrays[names.z])), "n"

    def _statistic(self, tape: TapeWriter, name: str, names: NormNames) -> str:
        return tape.column(name, names.z)

    def _write_sum(self, tape: TapeWriter, values: str, out: str) -> None:
        _write_sum_over_samples(tape, values, out)


class LayerNormalization(_OfStep):
    """Each sample is normalized over the neurons of the layer."""

    crosses_units = True
    sum_sign = "Σⱼ"

    def _count(self, tape: TapeWriter, names: NormNames) -> tuple[float, str]:
        units = tape.arrays[names.z].shape[1]
        return float(units), str(units)

    def _statistic(self, tape: TapeWriter, name: str, names: NormNames) -> str:
        return tape.row(name, names.z)

    def _write_sum(self, tape: TapeWriter, values: str, out: str) -> None:
        tape.emit("np.add.reduce", values, out=out, options={"axis": 1, "keepdims": True})


class _ByAverages(Normalization):
    """Each neuron is normalized by the running averages of its layer, which do not depend on what is measured."""

    crosses_samples = False

    @property
    def keeps_averages(self) -> bool:
        """Return that they are used."""
        return True

    def _write_statistics(self, tape: TapeWriter, names: NormNames) -> tuple[str, str]:
        spread = tape.column(names.spread, names.z)
        _write_spread(tape, names.running_variance, spread)
        return names.running_mean, spread

    def _write_delta(self, tape: TapeWriter, names: NormNames) -> None:
        dn, dz = f"d{names.normalized}", f"d{names.z}"
        tape.emit("np.divide", dn, names.spread, out=dz)
        tape.finish(f"{dz} = {dn} / {names.spread}")


def _write_spread(tape: TapeWriter, variance: str, spread: str) -> None:
    """Append σ = √(variance + ε)."""
    tape.emit("np.add", variance, EPSILON, out=spread)
    tape.emit("np.sqrt", spread, out=spread)
    tape.finish(f"{spread} = √({variance} + {EPSILON_TEXT})")


def _write_average(tape: TapeWriter, average: str, statistic: str, text: str, factor: float = 1.0) -> None:
    """Append nine tenths of a running average and one of what it is of, times a factor: in formulas, `text`.

    A variance is that of n - 1 of n samples, as it is estimated without bias.
    """
    share = tape.scratch(f"{average}_share", statistic)
    tape.emit("np.multiply", statistic, factor, out=share)
    tape.emit("np.multiply", share, MOMENTUM, out=share)
    tape.emit("np.multiply", average, 1.0 - MOMENTUM, out=average)
    tape.emit("np.add", average, share, out=average)
    tape.finish(f"{average} ← {1.0 - MOMENTUM!r}·{average} + {MOMENTUM!r}·{text}")


def _write_sum_over_samples(tape: TapeWriter, values: str, out: str) -> None:
    """Append the sums over the samples of `values` (samples, units) to `out` (units,), for all neurons in one order.

    The numbers of a neuron are a row in memory, and rows are summed alike.
    """
    rows = TapeArray(values, tape.arrays[values]).T
    column = tape.add(f"{out}_column", tape.arrays[out][:, None])
    tape.emit("np.add.reduce", rows, out=column, options={"axis": 1, "keepdims": True})


NORMALIZATIONS: dict[Normalize, Normalization] = {
    "batch": BatchNormalization(),
    "layer": LayerNormalization(),
}
"""Every normalization, by its name in experiment files."""
