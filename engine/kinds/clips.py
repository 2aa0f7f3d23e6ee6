"""How a gradient that is too large is made smaller, before weight decay is added to it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.registry import Choice, named
from engine.tape.formulas import number_text
from engine.tape.writer import TapeWriter

Limit: TypeAlias = Annotated[float, Meta(gt=0), named("limit", "The largest size that is left as it is.")]


class Clip(Choice, frozen=True):
    """A limit of the gradient of the loss."""

    @abstractmethod
    def write(self, tape: TapeWriter, gradient: str) -> None:
        """Append the clipping of the flat vector `gradient` (parameters,)."""

    @abstractmethod
    def formula_of(self, gradient: str) -> str:
        """Return a clipped gradient of a layer, as people write it."""


class ClipNorm(Clip, frozen=True, tag="norm"):
    """The gradient of all parameters together is scaled down where its norm is above the limit, as PyTorch does."""

    label: ClassVar[str] = "norm"
    formula: ClassVar[str] = "g·min(limit / ‖g‖, 1)"

    limit: Limit = 1.0

    def formula_of(self, gradient: str) -> str:
        """All gradients are multiplied by one number C."""
        return f"C·{gradient}"

    def write(self, tape: TapeWriter, gradient: str) -> None:
        """Append N = ‖g‖, C = min(limit / (N + 1e-6), 1) and g = C·g."""
        for name in ("N", "C"):
            tape.add(name, np.zeros((), tape.dtype))
        tape.emit("np.dot", gradient, gradient, out="N", formula="‖g‖²")
        tape.emit("np.sqrt", "N", out="N", formula="N = ‖g‖")
        tape.emit("np.add", "N", 1e-6, out="C")
        tape.emit("np.divide", self.limit, "C", out="C")
        tape.emit("np.minimum", "C", 1.0, out="C", formula="C = min(limit / N, 1)")
        tape.emit("np.multiply", gradient, "C", out=gradient, formula="g = C·g")


class ClipValue(Clip, frozen=True, tag="value"):
    """Every number of the gradient is cut off at the limit and at minus the limit."""

    label: ClassVar[str] = "value"
    formula: ClassVar[str] = "min(max(g, −limit), limit)"

    limit: Limit = 1.0

    def formula_of(self, gradient: str) -> str:
        """Cut off at both ends."""
        return f"min(max({gradient}, −{number_text(self.limit)}), {number_text(self.limit)})"

    def write(self, tape: TapeWriter, gradient: str) -> None:
        """Append g = min(max(g, -limit), limit)."""
        tape.emit("np.maximum", gradient, -self.limit, out=gradient)
        tape.emit("np.minimum", gradient, self.limit, out=gradient, formula="g = min(max(g, −limit), limit)")


AnyClip: TypeAlias = ClipNorm | ClipValue
