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
