"""The state of the screen as the plain data that session files and scenes hold, and the way back.

What the window cannot show is left out on the way back: lanes and parts that are no longer there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import Any

from engine.report.probes import NeuronPlace, NeuronRef, Pair, pair_in
from engine.report.snapshot import Snapshot
from engine.scenes.selection import LONGEST_LANE, ChosenCell, ChosenNeuron, ChosenPair, Selection
from engine.scenes.view import MOST_HIDDEN, ColourSizes, Shown, View
from gui.look.colours import Sizes
from gui.parts.room import Shares, room_of, shares_of
from gui.plots.curves_view import CURVES
from gui.present.display_state import DisplayState
from gui.side.side_panel import PAGES

AS_THEY_ARE = (
    "editor",
    "side",
    "page",
    "space",
    "gradients",
    "last_change",
    "pictures",
    "gathered",
    "tolerance",
    "logarithmic",
    "log_loss",
    "all_samples",
    "locked",
    "enlarged",
    "layer",
)
"""Fields that have the same name and the same values in a file."""
LARGEST_SIZE = 1e308
"""A file holds no number that is not finite."""
FEWEST_STEPS = 1.0
"""Curves are drawn over at least one step."""


def view_of(state: DisplayState, snapshot: Snapshot, panels: Shares, edited: str | None = None) -> View:
    """Return how a snapshot is looked at; `panels` are the shares of the width that both panels have.

    `edited` is the name of the lane that the experiment panel changes, None for all of them.
    """
    sizes = state.sizes
    shown = Shown(
        **{name: getattr(state, name) for name in AS_THEY_ARE},
        sizes=ColourSizes(_held(sizes.weights), _held(sizes.gradients), _held(sizes.changes)),
        steps=None if state.steps is None else list(state.steps),
        room={name: list(shares) for name, shares in shares_of(state.room).items()},
        panels=list(panels),
        hidden=sorted(name[:LONGEST_LANE] for name in state.hidden)[:MOST_HIDDEN],
    )
    return View(snapshot.step, shown=shown, selected=_selection(state, snapshot, edited))


def with_view(state: DisplayState, view: View, snapshot: Snapshot) -> DisplayState:
    """Return the state that shows a snapshot like a view."""
    if view.shown is not None:
        state = _with_shown(state, view.shown, snapshot)
    if view.selected is not None:
        state = _with_selected(state, view.selected, snapshot)
    return state


def _held(size: float) -> float:
    return min(size, LARGEST_SIZE) if size > 0 else 0.0


def _selection(state: DisplayState, snapshot: Snapshot, edited: str | None) -> Selection:
    names = [lane.name[:LONGEST_LANE] for lane in snapshot.lanes]
    clicked, pair = state.clicked, state.pair
    return Selection(
        lane=names[state.lane] if state.lane < len(names) else "",
        clicked=None
        if clicked is None or clicked.lane >= len(names)
        else ChosenNeuron(names[clicked.lane], clicked.ref.layer, clicked.ref.neuron),
        pair=None if pair is None else ChosenPair(pair.layer, pair.first.neuron, pair.second.neuron),
        operation=state.operation,
        sample=state.sample,
        cell=ChosenCell(names[min(state.cell_lane, len(names) - 1)], *state.cell, kept=state.cell_kept),
        edited=None if edited is None else edited[:LONGEST_LANE],
    )


def _with_shown(state: DisplayState, shown: Shown, snapshot: Snapshot) -> DisplayState:
    values: dict[str, Any] = {name: getattr(shown, name) for name in AS_THEY_ARE}
    if shown.page not in PAGES:
        values["page"] = state.page
    if shown.enlarged not in _parts(shown, snapshot):
        values["enlarged"] = ""
    return replace(
        state,
        **values,
        sizes=sizes_in(shown),
        steps=_part_of_steps(shown.steps),
        hidden=frozenset(shown.hidden),
        room=room_of({name: tuple(shares) for name, shares in shown.room.items()}),
    )


def _parts(shown: Shown, snapshot: Snapshot) -> Iterator[str]:
    """Yield the names of the parts of the window that can have all the room."""
    cards = {
        "loss": True,
        "spread": True,
        "accuracy": any(lane.has_classes for lane in snapshot.lanes),
        "gradients": shown.gradients,
    }
    yield from (f"{CURVES}{card}" for card, is_there in cards.items() if is_there)
    for number, lane in enumerate(snapshot.lanes):
        has_space = shown.space and lane.layout.blocks[0].fan_in == 2
        yield f"lane.{number}"
        yield from (
            f"lane.{number}.{part}" for part in ("graph", "weights", *(["space"] if has_space else []))
        )


def sizes_in(shown: Shown) -> Sizes:
    """Return the sizes that the colours of a view are for."""
    return Sizes(shown.sizes.weights, shown.sizes.gradients, shown.sizes.changes)


def _part_of_steps(steps: list[float] | None) -> tuple[float, float] | None:
    if steps is None or not all(map(isfinite, steps)) or steps[1] - steps[0] < FEWEST_STEPS:
        return None
    return steps[0], steps[1]


def _with_selected(state: DisplayState, selected: Selection, snapshot: Snapshot) -> DisplayState:
    names = [lane.name[:LONGEST_LANE] for lane in snapshot.lanes]
    clicked = selected.clicked
    place = None
    if clicked is not None and clicked.lane in names:
        place = NeuronPlace(names.index(clicked.lane), NeuronRef(clicked.layer, clicked.neuron))
    lane = names.index(selected.lane) if selected.lane in names else min(state.lane, len(names) - 1)
    cell = selected.cell
    if cell is None or cell.lane not in names:
        cell = ChosenCell(names[0])
    return replace(
        state,
        lane=lane,
        clicked=place,
        pair=_pair(selected.pair),
        hovered=None,
        operation=selected.operation,
        sample=selected.sample,
        cell=(cell.row, cell.column),
        cell_lane=names.index(cell.lane),
        cell_kept=cell.kept,
    )


def _pair(chosen: ChosenPair | None) -> Pair | None:
    return None if chosen is None else pair_in(chosen.layer, chosen.first, chosen.second)
