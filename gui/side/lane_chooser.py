"""The box that chooses the lane a page is about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker

from gui.text.language import translate
from gui.widgets.fields import ChoiceBox


class LaneChooser(ChoiceBox):
    """Signals: `currentIndexChanged(int)` when somebody has chosen, never when it is told what to show."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.setObjectName(f"{page}.lane")
        self.setAccessibleName(translate("why", "Explained lane"))
        self.setToolTip(translate("why", "Which lane is explained"))

    def show_names(self, names: Sequence[str]) -> None:
        """Offer these lanes; the same place stays chosen if there still is one."""
        index = max(0, self.currentIndex())
        with QSignalBlocker(self):
            self.clear()
            self.addItems(names)
            self.setCurrentIndex(min(index, len(names) - 1))

    def show_lane(self, index: int) -> None:
        """Show which lane is explained."""
        with QSignalBlocker(self):
            self.setCurrentIndex(index)
