"""The main window: puts views and menus in their places and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QScrollArea, QWidget

from engine.experiments.experiment import Experiment
from engine.native.lowering import is_driving
from engine.report.snapshot import Snapshot
from engine.scenes.scene_list import Scene
from gui.canvas.scene import SceneView
from gui.dialogs.edit_dialog import TouchPanel
from gui.dialogs.help_dialog import HelpDialog
from gui.dialogs.notes_dialog import NotesDialog
from gui.dialogs.until_dialog import UntilDialog
from gui.lanes.lane_view import LaneView
from gui.look.handlers import shielded
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.look.theme import Theme
from gui.panels.experiment_panel import WIDTH as EDITOR_WIDTH
from gui.panels.experiment_panel import ExperimentPanel
from gui.panels.notice import NoticeView
from gui.panels.transport_bar import TransportView
from gui.parts.panel_split import PanelSplit
from gui.present.display_state import DisplayState
from gui.present.frame import Frame
from gui.side.side_panel import SidePanel
from gui.start.start_page import StartPage
from gui.text.language import translate
from gui.text.version_words import way_of_training
from gui.timeline.phases import moment_of
from gui.timeline.scene_dialog import SceneDialog
from gui.timeline.scene_strip import SceneStrip
from gui.window.action_table import ACTIONS
from gui.window.actions import Actions
from gui.window.figure import Figure
from gui.window.file_drop import FileDropWindow
from gui.window.lane_menu import LaneMenu
from gui.window.menus import Menus

SIDE_WIDTH, SMALLEST_SIDE = 310, (244, 120)
"""Width of the side panel, and its smallest size."""
TITLE_BAR = 30
"""Pixels that the frame of a window takes above it, as far as is known before it is shown."""
SMALLEST_FIGURE = (330, 120)
"""What is seen of the figure at least."""


class MainWindow(FileDropWindow):
    """Signals: `target_requested(str)` for a preset or a file, `forget_requested(set of paths)`,
    `export_requested(drawing)`, `copy_requested(drawing)`, `tolerance_chosen(float)`, `neuron_clicked(NeuronPlace)`,
    `neuron_hovered(NeuronPlace or None)`, `nudge_requested(lane name, NeuronRef, row, value)`,
    `recent_requested(str)` for a file that was opened or saved before,
    `hold_requested()`, `alarms_clicked(lane number)`, `enlarge_requested(name of a part)`, `divided(name of a splitter,
    shares)`, `return_requested(position in the list of what was done)`,
    `scene_chosen(place of a scene)`, `close_requested()` where changes that no file has would go with the window,
    `closing()`.
    """

    target_requested = Signal(str)
    recent_requested = Signal(str)
    forget_requested = Signal(object)
    export_requested = Signal(object)
    copy_requested = Signal(object)
    tolerance_chosen = Signal(float)
    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(str, object, int, float)
    hold_requested = Signal()
    alarms_clicked = Signal(int)
    enlarge_requested = Signal(str)
    divided = Signal(str, object)
    close_requested = Signal()
    return_requested = Signal(int)
    scene_chosen = Signal(int)
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Initscope")
        self.resize(1360, 860)
        self.actions_by_id = Actions(self)
        self.notice, self.side = NoticeView(), SidePanel()
        self.figure = Figure(self.actions_by_id.by_id)
        self.editor = ExperimentPanel()
        self.curves, self.colour_bars = self.figure.curves, self.figure.colour_bars
        self.transport = TransportView(self.actions_by_id.by_id)
        self.touch = TouchPanel(self)
        self.start = StartPage()
        self._menus, self.lane_menu = Menus(self, self.actions_by_id), LaneMenu(self)
        self.scenes = SceneDialog(self)
        self.scene_strip = SceneStrip(self.actions_by_id.by_id, self._menus.scenes.menu)
        self._state, self._planned, self._titles = DisplayState(), 0, ("", "")
        self.notes, self.until = NotesDialog(self), UntilDialog(self)
        self._help: HelpDialog | None = None
        self._ends = False
        self._arrange()
        self._pass_on()
        self.side.setMinimumSize(*SMALLEST_SIDE)
        self.side.hide()
        self.editor.hide()
        self.set_theme(self.theme)

    def _arrange(self) -> None:
        self.panels = PanelSplit(
            self.editor, self._figure_below_notice(), self.side, (EDITOR_WIDTH, SIDE_WIDTH)
        )
        whole = QWidget()
        layout = QGridLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.setRowStretch(0, 1)
        layout.addWidget(self.panels, 0, 0)
        layout.addWidget(self.scene_strip, 1, 0)
        layout.addWidget(self.transport, 2, 0)
        layout.addWidget(self.start, 0, 0, 3, 1)  # on top of them
        self.setCentralWidget(whole)

    def _figure_below_notice(self) -> QWidget:
        """Return the figure with notices on top of it: beside it, they would change its size and that of its pictures."""
        whole = QWidget()
        layout = QGridLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()  # on a low screen
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setMinimumSize(*SMALLEST_FIGURE)
        scroll.setWidget(self.figure)
        layout.addWidget(scroll, 0, 0)
        layout.addWidget(self.notice, 0, 0, Qt.AlignmentFlag.AlignTop)
        return whole

    def _pass_on(self) -> None:
        """Ask for whatever the parts of the window ask for."""
        menus, lanes = self._menus, self.figure.lanes_box
        menus.preset_chosen.connect(self.target_requested)
        self.start.preset_chosen.connect(self.target_requested)
        self.start.file_chosen.connect(self.recent_requested)
        self.start.open_requested.connect(self.actions_by_id["open"].trigger)
        self.start.import_requested.connect(self.actions_by_id["import"].trigger)
        self.actions_by_id["start"].triggered.connect(self.start.show)
        menus.recent_chosen.connect(self.recent_requested)
        menus.forget_requested.connect(self.forget_requested)
        menus.tolerance_chosen.connect(self.tolerance_chosen)
        menus.export_requested.connect(self.export_requested)
        menus.copy_requested.connect(self.copy_requested)
        menus.return_requested.connect(self.return_requested)
        menus.scenes.scene_chosen.connect(self.scene_chosen)
        self.scenes.chosen.connect(self.scene_chosen)
        lanes.neuron_clicked.connect(self.neuron_clicked)
        lanes.neuron_hovered.connect(self.neuron_hovered)
        lanes.nudge_requested.connect(self.nudge_requested)
        lanes.hold_requested.connect(self.hold_requested)
        lanes.alarms_clicked.connect(self.alarms_clicked)
        lanes.menu_requested.connect(self._show_lane_menu)
        lanes.move_requested.connect(self.lane_menu.moved)
        self.colour_bars.menu_requested.connect(menus.show_colour_menu)
        self.colour_bars.log.clicked.connect(self.actions_by_id["log_colours"].trigger)
        for part in (lanes, *self.curves.plots):
            part.context_menu_requested.connect(menus.show_drawing_menu)
        menus.enlarge_requested.connect(self._enlarge)
        application = QApplication.instance()
        assert isinstance(application, QApplication), "there are widgets"
        application.focusChanged.connect(self.actions_by_id.leave_keys_to)
        self.figure.enlarge_requested.connect(self.enlarge_requested)
        self.figure.divided.connect(self.divided)
        self.curves.log.setDefaultAction(self.actions_by_id["log_loss"])
        self.curves.log.setText(translate("curves", "log"))
        self.curves.log.setAccessibleName(self.actions_by_id["log_loss"].text())
        self.figure.show_all.clicked.connect(self.actions_by_id["show_all"].trigger)

    def stay_on_screen(self) -> None:
        """Make the window no larger than the screen has room for, and put it there."""
        room, frame = self.screen().availableGeometry(), self.frameGeometry().size() - self.size()
        around = QSize(frame.width(), max(frame.height(), TITLE_BAR))
        smallest = self.minimumSizeHint()  # which Qt gives a window that is smaller when it is shown
        self.resize(self.size().boundedTo(room.size() - around).expandedTo(smallest))
        whole = self.size() + around
        left = min(max(self.x(), room.left()), room.right() + 1 - whole.width())
        top = min(max(self.y(), room.top()), room.bottom() + 1 - whole.height())
        if (left, top) != (self.x(), self.y()):
            self.move(left, top)

    def _show_lane_menu(self, lane: str) -> None:
        self.lane_menu.show_for(lane, [view.name for view in self.lanes], self._state)

    def _enlarge(self, drawing: SceneView) -> None:
        self.enlarge_requested.emit(self.figure.part_of(drawing))

    @property
    def lanes(self) -> list[LaneView]:
        """Return the views of the lanes, from left to right."""
        return self.figure.lanes_box.lanes

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph, heatmap and plot that can be exported."""
        return self.figure.drawings

    @property
    def theme(self) -> Theme:
        """Return the theme that is shown."""
        return self._state.theme

    def show_state(self, state: DisplayState) -> None:
        """Show what is to be shown, hide what is not; only what has changed is touched."""
        before, self._state = self._state, state
        self.actions_by_id.show_state(state)
        figure, curves = self.figure, self.curves
        shows: tuple[tuple[str, Callable[[Any], None]], ...] = (
            ("theme", self.set_theme),
            ("side", partial(self.panels.show_panel, self.side)),
            ("editor", partial(self.panels.show_panel, self.editor)),
            ("page", self.side.show_page),
            ("last_change", figure.show_last_change),
            ("pictures", figure.lanes_box.show_pictures),
            ("layer", figure.lanes_box.show_layer),
            ("gradients", curves.show_gradients),
            ("steps", curves.show_part),
            ("steps", self.transport.show_part),
            ("log_loss", curves.loss.show_logarithmic),
            ("all_samples", curves.show_all_samples),
            ("room", figure.share_out),
            ("enlarged", figure.show_enlarged),
            ("hidden", lambda _names: figure.show_hidden(state)),
            ("tolerance", figure.show_tolerance),
            ("tolerance", self._menus.show_tolerance),
        )
        for name, show in shows:
            value = getattr(state, name)
            if value != getattr(before, name):
                show(value)

    def set_theme(self, theme: Theme) -> None:
        """Give every view the colours of a theme."""
        for part in (
            self.actions_by_id,
            self.notice,
            self.figure,
            self.side,
            self.editor,
            self.start,
            self.scene_strip,
            self.transport,
        ):
            part.set_theme(theme)

    def show_experiment(self, experiment: Experiment, snapshot: Snapshot) -> None:
        """Get ready for the lanes of another experiment."""
        self._planned = experiment.steps
        self.figure.show_experiment(experiment, snapshot, self._state)
        self.actions_by_id["weight_images"].setEnabled(self.figure.lanes_box.has_pictures)
        self.side.show_lane_names([lane.name for lane in snapshot.lanes])
        self.touch.show_lanes(snapshot)
        self.notes.show_notes(experiment.title or experiment.name, experiment.notes)
        self._titles = self._titles[0], experiment.name
        self._write_title()

    def show_document(self, name: str) -> None:
        """Tell the name of the file that is open; "" where nothing is that came from a file of somebody's own."""
        self._titles = name, self._titles[1]
        self._write_title()

    def _write_title(self) -> None:
        """Name the file and the experiment; a star beside the first one says that something is not saved."""
        first, *others = [
            shortened(name, LONGEST_NAME).replace("[*]", "[*][*]") for name in self._titles if name
        ]
        self.setWindowTitle(" – ".join((f"{first}[*]", *others, "Initscope")))

    def show_log(self, entries: Sequence[str], position: int, *, is_saved: bool) -> None:
        """List what was done, of which the first `position` entries are not undone."""
        self._menus.show_log(entries, position)
        self.setWindowModified(not is_saved)

    @property
    def frame_views(self) -> tuple[Callable[[Frame], None], ...]:
        """Return what draws a frame, part by part, each independent of the others."""
        return self._show_progress, self.figure.show_frame, self._show_side

    def _show_progress(self, frame: Frame) -> None:
        self.transport.show_snapshot(frame.snapshot, self._planned, moment_of(frame))

    def _show_side(self, frame: Frame) -> None:
        self.side.show_snapshot(frame.snapshot, frame.scales)

    def show_recent(self, names: list[str]) -> None:
        """Offer the files that were opened or saved last, the newest first."""
        self._menus.show_recent(names)
        self.start.show_recent(names)

    def show_scenes(self, scenes: Sequence[Scene], current: int | None) -> None:
        """Offer the scenes, and show the note of the current one."""
        self.actions_by_id.show_scenes(len(scenes), current)
        for part in (self._menus.scenes, self.scenes, self.scene_strip):
            part.show_scenes(scenes, current)

    def edit_scenes(self) -> None:
        """Open the list of the scenes."""
        self.scenes.show()
        self.scenes.raise_()

    def show_touch(self) -> None:
        """Open the panel that breaks symmetries and copies neurons."""
        self.touch.show()
        self.touch.raise_()

    def show_until(self) -> None:
        """Ask what training is to stop at."""
        self.until.show()
        self.until.raise_()
        self.until.condition.setFocus()
        self.until.condition.selectAll()

    def show_notes(self) -> None:
        """Open the notes of the experiment."""
        self.notes.show()
        self.notes.raise_()

    def show_playing(self, playing: bool) -> None:
        """Show the button that stops, or the one that starts."""
        self.actions_by_id.show_playing(playing, self.theme)

    def show_error(self, text: str, details: str = "") -> None:
        """Show what went wrong until it is closed, and what a report of a mistake in the program needs."""
        self.notice.show_message(text, failed=True, details=details)

    def show_success(self, text: str) -> None:
        """Show good news for a while."""
        self.notice.show_message(text, failed=False)

    def show_help(self) -> None:
        """Open the help page."""
        if self._help is None:
            keys = ((spec.key, spec.tip) for spec in ACTIONS if spec.key)
            way = way_of_training(is_compiled=is_driving())
            self._help = HelpDialog(keys, way, self)
        self._help.show()
        self._help.raise_()

    def show_full_screen(self, on: bool) -> None:
        """Fill the screen, or go back to a window."""
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    @shielded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that the window goes away, so that the training thread can end; first ask where something goes with it."""
        if self.isWindowModified() and not self._ends:
            event.ignore()
            self.close_requested.emit()
            return
        self.closing.emit()
        super().closeEvent(event)

    @Slot()
    def end(self) -> None:
        """Close without a question: it was answered, or nobody is there to answer."""
        self._ends = True
        self.close()
