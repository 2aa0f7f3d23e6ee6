"""The page that says which start is right for a lane: theory, a race, starts to try and to keep, an activation."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.advice.advice import Advice, OtherActivation, Place, Reason
from engine.advice.gains import Gains
from engine.advice.theory import Theory
from engine.model.activations import Relu, Sigmoid
from engine.model.initializers import Constant, GlorotNormal, HeNormal, Lsuv, Normal, VarianceScaling
from engine.symptoms.findings import Cure
from engine.trials.outcome import Share
from gui.advice.counsel_state import Counsel, Stage
from gui.advice.gains_picture import backward_course, forward_course
from gui.advice.spread_bar import loss_scale
from gui.app.application import Laboratory
from gui.side.advice_panel import AdvicePanel
from tests.builders import document, layer
from tests.command_line import experiment_file

from .conftest import Build
from .test_lane_menu import wait_for
from .test_real_use import press

pytestmark = pytest.mark.untraced

LEFT = Qt.MouseButton.LeftButton
SMALL = document(
    layer(4, "tanh", {"kind": "normal", "std": 0.01}),
    layer(1, "sigmoid", {"kind": "normal", "std": 0.01}),
    optimizer={"kind": "adam", "learning_rate": 0.03},
    steps=30,
)
GAINS = Gains((2.0, 0.5), (0.25, 1.0))


@pytest.fixture
def lab(qtbot: QtBot, build: Build, tmp_path: Path) -> Laboratory:
    """A window on one small lane, with the page open, and theory on it."""
    laboratory = build(str(experiment_file(tmp_path, SMALL)), size=(1280, 800))
    press(qtbot, laboratory, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(
        lambda: laboratory.window.side.advice.theory.isVisible() and laboratory.advisor.is_at_rest
    )
    return laboratory


def part(laboratory: Laboratory, name: str, kind: type = QPushButton) -> QWidget:
    found = laboratory.window.findChild(kind, f"advice.{name}")
    assert found is not None, name
    return found


def names(laboratory: Laboratory) -> list[str]:
    assert laboratory.training.log is not None
    return [lane.name for lane in laboratory.training.log.recipe.lanes]


def test_a_race_is_stopped_and_its_first_start_becomes_a_lane_and_the_experiment(
    qtbot: QtBot, lab: Laboratory
) -> None:
    page, sentences = lab.window.side.advice, part(lab, "theory.sentences", QLabel)
    assert isinstance(sentences, QLabel)
    assert sentences.text().startswith("Mean field: χ = ")
    assert not page.cards

    page.seconds.selectAll()
    qtbot.keyClicks(page.seconds, "600")
    qtbot.mouseClick(page.ask, LEFT)
    assert (page.cancel.isVisible(), page.progress.isVisible(), page.ask.isVisible()) == (True, True, False)
    qtbot.waitUntil(lambda: bool(page.cards))
    assert page.title.text().startswith("Racing… about ")
    qtbot.mouseClick(page.cancel, LEFT)
    assert page.ask.isVisible()
    QApplication.processEvents()  # the cards get their places
    advice = page.shown
    assert advice is not None
    assert (advice.was_asked, advice.is_complete) == (True, False)
    assert "It was stopped: this is the ranking so far." in page.basis.text()
    assert len(page.cards) == len(advice.places)
    assert [card.isVisible() for card in page.cards] == [number < 5 for number in range(len(page.cards))]

    [before] = names(lab)
    qtbot.mouseClick(part(lab, "start.0.try"), LEFT)
    qtbot.waitUntil(lambda: len(lab.window.lanes) == 2)
    assert names(lab)[1].startswith(f"{before} with ")
    assert page.lanes.currentText() == before  # where it can be kept
    menu = part(lab, "start.0.keep.menu", QMenu)
    assert isinstance(menu, QMenu)
    qtbot.mouseClick(part(lab, "start.0.keep", QToolButton), LEFT)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[0]).center())
    wait_for(qtbot, lab, before)
    assert lab.training.log is not None
    [lane] = lab.training.log.recipe.lanes
    assert {layer.weights for layer in lane.experiment.network.layers} == {advice.places[0].weights}
    for wanted in (2, 1):
        press(qtbot, lab, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda wanted=wanted: len(names(lab)) == wanted)
    assert page.shown == advice  # what is known of the lane was kept
    press(qtbot, lab, Qt.Key.Key_N)  # another seed is another experiment: theory is looked up anew
    qtbot.waitUntil(lambda: page.shown is not None and not page.shown.places)
    assert not any(card.isVisible() for card in page.cards)
    qtbot.waitUntil(lambda: lab.advisor.is_at_rest and not multiprocessing.active_children())


def place(weights: object, learned: int, low: float, median: float, high: float, **more: bool) -> Place:
    assert isinstance(weights, HeNormal | GlorotNormal | VarianceScaling | Lsuv | Normal | Constant)
    return Place(weights, Share(learned, 8, median), median, low, high, GAINS, Reason.KEEPS, **more)


def advice(*places: Place, other: OtherActivation | None = None) -> Advice:
    return Advice(
        "it", (Sigmoid(),), GAINS, Theory(0.05), 100, places, 100, len(places), 16, 16, 3.2, True, other=other
    )


@pytest.fixture
def page(qtbot: QtBot) -> AdvicePanel:
    panel = AdvicePanel()
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    panel.show()
    return panel


def test_a_ranking_says_what_is_tied_and_what_is_there_now(page: AdvicePanel) -> None:
    ranked = advice(
        place(HeNormal(), 8, 0.1, 0.2, 0.3),
        place(Lsuv(), 8, 0.25, 0.3, 0.4, is_tied=True),
        place(Normal(std=0.01), 0, 0.69, 0.69, 0.7, is_present=True),
    )
    page.show_counsel(0, Counsel(Stage.RACING, ranked, share=0.5))
    assert page.title.text() == "Racing… about 50 %"
    assert not any(card.title.isEnabled() for card in page.cards)  # another may take its place
    page.show_counsel(0, Counsel(advice=ranked))
    assert page.title.text() == "He (Kaiming) normal"
    assert "8 of 8 seeds learn; the median loss is 0.2000" in page.text.text()
    assert "1 other start is tied with it" in page.text.text()
    reasons = [page.findChild(QLabel, f"advice.start.{number}.reason") for number in range(3)]
    begins = ("Signal and gradient keep ", "Tied with the first; ", "The lane starts so now. Signal ")
    for reason, begin in zip(reasons, begins, strict=True):
        assert reason is not None
        assert reason.text().startswith(begin)


def test_a_long_name_of_a_start_has_more_lines_for_its_numbers(page: AdvicePanel) -> None:
    long = GlorotNormal(gain=4.0), VarianceScaling(scale=2.0), HeNormal()
    page.show_counsel(0, Counsel(advice=advice(*(place(one, 60, 0.1, 0.2, 0.3) for one in long))))
    QApplication.processEvents()
    titles = [card.title for card in page.cards]
    assert [title.text().replace("\n", " ") for title in titles] == [
        "1. Glorot (Xavier) normal, gain 4",
        "2. variance scaling, scale 2, fan_in, truncated-normal",
        "3. He (Kaiming) normal",
    ]
    assert ["\n" in title.text() for title in titles] == [True, True, False]
    assert titles[0].height() > 1.5 * titles[2].height() - 8
    assert page.width() == 300


def test_where_no_start_helps_the_activation_that_does_can_be_taken(qtbot: QtBot, page: AdvicePanel) -> None:
    other = OtherActivation(Relu(), HeNormal(), Share(3, 3, 0.1))
    taken: list[tuple[Cure, str]] = []
    page.try_requested.connect(lambda cure, label: taken.append((cure, label)))
    page.show_counsel(0, Counsel(advice=advice(place(Lsuv(), 0, 0.69, 0.69, 0.7), other=other)))
    assert page.title.text() == "Another activation learns"
    assert "With sigmoid no scale of the weights helps; with ReLU" in page.text.text()
    attempt = page.findChild(QPushButton, "advice.other.try")
    assert attempt is not None
    qtbot.mouseClick(attempt, LEFT)
    [(cure, label)] = taken
    assert label == "ReLU, He (Kaiming) normal"
    assert dict(cure.changes)["network.layers.hidden.activation"] == {"kind": "relu"}


def test_a_click_on_a_start_shows_its_code_to_copy(qtbot: QtBot, page: AdvicePanel) -> None:
    page.show_counsel(
        0, Counsel(advice=advice(place(HeNormal(), 8, 0.1, 0.2, 0.3), place(Lsuv(), 8, 0.4, 0.5, 0.6)))
    )
    assert page.findChild(QToolButton, "advice.start.1.code") is None
    qtbot.mouseClick(page.cards[1].title, LEFT)
    code = page.findChild(QToolButton, "advice.start.1.code")
    assert code is not None
    qtbot.mouseClick(code, LEFT)
    copy = page.findChild(QPushButton, "advice.start.1.lines.pytorch.copy")
    assert copy is not None
    qtbot.mouseClick(copy, LEFT)
    assert "torch.nn.init.orthogonal_(layer.weight)" in QGuiApplication.clipboard().text()


def test_courses_are_powers_of_ten_from_the_inputs_and_from_the_last_layer() -> None:
    assert forward_course(Gains((10.0, 0.001), (0.1, 1.0))).powers == pytest.approx((0.0, 1.0, -2.0))
    backward = backward_course(Gains((1.0, 1.0, 1.0), (0.1, 0.01, 1.0)))
    assert (backward.first, backward.powers) == (1, pytest.approx((-3.0, -2.0, 0.0)))
    assert backward_course(Gains((1.0, 1.0), (0.0, 1.0))).powers == (-float("inf"), 0.0)


def test_losses_have_their_place_in_powers_of_ten_and_infinite_ones_the_last() -> None:
    scale = loss_scale([place(HeNormal(), 8, 0.01, 0.1, 1.0)])
    assert [scale.at(loss) for loss in (0.001, 0.01, 0.1, 1.0, float("inf"))] == pytest.approx(
        [0, 0, 0.5, 1, 1]
    )
