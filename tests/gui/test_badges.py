"""Facts about groups on the screen: each has its colour and its number, and every layer has its chip."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QGraphicsPathItem, QGraphicsSimpleTextItem, QLabel
from pytestqt.qtbot import QtBot

from engine.report.probes import NeuronRef
from engine.report.snapshot import LaneSnapshot
from engine.symmetry.groups import group_labels
from gui.app.application import Laboratory
from gui.canvas.badge_items import Badges
from gui.canvas.graph_view import GraphView
from gui.canvas.heatmap_view import HeatmapView
from gui.lanes.lane_view import LaneView
from gui.lanes.layer_chips import LayerChips
from gui.look.theme import THEMES, Theme
from gui.present.badges import (
    HEIGHT,
    INK,
    ROOMY_RADIUS,
    Neighbours,
    above_columns,
    badge_width,
    group_colours,
    neighbours_by_group,
)
from gui.present.neuron_pictures import NeuronPictures
from gui.text.layer_runs import most_telling, runs
from gui.text.words import LayerState, Wording
from tests.builders import Document, constant, document, layer

from .conftest import Build
from .test_looks import SIZES
from .test_real_use import press, shown

SMALL = (1280, 720)


def items_of(view: GraphView | HeatmapView) -> Badges:
    return view.neurons.badges if isinstance(view, GraphView) else view._badges


def badges(view: GraphView | HeatmapView) -> list[tuple[str, QGraphicsPathItem, QGraphicsSimpleTextItem]]:
    """Return the number, the ground and the text of each badge that is shown."""
    return [(text.text(), ground, text) for ground, text in items_of(view)._items if ground.isVisible()]


def numbers(view: GraphView | HeatmapView) -> list[str]:
    return [number for number, _, _ in badges(view)]


def boxes(view: GraphView | HeatmapView) -> list[QRectF]:
    """Return where the badges are."""
    return [
        (ground if ground.path().elementCount() else text).sceneBoundingRect()
        for _, ground, text in badges(view)
    ]


def shared(labels: tuple[int, ...]) -> set[str]:
    """Return the numbers of the groups with more than one member."""
    return {str(label + 1) for label, size in Counter(labels).items() if size > 1}


def file_of(folder: Path, experiment: Document) -> str:
    path = folder / "made.json"
    path.write_text(json.dumps({"format": "initscope-experiment", "version": 1, **experiment}))
    return str(path)


def with_copies(folder: Path, groups: list[int]) -> str:
    """Write an experiment whose hidden neurons are in these groups, and return its path."""
    random = np.random.default_rng(0)
    incoming, outgoing = random.normal(size=(64, max(groups) + 1)), random.normal(size=(max(groups) + 1, 10))
    np.savez(folder / "copies.npz", w1=incoming[:, groups], w2=outgoing[groups])
    from_file = {"kind": "file", "path": "copies.npz"}
    layers = [
        layer(len(groups), "tanh", {**from_file, "array": "w1"}),
        layer(10, "softmax", {**from_file, "array": "w2"}),
    ]
    digits = {"kind": "digits", "train": 50, "test": 0}
    return file_of(folder, document(*layers, data=digits, loss={"kind": "cross-entropy"}))


def nudge(qtbot: QtBot, laboratory: Laboratory, lane: int) -> LaneView:
    """Change one weight of neuron 5 of layer 1, and return the new lane."""
    window = laboratory.window
    count = len(window.lanes)
    window.lanes[lane].nudge_requested.emit(NeuronRef(1, 4), 0, 1.5)
    qtbot.waitUntil(lambda: len(window.lanes) == count + 1)
    qtbot.waitUntil(window.lanes[-1].heatmaps[-1].isVisible)
    QApplication.processEvents()
    return window.lanes[-1]


# Numbers of groups


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", ["columns", "circles"])
def test_every_group_has_its_number_in_graph_and_heatmaps(
    build: Build, target: str, size: tuple[int, int], theme: str
) -> None:
    laboratory = build(target, size, theme)
    lane, view = shown(laboratory).lanes[0], laboratory.window.lanes[0]
    assert lane.name == "zeros"
    graph_numbers = numbers(view.graph)
    for number, hidden in enumerate(lane.hidden_layers, start=1):
        assert set(numbers(view.heatmaps[number - 1])) == shared(hidden.symmetry.labels) == {"1"}
        assert graph_numbers.count("1") >= number
    assert not numbers(view.heatmaps[-1]), "neurons of the output layer are no groups"
    assert not numbers(laboratory.window.lanes[-1].graph), "random neurons are alone"


def test_a_number_stands_in_large_neurons_and_beside_small_ones(build: Build) -> None:
    large = build("columns", SMALL).window.lanes[0].graph
    assert large.layers.radius >= ROOMY_RADIUS
    assert numbers(large) == ["1"] * 4
    for (_, _, text), node in zip(badges(large), large.neurons.circles[1], strict=True):
        assert node.sceneBoundingRect().contains(text.sceneBoundingRect().center())

    small = build("circles", SMALL).window.lanes[0].graph
    assert small.layers.radius < ROOMY_RADIUS
    assert numbers(small) == ["1", "1"], "one beside each hidden layer"
    nodes = [node.sceneBoundingRect() for layer_nodes in small.neurons.circles for node in layer_nodes]
    for box in boxes(small):
        assert not any(box.intersects(node.adjusted(1, 1, -1, -1)) for node in nodes)
    first = [layer_nodes[0] for layer_nodes in small.neurons.circles[1:3]]
    for (_, ground, _), node in zip(badges(small), first, strict=True):
        assert ground.brush().color() == node.brush().color()


@pytest.mark.parametrize("size", SIZES)
def test_badges_beside_small_neurons_never_cover_each_other(
    build: Build, tmp_path: Path, size: tuple[int, int]
) -> None:
    groups = [0, 1, 2, 0, 3, 1] * 6
    laboratory = build(with_copies(tmp_path, groups), size)
    graph = laboratory.window.lanes[0].graph
    drawn = graph.layers.columns[1].units
    labels = shown(laboratory).lanes[0].layers[0].symmetry.labels
    assert set(numbers(graph)) == {str(labels[unit] + 1) for unit in drawn}
    for first, second in combinations(boxes(graph), 2):
        assert not first.adjusted(1, 1, -1, -1).intersects(second.adjusted(1, 1, -1, -1))


def test_a_nudged_neuron_leaves_its_group_and_carries_no_number(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", SMALL)
    lane = nudge(qtbot, laboratory, 0)
    assert shown(laboratory).lanes[-1].layers[0].symmetry.groups == 2
    assert numbers(lane.heatmaps[0]) == ["1", "1"], "left and right of it"
    assert numbers(lane.graph) == ["1", "1", "1"], "the same in layer 1, and the group of layer 2"
    press(qtbot, laboratory, Qt.Key.Key_G)
    assert numbers(lane.heatmaps[0]) == ["1"]
    assert numbers(lane.graph) == ["1", "1"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", ["columns", "circles"])
def test_badges_stand_between_the_caption_and_the_columns_of_their_group(
    build: Build, target: str, size: tuple[int, int]
) -> None:
    for heatmap in build(target, size).window.lanes[0].heatmaps[:-1]:
        caption, frame = heatmap._weights.title.sceneBoundingRect(), heatmap._weights.frame.rect()
        assert boxes(heatmap)
        for box in boxes(heatmap):
            assert caption.bottom() - 2 <= box.top(), "letters leave the lowest pixels of a line free"
            assert box.bottom() <= frame.top() + 1
            assert frame.left() - 1 <= box.left()
            assert box.right() <= frame.right() + 1


def test_columns_too_narrow_for_a_number_keep_their_colour() -> None:
    labels = [0, 0, 1, 1, 1, 2, 0]
    theme = THEMES["light"]
    found = neighbours_by_group(labels, group_colours(labels, theme))
    first, second = theme.groups[:2]
    assert found == [Neighbours(0, first, 0, 2), Neighbours(1, second, 2, 5), Neighbours(0, first, 6, 7)], (
        "2 is alone"
    )
    assert [badge.number for badge in above_columns(found, 40.0)] == ["1", "1", "2", "2", "2", "1"]
    middles = [(badge.number, badge.x) for badge in above_columns(found, 10.0)]
    assert middles == [("1", 10.0), ("2", 35.0), ("1", 65.0)]
    assert [badge.number for badge in above_columns(found, 4.0)] == ["2"]
    assert not above_columns(found, 1.0)


def test_neurons_of_nan_have_no_colour_of_a_group() -> None:
    rows = np.array([[1.0, np.nan], [1.0, np.nan], [2.0, 0.0], [2.0, 0.0]])
    light = THEMES["light"]
    assert group_colours(group_labels(rows), light) == [None, None, light.groups[0], light.groups[0]]


def test_pictures_of_neurons_carry_the_number_of_their_group(build: Build, tmp_path: Path) -> None:
    view = build(with_copies(tmp_path, [0, 0, 1, 1, 2]), (1920, 1080)).window.lanes[0].heatmaps[0]
    pictures = view.arrangement
    assert isinstance(pictures, NeuronPictures)
    assert numbers(view) == ["1", "1", "2", "2"], "neuron 5 is alone"
    frame = view._weights.frame.rect()
    for neuron, box in enumerate(boxes(view)):
        inside = box.center() - frame.topLeft()
        found = pictures.place_at(inside.x(), inside.y())
        assert found is not None
        assert found[1] == [neuron]


def test_of_small_pictures_the_first_of_each_row_of_a_group_carries_the_number(
    tmp_path: Path, build: Build
) -> None:
    digits = {"kind": "mnist", "train": 50, "test": 0}
    layers = [layer(100, "tanh", constant(0.1)), layer(10, "softmax", constant(0.1))]
    target = file_of(tmp_path, document(*layers, data=digits, loss={"kind": "cross-entropy"}))
    view = build(target, (900, 700)).window.lanes[0].heatmaps[0]
    pictures = view.arrangement
    assert isinstance(pictures, NeuronPictures)
    assert numbers(view) == ["1"] * -(-pictures.shown // pictures.per_row)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_numbers_are_legible_on_every_colour_of_a_group(theme: Theme) -> None:
    def light(colour: QColor) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in colour.getRgbF()[:3]
        ]
        return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))

    for colour in theme.groups:
        assert (light(QColor(colour)) + 0.05) / (light(INK) + 0.05) > 3.5, colour


def test_numbers_of_as_many_digits_have_badges_of_one_width() -> None:
    assert badge_width("1") == badge_width("8") < HEIGHT < badge_width("12") < badge_width("100")


def test_badges_are_drawn_again_only_when_groups_change(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory = build("circles", SMALL)
    view, snapshot = laboratory.window.lanes[0], shown(laboratory)
    drawn: list[object] = []
    for drawing in (view.graph, view.heatmaps[0]):
        monkeypatch.setattr(items_of(drawing), "show", lambda *what: drawn.append(what))
    assert view.heatmaps[0]._shown is not None
    view.show_lane(snapshot.lanes[0], view.heatmaps[0]._shown[2], snapshot)
    assert not drawn
    view.show_lane(snapshot.lanes[3], view.heatmaps[0]._shown[2], snapshot)
    assert len(drawn) == 2


def test_another_theme_changes_the_colours_of_badges(build: Build) -> None:
    laboratory = build("circles", SMALL)
    view = laboratory.window.lanes[0]
    for theme in THEMES.values():
        laboratory.window.set_theme(theme)
        shows = view.heatmaps[0]._shown
        assert shows is not None
        view.show_lane(shows[0], shows[2], shown(laboratory))
        for drawing in (view.graph, view.heatmaps[0]):
            assert {ground.brush().color().name() for _, ground, _ in badges(drawing)} == {theme.groups[0]}


# The chips of the layers


def assert_full_status(view: LaneView, lane: LaneSnapshot) -> None:
    """Check that all is said of each hidden layer, on a chip as far as there is room, and that no chip is cut off."""
    sentences, chips = view.status.text().splitlines(), view.status.findChildren(QLabel)
    for sentence, chip, hidden in zip(sentences, chips, lane.hidden_layers, strict=True):
        found = hidden.symmetry
        neurons = rf"{found.units} neurons( act like [\d.]+)?"
        assert re.search(rf"{neurons}, {found.columns} distinct columns?, {found.groups} group", sentence)
        assert chip.toolTip().startswith(sentence)
        assert re.search(rf"\b{found.columns}(/| of ){found.units}\b", chip.text())
        assert chip.isVisible()
        assert view.status.rect().contains(chip.geometry())
        assert chip.fontMetrics().horizontalAdvance(chip.text()) < chip.width()
    for left, right in pairwise(chips):
        assert not left.geometry().intersects(right.geometry())
    assert f"Layer 1: {lane.layers[0].symmetry.units} neurons" in view.status.toolTip()


@pytest.mark.parametrize("side", [False, True], ids=["", "side panel"])
@pytest.mark.parametrize(
    "target", ["columns", "circles", "mnist-per-sample", "mnist-two-layer", "zero-gradient"]
)
def test_every_layer_has_its_chip_at_1280(qtbot: QtBot, build: Build, target: str, side: bool) -> None:
    laboratory = build(target, SMALL)
    laboratory.display.set_side(side)
    qtbot.wait(1)
    for view, lane in zip(laboratory.window.lanes, shown(laboratory).lanes, strict=True):
        assert_full_status(view, lane)


def test_every_layer_has_its_chip_in_eight_lanes(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", SMALL)
    for lane in range(4):
        nudge(qtbot, laboratory, lane)
    for view, lane in zip(laboratory.window.lanes, shown(laboratory).lanes, strict=True):
        assert_full_status(view, lane)


def test_chips_of_one_lane_name_their_layers_alike(build: Build) -> None:
    laboratory, forms = build("circles"), set[bool]()
    laboratory.display.set_side(on=True)
    laboratory.display.set_editor(True)
    for width in (1900, *range(1660, 1560, -10)):
        laboratory.window.resize(width, 800)
        QApplication.processEvents()
        for lane in laboratory.window.lanes:
            [chips] = lane.findChildren(LayerChips)
            told = [chip.text() for chip in chips.findChildren(QLabel)]
            form = {text.startswith("Layer") for text in told}
            assert len(form) == 1, (width, told)
            forms |= form
    assert forms == {True, False}, "there was room for both"


@pytest.mark.parametrize(
    ("lanes", "chip"), [(1, "Layer 5: 12 of 12 distinct · gradients differ"), (8, "12/12")]
)
def test_chips_of_deep_networks_leave_room_for_the_drawings(
    build: Build, tmp_path: Path, lanes: int, chip: str
) -> None:
    layers = [layer(12, "tanh") for _ in range(5)] + [layer(1)]
    experiment = document(*layers, variants=[{"name": name, "set": {}} for name in "abcdefgh"[:lanes]])
    laboratory = build(file_of(tmp_path, experiment), SMALL)
    status = laboratory.window.lanes[0].status
    assert status.height() < 50
    assert [found.text() for found in status.findChildren(QLabel)][-1] == chip
    assert "Layer 5: 12 neurons, 12 distinct columns, 12 groups. Gradients differ." in status.toolTip()


def state(number: int, columns: int = 8, gradients: int = 8) -> LayerState:
    return LayerState(number, 8, columns, columns, gradients)


def test_neighbours_of_one_state_share_a_chip_that_names_all_of_them() -> None:
    states = [
        state(1, 3),
        *map(state, range(2, 50)),
        state(50, gradients=7),
        state(51, 1, 0),
        state(52, 1, 0),
    ]
    assert [run.text for run in runs(states, Wording.SHORT)] == [
        "L1: 3 of 8 distinct · gradients differ",
        "L2–49: 8 of 8 distinct · gradients differ",
        "L50: 8 of 8 distinct · 7 gradients",
        "L51–52: 1 of 8 distinct · gradients 0",
    ]
    brief = runs(states, Wording.BRIEF)
    assert [run.text for run in brief] == ["L1: 3 of 8", "L2–50: 8 of 8", "L51–52: 1 of 8"]
    assert [run.is_stuck for run in brief] == [True, False, True]
    assert brief[1].told.splitlines() == [
        "Layers 2–49: 8 neurons, 8 distinct columns, 8 groups each. Gradients differ.",
        "Layer 50: 8 neurons, 8 distinct columns, 8 groups. 7 distinct gradients.",
    ]


def test_layers_that_are_stuck_have_their_chips_first_and_the_others_are_counted() -> None:
    states = [state(number, 8 - (number % 9 == 0), 8 - number % 2) for number in range(1, 100)]
    found = runs(states, Wording.SHORT)
    assert len(found) == len(states)
    shown = most_telling(found, 12)
    assert [run.text.partition(":")[0] for run in shown[:-1]] == ["L1", *(f"L{9 * n}" for n in range(1, 12))]
    assert (shown[-1].text, shown[-1].is_stuck) == ("+ 87 layers", False)
    assert sum(run.layers for run in shown) == len(states)


def test_chips_of_a_hundred_layers_take_two_rows(build: Build, tmp_path: Path) -> None:
    start = constant(0.5), {"kind": "normal"}, {"kind": "normal"}
    layers = [layer(2, "tanh", start[number % 3]) for number in range(99)]
    laboratory = build(file_of(tmp_path, document(*layers, layer(1), steps=1)), SMALL)
    status = laboratory.window.lanes[0].status
    chips = [chip for chip in status.findChildren(QLabel) if chip.isVisible()]
    assert status.height() < 50
    assert chips[-1].text().startswith("+ ")
    assert len(status.text().splitlines()) == 99
    named = [re.match(r"L(\d+)(?:–(\d+))?:", chip.text()) for chip in chips[:-1]]
    told = [int(found[2] or found[1]) - int(found[1]) + 1 for found in named if found is not None]
    assert sum(told) + int(chips[-1].text().split()[1]) == 99
    for chip in chips:
        assert status.rect().contains(chip.geometry())
        assert chip.fontMetrics().horizontalAdvance(chip.text()) < chip.width()


def test_a_chip_of_what_is_stuck_looks_different(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", SMALL)
    stuck, calm = (laboratory.window.lanes[index].status.findChildren(QLabel)[0] for index in (0, 2))
    grounds = [QColor(chip.grab().toImage().pixel(chip.width() // 2, 3)) for chip in (stuck, calm)]
    theme = laboratory.window.theme
    assert [ground.name() for ground in grounds] == [theme.stuck, theme.surface]
    assert (stuck.text(), calm.text()) == (
        "Layer 1: 1 of 10 distinct · gradients 0",
        "Layer 1: 10 of 10 distinct · gradients differ",
    )


def test_a_lane_that_diverged_says_so_without_being_cut_off(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    experiment = document(
        layer(3, "relu"),
        layer(1, "identity"),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 1e300},
        variants=[{"name": name, "set": {}} for name in "abcdefgh"],
    )
    laboratory = build(file_of(tmp_path, experiment), SMALL)
    laboratory.training.go_to(5)
    qtbot.waitUntil(lambda: shown(laboratory).step == 5)
    for view in laboratory.window.lanes:
        assert view.status.text().startswith("Diverged at step ")
        chip = view.status.findChild(QLabel)
        assert isinstance(chip, QLabel)
        assert chip.text().startswith("Diverged")
        assert view.status.rect().contains(chip.geometry())
        assert " is not finite." in chip.toolTip()


@pytest.mark.parametrize("target", ["columns", "circles", "mnist-per-sample"])
def test_titles_of_matrices_have_room_beside_the_side_panel(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target, SMALL)
    laboratory.display.set_side(True)
    qtbot.wait(1)
    for lane in laboratory.window.lanes:
        for heatmap in lane.heatmaps:
            assert heatmap.mapTo(lane, heatmap.rect().topRight()).x() <= lane.width()
            assert heatmap._weights.title.sceneBoundingRect().right() <= heatmap.width() + 1
