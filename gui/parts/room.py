"""How the room of the window is shared out, and which part of it has all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TypeAlias

Shares: TypeAlias = tuple[float, ...]
"""Shares of the parts of a splitter, in any unit."""

SMALLEST_SHARE, LARGEST_SHARE = 1e-4, 1e4


@dataclass(frozen=True)
class Room:
    """Shares of the parts of each splitter, which has the name of its field.

    `rows` are the lanes and the curves, `cards` the curves side by side. In a lane that is higher than wide, `tall` are
    the network above the weights and `beside` its graph and its data space; in a wide one `wide` are the network left
    of the weights and `stacked` its graph above its data space. `large` is `tall` for networks with wide layers, whose
    graph leaves most neurons out.
    """

    rows: Shares = (75, 25)
    cards: Shares = (1, 1, 1, 1)
    tall: Shares = (48, 52)
    large: Shares = (26, 74)
    beside: Shares = (53, 47)
    wide: Shares = (44, 56)
    stacked: Shares = (50, 50)

    def divided(self, name: str, shares: Shares) -> Room:
        """Return the room with other shares for the splitter `name`."""
        return replace(self, **{name: shares})


FIRST_ROOM = Room()
"""How the room is shared out until somebody drags a handle."""


def shares_of(room: Room) -> dict[str, Shares]:
    """Return the shares of each splitter by its name, for a file."""
    return asdict(room)


def room_of(shares: Mapping[str, Shares]) -> Room:
    """Return the room that a file describes; what it has of other splitters or numbers of parts is left out."""
    known = asdict(FIRST_ROOM)
    return Room(
        **{
            name: tuple(parts)
            for name, parts in shares.items()
            if name in known
            and len(parts) == len(known[name])
            and all(SMALLEST_SHARE <= part <= LARGEST_SHARE for part in parts)
        }
    )
