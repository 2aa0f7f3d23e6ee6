"""The QActions that the table of actions describes."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.look.icons import icon
from gui.look.theme import DARK, Theme
from gui.present.display_state import DisplayState
from gui.text.action_spec import ActionSpec
from gui.text.language import translate
from gui.window.action_table import ACTIONS


class Actions(QObject):
    """The QActions of the table, by id."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.by_id = {spec.id: self._make(spec) for spec in ACTIONS}
        self["show_all"].setEnabled(False)  # Escape is for other things while nothing is enlarged
        self.show_scenes(0, None)

    def __getitem__(self, name: str) -> QAction:
        return self.by_id[name]

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(translate("actions", spec.text), self)
        action.setObjectName(f"action.{spec.id}")
        action.setCheckable(spec.checkable)
        if spec.key:
            action.setShortcuts([QKeySequence(key) for key in (spec.key, spec.also) if key])
        self._explain(action, spec)
        return action

    @staticmethod
    def _explain(action: QAction, spec: ActionSpec) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(
            f"{translate('actions', spec.tip)} ({key})" if key else translate("actions", spec.tip)
        )

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of a theme."""
        for spec in ACTIONS:
            if spec.icon:
                self[spec.id].setIcon(icon(spec.icon, theme))

    def show_state(self, state: DisplayState) -> None:
        """Check the actions that stand for what is shown."""
        checked = {
            "gather": state.gathered,
            "log_colours": state.logarithmic,
            "lock_colours": state.locked,
            "weight_images": state.pictures,
            "last_change": state.last_change,
            "gradients": state.gradients,
            "data_space": state.space,
            "side": state.side,
            "experiment": state.editor,
            "log_loss": state.log_loss,
            "dark": state.theme is DARK,
        }
        for name, on in checked.items():
            self[name].setChecked(on)
        self["show_all"].setEnabled(bool(state.enlarged) or state.steps is not None)

    def show_scenes(self, scenes: int, current: int | None) -> None:
        """Leave the keys of scenes to others where there is none to go to."""
        self["edit_scenes"].setEnabled(scenes > 0)
        self["next_scene"].setEnabled(scenes > 0 and current != scenes - 1)
        self["previous_scene"].setEnabled(scenes > 0 and current != 0)

    def show_log(self, undone: str, redone: str) -> None:
        """Say what is undone and done again next; nothing where there is nothing."""
        self["undo"].setEnabled(bool(undone))
        self["redo"].setEnabled(bool(redone))
        undo, redo = translate("actions", "&Undo"), translate("actions", "&Redo")
        self["undo"].setText(f"{undo}: {undone}" if undone else undo)
        self["redo"].setText(f"{redo}: {redone}" if redone else redo)

    def leave_keys_to(self, _before: QWidget | None, focused: QWidget | None) -> None:
        """Leave Space to a button that has got the focus: as the key that plays, it could press none of them."""
        key = "" if isinstance(focused, QAbstractButton) else next(s.key for s in ACTIONS if s.id == "play")
        self["play"].setShortcut(QKeySequence(key))

    def show_slow_motion(self, direction: int) -> None:
        """Check the slow motion that goes on: forward with 1, back with -1."""
        self["slow_motion"].setChecked(direction > 0)
        self["slow_motion_back"].setChecked(direction < 0)

    def show_playing(self, playing: bool, theme: Theme) -> None:
        """Make Play the action that stops, or the one that starts."""
        action = self["play"]
        action.setText(translate("actions", "&Pause") if playing else translate("actions", "&Play"))
        action.setIcon(icon("pause" if playing else "play", theme))
        action.setToolTip(
            translate("actions", "Pause (Space)") if playing else translate("actions", "Play (Space)")
        )
