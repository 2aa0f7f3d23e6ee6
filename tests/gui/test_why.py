"""The panel that says why: true words and this run's numbers, from real runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target
from engine.insight.explanation import explain_pair, layer_causes
from engine.report.answers import Why
from engine.report.probes import pair_in
from engine.session.lab import Lab
from engine.symmetry.groups import layer_symmetry
from engine.symmetry.prediction import predict
from engine.training.trainer import Trainer
from gui.findings.why_words import (
    distinct_text,
    exact_text,
    link_text,
    moving_text,
    numbers_text,
    observation,
    prediction_text,
    question,
)
from gui.look.theme import DARK, LIGHT, apply_theme, prepare
from gui.side.why_panel import WhyPanel
from tests.builders import constant, experiment, layer, table, trainer_of

HALF = constant(0.5)


def facts_of(trainer: Trainer, pair: tuple[int, int, int] = (1, 0, 1)) -> Why:
    """Return what the panel shows of a trainer at its present step."""
    trainer.compute_gradient()
    symmetries = layer_symmetry(trainer.layout, trainer.theta)
    predictions = predict(Trainer(trainer.experiment, trainer.dataset))
    explained = explain_pair(trainer, pair_in(*pair)) if len(symmetries) > 1 else None
    return Why(symmetries, layer_causes(trainer), predictions, explained)


@cache
def preset_facts(target: str, lane: int, step: int, pair: tuple[int, int, int] = (1, 0, 1)) -> Why:
    lab = Lab(open_target(target))
    lab.train(step)
    return facts_of(lab.lanes[lane].visit(step), pair)


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> Iterator[WhyPanel]:
    """An open panel of 300 × 760 pixels with three lanes."""
    prepare(qapp)
    window = QWidget()
    apply_theme(window, LIGHT)
    qtbot.addWidget(window)
    window.resize(700, 900)
    view = WhyPanel(window)
    view.set_theme(LIGHT)
    view.show_lane_names(["zeros", "constant-2", "random"])
    view.resize(300, 760)
    window.show()
    yield view
    window.close()


def texts(view: QWidget, name: str = "") -> list[str]:
    """Return what can be read in a part of the panel, from top to bottom."""
    part = view.findChild(QWidget, name) if name else view
    assert part is not None
    labels = [label for label in part.findChildren(QLabel) if label.isVisible() and label.text()]
    return [label.text() for label in sorted(labels, key=lambda one: one.mapTo(view, one.pos()).y())]


def field(view: WhyPanel, name: str) -> QSpinBox:
    found = view.findChild(QSpinBox, name)
    assert found is not None
    return found


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


# Words


def test_four_equal_columns_that_learn_are_one_column_that_moves() -> None:
    why = preset_facts("columns", 0, 100)
    symmetry, prediction = why.symmetries[0], why.prediction[0]
    assert distinct_text(symmetry, is_output=False) == "Distinct? 1 of 4 columns, 1 group."
    assert moving_text(why.causes[0]) == "Moving? Yes."
    assert prediction_text(prediction, 4) == "Predicted: 1 of 4 columns distinct, at every step."
    assert observation(prediction, symmetry) == ("✓", "Now 1: as predicted so far.")


def test_a_layer_that_stands_still_says_which_factor_is_zero() -> None:
    causes = preset_facts("circles", 0, 10).causes
    assert moving_text(causes[1]) == (
        "Moving? Not in this step: dW2 = A1ᵀ·dZ2 is exactly 0. Everything it reads (A1) is 0. "
        "dZ2 is 0 because all outgoing weights W3 are 0."
    )
    assert moving_text(causes[2]).startswith("Moving? Only the biases: dW3 = A2ᵀ·dZ3 is exactly 0.")


def test_what_is_not_proved_is_said_as_a_bound() -> None:
    why = facts_of(trainer_of(experiment(layer(4, weights=HALF), layer(1))))
    prediction = why.prediction[0]
    assert prediction_text(prediction, 4) == "Predicted: at first 1 of 4 columns distinct, later at most 4."
    assert observation(prediction, why.symmetries[0]) == ("…", "Now 1: there can be more later.")
    random = preset_facts("columns", 2, 1)
    assert prediction_text(random.prediction[0], 4) == "Predicted: at most 4 of 4 columns distinct."
    assert observation(random.prediction[0], random.symmetries[0]) == ("✓", "Now 4: the most there can be.")


def test_a_prediction_made_at_an_edit_names_its_step() -> None:
    prediction = facts_of(trainer_of(experiment(layer(4, weights=HALF), layer(1)))).prediction[0]
    edited = replace(prediction, step=1200)
    assert prediction_text(edited, 4) == (
        "Predicted from step 1,200 on: at first 1 of 4 columns distinct, later at most 4."
    )
    assert prediction_text(replace(edited, columns=1), 4) == (
        "Predicted from step 1,200 on: at most 1 of 4 columns distinct."
    )
    assert prediction_text(replace(edited, columns=1, is_exact=True), 4) == (
        "Predicted from step 1,200 on: 1 of 4 columns distinct."
    )


def test_only_what_was_proved_can_be_contradicted() -> None:
    why = preset_facts("columns", 2, 1)
    symmetry, prediction = why.symmetries[0], why.prediction[0]
    one = replace(prediction, columns=1, columns_at_start=1, is_exact=True)
    assert observation(one, symmetry) == ("✗", "Now 4: against the prediction.")
    merged = replace(symmetry, columns=3)
    assert observation(prediction, merged) == ("≈", "Now 3: some columns that differed have become equal.")


def test_a_link_follows_from_those_before_it_only_while_all_are_equal() -> None:
    pair = preset_facts("columns", 0, 100).pair
    assert pair is not None
    assert question(pair) == "Why are neurons 1 and 2 of layer 1 equal?"
    assert link_text(pair, pair.links[1], unbroken=True) == "incoming weights W1"
    assert link_text(pair, pair.links[2], unbroken=True) == "so weighted sums z"
    assert link_text(pair, pair.links[2], unbroken=False) == "weighted sums z"


def test_the_numbers_are_those_of_this_run_and_all_their_digits_are_there() -> None:
    pair = preset_facts("columns", 2, 100).pair
    assert pair is not None
    assert [numbers_text(pair, link) for link in pair.links[:3]] == [
        "both 0.50, 0.90, 1.00",
        "from input 3: −0.34 and 1.36",
        "sample 2: −1.77 and 3.61",
    ]
    assert question(pair) == "Are neurons 1 and 2 of layer 1 equal, and will they stay so?"
    weights = pair.links[1]
    for exact in (weights.first[0], weights.second[0], weights.difference):
        assert repr(exact) in exact_text(weights)


def test_numbers_that_look_alike_show_their_difference() -> None:
    trainer = trainer_of(experiment(layer(2, weights=HALF), layer(1)))
    trainer.layout.blocks[0].weights(trainer.theta)[1, 1] += 1e-9
    pair = facts_of(trainer).pair
    assert pair is not None
    assert numbers_text(pair, pair.links[1]) == "from input 2: 0.50 and 0.50, difference 1.0e−9"


# The panel


def test_three_equal_outputs_of_equal_targets_are_one_column_that_stays(panel: WhyPanel) -> None:
    """No hidden layer, and still something that is equal: the outputs are counted, and said to be meant so."""
    chosen = experiment(
        layer(3, "identity", HALF), data=table([[1, 2]], [[1, 1, 1]]), loss={"kind": "squared-error"}
    )
    panel.show_lane(0, facts_of(trainer_of(chosen)))
    settle()
    shown = texts(panel, "why.layer.1")
    assert shown[0] == "Layer 1, output"
    assert "Distinct? 1 of 3 columns." in shown
    assert "Predicted: 1 of 3 columns distinct, at every step." in shown
    assert any(text.startswith("Outputs with equal columns, biases and targets") for text in shown)
    assert texts(panel, "why.pair") == []


def test_equal_outputs_of_different_targets_are_no_failure(panel: WhyPanel) -> None:
    chosen = experiment(
        layer(2, "identity", HALF), data=table([[1, 2]], [[1, 2]]), loss={"kind": "squared-error"}
    )
    panel.show_lane(0, facts_of(trainer_of(chosen)))
    settle()
    shown = texts(panel, "why.layer.1")
    assert "Predicted: at first 1 of 2 columns distinct, later at most 2." in shown
    assert any(text.startswith("Targets of equal columns differ") for text in shown)
    coloured = [label.styleSheet() for label in panel.findChildren(QLabel)]
    assert not any(LIGHT.warning in style for style in coloured)


def test_the_panel_shows_lights_prediction_chain_and_verdict(panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("columns", 0, 100))
    settle()
    layer_1 = texts(panel, "why.layer.1")
    assert layer_1[:2] == ["Layer 1", "Predicted: 1 of 4 columns distinct, at every step."], (
        "the conclusion first"
    )
    assert layer_1[3:5] == ["Distinct? 1 of 4 columns, 1 group.", "Moving? Yes."]
    assert texts(panel, "why.layer.2") == ["Layer 2, output", "Moving? Yes."]
    chain = texts(panel, "why.pair")
    assert chain.count("=") == 9
    assert "≠" not in chain
    assert chain[0] == "Why are neurons 1 and 2 of layer 1 equal?"
    assert chain[1].endswith("they stay equal."), "the conclusion first"
    assert chain[2].startswith("What would part them:")


def test_different_neurons_break_the_chain_and_are_not_a_failure(panel: WhyPanel) -> None:
    panel.show_lane(2, preset_facts("columns", 2, 100))
    settle()
    chain = texts(panel, "why.pair")
    assert (chain.count("="), chain.count("≠")) == (1, 8)
    assert chain[1].startswith("Two different neurons")
    assert not any(text.startswith("so ") for text in chain)
    marks = [label for label in panel.findChildren(QLabel) if label.text() == "≠"]
    assert sum(LIGHT.accent in mark.styleSheet() for mark in marks) == 1, "the first difference stands out"
    coloured = [label.styleSheet() for label in panel.findChildren(QLabel)]
    assert not any(LIGHT.warning in style for style in coloured)


def test_lights_differ_in_shape_and_words_not_only_in_colour(panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("circles", 0, 3))
    lamps = [
        label.styleSheet() for label in panel.findChildren(QLabel) if "border: 2px" in label.styleSheet()
    ]
    assert sum("transparent" in style for style in lamps) == 4
    assert sum(f"background: {LIGHT.accent}" in style for style in lamps) == 1


def test_a_network_with_fewer_layers_leaves_nothing_of_the_last_one(panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("circles", 0, 0))
    settle()
    assert len(texts(panel, "why.layer.3")) == 2
    panel.show_lane(0, facts_of(trainer_of(experiment(layer(1)))))
    settle()
    assert texts(panel, "why.layer.1") == ["Layer 1, output", "Moving? Yes."]
    for gone in ("why.layer.2", "why.layer.3", "why.pair"):
        assert texts(panel, gone) == []


def test_choosing_another_neuron_asks_for_its_pair_and_nothing_changes_before_the_answer(
    qtbot: QtBot, panel: WhyPanel
) -> None:
    facts = preset_facts("circles", 0, 0)
    panel.show_lane(0, facts)
    with qtbot.waitSignal(panel.pair_chosen) as chosen:
        field(panel, "why.second").setValue(7)
    assert chosen.args == [pair_in(1, 0, 6)]
    panel.show_lane(0, facts)
    assert field(panel, "why.second").value() == 7
    assert texts(panel, "why.pair")[0] == "Why are neurons 1 and 2 of layer 1 equal?"
    panel.show_lane(0, preset_facts("circles", 0, 0, (1, 0, 6)))
    assert texts(panel, "why.pair")[0] == "Why are neurons 1 and 7 of layer 1 equal?"


def test_another_layer_begins_with_its_first_two_neurons(qtbot: QtBot, panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("circles", 0, 0, (1, 8, 9)))
    with qtbot.waitSignal(panel.pair_chosen) as chosen:
        field(panel, "why.layer").setValue(2)
    assert chosen.args == [pair_in(2, 0, 1)]
    panel.show_lane(0, preset_facts("circles", 0, 0, (2, 0, 1)))
    assert field(panel, "why.first").maximum() == 5
    assert [field(panel, f"why.{name}").value() for name in ("layer", "first", "second")] == [2, 1, 2]


def test_a_neuron_is_not_compared_with_itself_but_one_can_pass_by(qtbot: QtBot, panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("circles", 0, 0, (1, 2, 3)))
    with qtbot.assertNotEmitted(panel.pair_chosen):
        qtbot.keyClick(field(panel, "why.second"), Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.pair_chosen) as chosen:
        qtbot.keyClick(field(panel, "why.second"), Qt.Key.Key_Down)
    assert chosen.args == [pair_in(1, 2, 1)]


def test_showing_asks_for_nothing_and_choosing_a_lane_does(qtbot: QtBot, panel: WhyPanel) -> None:
    with qtbot.assertNotEmitted(panel.lane_chosen), qtbot.assertNotEmitted(panel.pair_chosen):
        panel.show_lane_names(["a", "b"])
        panel.show_lane(1, preset_facts("columns", 1, 2, (1, 1, 3)))
    lanes = panel.findChild(QComboBox, "why.lane")
    assert lanes is not None
    assert lanes.currentText() == "b"
    with qtbot.waitSignal(panel.lane_chosen) as chosen:
        lanes.setCurrentIndex(0)
    assert chosen.args == [0]


def test_every_control_has_a_name_an_accessible_name_and_a_tooltip(panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("columns", 0, 0))
    controls = [*panel.findChildren(QSpinBox), *panel.findChildren(QComboBox)]
    assert {control.objectName() for control in controls} == {
        "why.layer",
        "why.first",
        "why.second",
        "why.lane",
    }
    assert all(control.accessibleName() and control.toolTip() for control in controls)


@pytest.mark.parametrize("width", [260, 300, 420])
@pytest.mark.parametrize(("target", "lane"), [("columns", 2), ("circles", 0), ("zero-gradient", 0)])
def test_no_text_is_cut_off(panel: WhyPanel, target: str, lane: int, width: int) -> None:
    panel.resize(width, 500)
    panel.show_lane(lane, preset_facts(target, lane, 10))
    settle()
    for label in panel.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        longest = max(label.fontMetrics().horizontalAdvance(word) for word in label.text().split())
        assert longest <= label.width(), label.text()
        assert label.mapTo(panel, label.rect().topRight()).x() < width, label.text()


def test_the_other_theme_recolours_what_is_shown(panel: WhyPanel) -> None:
    panel.show_lane(0, preset_facts("columns", 0, 100))
    panel.set_theme(DARK)
    panel.show_lane(0, preset_facts("columns", 0, 100))
    styles = " ".join(label.styleSheet() for label in panel.findChildren(QLabel))
    assert DARK.accent in styles
    assert LIGHT.accent not in styles


class Changes(QObject):
    """Counts the widgets that ask for a new layout or picture."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest, QEvent.Type.StyleChange}:
            self.count += 1
        return False


def test_what_did_not_change_is_not_set_again(panel: WhyPanel) -> None:
    facts = preset_facts("circles", 3, 5)
    panel.show_lane(2, facts)
    settle()
    changes = Changes()
    for widget in (panel, *panel.findChildren(QWidget)):
        widget.installEventFilter(changes)
    panel.show_lane(2, facts)
    settle()
    assert changes.count == 0
    panel.show_lane(2, preset_facts("circles", 3, 6))
    settle()
    assert changes.count > 0


def test_a_diverged_layer_is_compared_with_no_prediction(panel: WhyPanel) -> None:
    trainer = trainer_of(experiment(layer(3, weights=HALF), layer(1)))
    trainer.layout.blocks[0].weights(trainer.theta)[...] = float("nan")
    panel.show_lane(0, facts_of(trainer))
    settle()
    assert texts(panel, "why.layer.1")[1:] == ["Moving? Its numbers are no longer finite."]
    assert texts(panel, "why.pair")[1].startswith("Their numbers are no longer finite")
