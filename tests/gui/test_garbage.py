"""Widgets and timers in cycles of references are freed by the thread of the window, never by the one that trains."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from engine.session.commands import Play
from engine.session.runner import FLAT_OUT
from gui.app import garbage
from gui.app.application import Laboratory

from .conftest import Build


class Forgotten(QTimer):
    """A timer that only refers to itself, as a closed dialog may."""

    def __init__(self) -> None:
        super().__init__()
        self.cycle = self
        self.start(1)


def test_a_forgotten_timer_is_freed_in_the_thread_of_the_window(qtbot: QtBot, build: Build) -> None:
    laboratory: Laboratory = build("circles")
    assert not gc.isenabled(), "the training thread collects nothing"
    freed: list[threading.Thread] = []
    weakref.finalize(Forgotten(), lambda: freed.append(threading.current_thread()))
    laboratory.runner.send(Play(FLAT_OUT))
    qtbot.waitUntil(lambda: bool(freed))
    assert freed == [threading.main_thread()]


def test_python_collects_by_itself_again_when_nobody_needs_it_otherwise() -> None:
    garbage.hand_back()  # what the suite has taken over
    try:
        assert gc.isenabled()
        garbage.take_over()
        garbage.take_over()
        garbage.hand_back()
        assert not gc.isenabled()
        garbage.hand_back()
        assert gc.isenabled()
    finally:
        garbage.take_over()
