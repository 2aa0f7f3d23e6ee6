"""The page that says what is wrong with a lane: asked with the mouse, tried, kept, undone and given up."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.symptoms.findings import Cause, Changes, Cure, Diagnosis, Finding, Remedy, Sure, Verdict
from engine.training.edits import Set, SetWeight
from engine.trials.outcome import Share
from gui.app.application import Laboratory
from gui.diagnosis.case import Case, Treatment
from gui.diagnosis.code_lines import CodeLines
from gui.diagnosis.diagnosis_words import basis, chip_text
from gui.diagnosis.diagnosis_words import test_made as made_test
from gui.findings.doctor_words import evidence
from gui.side.diagnosis_panel import DiagnosisPanel
from tests.builders import constant, document, experiment, layer
from tests.command_line import experiment_file

from .conftest import Build
from .test_lane_menu import choose, wait_for
from .test_real_use import press

pytestmark = pytest.mark.untraced

LEFT = Qt.MouseButton.LeftButton
GLOROT = {"kind": "glorot-normal"}
ZEROS = document(
    layer(6, "tanh", constant(0.0)),
    layer(1, "sigmoid", constant(0.0)),
    optimizer={"kind": "adam", "learning_rate": 0.03},
    steps=200,
    variants=[
        {"name": "zeros", "set": {}},
        {"name": "random", "set": {"network.layers.*.weights": GLOROT}},
    ],
)
Open = Callable[[], Laboratory]


@pytest.fixture
def ill(qtbot: QtBot, build: Build, tmp_path: Path) -> Laboratory:
    """A window on a lane that cannot learn and one that does, with the page open."""
    laboratory = build(str(experiment_file(tmp_path, ZEROS)), size=(1280, 800))
    press(qtbot, laboratory, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(laboratory.window.side.diagnosis.isVisible)
    return laboratory


def part(laboratory: Laboratory, name: str, kind: type = QPushButton) -> QWidget:
    found = laboratory.window.findChild(kind, f"diagnosis.{name}")
    assert found is not None, name
    return found


def says(laboratory: Laboratory, name: str) -> str:
    label = part(laboratory, name, QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def click(qtbot: QtBot, laboratory: Laboratory, name: str, kind: type = QPushButton) -> None:
    qtbot.mouseClick(part(laboratory, name, kind), LEFT)


def diagnose(qtbot: QtBot, laboratory: Laboratory) -> None:
    click(qtbot, laboratory, "ask")
    qtbot.waitUntil(lambda: laboratory.doctor.is_at_rest)
    QApplication.processEvents()  # the cards get their places


def keep(qtbot: QtBot, laboratory: Laboratory, entry: str) -> None:
    """Open the menu of the button, and choose from it."""
    menu = part(laboratory, "finding.0.cure.0.keep.menu", QMenu)
    assert isinstance(menu, QMenu)
    qtbot.mouseClick(part(laboratory, "finding.0.cure.0.keep", QToolButton), LEFT)
    chosen = next(action for action in menu.actions() if action.text() == entry)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(chosen).center())


def weights(laboratory: Laboratory) -> list[str]:
    assert laboratory.training.log is not None
    return [
        type(lane.experiment.network.layers[0].weights).__name__
        for lane in laboratory.training.log.recipe.lanes
    ]


def test_a_sick_lane_is_diagnosed_its_cure_is_tried_kept_and_undone(qtbot: QtBot, ill: Laboratory) -> None:
    diagnose(qtbot, ill)
    assert says(ill, "title") == "Something is wrong"
    assert says(ill, "finding.0.title") == "Zero start"
    assert says(ill, "finding.0.sure") == "proved"
    assert "exactly 0" in says(ill, "finding.0.evidence")
    assert says(ill, "finding.0.cure.0.trial").startswith("5 of 5 learn, loss 0.")
    assert says(ill, "finding.0.cure.0.trial").endswith("; without it 0 of 5, loss 0.6931")
    assert says(ill, "basis").startswith("Judged from 5 seeds, 200 steps each.")
    chips = [lane.finding for lane in ill.window.lanes]
    assert chips[0].text() == "zero start: layer 1 never moves"
    assert [chip.isVisible() for chip in chips] == [True, False]

    click(qtbot, ill, "finding.0.cure.0.try")
    wait_for(qtbot, ill, "zeros", "zeros cured", "random")
    assert ill.window.side.diagnosis.lanes.currentText() == "zeros"  # where it can be kept
    assert says(ill, "finding.0.title") == "Zero start"
    keep(qtbot, ill, "In this lane")
    wait_for(qtbot, ill, "zeros", "random")
    assert weights(ill) == ["GlorotNormal", "GlorotNormal"]
    qtbot.waitUntil(lambda: not ill.window.lanes[0].finding.isVisible())  # it is another experiment now
    for names in (["zeros", "zeros cured", "random"], ["zeros", "random"]):
        press(qtbot, ill, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        wait_for(qtbot, ill, *names)
    assert ill.window.lanes[0].finding.isVisible()  # what is known of it was kept
    qtbot.mouseClick(ill.window.lanes[0].finding, LEFT)
    assert ill.window.side.diagnosis.isVisible()


def rename(qtbot: QtBot, laboratory: Laboratory, lane: int, name: str) -> None:
    choose(qtbot, laboratory, lane, "Rename…")
    [dialog] = laboratory.window.findChildren(QInputDialog, "rename")
    dialog.setTextValue(name)
    dialog.accept()
    qtbot.waitUntil(lambda: laboratory.window.lanes[lane].name == name)


def test_the_lane_that_tries_a_cure_goes_when_it_is_kept_whatever_the_lanes_are_called_now(
    qtbot: QtBot, ill: Laboratory
) -> None:
    diagnose(qtbot, ill)
    click(qtbot, ill, "finding.0.cure.0.try")
    wait_for(qtbot, ill, "zeros", "zeros cured", "random")
    rename(qtbot, ill, 0, "mine")
    rename(qtbot, ill, 1, "better")
    keep(qtbot, ill, "In this lane")
    wait_for(qtbot, ill, "mine", "random")  # that is like the kept one, too, but somebody's own
    assert weights(ill) == ["GlorotNormal", "GlorotNormal"]
    press(qtbot, ill, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, ill, "mine", "better", "random")


def test_a_cure_that_is_being_tried_is_shown_again_and_opened_once(qtbot: QtBot, ill: Laboratory) -> None:
    diagnose(qtbot, ill)
    attempt = part(ill, "finding.0.cure.0.try")
    qtbot.mouseClick(attempt, LEFT)
    qtbot.mouseClick(attempt, LEFT)  # before the lane is there
    wait_for(qtbot, ill, "zeros", "zeros cured", "random")
    assert not ill.window.notice.isVisible()
    click(qtbot, ill, "finding.0.cure.0.try")
    assert ill.window.notice.text.text() == "This is being tried already: zeros cured"
    choose(qtbot, ill, 1, "Hide")
    qtbot.waitUntil(lambda: not ill.window.lanes[1].isVisible())
    click(qtbot, ill, "finding.0.cure.0.try")
    qtbot.waitUntil(ill.window.lanes[1].isVisible)
    assert [lane.name for lane in ill.window.lanes] == ["zeros", "zeros cured", "random"]
    click(qtbot, ill, "finding.0.why")
    for _ in range(2):
        click(qtbot, ill, "finding.0.open")
        wait_for(qtbot, ill, "zeros", "zeros otherwise", "zeros cured", "random")


def test_of_two_cures_that_are_tried_only_the_kept_one_goes_and_none_that_was_changed(
    qtbot: QtBot, ill: Laboratory
) -> None:
    small, large = (
        Treatment((), Cure(Remedy.START, (("network.layers.*.weights", {"kind": "normal", "std": std}),)))
        for std in (0.5, 2.0)
    )
    ill.doctor.attempt(small)
    wait_for(qtbot, ill, "zeros", "zeros cured", "random")
    ill.doctor.attempt(large)
    wait_for(qtbot, ill, "zeros", "zeros cured 2", "zeros cured", "random")
    ill.doctor.keep(small, True)  # in all lanes, so that all that were opened are the same
    wait_for(qtbot, ill, "zeros", "random")
    ill.training.undo()
    wait_for(qtbot, ill, "zeros", "zeros cured 2", "zeros cured", "random")
    ill.display.choose_lane(0)
    ill.doctor.keep(small, False)
    wait_for(qtbot, ill, "zeros", "zeros cured 2", "random")
    ill.training.act(Set("optimizer.learning_rate", 0.1, lane="zeros cured 2"))
    ill.doctor.keep(large, False)
    qtbot.waitUntil(lambda: weights(ill) == ["Normal", "Normal", "GlorotNormal"])
    assert [lane.name for lane in ill.window.lanes] == ["zeros", "zeros cured 2", "random"]


def test_a_lane_that_hands_have_changed_does_not_bear_what_was_found_of_its_start(
    qtbot: QtBot, ill: Laboratory
) -> None:
    diagnose(qtbot, ill)
    ill.training.act(SetWeight(2, 0, 0, 0.7, lane="zeros"))  # from here on it does move
    qtbot.waitUntil(lambda: len(ill.window.lanes) == 3)
    wait_for(qtbot, ill, "zeros", "random", "zeros + nudge at 0")
    qtbot.waitUntil(lambda: [lane.finding.isVisible() for lane in ill.window.lanes] == [True, False, False])
    ill.display.choose_lane(2)
    assert says(ill, "basis").endswith("what was changed by hand on its way is left out.")


def test_the_test_that_was_made_is_told_and_opened_as_lanes(qtbot: QtBot, ill: Laboratory) -> None:
    diagnose(qtbot, ill)
    click(qtbot, ill, "finding.0.why")
    assert (
        "Before, in 200 steps, 0 of 5 learn. With usual random weights and nothing else changed: 5 of 5."
        in says(ill, "finding.0.test")
    )
    click(qtbot, ill, "finding.0.open")
    wait_for(qtbot, ill, "zeros", "zeros cured", "zeros otherwise", "random")
    assert part(ill, "finding.0.test", QLabel).isVisible()  # it can still be read
    press(qtbot, ill, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, ill, "zeros", "random")


def test_lines_of_code_are_copied_and_a_layer_leads_to_why(qtbot: QtBot, ill: Laboratory) -> None:
    diagnose(qtbot, ill)
    lines = part(ill, "finding.0.cure.0.lines.pytorch", QPlainTextEdit)
    assert not lines.isVisible()
    click(qtbot, ill, "finding.0.cure.0.code", QToolButton)
    assert lines.isVisible()
    click(qtbot, ill, "finding.0.cure.0.lines.initscope.copy")
    assert (
        QGuiApplication.clipboard().text() == """--set 'network.layers.*.weights={"kind":"glorot-normal"}'"""
    )
    click(qtbot, ill, "finding.0.layer.1")
    assert ill.window.side.why.isVisible()
    assert ill.display.state.pair is not None
    assert ill.display.state.pair.layer == 1


def test_a_lane_that_is_well_is_left_alone(qtbot: QtBot, ill: Laboratory) -> None:
    ill.display.choose_lane(1)
    diagnose(qtbot, ill)
    assert says(ill, "title") == "Healthy"
    assert says(ill, "text") == "5 of 5 seeds learn, and nothing was found that holds them back."
    assert not any(lane.finding.isVisible() for lane in ill.window.lanes)


def test_a_diagnosis_is_given_up_at_once_and_its_process_with_it(qtbot: QtBot, ill: Laboratory) -> None:
    click(qtbot, ill, "ask")
    qtbot.waitUntil(lambda: bool(multiprocessing.active_children()))
    assert not part(ill, "ask").isVisible()
    click(qtbot, ill, "cancel")
    assert part(ill, "ask").isVisible()
    qtbot.waitUntil(lambda: not multiprocessing.active_children())
    assert ill.doctor.is_at_rest


def test_another_experiment_and_the_end_of_the_window_end_a_diagnosis(qtbot: QtBot, ill: Laboratory) -> None:
    click(qtbot, ill, "ask")
    press(qtbot, ill, Qt.Key.Key_N)  # other seeds are other experiments
    qtbot.waitUntil(lambda: ill.doctor.is_at_rest)
    click(qtbot, ill, "ask")
    qtbot.waitUntil(lambda: bool(multiprocessing.active_children()))
    ill.window.end()
    assert not multiprocessing.active_children()


def test_what_cannot_be_diagnosed_is_said_in_a_sentence(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    data = tmp_path / "points.csv"
    data.write_text("a,b,class\n" + "\n".join(f"{n},{n % 7},{n % 2}" for n in range(40)))
    table = {"kind": "csv", "path": str(data), "target": "class"}
    ill = build(str(experiment_file(tmp_path, ZEROS | {"data": table, "variants": []})))
    data.unlink()
    ill.window.actions_by_id["diagnosis"].trigger()
    diagnose(qtbot, ill)
    assert "points.csv" in says(ill, "text")
    assert part(ill, "ask").isVisible()


def test_what_is_found_first_is_shown_before_the_rest(qtbot: QtBot) -> None:
    cure = Cure(Remedy.START, (("network.layers.*.weights", GLOROT),), 5, 5, 0.1)
    found = Finding(Cause.ZERO_START, (1, 2), 0, Sure.PROVED, {}, (cure,))
    panel = DiagnosisPanel()
    qtbot.addWidget(panel)
    panel.show_case(0, Case("looking", (found,), share=0.234))
    panel.show()
    assert (panel.title.text(), panel.text.text()) == ("Diagnosing… about 23 %", "Looking for symptoms …")
    assert panel.progress.value() / panel.progress.maximum() == pytest.approx(0.234)
    card = panel.findChild(QWidget, "diagnosis.finding.0")
    assert card is not None
    assert card.isVisible()
    assert panel.findChild(QLabel, "diagnosis.finding.0.cure.0.trial") is None  # not all is known yet
    assert panel.findChild(QPushButton, "diagnosis.finding.0.why") is None
    panel.show_case(0, Case())
    assert (panel.ask.isVisible(), panel.progress.isVisible()) == (True, False)
    assert "random other changes" in panel.text.text()


def test_runs_that_were_cut_are_said_to_be() -> None:
    whole = diagnosis_of()
    cut = replace(whole, steps=whole.experiment.steps - 1)
    planned = f"{whole.experiment.steps:,}"
    assert (
        basis(replace(whole, steps=whole.experiment.steps)) == f"Judged from 5 seeds, {planned} steps each."
    )
    assert basis(cut).startswith(
        f"Judged from 5 seeds, {cut.steps:,} of {planned} steps each: all would take"
    )


RATE: Changes = (("optimizer.learning_rate", 0.01),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (RATE, "0 of 5, loss 3.000"),
        ((("data.standardize", "inputs"),), "0 of 5, loss 3.000"),
        ((("data.standardize", "both"),), "0 of 5, loss 3.000 on another scale"),
        ((*RATE, ("loss", {"kind": "hinge"})), "0 of 5, loss 3.000 on another scale"),
        ((("loss", {"kind": "squared-error", "reduction": "mean"}),), "0 of 5, loss 3.000"),
    ],
)
def test_losses_that_cannot_be_compared_are_told_so(qtbot: QtBot, changes: Changes, said: str) -> None:
    page = page_of(qtbot, Finding(Cause.OUTPUT_RANGE, (), 0, Sure.SUSPECTED, RANGE, (cure_of(changes, 5),)))
    trial = page.findChild(QLabel, "diagnosis.finding.0.cure.0.trial")
    assert trial is not None
    assert trial.text() == f"5 of 5 learn, loss 0.1000; without it {said}"


RANGE = {"share": 0.5, "lowest_target": -2.0, "highest_target": 1.0}


def cure_of(changes: Changes, learned: int, remedy: Remedy = Remedy.OUTPUT) -> Cure:
    return Cure(remedy, changes, learned, 5, 0.1)


def diagnosis_of(*findings: Finding) -> Diagnosis:
    """A diagnosis of a network that learns from none of five seeds."""
    chosen = experiment(layer(1, "identity"), loss="squared-error")
    return Diagnosis("it", chosen, Verdict.SICK, Share(0, 5, 3.0), findings, Share(0, 5), 100)


def page_of(qtbot: QtBot, *findings: Finding) -> DiagnosisPanel:
    panel = DiagnosisPanel()
    qtbot.addWidget(panel)
    panel.show_case(0, Case(diagnosis=diagnosis_of(*findings)))
    return panel


@pytest.mark.parametrize(
    ("learned", "said"), [(3, "The reason, "), (2, "with all of it cured 2 of 5 learn:")]
)
def test_the_page_says_first_whether_what_was_found_is_enough(qtbot: QtBot, learned: int, said: str) -> None:
    hidden = cure_of((("network.layers", [{}, {}]),), learned, Remedy.HIDDEN)
    page = page_of(qtbot, Finding(Cause.LINEAR_NETWORK, (1,), 0, Sure.TRIED, {}, (hidden,)))
    assert page.text.text().startswith("0 of 5 seeds learn. ")
    assert said in page.text.text()
    evidence = page.findChild(QLabel, "diagnosis.finding.0.evidence")
    assert evidence is not None
    assert evidence.text().startswith("Without a hidden layer there is one linear map")
    assert evidence.text().endswith("it learns.") == (learned == 3)


def test_what_is_wrong_with_the_data_is_told_of_no_layer_and_beside_no_cure() -> None:
    numbers = {"constant": 2.0, "repeated": 0.0, "inputs": 3.0}
    inputs = Finding(Cause.USELESS_INPUTS, (1,), 0, Sure.TRIED, numbers)
    assert chip_text(inputs) == "useless inputs"
    assert evidence(inputs) == (
        "Inputs: 3; always the same: 2; copies of another one: 0. What is left tells nothing about the targets."
    )
    rate = Finding(Cause.RATE_TOO_HIGH, (), 0, Sure.TRIED, {}, (cure_of(RATE, 5),))
    found = diagnosis_of(inputs, rate)
    assert "random other changes" not in made_test(found, inputs, found.untreated).lower()
    assert "random other changes" in made_test(found, rate, found.untreated).lower()


def test_of_many_layers_the_last_one_has_a_link_too(qtbot: QtBot) -> None:
    found = Finding(Cause.TOO_DEEP, tuple(range(1, 31)), 0, Sure.TRIED, {"depth": 30.0})
    panel = DiagnosisPanel()
    qtbot.addWidget(panel)
    panel.show_case(0, Case("trying", (found,)))
    panel.show()
    chosen: list[int] = []
    panel.layer_chosen.connect(chosen.append)
    links = [link for link in panel.findChildren(QPushButton) if ".layer." in link.objectName()]
    for link in links:
        qtbot.mouseClick(link, LEFT)
    assert chosen == [1, 2, 3, 4, 5, 30]
    assert "…" in [label.text() for label in panel.findChildren(QLabel)]


def test_no_line_of_code_is_cut_off_in_a_narrow_page(qtbot: QtBot) -> None:
    paths = ("network.layers.hidden.activation", "network.layers.hidden.weights", "network.layers.30.weights")
    kinds = ("selu", "lecun-normal", "glorot-normal")
    changes = [(path, {"kind": kind}) for path, kind in zip(paths, kinds, strict=True)]
    cure = Cure(Remedy.START, (*changes, ("optimizer.learning_rate", 0.001)))
    for width in range(180, 340, 10):
        code = CodeLines("code", cure)
        qtbot.addWidget(code)
        code.resize(width, 300)
        code.show()
        QApplication.processEvents()
        for block in code.findChildren(QPlainTextEdit):
            assert block.verticalScrollBar().maximum() == 0
            assert block.height() < (block.document().size().height() + 1) * block.fontMetrics().lineSpacing()


@pytest.mark.parametrize("way", ["menu", "start page"])
def test_a_network_of_the_clinic_is_opened_from_menu_and_start_page(
    qtbot: QtBot, build: Build, way: str
) -> None:
    laboratory = build("columns")
    if way == "menu":
        [presets] = laboratory.window.findChildren(QMenu, "menu.presets")
        [menu] = laboratory.window.findChildren(QMenu, "menu.clinic")
        presets.popup(laboratory.window.pos())
        qtbot.mouseClick(presets, LEFT, pos=presets.actionGeometry(menu.menuAction()).center())
        qtbot.waitUntil(menu.isVisible)
        entry = next(action for action in menu.actions() if action.data() == "dark-layer")
        qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())
    else:
        laboratory.window.actions_by_id["start"].trigger()
        [link] = laboratory.window.findChildren(QPushButton, "start.clinic.dark-layer")
        laboratory.window.start.ensureWidgetVisible(link)
        qtbot.mouseClick(link, LEFT)
    qtbot.waitUntil(lambda: laboratory.window.windowTitle().startswith("dark-layer"))
    assert not laboratory.window.start.isVisible()
