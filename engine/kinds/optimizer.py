"""What an optimizer is, and what each one answers about itself.

An update works on the flat vectors of a whole network: `theta` (parameters,), `gradient`, and `state_0`, `state_1`, …
(what the optimizer remembers), all of the same shape. The compiler writes the update of a large network for one chunk of
these vectors after another.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, TypeAlias

from msgspec import Meta

from engine.core.registry import Choice
from engine.tape.writer import TapeWriter

Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Share: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]


class Optimizer(Choice, frozen=True):
    """A rule that turns a gradient into a change of the parameters."""

    @property
    def state_count(self) -> int:
        """Return how many flat vectors the rule remembers between steps."""
        return 0

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """Return what formulas call those vectors: v of W1 is vW1."""
        return tuple(f"s{number}" for number in range(1, self.state_count + 1))

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """Return what an update does with a parameter θ, its gradient g and its memory, θ last, as people write it.

        t is the number of the update, which counts from 1.
        """
        return (self.formula,)

    @property
    def has_memory(self) -> bool:
        """Return whether the rule moves parameters on by what it remembers where their gradients are 0."""
        return False

    @property
    def low_rank_rate(self) -> float | None:
        """Return the learning rate if an update is just -learning_rate·g, so that g need not be formed; else None."""
        return None

    def check(self) -> None:
        """Raise ExperimentError for fields that make no sense together."""

    def write_preparation(self, tape: TapeWriter) -> None:
        """Append what a step computes once; `update_number` is that of the last update."""

    @abstractmethod
    def write_update(self, tape: TapeWriter) -> None:
        """Append the update of `theta`; `update` is scratch."""
