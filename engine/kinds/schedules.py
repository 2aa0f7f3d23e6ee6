"""How the learning rate changes while a network trains: a factor for every step, which depends on its number alone.

Each kind appends the factor of step k to a tape, k being the 0-d array `step`, as float64 numbers. `formula` is over
t = k + 1, the number of the update.
"""

from __future__ import annotations

from abc import abstractmethod
from math import pi
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from msgspec import Meta

from engine.core.registry import Choice, named
from engine.tape.formulas import number_text
from engine.tape.writer import TapeWriter

Steps: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Factor: TypeAlias = Annotated[float, Meta(gt=0, le=1)]


class Schedule(Choice, frozen=True):
    """A factor on the learning rate."""

    @abstractmethod
    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append out = the factor of the step; both are 0-d arrays of float64."""

    @property
    @abstractmethod
    def factor_formula(self) -> str:
        """Return the factor, as people write it over t."""


class StepSchedule(Schedule, frozen=True, tag="step"):
    """The learning rate times factor after every so many steps."""

    label: ClassVar[str] = "in steps"
    formula: ClassVar[str] = "η·factor^⌊k / every⌋"

    every: Annotated[Steps, named("every", "After how many updates the learning rate falls.")] = 1000
    factor: Annotated[Factor, named("factor", "What the learning rate is multiplied by.")] = 0.5

    @property
    def factor_formula(self) -> str:
        """A power that counts the falls."""
        return f"{number_text(self.factor)}^floor((t − 1) / {self.every})"

    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append factor^⌊k / every⌋."""
        tape.emit("np.divide", step, _number(tape, "schedule_every", self.every), out=out)
        tape.emit("np.floor", out, out=out)
        tape.emit("np.power", _number(tape, "schedule_factor", self.factor), out, out=out)


class ExponentialSchedule(Schedule, frozen=True, tag="exponential"):
    """The learning rate times factor after every step."""

    label: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "η·factor^k"

    factor: Annotated[Factor, named("factor", "What the learning rate is multiplied by at every step.")] = (
        0.999
    )

    @property
    def factor_formula(self) -> str:
        """A power of the step."""
        return f"{number_text(self.factor)}^(t − 1)"

    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append factor^k."""
        tape.emit("np.power", _number(tape, "schedule_factor", self.factor), step, out=out)


class CosineSchedule(Schedule, frozen=True, tag="cosine"):
    """Half a wave from the learning rate down to a share of it, where it stays (Loshchilov and Hutter 2017)."""

    label: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "η·(lowest + (1 − lowest)·(1 + cos(π·k / steps)) / 2)"

    steps: Annotated[Steps, named("steps", "After how many updates the lowest learning rate is reached.")] = (
        1000
    )
    lowest: Annotated[
        float, Meta(ge=0, le=1), named("lowest", "The lowest learning rate as a share of the first one.")
    ] = 0.0

    @property
    def factor_formula(self) -> str:
        """Half a wave, written out."""
        return _wave_formula(f"min((t − 1) / {self.steps}, 1)", 1.0, self.lowest)

    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append lowest + (1 - lowest)·(1 + cos(π·min(k / steps, 1))) / 2."""
        tape.emit("np.divide", step, _number(tape, "schedule_steps", self.steps), out=out)
        tape.emit("np.minimum", out, 1.0, out=out)
        _write_wave(tape, out, "schedule_wave", 1.0, self.lowest)


class WarmupSchedule(Schedule, frozen=True, tag="warmup"):
    """The learning rate grows in a straight line, step by step, and then stays."""

    label: ClassVar[str] = "warm-up"
    formula: ClassVar[str] = "η·min((k + 1) / steps, 1)"

    steps: Annotated[
        Steps, named("steps", "The update that has the whole learning rate for the first time.")
    ] = 100

    @property
    def factor_formula(self) -> str:
        """A share of the steps."""
        return f"min(t / {self.steps}, 1)"

    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append min((k + 1) / steps, 1)."""
        tape.emit("np.add", step, 1.0, out=out)
        tape.emit("np.divide", out, _number(tape, "schedule_steps", self.steps), out=out)
        tape.emit("np.minimum", out, 1.0, out=out)


class OneCycleSchedule(Schedule, frozen=True, tag="one-cycle"):
    """Up to the learning rate and down to a much smaller one, in waves (Smith and Topin 2018).

    As PyTorch's OneCycleLR; after the last step the learning rate stays.
    """

    label: ClassVar[str] = "one cycle"
    formula: ClassVar[str] = "η·(1/start → 1 → 1/(start·end))"

    steps: Annotated[
        Annotated[int, Meta(ge=2, le=1_000_000_000)], named("steps", "How many updates the cycle has.")
    ] = 1000
    share: Annotated[
        float, Meta(gt=0, lt=1), named("share", "The share of the steps in which the learning rate grows.")
    ] = 0.3
    start: Annotated[
        float, Meta(ge=1), named("start", "By what the learning rate is divided at the first step.")
    ] = 25.0
    end: Annotated[
        float, Meta(ge=1), named("end", "By what the first learning rate is divided at the last step.")
    ] = 1e4

    @property
    def _top(self) -> float:
        """Return the step with the whole learning rate."""
        return max(self.share * self.steps - 1.0, 1e-9)

    @property
    def factor_formula(self) -> str:
        """Both waves, of which one is always 1."""
        top, down = number_text(self._top), number_text(self.steps - 1.0 - self._top)
        rising = _wave_formula(f"min((t − 1) / {top}, 1)", 1 / self.start, 1.0)
        falling = _wave_formula(f"min(max((t − 1 − {top}) / {down}, 0), 1)", 1.0, 1 / (self.start * self.end))
        return f"{rising}·{falling}"

    def write_factor(self, tape: TapeWriter, step: str, out: str) -> None:
        """Append the rising wave, which is 1 after the top, times the falling one, which is 1 before."""
        top, rising = _number(tape, "schedule_top", self._top), _number(tape, "schedule_rising", 0.0)
        tape.emit("np.divide", step, top, out=rising)
        tape.emit("np.minimum", rising, 1.0, out=rising)
        _write_wave(tape, rising, "schedule_up", 1.0 / self.start, 1.0)
        tape.emit("np.subtract", step, top, out=out)
        tape.emit("np.divide", out, _number(tape, "schedule_down", self.steps - 1.0 - self._top), out=out)
        tape.emit("np.maximum", out, 0.0, out=out)
        tape.emit("np.minimum", out, 1.0, out=out)
        _write_wave(tape, out, "schedule_fall", 1.0, 1.0 / (self.start * self.end))
        tape.emit("np.multiply", rising, out, out=out)


def _number(tape: TapeWriter, name: str, value: float) -> str:
    """Put a number on the tape in float64, whatever the type of the run, and return its name."""
    return tape.add(name, np.asarray(value, np.float64)).name


def _wave_formula(share: str, first: float, last: float) -> str:
    """Return last + (first − last)·(1 + cos(π·share)) / 2, as people write it."""
    wave, sign = f"(1 + cos(π·{share})) / 2", "+" if first > last else "−"
    return f"({number_text(last)} {sign} {number_text(abs(first - last))}·{wave})" if last else wave


def _write_wave(tape: TapeWriter, share: str, name: str, first: float, last: float) -> None:
    """Append share = last + (first - last)·(1 + cos(π·share)) / 2."""
    tape.emit("np.multiply", share, _number(tape, f"{name}_pi", pi), out=share)
    tape.emit("np.cos", share, out=share)
    tape.emit("np.add", share, 1.0, out=share)
    tape.emit("np.multiply", share, _number(tape, f"{name}_height", (first - last) / 2), out=share)
    tape.emit("np.add", share, _number(tape, f"{name}_last", last), out=share)


AnySchedule: TypeAlias = (
    StepSchedule | ExponentialSchedule | CosineSchedule | WarmupSchedule | OneCycleSchedule
)
