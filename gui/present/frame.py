"""What views draw: a snapshot as the state of the screen wants it shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.look.colours import (
    GRADIENT_DECADES,
    WEIGHT_DECADES,
    Scale,
    Scales,
    Sizes,
    colour_limit,
    largest,
)
from gui.present.display_state import DisplayState, hidden_lanes, leading_lane
from gui.present.gathering import gathered, shown_place
from gui.present.lines import GHOST
from gui.seeds.shown_seeds import SeedsOfLane

PALE = 0.1
"""Numbers below this share of a scale are pale in its linear colours."""


@dataclass(frozen=True)
class Frame:
    """One picture of the window.

    The neurons of `snapshot` stand in the order in which they are shown. `sizes` are those that the scales are for,
    and `is_pale` says that there are layers whose weights they hardly show. `marked` holds for each lane the
    places of the neurons that get a ring: those that are explained. `hidden` are the numbers of lanes that are not drawn;
    `operation` is the number of the shown operation in lane number `lead`, None where the whole step is shown, and
    `cell` a row and column of what it writes, `sample` the fixed training sample. `curves` are the lanes by number whose
    curves are drawn, with ghosts. `seeds` are those of the drawn lanes, by number, that are trained from many.
    """

    snapshot: Snapshot
    sizes: Sizes
    scales: Scales
    is_pale: bool
    marked: tuple[tuple[NeuronRef, ...], ...]
    hidden: frozenset[int]
    operation: int | None
    lead: int
    cell: tuple[int, int]
    sample: int | None
    curves: Mapping[int, LaneSnapshot]
    seeds: Mapping[int, SeedsOfLane]


def frame_of(snapshot: Snapshot, state: DisplayState) -> Frame:
    """Return what to draw of a snapshot on a screen in some state."""
    if state.gathered and state.operation is None:
        snapshot = replace(snapshot, lanes=tuple(gathered(lane) for lane in snapshot.lanes))
    names = [lane.name for lane in snapshot.lanes]
    hidden = hidden_lanes(state, names)
    shown = {number: lane for number, lane in enumerate(snapshot.lanes) if number not in hidden}
    sizes = state.sizes if state.locked else state.sizes.grown(sizes_of(tuple(shown.values())))
    marked = tuple(_marked(lane) for lane in snapshot.lanes)
    scales = _scales(sizes, state)
    is_pale = not scales.weights.decades and _is_pale(tuple(shown.values()), sizes.weights)
    return Frame(
        snapshot=snapshot,
        sizes=sizes,
        scales=scales,
        is_pale=is_pale,
        marked=marked,
        hidden=hidden,
        operation=state.operation,
        lead=leading_lane(state, names),
        cell=state.cell,
        sample=state.sample,
        curves=shown | _ghosts(state, names, hidden),
        seeds={number: one for number, lane in shown.items() for one in state.seeds if one.are_of(lane)},
    )


def _ghosts(state: DisplayState, names: list[str], hidden: frozenset[int]) -> dict[int, LaneSnapshot]:
    """Return the ghosts of the lanes that are shown, by the numbers that stand for them."""
    numbers = {name: number for number, name in enumerate(names) if number not in hidden}
    return {
        GHOST + numbers[ghost.name]: replace(ghost.lane, name=ghost.name)
        for ghost in state.ghosts
        if ghost.name in numbers
    }


def sizes_of(lanes: tuple[LaneSnapshot, ...]) -> Sizes:
    """Return the largest weight or bias of lanes at a step, the largest gradient and last change of one."""
    return Sizes(
        max(largest(lane.layout.connections(lane.theta)) for lane in lanes),
        max(largest(lane.layout.connections(lane.gradient)) for lane in lanes),
        max(0.0 if lane.change is None else largest(lane.layout.connections(lane.change)) for lane in lanes),
    )


def _is_pale(lanes: tuple[LaneSnapshot, ...], limit: float) -> bool:
    """Return whether some layer has weights, but none that a linear scale shows in a colour that can be seen."""
    layers = (layer for lane in lanes for layer in lane.layers)
    return any(0 < largest(layer.weights) < PALE * limit for layer in layers)


def _scales(sizes: Sizes, state: DisplayState) -> Scales:
    """Return one scale for all weights, one for all gradients and one for all last changes.

    Gradients become smaller by powers of ten as a run goes on: only a logarithm shows all of them in one scale.
    """
    theme = state.theme.name
    return Scales(
        Scale(colour_limit(sizes.weights), WEIGHT_DECADES if state.logarithmic else 0, theme),
        Scale(colour_limit(sizes.gradients), GRADIENT_DECADES, theme),
        Scale(colour_limit(sizes.changes), GRADIENT_DECADES, theme),
    )


def _marked(lane: LaneSnapshot) -> tuple[NeuronRef, ...]:
    why = lane.insight.why
    if why is None or why.pair is None:
        return ()
    pair = why.pair.neurons
    return shown_place(lane, pair.first), shown_place(lane, pair.second)
