"""What nobody expected becomes one notice, and the rest goes on."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.report.probes import NeuronPlace, NeuronRef
from engine.session.commands import MoveBy
from gui.app import frame_clock
from gui.app.application import Laboratory
from gui.app.shot import take_shot
from gui.lanes.lanes_box import LanesBox
from gui.plots.curves_view import CurvesView
from gui.present.frame import Frame, sizes_of

from .conftest import Build


def fail(*_: object) -> None:
    raise ValueError("no such colour")


@pytest.fixture
def watched(build: Build, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    laboratory = build("columns")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    laboratory.mishaps.watch()
    return laboratory


@pytest.mark.parametrize(("part", "method"), [(LanesBox, "show_frame"), (CurvesView, "show_snapshot")])
def test_a_view_that_fails_becomes_one_notice_with_details_and_training_goes_on(
    qtbot: QtBot, watched: Laboratory, monkeypatch: pytest.MonkeyPatch, part: type, method: str
) -> None:
    notices: list[str] = []
    watched.mishaps.told.connect(lambda sentence, _details: notices.append(sentence))
    monkeypatch.setattr(part, method, fail)
    watched.training.step_forward()
    qtbot.waitUntil(lambda: bool(notices))
    watched.runner.send(MoveBy(5))
    qtbot.waitUntil(lambda: watched.window.transport.step.value() == 6)

    assert notices == ["A mistake in the program: ValueError: no such colour. Everything else goes on."]
    assert watched.window.notice.text.text() == notices[0]
    details = watched.window.notice.findChild(QPlainTextEdit, "notice.details")
    assert details is not None
    assert "in fail" in details.toPlainText()


def test_a_handler_that_fails_leaves_the_window_alive(
    qtbot: QtBot, watched: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(watched.window.lanes[0].status), "_arrange", fail)
    watched.window.resize(900, 700)
    QApplication.processEvents()
    qtbot.waitUntil(watched.window.notice.isVisible)
    assert "no such colour" in watched.window.notice.text.text()
    watched.training.step_forward()
    qtbot.waitUntil(lambda: watched.window.transport.step.value() == 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_fails_is_told(qtbot: QtBot, watched: Laboratory) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(watched.window.notice.isVisible)
    assert "no such colour" in watched.window.notice.text.text()


def test_the_pointer_on_a_neuron_that_the_next_experiment_does_not_have_stops_nothing(
    qtbot: QtBot, build: Build
) -> None:
    laboratory = build("circles")
    failures: list[str] = []
    laboratory.training.failed.connect(lambda sentence, _details: failures.append(sentence))
    laboratory.window.target_requested.emit("columns")
    laboratory.display.look_at_neuron(NeuronPlace(0, NeuronRef(1, 9)))
    qtbot.waitUntil(lambda: laboratory.training.experiment is not None)
    qtbot.waitUntil(
        lambda: laboratory.training.experiment.name == "columns"  # type: ignore[union-attr]
    )
    laboratory.training.step_forward()
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1)
    assert not failures


def test_the_menu_of_a_drawing_closes_when_another_experiment_arrives(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    laboratory.window.lanes[0].graph.context_menu_requested.emit(laboratory.window.lanes[0].graph)
    menu = laboratory.window.findChild(QMenu, "menu.drawing")
    assert menu is not None
    assert menu.isVisible()
    QTest.mouseMove(laboratory.window, QPoint(5, 5))
    laboratory.window.target_requested.emit("circles")
    qtbot.waitUntil(lambda: laboratory.window.findChild(QMenu, "menu.drawing") is None)


def test_gradient_sizes_and_a_preset_with_fewer_lanes_fit_each_other(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    gradients = laboratory.window.actions_by_id["gradients"]
    gradients.trigger()
    gradients.trigger()
    laboratory.training.step_forward()
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1)
    laboratory.window.target_requested.emit("columns")
    gradients.trigger()
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    laboratory.training.step_forward()
    qtbot.waitUntil(lambda: laboratory.window.transport.step.value() == 1)
    laboratory.window.resize(800, 600)
    QApplication.processEvents()


def test_the_colours_of_a_shot_do_not_depend_on_the_way_to_the_step(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[Frame] = []
    draw = LanesBox.show_frame
    monkeypatch.setattr(LanesBox, "show_frame", lambda box, frame: (shown.append(frame), draw(box, frame)))
    experiment, path = open_target("columns"), tmp_path / "shot.png"
    assert take_shot(experiment, steps=300, size=(800, 600), theme="light", path=path) is None
    last = shown[-1]
    assert last.snapshot.step == 300
    assert last.sizes == sizes_of(last.snapshot.lanes)


def test_a_shot_in_which_something_is_missing_is_no_shot(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(LanesBox, "show_frame", fail)
    hooks, path = (sys.excepthook, threading.excepthook), tmp_path / "shot.png"
    said = take_shot(open_target("columns"), steps=1, size=(800, 600), theme="light", path=path)
    assert said == "A mistake in the program: ValueError: no such colour. Everything else goes on."
    assert not path.exists()
    assert (sys.excepthook, threading.excepthook) == hooks
    assert not QApplication.topLevelWidgets()


@pytest.mark.parametrize("milliseconds", [1, 150])
def test_two_shots_of_a_step_are_equal_however_many_frames_were_shown_before(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, milliseconds: int
) -> None:
    def shot(name: str) -> QImage:
        path = tmp_path / name
        target = open_target("columns")
        assert take_shot(target, steps=400, size=(1280, 720), theme="light", path=path) is None
        return QImage(str(path))

    usual = shot("usual.png")
    monkeypatch.setattr(frame_clock, "FRAME_MILLISECONDS", milliseconds)
    assert shot("other.png") == usual
