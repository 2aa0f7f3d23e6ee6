"""Renders the real main window into a PNG file, without a display."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.output.export import check_writable
from engine.session.session_file import Session
from gui.app.display import missing_library

if TYPE_CHECKING:
    from gui.app.application import Laboratory

LAYOUT_ROUNDS = 5
"""Labels that wrap tell their new height to one widget around them in each round."""

START, EXPERIMENT, DIAGNOSIS, ADVICE = "start", "experiment", "diagnosis", "advice"
"""The panels that are no pages of the explanation, and the pages that have to be asked for something."""

HARMLESS_MESSAGE = "This plugin does not support propagateSizeHints()"
"""What Qt's offscreen platform says of every window."""


def take_shot(
    session: Session,
    *,
    steps: int,
    size: tuple[int, int],
    theme: str,
    path: Path,
    memory: int | None = None,
    panels: Sequence[str] = (),
    operation: int | None = None,
) -> str | None:
    """Write a picture of the window at a step and return None, or one sentence that says why there can be none.

    `panels` are opened in it: pages of the explanation, or the start page. `operation` of the step is shown, counted
    from 1, or the last one where there are fewer.
    Raise FileError where it cannot be written.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    problem = missing_library()
    if problem:
        return problem
    if path.suffix.lower() != ".png":
        raise FileError(path, Problem.NO_PNG_NAME)
    check_writable(path)
    from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, qInstallMessageHandler

    from engine.session.commands import MoveTo
    from gui.app.application import build_laboratory, make_application
    from gui.look.theme import THEMES
    from gui.pictures.exporters import save_picture
    from gui.present.display_state import is_answered
    from gui.window.settings import Settings

    qInstallMessageHandler(_print_message)
    application = make_application()
    laboratory = build_laboratory(session, Settings(), THEMES[theme], memory)
    window, training = laboratory.window, laboratory.training
    failures: list[str] = []
    training.failed.connect(lambda sentence, _details: failures.append(sentence))
    laboratory.mishaps.told.connect(lambda sentence, _details: failures.append(sentence))
    hooks = sys.excepthook, threading.excepthook
    laboratory.mishaps.watch()
    window.resize(*size)
    window.show()
    laboratory.runner.send(MoveTo(steps))
    while not failures and training.snapshot is None:  # then it is looked at as in its session
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    _open(laboratory, panels)
    if operation is not None:
        laboratory.display.show_operation(operation - 1)
    while not failures and not (
        training.snapshot is not None
        and training.snapshot.step == steps
        and is_answered(training.snapshot, laboratory.display.state)
        and (START not in panels or laboratory.start.is_done)
        and laboratory.doctor.is_at_rest
        and laboratory.advisor.is_at_rest
        and laboratory.ghosts.is_at_rest
        and laboratory.seeds.is_at_rest
    ):
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    try:
        if failures:
            return failures[0]
        laboratory.display.fit_colours()  # those of the way to the step depend on which steps were shown
        for _ in range(LAYOUT_ROUNDS):
            QCoreApplication.sendPostedEvents()
            application.processEvents()
        laboratory.mishaps.tell()
        if failures:  # a picture in which something is missing is worse than none
            return failures[0]
        save_picture(path, window.grab().toImage())
    finally:
        sys.excepthook, threading.excepthook = hooks
        window.end()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return None


def _open(laboratory: Laboratory, panels: Sequence[str]) -> None:
    for name in panels:
        if name == START:
            laboratory.window.start.show()
        elif name == EXPERIMENT:
            laboratory.display.set_editor(True)
        else:
            laboratory.display.open_page(name)
        if name == DIAGNOSIS:
            laboratory.doctor.begin()
        if name == ADVICE:
            laboratory.advisor.begin(laboratory.window.side.advice.seconds.value())


def _print_message(_kind: object, _context: object, message: str) -> None:
    if message != HARMLESS_MESSAGE:
        print(message, file=sys.stderr)  # noqa: T201
