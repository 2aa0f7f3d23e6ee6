"""What no file has survives a crash, is offered at the next start, and leaves nothing behind after an orderly end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NeuronRef
from engine.session.commands import NewSeed
from engine.session.session_file import Session, encode_session, open_session
from gui.app.application import Laboratory, _keep_unsaved
from gui.app.autosave import NAME, Autosave, left_behind, offer
from gui.dialogs.recovery_dialog import RecoveryDialog
from tests.tools import ROOT

from .conftest import Build
from .test_real_use import shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton

CRASH = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine.report.probes import NeuronRef
from engine.session.session_file import open_session
from gui.app import application

build, folder, done = application.build_laboratory, Path(sys.argv[2]) / "Initscope", []

def build_and_watch(*given):
    laboratory = build(*given)

    def look():
        if laboratory.training.snapshot is not None and not done:
            done.append(True)
            laboratory.window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
        if list(folder.glob("unsaved-*.json")):
            os.kill(os.getpid(), signal.SIGKILL)

    laboratory.clock.ticked.connect(look)
    return laboratory

application.build_laboratory = build_and_watch
application.run_application(open_session("columns"))
"""
"""The whole program, which dies as soon as its own clock has saved what was done."""


def offered(laboratory: Laboratory) -> RecoveryDialog:
    [dialog] = laboratory.window.findChildren(RecoveryDialog)
    return dialog


def entries(dialog: RecoveryDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def touch(qtbot: QtBot, laboratory: Laboratory) -> None:
    laboratory.window.nudge_requested.emit("random", NeuronRef(1, 0), 0, 7.5)
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 1)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_what_was_not_saved_survives_kill_9_and_is_offered_at_the_next_start(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    folder = tmp_path / "Initscope"
    folder.mkdir()
    (folder / "settings.json").write_text('{"autosave_seconds": 0.05}')
    command = [sys.executable, "-c", CRASH, str(ROOT), str(tmp_path)]
    places = {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(command, check=False, env={**os.environ, **places}, timeout=120)
    assert done.returncode == -signal.SIGKILL
    [left] = left_behind(folder)
    laboratory = build("circles")
    _keep_unsaved(laboratory, folder)
    dialog = offered(laboratory)
    assert entries(dialog)[0].startswith("Four neurons, one column, 1 change, step 0, from ")
    qtbot.mouseClick(dialog.opening, LEFT)
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 4 and laboratory.training.unsaved == 1)
    assert laboratory.window.isWindowModified()
    wait_for_step(qtbot, laboratory, 0)
    assert shown(laboratory).lanes[3].name == "random + nudge at 0"
    assert np.isclose(shown(laboratory).lanes[3].layers[0].weights[0, 0], 7.5)
    assert not left.exists()
    assert laboratory.window.windowTitle() == "columns[*] – Initscope", "of no file that somebody knows"


def test_every_window_that_crashed_is_offered_and_stays_until_it_is_opened_or_discarded(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    for number, target in enumerate(("columns", "circles", "zero-gradient")):
        path = tmp_path / NAME.format(10**9 + number)
        path.write_bytes(encode_session(Session(open_target(target), (NewSeed(number),))))
        os.utime(path, (number, number))
    (tmp_path / NAME.format(7)).write_bytes(b"{")
    laboratory = build("columns")
    offer(
        laboratory.window, Autosave(laboratory.training, tmp_path, laboratory.window), left_behind(tmp_path)
    )
    dialog = offered(laboratory)
    for entry, begins in zip(entries(dialog), ("damaged", "When", "Two c", "Four neurons"), strict=True):
        assert entry.startswith(begins)
    for answer, left in ((QMessageBox.StandardButton.Cancel, 4), (QMessageBox.StandardButton.Ok, 3)):
        qtbot.mouseClick(dialog.discarding, LEFT)
        [asked] = dialog.findChildren(QMessageBox)
        assert asked.informativeText().startswith("damaged")
        qtbot.mouseClick(asked.button(answer), LEFT)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert len(entries(dialog)) == len(left_behind(tmp_path)) == left
    dialog.list.setCurrentRow(1)
    qtbot.mouseClick(dialog.opening, LEFT)
    qtbot.waitUntil(
        lambda: (
            [lane.name for lane in laboratory.window.lanes][:1] == ["zeros"]
            and laboratory.training.unsaved == 1
        )
    )
    assert len(left_behind(tmp_path)) == 2, "the others are offered again"


def test_it_is_saved_every_half_minute_while_there_is_something_unsaved(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    kept = Autosave(laboratory.training, tmp_path, laboratory.window, seconds=0.0)
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


def test_the_step_that_was_reached_and_the_view_survive_without_any_change(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("columns")
    kept = Autosave(laboratory.training, tmp_path, laboratory.window, seconds=0.0)
    kept.tick()
    assert not kept.path.exists()
    laboratory.training.go_to(30)
    wait_for_step(qtbot, laboratory, 30)
    laboratory.display.set_gradients(True)
    kept.tick()
    session = open_session(str(kept.path))
    assert (session.view.step, session.actions) == (30, ())
    now = laboratory.training.session
    assert now is not None
    laboratory.training.note_saved(now)
    kept.tick()
    assert not kept.path.exists(), "a file has the step and the view"
    laboratory.display.set_gradients(False)
    kept.tick()
    left = tmp_path / NAME.format(10**9)
    kept.path.rename(left)
    other = Autosave(laboratory.training, tmp_path / "next", laboratory.window, seconds=0.0)
    other.path.parent.mkdir()
    laboratory.display.set_gradients(True)
    other.open(left)
    qtbot.waitUntil(lambda: not laboratory.display.state.gradients)
    wait_for_step(qtbot, laboratory, 30)
    other.tick()
    assert other.path.exists(), "it still is in no other file"


def test_an_orderly_end_leaves_nothing(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("columns")
    _keep_unsaved(laboratory, tmp_path)
    [kept] = laboratory.window.findChildren(Autosave)
    touch(qtbot, laboratory)
    kept.save()
    assert kept.path.exists()
    laboratory.window.end()
    assert list(tmp_path.iterdir()) == []
