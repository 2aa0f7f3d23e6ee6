"""What is changed in the experiment panel happens to the lanes, at once, and can be undone."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.core.cancellation import checkpoint
from engine.core.registry import kind_of
from engine.datasets import Dataset
from engine.datasets.images import Digits
from engine.experiments.experiment import Layer
from engine.experiments.experiment_file import encode_experiment
from engine.experiments.presets import open_target
from engine.session.commands import Duplicate, Rename, Try
from engine.session.lab import Lab
from engine.session.session_file import Session, encode_session, open_session
from engine.training.edits import Set
from gui.app.application import Laboratory
from gui.forms.field_row import FieldRow
from gui.forms.number_field import LiveNumber

from .conftest import Build
from .desk import Hands, pull
from .test_real_use import child, press, shown, wait_for_step

LEFT = Qt.MouseButton.LeftButton
RATE = "optimizer.learning_rate"
HOMEWORK = [
    ("variants", []),
    ("data", {"kind": "moons"}),
    *((f"network.layers.{place}.units", 8) for place in (0, 1)),
    *((f"network.layers.{place}.activation", {"kind": "tanh"}) for place in (0, 1)),
    ("network.layers.*.weights", {"kind": "glorot-normal"}),
    ("optimizer", {"kind": "adam"}),
]
"""What makes of circles a network 2-8-8-1, tanh, on moons, with Xavier's start and Adam."""


@pytest.fixture
def laboratory(qtbot: QtBot, build: Build) -> Laboratory:
    """Return a window on columns at step 20 with its experiment panel open."""
    laboratory = build("columns")
    laboratory.training.go_to(20)
    wait_for_step(qtbot, laboratory, 20)
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(laboratory.window.editor.isVisible)
    return laboratory


def rates(laboratory: Laboratory) -> list[float]:
    return [lane.experiment.optimizer.learning_rate for lane in shown(laboratory).lanes]  # type: ignore[union-attr]


def number(laboratory: Laboratory, path: str) -> LiveNumber:
    found = child(laboratory, f"edit.{path}")
    assert isinstance(found, LiveNumber)
    return found


def settle(qtbot: QtBot, laboratory: Laboratory, step: int) -> None:
    qtbot.waitUntil(lambda: shown(laboratory).step == step and shown(laboratory).activity.value == "idle")


def test_a_typed_number_starts_the_lanes_anew_and_trains_them_to_the_shown_step(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    field = number(laboratory, RATE)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "0.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rates(laboratory) == [0.5] * 3)
    settle(qtbot, laboratory, 20)
    assert laboratory.training.log is not None
    alone = Lab(laboratory.training.log.recipe)
    alone.train(20)
    for lane, expected in zip(shown(laboratory).lanes, alone.snapshot().lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, expected.theta)
    laboratory.training.undo()
    qtbot.waitUntil(lambda: rates(laboratory) != [0.5] * 3)
    settle(qtbot, laboratory, 20)


def test_a_dragged_number_takes_the_lanes_with_it_and_is_one_entry_of_the_history(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    before = rates(laboratory)
    for _ in pull(number(laboratory, RATE).lineEdit(), *range(4, 64, 4)):
        pass
    qtbot.waitUntil(lambda: rates(laboratory)[0] > before[0])
    settle(qtbot, laboratory, 20)
    qtbot.waitUntil(lambda: laboratory.training.log is not None and not laboratory.training.log.is_open)
    assert laboratory.training.log is not None
    assert len(laboratory.training.log.actions) == 1
    assert len(set(rates(laboratory))) == 1


def test_escape_takes_back_what_is_dragged_as_if_nothing_had_been(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    before, field = rates(laboratory), number(laboratory, RATE)
    shown_first = field.text()
    for pixels in pull(field.lineEdit(), 40, 80, 120):
        if pixels == 80:
            qtbot.waitUntil(lambda: rates(laboratory)[0] > before[0])
            grabber = QWidget.keyboardGrabber()
            assert grabber is field
            qtbot.keyClick(grabber, Qt.Key.Key_Escape)
            assert QWidget.keyboardGrabber() is None
        if pixels > 40:
            assert field.text() == shown_first
    assert not field.hasFocus()  # letting go is no click
    qtbot.waitUntil(lambda: rates(laboratory) == before)
    settle(qtbot, laboratory, 20)
    log = laboratory.training.log
    assert log is not None
    assert (log.all_actions, laboratory.training.unsaved) == ((), 0)


def test_while_a_number_is_dragged_the_keys_of_the_window_do_what_they_always_do(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    field = number(laboratory, RATE)
    for pixels in pull(field.lineEdit(), 40, 60):
        qtbot.keyClick(field, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda plays=pixels == 40: laboratory.training.is_playing == plays)  # type: ignore[misc]
    qtbot.waitUntil(lambda: rates(laboratory)[0] == field.number())


def test_a_sweep_takes_the_lanes_with_it_and_undoing_ends_it_where_it_began(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    before, button = rates(laboratory), child(laboratory, f"edit.{RATE}.sweep")
    assert isinstance(button, QToolButton)
    qtbot.waitUntil(lambda: button.height() > 0)  # the form has its place
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: rates(laboratory)[0] > 1.2 * before[0])
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not button.isChecked()
    qtbot.waitUntil(lambda: rates(laboratory) == before)
    settle(qtbot, laboratory, 20)
    assert laboratory.training.log is not None
    assert laboratory.training.log.actions == ()
    assert len(laboratory.training.log.all_actions) == 1
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: rates(laboratory)[0] > before[0])
    qtbot.mouseClick(button, LEFT)  # it stays where it was stopped
    settle(qtbot, laboratory, 20)
    assert rates(laboratory)[0] > before[0]
    assert len(laboratory.training.log.actions) == 1
    qtbot.mouseClick(button, LEFT)
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(laboratory.window.editor.isHidden)
    assert not button.isChecked()


@pytest.mark.usefixtures("quick_clicks")
def test_the_initializer_of_one_layer_of_one_lane_is_changed(qtbot: QtBot, laboratory: Laboratory) -> None:
    before, hands = shown(laboratory), Hands(qtbot, laboratory.window.editor)
    hands.pick("lane", "zeros")
    qtbot.waitUntil(lambda: hands.find("network.layers.0.weights.kind").currentText() == "constant")
    hands.pick("network.layers.0.weights.kind", "He (Kaiming) normal")
    qtbot.waitUntil(lambda: not np.array_equal(shown(laboratory).lanes[0].theta, before.lanes[0].theta))
    settle(qtbot, laboratory, 20)
    assert hands.clicks == 4
    first, second = shown(laboratory).lanes[0].experiment.network.layers
    assert [kind_of(first.weights), kind_of(second.weights)] == ["he-normal", "constant"]
    for number in (1, 2):
        np.testing.assert_array_equal(shown(laboratory).lanes[number].theta, before.lanes[number].theta)


@pytest.mark.usefixtures("quick_clicks")
def test_the_network_of_a_homework_takes_less_than_twenty_clicks(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    hands = Hands(qtbot, laboratory.window.editor)
    qtbot.waitUntil(lambda: bool(hands.rows()))
    hands.pick("data.kind", "two moons")
    for place in (0, 1):
        hands.type(f"network.layers.{place}.units", "8")
    hands.pick("network.layers.hidden.activation.kind", "tanh")
    hands.pick("network.layers.*.weights.kind", "Glorot (Xavier) normal")
    hands.pick("optimizer.kind", "Adam")
    log = laboratory.training
    qtbot.waitUntil(lambda: log.log is not None and len(log.log.actions) == 6)
    settle(qtbot, laboratory, 0)
    press(qtbot, laboratory, Qt.Key.Key_Right)
    settle(qtbot, laboratory, 1)
    assert hands.clicks < 15
    [moons] = {kind_of(lane.experiment.data) for lane in shown(laboratory).lanes}
    wanted = open_target("circles", HOMEWORK)
    alone = Lab(wanted)
    alone.train(1)
    assert moons == "moons"
    for lane in shown(laboratory).lanes:
        assert lane.layout.widths == (2, 8, 8, 1)
        np.testing.assert_array_equal(lane.theta, alone.snapshot().lanes[0].theta)


def test_a_wrong_value_is_refused_at_its_field_and_the_lanes_stay(
    qtbot: QtBot, laboratory: Laboratory
) -> None:
    before = shown(laboratory)
    laboratory.window.editor.set_requested.emit(None, "network.layers.1.units", 2, None, True)
    refused = "edit.network.layers.1.units"
    row = child(laboratory, refused)
    qtbot.waitUntil(lambda: any("1" in text for text in _refusals(laboratory)))
    assert row.isVisible()
    assert laboratory.training.log is not None
    assert laboratory.training.log.actions == ()
    for lane, old in zip(shown(laboratory).lanes, before.lanes, strict=True):
        np.testing.assert_array_equal(lane.theta, old.theta)


def _refusals(laboratory: Laboratory) -> list[str]:
    return [
        row.refusal.text() for row in laboratory.window.editor.findChildren(FieldRow) if row.refusal.text()
    ]


def test_a_loss_brings_the_activation_that_it_is_made_for(qtbot: QtBot, laboratory: Laboratory) -> None:
    laboratory.window.editor.set_requested.emit(None, "loss", {"kind": "squared-error"}, None, True)
    qtbot.waitUntil(lambda: shown(laboratory).experiment.loss.label != "")
    laboratory.window.editor.set_requested.emit(
        None, "network.layers.1.activation", {"kind": "identity"}, None, True
    )
    qtbot.waitUntil(lambda: shown(laboratory).experiment.output_layer.activation.label == "identity")
    settle(qtbot, laboratory, 20)


def test_the_window_lives_while_other_data_is_loaded_and_what_is_done_meanwhile_is_kept(
    qtbot: QtBot, laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, loaders = threading.Event(), list[str]()

    def load(self: Digits) -> Dataset:
        loaders.append(threading.current_thread().name)
        assert may_go_on.wait(60)
        return self.unscaled()

    monkeypatch.setattr(Digits, "load", load)
    laboratory.window.editor.set_requested.emit(None, "data", {"kind": "digits"}, None, True)
    qtbot.waitUntil(lambda: bool(loaders))
    assert loaders == ["background"]
    laboratory.window.editor.set_requested.emit(None, RATE, 0.125, None, True)
    qtbot.waitUntil(lambda: rates(laboratory) == [0.125] * 3)
    may_go_on.set()
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].dataset.inputs == 64)
    assert [lane.layout.widths for lane in shown(laboratory).lanes] == [(64, 4, 10)] * 3
    assert rates(laboratory) == [0.125] * 3


def test_undo_takes_back_the_data_that_are_still_being_loaded(
    qtbot: QtBot, laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, ended = threading.Event(), threading.Event()

    def load(_digits: Digits) -> Dataset:
        loading.set()
        try:
            while True:
                checkpoint()
        finally:
            ended.set()

    monkeypatch.setattr(Digits, "load", load)
    laboratory.training.act(Set(RATE, 0.125))
    qtbot.waitUntil(lambda: rates(laboratory) == [0.125] * 3)
    laboratory.window.editor.set_requested.emit(None, "data", {"kind": "digits"}, None, True)
    qtbot.waitUntil(loading.is_set)
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(ended.is_set)
    assert rates(laboratory) == [0.125] * 3
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: rates(laboratory) != [0.125] * 3)
    log = laboratory.training.log
    assert log is not None
    assert [type(action) for action in log.all_actions] == [Set]


def test_while_a_value_of_a_large_network_is_dragged_explanations_of_the_value_before_are_grey(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    changes = [("network.layers.0.units", 400), ("data.train", 2000), ("variants", [])]
    path = tmp_path / "large.json"
    path.write_bytes(encode_experiment(open_target("circles", changes)))
    laboratory = build(str(path))
    why = laboratory.window.side.why
    laboratory.window.actions_by_id["side"].setChecked(True)
    laboratory.window.side.show_page("why")
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].insight.why is not None)
    assert why.isEnabled()
    laboratory.runner.send(Try(Set(RATE, 0.02), is_final=False))
    qtbot.waitUntil(lambda: not why.isEnabled())
    laboratory.runner.send(Try(Set(RATE, 0.03), is_final=True))
    qtbot.waitUntil(why.isEnabled)
    qtbot.waitUntil(lambda: shown(laboratory).lanes[0].insight.why is not None)


def test_a_layer_that_is_added_to_all_lanes_leaves_each_with_its_own_weights(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    laboratory = build("circles")
    for number in range(4):
        laboratory.runner.send(Try(Duplicate(f"he {number}", lane="he"), is_final=True))
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 8)
    press(qtbot, laboratory, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(laboratory.window.editor.isVisible)

    def layers() -> list[list[Layer]]:
        return [lane.experiment.network.layers for lane in shown(laboratory).lanes]

    before = layers()
    qtbot.mouseClick(child(laboratory, "edit.network.layers.add"), LEFT)
    qtbot.waitUntil(lambda: [len(lane) for lane in layers()] == [4] * 8)
    assert layers() == [[first, second, second, output] for first, second, output in before]
    assert len({lane[1].weights for lane in layers()}) == 4
    log, saved = laboratory.training.log, tmp_path / "eight lanes.json"
    assert log is not None
    saved.write_bytes(encode_session(Session(log.experiment, log.actions)))
    assert open_session(str(saved)).recipe() == log.recipe
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: layers() == before)


def test_a_lane_that_is_renamed_stays_the_one_that_is_edited(qtbot: QtBot, laboratory: Laboratory) -> None:
    editor = laboratory.window.editor
    editor.lane_chosen.emit("random")
    laboratory.runner.send(Try(Rename("mine", lane="random"), is_final=True))
    qtbot.waitUntil(lambda: "mine" in editor.head.lane.currentText())
    press(qtbot, laboratory, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "random" in editor.head.lane.currentText())


def test_a_lane_that_goes_on_with_another_value_shows_that_one(qtbot: QtBot, laboratory: Laboratory) -> None:
    laboratory.runner.send(Try(Set(RATE, 0.5, lane="random", step=20), is_final=True))
    qtbot.waitUntil(lambda: len(shown(laboratory).lanes) == 4)
    laboratory.window.editor.lane_chosen.emit(shown(laboratory).lanes[-1].name)
    head = laboratory.window.editor.head
    assert number(laboratory, RATE).text() == "1", "it starts with that"
    assert "from step 20 on, optimizer, learning rate: 0.5" in head.differences.label.text()
    qtbot.mouseClick(head.from_here, LEFT)
    assert number(laboratory, RATE).text() == "0.5"
    laboratory.window.editor.lane_chosen.emit("random")
    assert number(laboratory, RATE).text() == "1"


@pytest.mark.parametrize("target", ["circles", "mnist-two-layer"])
def test_names_of_settings_are_read_whole_at_1280(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target, (1280, 720))
    laboratory.display.set_editor(True)
    editor = laboratory.window.editor
    qtbot.waitUntil(lambda: number(laboratory, "optimizer.learning_rate").isVisible())
    captions = [row.caption for row in editor.findChildren(FieldRow) if row.isVisible()]
    assert {"training samples", "learning rate"} <= {caption.whole for caption in captions}
    assert [caption.text() for caption in captions] == [caption.whole for caption in captions]


def test_far_keys_act_in_the_field_that_has_the_focus(laboratory: Laboratory, qtbot: QtBot) -> None:
    laboratory.window.activateWindow()
    lane = laboratory.window.editor.head.lane
    lane.setFocus()
    chosen: list[int] = []
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(lane, key)
        chosen.append(lane.currentIndex())
    assert chosen == [lane.count() - 1, 0]
    rate = number(laboratory, RATE)
    rate.setFocus()
    before = rate.number()
    qtbot.keyClick(rate, Qt.Key.Key_Home)
    qtbot.keyClick(rate, Qt.Key.Key_PageUp)
    assert rate.number() > before
    qtbot.waitUntil(lambda: rates(laboratory) == [rate.number()] * 3)
    settle(qtbot, laboratory, 20)  # no key has led to step 0
