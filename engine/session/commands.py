"""What the training thread can be told to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.experiments.experiment import Experiment
from engine.report.probes import Wanted
from engine.training.edits import Edit


@dataclass(frozen=True)
class Open:
    """Load an experiment; its snapshots carry the number `run`."""

    experiment: Experiment
    run: int


@dataclass(frozen=True)
class Play:
    """Go forward at so many steps per second; `FLAT_OUT` is as fast as it goes."""

    steps_per_second: float


@dataclass(frozen=True)
class Pause:
    """Stop playing or seeking, and stay where it is."""


@dataclass(frozen=True)
class MoveBy:
    """Go so many steps forward or back and stop there."""

    steps: int


@dataclass(frozen=True)
class MoveTo:
    """Go to a step and stop there; train if it was not reached yet."""

    step: int


@dataclass(frozen=True)
class MoveToEnd:
    """Go to the newest step that was reached."""


@dataclass(frozen=True)
class Restart:
    """Go to step 0 with the same weights and forget the recorded steps."""


@dataclass(frozen=True)
class Fork:
    """Change a lane at a step, in a new lane, and show that step; then the new lane catches up with the others.

    Lanes have names here, because their numbers change when one goes.
    """

    lane: str
    edit: Edit
    step: int


@dataclass(frozen=True)
class Drop:
    """Take away a lane that was forked."""

    lane: str


@dataclass(frozen=True)
class Want:
    """Work out other things beside the weights from now on."""

    wanted: Wanted


@dataclass(frozen=True)
class Stop:
    """End the thread."""


Command: TypeAlias = Open | Play | Pause | MoveBy | MoveTo | MoveToEnd | Restart | Fork | Drop | Want | Stop
