"""How a session is looked at is in its file: what is open, shown and selected comes back, and so do the notes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NeuronPlace, NeuronRef, pair_in
from engine.scenes.view import View
from engine.session.commands import WriteNotes
from engine.session.lab import Lab
from engine.session.session_file import Session, encode_session, open_session
from gui.app.application import Laboratory, _keep_unsaved
from gui.app.autosave import left_behind
from gui.dialogs.recovery_dialog import RecoveryDialog
from gui.look.colours import Sizes
from gui.panels.transport_bar import FLAT_OUT
from gui.parts.room import FIRST_ROOM, Room
from gui.present.display_state import DisplayState
from gui.side.side_panel import PAGES
from gui.viewing.view_of_state import view_of, with_view
from tests.tools import ROOT

from .conftest import Build
from .test_real_use import press, save_as, shown, wait_for_step

CIRCLES = Lab(open_target("circles")).snapshot()
NOT_KEPT = {"theme", "hovered", "ghosts", "seeds"}
"""What belongs to the person or the moment, and what is made from what was done."""
CONTROL = Qt.KeyboardModifier.ControlModifier
PARTS = ("", "card.loss", "card.spread", "card.accuracy", "lane.0", "lane.2.weights", "lane.3.graph")


def neurons(lane: int) -> st.SearchStrategy[NeuronPlace]:
    return st.builds(NeuronPlace, st.just(lane), st.builds(NeuronRef, st.integers(0, 2), st.integers(0, 9)))


sizes = st.floats(0, 1e308, allow_subnormal=True)
shares = st.floats(1e-3, 9e3)
states = st.builds(
    DisplayState,
    **{field.name: st.booleans() for field in fields(DisplayState) if field.type == "bool"},
    sizes=st.builds(Sizes, sizes, sizes, sizes),
    page=st.sampled_from(PAGES),
    tolerance=st.floats(0, 1),
    lane=st.integers(0, 3),
    pair=st.none() | st.builds(pair_in, st.integers(1, 2), st.integers(0, 9), st.integers(0, 9)),
    clicked=st.none() | st.integers(0, 3).flatmap(neurons),
    room=st.builds(
        Room, **{name: st.tuples(*[shares] * len(parts)) for name, parts in vars(FIRST_ROOM).items()}
    ),
    enlarged=st.sampled_from(PARTS),
    operation=st.none() | st.integers(0, 40),
    cell=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    cell_lane=st.integers(0, 3),
    sample=st.none() | st.integers(0, 999),
    hidden=st.frozensets(st.sampled_from(["zeros", "large", "he", "gone"])),
    steps=st.none() | st.tuples(st.floats(0, 1e4), st.floats(1.1e4, 1e9)),
)


@given(states)
def test_every_state_of_the_screen_comes_back_from_a_session_file(
    tmp_path_factory: pytest.TempPathFactory, state: DisplayState
) -> None:
    path = tmp_path_factory.getbasetemp() / "any_view.json"
    view = view_of(state, CIRCLES, (0.2, 0.25))
    path.write_bytes(encode_session(Session(open_target("circles"), view=view)))
    read = open_session(str(path)).view
    assert read == view
    assert with_view(DisplayState(), read, CIRCLES) == state


def test_whatever_can_be_chosen_on_the_screen_is_kept_or_known_not_to_be() -> None:
    kept = {field.name for field in fields(DisplayState)} - NOT_KEPT
    other = DisplayState(
        gathered=True,
        logarithmic=True,
        sizes=Sizes(1, 2, 3),
        locked=True,
        pictures=False,
        last_change=True,
        gradients=True,
        space=True,
        side=True,
        editor=True,
        page="health",
        tolerance=1e-6,
        lane=1,
        pair=pair_in(1, 0, 2),
        clicked=NeuronPlace(1, NeuronRef(1, 2)),
        room=FIRST_ROOM.divided("rows", (1, 2)),
        enlarged="card.loss",
        steps=(1, 20),
        log_loss=True,
        all_samples=True,
        operation=3,
        cell=(2, 1),
        cell_lane=2,
        cell_kept=True,
        sample=7,
        layer=12,
        hidden=frozenset({"he"}),
    )
    assert all(getattr(other, name) != getattr(DisplayState(), name) for name in kept), "say how it differs"
    assert with_view(DisplayState(), view_of(other, CIRCLES, (0.2, 0.2)), CIRCLES) == other


def test_what_is_no_longer_there_is_left_out() -> None:
    state = DisplayState(lane=3, clicked=NeuronPlace(3, NeuronRef(1, 0)), enlarged="lane.3", page="why")
    two = replace(CIRCLES, lanes=CIRCLES.lanes[:2])
    back = with_view(DisplayState(lane=1), view_of(state, CIRCLES, (0.2, 0.2)), two)
    assert (back.lane, back.clicked, back.enlarged) == (1, None, "")
    odd = View(shown=None)
    assert with_view(state, odd, CIRCLES) == state


def undo(qtbot: QtBot, laboratory: Laboratory) -> None:
    press(qtbot, laboratory, Qt.Key.Key_Z, CONTROL)


def redo(qtbot: QtBot, laboratory: Laboratory) -> None:
    press(qtbot, laboratory, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)


def look_around(qtbot: QtBot, laboratory: Laboratory) -> None:
    """Look at step 12 in a way of one's own."""
    window = laboratory.window
    for name in ("side", "last_change", "gradients", "log_loss", "experiment"):
        action = window.actions_by_id[name]
        action.setChecked(name not in {"last_change", "side"})
        action.setChecked(name != "last_change")
    laboratory.training.go_to(12)
    wait_for_step(qtbot, laboratory, 12)
    window.side.setCurrentIndex(PAGES.index("health"))
    window.alarms_clicked.emit(1)
    window.figure.curves._split.setSizes([500, 100, 100, 200])
    window.figure.curves._split._tell()
    window.panels.moveSplitter(window.width() - 380, 2)
    window.panels.moveSplitter(300, 1)
    window.neuron_clicked.emit(NeuronPlace(1, NeuronRef(1, 3)))
    window.editor.lane_chosen.emit("random")
    window.transport.speed.setValue(window.transport.speed.maximum())


def test_saving_and_opening_bring_back_what_was_open_shown_and_selected(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory, path = build("columns", size=(1400, 900)), tmp_path / "seen.json"
    look_around(qtbot, laboratory)
    press(qtbot, laboratory, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(laboratory.window.notes.own, "Ask why.")
    assert laboratory.window.isWindowModified(), "the notes are in no file"
    laboratory.window.notes.close()
    state, panels = laboratory.display.state, laboratory.window.panels.shares
    press(qtbot, laboratory, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(lambda: not laboratory.window.isWindowModified())

    other = build("circles", size=(1400, 900))
    other.window.target_requested.emit(str(path))
    qtbot.waitUntil(lambda: other.window.windowTitle().startswith("seen.json"))
    wait_for_step(qtbot, other, 12)
    grown = replace(other.display.state, sizes=state.sizes)
    assert grown == state
    assert other.window.panels.shares == pytest.approx(panels, abs=1e-3)
    assert other.window.side.width() == pytest.approx(laboratory.window.side.width(), abs=3)
    assert other.window.editor.width() == pytest.approx(laboratory.window.editor.width(), abs=3)
    assert other.window.side.currentWidget() is other.window.side.health
    assert other.window.notes.own.toPlainText() == other.training.notes == "Ask why."
    assert not other.window.isWindowModified()
    assert other.training.session.view.selected.edited == "random"  # type: ignore[union-attr]
    assert other.window.transport.steps_per_second == FLAT_OUT
    for text, key in (("", undo), ("Ask why.", redo)):
        key(qtbot, other)
        qtbot.waitUntil(lambda text=text: other.window.notes.own.toPlainText() == text)
        assert other.training.notes == text
    assert not other.window.isWindowModified()


def test_notes_are_one_change_from_the_first_letter_until_they_are_left(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    notes, training = laboratory.window.notes, laboratory.training
    laboratory.window.show_notes()
    notes.activateWindow()
    qtbot.mouseClick(notes.own.viewport(), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(notes.own.hasFocus)
    qtbot.keyClicks(notes.own, "one")
    laboratory.window.activateWindow()  # while the notes stay open
    qtbot.waitUntil(lambda: training.log.notes == "one")  # type: ignore[union-attr]
    undo(qtbot, laboratory)
    qtbot.waitUntil(lambda: notes.own.toPlainText() == training.notes == "")
    redo(qtbot, laboratory)
    qtbot.waitUntil(lambda: notes.own.toPlainText() == "one")
    notes.own.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(notes.own, " two")
    assert training.unsaved == 2
    assert training.session.actions[-1] == WriteNotes("one two", "one")  # type: ignore[union-attr]
    notes.close()
    qtbot.waitUntil(lambda: training.log.notes == "one two")  # type: ignore[union-attr]
    assert training.unsaved == 2


def test_a_step_beyond_everything_can_be_left_again(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    path = tmp_path / "far.json"
    path.write_bytes(encode_session(Session(open_target("columns"), view=View(10**15))))
    laboratory = build("circles")
    laboratory.window.target_requested.emit(str(path))
    qtbot.waitUntil(lambda: shown(laboratory).goal == 10**15)
    press(qtbot, laboratory, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(laboratory).goal is None)
    assert not laboratory.window.notice.isVisible()


CRASH = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine.scenes.scene_list import Scene
from engine.session.commands import AddScene
from engine.session.session_file import open_session
from gui.app.application import build_laboratory, make_application
from gui.app.autosave import Autosave
from gui.look.theme import LIGHT
from gui.window.settings import Settings

application = make_application()
laboratory = build_laboratory(open_session("columns"), Settings(), LIGHT)
kept = Autosave(laboratory.training, Path(sys.argv[2]), laboratory.window)
done = []

def look():
    if laboratory.training.snapshot is not None and not done:
        done.append(True)
        laboratory.window.actions_by_id["gradients"].setChecked(True)
        laboratory.window.actions_by_id["log_loss"].setChecked(True)
        laboratory.training.write_notes("half a thought")
        view = laboratory.training.session.view
        laboratory.training.act(AddScene(Scene("the start", view, "Look.")))
    if laboratory.training.unsaved == 2:
        kept.save()
        os.kill(os.getpid(), signal.SIGKILL)

laboratory.clock.ticked.connect(look)
laboratory.window.show()
application.exec()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_view_with_notes_and_scenes_survives_kill_9(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    command = [sys.executable, "-c", CRASH, str(ROOT), str(tmp_path)]
    done = subprocess.run(
        command, check=False, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    assert left_behind(tmp_path)
    laboratory = build("circles")
    _keep_unsaved(laboratory, tmp_path)
    [dialog] = laboratory.window.findChildren(RecoveryDialog)
    qtbot.mouseClick(dialog.opening, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 2)
    assert laboratory.display.state.gradients
    assert laboratory.display.state.log_loss
    assert laboratory.training.notes == "half a thought"
    [scene] = shown(laboratory).log.recipe.scenes
    assert (scene.name, scene.note, scene.view.shown.gradients) == ("the start", "Look.", True)
