"""Parts beside or below each other, with handles between them that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from gui.look.handlers import shielded

HANDLE = 8
"""Width of a handle in pixels: the gap between two parts."""


class Split(QSplitter):
    """Its parts keep their shares of the room when it changes, and when one of them is hidden.

    Signals: `divided(name, shares)` when a person has dragged a handle.
    """

    divided = Signal(str, object)

    def __init__(self, name: str, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.name = name
        self._shares: tuple[float, ...] = ()
        self.setChildrenCollapsible(False)
        self.setHandleWidth(HANDLE)
        self.splitterMoved.connect(self._tell)

    def set_shares(self, shares: tuple[float, ...]) -> None:
        """Share the room out, in any unit: a number for each part, hidden ones included."""
        if shares != self._shares:
            self._shares = shares
            self.share_out()

    def show_part(self, part: QWidget, on: bool) -> None:
        """Show a part or hide it; the others get its room."""
        if part.isHidden() == on:
            part.setVisible(on)
            self.share_out()

    def share_out(self) -> None:
        """Give each part its share of the present room."""
        shown = self._shown
        if len(self._shares) != self.count() or not shown:
            return
        extent = self.width() if self.orientation() is Qt.Orientation.Horizontal else self.height()
        room = max(extent - self.handleWidth() * (len(shown) - 1), len(shown))
        total = sum(self._shares[index] for index in shown)
        sizes = [
            round(room * share / total) if index in shown else 0 for index, share in enumerate(self._shares)
        ]
        if sizes != self.sizes():
            self.setSizes(sizes)

    @property
    def _shown(self) -> list[int]:
        parts = (self.widget(index) for index in range(self.count()))
        return [index for index, part in enumerate(parts) if part is not None and not part.isHidden()]

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shares in the new room."""
        super().resizeEvent(event)
        self.share_out()

    def _tell(self) -> None:
        shown, sizes, shares = self._shown, self.sizes(), list(self._shares)
        room, before = sum(sizes[index] for index in shown), sum(shares[index] for index in shown)
        for index in shown:
            shares[index] = round(before * sizes[index] / max(room, 1), 4)
        self._shares = tuple(shares)
        self.divided.emit(self.name, self._shares)
