"""The health panel and the plot of the gradients: what they say is what the engine found, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.kinds.loss import Mismatch
from engine.report.condition import Alarm, AlarmKind, Health
from engine.report.equality import LayerSimilarity
from engine.report.probes import Probes
from engine.report.snapshot import Snapshot
from engine.session.lab import Lab
from gui.findings.alarm_words import chip, sentence
from gui.look.theme import DARK, LIGHT, apply_theme, prepare
from gui.plots.curves_view import GradientPlot, SpreadPlot
from gui.side.health_panel import HealthPanel
from gui.text.words import number
from tests.builders import constant, experiment, layer

WIDTHS = [260, 300, 420]


@cache
def snapshot_of(target: str, steps: int, probes: Probes) -> Snapshot:
    lab = Lab(open_target(target))
    lab.train(steps)
    for _ in range(steps if probes.gradients else 0):  # its curves come little by little
        lab.snapshot(probes=probes)
    return lab.snapshot(probes=probes)


def health_of(target: str, lane: int, steps: int) -> Health:
    return seen(target, lane, steps)[0]


def seen(target: str, lane: int, steps: int) -> tuple[Health, tuple[LayerSimilarity, ...]]:
    insight = snapshot_of(target, steps, Probes(health=True, lane=lane)).lanes[lane].insight
    assert insight.health is not None
    assert insight.similarity is not None
    return insight.health, insight.similarity


def show(panel: HealthPanel, target: str, lane: int, steps: int) -> None:
    panel.show_lane(lane, *seen(target, lane, steps))


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> Iterator[HealthPanel]:
    prepare(qapp)
    view = HealthPanel()
    apply_theme(view, LIGHT)
    view.set_theme(LIGHT)
    view.show_lane_names(["zeros", "large", "xavier", "he"])
    view.resize(300, 700)
    view.show()
    yield view
    view.close()
    view.deleteLater()


def text(panel: HealthPanel, name: str) -> str:
    label = panel.findChild(QLabel, f"health.{name}")
    assert isinstance(label, QLabel), name
    return label.text() if not label.isHidden() else ""


def labels(panel: HealthPanel) -> list[QLabel]:
    return [label for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


def test_zeros_are_said_to_have_no_gradient(panel: HealthPanel) -> None:
    show(panel, "circles", 0, 50)
    assert text(panel, "alarms.text").splitlines() == [
        "Layers 1, 2, 3, step 50: the gradient of W is exactly 0.",
        "Layers 1, 2, step 50: equal neurons, 10 in 1 group, 5 in 1 group.",
        "Layer 3, step 50: the output is the same for every input.",
    ]
    assert text(panel, "layer.1.dead") == "0 of 10, 10 not started"
    assert text(panel, "layer.1.gradient") == "0"
    assert text(panel, "layer.1.update") == "W is 0"
    assert text(panel, "layer.1.note") == "The outputs of 10 neurons never vary."


def test_without_an_alarm_it_is_said_what_was_looked_at(panel: HealthPanel) -> None:
    show(panel, "circles", 3, 100)
    said = text(panel, "alarms.text")
    assert said.startswith(
        "No alarm at step 100. Looked at: the scale of inputs and targets, the output and the loss"
    )


def test_the_figures_are_those_of_the_engine(panel: HealthPanel) -> None:
    health, similarity = seen("circles", 3, 100)
    panel.show_lane(3, health, similarity)
    assert text(panel, "basis") == "Step 100, on all 300 training samples"
    similar = similarity[0]
    assert text(panel, "layer.1.cosine") == f"{similar.mean_abs_cosine:.2f} (random: 0.64)"
    assert text(panel, "layer.1.rank") == f"{similar.effective_rank:.1f} of 2"
    assert text(panel, "layer.1.correlation") == f"{similar.correlation:.3f}"
    assert text(panel, "layer.1.spread") == number(similar.spread)
    assert text(panel, "layer.1.parted") == "from the start"
    assert text(panel, "layer.1.acts") == f"{health.likeness[0].acts_like:.1f} of 10"
    assert text(panel, "layer.1.outputs") == f"{health.layers[0].variation:.2f}"
    assert text(panel, "layer.3.loss") == f"{health.output.loss:.4f} / {health.output.chance:.4f}"
    assert text(panel, "layer.3.targets") == "0 … 1"
    low, high = health.layers[0].inputs
    assert text(panel, "layer.1.inputs") == f"{low:.2f} … {high:.2f}".replace("-", "−")


def test_a_small_spread_is_a_number_and_not_a_judgement(panel: HealthPanel) -> None:
    lab = Lab(experiment(layer(4, weights={"kind": "normal", "std": 0.01}), layer(1)))
    lab.train(3)
    insight = lab.snapshot(probes=Probes(health=True)).lanes[0].insight
    assert insight.health is not None
    assert insight.similarity is not None
    panel.show_lane(0, insight.health, insight.similarity)
    assert text(panel, "layer.1.spread") == number(insight.similarity[0].spread)
    assert not text(panel, "layer.1.parted")


def test_rows_that_make_no_sense_are_left_out(panel: HealthPanel) -> None:
    show(panel, "circles", 3, 1)
    assert not text(panel, "layer.1.saturated"), "ReLU does not saturate"
    assert not text(panel, "layer.3.dead"), "a sigmoid does not die"
    assert text(panel, "layer.3.saturated") == "0 %"
    for key in ("cosine", "correlation", "acts", "rank", "spread", "parted"):
        assert not text(panel, f"layer.3.{key}"), "the output layer has no redundant neurons"


def test_large_data_say_how_many_samples_were_looked_at(panel: HealthPanel) -> None:
    health, similarity = seen("mnist-two-layer", 0, 0)
    panel.show_lane(0, health, similarity)
    assert text(panel, "basis") == f"Step 0, on {health.samples} of 4,000 training samples"
    first, second = text(panel, "alarms.text").splitlines()[:2]
    assert first == "Layer 1, step 0: raw pixels, inputs range from 0 to 255."
    assert second.startswith("Layer 1, step 0: 7")
    assert second.endswith(" % of the outputs are saturated.")


def test_another_network_has_other_cards(panel: HealthPanel, qapp: QApplication) -> None:
    show(panel, "circles", 0, 0)
    show(panel, "columns", 0, 0)
    qapp.processEvents()
    cards = [card for card in panel.findChildren(QFrame) if card.property("card") and card.isVisible()]
    assert [card.objectName() for card in cards] == ["health.layer.1", "health.layer.2"]


def test_cards_that_are_replaced_before_they_are_seen_do_not_become_windows(
    panel: HealthPanel, qapp: QApplication
) -> None:
    show(panel, "circles", 0, 0)
    show(panel, "columns", 0, 0)
    show(panel, "circles", 0, 0)
    qapp.processEvents()
    assert [widget.objectName() for widget in qapp.topLevelWidgets() if widget.isVisible()] == [
        panel.objectName()
    ]


@pytest.mark.parametrize(
    ("alarm", "words"),
    [
        (Alarm(AlarmKind.NOT_FINITE, (2,), (0.0,)), "Layer 2, step 1,200: numbers are no longer finite."),
        (
            Alarm(AlarmKind.SATURATED, (1,), (0.81,)),
            "Layer 1, step 1,200: 81 % of the outputs are saturated.",
        ),
        (
            Alarm(AlarmKind.SATURATED, (1, 2), (0.81, 0.6)),
            "Layers 1, 2, step 1,200: 60 % to 81 % of the outputs are saturated.",
        ),
        (
            Alarm(AlarmKind.SATURATED, (1,), (0.99996,)),
            "Layer 1, step 1,200: over 99.9 % of the outputs are saturated.",
        ),
        (
            Alarm(AlarmKind.DEAD, (1, 2), (3.0, 5.0)),
            "Layers 1, 2, step 1,200: dead neurons, 3 of 10, 5 of 5.",
        ),
        (
            Alarm(AlarmKind.VANISHING, (2,), (1e-9,)),
            "Layer 2, step 1,200: vanishing, dZ is 1.0e−9 of a later layer's.",
        ),
        (
            Alarm(AlarmKind.EXPLODING, (1,), (2e6,)),
            "Layer 1, step 1,200: exploding, dZ is 2.0e6 times the output layer's.",
        ),
        (
            Alarm(AlarmKind.LARGE_STEP, (1,), (0.35,)),
            (
                "Layer 1, step 1,200: large step, the next update is 35 % of the size of W, and the loss of its batch "
                "goes from 0.6931 to 1.500."
            ),
        ),
        (
            Alarm(AlarmKind.LARGE_STEP, (1, 2), (np.inf, np.inf)),
            (
                "Layers 1, 2, step 1,200: large step, W is 0, and the next update takes the loss of its batch from "
                "0.6931 to 1.500."
            ),
        ),
        (
            Alarm(AlarmKind.WEIGHT_DECAY, (1, 2), (20.0, np.inf)),
            "Layers 1, 2, step 1,200: weight decay pulls W 20 to ∞ times as hard as the loss does.",
        ),
        (
            Alarm(AlarmKind.WEIGHT_DECAY, (1,), (np.inf,)),
            "Layer 1, step 1,200: weight decay pulls W, and the loss does not.",
        ),
        (
            Alarm(AlarmKind.OUTPUT_RANGE, (3,), (0.25,)),
            "Layer 3, step 1,200: 25 % of the targets are out of reach, they range from 0 to 1, the output from 0 to 1.",
        ),
        (
            Alarm(AlarmKind.TARGETS_NOT_SCALED, (3,), (4.4e3,)),
            "Layer 3, step 1,200: targets are not scaled, they range from 0 to 1, and outputs are about 4.4e3 away.",
        ),
        (
            Alarm(AlarmKind.INPUTS_NOT_SCALED, (1,), (30.0,)),
            "Layer 1, step 1,200: inputs are not scaled, they range from −1.12 to 1.09.",
        ),
        (
            Alarm(AlarmKind.HIGH_LOSS, (3,), (7.857,)),
            "Layer 3, step 1,200: the loss of 5.446 is 7.86 times that of chance, 0.6931.",
        ),
        (
            Alarm(AlarmKind.OUTPUT_CONSTANT, (3,), (0.0,)),
            "Layer 3, step 1,200: the output is nearly the same for every input.",
        ),
        (
            Alarm(AlarmKind.OUTPUT_SATURATED, (3,), (0.5,)),
            "Layer 3, step 1,200: for 50 % of the samples the output is saturated on a wrong side.",
        ),
        (
            Alarm(AlarmKind.SYMMETRY, (1, 2), (1.0, 2.0)),
            "Layers 1, 2, step 1,200: equal neurons, 10 in 1 group, 5 in 2 groups.",
        ),
        (
            Alarm(AlarmKind.NEAR_SYMMETRY, (1,), (1.4,)),
            "Layer 1, step 1,200: similar neurons, 10 neurons act like 1.4.",
        ),
        (
            Alarm(AlarmKind.FADING, (2,), (1e-5,)),
            "Layer 2, step 1,200: fading, from sample to sample the outputs vary by 1.0e−5 only.",
        ),
        (
            Alarm(AlarmKind.GROWING, (1, 2), (300.0, 2000.0)),
            "Layers 1, 2, step 1,200: growing, the outputs have a size of 300 to 2.0e3.",
        ),
        (
            Alarm(AlarmKind.SMALL_STEP, (1,), (3e-8,)),
            "Layer 1, step 1,200: it hardly moves, the next update is 3.0e−8 of the size of W.",
        ),
    ],
)
def test_alarms_name_layer_and_step(alarm: Alarm, words: str) -> None:
    health = health_of("circles", 3, 0)
    output = replace(health.output, loss=5.446, chance=np.log(2))
    update = replace(health.update, loss=np.log(2), loss_after=1.5)
    assert sentence(alarm, replace(health, step=1200, output=output, update=update)) == words


def test_inputs_that_are_all_the_same_are_named_as_the_cause_of_a_constant_output() -> None:
    health = health_of("circles", 3, 0)
    alike = replace(health, inputs=replace(health.inputs, variation=0.0))
    assert sentence(Alarm(AlarmKind.OUTPUT_CONSTANT, (3,), (0.0,)), alike) == (
        "Layer 3, step 0: all inputs are the same, so the output is, too."
    )


def test_every_alarm_has_a_sentence_and_a_short_name() -> None:
    health = health_of("circles", 3, 0)
    for kind in AlarmKind:
        alarm = Alarm(kind, (1,), (1.0,))
        if kind is AlarmKind.LOSS_MISMATCH:
            output = replace(health.output, mismatch=Mismatch.DOUBLED)
            health = replace(health, output=output)
        assert sentence(alarm, health).startswith("Layer 1, step 0: ")
        assert 0 < len(chip([alarm])) <= 20
    assert chip([Alarm(AlarmKind.DEAD, (1,), (1.0,))] * 3) == "dead neurons +2"


@pytest.mark.parametrize("size", [1e9, 1e300, np.inf, np.nan])
def test_figures_beyond_all_measure_are_short(size: float) -> None:
    health = health_of("circles", 3, 0)
    layers = (replace(health.layers[0], inputs=(-size, size)), *health.layers[1:])
    output = replace(health.output, loss=size, targets=(-size, size), possible=(-np.inf, np.inf))
    broken = replace(health, layers=layers, output=output)
    for kind in AlarmKind:
        if kind not in {AlarmKind.DEAD, AlarmKind.SYMMETRY, AlarmKind.NEAR_SYMMETRY}:  # these count neurons
            assert len(sentence(Alarm(kind, (1,), (size,)), broken)) < 140


def test_a_lane_that_is_not_finite_can_be_looked_at(panel: HealthPanel) -> None:
    lab = Lab(open_target("tests/golden/cases/health_inf.json"))
    for steps in (0, 3):
        lab.train(steps)
        insight = lab.snapshot(probes=Probes(health=True)).lanes[0].insight
        assert insight.health is not None
        assert insight.similarity is not None
        panel.show_lane(0, insight.health, insight.similarity)
        assert text(panel, "alarms.text") == f"Layers 1, 2, 3, step {steps}: numbers are no longer finite."


def test_of_some_samples_nothing_is_said_of_all() -> None:
    health = replace(health_of("circles", 3, 0), all_samples=60_000)
    assert sentence(Alarm(AlarmKind.DEAD, (2,), (2.0,)), health) == (
        "Layer 2, step 0: dead neurons, 2 of 5 for the 300 samples looked at."
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("target", "lane"), [("circles", 0), ("circles", 1), ("mnist-two-layer", 0)])
def test_nothing_is_cut_off(
    panel: HealthPanel, qapp: QApplication, width: int, target: str, lane: int
) -> None:
    panel.resize(width, 1400)
    show(panel, target, lane, 3)
    qapp.processEvents()
    qapp.processEvents()
    assert panel.width() == width
    for label in labels(panel):
        needed = label.fontMetrics().horizontalAdvance(label.text())
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        else:
            assert needed <= label.width() + 1, label.text()
        right = label.mapTo(panel, label.rect().topRight()).x()
        assert right < panel.width(), label.text()


def test_the_alarms_do_not_jump_while_it_plays(panel: HealthPanel, qapp: QApplication) -> None:
    health, similarity = seen("mnist-two-layer", 0, 3)
    panel.show_lane(0, replace(health, alarms=health.alarms * 5), similarity)
    qapp.processEvents()
    box = panel.findChild(QWidget, "health.alarms")
    assert isinstance(box, QWidget)
    high = box.height()
    panel.show_lane(0, replace(health, alarms=()), similarity)
    qapp.processEvents()
    assert box.height() == high
    panel.show_lane_names(["other"])
    panel.show_lane(0, replace(health, alarms=()), similarity)
    qapp.processEvents()
    assert box.height() < high


def test_choosing_a_lane_asks_for_it_and_showing_one_does_not(panel: HealthPanel, qtbot: QtBot) -> None:
    asked: list[int] = []
    panel.lane_chosen.connect(asked.append)
    show(panel, "circles", 3, 0)
    panel.show_lane_names(["a", "b"])
    assert not asked
    assert panel.lanes.currentIndex() == 1
    with qtbot.waitSignal(panel.lane_chosen):
        qtbot.keyClick(panel.lanes, "a")
    assert asked == [0]


def test_every_figure_is_explained(panel: HealthPanel) -> None:
    show(panel, "circles", 3, 0)
    assert panel.lanes.objectName() == "health.lane"
    assert panel.lanes.accessibleName()
    assert panel.lanes.toolTip()
    for label in labels(panel):
        if label.objectName().startswith("health.layer.1.") and not label.objectName().endswith("note"):
            assert label.toolTip(), label.objectName()
            assert label.accessibleName(), label.objectName()


def test_the_bar_is_filled_up_to_the_cosine_and_ticked_at_random_columns(
    panel: HealthPanel, qapp: QApplication
) -> None:
    show(panel, "columns", 0, 100)  # equal columns of three numbers: 1, beside 0.5
    qapp.processEvents()
    bar = next(
        card for card in panel.findChildren(QFrame) if card.objectName() == "health.layer.1"
    ).findChild(QWidget, "health.layer.1.bar")
    assert isinstance(bar, QWidget)
    image = bar.grab().toImage()
    middle = image.height() // 2
    assert image.pixelColor(image.width() - 4, middle).name() == LIGHT.accent
    assert image.pixelColor(image.width() // 2, 0).name() == LIGHT.text


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_zero_gradients_are_drawn_in_the_band_of_zero(qtbot: QtBot, theme: object) -> None:
    plot = GradientPlot()
    qtbot.addWidget(plot)
    plot.set_theme(DARK if theme is DARK else LIGHT)
    plot.resize(500, 200)
    snapshot = snapshot_of("circles", 60, Probes(gradients=True))
    lab_curves = snapshot.lanes[0].insight.gradient_curves
    assert [curve.high.any() for curve in lab_curves] == [False] * 3
    plot.show_snapshot(snapshot)
    assert set(plot._lines) == {(lane, layer) for lane in range(4) for layer in range(3)}
    zero, positive = plot._lines[0, 0].path().boundingRect(), plot._lines[3, 0].path().boundingRect()
    assert zero.height() == 0
    assert positive.bottom() < plot._band.rect().top() < zero.top()
    assert plot._label.text().startswith("exactly 0")


def test_a_layer_of_one_neuron_is_not_drawn_at_columns_identical(qtbot: QtBot) -> None:
    plot = SpreadPlot()
    qtbot.addWidget(plot)
    plot.resize(500, 200)
    lab = Lab(experiment(layer(1), layer(3, weights=constant(0.5)), layer(1, weights=constant(0.5))))
    lab.train(20)
    plot.show_snapshot(lab.snapshot())
    assert plot._lines[0, 0].path().isEmpty(), "one neuron"
    assert not plot._lines[0, 1].path().isEmpty(), "three equal ones"
    assert not plot._markers[0].isVisible()


def test_the_gradient_plot_shows_the_size_per_weight(qtbot: QtBot) -> None:
    plot = GradientPlot()
    qtbot.addWidget(plot)
    plot.resize(500, 200)
    snapshot = snapshot_of("columns", 10, Probes(gradients=True))
    plot.show_snapshot(snapshot)
    lane = snapshot.lanes[2]
    size = np.sqrt(np.mean(lane.layers[0].gradient ** 2))
    marker = plot._markers[2].pos()
    assert marker.y() == pytest.approx(float(plot.place_y(np.log10(size))))
    last = plot._lines[2, 0].path().currentPosition()
    assert (last.x(), last.y()) == pytest.approx((marker.x(), marker.y()))
