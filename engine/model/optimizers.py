"""How gradients change parameters: one frozen class per rule, as PyTorch defines them."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

import numpy as np

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.registry import named
from engine.kinds.optimizer import Optimizer, Positive, Share
from engine.tape.writer import TapeWriter


class Sgd(Optimizer, frozen=True, tag="sgd"):
    """Gradient descent: theta -= learning_rate·g; with momentum v = momentum·v + g, used instead of g.

    Nesterov's form uses g + momentum·v (Sutskever, Martens, Dahl and Hinton 2013, in PyTorch's arrangement).
    """

    label: ClassVar[str] = "SGD"
    formula: ClassVar[str] = "θ ← θ − η·v, v = momentum·v + g"

    learning_rate: Annotated[Positive, named("learning rate", "How far one step follows the gradient.")] = (
        0.01
    )
    momentum: Annotated[Share, named("momentum", "The share of the last velocity that goes on.")] = 0.0
    nesterov: Annotated[bool, named("Nesterov", "Whether the gradient looks ahead along the velocity.")] = (
        False
    )

    @property
    def state_count(self) -> int:
        """One velocity with momentum, nothing without."""
        return 1 if self.momentum else 0

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """The velocity."""
        return ("v",) if self.momentum else ()

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """Along the gradient, the velocity, or both."""
        if not self.momentum:
            return ("θ ← θ − η·g",)
        direction = "(momentum·v + g)" if self.nesterov else "v"
        return "v ← momentum·v + g", f"θ ← θ − η·{direction}"

    @property
    def has_memory(self) -> bool:
        """The velocity moves on."""
        return self.momentum > 0

    @property
    def low_rank_rate(self) -> float | None:
        """Plain gradient descent needs no velocity."""
        return None if self.momentum else self.learning_rate

    def check(self) -> None:
        """Nesterov's form is about momentum."""
        if self.nesterov and not self.momentum:
            raise ExperimentError("optimizer.nesterov", Problem.NESTEROV_WITHOUT_MOMENTUM)

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate·(g, or the velocity)."""
        direction = "gradient"
        if self.momentum:
            tape.emit("np.multiply", "state_0", self.momentum, out="state_0")
            tape.emit("np.add", "state_0", "gradient", out="state_0", formula="v = momentum·v + g")
            direction = "state_0"
            if self.nesterov:
                tape.emit("np.multiply", "state_0", self.momentum, out="update")
                tape.emit("np.add", "update", "gradient", out="update", formula="g + momentum·v")
                direction = "update"
        tape.emit(
            "np.multiply",
            direction,
            self.learning_rate,
            out="update",
            formula="Δ = learning rate · "
            + {"gradient": "g", "state_0": "v", "update": "(g + momentum·v)"}[direction],
        )
        tape.emit("np.subtract", "theta", "update", out="theta", formula="θ = θ − Δ")


class RmsProp(Optimizer, frozen=True, tag="rmsprop"):
    """v = decay·v + (1 - decay)·g²; theta -= learning_rate·g / (√v + epsilon) (Tieleman and Hinton 2012)."""

    label: ClassVar[str] = "RMSprop"
    formula: ClassVar[str] = "θ ← θ − η·g / (√v + ε), v = decay·v + (1 − decay)·g²"

    learning_rate: Annotated[
        Positive, named("learning rate", "How far one step goes, at most, for each parameter.")
    ] = 0.01
    decay: Annotated[
        Share, named("decay", "The share of the running mean of squares that is kept at each step.")
    ] = 0.99
    epsilon: Annotated[Positive, named("epsilon", "What keeps the division from zero.")] = 1e-8

    @property
    def state_count(self) -> int:
        """One running mean of squares."""
        return 1

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """The running mean of squares."""
        return ("v",)

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """The running mean, and the gradient over its root."""
        return "v ← decay·v + (1 − decay)·g²", "θ ← θ − η·(g / (√v + ε))"

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate·g / (√v + epsilon)."""
        _write_running_mean(tape, "state_0", self.decay, squared=True)
        tape.emit("np.sqrt", "state_0", out="update")
        tape.emit("np.add", "update", self.epsilon, out="update")
        tape.emit("np.divide", "gradient", "update", out="update", formula="g / (√v + ε)")
        tape.emit(
            "np.multiply",
            "update",
            self.learning_rate,
            out="update",
            formula="Δ = learning rate · g / (√v + ε)",
        )
        tape.emit("np.subtract", "theta", "update", out="theta", formula="θ = θ − Δ")


class Adam(Optimizer, frozen=True, tag="adam"):
    """Adam: running means of g and g², both corrected for their start at 0 (Kingma and Ba 2015)."""

    label: ClassVar[str] = "Adam"
    formula: ClassVar[str] = "θ ← θ − η·m̂ / (√v̂ + ε)"

    learning_rate: Annotated[
        Positive, named("learning rate", "How far one step goes, at most, for each parameter.")
    ] = 0.001
    beta1: Annotated[
        Share, named("beta 1", "The share of the running mean of gradients that is kept at each step.")
    ] = 0.9
    beta2: Annotated[
        Share, named("beta 2", "The share of the running mean of squares that is kept at each step.")
    ] = 0.999
    epsilon: Annotated[Positive, named("epsilon", "What keeps the division from zero.")] = 1e-8

    @property
    def state_count(self) -> int:
        """The two running means."""
        return 2

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """The running means of g and of g²."""
        return "m", "v"

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """The running means, and the first over the root of the second, both corrected for their start at 0."""
        return (
            "m ← β1·m + (1 − β1)·g",
            "v ← β2·v + (1 − β2)·g²",
            "θ ← θ − η / (1 − β1^t)·(m / (√v / √(1 − β2^t) + ε))",
        )

    @property
    def has_memory(self) -> bool:
        """The mean of g moves on."""
        return True

    def write_preparation(self, tape: TapeWriter) -> None:
        """Append the corrections: learning_rate/(1 - beta1^t) and √(1 - beta2^t).

        They are computed in float64 in every run: a beta of 0.99999999 is 1 in float32, and nothing would ever move.
        """
        tape.emit("np.add", "update_number", 1.0, out="update_number")
        for index, beta in enumerate((self.beta1, self.beta2), start=1):
            tape.add(f"beta_{index}", np.asarray(beta, np.float64))
            correction = tape.scratch(f"exact_correction_{index}", "update_number")
            tape.emit("np.power", f"beta_{index}", "update_number", out=correction)
            tape.emit("np.subtract", 1.0, correction, out=correction)
            tape.add(f"correction_{index}", np.zeros((), tape.dtype))
        tape.add("learning_rate", np.asarray(self.learning_rate, np.float64))
        tape.emit("np.divide", "learning_rate", "exact_correction_1", out="exact_correction_1")
        tape.emit("np.copyto", "exact_correction_1", out="correction_1")
        tape.emit("np.sqrt", "exact_correction_2", out="exact_correction_2")
        tape.emit("np.copyto", "exact_correction_2", out="correction_2")

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate/(1 - beta1^t) · m / (√v/√(1 - beta2^t) + epsilon)."""
        _write_running_mean(tape, "state_0", self.beta1, squared=False)
        _write_running_mean(tape, "state_1", self.beta2, squared=True)
        tape.emit("np.sqrt", "state_1", out="update")
        tape.emit("np.divide", "update", "correction_2", out="update")
        tape.emit("np.add", "update", self.epsilon, out="update")
        tape.emit("np.divide", "state_0", "update", out="update")
        tape.emit(
            "np.multiply", "update", "correction_1", out="update", formula="Δ = learning rate · m̂ / (√v̂ + ε)"
        )
        tape.emit("np.subtract", "theta", "update", out="theta", formula="θ = θ − Δ")


def _write_running_mean(tape: TapeWriter, mean: str, decay: float, *, squared: bool) -> None:
    """Append mean = decay·mean + (1 - decay)·(g or g²)."""
    if squared:
        tape.emit("np.square", "gradient", out="update")
    tape.emit("np.multiply", "update" if squared else "gradient", 1.0 - decay, out="update")
    tape.emit("np.multiply", mean, decay, out=mean)
    letter = "v = decay·v + (1 − decay)·g²" if squared else "m = decay·m + (1 − decay)·g"
    tape.emit("np.add", mean, "update", out=mean, formula=letter)


AnyOptimizer: TypeAlias = Sgd | RmsProp | Adam
