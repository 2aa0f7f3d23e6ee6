"""The menu of the files that were opened or saved last. Those that are gone say so, and can be taken off the list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.look.plain_text import entry, tip
from gui.text.language import translate


class RecentMenu(QMenu):
    """Signals: `file_chosen(str)`, a path; `forget_requested(set of paths)`, those of files that are gone."""

    file_chosen = Signal(str)
    forget_requested = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(translate("window", "Open &recent"), parent)
        self.setObjectName("menu.recent")
        self.setToolTipsVisible(True)
        self._names: list[str] = []
        self._gone: set[str] = set()
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._choose)
        self.show_files([])

    def show_files(self, names: list[str]) -> None:
        """Offer some files; without any, nothing is offered."""
        self._names = names
        self.menuAction().setEnabled(bool(names))

    def _fill(self) -> None:
        """List the files; which of them are gone is looked up now."""
        self.clear()
        self._gone = {name for name in self._names if not is_there(name)}
        for number, name in enumerate(self._names):
            shown = entry(Path(name).name)
            gone = translate("window", "{0} (gone)").format(shown)
            action = self.addAction(gone if name in self._gone else shown)
            action.setObjectName(f"recent.{number}")
            action.setData(name)
            action.setToolTip(tip(name))
        if self._gone:
            self.addSeparator()
            forget = self.addAction(translate("window", "&Forget those that are gone"))
            forget.setObjectName("recent.forget")

    def _choose(self, action: QAction) -> None:
        if action.data() is None:
            self.forget_requested.emit(set(self._gone))
        else:
            self.file_chosen.emit(action.data())


def is_there(name: str) -> bool:
    """Return whether there is a file of this name that can be reached."""
    try:
        return Path(name).is_file()
    except OSError:  # in a folder that may not be looked into
        return False
