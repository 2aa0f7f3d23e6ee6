"""What training makes small: one frozen class per loss, with its gradient beside it.

`write_loss` appends the loss of a batch, a 0-d array. Cross-entropies compute it from z of the output layer: a sigmoid
of 40 is rounded to 1, and a loss computed from that would be infinite. `write_backward` appends the gradient with respect
to z, because cross-entropies simplify with the activation they belong to. Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, TypeAlias, cast

import numpy as np

from engine.core.arrays import Floats
from engine.core.registry import Choice, named
from engine.model.activations import Activation, Sigmoid, Softmax
from engine.model.classes import are_classes
from engine.model.shares import sum_to_one
from engine.tape.formulas import renamed
from engine.tape.writer import TapeWriter


class Loss(Choice, frozen=True):
    """A loss over a batch of outputs a and targets y."""

    required_activation: ClassVar[type[Activation] | None] = None
    """The output activation that this loss is defined for, or None for any."""

    classifies: ClassVar[bool] = False
    """Whether outputs are probabilities of classes."""

    needs_distributions: ClassVar[bool] = False
    """Whether the targets of a sample are the shares of its classes, so that they sum to 1."""

    def formula_of(self, z: str, a: str, y: str) -> str:
        """Return what `write_loss` computes of n samples, as people write it."""
        return renamed(self.formula, {"z": z, "a": a, "y": y})

    @abstractmethod
    def write_loss(self, tape: TapeWriter, z: str, a: str, y: str, loss: str) -> None:
        """Append the loss of the batch to the tape, into the 0-d array `loss`; z and a are those of the output layer."""

    @abstractmethod
    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append dz, the gradient of the loss with respect to z of the output layer; finish operations with formulas."""

    @property
    def unrounded(self) -> AnyLoss:
        """Return the same loss, with the same gradient, computed as exactly as it can be."""
        return cast(AnyLoss, self)

    @abstractmethod
    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the smallest loss on the targets y (samples, outputs) of outputs that ignore the inputs.

        `activation` is that of the output layer.
        """

    def rise(self, before: Floats, after: Floats, y: Floats) -> tuple[float, float] | None:
        """Return how much larger the loss of the outputs `after` is than that of `before`, and what was rounded for it.

        The rounding error is about an epsilon of the second number, which is smaller than the losses themselves. None
        for losses that know no better way than to subtract one from the other.
        """
        return None

    def tells_classes(self, y: Floats) -> bool:
        """Return whether targets y (samples, outputs) stand for classes, so that an accuracy makes sense."""
        if self.classifies and (y.shape[1] == 1 or sum_to_one(y).all()):
            return True
        return are_classes(y)

    def share_of_batch(self, batch: int, samples: int) -> float:
        """Return by what a loss over `samples` samples is multiplied to compare it with that of a batch."""
        return 1.0


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


class Entropy(Loss, frozen=True):
    """A mean cross-entropy; with its own activation its gradient is (a - y)/n."""

    classifies: ClassVar[bool] = True

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append dz = (a - y)/n."""
        tape.emit("np.subtract", a, y, out=dz)
        formula = f"{dz} = ({a} − {y}) / n"
        tape.emit("np.divide", dz, float(tape.arrays[a].shape[0]), out=dz, formula=formula)
        tape.finish(formula)


class BinaryCrossEntropy(Entropy, frozen=True, tag="binary-cross-entropy"):
    """-Σ y·log(a) + (1 - y)·log(1 - a), summed over outputs, mean over samples; 0·log(0) counts as 0.

    Textbooks compute it from the outputs a, as they are rounded: an output that is exactly 0 or 1 on the wrong side then
    has an infinite loss. Computed from z it is the loss that the network really has.
    """

    label: ClassVar[str] = "binary cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a) + (1 − y)·log(1 − a)"
    required_activation: ClassVar[type[Activation] | None] = Sigmoid

    computed_from: Annotated[
        Literal["logits", "outputs"],
        named(
            "computed from",
            "From z (logits), or from outputs as they are rounded: infinite where one saturates.",
        ),
    ] = "logits"

    @property
    def unrounded(self) -> AnyLoss:
        """Return the loss computed from z."""
        return BinaryCrossEntropy(computed_from="logits")

    def formula_of(self, z: str, a: str, y: str) -> str:
        """Return the loss over what it is computed from."""
        if self.computed_from == "logits":
            return f"Σ({y} ⊙ log(1 + exp(−{z})) + (1 − {y}) ⊙ log(1 + exp({z}))) / n"
        return f"−Σ({y} ⊙ log({a}) + (1 − {y}) ⊙ log(1 − {a})) / n"

    def write_loss(self, tape: TapeWriter, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = mean(-log p), p being the probability that the network gives to the truth."""
        terms = tape.scratch("loss_terms", z)
        if self.computed_from == "logits":
            write_terms = _write_hard_terms_of_z if tape.hard_targets else _write_soft_terms_of_z
            write_terms(tape, z, y, terms)
            _write_mean(tape, terms, loss)
        else:
            write_terms = _write_hard_terms_of_a if tape.hard_targets else _write_soft_terms_of_a
            write_terms(tape, a, y, terms)
            _write_mean(tape, terms, loss, sign=-1.0)

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the base rates of the outputs."""
        rate = y.mean(axis=0)
        return _entropy(rate) + _entropy(1.0 - rate)


def _write_hard_terms_of_z(tape: TapeWriter, z: str, y: str, terms: str) -> None:
    """Append terms = -log p for targets of exactly 0 and 1."""
    signs = tape.scratch("signs", y)
    if tape.batched:
        tape.emit("np.multiply", y, -2.0, out=signs)
        tape.emit("np.add", signs, 1.0, out=signs, formula="s = −1 where y = 1, else 1")
    else:
        tape.arrays[signs][...] = 1.0 - 2.0 * tape.arrays[y]
    tape.emit("np.multiply", z, signs, out=terms, formula=f"s ⊙ {z}, s = −1 where y = 1, else 1")
    _write_softplus(tape, terms, terms, formula=f"−log p = log(1 + exp(s ⊙ {z}))")


def _write_softplus(tape: TapeWriter, x: str, out: str, formula: str) -> None:
    """Append out = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which does not overflow.

    `np.logaddexp` does the same number by number, and takes up to four times as long.
    """
    rest = tape.scratch("loss_terms_rest", x)
    tape.emit("np.copysign", x, -1.0, out=rest)
    tape.emit("np.exp", rest, out=rest)
    tape.emit("np.log1p", rest, out=rest)
    tape.emit("np.maximum", x, 0.0, out=out)
    tape.emit("np.add", out, rest, out=out, formula=formula)


def _write_soft_terms_of_z(tape: TapeWriter, z: str, y: str, terms: str) -> None:
    """Append terms = -y·log(a) - (1 - y)·log(1 - a), both logarithms from z."""
    opposite, other_terms = _write_opposite(tape, y), tape.scratch("loss_terms_opposite", z)
    tape.emit("np.negative", z, out=terms)
    _write_softplus(tape, terms, terms, formula=f"−log(a) = log(1 + exp(−{z}))")
    _write_softplus(tape, z, other_terms, formula=f"−log(1 − a) = log(1 + exp({z}))")
    _write_weighted(tape, terms, y)
    _write_weighted(tape, other_terms, opposite)
    tape.emit("np.add", terms, other_terms, out=terms)


def _write_hard_terms_of_a(tape: TapeWriter, a: str, y: str, terms: str) -> None:
    """Append terms = log p for targets of exactly 0 and 1."""
    tape.emit("np.subtract", a, _write_opposite(tape, y), out=terms)
    tape.emit("np.absolute", terms, out=terms, formula="p = probability of the truth")
    tape.emit("np.log", terms, out=terms, formula="log p")


def _write_soft_terms_of_a(tape: TapeWriter, a: str, y: str, terms: str) -> None:
    """Append terms = y·log(a) + (1 - y)·log(1 - a)."""
    opposite, other_terms = _write_opposite(tape, y), tape.scratch("loss_terms_opposite", a)
    tape.emit("np.log", a, out=terms)
    tape.emit("np.subtract", 1.0, a, out=other_terms)
    tape.emit("np.log", other_terms, out=other_terms)
    _write_weighted(tape, terms, y)
    _write_weighted(tape, other_terms, opposite)
    tape.emit("np.add", terms, other_terms, out=terms)


def _write_opposite(tape: TapeWriter, y: str) -> str:
    """Append the array 1 - y and return its name."""
    opposite = tape.scratch("y_opposite", y)
    if tape.batched:
        tape.emit("np.subtract", 1.0, y, out=opposite)
    else:
        tape.arrays[opposite][...] = 1.0 - tape.arrays[y]
    return opposite


class CrossEntropy(Entropy, frozen=True, tag="cross-entropy"):
    """-Σ y·log(a), summed over classes, mean over samples; 0·log(0) counts as 0."""

    label: ClassVar[str] = "cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a)"
    required_activation: ClassVar[type[Activation] | None] = Softmax
    needs_distributions: ClassVar[bool] = True

    def formula_of(self, z: str, a: str, y: str) -> str:
        """Return the loss over z, which it is computed from."""
        return f"Σ({y} ⊙ (log(Σⱼ(exp({z}))) − {z})) / n"

    def write_loss(self, tape: TapeWriter, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = mean(Σ y·(log Σ exp(z) - z)), both with the largest z of the sample taken off."""
        terms, logs = tape.scratch("loss_terms", z), tape.row("loss_logs", z)
        tape.emit("np.log", Softmax.total(z), out=logs, formula=f"log Σ exp({z})")
        tape.emit("np.subtract", logs, Softmax.below_largest(z), out=terms, formula="−log p")
        _write_weighted(tape, terms, y)
        _write_mean(tape, terms, loss)

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the class frequencies: ln K for K balanced classes."""
        return _entropy(y.mean(axis=0))


def _write_weighted(tape: TapeWriter, terms: str, weight: str) -> None:
    """Append terms = weight·terms, 0 where the weight is 0 (so that 0·∞ is no NaN)."""
    unused = tape.scratch(f"{terms}_unused", weight, bool)
    tape.emit("np.multiply", weight, terms, out=terms)
    if tape.batched:
        tape.emit("np.equal", weight, 0.0, out=unused)
    else:
        tape.arrays[unused][...] = tape.arrays[weight] == 0.0
    tape.emit("np.copyto", 0.0, out=terms, options={"where": unused}, formula=f"{weight} ⊙ {terms}")


def _write_mean(tape: TapeWriter, terms: str, loss: str, sign: float = 1.0) -> None:
    """Append loss = sign·(sum of the terms of a sample), mean over the samples."""
    values = tape.arrays[terms]
    flat, shares = f"{terms}_flat", f"{terms}_shares"
    tape.arrays[flat] = values.T.reshape(-1)  # a view: one neuron after the other in memory
    tape.arrays[shares] = np.full(values.size, sign / len(values), values.dtype)
    tape.emit("np.dot", flat, shares, out=loss, formula="loss = mean(−log p)")


def _entropy(p: Floats) -> float:
    positive = p[p > 0]
    return float(-(positive * np.log(positive)).sum())


AnyLoss: TypeAlias = SquaredError | BinaryCrossEntropy | CrossEntropy
