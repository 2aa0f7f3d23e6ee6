"""In which order neurons are shown: as they are, or group by group."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.report.snapshot import Snapshot
from gui.present.gathering import gathered


class ArrangeController(QObject):
    """Signals: `arranged(Snapshot)`."""

    arranged = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gathers = False
        self._snapshot: Snapshot | None = None

    def set_gathered(self, on: bool) -> None:
        """Put the neurons of a group side by side, or leave them where they are."""
        self._gathers = on
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Arrange the neurons of a snapshot."""
        self._snapshot = snapshot
        if self._gathers:
            lanes = tuple(gathered(lane) for lane in snapshot.lanes)
            snapshot = replace(snapshot, lanes=lanes)
        self.arranged.emit(snapshot)
