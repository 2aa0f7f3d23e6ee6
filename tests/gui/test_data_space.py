"""The data spaces of the lanes, and the neurons of a graph under the pointer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem
from pytestqt.qtbot import QtBot

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.insight.data_space import DataSpace
from engine.report.plane import Predictions, SpaceMaps
from engine.report.probes import NeuronRef
from engine.session.lab import Lab
from engine.session.session_file import Session
from gui.canvas.graph_view import GraphView
from gui.canvas.neuron_map import NeuronMapView
from gui.lanes.space_view import SpaceView, class_colours
from gui.look.colours import NOT_A_NUMBER, lookup_table
from gui.look.theme import LIGHT, THEMES
from gui.pictures import exporters
from gui.pictures.drawing_page import DrawingPage
from tests.builders import experiment, layer, table

from .conftest import Build

SIZES = [(160, 176), (130, 160), (300, 260), (140, 300)]


class Shown:
    """The data spaces of the lanes of a laboratory, one after another in a window of their own."""

    def __init__(self, qtbot: QtBot, chosen: Experiment, size: tuple[int, int] = SIZES[0]) -> None:
        self.lab = Lab(chosen)
        self.spaces = [DataSpace(lane.trainer) for lane in self.lab.lanes]
        lanes = enumerate(zip(self.lab.lanes, self.spaces, strict=True))
        self.views = [SpaceView(index, lane.name, space.plane) for index, (lane, space) in lanes]
        for view in self.views:
            qtbot.addWidget(view)
            view.set_theme(THEMES["light"])
            view.resize(*size)
            view.show()
        self.draw()

    def look(self) -> tuple[list[SpaceMaps], list[Predictions | None]]:
        thetas = [lane.trainer.theta for lane in self.lab.lanes]
        pairs = list(zip(self.spaces, thetas, strict=True))
        return [space.maps(theta) for space, theta in pairs], [s.predictions(theta) for s, theta in pairs]

    def draw(self) -> None:
        for view, maps, predictions in zip(self.views, *self.look(), strict=True):
            view.show_maps(maps, predictions)
        QApplication.processEvents()


def texts(view: SpaceView) -> list[str]:
    items = [item for item in view.drawing.items() if isinstance(item, QGraphicsSimpleTextItem)]
    return [item.text() for item in reversed(items) if item.text() and item.isVisible()]


def one_neuron(**fields: object) -> Experiment:
    """Return a network whose output is above 0.5 where the first input is above 0; two samples."""
    data = table([[-1, -1], [1, 1]], [[0], [1]])
    return experiment(layer(1, weights={"kind": "constant", "value": 0.0}), data=data, **fields)


def test_zeros_predict_class_0_for_every_test_sample_of_circles(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    shown.lab.train(20)
    shown.draw()
    assert texts(shown.views[0]) == ["100 predicted 0", "0 predicted 1"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_nothing_is_cut_off_and_every_class_has_its_colour_beside_its_count(
    qtbot: QtBot, size: tuple[int, int], classes: int
) -> None:
    data = {"kind": "gaussians", "train": 60, "test": 120, "noise": 0.1, "seed": 1, "classes": classes}
    last = layer(1) if classes == 2 else layer(classes, "softmax")
    loss = {"kind": "binary-cross-entropy" if classes == 2 else "cross-entropy"}
    view = Shown(qtbot, experiment(layer(3), last, data=data, loss=loss), size).views[0]
    assert view._square.width() >= 90
    for item in view.drawing.items():
        if item.isVisible() and not item.sceneBoundingRect().isEmpty():
            room = view.drawing.sceneRect().adjusted(-1, -1, 1, 1)
            assert room.contains(item.sceneBoundingRect()), item
    counts = [int(text.split()[0]) for text in texts(view)]
    assert len(counts) in {0, classes}
    assert sum(counts) in {0, 120}
    dots = [dot for dot in view._counts._dots if dot.isVisible()]
    assert [dot.brush().color() for dot in dots] == class_colours(view.plane, LIGHT)[: len(counts)]
    for dot, text in zip(dots, view._counts._texts, strict=False):
        assert 0 < text.sceneBoundingRect().left() - dot.sceneBoundingRect().right() < 8


def test_the_decision_is_neutral_at_one_half_and_has_the_colours_of_the_classes_beside(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.views[0]

    def colour(x: float) -> QColor:
        square = view._square
        pixel = QPoint(round(square.left() + x * square.width()), round(square.center().y()))
        return QColor(view.grab().toImage().pixel(pixel))

    assert colour(0.3) == QColor(LIGHT.raised), "all zero: 0.5 everywhere"
    shown.lab.lanes[0].trainer.theta[:] = [4.0, 0.0, 0.0]
    shown.draw()
    assert colour(0.2).red() > colour(0.2).blue() + 50, "class 0 is orange"
    assert colour(0.8).green() > colour(0.8).red() + 50, "class 1 is green"
    middle = min(colour(0.5 + shift / 200).lightness() for shift in (-1, 0, 1))
    assert middle < 140 < colour(0.45).lightness(), "the boundary, between two pixels or on one"


def test_the_samples_are_where_they_are_in_the_plane(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.views[0]
    low, high = (item.path().boundingRect().center() for item in view._dots)
    assert low.x() < high.x()
    assert low.y() > high.y(), "the second input grows upwards"
    assert view._square.contains(low)
    assert view._square.contains(high)


def test_what_did_not_change_is_not_set_again(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    zeros, learning = shown.views[0], shown.views[3]
    before = [view._picture.pixmap().cacheKey() for view in (zeros, learning)]
    shown.draw()
    assert [view._picture.pixmap().cacheKey() for view in (zeros, learning)] == before
    shown.lab.train(200)
    shown.draw()
    assert zeros._picture.pixmap().cacheKey() == before[0], "a half of all samples is in each class"
    assert learning._picture.pixmap().cacheKey() != before[1]


def test_the_pointer_reads_the_exact_output_and_the_predictions(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    view = shown.views[0]
    text = view.text_at(view._square.center()).splitlines()
    assert re.fullmatch(r"input 1 = \S+, input 2 = \S+: output 0.50", text[0])
    assert text[1:] == ["test: 100 predicted 0, 0 predicted 1", "50 of 100 right"]
    assert view.text_at(view._square.topLeft() - view._square.center()) == ""


def test_outputs_that_are_not_numbers_are_said_to_be_so(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    shown.lab.lanes[0].trainer.theta[:] = np.nan
    shown.draw()
    assert texts(shown.views[0]) == ["100 are NaN"]


def test_three_classes_have_three_colours_and_regions_without_numbers_are_marked(qtbot: QtBot) -> None:
    data = {"kind": "gaussians", "train": 90, "noise": 0.3, "seed": 1, "classes": 3}
    fields = {"data": data, "loss": {"kind": "cross-entropy"}}
    shown = Shown(qtbot, experiment(layer(6, "tanh"), layer(3, "softmax"), **fields))
    shown.lab.train(300)
    shown.draw()
    view = shown.views[0]
    assert len({item.brush().color().name() for item in view._dots}) == 3
    assert view._pixels is not None
    assert len(np.unique(view._pixels)) > 50
    maps, predictions = shown.look()
    broken = replace(maps[0], outputs=np.full_like(maps[0].outputs, np.nan))
    view.show_maps(broken, predictions[0])
    assert np.unique(view._pixels).tolist() == [int(lookup_table("light")[NOT_A_NUMBER])]


def test_without_classes_there_are_no_counts(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron(loss={"kind": "squared-error"}))
    assert texts(shown.views[0]) == ["below 0.50", "above 0.50"]


@pytest.mark.parametrize("theme", THEMES)
def test_every_plane_follows_the_theme(qtbot: QtBot, theme: str) -> None:
    shown = Shown(qtbot, open_target("circles"))
    for view in shown.views:
        view.set_theme(THEMES[theme])
    shown.draw()
    for view in shown.views:
        assert view.grab().toImage().pixelColor(1, view.height() - 2) == QColor(THEMES[theme].surface)
        middle = view._square.center().toPoint()
        lanes = view.grab().toImage().pixelColor(middle).lightness()
        assert (lanes < 128) == (theme == "dark")


def test_another_experiment_replaces_the_planes(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    assert all(lane.space is not None for lane in laboratory.window.lanes)
    laboratory.training.open(Session(open_target("columns")))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 3)
    assert not any(lane.space for lane in laboratory.window.lanes), "three inputs are no plane"
    laboratory.training.open(Session(open_target("zero-gradient")))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 2)
    qtbot.waitUntil(lambda: all(lane.space is not None for lane in laboratory.window.lanes))
    space = laboratory.window.lanes[0].space
    assert space is not None
    assert space.title == "balanced, data space"
    assert "training samples are predicted" in space.toolTip()


def test_a_plane_can_be_exported_with_every_sample_as_a_shape(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.views[0]
    asked: list[object] = []
    view.context_menu_requested.connect(asked.append)
    view.context_menu_requested.emit(view)
    assert asked == [view]
    page = DrawingPage(view, "one neuron · step 0")
    svg = exporters.svg_of(page).decode()
    assert svg.count("<path") >= 3, "two samples and the dots of the classes are drawn, not painted"
    assert svg.count("<image") == 1, "the regions"
    assert exporters.image_of(page).size() == page.size * 2


def graph_of(build: Build, target: str = "circles", lane: int = 3) -> tuple[GraphView, list[object]]:
    graph = build(target).window.lanes[lane].graph
    heard: list[object] = []
    graph.neuron_hovered.connect(heard.append)
    return graph, heard


def point_at(qtbot: QtBot, graph: GraphView, layer_number: int, neuron: int) -> None:
    place = graph.mapFromScene(graph.neurons.centres[NeuronRef(layer_number, neuron)])
    qtbot.mouseMove(graph.viewport(), place)
    QApplication.processEvents()


def test_pointing_at_a_neuron_says_which_one_once(qtbot: QtBot, build: Build) -> None:
    graph, heard = graph_of(build, "columns", 2)  # of three inputs there is no map that takes the name along
    point_at(qtbot, graph, 1, 3)
    qtbot.mouseMove(
        graph.viewport(), graph.mapFromScene(graph.neurons.centres[NeuronRef(1, 3)]) + QPoint(1, 1)
    )
    QApplication.processEvents()
    assert heard == [NeuronRef(1, 3)]
    assert graph.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    assert graph.toolTip() == "neuron 4 of layer 1"
    qtbot.mouseMove(graph.viewport(), QPoint(2, 2))
    QApplication.processEvents()
    assert heard == [NeuronRef(1, 3), None]
    assert graph.viewport().cursor().shape() is Qt.CursorShape.ArrowCursor
    point_at(qtbot, graph, 2, 0)
    QApplication.sendEvent(graph, QEvent(QEvent.Type.Leave))
    assert heard == [NeuronRef(1, 3), None, NeuronRef(2, 0), None]


def test_a_click_says_layer_and_neuron_and_beside_neurons_nothing(qtbot: QtBot, build: Build) -> None:
    graph, _ = graph_of(build)
    clicked: list[object] = []
    graph.neuron_clicked.connect(clicked.append)
    neurons = [NeuronRef(0, 1), NeuronRef(1, 9), NeuronRef(2, 4), NeuronRef(3, 0)]
    for key in neurons:
        place = graph.mapFromScene(graph.neurons.centres[key])
        qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert clicked == neurons


def test_the_map_of_a_neuron_is_shown_while_the_pointer_is_on_it(qtbot: QtBot, build: Build) -> None:
    graph, _ = graph_of(build)
    lane = graph.around
    values = np.linspace(-0.2, 1.4, 48 * 48, dtype=np.float32).reshape(48, 48)
    graph.show_neuron_map(NeuronRef(1, 2), values)
    assert not lane.findChildren(NeuronMapView), "the pointer is elsewhere"
    point_at(qtbot, graph, 0, 0)
    graph.show_neuron_map(NeuronRef(0, 0), values)
    popup = lane.findChild(NeuronMapView)
    assert isinstance(popup, NeuronMapView)
    for key in graph.neurons.centres:
        point_at(qtbot, graph, key.layer, key.neuron)
        graph.show_neuron_map(key, values)
        assert popup.isVisible()
        assert lane.rect().contains(popup.geometry()), key
        place = graph.mapTo(lane, graph.mapFromScene(graph.neurons.centres[key]))
        assert not popup.geometry().contains(place), "it does not hide its neuron"
    assert popup._caption.text() == "output 1\n−0.20 … 1.40"
    assert graph.toolTip() == "", "a tooltip would cover the picture"
    image = popup._picture.pixmap().toImage()
    assert QColor(image.pixel(90, 90)).blue() > QColor(image.pixel(90, 90)).red()
    graph.show_neuron_map(NeuronRef(1, 2), values)
    assert not popup.isVisible(), "an answer that comes too late"
    point_at(qtbot, graph, 1, 2)
    graph.show_neuron_map(NeuronRef(1, 2), np.zeros((48, 48), np.float32))
    assert popup._caption.text() == "neuron 3 of layer 1\n0 everywhere"
    graph.show_neuron_map(NeuronRef(1, 2), None)
    assert not popup.isVisible()


def test_selected_neurons_wear_a_ring_that_moves_with_them(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    laboratory.clock.stop()  # a frame would mark what is explained
    graph = laboratory.window.lanes[1].graph  # neurons of lane 0 wear rings already: they are explained

    def ringed() -> set[tuple[int, int]]:
        rings = graph.neurons.rings.path()
        return {
            (key.layer, key.neuron) for key, place in graph.neurons.centres.items() if rings.contains(place)
        }

    assert ringed() == set()
    graph.select((NeuronRef(1, 0), NeuronRef(1, 2), NeuronRef(1, 5)))
    assert ringed() == {(1, 0), (1, 2), (1, 5)}
    laboratory.window.resize(1500, 1000)
    QApplication.processEvents()
    assert ringed() == {(1, 0), (1, 2), (1, 5)}
    centre = graph.mapFromScene(graph.neurons.centres[NeuronRef(1, 2)])
    accent = QColor(laboratory.window.theme.accent)
    image: QImage = graph.grab().toImage()
    row = [QColor(image.pixel(x, centre.y())) for x in range(centre.x() - 20, centre.x() + 20)]
    assert accent in row
    graph.select((NeuronRef(2, 1),))
    assert ringed() == {(2, 1)}
    graph.select(())
    assert ringed() == set()


def test_neurons_that_are_left_out_cannot_be_selected_or_pointed_at(qtbot: QtBot, build: Build) -> None:
    graph, heard = graph_of(build, "mnist-two-layer", 0)
    column = graph.layers.columns[1]
    assert len(column.units) < column.total == 100
    graph.select((NeuronRef(1, 50),))
    assert graph.neurons.rings.path().isEmpty()
    graph.select((NeuronRef(1, 99),))
    assert not graph.neurons.rings.path().isEmpty()
    point_at(qtbot, graph, 1, 99)
    assert heard == [NeuronRef(1, 99)]
