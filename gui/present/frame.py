"""What views draw: a snapshot as the state of the screen wants it shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.look.colours import GRADIENT_DECADES, WEIGHT_DECADES, Scale, Scales, largest, nice_ceiling
from gui.present.display_state import DisplayState
from gui.present.gathering import gathered, shown_place


@dataclass(frozen=True)
class Frame:
    """One picture of the window.

    The neurons of `snapshot` stand in the order in which they are shown. `marked` holds for each lane the places of the
    neurons that get a ring: those that are explained.
    """

    snapshot: Snapshot
    scales: Scales
    marked: tuple[tuple[NeuronRef, ...], ...]


def frame_of(snapshot: Snapshot, state: DisplayState) -> Frame:
    """Return what to draw of a snapshot on a screen in some state."""
    if state.gathered:
        snapshot = replace(snapshot, lanes=tuple(gathered(lane) for lane in snapshot.lanes))
    return Frame(snapshot, scales_of(snapshot, state), tuple(_marked(lane) for lane in snapshot.lanes))


def scales_of(snapshot: Snapshot, state: DisplayState) -> Scales:
    """Return one scale for all weights, one for all gradients and one for all last changes of a step."""
    lanes = snapshot.lanes
    weights = max(largest(lane.theta) for lane in lanes)
    gradients = max(largest(lane.gradient) for lane in lanes)
    changes = max(largest(lane.change) if lane.change is not None else 0.0 for lane in lanes)
    return Scales(
        _scale(weights, WEIGHT_DECADES, state),
        _scale(gradients, GRADIENT_DECADES, state),
        _scale(changes, GRADIENT_DECADES, state),
    )


def _scale(size: float, decades: int, state: DisplayState) -> Scale:
    return Scale(nice_ceiling(size), decades if state.logarithmic else 0, state.theme.name)


def _marked(lane: LaneSnapshot) -> tuple[NeuronRef, ...]:
    why = lane.insight.why
    if why is None or why.pair is None:
        return ()
    pair = why.pair.neurons
    return shown_place(lane, pair.first), shown_place(lane, pair.second)
