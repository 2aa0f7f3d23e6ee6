"""Cross-entropies: how far the shares that a network gives to classes are from the truth.

They are computed from z of the output layer where that can be done: a sigmoid of 40 is rounded to 1, and a loss computed
from that would be infinite. Operands are (samples, outputs).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np

from engine.core.arrays import Floats
from engine.core.registry import named
from engine.kinds.activation import Activation
from engine.kinds.loss import Loss
from engine.model.activations import Softmax
from engine.model.saturating import Sigmoid
from engine.tape.writer import TapeWriter


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
    def unrounded(self) -> Loss:
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
