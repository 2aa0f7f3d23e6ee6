"""What a neuron makes of its input z: one frozen class per function, with its derivative beside it.

`write_forward` appends a = f(z) to a tape, `write_backward` appends dz = da · f'(z). All operands are
(samples, units); they are names of arrays of the tape.
"""

from __future__ import annotations

from abc import abstractmethod
from math import inf, log, pi, sqrt
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.arrays import Bools, Floats
from engine.core.registry import named
from engine.kinds.activation import Activation
from engine.kinds.shares import are_shares, nearest_shares
from engine.model.saturating import HardSigmoid, HardTanh, Sigmoid, Softsign, Tanh
from engine.tape.writer import TapeWriter

LOWEST_SILU = -0.27846454276107377
"""The lowest value of SiLU, at z = -1.27846."""
LOWEST_GELU = -0.170040750571255
"""The lowest value of GELU's tanh form, at z = -0.75246."""


class Identity(Activation, frozen=True, tag="identity"):
    """f(z) = z."""

    label: ClassVar[str] = "identity"
    formula: ClassVar[str] = "z"

    def forward_formula(self, z: str) -> str:
        """Return z itself."""
        return z

    def backward_formula(self, z: str, a: str, da: str) -> str:
        """Return da itself."""
        return da

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = z."""
        tape.emit("np.copyto", z, out=a)

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da."""
        tape.emit("np.copyto", da, out=dz)


class Relu(Activation, frozen=True, tag="relu"):
    """f(z) = max(z, 0); f' = 1 for z > 0, else 0 (so 0 at z = 0, as every framework has it)."""

    label: ClassVar[str] = "ReLU"
    formula: ClassVar[str] = "max(z, 0)"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    is_rectifier: ClassVar[bool] = True

    @property
    def outputs(self) -> tuple[float, float]:
        """Nothing is below 0."""
        return 0.0, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = max(z, 0); against an array of zeros NumPy is faster than against one zero."""
        zeros = tape.scratch(f"{z}_zeros", z)
        tape.emit("np.maximum", z, zeros, out=a, formula=f"{a} = relu({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da where z > 0, else 0."""
        active = tape.scratch(f"{z}_active", z, bool)
        tape.emit("np.greater", z, 0.0, out=active, formula=f"relu'({z}) = {z} > 0")
        tape.emit("np.multiply", da, active, out=dz, formula=f"{dz} = {da} ⊙ relu'({z})")


class LeakyRelu(Activation, frozen=True, tag="leaky-relu"):
    """f(z) = z for z > 0, else slope·z (Maas, Hannun and Ng 2013)."""

    label: ClassVar[str] = "leaky ReLU"
    formula: ClassVar[str] = "max(z, slope·z)"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    slope: Annotated[float, Meta(ge=0, lt=1), named("slope", "The slope where z is below 0.")] = 0.01

    @property
    def outputs(self) -> tuple[float, float]:
        """Nothing is below 0 where there is no slope."""
        return -inf if self.slope else 0.0, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = max(z, slope·z)."""
        tape.emit("np.multiply", z, self.slope, out=a)
        tape.emit("np.maximum", z, a, out=a, formula=f"{a} = leaky_relu({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da where z > 0, else slope·da."""
        active = tape.scratch(f"{z}_active", z, bool)
        tape.emit("np.greater", z, 0.0, out=active)
        tape.emit("np.multiply", active, 1.0 - self.slope, out=dz)
        tape.emit("np.add", dz, self.slope, out=dz, formula=f"leaky_relu'({z})")
        tape.emit("np.multiply", da, dz, out=dz, formula=f"{dz} = {da} ⊙ leaky_relu'({z})")


class ExponentialLinear(Activation, frozen=True):
    """f(z) = scale·z for z > 0, else scale·alpha·(exp(z) - 1)."""

    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    @property
    @abstractmethod
    def factors(self) -> tuple[float, float]:
        """Return (scale, alpha)."""

    @property
    def outputs(self) -> tuple[float, float]:
        """Return what it comes to far below 0, and no upper end."""
        scale, alpha = self.factors
        return -scale * alpha, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = scale·(max(z, 0) + alpha·expm1(min(z, 0)))."""
        scale, alpha = self.factors
        below = tape.scratch(f"{z}_below", z)
        tape.emit("np.minimum", z, 0.0, out=below)
        tape.emit("np.expm1", below, out=below)
        tape.emit("np.multiply", below, scale * alpha, out=below)
        tape.emit("np.maximum", z, 0.0, out=a)
        tape.emit("np.multiply", a, scale, out=a)
        tape.emit("np.add", a, below, out=a, formula=f"{a} = {self.__struct_config__.tag}({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · (scale where z > 0, else scale·alpha·exp(z))."""
        scale, alpha = self.factors
        below, active = f"{z}_below", tape.scratch(f"{z}_active", z, bool)
        # `below` holds scale·alpha·expm1(min(z, 0)), which is f' - scale·alpha for z <= 0 and 0 above.
        tape.emit("np.greater", z, 0.0, out=active)
        tape.emit("np.multiply", active, scale - scale * alpha, out=dz)
        tape.emit("np.add", dz, scale * alpha, out=dz)
        tape.emit("np.add", dz, below, out=dz, formula=f"{self.__struct_config__.tag}'({z})")
        tape.emit("np.multiply", da, dz, out=dz)


class Elu(ExponentialLinear, frozen=True, tag="elu"):
    """f(z) = z for z > 0, else alpha·(exp(z) - 1) (Clevert, Unterthiner and Hochreiter 2016)."""

    label: ClassVar[str] = "ELU"
    formula: ClassVar[str] = "z for z > 0, else alpha·(exp(z) − 1)"

    alpha: Annotated[float, Meta(gt=0), named("alpha", "How far below 0 outputs go, at most.")] = 1.0

    @property
    def factors(self) -> tuple[float, float]:
        """Return (1, alpha)."""
        return 1.0, self.alpha


class Selu(ExponentialLinear, frozen=True, tag="selu"):
    """The self-normalizing ELU with fixed scale and alpha (Klambauer, Unterthiner, Mayr and Hochreiter 2017)."""

    label: ClassVar[str] = "SELU"
    formula: ClassVar[str] = "1.0507·z for z > 0, else 1.7581·(exp(z) − 1)"

    @property
    def factors(self) -> tuple[float, float]:
        """Return the constants of the paper."""
        return 1.0507009873554805, 1.6732632423543772


class Gelu(Activation, frozen=True, tag="gelu"):
    """f(z) = z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³))), the tanh form (Hendrycks and Gimpel 2016)."""

    label: ClassVar[str] = "GELU"
    formula: ClassVar[str] = "z/2·(1 + tanh(√(2/π)·(z + 0.044715·z³)))"

    @property
    def outputs(self) -> tuple[float, float]:
        """Return its lowest value and no upper end."""
        return LOWEST_GELU, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = z·(1 + t)/2 with t = tanh(√(2/π)·(z + 0.044715·z³)), kept for the derivative."""
        t = tape.scratch(f"{z}_tanh", z)
        tape.emit("np.square", z, out=t)
        tape.emit("np.multiply", t, 0.044715, out=t)
        tape.emit("np.add", t, 1.0, out=t)
        tape.emit("np.multiply", t, z, out=t)
        tape.emit("np.multiply", t, sqrt(2 / pi), out=t)
        tape.emit("np.tanh", t, out=t)
        tape.emit("np.add", t, 1.0, out=a)
        tape.emit("np.multiply", a, z, out=a)
        tape.emit("np.multiply", a, 0.5, out=a, formula=f"{a} = gelu({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · ((1 + t)/2 + z/2·(1 - t²)·√(2/π)·(1 + 3·0.044715·z²))."""
        t, slope = f"{z}_tanh", tape.scratch(f"{z}_slope", z)
        tape.emit("np.square", z, out=slope)
        tape.emit("np.multiply", slope, 3 * 0.044715, out=slope)
        tape.emit("np.add", slope, 1.0, out=slope)
        tape.emit("np.multiply", slope, sqrt(2 / pi), out=slope)
        tape.emit("np.multiply", slope, z, out=slope)
        tape.emit("np.square", t, out=dz)
        tape.emit("np.subtract", 1.0, dz, out=dz)
        tape.emit("np.multiply", slope, dz, out=slope)
        tape.emit("np.add", slope, t, out=slope)
        tape.emit("np.add", slope, 1.0, out=slope)
        tape.emit("np.multiply", slope, 0.5, out=slope, formula=f"gelu'({z})")
        tape.emit("np.multiply", da, slope, out=dz)


class Softplus(Activation, frozen=True, tag="softplus"):
    """f(z) = log(1 + exp(z)); f' = 1 / (1 + exp(-z)) (Dugas et al. 2001)."""

    label: ClassVar[str] = "softplus"
    formula: ClassVar[str] = "log(1 + exp(z))"
    keeps_sign: ClassVar[bool] = False
    value_at_zero: ClassVar[float] = log(2.0)

    @property
    def outputs(self) -> tuple[float, float]:
        """Nothing is below 0."""
        return 0.0, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = log(exp(0) + exp(z)), which does not overflow."""
        tape.emit("np.logaddexp", z, 0.0, out=a, formula=f"{a} = softplus({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · σ(z)."""
        Sigmoid().write_forward(tape, z, dz)
        tape.emit("np.multiply", da, dz, out=dz)


class Silu(Activation, frozen=True, tag="silu"):
    """f(z) = z·σ(z), also called swish (Elfwing, Uchibe and Doya 2018); f' = σ(z)·(1 + z·(1 - σ(z)))."""

    label: ClassVar[str] = "SiLU (swish)"
    formula: ClassVar[str] = "z / (1 + exp(−z))"

    @property
    def outputs(self) -> tuple[float, float]:
        """Return its lowest value and no upper end."""
        return LOWEST_SILU, inf

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = z·σ(z); σ(z) is kept for the derivative."""
        gate = tape.scratch(f"{z}_gate", z)
        Sigmoid().write_forward(tape, z, gate)
        tape.emit("np.multiply", z, gate, out=a, formula=f"{a} = silu({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · (σ + a·(1 - σ))."""
        gate = f"{z}_gate"
        tape.emit("np.subtract", 1.0, gate, out=dz)
        tape.emit("np.multiply", a, dz, out=dz)
        tape.emit("np.add", gate, dz, out=dz, formula=f"silu'({z})")
        tape.emit("np.multiply", da, dz, out=dz)


class Exponential(Activation, frozen=True, tag="exponential"):
    """f(z) = exp(z); f' = f."""

    label: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "exp(z)"
    keeps_sign: ClassVar[bool] = False
    value_at_zero: ClassVar[float] = 1.0

    @property
    def outputs(self) -> tuple[float, float]:
        """Nothing is below 0."""
        return 0.0, inf

    def forward_formula(self, z: str) -> str:
        """Return exp(z)."""
        return f"exp({z})"

    def backward_formula(self, z: str, a: str, da: str) -> str:
        """Return da ⊙ a."""
        return f"{da} ⊙ {a}"

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = exp(z), which is infinite for z > 709."""
        tape.emit("np.exp", z, out=a, formula=f"{a} = exp({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · a."""
        tape.emit("np.multiply", da, a, out=dz)


class Sine(Activation, frozen=True, tag="sine"):
    """f(z) = sin(z); f' = cos(z) (Sitzmann and others 2020)."""

    label: ClassVar[str] = "sine"
    formula: ClassVar[str] = "sin(z)"
    keeps_sign: ClassVar[bool] = False

    @property
    def outputs(self) -> tuple[float, float]:
        """Return where it turns."""
        return -1.0, 1.0

    def forward_formula(self, z: str) -> str:
        """Return sin(z)."""
        return f"sin({z})"

    def backward_formula(self, z: str, a: str, da: str) -> str:
        """Return da ⊙ cos(z)."""
        return f"{da} ⊙ cos({z})"

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = sin(z)."""
        tape.emit("np.sin", z, out=a, formula=f"{a} = sin({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · cos(z)."""
        tape.emit("np.cos", z, out=dz, formula=f"sin'({z}) = cos({z})")
        tape.emit("np.multiply", da, dz, out=dz)


class Softmax(Activation, frozen=True, tag="softmax"):
    """f(z)_j = exp(z_j) / Σ exp(z), over the units of the layer."""

    label: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "exp(z) / Σ exp(z)"
    mixes_units: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = False

    @staticmethod
    def total(z: str) -> str:
        """Return the name of the array (samples, 1) in which `write_forward` leaves Σ exp(z - largest z)."""
        return f"{z}_total"

    @staticmethod
    def below_largest(z: str) -> str:
        """Return the name of the array (samples, units) in which `write_forward` leaves z - largest z."""
        return f"{z}_below_largest"

    @property
    def outputs(self) -> tuple[float, float]:
        """Return the ends of a share."""
        return 0.0, 1.0

    def can_give(self, y: Floats) -> Bools:
        """Return which targets y (samples, units) are shares of their sample."""
        return np.broadcast_to(are_shares(y)[:, np.newaxis], y.shape)

    def nearest(self, y: Floats) -> Floats:
        """Return the shares (samples, units) that are nearest to the targets y."""
        return nearest_shares(y)

    def backward_formula(self, z: str, a: str, da: str) -> str:
        """Return a sum over all units of the sample."""
        return f"{a} ⊙ ({da} − Σⱼ({da} ⊙ {a}))"

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = softmax(z), with the largest z of each sample taken off first so that exp cannot overflow."""
        total, below = tape.row(self.total(z), z), tape.scratch(self.below_largest(z), z)
        rows = {"axis": 1, "keepdims": True}
        tape.emit("np.maximum.reduce", z, out=total, options=rows)
        tape.emit("np.subtract", z, total, out=below)
        tape.emit("np.exp", below, out=a)
        tape.emit("np.add.reduce", a, out=total, options=rows)
        tape.emit("np.divide", a, total, out=a, formula=f"{a} = softmax({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = a · (da - Σ da·a), the sum over the units of each sample."""
        total = self.total(z)
        tape.emit("np.multiply", da, a, out=dz)
        tape.emit("np.add.reduce", dz, out=total, options={"axis": 1, "keepdims": True})
        tape.emit("np.subtract", da, total, out=dz)
        tape.emit("np.multiply", dz, a, out=dz, formula=f"{dz} = {a} ⊙ ({da} − Σ {da} ⊙ {a})")


AnyActivation: TypeAlias = (
    Identity
    | Sigmoid
    | Tanh
    | Relu
    | LeakyRelu
    | Elu
    | Selu
    | Gelu
    | Silu
    | Softplus
    | Softsign
    | HardSigmoid
    | HardTanh
    | Exponential
    | Sine
    | Softmax
)
