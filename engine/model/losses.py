"""What training makes small: one frozen class per loss, with its gradient beside it.

`write_loss` appends the loss of a batch, a 0-d array. Cross-entropies compute it from z of the output layer: a sigmoid
of 40 is rounded to 1, and a loss computed from that would be infinite. `write_backward` appends the gradient with respect
to z, because cross-entropies simplify with the activation they belong to. Operands are (samples, outputs).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np

from engine.core.arrays import Floats
from engine.core.registry import named
from engine.kinds.activation import Activation
from engine.kinds.loss import Loss
from engine.model.entropies import BinaryCrossEntropy, CrossEntropy
from engine.tape.writer import TapeWriter


class SquaredError(Loss, frozen=True, tag="squared-error"):
    """½·Σ (a - y)², summed over outputs and summed or averaged over samples."""

    label: ClassVar[str] = "squared error"
    formula: ClassVar[str] = "½·Σ (a − y)²"

    reduction: Annotated[
        Literal["sum", "mean"],
        named("reduction", "Whether the errors of the samples are summed or averaged."),
    ] = "mean"

    def _divisor(self, samples: int) -> float:
        return 1.0 if self.reduction == "sum" else float(samples)

    def formula_of(self, z: str, a: str, y: str) -> str:
        """Return half the sum of squares, of all samples or of one on average."""
        return f"½·Σ(({a} − {y})²)" + (" / n" if self.reduction == "mean" else "")

    def write_loss(self, tape: TapeWriter, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = ½·Σ (a - y)² (times 1/n for the mean)."""
        terms = tape.scratch("loss_terms", a)
        tape.emit("np.subtract", a, y, out=terms)
        tape.emit("np.square", terms, out=terms)
        tape.emit("np.add.reduce", terms, out=loss, options={"axis": None})
        tape.emit(
            "np.multiply",
            loss,
            0.5 / self._divisor(tape.arrays[a].shape[0]),
            out=loss,
            formula=f"loss = ½·{self.reduction}(({a} − {y})²)",
        )

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append da = a - y (over n for the mean) and from it dz."""
        da = tape.scratch(f"d{a}", a)
        tape.emit("np.subtract", a, y, out=da)
        if self.reduction == "mean":
            tape.emit("np.divide", da, float(tape.arrays[a].shape[0]), out=da)
        tape.finish(f"{da} = ({a} − {y}) / n" if self.reduction == "mean" else f"{da} = {a} − {y}")
        activation.write_backward(tape, z, a, da, dz)
        tape.finish(f"{dz} = {activation.backward_formula(z, a, da)}")

    def rise(self, before: Floats, after: Floats, y: Floats) -> tuple[float, float]:
        """Return ½·Σ (after - before)·(after + before - 2y), which does not cancel where targets are large."""
        twice = (after - y) + (before - y)
        size = np.abs(after) + np.abs(before)
        factor = 0.5 / self._divisor(len(y))
        return float(factor * ((after - before) * twice).sum()), float(factor * (size * np.abs(twice)).sum())

    def share_of_batch(self, batch: int, samples: int) -> float:
        """A sum grows with the samples, a mean does not."""
        return batch / samples if self.reduction == "sum" else 1.0

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the loss of predicting each output's mean target, or the possible outputs that are nearest to it.

        Of targets above 1e154 it is infinite or NaN.
        """
        mean = y[:1] + (y - y[0]).mean(axis=0, dtype=np.float64)  # exact where all targets are equal
        constant = activation.nearest(mean)
        return float(0.5 * np.square(y - constant).sum() / self._divisor(len(y)))


AnyLoss: TypeAlias = SquaredError | BinaryCrossEntropy | CrossEntropy
