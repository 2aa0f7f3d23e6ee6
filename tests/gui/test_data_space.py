"""The card of decision boundaries, and the neurons of a graph under the pointer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem, QWidget
from pytestqt.qtbot import QtBot

from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.insight.data_space import DataSpace
from engine.report.plane import Predictions, SpaceMaps
from engine.report.probes import NeuronRef
from engine.session.lab import Lab
from gui.canvas.graph_view import GraphView
from gui.canvas.neuron_map import NeuronMapView
from gui.look.colours import NOT_A_NUMBER, lookup_table
from gui.look.theme import LIGHT, THEMES
from gui.pictures import exporters
from gui.pictures.drawing_page import DrawingPage
from gui.plots.space_view import DataSpaceCard, SpaceView
from tests.builders import experiment, layer, table

from .conftest import Build

SIZES = [(420, 176), (300, 130), (900, 260), (640, 176)]


class Shown:
    """A card that shows the lanes of a laboratory."""

    def __init__(self, qtbot: QtBot, chosen: Experiment, size: tuple[int, int] = SIZES[0]) -> None:
        self.lab = Lab(chosen)
        self.spaces = [DataSpace(lane.trainer) for lane in self.lab.lanes]
        self.card = DataSpaceCard()
        qtbot.addWidget(self.card)
        self.card.set_theme(THEMES["light"])
        self.card.resize(*size)
        self.card.show_experiment([lane.name for lane in self.lab.lanes], [s.plane for s in self.spaces])
        self.card.show()
        self.draw()

    def look(self) -> tuple[list[SpaceMaps], list[Predictions | None]]:
        thetas = [lane.trainer.theta for lane in self.lab.lanes]
        pairs = list(zip(self.spaces, thetas, strict=True))
        return [space.maps(theta) for space, theta in pairs], [s.predictions(theta) for s, theta in pairs]

    def draw(self) -> None:
        self.card.show_maps(*self.look())
        QApplication.processEvents()


def texts(view: SpaceView) -> list[str]:
    return [item.text() for item in view.drawing.items() if isinstance(item, QGraphicsSimpleTextItem)]


def one_neuron(**fields: object) -> Experiment:
    """Return a network whose output is above 0.5 where the first input is above 0; two samples."""
    data = table([[-1, -1], [1, 1]], [[0], [1]])
    return experiment(layer(1, weights={"kind": "constant", "value": 0.0}), data=data, **fields)


def test_zeros_predict_class_0_for_every_test_sample_of_circles(qtbot: QtBot) -> None:
    narrow = Shown(qtbot, open_target("circles"))
    narrow.lab.train(20)
    narrow.draw()
    assert "100 predicted 0\n0 predicted 1" in texts(narrow.card.drawings[0])
    wide = Shown(qtbot, open_target("circles"), (1400, 200))
    assert "test: 100 predicted 0, 0 predicted 1" in texts(wide.card.drawings[0])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lanes", [1, 2, 4, 6])
def test_all_planes_have_one_scale_and_nothing_is_cut_off(
    qtbot: QtBot, size: tuple[int, int], lanes: int
) -> None:
    variants = [{"name": f"a rather long name {index}", "set": {}} for index in range(lanes)]
    data = {"kind": "moons", "train": 60, "test": 100, "noise": 0.1, "seed": 1}
    shown = Shown(qtbot, experiment(layer(3), layer(1), variants=variants, data=data), size)
    card = shown.card
    assert [view.objectName() for view in card.drawings] == [
        f"data_space.lane.{index}" for index in range(lanes)
    ]
    assert len({(view.width(), view.height(), view._square.width()) for view in card.drawings}) == 1
    for view in card.drawings:
        assert card.rect().contains(view.mapTo(card, view.rect().bottomRight()))
        assert view._square.width() >= 25
        for item in view.drawing.items():
            if item.isVisible() and not item.sceneBoundingRect().isEmpty():
                room = view.drawing.sceneRect().adjusted(-1, -1, 1, 1)
                assert room.contains(item.sceneBoundingRect()), item


def test_the_decision_is_neutral_at_one_half_and_has_the_colours_of_the_classes_beside(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.card.drawings[0]

    def colour(x: float) -> QColor:
        square = view._square
        pixel = QPoint(round(square.left() + x * square.width()), round(square.center().y()))
        return QColor(view.grab().toImage().pixel(pixel))

    assert colour(0.3) == QColor(LIGHT.raised), "all zero: 0.5 everywhere"
    shown.lab.lanes[0].trainer.theta[:] = [4.0, 0.0, 0.0]
    shown.draw()
    assert colour(0.2).red() > colour(0.2).blue() + 50, "class 0 is orange"
    assert colour(0.8).green() > colour(0.8).red() + 50, "class 1 is green"
    assert colour(0.5).lightness() < 128 < colour(0.48).lightness(), (
        "the boundary, between two pixels or on one"
    )


def test_the_samples_are_where_they_are_in_the_plane(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.card.drawings[0]
    low, high = (item.path().boundingRect().center() for item in view._dots)
    assert low.x() < high.x()
    assert low.y() > high.y(), "the second input grows upwards"
    assert view._square.contains(low)
    assert view._square.contains(high)


def test_what_did_not_change_is_not_set_again(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    zeros, learning = shown.card.drawings[0], shown.card.drawings[3]
    before = [view._picture.pixmap().cacheKey() for view in (zeros, learning)]
    shown.draw()
    assert [view._picture.pixmap().cacheKey() for view in (zeros, learning)] == before
    shown.lab.train(200)
    shown.draw()
    assert zeros._picture.pixmap().cacheKey() == before[0], "a half of all samples is in each class"
    assert learning._picture.pixmap().cacheKey() != before[1]


def test_the_pointer_reads_the_exact_output_and_the_predictions(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    view = shown.card.drawings[0]
    text = view.text_at(view._square.center()).splitlines()
    assert re.fullmatch(r"input 1 = \S+, input 2 = \S+: output 0.50", text[0])
    assert text[1:] == ["test: 100 predicted 0, 0 predicted 1", "50 of 100 right"]
    assert view.text_at(view._square.topLeft() - view._square.center()) == ""


def test_outputs_that_are_not_numbers_are_said_to_be_so(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    shown.lab.lanes[0].trainer.theta[:] = np.nan
    shown.draw()
    assert "100 are NaN" in texts(shown.card.drawings[0])


def test_three_classes_have_three_colours_and_regions_without_numbers_are_marked(qtbot: QtBot) -> None:
    data = {"kind": "gaussians", "train": 90, "noise": 0.3, "seed": 1, "classes": 3}
    fields = {"data": data, "loss": {"kind": "cross-entropy"}}
    shown = Shown(qtbot, experiment(layer(6, "tanh"), layer(3, "softmax"), **fields))
    shown.lab.train(300)
    shown.draw()
    view = shown.card.drawings[0]
    assert len({item.brush().color().name() for item in view._dots}) == 3
    assert view._pixels is not None
    assert len(np.unique(view._pixels)) > 50
    maps, predictions = shown.look()
    broken = replace(maps[0], outputs=np.full_like(maps[0].outputs, np.nan))
    view.show_maps(broken, predictions[0])
    assert np.unique(view._pixels).tolist() == [int(lookup_table("light")[NOT_A_NUMBER])]


def test_without_classes_there_are_no_counts(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron(loss={"kind": "squared-error"}))
    view = shown.card.drawings[0]
    assert [text for text in texts(view) if text] == ["test"], "the name alone"
    assert "above 0.50" in shown.card._legend.text()


@pytest.mark.parametrize("theme", THEMES)
def test_every_plane_follows_the_theme(qtbot: QtBot, theme: str) -> None:
    shown = Shown(qtbot, open_target("circles"))
    shown.card.set_theme(THEMES[theme])
    for view in shown.card.drawings:
        assert view.grab().toImage().pixelColor(1, 1) == QColor(THEMES[theme].surface)
        middle = view._square.center().toPoint()
        lanes = view.grab().toImage().pixelColor(middle).lightness()
        assert (lanes < 128) == (theme == "dark")


def test_another_experiment_replaces_the_planes(qtbot: QtBot) -> None:
    shown = Shown(qtbot, open_target("circles"))
    other = Lab(open_target("zero-gradient"))
    spaces = [DataSpace(lane.trainer) for lane in other.lanes]
    shown.card.show_experiment(["balanced", "unbalanced"], [space.plane for space in spaces])
    assert [view.name for view in shown.card.drawings] == ["balanced", "unbalanced"]
    assert all(view.isVisible() for view in shown.card.drawings)
    assert "training" in shown.card._legend.text()
    shown.card.show_experiment([], [])
    assert shown.card.drawings == []
    assert shown.card._legend.text() == ""


def test_a_plane_can_be_exported_with_every_sample_as_a_shape(qtbot: QtBot) -> None:
    shown = Shown(qtbot, one_neuron())
    view = shown.card.drawings[0]
    asked: list[object] = []
    shown.card.context_menu_requested.connect(asked.append)
    view.context_menu_requested.emit(view)
    assert asked == [view]
    page = DrawingPage(view, "one neuron · step 0")
    svg = exporters.svg_of(page).decode()
    assert svg.count("<path") >= 3, "two samples and the chip are drawn, not painted"
    assert svg.count("<image") == 1, "the regions"
    assert exporters.image_of(page).size() == page.size * 2


def test_the_legend_says_as_much_as_there_is_room_for(qtbot: QtBot) -> None:
    card = Shown(qtbot, open_target("circles"), (420, 176)).card
    assert "counts: test" in card._legend.text()
    card.resize(900, 176)
    assert "line: the prediction changes" in card._legend.text()
    for width in (420, 900, 260, 140):
        card.resize(width, 176)
        QApplication.processEvents()
        assert card.width() == width, "the legend keeps no card wide"
        if card._legend.text():
            assert card._legend.sizeHint().width() <= card._legend.width()


def graph_of(build: Build, target: str = "circles", lane: int = 3) -> tuple[GraphView, list[object]]:
    graph = build(target).window.lanes[lane].graph
    heard: list[object] = []
    graph.neuron_hovered.connect(heard.append)
    return graph, heard


def point_at(qtbot: QtBot, graph: GraphView, layer_number: int, neuron: int) -> None:
    place = graph.mapFromScene(graph._centres[NeuronRef(layer_number, neuron)])
    qtbot.mouseMove(graph.viewport(), place)
    QApplication.processEvents()


def test_pointing_at_a_neuron_says_which_one_once(qtbot: QtBot, build: Build) -> None:
    graph, heard = graph_of(build, "columns", 2)  # of three inputs there is no map that takes the name along
    point_at(qtbot, graph, 1, 3)
    qtbot.mouseMove(graph.viewport(), graph.mapFromScene(graph._centres[NeuronRef(1, 3)]) + QPoint(1, 1))
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
        place = graph.mapFromScene(graph._centres[key])
        qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert clicked == neurons


def test_the_map_of_a_neuron_is_shown_while_the_pointer_is_on_it(qtbot: QtBot, build: Build) -> None:
    graph, _ = graph_of(build)
    lane = graph.parentWidget()
    assert isinstance(lane, QWidget)
    values = np.linspace(-0.2, 1.4, 48 * 48, dtype=np.float32).reshape(48, 48)
    graph.show_neuron_map(NeuronRef(1, 2), values)
    assert not lane.findChildren(NeuronMapView), "the pointer is elsewhere"
    point_at(qtbot, graph, 0, 0)
    graph.show_neuron_map(NeuronRef(0, 0), values)
    popup = lane.findChild(NeuronMapView)
    assert isinstance(popup, NeuronMapView)
    for key in graph._centres:
        point_at(qtbot, graph, key.layer, key.neuron)
        graph.show_neuron_map(key, values)
        assert popup.isVisible()
        assert lane.rect().contains(popup.geometry()), key
        place = graph.mapTo(lane, graph.mapFromScene(graph._centres[key]))
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
        rings = graph._rings.path()
        return {(key.layer, key.neuron) for key, place in graph._centres.items() if rings.contains(place)}

    assert ringed() == set()
    graph.select((NeuronRef(1, 0), NeuronRef(1, 2), NeuronRef(1, 5)))
    assert ringed() == {(1, 0), (1, 2), (1, 5)}
    laboratory.window.resize(1500, 1000)
    QApplication.processEvents()
    assert ringed() == {(1, 0), (1, 2), (1, 5)}
    centre = graph.mapFromScene(graph._centres[NeuronRef(1, 2)])
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
    column = graph._columns[1]
    assert len(column.units) < column.total == 100
    graph.select((NeuronRef(1, 50),))
    assert graph._rings.path().isEmpty()
    graph.select((NeuronRef(1, 99),))
    assert not graph._rings.path().isEmpty()
    point_at(qtbot, graph, 1, 99)
    assert heard == [NeuronRef(1, 99)]
