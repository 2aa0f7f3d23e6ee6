"""What the training thread can be told to do.

Actions change what is trained: they are logged and can be written to a file. The other commands only say where to go
and what to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from engine.conditions.terms import Condition
from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.core.randomness import SEEDS, seeds_from
from engine.experiments.experiment import MAX_VARIANTS, Experiment
from engine.report.probes import Probes
from engine.scenes.scene_list import Scene
from engine.scenes.view import Notes, View
from engine.training.edits import Action, AddNoise, CopyNeuron, Set, SetWeight

MOST_TOGETHER = MAX_VARIANTS + 1
"""The most actions that are done as one: one for what all lanes have in common, and one for each lane."""
MAX_ACTIONS = 10_000
"""The most actions that a session holds."""
MOST_SEEDS = 64
"""The most seeds that a lane is trained from beside its own run."""
MOST_STEPS = 10**12
"""More steps than anybody waits for."""


class NewSeed(Action, frozen=True, tag="new-seed"):
    """Start again at step 0 with the weights of another seed."""

    seed: int


class Rename(Action, frozen=True, tag="rename"):
    """Give a lane another name."""

    name: str


class Duplicate(Action, frozen=True, tag="duplicate"):
    """Make a copy of a lane, with a name of its own, beside it."""

    name: str


class Move(Action, frozen=True, tag="move"):
    """Put a lane at a place, counted from 0 on the left."""

    to: int


class Remove(Action, frozen=True, tag="remove"):
    """Take away a lane."""


LaneAction: TypeAlias = Set | Duplicate | Remove
"""What can be done together with others."""


class Together(Action, frozen=True, tag="together"):
    """Do several actions as one, which is undone at once."""

    actions: Annotated[tuple[LaneAction, ...], Meta(min_length=1, max_length=MOST_TOGETHER)]


class Restart(Action, frozen=True, tag="restart"):
    """Go to step 0 with the same weights and forget the recorded steps, with the lanes that were edited after it."""


class AddScene(Action, frozen=True, tag="add-scene"):
    """Have one more scene, the last one."""

    scene: Scene


class ChangeScene(Action, frozen=True, tag="change-scene"):
    """Have another scene at a place, counted from 0: another name, note or view."""

    place: int
    scene: Scene


class MoveScene(Action, frozen=True, tag="move-scene"):
    """Put the scene at a place at another one, both counted from 0."""

    place: int
    to: int


class RemoveScene(Action, frozen=True, tag="remove-scene"):
    """Take away the scene at a place, counted from 0."""

    place: int


class Hide(Action, frozen=True, tag="hide"):
    """Show a lane and its curves no more; it goes on training with the others."""


class Show(Action, frozen=True, tag="show"):
    """Show a lane again that was hidden."""


class KeepGhost(Action, frozen=True, tag="keep-ghost"):
    """Keep the curves of a lane, which has done some `steps`, beside those that it will have."""

    steps: Annotated[int, Meta(ge=0, le=MOST_STEPS)]


class RemoveGhost(Action, frozen=True, tag="remove-ghost"):
    """Forget the old curves of a lane."""


class ManySeeds(Action, frozen=True, tag="many-seeds"):
    """Train a lane from several seeds, too, those from `first` on, beside its own run; after the last seed comes 0."""

    first: Annotated[int, Meta(ge=0, lt=SEEDS)]
    seeds: Annotated[int, Meta(ge=2, le=MOST_SEEDS)]

    @property
    def all_seeds(self) -> list[int]:
        """Return the seeds."""
        return seeds_from(self.first, self.seeds)

    def with_lane_renamed(self, before: str, now: str) -> ManySeeds:
        """Return the same for a lane that may have got another name."""
        return msgspec.structs.replace(self, lane=now) if self.lane == before else self


class OneSeed(Action, frozen=True, tag="one-seed"):
    """Train a lane from its own seed only."""


class WriteNotes(Action, frozen=True, tag="write-notes"):
    """Have other notes than those `before`."""

    text: Notes
    before: Notes = ""


LookAction: TypeAlias = (
    Hide
    | Show
    | KeepGhost
    | RemoveGhost
    | ManySeeds
    | OneSeed
    | WriteNotes
    | AddScene
    | ChangeScene
    | MoveScene
    | RemoveScene
)
"""What changes how a session is looked at, and nothing that is trained."""

SessionAction: TypeAlias = (
    Set
    | SetWeight
    | CopyNeuron
    | AddNoise
    | NewSeed
    | Rename
    | Duplicate
    | Move
    | Remove
    | Together
    | Restart
    | LookAction
)
"""Every action that a session file can hold; the field `do` says which one it is."""


@dataclass(frozen=True)
class Try:
    """Do an action for the time being: it stands in the log once, however often its value changes in a row.

    `is_final` says that the person has let go of the value.
    """

    action: SessionAction
    is_final: bool


@dataclass(frozen=True)
class LetGo:
    """Forget the value that is being dragged; everything is as it was before."""


@dataclass(frozen=True)
class ReturnTo:
    """Go to what there was after the first `position` actions of the log: undo those behind it, or do them again."""

    position: int


@dataclass(frozen=True)
class Source:
    """A file that something was opened from; a session file `has_all` of it, an experiment file the experiment alone."""

    path: Path
    has_all: bool = False


@dataclass(frozen=True)
class Open:
    """Load an experiment and forget the one before; its snapshots carry the number `opening`.

    `actions` are what was done to it in a session, `view` is how that was looked at, and `source` where it was read.
    """

    experiment: Experiment
    opening: int
    actions: tuple[SessionAction, ...] = ()
    view: View = field(default_factory=View)
    source: Source | None = None


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
class PlayUntil:
    """Go forward at this speed to the first step at which a condition holds in some lane, and stop exactly there."""

    condition: Condition
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


@dataclass(frozen=True)
class ReturnBy:
    """Undo some actions of the log, where `actions` is negative, or do as many again."""

    actions: int


Command: TypeAlias = (
    Open
    | OpenTarget
    | Play
    | PlayUntil
    | Pause
    | MoveBy
    | MoveTo
    | MoveToEnd
    | SessionAction
    | Try
    | LetGo
    | ReturnTo
    | ReturnBy
    | Want
    | Stop
)


ACTION_NAMES = tuple(str(kind.__struct_config__.tag) for kind in SessionAction.__args__)


def action_in(item: Any, number: int) -> SessionAction:
    """Return the action that an item of a session file is; raise ExperimentError where it is none."""
    wrong = ExperimentError(
        f"actions.{number}", Problem.SESSION_ACTION, number=number, names=list(ACTION_NAMES)
    )
    try:
        action: SessionAction = msgspec.convert(item, SessionAction)
    except msgspec.ValidationError as error:
        raise wrong from error
    if action.step < 0:
        raise wrong
    return action


def check_room(count: int) -> None:
    """Raise ExperimentError where a session cannot hold so many actions."""
    if count > MAX_ACTIONS:
        raise ExperimentError("actions", Problem.TOO_MANY_ACTIONS, most=MAX_ACTIONS, got=count)
