"""What views draw: a snapshot as the state of the screen wants it shown."""

from __future__ import annotations

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
from gui.present.display_state import DisplayState
from gui.present.gathering import gathered, shown_place

PALE = 0.1
"""Numbers below this share of a scale are pale in its linear colours."""


@dataclass(frozen=True)
class Frame:
    """One picture of the window.

    The neurons of `snapshot` stand in the order in which they are shown. `sizes` are those that the scales are for,
    and `is_pale` says that there are layers whose weights they hardly show. `marked` holds for each lane the
    places of the neurons that get a ring: those that are explained.
    """

    snapshot: Snapshot
    sizes: Sizes
    scales: Scales
    is_pale: bool
    marked: tuple[tuple[NeuronRef, ...], ...]


def frame_of(snapshot: Snapshot, state: DisplayState) -> Frame:
    """Return what to draw of a snapshot on a screen in some state."""
    if state.gathered:
        snapshot = replace(snapshot, lanes=tuple(gathered(lane) for lane in snapshot.lanes))
    sizes = state.sizes if state.locked else state.sizes.grown(sizes_of(snapshot))
    marked = tuple(_marked(lane) for lane in snapshot.lanes)
    scales = _scales(sizes, state)
    return Frame(
        snapshot, sizes, scales, not scales.weights.decades and _is_pale(snapshot, sizes.weights), marked
    )


def sizes_of(snapshot: Snapshot) -> Sizes:
    """Return the largest weight, gradient and last change of all lanes of a step."""
    lanes = snapshot.lanes
    return Sizes(
        max(largest(lane.theta) for lane in lanes),
        max(largest(lane.gradient) for lane in lanes),
        max(largest(lane.change) if lane.change is not None else 0.0 for lane in lanes),
    )


def _is_pale(snapshot: Snapshot, limit: float) -> bool:
    """Return whether some layer has weights, but none that a linear scale shows in a colour that can be seen."""
    layers = (layer for lane in snapshot.lanes for layer in lane.layers)
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
