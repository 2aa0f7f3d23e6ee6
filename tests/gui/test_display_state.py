"""The state of the screen: what it asks for, and the frame that it makes of a snapshot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NO_PROBES, NeuronPlace, NeuronRef, pair_in
from engine.report.snapshot import Snapshot
from engine.session.lab import Lab
from engine.session.session_file import Session
from gui.look.theme import DARK
from gui.present.display_state import DisplayState, for_experiment, for_lanes, probes_for, with_click
from gui.present.frame import frame_of, sizes_of
from gui.present.gathering import neuron_at, shown_place

from .conftest import Build
from .test_real_use import press


def snapshot_of(target: str, state: DisplayState, steps: int = 3) -> Snapshot:
    lab = Lab(open_target(target))
    lab.train(steps)
    return lab.snapshot(probes=probes_for(state))


def test_a_new_screen_asks_for_scores_and_marks_only() -> None:
    assert probes_for(DisplayState()) == replace(NO_PROBES, scores=True, marks=True)


def test_a_page_is_worked_out_only_while_the_side_panel_is_open() -> None:
    state = DisplayState(page="health")
    assert not probes_for(state).health
    assert probes_for(replace(state, side=True)).health
    assert not probes_for(replace(state, side=True)).causes


def test_what_only_looks_different_asks_for_nothing() -> None:
    state = DisplayState(theme=DARK, gathered=True, logarithmic=True, pictures=False)
    assert probes_for(state) == probes_for(DisplayState())


def test_an_experiment_starts_in_colours_that_show_all_its_lanes() -> None:
    snapshot = snapshot_of("columns", DisplayState(), steps=0)
    state = for_experiment(DisplayState(lane=2, pair=pair_in(1, 0, 1)), snapshot, 900)
    assert (state.lane, state.pair) == (0, None)
    assert state.last_change
    assert not for_experiment(DisplayState(), snapshot, 720).last_change, "the numbers need the room"
    sizes = [float(np.abs(lane.theta).max()) for lane in snapshot.lanes if lane.theta.any()]
    assert state.logarithmic == (max(sizes) > 10 * min(sizes))


def test_a_new_lane_is_explained_and_of_a_lane_that_goes_the_one_before() -> None:
    assert for_lanes(DisplayState(lane=0), "abc", "abcd").lane == 3
    assert for_lanes(DisplayState(lane=3), "abcd", "abc").lane == 2
    assert for_lanes(DisplayState(lane=1), "abcd", "abc").lane == 1


def test_two_clicks_in_one_layer_make_a_pair() -> None:
    first, second = NeuronPlace(1, NeuronRef(1, 0)), NeuronPlace(1, NeuronRef(1, 2))
    state = with_click(DisplayState(), first)
    assert state.pair == pair_in(1, 0, 0)
    assert with_click(state, second).pair == pair_in(1, 0, 2)
    elsewhere = NeuronPlace(0, NeuronRef(1, 2))
    assert with_click(state, elsewhere).pair == pair_in(1, 2, 2)


def test_a_frame_is_gathered_and_marks_neurons_where_they_are_shown() -> None:
    state = DisplayState(side=True, lane=1, pair=pair_in(1, 0, 3))
    snapshot = snapshot_of("circles", state)
    assert frame_of(snapshot, state).snapshot is snapshot
    frame = frame_of(snapshot, replace(state, gathered=True))
    lane = frame.snapshot.lanes[1]
    assert lane.order is not None
    assert frame.marked[0] == ()
    assert [neuron_at(lane, place) for place in frame.marked[1]] == [NeuronRef(1, 0), NeuronRef(1, 3)]
    assert shown_place(lane, NeuronRef(0, 1)) == NeuronRef(0, 1), "inputs are never moved"


def test_scales_follow_the_theme_and_the_kind_of_colours() -> None:
    snapshot = snapshot_of("columns", DisplayState())
    scales = frame_of(snapshot, DisplayState(theme=DARK, logarithmic=True)).scales
    assert scales.weights.theme == DARK.name
    assert scales.weights.decades > 0
    linear = frame_of(snapshot, DisplayState()).scales
    assert linear.weights.decades == 0
    assert linear.gradients.decades > 0, "gradients shrink by powers of ten"


def test_scales_only_grow_during_a_run_and_can_be_fitted_and_locked(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    display, training = laboratory.display, laboratory.training

    def limit_at(step: int) -> float:
        training.go_to(step)
        qtbot.waitUntil(lambda: training.snapshot is not None and training.snapshot.step == step)
        return frame_of(training.snapshot, display.state).scales.gradients.limit

    start = limit_at(0)
    assert limit_at(300) == start, "gradients are smaller now, but the colours stay"
    display.fit_colours()
    fitted = frame_of(training.snapshot, display.state).scales.gradients.limit
    assert fitted < start / 10
    display.lock_colours(True)
    assert limit_at(0) == fitted, "locked, although gradients are larger here"
    display.lock_colours(False)
    assert limit_at(0) == start
    assert limit_at(300) == start


@pytest.mark.parametrize("locked", [False, True])
def test_scales_begin_anew_with_a_new_run_unless_they_are_locked(
    qtbot: QtBot, build: Build, locked: bool
) -> None:
    laboratory = build("columns")
    display, training = laboratory.display, laboratory.training
    start = display.state.sizes
    training.go_to(300)
    qtbot.waitUntil(lambda: training.snapshot is not None and training.snapshot.step == 300)
    grown = display.state.sizes
    assert grown.weights > start.weights
    display.lock_colours(locked)
    laboratory.window.actions_by_id["rewind"].trigger()
    qtbot.waitUntil(lambda: training.snapshot is not None and training.snapshot.last_step == 0)
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 0)
    assert display.state.sizes == (grown if locked else start)


def test_what_to_look_for_is_said_in_the_window_and_the_menu_has_titles(build: Build) -> None:
    window = build("columns", (1920, 1080)).window
    notes, preset = open_target("columns").notes, open_target("columns")
    label = window.findChild(QLabel, "notes")
    assert label is not None
    assert label.text().startswith("Watch the columns of W1")
    assert label.toolTip() == notes
    menu = window.findChild(QMenu, "menu.presets")
    assert menu is not None
    assert preset.title in [action.text() for action in menu.actions()]


def test_another_experiment_has_scales_of_its_own(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    laboratory.display.lock_colours(True)
    laboratory.training.open(Session(open_target("columns")))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    state = laboratory.display.state
    assert not state.locked
    assert laboratory.training.snapshot is not None
    assert state.sizes == sizes_of(laboratory.training.snapshot.lanes)


@pytest.mark.parametrize(("preset", "proposed"), [("mnist-per-sample", True), ("circles", False)])
def test_log_colours_are_proposed_where_linear_ones_hide_a_layer(
    qtbot: QtBot, build: Build, preset: str, proposed: bool
) -> None:
    laboratory = build(preset)
    window = laboratory.window
    laboratory.training.go_to(1)
    qtbot.waitUntil(
        lambda: laboratory.training.snapshot is not None and laboratory.training.snapshot.step == 1
    )
    assert window.colour_bars.log.isVisible() == proposed
    if proposed:
        qtbot.mouseClick(window.colour_bars.log, Qt.MouseButton.LeftButton)
        assert laboratory.display.state.logarithmic
        qtbot.waitUntil(lambda: not window.colour_bars.log.isVisible())


def test_a_click_on_a_colour_bar_offers_to_fit_and_to_lock_it(qtbot: QtBot, build: Build) -> None:
    window = build("columns").window
    qtbot.mouseClick(window.colour_bars, Qt.MouseButton.LeftButton)
    menu = window.findChild(QMenu, "menu.colours")
    assert menu is not None
    names = ("fit_colours", "lock_colours", "log_colours")
    assert menu.actions() == [window.actions_by_id[name] for name in names]
    menu.close()


def test_the_window_shows_the_state_and_the_menu_agrees(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns", (1700, 950))
    display, actions = laboratory.display, laboratory.window.actions_by_id
    display.set_side(False)
    assert not laboratory.window.side.isVisible()
    assert not actions["side"].isChecked()
    press(qtbot, laboratory, Qt.Key.Key_E)
    assert display.state.side
    assert laboratory.window.side.isVisible()


def test_a_snapshot_is_drawn_anew_only_if_it_looks_different(build: Build) -> None:
    laboratory = build("columns")
    frames: list[object] = []
    laboratory.display.frame_made.connect(frames.append)
    laboratory.display.choose_lane(1)
    laboratory.display.set_logarithmic(not laboratory.display.state.logarithmic)
    laboratory.display.set_logarithmic(laboratory.display.state.logarithmic)
    assert len(frames) == 1
