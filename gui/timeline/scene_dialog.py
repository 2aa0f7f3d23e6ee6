"""All scenes, to be named, described, put into order and taken away. It can stay open beside the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from engine.scenes.scene_list import LONGEST_NAME, LONGEST_NOTE, Scene
from gui.look.handlers import shielded
from gui.text.language import translate


class NoteField(QPlainTextEdit):
    """Signals: `finished()` when somebody goes elsewhere."""

    finished = Signal()

    @shielded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that nothing more is typed."""
        super().focusOutEvent(event)
        self.finished.emit()


class SceneDialog(QDialog):
    """Signals: `changed(place, name, note)`, `moved(place, to)`, `retaken(place)`, `removed(place)`, `chosen(place)`."""

    changed = Signal(int, str, str)
    moved = Signal(int, int)
    retaken = Signal(int)
    removed = Signal(int)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scenes")
        self.setWindowTitle(translate("scenes", "Scenes"))
        self.resize(560, 340)
        self._scenes: tuple[Scene, ...] = ()
        self._shown = -1
        self.list = QListWidget()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMaximumWidth(220)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name, self.note = QLineEdit(), NoteField()
        self.name.setMaxLength(LONGEST_NAME)
        self.note.setTabChangesFocus(True)
        self._explain()
        self._arrange()
        self.list.currentRowChanged.connect(self._show)
        self.list.itemDoubleClicked.connect(lambda _item: self.chosen.emit(self._place))
        self.list.model().rowsMoved.connect(self._tell_moved)
        self.name.editingFinished.connect(self._tell_changed)
        self.note.finished.connect(self._tell_changed)

    def _explain(self) -> None:
        told = (
            (
                self.list,
                "list",
                translate("scenes", "Scenes"),
                translate(
                    "scenes",
                    "Drag scenes into the order in which you show them; double-click one to go there",
                ),
            ),
            (
                self.name,
                "name_field",
                translate("scenes", "Name"),
                translate("scenes", "What the scene is called"),
            ),
            (
                self.note,
                "note_field",
                translate("scenes", "Note"),
                translate("scenes", "What is to be read while the scene is shown"),
            ),
        )
        for widget, name, accessible, tip in told:
            widget.setObjectName(f"scenes.{name}")
            widget.setAccessibleName(accessible)
            widget.setToolTip(tip)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        self._buttons = [
            self._button(
                "up",
                translate("scenes", "Up"),
                translate("scenes", "Show this scene earlier"),
                lambda: self._move(-1),
            ),
            self._button(
                "down",
                translate("scenes", "Down"),
                translate("scenes", "Show this scene later"),
                lambda: self._move(1),
            ),
            self._button(
                "retake",
                translate("scenes", "Take again"),
                translate("scenes", "Let the scene be what the window shows now"),
                lambda: self.retaken.emit(self._place),
            ),
            self._button(
                "remove",
                translate("scenes", "Remove"),
                translate("scenes", "Take the scene away; undo brings it back"),
                lambda: self.removed.emit(self._place),
            ),
        ]
        for button in self._buttons:
            row.addWidget(button)
        row.addStretch()
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 12, 14, 12)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.list, 0, 0, 3, 1)
        grid.addWidget(QLabel(self.name.accessibleName()), 0, 1)
        grid.addWidget(self.name, 0, 2)
        grid.addWidget(QLabel(self.note.accessibleName()), 1, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.note, 1, 2)
        grid.addLayout(row, 2, 2)
        self._show(-1)

    def _button(self, name: str, text: str, tip: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"scenes.{name}")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)  # Enter in a field must not remove a scene
        button.clicked.connect(act)
        return button

    @property
    def _place(self) -> int:
        return self.list.currentRow()

    def show_scenes(self, scenes: Sequence[Scene], current: int | None) -> None:
        """List the scenes; the one that is edited stays chosen, wherever it is now, or else the `current` one is."""
        edited = self._scenes[self._place : self._place + 1] if self._place >= 0 else ()
        place = scenes.index(edited[0]) if edited and edited[0] in scenes else self._place
        if place < 0:
            place = 0 if current is None else current
        self._scenes = tuple(scenes)
        with QSignalBlocker(self.list):
            self.list.clear()
            self.list.addItems([scene.name for scene in scenes])
            self.list.setCurrentRow(min(place, len(scenes) - 1))
        self._show(self._place)

    @shielded
    def hideEvent(self, event: QHideEvent) -> None:
        """Take what was typed last; a window that is left has its focus no longer, which would do it."""
        self._tell_changed()
        super().hideEvent(event)

    def edit_last(self) -> None:
        """Wait for the name of the last scene."""
        self.list.setCurrentRow(self.list.count() - 1)
        self.show()
        self.raise_()
        self.activateWindow()
        self.name.setFocus()
        self.name.selectAll()

    def _show(self, place: int) -> None:
        is_one = 0 <= place < len(self._scenes)
        for widget in (self.name, self.note, *self._buttons):
            widget.setEnabled(is_one)
        is_same, self._shown = place == self._shown, place
        scene = self._scenes[place] if is_one else None
        if not (is_same and self.name.hasFocus()):  # somebody may be typing there
            self.name.setText(scene.name if scene else "")
        if not (is_same and self.note.hasFocus()):
            self.note.setPlainText(scene.note if scene else "")

    def _move(self, by: int) -> None:
        if 0 <= self._place + by < len(self._scenes):
            self.moved.emit(self._place, self._place + by)

    def _tell_moved(
        self, _source: QModelIndex, first: int, _last: int, _target: QModelIndex, before: int
    ) -> None:
        """Say where a scene was dragged; Qt counts places before it was taken out."""
        self.moved.emit(first, before - 1 if before > first else before)

    def _tell_changed(self) -> None:
        place, name, note = self._place, self.name.text().strip(), self.note.toPlainText()[:LONGEST_NOTE]
        if not 0 <= place < len(self._scenes) or not name:
            return
        if (name, note) != (self._scenes[place].name, self._scenes[place].note):
            self.changed.emit(place, name, note)
