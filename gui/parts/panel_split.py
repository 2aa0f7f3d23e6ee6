"""A panel at either side of something that has the rest of the width; each keeps its width while it is hidden."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QSplitter, QWidget

MOST_OF_WIDTH = 0.6
"""The largest share of the width that a file can give to a panel."""


class PanelSplit(QSplitter):
    """Qt forgets the width of a part that is hidden: the widths of the panels, left and right, are kept here."""

    def __init__(self, left: QWidget, middle: QWidget, right: QWidget, widths: tuple[int, int]) -> None:
        super().__init__()
        self.setObjectName("split")
        for part in (left, middle, right):
            self.addWidget(part)
        self.setStretchFactor(1, 1)
        self.setCollapsible(1, False)
        self._panels, self._widths = (left, right), list(widths)
        self.splitterMoved.connect(self._note_widths)

    def show_panel(self, panel: QWidget, on: bool) -> None:
        """Show a panel at its width, or hide it."""
        panel.setVisible(on)
        if on:
            self._share_out()

    def set_width(self, panel: QWidget, pixels: int) -> None:
        """Give a panel a width."""
        self._widths[self._panels.index(panel)] = pixels
        self._share_out()

    @property
    def shares(self) -> tuple[float, float]:
        """Return the shares of the whole width that the panels have, or will have when they are shown."""
        left, right = (round(width / max(self.width(), 1), 4) for width in self._widths)
        return left, right

    def set_shares(self, shares: Sequence[float]) -> None:
        """Give both panels their shares of the whole width."""
        self._widths = [round(min(share, MOST_OF_WIDTH) * self.width()) for share in shares]
        self._share_out()

    def _share_out(self) -> None:
        shown = zip(self._panels, self._widths, strict=True)
        left, right = (0 if panel.isHidden() else width for panel, width in shown)
        self.setSizes([left, max(self.width() - left - right, 1), right])

    def _note_widths(self) -> None:
        """Take note of what somebody has dragged."""
        for number, panel in enumerate(self._panels):
            if panel.isVisible():
                self._widths[number] = panel.width()
