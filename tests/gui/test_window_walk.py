"""Random hands in the real window: the session that is saved in the end makes again what was on the screen."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from engine.report.snapshot import Activity
from engine.session.lab import Lab
from engine.session.session_file import open_session
from gui.app.application import Laboratory
from tests.builders import same_bits

from .conftest import Build
from .desk import Hands
from .test_keeping import answer, question
from .test_lane_menu import menu_of
from .test_real_use import press, save_as, shown
from .test_touch import cell, drag

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
KEYS = [
    (Qt.Key.Key_Right, SHIFT),
    (Qt.Key.Key_Right, None),
    (Qt.Key.Key_Left, None),
    (Qt.Key.Key_End, None),
    (Qt.Key.Key_R, None),
    (Qt.Key.Key_N, None),
    (Qt.Key.Key_Z, CONTROL),
    (Qt.Key.Key_Z, CONTROL),
    (Qt.Key.Key_Z, CONTROL | SHIFT),
]


class RandomHands:
    """Uses keys, menus of lanes, weights and a number of the panel; a question is agreed to."""

    def __init__(self, qtbot: QtBot, laboratory: Laboratory, seed: int) -> None:
        self._qtbot, self._laboratory, self._random = qtbot, laboratory, Random(seed)
        self._panel = Hands(qtbot, laboratory.window.editor)

    def act(self) -> None:
        """Do something, and wait until the training thread rests."""
        self._random.choice([self._press, self._press, self._use_menu, self._touch, self._type])()
        if question(self._laboratory) is not None:
            answer(self._qtbot, self._laboratory, QMessageBox.StandardButton.Ok)
        QApplication.processEvents()
        self.rest()

    def rest(self) -> None:
        """Wait until everything was done and is shown."""
        mailbox, clock = self._laboratory.runner.mailbox, self._laboratory.clock
        for _ in range(2):  # what was done when the first frame began is shown when the second one does
            self._qtbot.waitUntil(lambda: not (mailbox.holds((object,)) or mailbox.is_working))
            with self._qtbot.waitSignal(clock.ticked):
                pass
        self._qtbot.waitUntil(
            lambda: not mailbox.is_working and shown(self._laboratory).activity is Activity.IDLE
        )

    def _press(self) -> None:
        press(self._qtbot, self._laboratory, *self._random.choice(KEYS))

    def _use_menu(self) -> None:
        menu = menu_of(self._qtbot, self._laboratory, self._lane())
        wanted = self._random.choice(["Duplicate", "Move left", "Move right", "Remove"])
        entry = next(entry for entry in menu.actions() if entry.text() == wanted)
        if entry.isEnabled():
            self._qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())
        else:
            menu.close()

    def _touch(self) -> None:
        heatmap = self._laboratory.window.lanes[self._lane()].heatmaps[0]
        drag(self._qtbot, heatmap, cell(heatmap, 0, self._random.randrange(4)), up=12)

    def _type(self) -> None:
        self._panel.type("optimizer.learning_rate", self._random.choice(["0.5", "0.25"]))

    def _lane(self) -> int:
        return self._random.randrange(len(self._laboratory.window.lanes))


@pytest.mark.parametrize("seed", range(2))
def test_what_random_hands_have_made_is_made_again_from_the_file(
    qtbot: QtBot, build: Build, tmp_path: Path, seed: int
) -> None:
    laboratory, path = build("columns"), tmp_path / "session.json"
    press(qtbot, laboratory, Qt.Key.Key_1, CONTROL)
    hands = RandomHands(qtbot, laboratory, seed)
    for _ in range(8):
        hands.act()
    before = shown(laboratory).step
    press(qtbot, laboratory, Qt.Key.Key_Right, SHIFT)
    hands.rest()
    press(qtbot, laboratory, Qt.Key.Key_S, CONTROL)
    save_as(qtbot, laboratory, path)
    qtbot.waitUntil(path.exists)
    session, found = open_session(str(path)), shown(laboratory)
    assert session.view.step == found.step == before + 10
    lab = Lab(session.recipe())
    lab.train(found.step)
    for lane, again in zip(found.lanes, lab.snapshot().lanes, strict=True):
        assert lane.name == again.name
        assert same_bits(lane.theta, again.theta)
        assert same_bits(lane.gradient, again.gradient)
