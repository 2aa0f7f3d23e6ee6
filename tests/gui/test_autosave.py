"""What no file has survives a crash, is offered at the next start, and leaves nothing behind after an orderly end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from gui.app import autosave
from gui.app.application import Laboratory, _keep_unsaved
from gui.app.autosave import Autosave, left_behind
from tests.tools import ROOT

from .conftest import Build
from .test_real_use import shown, wait_for_step

CRASH = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from PySide6.QtCore import QTimer
from engine.report.probes import NeuronRef
from engine.session.session_file import Session, open_session
from gui.app.application import build_laboratory, make_application
from gui.app.autosave import Autosave
from gui.look.theme import LIGHT
from gui.window.settings import Settings

application = make_application()
laboratory = build_laboratory(open_session("columns"), Settings(), LIGHT)
kept = Autosave(laboratory.training, Path(sys.argv[2]), laboratory.window)
state = {"touched": False}

def look():
    if laboratory.training.snapshot is not None and not state["touched"]:
        state["touched"] = True
        laboratory.window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
    if laboratory.training.unsaved:
        kept.save()
        os.kill(os.getpid(), signal.SIGKILL)

laboratory.clock.ticked.connect(look)
laboratory.window.show()
application.exec()
"""


def touch(qtbot: QtBot, laboratory: Laboratory) -> None:
    laboratory.window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 1)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_what_was_not_saved_survives_kill_9_and_is_offered_at_the_next_start(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", CRASH, str(ROOT), str(tmp_path)]
    done = subprocess.run(
        command, check=False, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    [left] = left_behind(tmp_path)
    laboratory = build("circles")
    _keep_unsaved(laboratory, tmp_path)
    [asked] = laboratory.window.findChildren(QMessageBox, "question")
    asked.button(QMessageBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4 and laboratory.training.unsaved == 1)
    assert laboratory.window.isWindowModified()
    wait_for_step(qtbot, laboratory, 0)
    assert shown(laboratory).lanes[3].name == "random + nudge at 0"
    assert np.isclose(shown(laboratory).lanes[3].layers[0].weights[0, 0], 7.5)
    assert not left.exists()


def test_it_is_saved_every_half_minute_while_there_is_something_unsaved(
    qtbot: QtBot, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = build("columns")
    kept = Autosave(laboratory.training, tmp_path, laboratory.window)
    monkeypatch.setattr(autosave, "SAVE_SECONDS", 0.0)
    kept.tick()
    assert not kept.path.exists(), "nothing was done"
    touch(qtbot, laboratory)
    kept.tick()
    assert kept.path.exists()
    assert left_behind(tmp_path) == [], "its program lives"
    session = laboratory.training.session
    assert session is not None
    laboratory.training.note_saved(session)
    kept.tick()
    assert list(tmp_path.iterdir()) == [], "a file has it now"


def test_an_orderly_end_leaves_nothing(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    _keep_unsaved(laboratory, tmp_path)
    [kept] = laboratory.window.findChildren(Autosave)
    touch(qtbot, laboratory)
    kept.save()
    assert kept.path.exists()
    laboratory.window.end()
    assert list(tmp_path.iterdir()) == []
