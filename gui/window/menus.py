"""The menus: the table of actions, the presets, from when on neurons count as equal, and what a drawing offers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu
from shiboken6 import isValid

from engine.experiments.presets import open_target, preset_names
from gui.canvas.scene import SceneView
from gui.diagnosis.clinic_words import CLINIC, symptom_of
from gui.look.plain_text import entry
from gui.text import words
from gui.text.action_spec import EDIT, RUN, SCENES
from gui.text.language import translate
from gui.timeline.scene_menu import SceneMenu
from gui.window.action_table import ACTIONS
from gui.window.actions import Actions
from gui.window.recent_menu import RecentMenu

TOLERANCES = (0.0, 1e-12, 1e-9, 1e-6, 1e-3)
"""Relative differences up to which neurons can count as equal."""
FIRST_OF_A_BLOCK = {
    "copy_code",
    "export_figure",
    "quit",
    "to_start",
    "rewind",
    "operation_forward",
    "show_all",
    "full_screen",
}
"""Actions with a line above them."""


class Menus(QObject):
    """The menu bar of a window, and the menu at the pointer.

    Signals: `preset_chosen(str)`, `recent_chosen(str)`, `forget_requested(set of paths)`,
    `tolerance_chosen(float)`, `export_requested(drawing)`, `copy_requested(drawing)`,
    `enlarge_requested(drawing)`, `return_requested(position in the list of what was done)`.
    """

    preset_chosen = Signal(str)
    recent_chosen = Signal(str)
    forget_requested = Signal(object)
    tolerance_chosen = Signal(float)
    export_requested = Signal(object)
    copy_requested = Signal(object)
    enlarge_requested = Signal(object)
    return_requested = Signal(int)

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        """Fill the menu bar of a window; the keys of all actions work in the whole window."""
        super().__init__(window)
        self._window, self._actions = window, actions
        self._tolerances = QActionGroup(self)
        self._tolerances.triggered.connect(self._choose_tolerance)
        menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            if spec.menu not in menus:
                if spec.menu == RUN:
                    self._add_presets()
                menus[spec.menu] = window.menuBar().addMenu(translate("actions", spec.menu))
                if spec.menu == EDIT:
                    self.history = self._history_in(menus[EDIT])
            if spec.id in FIRST_OF_A_BLOCK:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(actions[spec.id])
            if spec.id == "open":
                self._add_recent(menus[spec.menu])
            if spec.id == "redo":
                menus[spec.menu].addMenu(self.history)
            if spec.id == "gather":
                self._add_tolerances(menus[spec.menu])
        self.scenes = SceneMenu(menus[SCENES])
        window.addActions(list(actions.by_id.values()))

    def _history_in(self, edit: QMenu) -> QMenu:
        """Return the list of everything that was done, of which each entry leads back to it."""
        menu = QMenu(translate("window", "&History"), edit)
        menu.setObjectName("menu.history")
        menu.setEnabled(False)
        menu.triggered.connect(lambda action: self.return_requested.emit(action.data()))
        edit.aboutToHide.connect(menu.hide)
        return menu

    def show_log(self, entries: Sequence[str], position: int) -> None:
        """List what was done and undone; `position` is how many of the entries are done."""
        self._actions.show_log(
            entries[position - 1] if position else "", entries[position] if position < len(entries) else ""
        )
        self.history.clear()
        self.history.setEnabled(bool(entries))
        for number, text in enumerate([translate("window", "as it was opened"), *entries]):
            action = self.history.addAction(entry(text))
            action.setData(number)
            action.setCheckable(True)
            action.setChecked(number == position)

    def _add_presets(self) -> None:
        menu = self._window.menuBar().addMenu(translate("window", "&Presets"))
        menu.setObjectName("menu.presets")
        for name in preset_names():
            title = open_target(name).title or name
            action = menu.addAction(entry(title))
            action.setObjectName(f"preset.{name}")
            action.setData(name)
        self._add_clinic(menu)
        menu.triggered.connect(self._choose_preset)

    @staticmethod
    def _add_clinic(presets: QMenu) -> None:
        """Offer the networks that do not learn, by what is seen of them."""
        presets.addSeparator()
        menu = presets.addMenu(translate("clinic", "&Clinic: find out why it does not learn"))
        menu.setObjectName("menu.clinic")
        for name in CLINIC:
            action = menu.addAction(entry(symptom_of(name)))
            action.setObjectName(f"clinic.{name}")
            action.setData(name)

    def _add_recent(self, file_menu: QMenu) -> None:
        self._recent = RecentMenu(self._window)
        self._recent.file_chosen.connect(self.recent_chosen)
        self._recent.forget_requested.connect(self.forget_requested)
        file_menu.addMenu(self._recent)

    def show_recent(self, names: list[str]) -> None:
        """Offer the files that were opened or saved last."""
        self._recent.show_files(names)

    def _add_tolerances(self, view: QMenu) -> None:
        menu = view.addMenu(translate("window", "Neurons count as &equal"))
        menu.setObjectName("menu.tolerance")
        for tolerance in TOLERANCES:
            action = menu.addAction(words.tolerance(tolerance))
            action.setObjectName(f"tolerance.{tolerance:g}")
            action.setCheckable(True)
            action.setChecked(not tolerance)
            action.setData(tolerance)
            self._tolerances.addAction(action)

    def show_tolerance(self, tolerance: float) -> None:
        """Check the difference up to which neurons count as equal."""
        for action in self._tolerances.actions():
            action.setChecked(action.data() == tolerance)

    def _choose_preset(self, action: QAction) -> None:
        self.preset_chosen.emit(action.data())

    def _choose_tolerance(self, action: QAction) -> None:
        self.tolerance_chosen.emit(action.data())

    def show_colour_menu(self) -> None:
        """Offer what can be done with the colour scales, where the pointer is."""
        menu = QMenu(self._window)
        menu.setObjectName("menu.colours")
        menu.addActions([self._actions[name] for name in ("fit_colours", "lock_colours", "log_colours")])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._window.cursor().pos())

    def show_drawing_menu(self, drawing: SceneView) -> None:
        """Offer to export, copy or enlarge one drawing, where the pointer is."""
        menu = QMenu(self._window)
        menu.setObjectName("menu.drawing")
        export = menu.addAction(translate("window", "Export {0}…").format(entry(drawing.title)))
        copy = menu.addAction(translate("window", "Copy {0}").format(entry(drawing.title)))
        export.triggered.connect(lambda: _ask(self.export_requested, drawing))
        copy.triggered.connect(lambda: _ask(self.copy_requested, drawing))
        menu.addSeparator()
        if self._actions["show_all"].isEnabled():
            menu.addAction(self._actions["show_all"])
        else:
            enlarge = menu.addAction(translate("window", "Enlarge (double-click)"))
            enlarge.triggered.connect(lambda: _ask(self.enlarge_requested, drawing))
        menu.aboutToHide.connect(menu.deleteLater)
        drawing.destroyed.connect(menu.close)  # another experiment may come while the menu is open
        menu.popup(self._window.cursor().pos())


def _ask(request: SignalInstance, drawing: SceneView) -> None:
    """Ask for something of a drawing, unless it has gone in the moment in which the entry was chosen."""
    if isValid(drawing):
        request.emit(drawing)
