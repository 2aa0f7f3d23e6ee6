"""Builds the objects of the window, connects them and runs the application."""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QMetaObject, QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from engine.core.background import Background
from engine.experiments.experiment import Experiment
from engine.session.runner import Runner
from engine.session.session_file import Session, open_session
from gui.app import wiring
from gui.app.autosave import SAVE_SECONDS, Autosave, left_behind, offer
from gui.app.frame_clock import FrameClock
from gui.app.mishaps import Mishaps
from gui.consulting.advice_controller import AdviceController
from gui.consulting.attempts import Attempts
from gui.consulting.diagnosis_controller import DiagnosisController
from gui.controllers.appearance_controller import AppearanceController
from gui.controllers.display_controller import DisplayController
from gui.controllers.edit_controller import TouchController
from gui.controllers.editor_controller import EditorController
from gui.controllers.file_controller import FileController
from gui.controllers.keeping import Keeper
from gui.controllers.lane_controller import LaneController
from gui.controllers.start_controller import StartController
from gui.controllers.training_controller import TrainingController
from gui.importing.import_controller import ImportController
from gui.look.theme import RESOURCES, Theme, prepare
from gui.text.language import use_translator
from gui.text.words import settings_set_aside_text
from gui.viewing.ghost_controller import GhostController
from gui.viewing.operation_controller import OperationController
from gui.viewing.scene_controller import SceneController
from gui.viewing.seeds_controller import SeedsController
from gui.viewing.until_controller import UntilController
from gui.viewing.view_controller import ViewController
from gui.window.main_window import MainWindow
from gui.window.settings import Settings, settings_path

FIRST_EXPERIMENT = "circles"
"""Random weights win here where everybody sees it: on the decision regions."""
SWITCH_SECONDS = 0.0005
"""How long the training thread may keep the interpreter when the window wants it."""


@dataclass(frozen=True)
class Laboratory:
    """A window with everything behind it."""

    window: MainWindow
    runner: Runner
    clock: FrameClock
    training: TrainingController
    display: DisplayController
    start: StartController
    doctor: DiagnosisController
    advisor: AdviceController
    ghosts: GhostController
    seeds: SeedsController
    mishaps: Mishaps

    def close(self) -> None:
        """End the training thread and the clock."""
        self.clock.stop()
        self.runner.stop()


class _Closer(QObject):
    """Ends a laboratory when its window closes."""

    def __init__(self, laboratory: Laboratory, settings: Settings) -> None:
        super().__init__(laboratory.window)
        self._laboratory = laboratory
        self._settings = settings
        laboratory.window.closing.connect(self.close)

    def close(self) -> None:
        window = self._laboratory.window
        self._settings.geometry = window.saveGeometry()
        self._settings.speed = window.transport.speed.value()
        self._settings.room = self._laboratory.display.state.room
        if window.side.isVisible():
            self._settings.side_width = window.side.width()
        self._laboratory.close()


def make_application() -> QApplication:
    """Return the application, made once, with its name and the options of pyqtgraph."""
    # Qt would paint on the core where the network trains
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    np.seterr(all="ignore")  # numbers that are not finite are results, and are drawn in this thread
    pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Initscope")
    use_translator(QCoreApplication.translate)
    prepare(application)
    application.setWindowIcon(QIcon(str(RESOURCES / "icons" / "initscope.svg")))
    return application


def build_laboratory(
    opened: Experiment | Session, settings: Settings, theme: Theme, memory: int | None = None
) -> Laboratory:
    """Return a window on an experiment or a session with its training thread started; show it to begin.

    Nothing that takes more than `memory` bytes is opened; `default_limit` if it is not given.
    """
    window = MainWindow()
    runner = Runner(memory)
    clock = FrameClock(runner.mailbox, window)
    training, background, beside = TrainingController(runner, window), Background(), Background()
    display = DisplayController(runner, window)
    editor = EditorController(training, window.editor, background, window)
    views = ViewController(training, display, editor, window)
    attempts = Attempts(training, display, window)
    controllers = wiring.Controllers(
        display=display,
        touch=TouchController(training, window),
        files=FileController(window, training, settings),
        appearance=AppearanceController(settings, window),
        keeper=Keeper(training, window),
        lanes=LaneController(training, window),
        editor=editor,
        start=StartController(window.start, window),
        views=views,
        scenes=SceneController(training, views, window),
        operations=OperationController(training, display, window),
        imports=ImportController(background, settings, window),
        attempts=attempts,
        doctor=DiagnosisController(display, attempts, memory, window),
        advisor=AdviceController(display, attempts, memory, window),
        until=UntilController(training, window),
        ghosts=GhostController(training, display, beside, memory, window),
        seeds=SeedsController(training, display, memory, window),
    )
    wiring.connect(window, clock, training, controllers)
    wiring.connect_background(window, clock, background)
    wiring.connect_background(window, clock, beside)  # what trains there would keep small things waiting
    mishaps = Mishaps(window)
    wiring.connect_mishaps(window, clock, training, mishaps)
    laboratory = Laboratory(
        window,
        runner,
        clock,
        training,
        display,
        controllers.start,
        controllers.doctor,
        controllers.advisor,
        controllers.ghosts,
        controllers.seeds,
        mishaps,
    )
    _Closer(laboratory, settings)
    controllers.appearance.use(theme)
    window.actions_by_id["data_space"].setChecked(True)
    window.actions_by_id["dark"].setChecked(theme.name == "dark")
    runner.start()
    clock.start()
    training.open(opened if isinstance(opened, Session) else Session(opened))
    return laboratory


def settle_memory() -> None:
    """Take what the start has made out of garbage collection: searching it again and again costs frames."""
    gc.collect()
    gc.freeze()


def begin_with(laboratory: Laboratory, settings: Settings) -> None:
    """Give a window what is remembered of the last one; a settings file that was set aside is said."""
    window = laboratory.window
    laboratory.display.use_room(settings.room)
    window.show_recent(settings.recent)
    if settings.side_width is not None:
        window.panels.set_width(window.side, settings.side_width)
    if settings.geometry is not None:
        window.restoreGeometry(settings.geometry)
    window.stay_on_screen()
    if settings.speed is not None:
        window.transport.speed.setValue(settings.speed)
    if settings.path is not None and settings.set_aside is not None:
        window.show_error(settings_set_aside_text(settings.path, settings.set_aside))


def welcome(laboratory: Laboratory, settings: Settings) -> None:
    """Show the start page to somebody who has not seen it."""
    if not settings.seen_start:
        laboratory.window.start.show()
        settings.remember_start()


def run_application(session: Session | None, memory: int | None = None) -> int:
    """Open the window, on `FIRST_EXPERIMENT` if none is given, and return the exit code when it is closed.

    `memory` is how many bytes an experiment may take; what the settings say if it is not given.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    application = make_application()
    settings = Settings(settings_path())
    laboratory = build_laboratory(
        session or open_session(FIRST_EXPERIMENT), settings, settings.theme, memory or settings.memory
    )
    laboratory.mishaps.watch()
    begin_with(laboratory, settings)
    laboratory.window.show()
    if session is None:
        welcome(laboratory, settings)
    _keep_unsaved(laboratory, settings_path().parent, settings.autosave_seconds or SAVE_SECONDS)
    settle_memory()
    _close_at_signals(laboratory.window)
    return application.exec()


def _keep_unsaved(laboratory: Laboratory, folder: Path, seconds: float = SAVE_SECONDS) -> None:
    """Keep what is not saved in a folder while the window is open, and offer what crashes have left there."""
    window, found = laboratory.window, left_behind(folder)
    autosave = Autosave(laboratory.training, folder, window, seconds)
    laboratory.clock.ticked.connect(autosave.tick)
    window.closing.connect(autosave.forget)
    offer(window, autosave, found)


def _close_at_signals(window: QWidget) -> None:
    """Let Ctrl+C and SIGTERM close the window without a question; a second one ends the program at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def close(_number: int, _frame: FrameType | None) -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        # later, because this may be in the middle of painting
        QMetaObject.invokeMethod(window, "end", Qt.ConnectionType.QueuedConnection)  # type: ignore[call-overload]

    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, close)
