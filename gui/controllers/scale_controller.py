"""Which colours numbers get: one scale for all weights and one for all gradients of the shown step."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.experiments.experiment import Experiment
from engine.report.snapshot import Snapshot
from gui.look.colours import GRADIENT_DECADES, WEIGHT_DECADES, Scale, Scales, largest, nice_ceiling
from gui.look.theme import LIGHT, Theme

FAR_APART = 10.0
"""Lanes whose largest weights differ by more than this start with logarithmic colours: linear ones show one lane only."""


class ScaleController(QObject):
    """Signals: `scaled(Snapshot, Scales)`, `logarithmic_changed(bool)`."""

    scaled = Signal(object, object)
    logarithmic_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._logarithmic = False
        self._snapshot: Snapshot | None = None

    def begin_experiment(self, _experiment: Experiment, snapshot: Snapshot) -> None:
        """Begin another experiment with the scale that shows all its lanes."""
        sizes = [largest(lane.theta) for lane in snapshot.lanes]
        sizes = [size for size in sizes if size > 0]
        self._logarithmic = bool(sizes) and max(sizes) > FAR_APART * min(sizes)
        self.logarithmic_changed.emit(self._logarithmic)

    def set_logarithmic(self, on: bool) -> None:
        """Use the signed logarithm or the linear scale."""
        self._logarithmic = on
        self._show_again()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._show_again()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Give a snapshot its scales."""
        self._snapshot = snapshot
        weights = max(largest(lane.theta) for lane in snapshot.lanes)
        gradients = max(largest(lane.gradient) for lane in snapshot.lanes)
        changes = max(largest(lane.change) if lane.change is not None else 0.0 for lane in snapshot.lanes)
        scales = Scales(
            self._scale(weights, WEIGHT_DECADES),
            self._scale(gradients, GRADIENT_DECADES),
            self._scale(changes, GRADIENT_DECADES),
        )
        self.scaled.emit(snapshot, scales)

    def _scale(self, size: float, decades: int) -> Scale:
        return Scale(nice_ceiling(size), decades if self._logarithmic else 0, self._theme.name)

    def _show_again(self) -> None:
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)
