"""A lane can be trained from many seeds: bands in its curves, how many of them learn, and each of them a click away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.session.commands import ManySeeds
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import Set
from gui.app.application import Laboratory
from gui.plots.step_plot import StepPlot
from gui.seeds.seeds_chip import SeedsChip
from tests.builders import same_bits

from .conftest import Build
from .test_hidden_lanes import RATE, undo
from .test_lane_menu import choose
from .test_real_use import shown, wait_for_step

LANE = 3
OWN, COUNT = 3, 4
"""The lane, its seed, and how many there are to be."""


def chip(laboratory: Laboratory) -> SeedsChip:
    return laboratory.window.lanes[LANE].header.seeds


def wait_until_at_rest(qtbot: QtBot, laboratory: Laboratory) -> None:
    def arrived() -> bool:
        seeds = laboratory.display.state.seeds
        known = bool(seeds) and all(one.company is not None and one.company.is_complete for one in seeds)
        return known and laboratory.seeds.is_at_rest

    qtbot.waitUntil(arrived, timeout=60_000)


def bands(laboratory: Laboratory) -> dict[str, int]:
    """Return how many bands are drawn in each plot."""
    curves = laboratory.window.curves
    plots: tuple[StepPlot, ...] = (curves.loss, curves.accuracy, curves.spread)
    return {plot.objectName(): len(plot._bands._items) for plot in plots}


ALL = {"curves.loss": 1, "curves.accuracy": 1, "curves.spread": 2}
NONE = dict.fromkeys(ALL, 0)


def test_a_lane_from_many_seeds_shows_bands_and_how_many_learn_and_any_of_them_can_be_chosen(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("circles")
    laboratory.training.go_to(40)
    wait_for_step(qtbot, laboratory, 40)
    own = shown(laboratory).lanes[LANE]
    choose(qtbot, laboratory, LANE, "Many seeds…")
    [dialog] = laboratory.window.findChildren(QInputDialog, "many_seeds")
    dialog.setIntValue(COUNT)
    dialog.accept()
    wait_until_at_rest(qtbot, laboratory)
    assert same_bits(shown(laboratory).lanes[LANE].theta, own.theta)
    assert bands(laboratory) == ALL
    assert chip(laboratory).isVisible()
    assert chip(laboratory).text().startswith("0")
    assert "At step 40, 0 of 4 have learned" in chip(laboratory).toolTip()
    loss = laboratory.window.curves.loss
    said = loss.text_at(QPointF(float(loss.place_x(30)), loss.area.center().y()))
    assert "    4 seeds: " in said

    company = laboratory.display.state.seeds[0].company
    assert company is not None
    assert [member.seed for member in company.members] == [OWN, 4, 5, 6]
    qtbot.mouseClick(chip(laboratory), Qt.MouseButton.LeftButton)
    [menu] = [menu for menu in chip(laboratory).findChildren(QMenu, "menu.seeds") if menu.isVisible()]
    assert [action.isChecked() for action in menu.actions()] == [False, True, False, False, False]
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(menu.actions()[3]).center())
    qtbot.waitUntil(lambda: shown(laboratory).lanes[LANE].experiment.seed == 5)
    wait_for_step(qtbot, laboratory, 40)
    chosen = shown(laboratory).lanes[LANE]
    assert company.loss.low[39] <= chosen.loss_curve.mean[39] <= company.loss.high[39]
    assert laboratory.display.state.seeds[0].company is company, "they are the same seeds as before"
    assert bands(laboratory) == ALL
    undo(qtbot, laboratory)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[LANE].experiment.seed == OWN)

    laboratory.training.act(Set(RATE, 0.3, lane="he"))
    qtbot.waitUntil(lambda: shown(laboratory).lanes[LANE].experiment.optimizer != own.experiment.optimizer)
    one = laboratory.display.state.seeds[0]
    assert one.company is not company, "nothing is shown of another experiment"
    wait_until_at_rest(qtbot, laboratory)
    faster = laboratory.display.state.seeds[0].company
    assert faster is not None
    assert faster.loss.low[-1] != company.loss.low[-1]

    assert laboratory.training.session is not None
    (tmp_path / "seeds.json").write_bytes(encode_session(laboratory.training.session))
    choose(qtbot, laboratory, LANE, "Only its own seed")
    qtbot.waitUntil(lambda: bands(laboratory) == NONE and not chip(laboratory).isVisible())
    laboratory.training.open(open_session(str(tmp_path / "seeds.json")))
    qtbot.waitUntil(lambda: bool(laboratory.display.state.seeds))
    wait_until_at_rest(qtbot, laboratory)
    again = laboratory.display.state.seeds[0].company
    assert again is not None
    assert same_bits(again.loss.middle, faster.loss.middle[: len(again.loss.middle)])


def test_while_a_value_is_dragged_nothing_of_the_old_one_is_shown_and_then_that_of_the_new_one(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("columns")
    laboratory.training.act(ManySeeds(0, 3, lane="random"))
    wait_until_at_rest(qtbot, laboratory)
    before = laboratory.display.state.seeds[0].company
    for rate, is_final in ((0.2, False), (0.3, False), (0.3, True)):
        laboratory.training.try_value(Set(RATE, rate, lane="random"), is_final=is_final)
        qtbot.waitUntil(
            lambda rate=rate: shown(laboratory).lanes[2].experiment.optimizer.learning_rate == rate
        )
        if not is_final:
            assert not laboratory.display.state.seeds
            assert bands(laboratory) == NONE
    wait_until_at_rest(qtbot, laboratory)
    now = laboratory.display.state.seeds[0]
    assert now.company is not before
    assert now.made_from.optimizer.learning_rate == 0.3


def test_where_many_seeds_are_not_possible_that_is_said(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.seeds._memory = 1000  # bytes
    session = Session(open_target("columns"), (ManySeeds(0, 5, lane="random"),))
    laboratory.training.open(session)
    qtbot.waitUntil(laboratory.window.notice.isVisible, timeout=60_000)
    assert laboratory.window.notice.text.text().startswith("random cannot be trained from many seeds: ")
    assert laboratory.seeds.is_at_rest
    assert laboratory.training.session is not None
    assert laboratory.training.session.actions == session.actions
    chip = laboratory.window.lanes[2].header.seeds
    qtbot.waitUntil(chip.isVisible)
    assert chip.toolTip() == laboratory.window.notice.text.text()
    choose(qtbot, laboratory, 2, "Only its own seed")
    qtbot.waitUntil(lambda: not chip.isVisible())
