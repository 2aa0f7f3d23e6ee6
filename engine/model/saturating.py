"""Activations that go flat on both sides."""

from __future__ import annotations

from typing import ClassVar

from engine.kinds.activation import Activation
from engine.tape.writer import TapeWriter


class Sigmoid(Activation, frozen=True, tag="sigmoid"):
    """f(z) = 1 / (1 + exp(-z)); f' = f·(1 - f)."""

    label: ClassVar[str] = "sigmoid"
    formula: ClassVar[str] = "1 / (1 + exp(−z))"
    saturates: ClassVar[bool] = True
    keeps_sign: ClassVar[bool] = False
    value_at_zero: ClassVar[float] = 0.5

    @property
    def outputs(self) -> tuple[float, float]:
        """Return the ends of a probability."""
        return 0.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = 1 / (1 + exp(-z)); exp overflows to infinity for z < -709, and a is then exactly 0."""
        tape.emit("np.negative", z, out=a)
        tape.emit("np.exp", a, out=a)
        tape.emit("np.add", a, 1.0, out=a)
        tape.emit("np.reciprocal", a, out=a, formula=f"{a} = σ({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · a · (1 - a)."""
        tape.emit("np.subtract", 1.0, a, out=dz)
        tape.emit("np.multiply", dz, a, out=dz, formula=f"σ'({z}) = {a} ⊙ (1 − {a})")
        tape.emit("np.multiply", da, dz, out=dz, formula=f"{dz} = {da} ⊙ σ'({z})")


class Tanh(Activation, frozen=True, tag="tanh"):
    """f(z) = tanh(z); f' = 1 - f²."""

    label: ClassVar[str] = "tanh"
    formula: ClassVar[str] = "tanh(z)"
    saturates: ClassVar[bool] = True

    @property
    def outputs(self) -> tuple[float, float]:
        """Return its two asymptotes."""
        return -1.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = tanh(z)."""
        tape.emit("np.tanh", z, out=a)

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · (1 - a²)."""
        tape.emit("np.square", a, out=dz)
        tape.emit("np.subtract", 1.0, dz, out=dz, formula=f"tanh'({z}) = 1 − {a}²")
        tape.emit("np.multiply", da, dz, out=dz, formula=f"{dz} = {da} ⊙ tanh'({z})")


class Softsign(Activation, frozen=True, tag="softsign"):
    """f(z) = z / (1 + |z|); f' = 1 / (1 + |z|)² (Turian, Bergstra and Bengio 2009)."""

    label: ClassVar[str] = "softsign"
    formula: ClassVar[str] = "z / (1 + |z|)"
    saturates: ClassVar[bool] = True

    @property
    def outputs(self) -> tuple[float, float]:
        """Return its two asymptotes."""
        return -1.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = z / (1 + |z|)."""
        size = tape.scratch(f"{z}_size", z)
        tape.emit("np.absolute", z, out=size)
        tape.emit("np.add", size, 1.0, out=size)
        tape.emit("np.divide", z, size, out=a, formula=f"{a} = softsign({z})")

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da / (1 + |z|)²."""
        tape.emit("np.square", f"{z}_size", out=dz, formula=f"1 / softsign'({z})")
        tape.emit("np.divide", da, dz, out=dz, formula=f"{dz} = {da} ⊙ softsign'({z})")


class Clipped(Activation, frozen=True):
    """A straight line that is cut off at both ends of the outputs; f' is 0 from there on."""

    saturates: ClassVar[bool] = True
    reach: ClassVar[float] = 1.0
    """Where it is cut off: at this z and at minus this z."""

    def write_backward(self, tape: TapeWriter, z: str, a: str, da: str, dz: str) -> None:
        """Append dz = da · f'(0) where |z| < reach, else 0."""
        inside = tape.scratch(f"{z}_inside", z, bool)
        low, high = self.outputs
        tape.emit("np.absolute", z, out=dz)
        tape.emit("np.less", dz, self.reach, out=inside, formula=f"|{z}| < {self.reach:g}")
        tape.emit("np.multiply", da, inside, out=dz)
        tape.emit("np.multiply", dz, (high - low) / (2 * self.reach), out=dz)


class HardSigmoid(Clipped, frozen=True, tag="hard-sigmoid"):
    """f(z) = z/6 + ½, not below 0 and not above 1, as PyTorch and Keras 3 have it."""

    label: ClassVar[str] = "hard sigmoid"
    formula: ClassVar[str] = "min(max(z / 6 + ½, 0), 1)"
    keeps_sign: ClassVar[bool] = False
    value_at_zero: ClassVar[float] = 0.5
    reach: ClassVar[float] = 3.0
    kinks: ClassVar[tuple[float, ...]] = (-3.0, 3.0)

    @property
    def outputs(self) -> tuple[float, float]:
        """Return the ends of a probability."""
        return 0.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = min(max(z + 3, 0), 6) / 6."""
        tape.emit("np.add", z, 3.0, out=a)
        tape.emit("np.maximum", a, 0.0, out=a)
        tape.emit("np.minimum", a, 6.0, out=a)
        tape.emit("np.divide", a, 6.0, out=a, formula=f"{a} = hard_sigmoid({z})")


class HardTanh(Clipped, frozen=True, tag="hard-tanh"):
    """f(z) = z, not below -1 and not above 1."""

    label: ClassVar[str] = "hard tanh"
    formula: ClassVar[str] = "min(max(z, −1), 1)"
    kinks: ClassVar[tuple[float, ...]] = (-1.0, 1.0)

    @property
    def outputs(self) -> tuple[float, float]:
        """Return where it is cut off."""
        return -1.0, 1.0

    def write_forward(self, tape: TapeWriter, z: str, a: str) -> None:
        """Append a = min(max(z, -1), 1)."""
        tape.emit("np.maximum", z, -1.0, out=a)
        tape.emit("np.minimum", a, 1.0, out=a, formula=f"{a} = hard_tanh({z})")
