"""Everything about the screen that a person can choose, and what the training thread is asked for because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.report.probes import NeuronPlace, Pair, Probes, pair_in
from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.look.colours import NO_SIZES, Sizes, largest
from gui.look.theme import LIGHT, Theme
from gui.parts.room import FIRST_ROOM, Room
from gui.seeds.shown_seeds import SeedsOfLane

MOST_LANES, WIDEST_LAYER = 3, 64
"""Largest numbers of lanes, and of neurons in a layer, that leave room for a third row of heatmaps."""
HIGH_WINDOW = 800
"""Height of a window in pixels from which on it has room for that row, too."""
MAX_RATIO_OF_LANES = 10.0
"""Lanes whose largest weights differ by more than this start with logarithmic colours: linear ones show one lane only."""


@dataclass(frozen=True, eq=False)
class Ghost:
    """The curves that a lane of this name had when somebody kept them, without what else there was of it."""

    name: str
    lane: LaneSnapshot


@dataclass(frozen=True)
class DisplayState:
    """How the window shows a step.

    `sizes` are those that the colours were for up to now; they only grow, and not while they are `locked`.
    `lane` (from 0) is the one that the side panel explains, `pair` the two neurons that it explains; `clicked` is the
    neuron clicked last and `hovered` the one under the pointer. `page` is the open page of the side panel. `enlarged` is
    the name of the part that has all the room of the figure, "" while it is shared out; `steps` are the first and the
    last one that curves show, None for all. `hidden` are the names of lanes that are not shown,
    `ghosts` old curves that are, `seeds` what is known of lanes from many seeds. `operation` is the number of the
    operation of the step that is shown, None where the whole step is; `cell` is the row and column of what it writes
    in lane `cell_lane` that is written out, `cell_kept` by whoever clicked it. `sample` is the number of the training
    sample, from 0, that somebody has fixed. `layer`, from 1, is drawn of a deep network besides the first and the
    last ones, none for 0.
    """

    theme: Theme = LIGHT
    gathered: bool = False
    logarithmic: bool = False
    sizes: Sizes = NO_SIZES
    locked: bool = False
    pictures: bool = True
    last_change: bool = False
    gradients: bool = False
    space: bool = False
    side: bool = False
    editor: bool = False
    page: str = "why"
    tolerance: float = 0.0
    lane: int = 0
    pair: Pair | None = None
    clicked: NeuronPlace | None = None
    hovered: NeuronPlace | None = None
    room: Room = FIRST_ROOM
    enlarged: str = ""
    steps: tuple[float, float] | None = None
    log_loss: bool = False
    all_samples: bool = False
    hidden: frozenset[str] = frozenset()
    ghosts: tuple[Ghost, ...] = ()
    seeds: tuple[SeedsOfLane, ...] = ()
    operation: int | None = None
    cell: tuple[int, int] = (0, 0)
    cell_lane: int = 0
    cell_kept: bool = False
    sample: int | None = None
    layer: int = 0


def hidden_lanes(state: DisplayState, names: Sequence[str]) -> frozenset[int]:
    """Return the numbers of the lanes with these names that are hidden: never all of them."""
    found = frozenset(number for number, name in enumerate(names) if name in state.hidden)
    return found if len(found) < len(names) else frozenset()


def probes_for(state: DisplayState, names: Sequence[str] = ()) -> Probes:
    """Return what has to be worked out for a screen in this state, on which there are lanes with these names."""
    page = state.page if state.side else ""
    return Probes(
        tolerance=state.tolerance,
        change=state.last_change,
        lane=state.lane,
        causes=page == "why",
        pair=state.pair,
        health=page == "health",
        small=page == "small",
        gradients=state.gradients,
        space=state.space,
        neuron=state.hovered,
        scores=True,
        marks=True,
        walk=state.operation is not None,
        unseen=tuple(sorted(hidden_lanes(state, names) - {state.lane})),
    )


def is_answered(snapshot: Snapshot, state: DisplayState) -> bool:
    """Return whether a snapshot has all that is shown at its step: some of it may come later."""
    probes, lane = probes_for(state), snapshot.lanes[state.lane]
    causes, change = lane.insight.why is not None, lane.change is not None
    scored = all(
        lane.score.step == snapshot.step if lane.score is not None else not lane.has_classes
        for lane in snapshot.lanes
    )
    marked = all(lane.has_all_marks for lane in snapshot.lanes)
    walked = lane.insight.walk is not None or not probes.walk
    return (causes or not probes.causes) and (change or not probes.change) and walked and scored and marked


def for_experiment(state: DisplayState, snapshot: Snapshot, height: int) -> DisplayState:
    """Return the state for another experiment in a window of some height in pixels: its first lane explained, in colours
    that show all its lanes.
    """
    widest = max(width for lane in snapshot.lanes for width in lane.layout.widths)
    return replace(
        state,
        lane=0,
        pair=None,
        clicked=None,
        hovered=None,
        enlarged="",
        steps=None,
        sizes=NO_SIZES,
        locked=False,
        logarithmic=_are_far_apart([largest(lane.layout.connections(lane.theta)) for lane in snapshot.lanes]),
        operation=None,
        sample=None,
        layer=0,
        last_change=len(snapshot.lanes) <= MOST_LANES and widest <= WIDEST_LAYER and height >= HIGH_WINDOW,
    )


def for_lanes(state: DisplayState, before: Sequence[str], now: Sequence[str]) -> DisplayState:
    """Return the state after the lanes are others, by their names.

    A new one is explained, or the one that was, or one that is left. What belongs to a name follows it.
    """
    gone, new = [name for name in before if name not in now], [name for name in now if name not in before]
    renamed = {gone[0]: new[0]} if len(gone) == len(new) == 1 else {}
    written = before[state.cell_lane] if state.cell_lane < len(before) else ""
    written = renamed.get(written, written)
    explained = new[-1] if new and not renamed else before[state.lane] if state.lane < len(before) else ""
    explained = renamed.get(explained, explained)
    return replace(
        state,
        lane=now.index(explained) if explained in now else min(state.lane, len(now) - 1),
        clicked=None,
        hovered=None,
        enlarged="",
        cell_lane=now.index(written) if written in now else 0,
        hidden=frozenset(renamed.get(name, name) for name in state.hidden),
    )


def with_hidden(state: DisplayState, hidden: frozenset[str], names: Sequence[str]) -> DisplayState:
    """Return the state with some of the lanes of these names hidden; one that is shown is explained."""
    if hidden - state.hidden:
        state = replace(state, clicked=None, hovered=None, enlarged="")
    state = replace(state, hidden=hidden)
    gone = hidden_lanes(state, names)
    shown = [number for number in range(len(names)) if number not in gone]
    return state if state.lane in shown or not shown else replace(state, lane=shown[0])


def leading_lane(state: DisplayState, names: Sequence[str]) -> int:
    """Return the number of the lane whose operation is written out: the chosen one or, if that is hidden, the first."""
    chosen, gone = min(state.cell_lane, len(names) - 1), hidden_lanes(state, names)
    return next(number for number in (chosen, *range(len(names))) if number not in gone)


def with_click(state: DisplayState, place: NeuronPlace) -> DisplayState:
    """Return the state after a click on a neuron.

    It is explained with the one clicked before in the same layer, or else with another one of its group.
    """
    before, ref = state.clicked, place.ref
    together = before is not None and (before.lane, before.ref.layer) == (place.lane, ref.layer)
    first = before.ref.neuron if before is not None and together else ref.neuron
    return replace(state, clicked=place, lane=place.lane, pair=pair_in(ref.layer, first, ref.neuron))


def _are_far_apart(sizes: list[float]) -> bool:
    positive = [size for size in sizes if size > 0]
    return bool(positive) and max(positive) > MAX_RATIO_OF_LANES * min(positive)
