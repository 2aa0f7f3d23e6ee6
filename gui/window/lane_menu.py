"""What can be done with one lane: a menu at the pointer, and the question for its new name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from gui.text.language import translate


class LaneMenu(QObject):
    """Signals: `renamed(lane, name)`, `duplicated(lane)`, `moved(lane, place from the left)`, `removed(lane)`; lanes are
    names.
    """

    renamed = Signal(str, str)
    duplicated = Signal(str)
    moved = Signal(str, int)
    removed = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def show_for(self, lane: str, names: Sequence[str]) -> None:
        """Offer what can be done with a lane, one of those with these names from left to right."""
        menu = QMenu(self._window)
        menu.setObjectName("menu.lane")
        place, last = names.index(lane), len(names) - 1
        rename = menu.addAction(translate("lane", "Rename…"))
        copy = menu.addAction(translate("lane", "Duplicate"))
        left, right = (
            menu.addAction(translate("lane", "Move left")),
            menu.addAction(translate("lane", "Move right")),
        )
        menu.addSeparator()
        remove = menu.addAction(translate("lane", "Remove"))
        left.setEnabled(place > 0)
        right.setEnabled(place < last)
        remove.setEnabled(last > 0)
        rename.triggered.connect(lambda: self._ask_for_name(lane))
        copy.triggered.connect(lambda: self.duplicated.emit(lane))
        left.triggered.connect(lambda: self.moved.emit(lane, place - 1))
        right.triggered.connect(lambda: self.moved.emit(lane, place + 1))
        remove.triggered.connect(lambda: self.removed.emit(lane))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._window.cursor().pos())

    def _ask_for_name(self, lane: str) -> None:
        dialog = QInputDialog(self._window)
        dialog.setObjectName("rename")
        dialog.setWindowTitle(translate("lane", "Rename lane"))
        dialog.setLabelText(translate("lane", "Name of the lane:"))
        dialog.setTextValue(lane)
        dialog.textValueSelected.connect(lambda name: self.renamed.emit(lane, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
