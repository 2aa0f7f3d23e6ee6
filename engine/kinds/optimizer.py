"""What an optimizer is, and what each one answers about itself.

An update works on the flat vectors of a whole network: `theta` (parameters,), `gradient`, and `state_0`, `state_1`, …
(what the optimizer remembers), all of the same shape. The compiler writes the update of a large network for one chunk of
these vectors after another.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, TypeAlias, cast

import numpy as np
from msgspec import Meta

from engine.core.registry import Choice, named
from engine.kinds.schedules import AnySchedule
from engine.tape.formulas import number_text
from engine.tape.writer import TapeWriter

RATE, EXACT_RATE = "η", "exact_rate"
"""The arrays of the learning rate of a step where it changes, the second one in float64."""
DECAY = "decay_factors"
"""The array (parameters,) of λ for each weight and 0 for each bias, where there is weight decay."""
LAYER_RATES = "layer_rates"
"""The array (parameters,) of the factors of layers on the learning rate, where there are any."""
Positive: TypeAlias = Annotated[float, Meta(gt=0)]
Share: TypeAlias = Annotated[float, Meta(ge=0, lt=1)]


class Optimizer(Choice, frozen=True, kw_only=True):
    """A rule that turns a gradient into a change of the parameters."""

    counts_updates: ClassVar[bool] = False
    """Whether the rule needs to know the number of the update."""

    decouples_decay: ClassVar[bool] = False
    """Whether weight decay shrinks the weights beside the gradient instead of being added to it."""

    schedule: Annotated[
        AnySchedule | None, named("schedule", "How the learning rate changes from step to step.")
    ] = None

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
    def bias_formulas(self) -> tuple[str, ...]:
        """Return the same for biases, which weight decay leaves alone."""
        return self.update_formulas

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

    def scheduled(self, learning_rate: float) -> str | float:
        """Return what updates multiply by: the learning rate, or the name of the array of that of this step."""
        return learning_rate if self.schedule is None else RATE

    def write_preparation(self, tape: TapeWriter) -> None:
        """Append what a step computes once; `update_number` is that of the last update."""
        if self.counts_updates or self.schedule is not None:
            tape.emit("np.add", "update_number", 1.0, out="update_number")
        if self.schedule is not None:
            self._write_rate(tape, self.schedule)

    def _write_rate(self, tape: TapeWriter, schedule: AnySchedule) -> None:
        """Append the learning rate of the step, in float64 and in the type of the run."""
        learning_rate = cast(Any, self).learning_rate
        tape.add("learning_rate", np.asarray(learning_rate, np.float64))
        tape.scratch("schedule_step", "update_number")
        tape.scratch(EXACT_RATE, "update_number")
        tape.add(RATE, np.zeros((), tape.dtype))
        tape.emit("np.subtract", "update_number", 1.0, out="schedule_step")
        schedule.write_factor(tape, "schedule_step", EXACT_RATE)
        tape.emit("np.multiply", EXACT_RATE, "learning_rate", out=EXACT_RATE)
        tape.emit("np.copyto", EXACT_RATE, out=RATE)
        tape.finish(f"{RATE} = {number_text(learning_rate)}·{schedule.factor_formula}")

    def write_step(self, tape: TapeWriter) -> None:
        """Append theta -= update, times the rates of the layers if they have some."""
        if LAYER_RATES in tape.arrays:
            tape.emit("np.multiply", "update", LAYER_RATES, out="update", formula="Δ ⊙ rate")
        tape.emit("np.subtract", "theta", "update", out="theta", formula="θ = θ − Δ")

    @abstractmethod
    def write_update(self, tape: TapeWriter) -> None:
        """Append the update of `theta`; `update` is scratch."""
