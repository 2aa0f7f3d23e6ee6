"""How gradients change parameters: one frozen class per rule, as PyTorch defines them."""

from __future__ import annotations

from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.registry import named
from engine.kinds.optimizer import DECAY, EXACT_RATE, Optimizer, Positive, Share
from engine.tape.formulas import number_text
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
        return None if self.momentum or self.schedule is not None else self.learning_rate

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
            self.scheduled(self.learning_rate),
            out="update",
            formula="Δ = learning rate · "
            + {"gradient": "g", "state_0": "v", "update": "(g + momentum·v)"}[direction],
        )
        self.write_step(tape)


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
        write_running_mean(tape, "state_0", self.decay, squared=True)
        tape.emit("np.sqrt", "state_0", out="update")
        tape.emit("np.add", "update", self.epsilon, out="update")
        tape.emit("np.divide", "gradient", "update", out="update", formula="g / (√v + ε)")
        tape.emit(
            "np.multiply",
            "update",
            self.scheduled(self.learning_rate),
            out="update",
            formula="Δ = learning rate · g / (√v + ε)",
        )
        self.write_step(tape)


class Adam(Optimizer, frozen=True, tag="adam"):
    """Adam: running means of g and g², both corrected for their start at 0 (Kingma and Ba 2015)."""

    label: ClassVar[str] = "Adam"
    formula: ClassVar[str] = "θ ← θ − η·m̂ / (√v̂ + ε)"
    counts_updates: ClassVar[bool] = True

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
        super().write_preparation(tape)
        for index, beta in enumerate((self.beta1, self.beta2), start=1):
            tape.add(f"beta_{index}", np.asarray(beta, np.float64))
            correction = tape.scratch(f"exact_correction_{index}", "update_number")
            tape.emit("np.power", f"beta_{index}", "update_number", out=correction)
            tape.emit("np.subtract", 1.0, correction, out=correction)
            tape.add(f"correction_{index}", np.zeros((), tape.dtype))
        if self.schedule is None:
            tape.add(EXACT_RATE, np.asarray(self.learning_rate, np.float64))
        tape.emit("np.divide", EXACT_RATE, "exact_correction_1", out="exact_correction_1")
        tape.emit("np.copyto", "exact_correction_1", out="correction_1")
        tape.emit("np.sqrt", "exact_correction_2", out="exact_correction_2")
        tape.emit("np.copyto", "exact_correction_2", out="correction_2")

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate/(1 - beta1^t) · m / (√v/√(1 - beta2^t) + epsilon)."""
        write_running_mean(tape, "state_0", self.beta1, squared=False)
        write_running_mean(tape, "state_1", self.beta2, squared=True)
        tape.emit("np.sqrt", "state_1", out="update")
        tape.emit("np.divide", "update", "correction_2", out="update")
        tape.emit("np.add", "update", self.epsilon, out="update")
        tape.emit("np.divide", "state_0", "update", out="update")
        tape.emit(
            "np.multiply", "update", "correction_1", out="update", formula="Δ = learning rate · m̂ / (√v̂ + ε)"
        )
        self.write_step(tape)


class AdamW(Adam, frozen=True, tag="adamw"):
    """Adam whose weight decay shrinks the weights directly, by η·λ (Loshchilov and Hutter 2019)."""

    label: ClassVar[str] = "AdamW"
    formula: ClassVar[str] = "θ ← (1 − η·λ)·θ − η·m̂ / (√v̂ + ε)"
    decouples_decay: ClassVar[bool] = True

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """Those of Adam, whose last one takes off the decay first."""
        *means, last = super().update_formulas
        return (*means, last.replace("θ −", "θ − η·(λ·θ) −", 1))

    @property
    def bias_formulas(self) -> tuple[str, ...]:
        """Those of Adam."""
        return super().update_formulas

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate·λ·theta, and then Adam's update."""
        if DECAY in tape.arrays:
            tape.emit("np.multiply", DECAY, "theta", out="update", formula="λ·W")
            tape.emit("np.multiply", "update", self.scheduled(self.learning_rate), out="update")
            self.write_step(tape)
        super().write_update(tape)


class Nadam(Adam, frozen=True, tag="nadam"):
    """Adam that looks ahead along its running mean (Dozat 2016), with a share that grows, as in PyTorch."""

    label: ClassVar[str] = "NAdam"
    formula: ClassVar[str] = "θ ← θ − η·(μ·m̂ + (1 − μ)·ĝ) / (√v̂ + ε)"

    learning_rate: Annotated[
        Positive, named("learning rate", "How far one step goes, at most, for each parameter.")
    ] = 0.002
    momentum_decay: Annotated[
        float, Meta(ge=0), named("momentum decay", "How fast the share of the running mean grows to beta 1.")
    ] = 0.004

    @property
    def state_count(self) -> int:
        """The two running means, and what is left of 1 after the product of all shares so far."""
        return 3

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """The running means of g and of g², and 1 less the product of all shares."""
        return "m", "v", "p"

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """The running means, and how far the gradient and the mean move, with the shares of this step and the next."""
        root = "(√v / √(1 − β2^t) + ε)"
        return (
            "m ← β1·m + (1 − β1)·g",
            "v ← β2·v + (1 − β2)·g²",
            "p ← 1 − μ·(1 − p)",
            f"θ ← θ − (1 − μ) / p·η ⊙ (g / {root}) − μ_next / (1 − μ_next·(1 − p))·η ⊙ (m / {root})",
        )

    def write_preparation(self, tape: TapeWriter) -> None:
        """Append what is left of 1 after the product of shares, and by what gradient and running mean are multiplied.

        All parameters have the same product; that of the first one is taken.
        """
        super().write_preparation(tape)
        for ahead, name in enumerate(("μ", "μ_next")):
            self._write_share(tape, ahead, name)
        for name in ("left", "of_gradient", "of_mean"):
            tape.scratch(f"exact_{name}", "update_number")
            tape.add(name, np.zeros((), tape.dtype))
        tape.add("left_before", tape.resolve("state_2")[:1].reshape(()))
        self._write_complement(tape, "left_before", "μ", "exact_left")
        self._write_complement(tape, "exact_left", "μ_next", "exact_of_mean")
        tape.emit("np.divide", "μ_next", "exact_of_mean", out="exact_of_mean")
        tape.emit("np.subtract", 1.0, "μ", out="exact_of_gradient")
        tape.emit("np.divide", "exact_of_gradient", "exact_left", out="exact_of_gradient")
        for name in ("of_gradient", "of_mean"):
            tape.emit("np.multiply", f"exact_{name}", EXACT_RATE, out=f"exact_{name}")
        for name in ("left", "of_gradient", "of_mean"):
            tape.emit("np.copyto", f"exact_{name}", out=name)

    def _write_share(self, tape: TapeWriter, ahead: int, name: str) -> None:
        """Append μ of this step, or of the next one, in float64."""
        tape.add("nadam_base", np.asarray(0.96, np.float64))
        tape.add("momentum_decay", np.asarray(self.momentum_decay, np.float64))
        share = tape.scratch(name, "update_number")
        tape.emit("np.add", "update_number", float(ahead), out=share)
        tape.emit("np.multiply", share, "momentum_decay", out=share)
        tape.emit("np.power", "nadam_base", share, out=share)
        tape.emit("np.multiply", share, -0.5, out=share)
        tape.emit("np.add", share, 1.0, out=share)
        tape.emit("np.multiply", share, "beta_1", out=share)
        update = f"(t + {ahead})" if ahead else "t"
        tape.finish(f"{name} = β1·(1 − 0.5·0.96^({update}·{number_text(self.momentum_decay)}))")

    @staticmethod
    def _write_complement(tape: TapeWriter, left: str, share: str, out: str) -> None:
        """Append out = 1 - share·(1 - left)."""
        tape.emit("np.subtract", 1.0, left, out=out)
        tape.emit("np.multiply", out, share, out=out)
        tape.emit("np.subtract", 1.0, out, out=out)

    def write_update(self, tape: TapeWriter) -> None:
        """Append the running means, and theta -= η·(1 - μ)/p·g / (√v̂ + epsilon) and the same of the mean ahead."""
        write_running_mean(tape, "state_0", self.beta1, squared=False)
        write_running_mean(tape, "state_1", self.beta2, squared=True)
        tape.emit("np.copyto", "left", out="state_2", formula="p = 1 − μ·(1 − p)")
        for moved, factor in (("gradient", "of_gradient"), ("state_0", "of_mean")):
            tape.emit("np.sqrt", "state_1", out="update")
            tape.emit("np.divide", "update", "correction_2", out="update")
            tape.emit("np.add", "update", self.epsilon, out="update")
            tape.emit("np.divide", moved, "update", out="update")
            tape.emit("np.multiply", "update", factor, out="update")
            self.write_step(tape)


class Adagrad(Optimizer, frozen=True, tag="adagrad"):
    """v = v + g²; theta -= learning_rate·g / (√v + epsilon) (Duchi, Hazan and Singer 2011)."""

    label: ClassVar[str] = "Adagrad"
    formula: ClassVar[str] = "θ ← θ − η·g / (√v + ε), v = Σ g²"

    learning_rate: Annotated[
        Positive, named("learning rate", "How far the first step goes, for each parameter.")
    ] = 0.01
    epsilon: Annotated[Positive, named("epsilon", "What keeps the division from zero.")] = 1e-10

    @property
    def state_count(self) -> int:
        """One sum of squares."""
        return 1

    @property
    def memory_letters(self) -> tuple[str, ...]:
        """The sum of squares."""
        return ("v",)

    @property
    def update_formulas(self) -> tuple[str, ...]:
        """The sum, and the gradient over its root."""
        return "v ← v + g²", "θ ← θ − η·(g / (√v + ε))"

    def write_update(self, tape: TapeWriter) -> None:
        """Append theta -= learning_rate·g / (√v + epsilon)."""
        tape.emit("np.square", "gradient", out="update")
        tape.emit("np.add", "state_0", "update", out="state_0", formula="v = v + g²")
        tape.emit("np.sqrt", "state_0", out="update")
        tape.emit("np.add", "update", self.epsilon, out="update")
        tape.emit("np.divide", "gradient", "update", out="update", formula="g / (√v + ε)")
        tape.emit("np.multiply", "update", self.scheduled(self.learning_rate), out="update")
        self.write_step(tape)


def write_running_mean(tape: TapeWriter, mean: str, decay: float, *, squared: bool) -> None:
    """Append mean = decay·mean + (1 - decay)·(g or g²)."""
    if squared:
        tape.emit("np.square", "gradient", out="update")
    tape.emit("np.multiply", "update" if squared else "gradient", 1.0 - decay, out="update")
    tape.emit("np.multiply", mean, decay, out=mean)
    letter = "v = decay·v + (1 − decay)·g²" if squared else "m = decay·m + (1 − decay)·g"
    tape.emit("np.add", mean, "update", out=mean, formula=letter)


AnyOptimizer: TypeAlias = Sgd | RmsProp | Adam | AdamW | Nadam | Adagrad
