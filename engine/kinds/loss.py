"""What a loss is, and what each one answers about itself.

Operands are (samples, outputs).
"""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta

from engine.core.arrays import Bools, Floats
from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.registry import Choice, named
from engine.kinds.activation import Activation
from engine.kinds.classes import are_classes, balanced_weights, class_count, class_numbers
from engine.kinds.shares import sum_to_one
from engine.tape.formulas import renamed
from engine.tape.writer import TapeWriter

SAMPLE_WEIGHTS = "V"
"""The array (samples, 1) of how much each sample of a step counts, where they do not count alike."""


class Mismatch(str, Enum):
    """How a loss does not suit the outputs or the targets. It can be trained, and is unwise."""

    DOUBLED = "doubled"
    NO_SHARES = "no-shares"
    TARGETS_NO_SHARES = "targets-no-shares"
    TARGETS_NO_SIDES = "targets-no-sides"


class Loss(Choice, frozen=True):
    """A loss over a batch of outputs a and targets y."""

    usual_activation: ClassVar[type[Activation] | None] = None
    """The output activation that this loss is made for, or None for any."""

    classifies: ClassVar[bool] = False
    """Whether outputs say which class a sample belongs to."""

    needs_distributions: ClassVar[bool] = False
    """Whether the targets of a sample are the shares of its classes, so that they sum to 1."""

    def simplifies_with(self, activation: Activation) -> bool:
        """Return whether z takes the place of the outputs, so that dZ is just the error of the outputs."""
        return False

    def mismatch(self, activation: Activation, y: Floats) -> Mismatch | None:
        """Return how this loss does not suit the output activation or the targets y (samples, outputs)."""
        return None

    def check(self, outputs: int) -> None:
        """Raise ExperimentError where the loss makes no sense for so many outputs."""

    def settled(self, y: Floats) -> Loss:
        """Return the loss with numbers for what it leaves to the targets y (samples, outputs) of training."""
        return self

    def sample_weights(self, y: Floats) -> Floats | None:
        """Return how much each sample with targets y (samples, outputs) counts, (samples, 1); None where all count alike.

        Those of a step stand on its tape as `SAMPLE_WEIGHTS`.
        """
        return None

    @property
    def weighs_classes(self) -> bool:
        """Return whether samples of some classes count more than others."""
        return False

    def divisor(self, y: Floats) -> float:
        """Return by what the sum over samples with targets y (samples, outputs) is divided."""
        return float(len(y))

    def formula_of(self, activation: Activation, z: str, a: str, y: str) -> str:
        """Return what `write_loss` computes of n samples, as people write it."""
        return renamed(self.formula, {"z": z, "a": a, "y": y})

    @abstractmethod
    def write_loss(self, tape: TapeWriter, activation: Activation, z: str, a: str, y: str, loss: str) -> None:
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

    def sides(self, a: Floats, y: Floats) -> Bools:
        """Return on which side of the places where its slope jumps outputs a are; nothing where it never does."""
        return np.zeros(0, np.bool_)

    def tells_classes(self, y: Floats) -> bool:
        """Return whether targets y (samples, outputs) stand for classes, so that an accuracy makes sense."""
        if self.classifies and y.min() >= 0 and y.max() <= 1 and (y.shape[1] == 1 or sum_to_one(y).all()):
            return True
        return are_classes(y)

    def threshold(self, activation: Activation, y: Floats) -> float:
        """Return above which output a sample is taken for the second of two classes, whose targets are y."""
        return 0.0 if y.min() < 0 and activation.outputs[0] < 0 else 0.5

    def share_of_batch(self, batch: int, samples: int) -> float:
        """Return by what a loss over `samples` samples is multiplied to compare it with that of a batch."""
        return 1.0


ClassWeights: TypeAlias = Annotated[
    list[Annotated[float, Meta(ge=1e-6, le=1e6)]], Meta(min_length=2, max_length=10_000)
]
"""How much a sample of each class counts."""


class ClassWeighted(Loss, frozen=True):
    """A mean over samples in which those of a class can count more than others.

    With class weights v it is Σ v·loss / Σ v, v being that of the class of a sample, as in PyTorch's CrossEntropyLoss and
    in scikit-learn. Keras divides by n, and so do PyTorch's losses of two classes.
    """

    class_weights: Annotated[
        ClassWeights | Literal["balanced"] | None,
        named(
            "class weights",
            "How much a sample of each class counts in the mean, [1, 5] for two classes, as PyTorch's weight; balanced: "
            "all classes count the same together, whatever the number of their samples.",
        ),
    ] = None

    def check(self, outputs: int) -> None:
        """There is a weight for each class."""
        given, classes = self.class_weights, class_count(outputs)
        if isinstance(given, list) and len(given) != classes:
            path = "loss.class_weights"
            raise ExperimentError(path, Problem.CLASS_WEIGHTS_COUNT, classes=classes, got=len(given))

    def settled(self, y: Floats) -> Loss:
        """Balance the classes of these targets."""
        if self.class_weights is None or isinstance(self.class_weights, list):
            return self
        return msgspec.structs.replace(self, class_weights=balanced_weights(y).tolist())

    def sample_weights(self, y: Floats) -> Floats | None:
        """Return the weight of the class of each sample: where targets are no classes, of the largest target."""
        given = self.class_weights
        if given is None:
            return None
        weights = np.array(given) if isinstance(given, list) else balanced_weights(y)
        return weights[class_numbers(y)][:, np.newaxis]

    @property
    def weighs_classes(self) -> bool:
        """Classes have weights."""
        return self.class_weights is not None

    def divisor(self, y: Floats) -> float:
        """Return the sum of the weights."""
        weights = self.sample_weights(y)
        return float(len(y)) if weights is None else float(weights.sum())

    def mean_target(self, y: Floats) -> Floats:
        """Return what targets y (samples, outputs) are on average, (outputs,)."""
        weights = self.sample_weights(y)
        return y.mean(axis=0) if weights is None else (weights * y).sum(axis=0) / weights.sum()

    def mean_of(self, terms: str, sign: str = "") -> str:
        """Return the mean of the terms of a sample, as people write it."""
        if self.class_weights is None:
            return f"{sign}Σ({terms}) / n"
        one = f"({terms})" if " + " in terms else terms
        return f"{sign}Σ({SAMPLE_WEIGHTS} ⊙ {one}) / Σ({SAMPLE_WEIGHTS})"
