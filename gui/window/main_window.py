"""The main window: puts views and menus in their places and decides nothing."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.experiments.experiment import Experiment
from engine.experiments.presets import preset_names
from engine.report.plane import Plane
from engine.report.snapshot import LaneSnapshot, Snapshot
from gui.canvas.lane_view import LaneView
from gui.canvas.scene import SceneView
from gui.look.theme import Theme
from gui.panels.edit_panel import TouchPanel
from gui.panels.help_dialog import HelpDialog
from gui.panels.notice import NoticeView
from gui.panels.side_panel import SidePanel
from gui.panels.transport_bar import TransportView
from gui.plots.colour_bar import ColourBars
from gui.plots.curves_view import CurvesView
from gui.plots.space_view import DataSpaceCard
from gui.present.display_state import DisplayState
from gui.present.frame import Frame
from gui.present.matrix_picture import MatrixShape
from gui.text import words
from gui.text.language import translate
from gui.window.actions import ACTIONS, HELP, RUN, Actions

SIDE_WIDTH = 310
TOLERANCES = (0.0, 1e-12, 1e-9, 1e-6, 1e-3)
"""Relative differences up to which neurons can count as equal."""


class MainWindow(QMainWindow):
    """Signals: `target_requested(str)` for a preset or a dropped file, `export_requested(drawing)`,
    `copy_requested(drawing)`, `tolerance_chosen(float)`, `neuron_clicked(NeuronPlace)`,
    `neuron_hovered(NeuronPlace or None)`, `nudge_requested(lane name, layer, row, neuron, value)`, `closing()`.
    """

    target_requested = Signal(str)
    export_requested = Signal(object)
    copy_requested = Signal(object)
    tolerance_chosen = Signal(float)
    neuron_clicked = Signal(object)
    neuron_hovered = Signal(object)
    nudge_requested = Signal(str, int, int, int, float)
    hold_requested = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Initscope")
        self.setAcceptDrops(True)
        self.resize(1360, 860)
        self.actions_by_id = Actions(self)
        self.notice = NoticeView()
        self.curves = CurvesView()
        self.transport = TransportView(self.actions_by_id.by_id)
        self.colour_bars = ColourBars()
        self.side, self.space = SidePanel(), DataSpaceCard()
        self.touch = TouchPanel(self)
        self.tolerances = QActionGroup(self)
        self.lanes: list[LaneView] = []
        self.figure = QWidget()
        self.figure.setObjectName("figure")
        self._title, self._subtitle = QLabel(), QLabel()
        self._lanes_box = QWidget()
        self._lanes_layout = QHBoxLayout(self._lanes_box)
        self._state = DisplayState()
        self._planned, self._architecture = 0, ""
        self._planes: list[Plane] = []
        self._help: HelpDialog | None = None
        self._arrange()
        self.show_last_change(False)
        self.side.hide()
        self._make_menus()
        self.set_theme(self.theme)
        for plot in (*self.curves.drawings, self.curves.gradients, self.space):
            plot.context_menu_requested.connect(self.show_drawing_menu)

    def _arrange(self) -> None:
        self._title.setProperty("title", True)
        self._subtitle.setProperty("muted", True)
        for label in (self._title, self._subtitle):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._subtitle)
        header = QHBoxLayout()
        header.setContentsMargins(4, 0, 4, 0)
        header.addLayout(names, 1)
        header.addWidget(self.colour_bars)
        self._lanes_box.setObjectName("lanes")
        self._lanes_layout.setContentsMargins(0, 0, 0, 0)
        self._lanes_layout.setSpacing(10)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._lanes_box)
        inside = QVBoxLayout(self.figure)
        inside.setContentsMargins(12, 8, 12, 10)
        inside.setSpacing(8)
        inside.addLayout(header)
        inside.addWidget(scroll, 70)
        inside.addWidget(self._below(), 26)
        self._split = QSplitter()
        self._split.setObjectName("split")
        self._split.addWidget(self.figure)
        self._split.addWidget(self.side)
        self._split.setStretchFactor(0, 1)
        self._split.setCollapsible(0, False)
        self._split.setSizes([1000, SIDE_WIDTH])
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self._split, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(whole)

    def _below(self) -> QWidget:
        """Return the row of cards below the lanes."""
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.curves, 2)
        row.addWidget(self.space, 1)
        self.space.hide()
        below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        below.setMinimumHeight(130)
        return below

    def _make_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            if spec.menu not in menus:
                if spec.menu == RUN:
                    self._make_preset_menu()
                menus[spec.menu] = self.menuBar().addMenu(translate("actions", spec.menu))
            if spec.id in {"export_figure", "quit", "to_start", "rewind", "full_screen"}:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.actions_by_id[spec.id])
            if spec.id == "gather":
                self._make_tolerance_menu(menus[spec.menu])
        self.addActions(list(self.actions_by_id.by_id.values()))
        assert HELP in menus, "the table of actions fills every menu"

    def _make_preset_menu(self) -> None:
        menu = self.menuBar().addMenu(translate("window", "&Presets"))
        menu.setObjectName("menu.presets")
        for name in preset_names():
            action = QAction(name, menu)
            action.setObjectName(f"preset.{name}")
            action.triggered.connect(self._ask_for_preset)
            menu.addAction(action)

    def _make_tolerance_menu(self, view: QMenu) -> None:
        menu = view.addMenu(translate("window", "Neurons count as &equal"))
        menu.setObjectName("menu.tolerance")
        for tolerance in TOLERANCES:
            action = menu.addAction(words.tolerance(tolerance))
            action.setObjectName(f"tolerance.{tolerance:g}")
            action.setCheckable(True)
            action.setChecked(not tolerance)
            action.setData(tolerance)
            self.tolerances.addAction(action)
        self.tolerances.triggered.connect(lambda action: self.tolerance_chosen.emit(action.data()))

    def _ask_for_preset(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            self.target_requested.emit(sender.text().replace("&", ""))

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph, heatmap and plot that can be exported."""
        lanes = [drawing for lane in self.lanes for drawing in lane.drawings]
        return [*lanes, *self.curves.drawings, *self.space.drawings]

    @property
    def theme(self) -> Theme:
        """Return the theme that is shown."""
        return self._state.theme

    def show_state(self, state: DisplayState) -> None:
        """Show what is to be shown, hide what is not; only what has changed is touched."""
        before, self._state = self._state, state
        self.actions_by_id.show_state(state)
        if state.theme != before.theme:
            self.set_theme(state.theme)
        if state.side != before.side:
            self.side.setVisible(state.side)
        if state.last_change != before.last_change:
            self.show_last_change(state.last_change)
        if state.pictures != before.pictures:
            self.show_pictures(state.pictures)
        if state.gradients != before.gradients:
            self.curves.show_gradients(state.gradients)
        if state.tolerance != before.tolerance:
            self._write_subtitle()

    def set_theme(self, theme: Theme) -> None:
        """Give every view the colours of a theme."""
        self.actions_by_id.set_theme(theme)
        self.notice.set_theme(theme)
        for view in (self.curves, self.side, self.space, *self.lanes):
            view.set_theme(theme)

    def show_experiment(self, experiment: Experiment, snapshot: Snapshot) -> None:
        """Make the lanes of another experiment; with the same network and variants the old ones serve."""
        self._planned = experiment.steps
        shapes = [_shapes(lane) for lane in snapshot.lanes]
        names = [lane.name for lane in snapshot.lanes]
        if [(lane.name, lane.shapes) for lane in self.lanes] != list(zip(names, shapes, strict=True)):
            self._make_lanes(names, shapes)
        self.curves.set_names(names)
        self.side.show_lane_names(names)
        self.touch.show_lanes(snapshot)
        self._planes = []
        widths = (shapes[0][0].fan_in, *(shape.fan_out for shape in shapes[0]))
        self.setWindowTitle(f"{experiment.name} – Initscope")
        self._title.setText(experiment.title or experiment.name)
        self._title.setToolTip(experiment.notes)
        self._architecture = words.architecture(experiment, widths)
        self._write_subtitle()

    def _write_subtitle(self) -> None:
        """Describe the network; and up to what difference neurons count as equal, if it is not bit for bit."""
        parts = [self._architecture]
        if self._state.tolerance:
            parts.append(
                translate("window", "neurons count as equal {0}").format(
                    words.tolerance(self._state.tolerance)
                )
            )
        self._subtitle.setText(" · ".join(parts))

    def _make_lanes(self, names: list[str], shapes: list[list[MatrixShape]]) -> None:
        for lane in self.lanes:
            self._lanes_layout.removeWidget(lane)
            lane.setParent(None)
            lane.deleteLater()
        self.lanes = [
            LaneView(index, name, shape)
            for index, (name, shape) in enumerate(zip(names, shapes, strict=True))
        ]
        pictures = self.actions_by_id["weight_images"]
        pictures.setEnabled(any(shape[0].image for shape in shapes))
        for lane in self.lanes:
            lane.set_theme(self.theme)
            lane.show_pictures(self._state.pictures)
            lane.show_last_change(self._state.last_change)
            lane.neuron_clicked.connect(self.neuron_clicked)
            lane.neuron_hovered.connect(self.neuron_hovered)
            lane.nudge_requested.connect(partial(self.nudge_requested.emit, lane.name))
            lane.hold_requested.connect(self.hold_requested)
            for drawing in lane.drawings:
                drawing.context_menu_requested.connect(self.show_drawing_menu)
            self._lanes_layout.addWidget(lane, 1)

    def show_frame(self, frame: Frame) -> None:
        """Draw all lanes, curves and the timeline at the same step."""
        snapshot, scales = frame.snapshot, frame.scales
        for view, lane, marked in zip(self.lanes, snapshot.lanes, frame.marked, strict=True):
            view.show_lane(lane, scales)
            view.graph.select(marked)
        self.colour_bars.show_scales(scales)
        self.curves.show_snapshot(snapshot)
        self.side.show_snapshot(snapshot, scales)
        self._show_space(snapshot)
        self.transport.show_snapshot(snapshot, self._planned)

    def _show_space(self, snapshot: Snapshot) -> None:
        maps = [lane.insight.space for lane in snapshot.lanes]
        shown = [space for space in maps if space is not None]
        self.space.setVisible(bool(shown))
        if not shown:
            return
        planes = [space.plane for space in shown]
        if [id(plane) for plane in planes] != [id(plane) for plane in self._planes]:
            self._planes = planes
            self.space.show_experiment([lane.name for lane in snapshot.lanes], planes)
        self.space.show_maps(shown, [lane.insight.predictions for lane in snapshot.lanes])

    def show_last_change(self, on: bool) -> None:
        """Show what the last update did to the weights, or leave that out."""
        self.colour_bars.show_last_change(on)
        for lane in self.lanes:
            lane.show_last_change(on)

    def show_touch(self) -> None:
        """Open the panel that breaks symmetries and ties neurons."""
        self.touch.show()
        self.touch.raise_()

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        for lane in self.lanes:
            lane.show_pictures(on)

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
            self._help = HelpDialog(keys, self)
        self._help.show()
        self._help.raise_()

    def show_full_screen(self, on: bool) -> None:
        """Fill the screen, or go back to a window."""
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    def show_drawing_menu(self, drawing: SceneView) -> None:
        """Offer to export or copy one drawing, where the pointer is."""
        menu = QMenu(self)
        menu.setObjectName("menu.drawing")
        export = menu.addAction(translate("window", "Export {0}…").format(drawing.title))
        copy = menu.addAction(translate("window", "Copy {0}").format(drawing.title))
        export.triggered.connect(lambda: self.export_requested.emit(drawing))
        copy.triggered.connect(lambda: self.copy_requested.emit(drawing))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.cursor().pos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one file."""
        if len(event.mimeData().urls()) == 1 and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask to open the dropped file."""
        self.target_requested.emit(event.mimeData().urls()[0].toLocalFile())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that the window goes away, so that the training thread can end."""
        self.closing.emit()
        super().closeEvent(event)


def _shapes(lane: LaneSnapshot) -> list[MatrixShape]:
    """Return the shapes of a lane's layers; the inputs of the first may be the pixels of an image."""
    return [
        MatrixShape(
            *layer.weights.shape,
            has_bias=layer.biases is not None,
            image=None if number else lane.image_shape,
        )
        for number, layer in enumerate(lane.layers)
    ]
