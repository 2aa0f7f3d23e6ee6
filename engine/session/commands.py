"""What the training thread can be told to do.

Actions change what is trained: they are logged and can be written to a file. The other commands only say where to go
and what to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.experiments.experiment import Experiment
from engine.report.probes import Probes
from engine.training.edits import Action, AddNoise, CopyNeuron, Edit, SetWeight


class NewSeed(Action, frozen=True, tag="new-seed"):
    """Start again at step 0 with the weights of another seed."""

    seed: int


class Remove(Action, frozen=True, tag="remove"):
    """Take away a lane that was made by an edit."""


class Restart(Action, frozen=True, tag="restart"):
    """Go to step 0 with the same weights and forget the recorded steps."""


class Reach(Action, frozen=True, tag="reach"):
    """Train every lane up to `step`: what playing and seeking leave in the log."""


SessionAction: TypeAlias = SetWeight | CopyNeuron | AddNoise | NewSeed | Remove | Restart | Reach
"""Every action that a session file can hold; the field `do` says which one it is."""


@dataclass(frozen=True)
class Open:
    """Load an experiment and forget the one before; its snapshots carry the number `opening`."""

    experiment: Experiment
    opening: int


@dataclass(frozen=True)
class OpenTarget:
    """Read what TARGET of the command line means, a preset or a file, and load it as `Open` does."""

    target: str
    opening: int


@dataclass(frozen=True)
class Play:
    """Go forward at this speed; infinity means as fast as possible."""

    steps_per_second: float


@dataclass(frozen=True)
class Pause:
    """Stop playing or seeking, and stay where it is."""


@dataclass(frozen=True)
class MoveBy:
    """Go forward, or back if `steps` is negative, and stop there."""

    steps: int


@dataclass(frozen=True)
class MoveTo:
    """Go to a step and stop there; train if it was not reached yet."""

    step: int


@dataclass(frozen=True)
class MoveToEnd:
    """Go to the newest step that was reached."""


@dataclass(frozen=True)
class Want:
    """Answer these probes in every snapshot from now on."""

    probes: Probes


@dataclass(frozen=True)
class Stop:
    """End the thread."""


Command: TypeAlias = (
    Open
    | OpenTarget
    | Play
    | Pause
    | MoveBy
    | MoveTo
    | MoveToEnd
    | Edit
    | NewSeed
    | Remove
    | Restart
    | Want
    | Stop
)
