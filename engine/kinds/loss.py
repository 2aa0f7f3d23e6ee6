"""What a loss is, and what each one answers about itself.

Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from engine.core.arrays import Floats
from engine.core.registry import Choice
from engine.kinds.activation import Activation
from engine.kinds.classes import are_classes
from engine.kinds.shares import sum_to_one
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
    def unrounded(self) -> Loss:
        """Return the same loss, with the same gradient, computed as exactly as it can be."""
        return self

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
