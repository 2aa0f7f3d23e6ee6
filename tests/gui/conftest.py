"""A real window on a real experiment, and nothing left behind."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from gui.app.application import Laboratory, build_laboratory, make_application
from gui.look.theme import THEMES
from gui.window.settings import Settings

Build = Callable[..., Laboratory]


class PatientBot(QtBot):
    """Waits for a minute at most: how long a busy machine takes is no fact about the product."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = 60_000) -> None:
        super().waitUntil(callback, timeout=timeout)


def training_has_ended() -> bool:
    """Return whether no training thread goes on: how long ending takes on a busy machine is no fact about the product."""
    threads = [thread for thread in threading.enumerate() if thread.name == "training"]
    for thread in threads:
        thread.join(60)
    return not any(thread.is_alive() for thread in threads)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    sys.setswitchinterval(0.0005)
    return make_application()


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(autouse=True)
def no_window_is_left(qapp: QApplication) -> Iterator[None]:
    """See that no window stays on the screen: pointers of later tests would be on it instead of on theirs."""
    yield
    left = [
        window.objectName() or type(window).__name__
        for window in QGuiApplication.topLevelWindows()
        if window.isVisible()
    ]
    assert not left, f"windows outlive the test: {left}"


@pytest.fixture
def quick_clicks(qapp: QApplication) -> Iterator[None]:
    """Let a click into an open list count at once: Qt waits whether it belongs to a double-click."""
    before = qapp.doubleClickInterval()
    qapp.setDoubleClickInterval(0)
    yield
    qapp.setDoubleClickInterval(before)


@pytest.fixture
def build(qtbot: QtBot, tmp_path: Path) -> Iterator[Build]:
    """Return a function that opens a window and waits for its first step; no thread or widget outlives the test."""
    built: list[Laboratory] = []

    def open_window(
        target: str = "columns", size: tuple[int, int] = (1280, 800), theme: str = "light"
    ) -> Laboratory:
        laboratory = build_laboratory(open_target(target), Settings(), THEMES[theme])
        built.append(laboratory)
        laboratory.window.resize(*size)
        laboratory.window.show()
        qtbot.waitUntil(lambda: laboratory.training.snapshot is not None)
        qtbot.waitUntil(laboratory.window.lanes[-1].heatmaps[-1].isVisible)
        QApplication.processEvents()  # the lanes get their sizes
        return laboratory

    yield open_window
    for laboratory in built:
        laboratory.window.end()
        laboratory.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert training_has_ended()
    alive = [widget.objectName() or type(widget).__name__ for widget in QApplication.topLevelWidgets()]
    assert not alive, f"widgets outlive the test: {alive}"
