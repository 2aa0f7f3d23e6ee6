"""The line above the timeline while a scene is shown: which one it is, and its note, large enough for a wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from engine.scenes.scene_list import Scene
from gui.look.icons import icon
from gui.look.plain_text import shortened, tip
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.menu_button import MenuButton

LONGEST_SHOWN = 500
"""Characters of a note that are shown: four lines of a small window; the tooltip has the rest."""


LONGEST_SHOWN_NAME = 40


class SceneStrip(QFrame):
    """Hidden while no scene is shown, and when somebody has read enough."""

    def __init__(self, actions: Mapping[str, QAction], menu: QMenu, parent: QWidget | None = None) -> None:
        """Have buttons for two of the `actions`, and one that opens the `menu` of all scenes."""
        super().__init__(parent)
        self.setObjectName("scene")
        self._name = MenuButton(menu)
        self._name.setObjectName("scene.name")
        self._name.setAccessibleName(translate("scenes", "Scenes"))
        self._name.setToolTip(translate("scenes", "All scenes"))
        self.note = QLabel()
        self.note.setObjectName("scene.note")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setMinimumWidth(1)  # a word without an end does not widen the window
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("scene.close")
        self._close.setAccessibleName(translate("scenes", "Close the note"))
        self._close.setToolTip(translate("scenes", "Close this line; the next scene opens it again"))
        self._close.clicked.connect(self.hide)
        self._arrange(actions)
        self.hide()

    def _arrange(self, actions: Mapping[str, QAction]) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 10, 5)
        layout.setSpacing(4)
        top = Qt.AlignmentFlag.AlignTop
        layout.addWidget(self._button(actions, "previous_scene"), 0, top)
        layout.addWidget(self._name, 0, top)
        layout.addWidget(self._button(actions, "next_scene"), 0, top)
        layout.addSpacing(10)
        layout.addWidget(self.note, 1)
        layout.addWidget(self._close, 0, top)
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _button(self, actions: Mapping[str, QAction], name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"scene.{name}")
        button.setDefaultAction(actions[name])
        button.setAccessibleName(actions[name].toolTip())
        return button

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._close.setIcon(icon("close", theme))

    def show_scenes(self, scenes: Sequence[Scene], current: int | None) -> None:
        """Show the current one of the scenes, or nothing where there is none."""
        self.setVisible(current is not None)
        if current is None:
            return
        scene = scenes[current]
        place = translate("scenes", "{0} of {1}").format(current + 1, len(scenes))
        self._name.setText(f"{place} · {shortened(scene.name, LONGEST_SHOWN_NAME)}".replace("&", "&&"))
        self.note.setText(shortened(scene.note, LONGEST_SHOWN))
        self.note.setToolTip(tip(scene.note))
