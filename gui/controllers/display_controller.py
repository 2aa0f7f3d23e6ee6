"""Holds the state of the screen: what changes it, and what follows from a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.experiments.experiment import Experiment
from engine.report.probes import NeuronPlace, Pair, Probes
from engine.report.snapshot import Snapshot
from engine.session.commands import Want
from engine.session.runner import Runner
from gui.look.colours import NO_SIZES, Sizes
from gui.look.theme import Theme
from gui.parts.room import FIRST_ROOM, Room, Shares
from gui.present import display_state
from gui.present.display_state import DisplayState, Ghost, probes_for
from gui.present.frame import frame_of, sizes_of
from gui.seeds.shown_seeds import SeedsOfLane

LANE_ROOM = 290
"""Pixels that a lane, or the side panel, should have at least."""


class DisplayController(QObject):
    """The one holder of the state. The training thread is told when what it is asked for changes.

    Signals: `state_changed(DisplayState)`, `frame_made(Frame)` for every snapshot and whenever the last one has to be
    drawn anew.
    """

    state_changed = Signal(object)
    frame_made = Signal(object)

    def __init__(self, runner: Runner, window: QWidget) -> None:
        super().__init__(window)
        self._runner = runner
        self._window = window
        self._begun = False
        self._lanes: list[str] = []
        self._opening = 0
        self._snapshot: Snapshot | None = None
        self.state = DisplayState()
        self._wanted = Probes()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Make a frame of a snapshot; its colours are for all that was shown since the run began."""
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and snapshot.last_step < before.last_step and not self.state.locked:
            self.state = replace(self.state, sizes=NO_SIZES)
            self.show_steps(None)
        frame = frame_of(snapshot, self.state)
        self.state = replace(self.state, sizes=frame.sizes)
        self.frame_made.emit(frame)

    def begin_experiment(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Begin another experiment; the first one opens the side panel if there is room."""
        self._forget(snapshot)
        before, self._opening = self._opening, snapshot.opening
        if snapshot.opening != before:
            self.state = replace(self.state, hidden=frozenset())
        state = display_state.for_experiment(self.state, snapshot, self._window.height())
        if not self._begun:
            self._begun = True
            state = replace(state, side=self._window.width() >= (len(self._lanes) + 1) * LANE_ROOM)
        self._change(state)

    def change_lanes(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Explain a lane that is new; when one has gone, one that is left."""
        before = self._lanes
        self._forget(snapshot)
        self._change(display_state.for_lanes(self.state, before, self._lanes))

    def _forget(self, snapshot: Snapshot) -> None:
        """Forget the last snapshot, which the lanes of the next one cannot draw."""
        self._snapshot, self._lanes = None, [lane.name for lane in snapshot.lanes]

    def set_theme(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._change(replace(self.state, theme=theme))

    def set_gathered(self, on: bool) -> None:
        """Put the neurons of a group side by side, or leave them where they are."""
        self._change(replace(self.state, gathered=on))

    def set_logarithmic(self, on: bool) -> None:
        """Use the signed logarithm or the linear scale."""
        self._change(replace(self.state, logarithmic=on))

    def fit_colours(self) -> None:
        """Use colours for the numbers of the shown step, however large others were before."""
        if self._snapshot is not None:
            hidden = display_state.hidden_lanes(self.state, self._lanes)
            lanes = [lane for number, lane in enumerate(self._snapshot.lanes) if number not in hidden]
            self._change(replace(self.state, sizes=sizes_of(tuple(lanes))))

    def lock_colours(self, on: bool) -> None:
        """Keep the colours as they are whatever comes, or let them grow with the numbers."""
        self._change(replace(self.state, locked=on))

    def set_pictures(self, on: bool) -> None:
        """Show neurons as pictures where the data are pictures, or as columns of a matrix."""
        self._change(replace(self.state, pictures=on))

    def set_last_change(self, on: bool) -> None:
        """Show what the last update did, or not."""
        self._change(replace(self.state, last_change=on))

    def set_gradients(self, on: bool) -> None:
        """Show the curves of the gradient sizes, or not."""
        self._change(replace(self.state, gradients=on, enlarged=""))

    def set_space(self, on: bool) -> None:
        """Show the data space of every lane, or not."""
        self._change(replace(self.state, space=on, enlarged=""))

    def set_side(self, on: bool) -> None:
        """Open the side panel, or close it."""
        self._change(replace(self.state, side=on))

    def set_editor(self, on: bool) -> None:
        """Open the experiment panel, or close it."""
        self._change(replace(self.state, editor=on))

    def bring_back(self, state: DisplayState) -> None:
        """Show again what was shown before."""
        self._change(state)

    def use_sizes(self, sizes: Sizes) -> None:
        """Let the colours of the next picture be for these sizes, and for its own where they are larger."""
        self.state = replace(self.state, sizes=sizes)

    def open_page(self, page: str, lane: int | None = None) -> None:
        """Open the side panel at a page, for a lane or for the one that is explained."""
        self._change(
            replace(self.state, side=True, page=page, lane=self.state.lane if lane is None else lane)
        )

    def set_page(self, page: str) -> None:
        """Open a page of the side panel."""
        self._change(replace(self.state, page=page))

    def divide(self, name: str, shares: Shares) -> None:
        """Share the room of the splitter `name` out anew."""
        self._change(replace(self.state, room=self.state.room.divided(name, shares)))

    def use_room(self, room: Room) -> None:
        """Share all the room out as it was before."""
        self._change(replace(self.state, room=room))

    def share_out_anew(self) -> None:
        """Share all the room out as at the first start."""
        self._change(replace(self.state, room=FIRST_ROOM, enlarged=""))

    def enlarge(self, name: str) -> None:
        """Give all the room to a part of the figure; if it has it already, share it out again."""
        self._change(replace(self.state, enlarged="" if name == self.state.enlarged else name))

    def show_all(self) -> None:
        """Share the room out again after a part had all of it, and show all steps."""
        self._change(replace(self.state, enlarged="", steps=None))

    def show_steps(self, steps: tuple[float, float] | None) -> None:
        """Show curves from one step to another, or all of them."""
        self._change(replace(self.state, steps=steps))

    def set_all_samples(self, on: bool) -> None:
        """Show the loss over all training samples, too, or not."""
        self._change(replace(self.state, all_samples=on))

    def set_log_loss(self, on: bool) -> None:
        """Show losses in powers of ten, or as they are."""
        self._change(replace(self.state, log_loss=on))

    def set_tolerance(self, tolerance: float) -> None:
        """Let neurons count as equal up to a relative difference."""
        self._change(replace(self.state, tolerance=tolerance))

    def choose_lane(self, lane: int) -> None:
        """Explain another lane."""
        self._change(replace(self.state, lane=lane))

    def choose_pair(self, pair: Pair) -> None:
        """Explain two neurons."""
        self._change(replace(self.state, pair=pair))

    def choose_neuron(self, place: NeuronPlace) -> None:
        """Explain the neuron that was clicked."""
        self._change(display_state.with_click(self.state, place))

    def look_at_neuron(self, place: NeuronPlace | None) -> None:
        """Show the map of one neuron, or of none."""
        self._change(replace(self.state, hovered=place))

    def show_operation(self, number: int | None) -> None:
        """Show one operation of the step, or the whole step."""
        self._change(replace(self.state, operation=number, cell_kept=False))

    def look_at_cell(self, lane: int, row: int, column: int) -> None:
        """Write a cell out that the pointer is on, unless another one is kept."""
        if not self.state.cell_kept:
            self._change(replace(self.state, cell_lane=lane, cell=(row, column)))

    def keep_cell(self, lane: int, row: int, column: int) -> None:
        """Keep a cell written out; if it is kept already, let the pointer choose again."""
        is_again = self.state.cell_kept and (self.state.cell_lane, self.state.cell) == (lane, (row, column))
        self._change(replace(self.state, cell_lane=lane, cell=(row, column), cell_kept=not is_again))

    def choose_layer(self, layer: int) -> None:
        """Draw a layer, from 1, besides the first and the last ones of a deep network; none for 0."""
        self._change(replace(self.state, layer=layer))

    def fix_sample(self, sample: int | None) -> None:
        """Show a training sample, counted from 0, in every matrix of samples, or some of all."""
        self._change(replace(self.state, sample=sample))

    def hide(self, names: frozenset[str]) -> None:
        """Hide these lanes and their curves, and show all others; they go on training with them."""
        if names != self.state.hidden:
            self._change(display_state.with_hidden(self.state, names, self._lanes))

    def show_ghosts(self, ghosts: Sequence[Ghost]) -> None:
        """Show old curves of lanes beside those that they have."""
        self._change(replace(self.state, ghosts=tuple(ghosts)))

    def show_seeds(self, seeds: Sequence[SeedsOfLane]) -> None:
        """Show what is known of lanes that are trained from many seeds."""
        self._change(replace(self.state, seeds=tuple(seeds)))

    def _change(self, state: DisplayState) -> None:
        before, self.state = self.state, state
        probes = probes_for(state, self._lanes)
        if probes != self._wanted:
            self._wanted = probes
            self._runner.send(Want(probes))
        if state != before:
            self.state_changed.emit(state)
        if self._snapshot is not None and _is_drawn_anew(before, state):
            self.show_snapshot(self._snapshot)


def _is_drawn_anew(before: DisplayState, now: DisplayState) -> bool:
    """Return whether the same snapshot gives another frame."""
    looks = [
        (
            s.theme,
            s.gathered,
            s.logarithmic,
            s.sizes,
            s.locked,
            s.hidden,
            s.ghosts,
            s.seeds,
            s.operation,
            s.cell,
            s.cell_lane,
            s.steps,
            s.sample,
        )
        for s in (before, now)
    ]
    return looks[0] != looks[1]
