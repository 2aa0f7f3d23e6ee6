"""What can be done in the window, as a table: menus, buttons, keys and the help page are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from gui.look.icons import icon
from gui.look.theme import Theme
from gui.text.language import say


@dataclass(frozen=True)
class ActionSpec:
    """One thing that can be done: where it stands in the menus, its key, its icon and what it does in a sentence."""

    id: str
    menu: str
    text: str
    tip: str
    key: str = ""
    icon: str = ""
    checkable: bool = False


FILE, RUN, VIEW, HELP = "&File", "&Training", "&View", "&Help"
ACTIONS = (
    ActionSpec("open", FILE, "&Open experiment…", "Open an experiment file", "Ctrl+O"),
    ActionSpec("save", FILE, "&Save experiment as…", "Save this experiment as a file", "Ctrl+S"),
    ActionSpec("export_figure", FILE, "&Export figure…", "Save lanes and curves as PNG or SVG", "Ctrl+E"),
    ActionSpec("screenshot", FILE, "Save s&creenshot…", "Save a picture of the window", "Ctrl+Shift+S"),
    ActionSpec("copy_figure", FILE, "&Copy figure", "Copy lanes and curves to the clipboard", "Ctrl+Shift+C"),
    ActionSpec("quit", FILE, "&Quit", "Close the window", "Ctrl+Q"),
    ActionSpec("play", RUN, "&Play", "Train, or stop training", "Space", "play"),
    ActionSpec("step_forward", RUN, "Step &forward", "One step forward", "Right", "forward"),
    ActionSpec("step_back", RUN, "Step &back", "One step back", "Left", "back"),
    ActionSpec("ten_forward", RUN, "Ten steps forward", "Ten steps forward", "Shift+Right", "ten-forward"),
    ActionSpec("ten_back", RUN, "Ten steps back", "Ten steps back", "Shift+Left", "ten-back"),
    ActionSpec("to_start", RUN, "To the s&tart", "Go to step 0; nothing is forgotten", "Home", "to-start"),
    ActionSpec(
        "to_end", RUN, "To the &newest step", "Go to the newest step that was trained", "End", "to-end"
    ),
    ActionSpec(
        "rewind",
        RUN,
        "&Rewind",
        "Start again from the same weights, without the recorded steps",
        "R",
        "rewind",
    ),
    ActionSpec("new_seed", RUN, "New s&eed", "Start again from other random weights", "N", "new-seed"),
    ActionSpec("touch", RUN, "To&uch…", "Break the symmetry, tie two neurons, remove a lane made so", "T"),
    ActionSpec("dark", VIEW, "&Dark theme", "Light colours on a dark ground", "Ctrl+D", "", True),
    ActionSpec(
        "log_colours",
        VIEW,
        "Signed &log colours",
        "Show small and large numbers in one colour scale",
        "L",
        "",
        True,
    ),
    ActionSpec(
        "weight_images",
        VIEW,
        "Neurons of layer 1 as &pictures",
        "Show each neuron's weights where their pixels are in the data",
        "I",
        "",
        True,
    ),
    ActionSpec(
        "gather",
        VIEW,
        "&Gather groups",
        "Show the neurons of a group side by side; the network stays the same",
        "G",
        "",
        True,
    ),
    ActionSpec(
        "last_change", VIEW, "Last &change", "Show what the last update did to the weights", "C", "", True
    ),
    ActionSpec(
        "side", VIEW, "&Explanation", "Why neurons are equal, health, the small network", "E", "", True
    ),
    ActionSpec(
        "data_space", VIEW, "Data &space", "Show what each network says of every point", "S", "", True
    ),
    ActionSpec(
        "gradients",
        VIEW,
        "Gradient s&izes",
        "Show how large the gradients are, layer by layer",
        "Z",
        "",
        True,
    ),
    ActionSpec("full_screen", VIEW, "&Full screen", "Fill the screen, for a projector", "F11", "", True),
    ActionSpec("help", HELP, "&Help and keys", "What is shown here, and all keys", "F1"),
)


class Actions(QObject):
    """The QActions of the table, by id."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.by_id = {spec.id: self._make(spec) for spec in ACTIONS}

    def __getitem__(self, name: str) -> QAction:
        return self.by_id[name]

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(say(spec.text), self)
        action.setObjectName(f"action.{spec.id}")
        action.setCheckable(spec.checkable)
        if spec.key:
            action.setShortcut(QKeySequence(spec.key))
        self._explain(action, spec)
        return action

    @staticmethod
    def _explain(action: QAction, spec: ActionSpec) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{say(spec.tip)} ({key})" if key else say(spec.tip))

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of a theme."""
        for spec in ACTIONS:
            if spec.icon:
                self[spec.id].setIcon(icon(spec.icon, theme))

    def show_playing(self, playing: bool, theme: Theme) -> None:
        """Make Play the action that stops, or the one that starts."""
        action = self["play"]
        action.setText(say("&Pause") if playing else say("&Play"))
        action.setIcon(icon("pause" if playing else "play", theme))
        action.setToolTip(say("Pause (Space)") if playing else say("Play (Space)"))
