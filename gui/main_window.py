"""The main window: puts views and menus in their places and decides nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.experiment import Experiment
from engine.presets import preset_names
from engine.snapshot import LaneSnapshot, Snapshot
from gui import words
from gui.actions import ACTIONS, HELP, RUN, Actions
from gui.colours import Scales
from gui.theme import LIGHT, Theme
from gui.views.colour_bar import ColourBars
from gui.views.curves import CurvesView
from gui.views.help import HelpDialog
from gui.views.lane import LaneView
from gui.views.matrix_picture import MatrixShape
from gui.views.notice import NoticeView
from gui.views.scene import SceneView
from gui.views.transport import TransportView
from gui.words import say


class MainWindow(QMainWindow):
    """Signals: `target_requested(str)` for a preset or a dropped file, `export_requested(drawing)`,
    `copy_requested(drawing)`, `closing()`.
    """

    target_requested = Signal(str)
    export_requested = Signal(object)
    copy_requested = Signal(object)
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Initscope")
        self.setAcceptDrops(True)
        self.resize(1360, 860)
        self.theme = LIGHT
        self.actions_by_id = Actions(self)
        self.actions_by_id["weight_images"].setChecked(True)
        self.notice = NoticeView()
        self.curves = CurvesView()
        self.transport = TransportView(self.actions_by_id)
        self.colour_bars = ColourBars()
        self.lanes: list[LaneView] = []
        self.figure = QWidget()
        self.figure.setObjectName("figure")
        self._title, self._subtitle = QLabel(), QLabel()
        self._lanes_box = QWidget()
        self._lanes_layout = QHBoxLayout(self._lanes_box)
        self._planned = 0
        self._help: HelpDialog | None = None
        self._arrange()
        self._make_menus()
        for plot in self.curves.drawings:
            plot.context_menu_requested.connect(self.show_drawing_menu)

    def _arrange(self) -> None:
        self._title.setProperty("title", True)
        self._subtitle.setProperty("muted", True)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._subtitle)
        header = QHBoxLayout()
        header.setContentsMargins(4, 0, 4, 0)
        header.addLayout(names)
        header.addStretch()
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
        inside.addWidget(self.curves, 26)
        self.curves.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.curves.setMinimumHeight(130)
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.figure, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(whole)

    def _make_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            if spec.menu not in menus:
                if spec.menu == RUN:
                    self._make_preset_menu()
                menus[spec.menu] = self.menuBar().addMenu(say(spec.menu))
            if spec.id in {"export_figure", "quit", "to_start", "rewind", "full_screen"}:
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.actions_by_id[spec.id])
        self.addActions(list(self.actions_by_id.by_id.values()))
        assert HELP in menus, "the table of actions fills every menu"

    def _make_preset_menu(self) -> None:
        menu = self.menuBar().addMenu(say("&Presets"))
        menu.setObjectName("menu.presets")
        for name in preset_names():
            action = QAction(name, menu)
            action.setObjectName(f"preset.{name}")
            action.triggered.connect(self._ask_for_preset)
            menu.addAction(action)

    def _ask_for_preset(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            self.target_requested.emit(sender.text().replace("&", ""))

    @property
    def drawings(self) -> list[SceneView]:
        """Return every graph, heatmap and plot that can be exported."""
        return [*(drawing for lane in self.lanes for drawing in lane.drawings), *self.curves.drawings]

    def set_theme(self, theme: Theme) -> None:
        """Give every view the colours of a theme."""
        self.theme = theme
        self.actions_by_id.set_theme(theme)
        self.notice.set_theme(theme)
        self.curves.set_theme(theme)
        for lane in self.lanes:
            lane.set_theme(theme)

    def show_experiment(self, experiment: Experiment, snapshot: Snapshot) -> None:
        """Make the lanes of another experiment; with the same network and variants the old ones serve."""
        self._planned = experiment.steps
        shapes = [_shapes(lane) for lane in snapshot.lanes]
        names = [lane.name for lane in snapshot.lanes]
        if [(lane.name, lane.shapes) for lane in self.lanes] != list(zip(names, shapes, strict=True)):
            self._make_lanes(names, shapes)
        self.curves.set_names(names)
        widths = (shapes[0][0].fan_in, *(shape.fan_out for shape in shapes[0]))
        self.setWindowTitle(f"{experiment.name} – Initscope")
        self._title.setText(experiment.title or experiment.name)
        self._title.setToolTip(experiment.notes)
        self._subtitle.setText(words.architecture(experiment, widths))

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
            lane.show_pictures(pictures.isChecked())
            for drawing in lane.drawings:
                drawing.context_menu_requested.connect(self.show_drawing_menu)
            self._lanes_layout.addWidget(lane, 1)

    def show_snapshot(self, snapshot: Snapshot, scales: Scales) -> None:
        """Draw all lanes, curves and the timeline at the same step."""
        for lane, shown in zip(self.lanes, snapshot.lanes, strict=True):
            lane.show_lane(shown, scales, snapshot.activity)
        self.colour_bars.show_scales(scales)
        self.curves.show_snapshot(snapshot)
        self.transport.show_snapshot(snapshot, self._planned)

    def show_pictures(self, on: bool) -> None:
        """Show the neurons of layer 1 as pictures, where the data are pictures, or as columns of a matrix."""
        for lane in self.lanes:
            lane.show_pictures(on)

    def show_playing(self, playing: bool) -> None:
        """Show the button that stops, or the one that starts."""
        self.actions_by_id.show_playing(playing, self.theme)

    def show_error(self, text: str) -> None:
        """Show what went wrong until it is closed."""
        self.notice.show_message(text, failed=True)

    def show_success(self, text: str) -> None:
        """Show good news for a while."""
        self.notice.show_message(text, failed=False)

    def show_help(self) -> None:
        """Open the help page."""
        if self._help is None:
            self._help = HelpDialog(self)
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
        export = menu.addAction(say("Export {0}…").format(drawing.title))
        copy = menu.addAction(say("Copy {0}").format(drawing.title))
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
