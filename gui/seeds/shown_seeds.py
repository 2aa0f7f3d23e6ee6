"""What is known of a lane that is trained from many seeds beside its own run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from engine.report.snapshot import LaneSnapshot
from engine.reruns.company import Company


@dataclass(frozen=True, eq=False)
class SeedsOfLane:
    """The lane of this name from some `seeds`, and what came of them: None as long as nothing is known.

    `made_from` is the experiment that all of them begin with, with seed 0; `changed_on_the_way` says that they go on with
    others. `refusal` says why there can be nothing.
    """

    name: str
    seeds: tuple[int, ...]
    made_from: Any
    changed_on_the_way: bool
    company: Company | None
    refusal: str = ""

    def are_of(self, lane: LaneSnapshot) -> bool:
        """Return whether a lane on the screen is what they were made from, and no other experiment."""
        if lane.name != self.name:
            return False
        return self.changed_on_the_way or self.made_from == msgspec.structs.replace(lane.experiment, seed=0)
