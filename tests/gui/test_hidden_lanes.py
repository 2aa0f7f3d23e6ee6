"""A lane can be hidden and shown again; its old curves can be kept while its settings change."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import Probes
from engine.session.commands import KeepGhost, Move, Rename
from engine.session.lab import Lab
from engine.session.session_file import Session
from engine.training.edits import Set
from gui.app.application import Laboratory
from gui.present.display_state import DisplayState, for_lanes, hidden_lanes, probes_for, with_hidden
from gui.present.lines import GHOST
from tests.builders import same_bits

from .conftest import Build
from .test_lane_menu import choose, menu_of, wait_for
from .test_real_use import press, shown, wait_for_step

RATE = "optimizer.learning_rate"


def visible(laboratory: Laboratory) -> list[str]:
    return [lane.name for lane in laboratory.window.lanes if lane.isVisible()]


def wait_until_seen(qtbot: QtBot, laboratory: Laboratory, *names: str) -> None:
    qtbot.waitUntil(lambda: visible(laboratory) == list(names))


def undo(qtbot: QtBot, laboratory: Laboratory) -> None:
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def chip(laboratory: Laboratory) -> QToolButton:
    found = laboratory.window.findChild(QToolButton, "figure.hidden")
    assert found is not None
    return found


def show_again(qtbot: QtBot, laboratory: Laboratory, entry: str) -> None:
    qtbot.mouseClick(chip(laboratory), Qt.MouseButton.LeftButton)
    [menu] = [menu for menu in laboratory.window.findChildren(QMenu, "menu.hidden") if menu.isVisible()]
    action = next(action for action in menu.actions() if action.text() == entry)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_a_hidden_lane_and_its_curves_go_and_come_back_from_the_list(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.training.go_to(100)
    wait_for_step(qtbot, laboratory, 100)
    loss = laboratory.window.curves.loss
    choose(qtbot, laboratory, 1, "Hide")
    wait_until_seen(qtbot, laboratory, "zeros", "random")
    assert chip(laboratory).isVisible()
    assert chip(laboratory).text() == "hidden: constant-2"
    assert {lane for lane, _ in loss._lines} == {0, 2}
    assert [name for name, _ in loss.legend] == ["zeros", "random"]
    choose(qtbot, laboratory, 0, "Hide")
    wait_until_seen(qtbot, laboratory, "random")
    menu = menu_of(qtbot, laboratory, 2)
    entries = {entry.text(): entry.isEnabled() for entry in menu.actions()}
    assert not entries["Hide"]
    menu.close()
    assert laboratory.display.state.lane == 2
    show_again(qtbot, laboratory, "Show constant-2")
    wait_until_seen(qtbot, laboratory, "constant-2", "random")
    choose(qtbot, laboratory, 1, "Hide")
    wait_until_seen(qtbot, laboratory, "random")
    show_again(qtbot, laboratory, "Show all")
    wait_until_seen(qtbot, laboratory, "zeros", "constant-2", "random")
    assert not chip(laboratory).isVisible()
    entries = [entry.text() for entry in laboratory.window._menus.history.actions()][1:]
    assert entries == [
        "hide (constant-2)", "hide (zeros)", "show again (constant-2)", "hide (constant-2)",
        "show again (zeros)", "show again (constant-2)",
    ]  # fmt: skip
    for left in (["zeros", "random"], ["random"], ["constant-2", "random"], ["random"]):
        undo(qtbot, laboratory)
        wait_until_seen(qtbot, laboratory, *left)


def test_a_hidden_lane_trains_with_the_others_but_nothing_is_worked_out_about_it(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    choose(qtbot, laboratory, 1, "Hide")
    laboratory.training.go_to(50)
    wait_for_step(qtbot, laboratory, 50)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].insight.space is not None)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[1].insight.space is None)
    large = shown(laboratory).lanes[1]
    plain = Lab(laboratory.training.session.experiment)  # type: ignore[union-attr]
    plain.train(50)
    assert same_bits(large.theta, plain.snapshot().lanes[1].theta)
    assert laboratory.display.state.sizes.weights < float(np.abs(large.theta).max())


def test_hidden_lanes_keep_their_place_and_are_followed_by_name(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    choose(qtbot, laboratory, 1, "Hide")
    wait_until_seen(qtbot, laboratory, "zeros", "random")
    choose(qtbot, laboratory, 0, "Move right")
    wait_for(qtbot, laboratory, "constant-2", "random", "zeros")
    assert visible(laboratory) == ["random", "zeros"]
    laboratory.training.act(Rename("two", lane="constant-2"))
    wait_for(qtbot, laboratory, "two", "random", "zeros")
    assert visible(laboratory) == ["random", "zeros"]
    assert chip(laboratory).text() == "hidden: two"
    laboratory.training.act(Move(2, lane="two"))
    wait_for(qtbot, laboratory, "random", "zeros", "two")
    assert visible(laboratory) == ["random", "zeros"]
    for _ in range(3):
        press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, laboratory, "zeros", "constant-2", "random")
    assert visible(laboratory) == ["zeros", "random"]
    session = laboratory.training.session
    assert session is not None
    for target, left in ((Session(open_target("columns")), [0, 1, 2]), (session, [0, 2])):
        laboratory.training.open(target)
        qtbot.waitUntil(
            lambda left=left: [lane.index for lane in laboratory.window.lanes if lane.isVisible()] == left
        )


def test_a_ghost_keeps_the_old_curves_when_a_setting_changes_and_can_be_removed(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    laboratory.training.go_to(100)
    wait_for_step(qtbot, laboratory, 100)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[3].score is not None)
    choose(qtbot, laboratory, 3, "Keep curves as ghost")
    qtbot.waitUntil(lambda: laboratory.training.unsaved == 1)
    curves, before = laboratory.window.curves, shown(laboratory).lanes[3]
    plots = (curves.loss, curves.accuracy, curves.spread)
    for change in (Set(RATE, 0.3), Set("network.layers.0.units", 6)):  # the second makes other networks
        laboratory.training.act(change)
        qtbot.waitUntil(lambda: shown(laboratory).lanes[3].experiment != before.experiment)
        wait_for_step(qtbot, laboratory, 100)
        for plot in plots:
            ghost = plot.lanes[GHOST + 3]
            assert same_bits(ghost.loss_curve.mean, before.loss_curve.mean)
            assert (GHOST + 3, 0) in plot._lines
    said = curves.loss.text_at(QPointF(float(curves.loss.place_x(50)), curves.loss.area.center().y()))
    assert "he: " in said
    assert "he, kept: " in said
    pens = [curves.loss._lines[key].pen().color().lightness() for key in ((3, 0), (GHOST + 3, 0))]
    assert pens[0] < pens[1]
    choose(qtbot, laboratory, 3, "Remove the ghost")
    qtbot.waitUntil(lambda: all(GHOST + 3 not in plot.lanes for plot in plots))
    assert all((GHOST + 3, 0) not in plot._lines for plot in plots)
    undo(qtbot, laboratory)
    qtbot.waitUntil(lambda: all((GHOST + 3, 0) in plot._lines for plot in plots))
    session = laboratory.training.session
    assert session is not None
    laboratory.training.open(Session(open_target("columns")))
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 3 and not laboratory.display.state.ghosts)
    laboratory.training.open(session)  # as a file brings it: the curves are made once more
    qtbot.waitUntil(lambda: GHOST + 3 in curves.loss.lanes)
    assert same_bits(curves.loss.lanes[GHOST + 3].loss_curve.mean, before.loss_curve.mean)
    assert laboratory.ghosts.is_at_rest
    laboratory.ghosts._memory = 1000  # bytes
    kept = Set("network.layers.0.units", 7), KeepGhost(5, lane="he")
    laboratory.training.open(Session(open_target("circles"), kept))
    qtbot.waitUntil(laboratory.window.notice.isVisible)
    said = laboratory.window.notice.text.text()
    assert said.startswith("The old curves of he cannot be made again: ")
    assert laboratory.ghosts.is_at_rest


def test_what_a_screen_remembers_of_lanes_follows_their_names() -> None:
    state = DisplayState(lane=2, hidden=frozenset({"b", "x"}))
    assert hidden_lanes(state, ["a", "b", "c"]) == {1}
    assert hidden_lanes(state, ["b", "x"]) == frozenset()  # all of them would leave nothing
    assert probes_for(state, ["a", "b", "c"]).unseen == (1,)
    moved = for_lanes(state, ["a", "b", "c"], ["c", "a", "b"])
    assert (moved.lane, moved.hidden) == (0, state.hidden)
    renamed = for_lanes(state, ["a", "b", "c"], ["a", "d", "c"])
    assert (renamed.lane, renamed.hidden) == (2, {"d", "x"})
    assert for_lanes(state, ["a", "b", "c"], ["a", "b", "new", "c"]).lane == 2
    assert for_lanes(state, ["a", "b", "c"], ["a", "b"]).lane == 1
    assert with_hidden(DisplayState(), frozenset({"a"}), ["a", "b"]).lane == 1


def test_of_unseen_lanes_nothing_is_asked() -> None:
    probes = Probes(space=True, lane=0, unseen=(1,))
    assert probes.of_lane(0) is probes
    assert not probes.of_lane(1).space
