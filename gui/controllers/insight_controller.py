"""What the window shows beside the weights is what the training thread is asked to work out."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.experiments.experiment import Experiment
from engine.report.probes import NeuronPlace, NeuronRef, Probes, pair_in
from engine.report.snapshot import Snapshot
from engine.session.commands import Want
from engine.session.runner import Runner

FEW_LANES, SMALL_LAYER = 3, 64
"""Up to so many lanes and neurons in a layer there is room for a third row of heatmaps."""

LANE_ROOM = 290
"""Pixels that a lane, or the side panel, should have at least."""


class InsightController(QObject):
    """Keeps `wanted` and tells the training thread when it changes.

    Signals: `change_advised(bool)`, whether another experiment leaves room for what the last update did;
    `side_advised(bool)`, whether the first one leaves room for the side panel.
    """

    change_advised = Signal(bool)
    side_advised = Signal(bool)

    def __init__(self, runner: Runner, window: QWidget) -> None:
        super().__init__(window)
        self._runner = runner
        self._window = window
        self._begun = False
        self._lanes = 0
        self._page = "why"
        self._side = True
        self._clicked: NeuronPlace | None = None
        self.wanted = Probes()

    def _want(self, wanted: Probes) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self._runner.send(Want(wanted))

    def is_answered(self, snapshot: Snapshot) -> bool:
        """Return whether a snapshot has the causes and the last change, if they are wanted: they may come later."""
        lane = snapshot.lanes[self.wanted.lane]
        causes, change = lane.insight.why is not None, lane.change is not None
        return (causes or not self.wanted.causes) and (change or not self.wanted.change)

    def begin_experiment(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Begin another experiment: explain its first lane."""
        widths = [width for lane in snapshot.lanes for width in lane.layout.widths]
        self._lanes, self._clicked = len(snapshot.lanes), None
        self._want(replace(self.wanted, lane=0, pair=None, neuron=None))
        if not self._begun:
            self._begun = True
            self.side_advised.emit(self._window.width() >= (len(snapshot.lanes) + 1) * LANE_ROOM)
        self.change_advised.emit(len(snapshot.lanes) <= FEW_LANES and max(widths) <= SMALL_LAYER)

    def change_lanes(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Explain a lane that is new; when one has gone, one that is left."""
        count = len(snapshot.lanes)
        lane = count - 1 if count > self._lanes else min(self.wanted.lane, count - 1)
        self._lanes, self._clicked = count, None
        self._want(replace(self.wanted, lane=lane, neuron=None))

    def choose_lane(self, lane: int) -> None:
        """Explain another lane."""
        self._want(replace(self.wanted, lane=lane))

    def choose_pair(self, layer: int, first: int, second: int) -> None:
        """Explain two neurons."""
        self._want(replace(self.wanted, pair=pair_in(layer, first, second)))

    def choose_neuron(self, lane: int, layer: int, neuron: int) -> None:
        """Explain the neuron clicked, with the one clicked before in the same layer or with another of its group."""
        before, self._clicked = self._clicked, NeuronPlace(lane, NeuronRef(layer, neuron))
        together = before is not None and (before.lane, before.ref.layer) == (lane, layer)
        first = before.ref.neuron if before is not None and together else neuron
        self._want(replace(self.wanted, lane=lane, pair=pair_in(layer, first, neuron)))

    def set_page(self, page: str) -> None:
        """Work out what a page of the side panel shows, as long as that is open."""
        self._page = page
        self._want_side()

    def set_side(self, on: bool) -> None:
        """Work out what the side panel shows, or save the time."""
        self._side = on
        self._want_side()

    def _want_side(self) -> None:
        page = self._page if self._side else ""
        self._want(replace(self.wanted, causes=page == "why", health=page == "health", small=page == "small"))

    def set_change(self, on: bool) -> None:
        """Work out what the last update did."""
        self._want(replace(self.wanted, change=on))

    def set_space(self, on: bool) -> None:
        """Work out the data space of every lane."""
        self._want(replace(self.wanted, space=on))

    def set_gradients(self, on: bool) -> None:
        """Work out the curves of the gradient sizes."""
        self._want(replace(self.wanted, gradients=on))

    def set_tolerance(self, tolerance: float) -> None:
        """Let neurons count as equal up to a relative difference."""
        self._want(replace(self.wanted, tolerance=tolerance))

    def look_at_neuron(self, place: NeuronPlace | None) -> None:
        """Work out the map of one neuron, or of none."""
        self._want(replace(self.wanted, neuron=place))
