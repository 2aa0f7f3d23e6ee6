"""What is selected in a view. Lanes are called by their names, so that moving one takes nothing away."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

LONGEST_LANE = 1000
"""Characters of the name of a lane: edits make names longer than those in experiment files."""

LaneName: TypeAlias = Annotated[str, Meta(max_length=LONGEST_LANE)]
LayerNumber: TypeAlias = Annotated[int, Meta(ge=0, le=1000)]
LARGEST_PLACE = 1_000_000_000
Place: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST_PLACE)]


class Looked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a view as it stands in a session file; unknown fields are errors."""


class ChosenNeuron(Looked, frozen=True):
    """A neuron of a lane: its layer, counted from 1, and its place in it, counted from 0. Layer 0 are the inputs."""

    lane: LaneName
    layer: LayerNumber
    neuron: Place


class ChosenPair(Looked, frozen=True):
    """Two neurons of a layer, counted from 0."""

    layer: LayerNumber
    first: Place
    second: Place


class ChosenCell(Looked, frozen=True):
    """A cell of what an operation writes, which is written out; `kept` is one that somebody has clicked."""

    lane: LaneName
    row: Place = 0
    column: Place = 0
    kept: bool = False


class Selection(Looked, frozen=True):
    """The lane that is explained, the neuron clicked last, and the pair that is explained.

    `edited` is the lane that the experiment panel changes, None for all of them.
    `operation` is the number of the shown operation of the step, None for the whole step, and `cell` a cell of it.
    `sample` is the training sample, from 0, that is always among those that are shown.
    """

    lane: LaneName = ""
    clicked: ChosenNeuron | None = None
    pair: ChosenPair | None = None
    operation: Place | None = None
    cell: ChosenCell | None = None
    edited: LaneName | None = None
    sample: Place | None = None

    def with_lane_renamed(self, before: str, now: str) -> Selection:
        """Return the selection after a lane has got another name."""
        clicked, cell = self.clicked, self.cell
        if clicked is not None and clicked.lane == before:
            clicked = msgspec.structs.replace(clicked, lane=now)
        if cell is not None and cell.lane == before:
            cell = msgspec.structs.replace(cell, lane=now)
        lane = now if self.lane == before else self.lane
        edited = now if self.edited == before else self.edited
        return msgspec.structs.replace(self, lane=lane, clicked=clicked, cell=cell, edited=edited)
