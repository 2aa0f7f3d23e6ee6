"""How a session is looked at, as plain data that a session file holds. What the window cannot show is left out there."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.experiments.mistakes import mistake_in
from engine.scenes.selection import LaneName, LayerNumber, Looked, Selection

LONGEST_NOTES = 20_000
"""Characters of notes."""
MOST_HIDDEN = 100
"""Lanes that can be hidden."""

PartName: TypeAlias = Annotated[str, Meta(max_length=60)]
Size: TypeAlias = Annotated[float, Meta(ge=0, le=1e308)]
Notes: TypeAlias = Annotated[str, Meta(max_length=LONGEST_NOTES)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1e4)]


class ColourSizes(Looked, frozen=True):
    """The largest numbers that the colours are for."""

    weights: Size = 0.0
    gradients: Size = 0.0
    changes: Size = 0.0


class Shown(Looked, frozen=True):
    """What is open, and how it is drawn.

    `editor` is the experiment panel, `side` the explanation and `page` its open page. `space` is the data space,
    `gradients` are the curves of their sizes, `gathered` the groups side by side. `enlarged` is the part that has all
    the room. `steps` are the first and the last one that curves show, None for all. `room` are the shares of the parts
    of each splitter, `panels` the shares of the width of the window that both panels have, the left one first.
    `layer` is drawn besides the first and the last ones of a deep network, none for 0. `all_samples` adds the loss over
    all training samples. `hidden` are the names of lanes that are not shown.
    """

    editor: bool = False
    side: bool = False
    page: PartName = "why"
    space: bool = False
    gradients: bool = False
    last_change: bool = False
    pictures: bool = True
    gathered: bool = False
    tolerance: Annotated[float, Meta(ge=0, le=1)] = 0.0
    logarithmic: bool = False
    log_loss: bool = False
    all_samples: bool = False
    locked: bool = False
    sizes: ColourSizes = ColourSizes()
    enlarged: PartName = ""
    layer: LayerNumber = 0
    steps: Annotated[list[Size], Meta(min_length=2, max_length=2)] | None = None
    room: Annotated[
        dict[PartName, Annotated[list[Share], Meta(min_length=1, max_length=20)]], Meta(max_length=50)
    ] = msgspec.field(default_factory=dict[str, list[float]])
    panels: Annotated[list[Share], Meta(min_length=2, max_length=2)] | None = None
    hidden: Annotated[list[LaneName], Meta(max_length=MOST_HIDDEN)] = msgspec.field(default_factory=list[str])


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shown step, notes, and what is shown and selected; None where nobody has said that.

    `speed` are the steps per second of playing, 0 for as fast as it goes.
    """

    step: Annotated[int, Meta(ge=0)] = 0
    notes: Notes = ""
    shown: Shown | None = None
    selected: Selection | None = None
    speed: Annotated[float, Meta(ge=0, le=1e9)] | None = None

    def with_lane_renamed(self, before: str, now: str) -> View:
        """Return the view after a lane has got another name."""
        shown, selected = self.shown, self.selected
        if shown is not None:
            hidden = [now if name == before else name for name in shown.hidden]
            shown = msgspec.structs.replace(shown, hidden=hidden)
        if selected is not None:
            selected = selected.with_lane_renamed(before, now)
        return msgspec.structs.replace(self, shown=shown, selected=selected)


def view_in(document: Any, path: str) -> View:
    """Return the view that stands at a path of a session file; raise ExperimentError with the path of what is wrong."""
    mistake = mistake_in(document, View, path)
    if mistake is not None:
        raise mistake
    try:
        return msgspec.convert(document, View)
    except msgspec.ValidationError as error:
        raise ExperimentError(f"{path}.shown.room", Problem.VIEW_ROOM) from error
