"""What training makes small: one frozen class per loss, with its gradient beside it.

`write_loss` appends the loss of a batch, a 0-d array. `write_backward` appends the gradient with respect to z, because
cross-entropies (`entropies.py`) simplify with the activation they belong to. Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.arrays import Bools, Floats
from engine.core.registry import named
from engine.kinds.activation import Activation
from engine.kinds.loss import Loss, Mismatch
from engine.model.entropies import (
    BinaryCrossEntropy,
    CrossEntropy,
    LogitsBinaryCrossEntropy,
    LogitsCrossEntropy,
)
from engine.tape.writer import TapeWriter

HALVINGS = 100
"""How often a range is halved to find the best constant: then it is a single number."""


class Distance(Loss, frozen=True):
    """A loss that grows with the errors a - y; the errors of outputs and samples are summed or averaged."""

    reduction: Annotated[
        Literal["sum", "mean", "mean-all"],
        named(
            "reduction",
            "Whether the errors of the samples are summed or averaged; mean-all averages outputs, too, as Keras does.",
        ),
    ] = "mean"

    def divisor(self, y: Floats) -> float:
        """Return by what the sum of all errors is divided."""
        return {"sum": 1.0, "mean": float(len(y)), "mean-all": float(y.size)}[self.reduction]

    def _over(self, y: str) -> str:
        """Return the division, as people write it."""
        return {"sum": "", "mean": " / n", "mean-all": f" / size({y})"}[self.reduction]

    @abstractmethod
    def distances(self, error: Floats) -> Floats:
        """Return what each error (samples, outputs) costs."""

    @abstractmethod
    def _best_constant(self, y: Floats) -> Floats:
        """Return the outputs (1, outputs) that cost least if they are the same for all samples."""

    def share_of_batch(self, batch: int, samples: int) -> float:
        """A sum grows with the samples, a mean does not."""
        return batch / samples if self.reduction == "sum" else 1.0

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the loss of the best constant, or of the possible outputs that are nearest to it.

        Of targets above 1e154 it is infinite or NaN.
        """
        constant = activation.nearest(self._best_constant(y))
        return float(self.distances(y - constant).sum() / self.divisor(y))

    def _write_reduced(
        self, tape: TapeWriter, a: str, terms: str, loss: str, factor: float, formula: str
    ) -> None:
        """Append loss = factor times the sum of the terms, over what the reduction divides by."""
        tape.emit("np.add.reduce", terms, out=loss, options={"axis": None})
        tape.emit("np.multiply", loss, factor / self.divisor(tape.arrays[a]), out=loss, formula=formula)

    def _write_behind(
        self,
        tape: TapeWriter,
        activation: Activation,
        names: tuple[str, str, str, str],
        da: str,
        formula: str,
    ) -> None:
        """Append the division of da, and dz; `names` are those of z, a, y and dz."""
        z, a, y, dz = names
        if self.reduction != "sum":
            tape.emit("np.divide", da, self.divisor(tape.arrays[a]), out=da)
        over = self._over(y)
        tape.finish(f"{da} = ({formula}){over}" if over and " " in formula else f"{da} = {formula}{over}")
        activation.write_backward(tape, z, a, da, dz)
        tape.finish(f"{dz} = {activation.backward_formula(z, a, da)}")


class SquaredError(Distance, frozen=True, tag="squared-error"):
    """½·Σ (a - y)², summed over outputs and summed or averaged over samples, or averaged over both."""

    label: ClassVar[str] = "squared error"
    formula: ClassVar[str] = "½·Σ (a − y)²"

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return half the sum of squares, of all samples or of one on average."""
        return f"½·Σ(({a} − {y})²){self._over(y)}"

    def distances(self, error: Floats) -> Floats:
        """Return half the squares."""
        return 0.5 * np.square(error)

    def _best_constant(self, y: Floats) -> Floats:
        return y[:1] + (y - y[0]).mean(axis=0, dtype=np.float64)  # exact where all targets are equal

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = ½·Σ (a - y)² (times 1/n for the mean)."""
        terms = tape.scratch("loss_terms", a)
        tape.emit("np.subtract", a, y, out=terms)
        tape.emit("np.square", terms, out=terms)
        formula = f"loss = ½·{self.reduction}(({a} − {y})²)"
        self._write_reduced(tape, a, terms, loss, 0.5, formula)

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append da = a - y (over n for the mean) and from it dz."""
        da = tape.scratch(f"d{a}", a)
        tape.emit("np.subtract", a, y, out=da)
        self._write_behind(tape, activation, (z, a, y, dz), da, f"{a} − {y}")

    def rise(self, before: Floats, after: Floats, y: Floats) -> tuple[float, float]:
        """Return ½·Σ (after - before)·(after + before - 2y), which does not cancel where targets are large."""
        twice = (after - y) + (before - y)
        size = np.abs(after) + np.abs(before)
        factor = 0.5 / self.divisor(y)
        return float(factor * ((after - before) * twice).sum()), float(factor * (size * np.abs(twice)).sum())


class AbsoluteError(Distance, frozen=True, tag="absolute-error"):
    """Σ |a - y|, summed over outputs and summed or averaged over samples, or averaged over both."""

    label: ClassVar[str] = "absolute error"
    formula: ClassVar[str] = "Σ |a − y|"

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the sum of what is above 0 of the errors."""
        return f"Σ(abs({a} − {y})){self._over(y)}"

    def distances(self, error: Floats) -> Floats:
        """Return the sizes."""
        return np.abs(error)

    def _best_constant(self, y: Floats) -> Floats:
        return np.median(y, axis=0, keepdims=True)

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Return which outputs are above their targets."""
        return (a > y).ravel()

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = Σ |a - y|, over what the reduction divides by."""
        terms = tape.scratch("loss_terms", a)
        tape.emit("np.subtract", a, y, out=terms)
        tape.emit("np.absolute", terms, out=terms)
        self._write_reduced(tape, a, terms, loss, 1.0, f"loss = {self.reduction}(|{a} − {y}|)")

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append da = the sign of a - y, 0 where both are equal, and from it dz."""
        da = tape.scratch(f"d{a}", a)
        tape.emit("np.subtract", a, y, out=da)
        tape.emit("np.sign", da, out=da)
        self._write_behind(tape, activation, (z, a, y, dz), da, f"sign({a} − {y})")


class Huber(Distance, frozen=True, tag="huber"):
    """½·(a - y)² for errors up to delta, and a straight line from there on (Huber 1964)."""

    label: ClassVar[str] = "Huber"
    formula: ClassVar[str] = "½·Σ (a − y)², beyond δ δ·(|a − y| − δ/2)"

    delta: Annotated[
        float, Meta(gt=0), named("delta", "The error from which on the loss is a straight line.")
    ] = 1.0

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over the errors E, which are cut off at delta."""
        return f"Σ(E ⊙ ({a} − {y} − E / 2)){self._over(y)}"

    def distances(self, error: Floats) -> Floats:
        """Return half the squares, or the straight line."""
        cut = np.clip(error, -self.delta, self.delta)
        return cut * (error - 0.5 * cut)

    def _best_constant(self, y: Floats) -> Floats:
        low: Floats = y.min(axis=0, keepdims=True)
        high: Floats = y.max(axis=0, keepdims=True)
        for _ in range(HALVINGS):
            middle = low + (high - low) / 2
            is_above: Bools = np.clip(middle - y, -self.delta, self.delta).sum(axis=0, keepdims=True) > 0
            low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
        return low + (high - low) / 2

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append e = a - y cut off at delta, and loss = Σ e·(a - y - e/2)."""
        terms, half = tape.scratch("loss_terms", a), tape.scratch("loss_half", a)
        cut = self._cut_off(tape, a, y)
        tape.emit("np.multiply", cut, 0.5, out=half)
        tape.emit("np.subtract", a, y, out=terms)
        tape.emit("np.subtract", terms, half, out=terms)
        tape.emit("np.multiply", cut, terms, out=terms)
        self._write_reduced(tape, a, terms, loss, 1.0, f"loss = {self.reduction}(E ⊙ ({a} − {y} − E / 2))")

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append da = e, and from it dz."""
        da = tape.scratch(f"d{a}", a)
        tape.emit("np.copyto", self._cut_off(tape, a, y), out=da)
        self._write_behind(tape, activation, (z, a, y, dz), da, "E")

    def _cut_off(self, tape: TapeWriter, a: str, y: str) -> str:
        """Append the errors E, cut off at delta, if they are not there yet, and return their name."""
        if "E" not in tape.arrays:
            tape.scratch("E", a)
            tape.emit("np.subtract", a, y, out="E")
            tape.emit("np.maximum", "E", -self.delta, out="E")
            tape.emit("np.minimum", "E", self.delta, out="E")
            tape.finish(f"E = min(max({a} − {y}, −δ), δ)")
        return "E"


class Hinge(Loss, frozen=True, tag="hinge"):
    """Σ max(0, 1 - y·a), summed over outputs, mean over samples; made for targets of -1 and 1."""

    label: ClassVar[str] = "hinge"
    formula: ClassVar[str] = "Σ max(0, 1 − y·a)"

    def mismatch(self, activation: Activation, y: Floats) -> Mismatch | None:
        """Targets are -1 and 1: with 0 in place of -1 the loss of a class is 1 whatever the outputs are."""
        return None if (np.abs(y) == 1).all() else Mismatch.TARGETS_NO_SIDES

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over the margins M."""
        return "Σ(max(M, 0)) / n"

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Return which outputs are inside the margin."""
        return (y * a < 1).ravel()

    def threshold(self, activation: Activation, y: Floats) -> float:
        """The two classes are below and above 0 where outputs can be."""
        return 0.0 if activation.outputs[0] < 0 else 0.5

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append the margins m = 1 - y·a, and loss = Σ max(m, 0) / n."""
        terms, margins = tape.scratch("loss_terms", a), self._margins(tape, a, y)
        tape.emit("np.maximum", margins, 0.0, out=terms)
        tape.emit("np.add.reduce", terms, out=loss, options={"axis": None})
        tape.emit("np.divide", loss, float(len(tape.arrays[a])), out=loss, formula="loss = mean(max(M, 0))")

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append da = -y where the margin is above 0, over n, and from it dz."""
        da, inside = tape.scratch(f"d{a}", a), tape.scratch("loss_inside", a, bool)
        tape.emit("np.greater", self._margins(tape, a, y), 0.0, out=inside, formula="step(M) = M > 0")
        tape.emit("np.multiply", y, inside, out=da)
        tape.emit("np.divide", da, -float(len(tape.arrays[a])), out=da)
        tape.finish(f"{da} = −{y} ⊙ step(M) / n")
        activation.write_backward(tape, z, a, da, dz)
        tape.finish(f"{dz} = {activation.backward_formula(z, a, da)}")

    @staticmethod
    def _margins(tape: TapeWriter, a: str, y: str) -> str:
        """Append the margins M if they are not there yet, and return their name."""
        if "M" not in tape.arrays:
            tape.scratch("M", a)
            tape.emit("np.multiply", y, a, out="M")
            tape.emit("np.subtract", 1.0, "M", out="M")
            tape.finish(f"M = 1 − {y} ⊙ {a}")
        return "M"

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the loss of the best constant: it is one of the ends of the margins, or of the outputs."""
        low, high = (float(np.clip(end, -1e6, 1e6)) for end in activation.outputs)
        best = np.full(y.shape[1], np.inf)
        for column, targets in enumerate(y.T):
            ends = 1.0 / np.unique(targets[targets != 0])
            for constant in (low, high, 0.0, *ends[:: max(1, len(ends) // HALVINGS)]):
                cost = np.maximum(0.0, 1.0 - targets * np.clip(constant, low, high)).mean()
                best[column] = min(best[column], cost)
        return float(best.sum())


AnyLoss: TypeAlias = (
    SquaredError
    | AbsoluteError
    | Huber
    | Hinge
    | BinaryCrossEntropy
    | CrossEntropy
    | LogitsBinaryCrossEntropy
    | LogitsCrossEntropy
)
