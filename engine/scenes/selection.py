"""What is selected in a view. Lanes are called by their names, so that moving one takes nothing away."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

LONGEST_LANE = 1000
"""Characters of the name of a lane: edits make names longer than those in experiment files."""

LaneName: TypeAlias = Annotated[str, Meta(max_length=LONGEST_LANE)]
LayerNumber: TypeAlias = Annotated[int, Meta(ge=0, le=1000)]
Place: TypeAlias = Annotated[int, Meta(ge=0, le=10_000_000)]


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


class Selection(Looked, frozen=True):
    """The lane that is explained, the neuron clicked last, and the pair that is explained."""

    lane: LaneName = ""
    clicked: ChosenNeuron | None = None
    pair: ChosenPair | None = None

    def with_lane_renamed(self, before: str, now: str) -> Selection:
        """Return the selection after a lane has got another name."""
        clicked = self.clicked
        if clicked is not None and clicked.lane == before:
            clicked = msgspec.structs.replace(clicked, lane=now)
        return msgspec.structs.replace(self, lane=now if self.lane == before else self.lane, clicked=clicked)
