"""What training makes small: one frozen class per loss, with its gradient beside it.

`write_loss` appends the loss of a batch, a 0-d array. `write_backward` appends the gradient with respect to z of the
output layer, because cross-entropies simplify with the activation they belong to. Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np

from engine.core.arrays import Floats
from engine.core.registry import Choice, named
from engine.model.activations import Activation, Sigmoid, Softmax
from engine.tape.writer import TapeWriter


class Loss(Choice, frozen=True):
    """A loss over a batch of outputs a and targets y."""

    required_activation: ClassVar[type[Activation] | None] = None
    """The output activation that this loss is defined for, or None for any."""

    classifies: ClassVar[bool] = False
    """Whether outputs are probabilities of classes, so that an accuracy makes sense."""

    needs_distributions: ClassVar[bool] = False
    """Whether the targets of a sample are the shares of its classes, so that they sum to 1."""

    @abstractmethod
    def write_loss(self, tape: TapeWriter, a: str, y: str, loss: str) -> None:
        """Append the loss of the batch to the tape, into the 0-d array `loss`."""

    @abstractmethod
    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append dz, the gradient of the loss with respect to z of the output layer."""

    @abstractmethod
    def baseline(self, y: Floats) -> float:
        """Return the smallest loss that outputs which ignore the inputs can reach on the targets y."""

    def hits(self, a: Floats, y: Floats) -> Floats | None:
        """Return 1.0 per correctly classified sample and 0.0 per wrong one, or None where classes make no sense."""
        if not self.classifies:
            return None
        if a.shape[1] == 1:
            return ((a[:, 0] > 0.5) == (y[:, 0] > 0.5)).astype(np.float64)
        return (a.argmax(axis=1) == y.argmax(axis=1)).astype(np.float64)


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

    def write_loss(self, tape: TapeWriter, a: str, y: str, loss: str) -> None:
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
        activation.write_backward(tape, z, a, da, dz)

    def baseline(self, y: Floats) -> float:
        """Return the loss of predicting each output's mean target."""
        return float(0.5 * np.square(y - y.mean(axis=0)).sum() / self._divisor(len(y)))


class Entropy(Loss, frozen=True):
    """A mean cross-entropy; with its own activation its gradient is (a - y)/n."""

    classifies: ClassVar[bool] = True

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append dz = (a - y)/n."""
        tape.emit("np.subtract", a, y, out=dz)
        tape.emit("np.divide", dz, float(tape.arrays[a].shape[0]), out=dz, formula=f"{dz} = ({a} − {y}) / n")


class BinaryCrossEntropy(Entropy, frozen=True, tag="binary-cross-entropy"):
    """-Σ y·log(a) + (1 - y)·log(1 - a), summed over outputs, mean over samples; 0·log(0) counts as 0.

    An output that is saturated on the wrong side (a exactly 0 or 1) gives an infinite loss.
    """

    label: ClassVar[str] = "binary cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a) + (1 − y)·log(1 − a)"
    required_activation: ClassVar[type[Activation] | None] = Sigmoid

    def write_loss(self, tape: TapeWriter, a: str, y: str, loss: str) -> None:
        """Append loss = -mean(log p), p being the probability that the network gives to the truth."""
        terms = tape.scratch("loss_terms", a)
        opposite = tape.scratch("y_opposite", y)
        if tape.batched:
            tape.emit("np.subtract", 1.0, y, out=opposite)
        else:
            tape.arrays[opposite][...] = 1.0 - tape.arrays[y]
        if tape.hard_targets:
            # y·log(a) + (1 - y)·log(1 - a) bit for bit, in half the operations
            tape.emit("np.subtract", a, opposite, out=terms)
            tape.emit("np.absolute", terms, out=terms, formula="p = probability of the truth")
            tape.emit("np.log", terms, out=terms, formula="log p")
        else:
            a_opposite = tape.scratch("a_opposite", a)
            other_terms = tape.scratch("loss_terms_opposite", a)
            tape.emit("np.subtract", 1.0, a, out=a_opposite)
            _write_weighted_log(tape, a, y, terms)
            _write_weighted_log(tape, a_opposite, opposite, other_terms)
            tape.emit("np.add", terms, other_terms, out=terms)
        _write_negative_mean(tape, terms, loss)

    def baseline(self, y: Floats) -> float:
        """Return the entropy of the base rates of the outputs."""
        rate = y.mean(axis=0)
        return _entropy(rate) + _entropy(1.0 - rate)


class CrossEntropy(Entropy, frozen=True, tag="cross-entropy"):
    """-Σ y·log(a), summed over classes, mean over samples; 0·log(0) counts as 0."""

    label: ClassVar[str] = "cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a)"
    required_activation: ClassVar[type[Activation] | None] = Softmax
    needs_distributions: ClassVar[bool] = True

    def write_loss(self, tape: TapeWriter, a: str, y: str, loss: str) -> None:
        """Append loss = -mean(Σ y·log(a))."""
        terms = tape.scratch("loss_terms", a)
        if tape.one_hot_targets:
            # one logarithm for each sample instead of one for each class
            truth = tape.row("truth", a)
            tape.emit("np.multiply", a, y, out=terms)
            options = {"axis": 1, "keepdims": True}
            formula = "p = probability of the truth"
            tape.emit("np.add.reduce", terms, out=truth, options=options, formula=formula)
            tape.emit("np.log", truth, out=truth, formula="log p")
            terms = truth
        else:
            _write_weighted_log(tape, a, y, terms)
        _write_negative_mean(tape, terms, loss)

    def baseline(self, y: Floats) -> float:
        """Return the entropy of the class frequencies: ln K for K balanced classes."""
        return _entropy(y.mean(axis=0))


def _write_weighted_log(tape: TapeWriter, p: str, weight: str, terms: str) -> None:
    """Append terms = weight·log(p), 0 where the weight is 0 (so that 0·log(0) is no NaN)."""
    unused = tape.scratch(f"{terms}_unused", weight, bool)
    tape.emit("np.log", p, out=terms)
    tape.emit("np.multiply", weight, terms, out=terms)
    tape.emit("np.equal", weight, 0.0, out=unused)
    tape.emit("np.copyto", 0.0, out=terms, options={"where": unused}, formula=f"{weight} · log({p})")


def _write_negative_mean(tape: TapeWriter, terms: str, loss: str) -> None:
    values = tape.arrays[terms]
    flat, shares = f"{terms}_flat", f"{terms}_shares"
    tape.arrays[flat] = values.T.reshape(-1)  # a view: one neuron after the other in memory
    tape.arrays[shares] = np.full(values.size, -1.0 / len(values), values.dtype)
    tape.emit("np.dot", flat, shares, out=loss, formula="loss = −mean(log p)")


def _entropy(p: Floats) -> float:
    positive = p[p > 0]
    return float(-(positive * np.log(positive)).sum())


AnyLoss: TypeAlias = SquaredError | BinaryCrossEntropy | CrossEntropy
