"""The menu of the scenes: each is an entry that leads to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.scenes.scene_list import Scene
from gui.look.plain_text import entry, tip
from gui.text.language import translate


class SceneMenu(QObject):
    """Fills the end of a menu. Signals: `scene_chosen(int)`, counted from 0."""

    scene_chosen = Signal(int)

    def __init__(self, menu: QMenu) -> None:
        super().__init__(menu)
        self.menu = menu
        self._entries: list[QAction] = []
        menu.setObjectName("menu.scenes")
        menu.setToolTipsVisible(True)
        menu.triggered.connect(self._choose)

    def show_scenes(self, scenes: Sequence[Scene], current: int | None) -> None:
        """Offer the scenes, the current one checked."""
        for action in self._entries:
            self.menu.removeAction(action)
            action.deleteLater()
        self._entries = [self.menu.addSeparator()] if scenes else []
        for number, scene in enumerate(scenes):
            name = translate("scenes", "{0}  {1}").format(number + 1, entry(scene.name))
            action = self.menu.addAction(name)
            action.setObjectName(f"scene.{number}")
            action.setData(number)
            action.setToolTip(tip(scene.note))
            action.setCheckable(True)
            action.setChecked(number == current)
            self._entries.append(action)

    def _choose(self, action: QAction) -> None:
        if action in self._entries:
            self.scene_chosen.emit(action.data())
