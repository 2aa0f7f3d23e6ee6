"""What hands do to a network becomes edits, and edits become commands; what is not possible becomes a sentence."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.report.probes import NeuronRef, Pair
from engine.session.recipe import MAX_LANES
from engine.training.edits import AddNoise, CopyNeuron, Edit, SetWeight
from gui.controllers.training_controller import TrainingController
from gui.text.language import translate


class TouchController(QObject):
    """Lanes are names; rows count from 0, row fan_in is the bias. Signals: `failed(str)`."""

    failed = Signal(str)

    def __init__(self, training: TrainingController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training = training

    def nudge(self, lane: str, neuron: NeuronRef, row: int, value: float) -> None:
        """Set one weight that leads into a neuron, or its bias, to a value."""
        self._fork(lane, SetWeight(neuron.layer, row, neuron.neuron, value))

    def copy_neuron(self, lane: str, pair: Pair) -> None:
        """Make the second neuron of a pair equal to the first."""
        self._fork(lane, CopyNeuron(pair.layer, pair.first.neuron, pair.second.neuron))

    def break_symmetry(self, lane: str, noise: float) -> None:
        """Add noise of a standard deviation to the weights that lead into hidden layers, drawn with the run's seed."""
        if self._training.experiment is not None:
            self._fork(lane, AddNoise(noise, self._training.experiment.seed))

    def remove(self, lane: str) -> None:
        """Take away a lane that was made by touching."""
        self._training.drop(lane)

    def _fork(self, lane: str, edit: Edit) -> None:
        problem = self._problem(lane)
        if problem:
            self.failed.emit(problem)
        else:
            self._training.fork(lane, edit)

    def _problem(self, name: str) -> str:
        """Return why a lane cannot be changed now, nothing if it can."""
        snapshot = self._training.snapshot
        if snapshot is None:
            return ""
        if len(snapshot.lanes) >= MAX_LANES:
            return translate(
                "touch",
                "There is room for {0} lanes and there are {1}: remove one first.",
            ).format(MAX_LANES, len(snapshot.lanes))
        lane = next((lane for lane in snapshot.lanes if lane.name == name), None)
        if lane is not None and not np.isfinite(lane.theta).all():
            return translate(
                "touch", "{0} has weights that are not finite at this step: touch it at an earlier one."
            ).format(name)
        return ""
