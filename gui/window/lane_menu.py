"""What can be done with one lane: a menu at the pointer, and the question for its new name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from engine.session.commands import MOST_SEEDS
from gui.present.display_state import DisplayState, hidden_lanes
from gui.text.language import translate

FEWEST_SEEDS, USUAL_SEEDS = 2, 16
"""The fewest seeds that are many, and how many are proposed."""


class LaneMenu(QObject):
    """Signals: `renamed(lane, name)`, `duplicated(lane)`, `moved(lane, place from the left)`, `hidden(lane)`,
    `ghost_kept(lane)`, `ghost_removed(lane)`, `seeds_asked(lane, how many)`, `seeds_left(lane)`, `removed(lane)`; lanes
    are names.
    """

    renamed = Signal(str, str)
    duplicated = Signal(str)
    moved = Signal(str, int)
    hidden = Signal(str)
    ghost_kept = Signal(str)
    ghost_removed = Signal(str)
    seeds_asked = Signal(str, int)
    seeds_left = Signal(str)
    removed = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def show_for(self, lane: str, names: Sequence[str], state: DisplayState) -> None:
        """Offer what can be done with a lane, one of those with these names from left to right."""
        menu = QMenu(self._window)
        menu.setObjectName("menu.lane")
        menu.setToolTipsVisible(True)
        hidden = hidden_lanes(state, names)
        shown = [place for place in range(len(names)) if place not in hidden]
        here = shown.index(names.index(lane))
        before, behind = shown[:here][-1:], shown[here + 1 : here + 2]
        add = partial(self._add, menu)
        add(translate("lane", "Rename…"), lambda: self._ask_for_name(lane))
        add(translate("lane", "Duplicate"), lambda: self.duplicated.emit(lane))
        add(translate("lane", "Move left"), lambda: self.moved.emit(lane, *before), bool(before))
        add(translate("lane", "Move right"), lambda: self.moved.emit(lane, *behind), bool(behind))
        add(translate("lane", "Hide"), lambda: self.hidden.emit(lane), len(shown) > 1)
        menu.addSeparator()
        self._add_ghosts(menu, lane, any(ghost.name == lane for ghost in state.ghosts))
        self._add_seeds(menu, lane, [len(one.seeds) for one in state.seeds if one.name == lane])
        menu.addSeparator()
        add(translate("lane", "Remove"), lambda: self.removed.emit(lane), len(names) > 1)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._window.cursor().pos())

    def _add_ghosts(self, menu: QMenu, lane: str, has_one: bool) -> None:
        keep = self._add(
            menu, translate("lane", "Keep curves as ghost"), lambda: self.ghost_kept.emit(lane), True
        )
        keep.setToolTip(
            translate(
                "lane", "The curves stay, pale, beside those that the lane has after a setting has changed"
            )
        )
        self._add(menu, translate("lane", "Remove the ghost"), lambda: self.ghost_removed.emit(lane), has_one)

    def _add_seeds(self, menu: QMenu, lane: str, before: Sequence[int]) -> None:
        """Offer many seeds, as many as `before` at first, and the way back where there are any."""
        ask = partial(self._ask_for_seeds, lane, *before)
        many = self._add(menu, translate("lane", "Many seeds…"), ask, True)
        many.setToolTip(
            translate(
                "lane",
                "Train the lane from other seeds, too: bands in the curves, and how many of them learn",
            )
        )
        leave = translate("lane", "Only its own seed")
        self._add(menu, leave, lambda: self.seeds_left.emit(lane), bool(before))

    def _ask_for_seeds(self, lane: str, before: int = USUAL_SEEDS) -> None:
        dialog = QInputDialog(self._window)
        dialog.setObjectName("many_seeds")
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setWindowTitle(translate("lane", "Many seeds"))
        dialog.setLabelText(translate("lane", "From how many seeds the lane is trained:"))
        dialog.setIntRange(FEWEST_SEEDS, MOST_SEEDS)
        dialog.setIntValue(before)
        dialog.intValueSelected.connect(lambda seeds: self.seeds_asked.emit(lane, seeds))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @staticmethod
    def _add(menu: QMenu, text: str, act: Callable[[], object], is_possible: bool = True) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(act)
        action.setEnabled(is_possible)
        return action

    def _ask_for_name(self, lane: str) -> None:
        dialog = QInputDialog(self._window)
        dialog.setObjectName("rename")
        dialog.setWindowTitle(translate("lane", "Rename lane"))
        dialog.setLabelText(translate("lane", "Name of the lane:"))
        dialog.setTextValue(lane)
        dialog.textValueSelected.connect(lambda name: self.renamed.emit(lane, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
