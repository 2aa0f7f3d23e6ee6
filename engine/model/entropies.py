"""Cross-entropies: how far the shares that a network gives to classes are from the truth.

They are computed from z of the output layer where that can be done: a sigmoid of 40 is rounded to 1, and a loss computed
from that would be infinite. Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from math import inf
from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np

from engine.core.arrays import Bools, Floats
from engine.core.registry import named
from engine.kinds.activation import Activation
from engine.kinds.loss import ClassWeighted, Loss, Mismatch
from engine.kinds.shares import sum_to_one
from engine.model.activations import Softmax
from engine.model.entropy_terms import (
    SMALLEST_SHARE,
    clipped,
    entropy,
    entropy_of_shares,
    of_all_shares,
    of_mean,
    shares,
    write_error,
    write_hard_terms_of_a,
    write_hard_terms_of_z,
    write_mean,
    write_soft_terms_of_a,
    write_soft_terms_of_z,
    write_terms_of_logits,
    write_unclipped,
    write_weighted,
)
from engine.model.saturating import Sigmoid
from engine.tape.writer import TapeWriter

DESCENT_STEPS = 300
"""How many steps are enough to find the constant with the least loss among outputs that are bounded."""


class Entropy(ClassWeighted, frozen=True):
    """A mean cross-entropy; with the activation it is made for its gradient is (a - y)/n."""

    classifies: ClassVar[bool] = True

    def simplifies_with(self, activation: Activation) -> bool:
        """With the activation that it is made for."""
        return self.usual_activation is not None and isinstance(activation, self.usual_activation)

    def mismatch(self, activation: Activation, y: Floats) -> Mismatch | None:
        """Outputs and targets are shares."""
        if y.min() < 0 or y.max() > 1 or (self.needs_distributions and not sum_to_one(y).all()):
            return Mismatch.TARGETS_NO_SHARES
        low, high = activation.outputs
        if low < 0 or high > 1 or (self.needs_distributions and not activation.mixes_units):
            return Mismatch.NO_SHARES
        return None

    def write_backward(
        self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, dz: str
    ) -> None:
        """Append dz = (a - y)/n, or where the outputs are clipped their gradient and from it dz."""
        if self.simplifies_with(activation):
            write_error(tape, a, self._expected(tape, a, y), y, dz)
            return
        da = tape.scratch(f"d{a}", a)
        self._write_output_gradient(tape, a, y, da)
        activation.write_backward(tape, z, a, da, dz)
        tape.finish(f"{dz} = {activation.backward_formula(z, a, da)}")

    def _expected(self, tape: TapeWriter, a: str, y: str) -> str:
        """Return the name of what the outputs stand for: themselves, or append it."""
        return a

    @abstractmethod
    def _write_output_gradient(self, tape: TapeWriter, a: str, y: str, da: str) -> None:
        """Append da of outputs that are clipped."""


class BinaryCrossEntropy(Entropy, frozen=True, tag="binary-cross-entropy"):
    """-Σ y·log(a) + (1 - y)·log(1 - a), summed over outputs, mean over samples; 0·log(0) counts as 0.

    Textbooks compute it from the outputs a, as they are rounded: an output that is exactly 0 or 1 on the wrong side then
    has an infinite loss. Computed from z it is the loss that the network really has. Outputs of another activation than
    sigmoid are taken for probabilities and clipped to 1e-7 and 1 - 1e-7, as Keras does.
    """

    label: ClassVar[str] = "binary cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a) + (1 − y)·log(1 − a)"
    usual_activation: ClassVar[type[Activation] | None] = Sigmoid

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
        return msgspec.structs.replace(self, computed_from="logits")

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over what it is computed from."""
        if not self.simplifies_with(activation):
            a = "P"
        elif self.computed_from == "logits":
            return self.mean_of(_of_two_logits(z, y))
        return self.mean_of(f"{y} ⊙ log({a}) + (1 − {y}) ⊙ log(1 − {a})", "−")

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Return which outputs are not clipped."""
        return ((a >= SMALLEST_SHARE) & (a <= 1.0 - SMALLEST_SHARE)).ravel()

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = mean(-log p), p being the probability that the network gives to the truth."""
        terms, is_usual = tape.scratch("loss_terms", z), self.simplifies_with(activation)
        if is_usual and self.computed_from == "logits":
            write_terms = write_hard_terms_of_z if tape.hard_targets else write_soft_terms_of_z
            write_terms(tape, z, y, terms)
            write_mean(tape, terms, loss)
        else:
            write_terms = write_hard_terms_of_a if tape.hard_targets else write_soft_terms_of_a
            write_terms(tape, a if is_usual else clipped(tape, a), y, terms)
            write_mean(tape, terms, loss, sign=-1.0)

    def _write_output_gradient(self, tape: TapeWriter, a: str, y: str, da: str) -> None:
        """Append da = (p - y) / (p·(1 - p)) / n where p, the clipped output, is a, else 0."""
        p, spread = clipped(tape, a), tape.scratch("loss_spread", a)
        tape.emit("np.subtract", 1.0, p, out=spread)
        tape.emit("np.multiply", p, spread, out=spread)
        tape.emit("np.subtract", p, y, out=da)
        tape.emit("np.divide", da, spread, out=da)
        write_unclipped(tape, a, p, da)
        tape.finish(f"{da} = {of_mean(tape, f'(P − {y}) / (P ⊙ (1 − P)) ⊙ same(P, {a})')}")

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the base rates of the outputs."""
        rate = self.mean_target(y)
        if (rate < 0).any() or (rate > 1).any():
            return -inf
        return entropy(rate) + entropy(1.0 - rate)


class CrossEntropy(Entropy, frozen=True, tag="cross-entropy"):
    """-Σ y·log(a), summed over classes, mean over samples; 0·log(0) counts as 0.

    Outputs of another activation than softmax are divided by their sum and clipped to 1e-7 and 1 - 1e-7, as Keras does.
    """

    label: ClassVar[str] = "cross-entropy"
    formula: ClassVar[str] = "−Σ y·log(a)"
    usual_activation: ClassVar[type[Activation] | None] = Softmax
    needs_distributions: ClassVar[bool] = True

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over z, which it is computed from, or over clipped shares."""
        if not self.simplifies_with(activation):
            return self.mean_of(f"{y} ⊙ log(P)", "−")
        return self.mean_of(f"{y} ⊙ (log(Σⱼ(exp({z}))) − {z})")

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Return which shares are not clipped."""
        with np.errstate(all="ignore"):
            shares = a / a.sum(axis=1, keepdims=True)
        return ((shares >= SMALLEST_SHARE) & (shares <= 1.0 - SMALLEST_SHARE)).ravel()

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = mean(Σ y·(log Σ exp(z) - z)), both with the largest z of the sample taken off."""
        terms = tape.scratch("loss_terms", z)
        if not self.simplifies_with(activation):
            tape.emit("np.log", clipped(tape, shares(tape, a)), out=terms)
            tape.emit("np.multiply", y, terms, out=terms)
            write_mean(tape, terms, loss, sign=-1.0)
            return
        write_terms_of_logits(tape, z, terms)
        write_weighted(tape, terms, y)
        write_mean(tape, terms, loss)

    def _expected(self, tape: TapeWriter, a: str, y: str) -> str:
        return of_all_shares(tape, a, y)

    def _write_output_gradient(self, tape: TapeWriter, a: str, y: str, da: str) -> None:
        """Append da = (dq - Σ dq·q) / Σ a with dq = -y / p / n where p, the clipped share, is q, else 0."""
        q = shares(tape, a)
        p, dq = clipped(tape, q), tape.scratch("dQ", a)
        tape.emit("np.divide", y, p, out=dq)
        tape.emit("np.negative", dq, out=dq)
        write_unclipped(tape, q, p, dq)
        tape.finish(f"dQ = {of_mean(tape, f'{y} / P ⊙ same(P, Q)', '−')}")
        total = tape.row("loss_row", a)
        tape.emit("np.multiply", dq, q, out=da)
        tape.emit("np.add.reduce", da, out=total, options={"axis": 1, "keepdims": True})
        tape.emit("np.subtract", dq, total, out=da)
        tape.emit("np.divide", da, "S", out=da)
        tape.finish(f"{da} = (dQ − Σⱼ(dQ ⊙ Q)) / S")

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the class frequencies: ln K for K balanced classes."""
        return entropy_of_shares(self.mean_target(y))


class Logits(Entropy, frozen=True):
    """A cross-entropy that applies softmax or sigmoid to the outputs itself, as PyTorch's do: outputs are logits."""

    def mismatch(self, activation: Activation, y: Floats) -> Mismatch | None:
        """Outputs that are shares already get a second softmax or sigmoid."""
        if y.min() < 0 or y.max() > 1 or (self.needs_distributions and not sum_to_one(y).all()):
            return Mismatch.TARGETS_NO_SHARES
        low, high = activation.outputs
        return Mismatch.DOUBLED if low >= 0 and high <= 1 else None

    def threshold(self, activation: Activation, y: Floats) -> float:
        """Logits are above 0 where the second class is likelier; outputs that are shares already above ½."""
        return 0.0 if activation.outputs[0] < 0 else 0.5

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Nothing is clipped."""
        return np.zeros(0, np.bool_)

    @abstractmethod
    def _shares_of(self, logits: Floats, y: Floats) -> Floats:
        """Return what outputs (1, outputs) should be on average, to be compared with the mean of targets y."""

    def _nearest_constant(self, rate: Floats, activation: Activation) -> Floats:
        """Return the possible outputs (1, outputs) with the least loss where targets are `rate` (1, outputs) on average.

        It is found by gradient descent that stays among them.
        """
        found: Floats = activation.nearest(np.zeros_like(rate))
        for _ in range(DESCENT_STEPS):
            found = activation.nearest(found - (self._shares_of(found, rate) - rate))
        return found


class LogitsBinaryCrossEntropy(Logits, frozen=True, tag="logits-binary-cross-entropy"):
    """Binary cross-entropy of σ(a), summed over outputs, mean over samples: outputs are logits."""

    label: ClassVar[str] = "binary cross-entropy of logits"
    formula: ClassVar[str] = "−Σ y·log σ(a) + (1 − y)·log(1 − σ(a))"

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over the outputs."""
        return self.mean_of(_of_two_logits(a, y))

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append loss = mean(-log p), p being the probability that σ(a) gives to the truth."""
        terms = tape.scratch("loss_terms", a)
        write_terms = write_hard_terms_of_z if tape.hard_targets else write_soft_terms_of_z
        write_terms(tape, a, y, terms)
        write_mean(tape, terms, loss)

    def _write_output_gradient(self, tape: TapeWriter, a: str, y: str, da: str) -> None:
        """Append da = (σ(a) - y)/n."""
        p = tape.scratch("P", a)
        Sigmoid().write_forward(tape, a, p)
        tape.finish(f"P = sigmoid({a})")
        write_error(tape, p, p, y, da)

    def _shares_of(self, logits: Floats, y: Floats) -> Floats:
        return 1.0 / (1.0 + np.exp(-logits))

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the base rates, or the loss of the possible logits that are nearest to it."""
        rate = self.mean_target(y)[np.newaxis]
        if (rate < 0).any() or (rate > 1).any():
            return -inf
        if min(activation.outputs) == -inf and max(activation.outputs) == inf:
            return entropy(rate) + entropy(1.0 - rate)
        with np.errstate(all="ignore"):
            best = np.log(rate / (1.0 - rate))
            a = (
                self._nearest_constant(rate, activation)
                if activation.mixes_units
                else activation.nearest(best)
            )
            return float((rate * np.logaddexp(0, -a) + (1.0 - rate) * np.logaddexp(0, a)).sum())


class LogitsCrossEntropy(Logits, frozen=True, tag="logits-cross-entropy"):
    """Cross-entropy of softmax(a), summed over classes, mean over samples: outputs are logits."""

    label: ClassVar[str] = "cross-entropy of logits"
    formula: ClassVar[str] = "−Σ y·log softmax(a)"
    needs_distributions: ClassVar[bool] = True

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return the loss over the outputs."""
        return self.mean_of(f"{y} ⊙ (log(Σⱼ(exp({a}))) − {a})")

    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
        """Append P = softmax(a) and loss = mean(Σ y·(log Σ exp(a) - a))."""
        self._probabilities(tape, a)
        terms = tape.scratch("loss_terms", a)
        write_terms_of_logits(tape, a, terms)
        write_weighted(tape, terms, y)
        write_mean(tape, terms, loss)

    def _write_output_gradient(self, tape: TapeWriter, a: str, y: str, da: str) -> None:
        """Append da = (softmax(a) - y)/n."""
        p = self._probabilities(tape, a)
        write_error(tape, p, of_all_shares(tape, p, y), y, da)

    @staticmethod
    def _probabilities(tape: TapeWriter, a: str) -> str:
        """Append P = softmax(a) if it is not there yet, and return its name."""
        if "P" not in tape.arrays:
            tape.scratch("P", a)
            Softmax().write_forward(tape, a, "P")
            tape.finish(f"P = softmax({a})")
        return "P"

    def _shares_of(self, logits: Floats, y: Floats) -> Floats:
        shares: Floats = np.exp(logits - logits.max())
        return shares / shares.sum() * y.sum()

    def baseline(self, y: Floats, activation: Activation) -> float:
        """Return the entropy of the class frequencies, or the loss of the possible logits that are nearest to it."""
        rate = self.mean_target(y)[np.newaxis]
        if not activation.mixes_units and not np.isfinite(activation.outputs).all():
            return entropy_of_shares(rate)
        a = self._nearest_constant(rate, activation)
        return float((rate * (np.log(np.exp(a).sum()) - a)).sum())


def _of_two_logits(z: str, y: str) -> str:
    """Return the loss of a logit with target y, as people write it."""
    return f"{y} ⊙ log(1 + exp(−{z})) + (1 − {y}) ⊙ log(1 + exp({z}))"
