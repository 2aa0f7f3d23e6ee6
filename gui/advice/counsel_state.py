"""What is known of the start of one lane: nothing yet, what theory says, the ranking so far, or the whole advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from engine.advice.advice import Advice


class Stage(Enum):
    """What is being done about a lane."""

    REST = auto()
    LOOKING = auto()
    """Theory is worked out."""
    WAITING = auto()
    """Another lane races."""
    RACING = auto()


@dataclass(frozen=True)
class Counsel:
    """One lane. `advice` has no places before a race, and those so far in one, of which a `share` is done, 0 to 1.

    `refusal` says why there is none. `is_touched` says that hands changed the lane on its way, which no race does.
    """

    stage: Stage = Stage.REST
    advice: Advice | None = None
    share: float = 0.0
    refusal: str = ""
    is_touched: bool = False

    @property
    def is_open(self) -> bool:
        """Return whether a race is being run, or waits."""
        return self.stage in {Stage.WAITING, Stage.RACING}
