"""A small button that names the lanes that are hidden, and brings them back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gui.look.plain_text import entry, tip
from gui.text.lane_names import told_apart
from gui.text.language import translate

MOST_NAMES, LETTERS = 3, 14
"""How many names the button says, and about how many letters of each."""


class HiddenLanes(QToolButton):
    """Not there while nothing is hidden. Signals: `show_requested(name of a lane)`."""

    show_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self.setObjectName("figure.hidden")
        self.setProperty("chip", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._offer)
        self.hide()

    def show_names(self, names: Sequence[str]) -> None:
        """Say which lanes are hidden."""
        self._names = names
        said = ", ".join(told_apart(names, LETTERS)[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
        self.setText(translate("lane", "hidden: {0}").format(said.replace("&", "&&")))
        self.setAccessibleName(translate("lane", "Hidden lanes"))
        self.setToolTip(
            tip(
                translate(
                    "lane", "Hidden lanes go on training with the others; click to show one again: {0}"
                ).format(", ".join(names))
            )
        )
        self.setVisible(bool(names))

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("menu.hidden")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._names:
            action = menu.addAction(translate("lane", "Show {0}").format(entry(name)))
            action.triggered.connect(lambda _=False, name=name: self.show_requested.emit(name))
        if len(self._names) > 1:
            menu.addSeparator()
            menu.addAction(translate("lane", "Show all")).triggered.connect(self._ask_for_all)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _ask_for_all(self) -> None:
        for name in list(self._names):
            self.show_requested.emit(name)
