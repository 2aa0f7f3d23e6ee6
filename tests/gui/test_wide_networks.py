"""Facts about networks with hundreds of inputs: everything fits, summaries and pictures tell the truth."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import encode_experiment
from gui.app.application import Laboratory
from gui.canvas.heatmap_view import HeatmapView
from gui.look.colours import Scale
from gui.pictures import exporters
from gui.present.matrix_picture import MatrixPicture, MatrixShape, fit_matrix, strongest
from gui.present.neuron_pictures import NeuronPictures, fit_pictures
from tests.builders import experiment, layer

from .conftest import Build
from .test_looks import SIZES
from .test_real_use import press, shown

PRESETS = ["mnist-per-sample", "mnist-two-layer"]
MNIST = MatrixShape(784, 100, has_bias=True, image=(28, 28))


def first_heatmap(laboratory: Laboratory) -> HeatmapView:
    return laboratory.window.lanes[-1].heatmaps[0]


def pixel(view: HeatmapView, x: float, y: float) -> QPointF:
    """Return a place of the scene, given in cells from the corner of the weights."""
    width, height = view.arrangement.cell
    return view._weights.frame.rect().topLeft() + QPointF((x + 0.5) * width, (y + 0.5) * height)


@pytest.mark.parametrize("target", PRESETS)
def test_nothing_is_cut_off_with_pictures_or_with_matrices(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target)
    window = laboratory.window
    for size in SIZES:
        window.resize(*size)
        for pictures in (True, False):
            window.figure.lanes_box.show_pictures(pictures)
            qtbot.wait(1)
            for lane in window.lanes:
                for drawing in lane.drawings:
                    scene = drawing.drawing.sceneRect()
                    assert lane.rect().contains(drawing.mapTo(lane, drawing.rect().bottomRight()))
                    assert scene.width() <= drawing.width() + 1, drawing.title
                    assert scene.height() <= drawing.height() + 1, drawing.title
                    for item in drawing.drawing.items():
                        if item.isVisible() and not item.sceneBoundingRect().isEmpty():
                            assert scene.adjusted(-2, -2, 2, 2).contains(item.sceneBoundingRect())


@pytest.mark.parametrize("target", PRESETS)
def test_the_status_is_never_cut_off(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target, (1280, 720))
    for lane in laboratory.window.lanes:
        status = lane.status
        assert status.heightForWidth(status.width()) <= status.height(), status.text()
        assert status.text().startswith("Layer 1: ")


@pytest.mark.parametrize("target", PRESETS)
def test_captions_of_the_graph_do_not_overlap(qtbot: QtBot, build: Build, target: str) -> None:
    laboratory = build(target)
    for size in SIZES:
        laboratory.window.resize(*size)
        qtbot.wait(1)
        for lane in laboratory.window.lanes:
            boxes = [caption.sceneBoundingRect() for caption in lane.graph._captions]
            for left, right in pairwise(boxes):
                assert left.right() < right.left()


def test_dots_stand_where_neurons_are_left_out(qtbot: QtBot, build: Build) -> None:
    graph = build("mnist-two-layer").window.lanes[0].graph
    left_out = [column for column in graph.layers.columns if len(column.units) < column.total]
    assert left_out
    assert len(graph.neurons.dots) == 3 * len(left_out)


def test_a_block_shows_its_strongest_number_with_its_sign() -> None:
    numbers = np.array([[1.0, -2.0, 0.5], [0.0, 1.5, -0.6], [3.0, -3.5, 0.0]])
    np.testing.assert_array_equal(strongest(numbers, (2, 2)), [[-2.0, -0.6], [-3.5, 0.0]])
    np.testing.assert_array_equal(strongest(numbers, (1, 1)), numbers)
    assert np.isnan(strongest(np.array([[1.0, np.nan]]), (1, 2))).all(), "what is not a number stays visible"


@pytest.mark.parametrize("height", [60.0, 91.0, 200.0, 900.0])
@pytest.mark.parametrize("cell_width", [0.3, 1.0, 3.0])
def test_a_matrix_fits_its_room_and_no_cell_is_smaller_than_a_pixel(height: float, cell_width: float) -> None:
    matrix = fit_matrix(MNIST, cell_width, height)
    assert matrix.size[1] <= height + 1e-6
    assert min(matrix.cell) >= 1 - 1e-9
    summary = matrix.summary(np.ones((785, 100), np.float32))
    image = matrix.pixels(np.zeros(summary.shape, np.uint32), np.zeros(101, np.uint32))
    assert image.shape == (round(matrix.size[1] / matrix.cell[1]), round(matrix.size[0] / matrix.cell[0]))


def test_the_title_says_what_a_row_stands_for() -> None:
    matrix = fit_matrix(MNIST, 2.0, 110.0)
    assert matrix.block == (8, 1)
    assert matrix.titles(1)[0] == "W1  784×100, each row shows 8 inputs"
    assert fit_matrix(MNIST, 2.0, 2000.0).titles(1) == ["W1  784×100"]


@pytest.mark.parametrize("room", [(90.0, 125.0), (280.0, 100.0), (500.0, 125.0), (900.0, 300.0)])
def test_pictures_fit_their_room(room: tuple[float, float]) -> None:
    pictures = fit_pictures(MNIST, (28, 28), *room)
    assert pictures.size[0] <= room[0]
    assert pictures.size[1] <= room[1]
    assert pictures.zoom >= 1
    assert pictures.zoom * 28 / pictures.block >= 14, "smaller pictures say nothing"


def test_the_picture_of_neuron_j_is_column_j() -> None:
    values = np.arange(785.0 * 100).reshape(785, 100)
    pictures = NeuronPictures(MNIST, (28, 28), shown=100, per_row=20, block=1, zoom=1.0)
    summary = pictures.summary(values.astype(np.float32))
    for neuron in (0, 37, 99):
        np.testing.assert_array_equal(summary[neuron], values[:784, neuron].reshape(28, 28))
    canvas = pictures.pixels(summary.astype(np.uint32), np.full(101, 7, np.uint32))
    np.testing.assert_array_equal(canvas[29 : 29 + 28, 17 * 29 : 17 * 29 + 28], summary[37])


def test_small_images_get_large_pixels() -> None:
    pictures = fit_pictures(MatrixShape(64, 10, has_bias=True, image=(8, 8)), (8, 8), 300.0, 120.0)
    assert pictures.shown == 10
    assert pictures.block == 1
    assert pictures.zoom > 3


def test_a_picture_says_the_exact_weight_under_the_pointer(qtbot: QtBot, build: Build) -> None:
    laboratory = build("mnist-two-layer", (1920, 1080))
    view = first_heatmap(laboratory)
    pictures = view.arrangement
    assert isinstance(pictures, NeuronPictures)
    assert pictures.block == 1
    weights = shown(laboratory).lanes[-1].layers[0].weights
    text = view.text_at(pixel(view, 29 * 2 + 6, 4))
    assert text == f"weight from pixel row 5, column 7 to neuron 3 = {weights[4 * 28 + 6, 2]:.17g}"
    assert view.text_at(pixel(view, 28, 4)) == "", "between the pictures there is nothing"


def test_a_summarised_cell_says_its_strongest_number(qtbot: QtBot, build: Build) -> None:
    laboratory = build("mnist-two-layer")
    laboratory.window.figure.lanes_box.show_pictures(False)
    view = first_heatmap(laboratory)
    matrix = view.arrangement
    assert isinstance(matrix, MatrixPicture)
    inputs = matrix.block[0]
    assert inputs > 1
    column = shown(laboratory).lanes[-1].layers[0].weights[:inputs, 4]
    row = int(np.argmax(np.abs(column)))
    assert view.text_at(pixel(view, 4, 0)) == (
        f"weight from input {row + 1} to neuron 5 = {column[row]:.17g}, the strongest of {inputs}"
    )


def test_a_key_changes_between_pictures_and_the_matrix(qtbot: QtBot, build: Build, tmp_path: Path) -> None:
    laboratory = build("mnist-two-layer")
    view = first_heatmap(laboratory)
    assert isinstance(view.arrangement, NeuronPictures), "pictures come first"
    for name in ("pictures", "matrix"):
        for suffix in ("png", "svg"):
            page = laboratory.window.figure.page_of(view)
            exporters.save_page(tmp_path / f"{name}.{suffix}", page)
        press(qtbot, laboratory, Qt.Key.Key_I)
    assert isinstance(view.arrangement, NeuronPictures)
    assert QImage(str(tmp_path / "pictures.png")) != QImage(str(tmp_path / "matrix.png"))
    assert b"<image" in (tmp_path / "pictures.svg").read_bytes()


def test_the_choice_is_only_there_for_data_that_are_pictures(qtbot: QtBot, build: Build) -> None:
    assert build("mnist-two-layer").window.actions_by_id["weight_images"].isEnabled()
    assert not build("columns").window.actions_by_id["weight_images"].isEnabled()


def test_the_shown_colours_are_those_of_the_weights(qtbot: QtBot, build: Build) -> None:
    laboratory = build("mnist-two-layer", (1920, 1080))
    view = first_heatmap(laboratory)
    assert view._shown is not None
    scale: Scale = view._shown[2].weights
    weights = shown(laboratory).lanes[-1].layers[0].weights
    image = view._weights.picture.pixmap().toImage()
    expected = scale.pixels(scale.places(scale.shares(weights[:784, 1].reshape(28, 28))))
    found = [[image.pixel(29 + x, y) for x in range(28)] for y in range(28)]
    np.testing.assert_array_equal(np.array(found, np.uint32), expected)


def test_of_a_network_of_a_hundred_layers_the_first_and_the_last_are_readable(
    build: Build, tmp_path: Path
) -> None:
    deep = [layer(6, "tanh")] * 99
    path = tmp_path / "deep.json"
    path.write_bytes(encode_experiment(experiment(*deep, layer(1))))
    [lane] = build(str(path)).window.lanes
    visible = [view.isVisibleTo(lane) for view in lane.heatmaps]
    assert visible[:2] == [True, True]
    assert visible[-2:] == [True, True]
    assert 80 < visible.count(False) < 97
    between = lane.findChild(QSpinBox, "layers_between")
    assert between is not None
    assert between.isVisibleTo(lane)
    for view in lane.heatmaps[: visible.index(False)]:
        assert view.width() >= 20


def test_a_layer_in_the_middle_of_a_deep_network_is_chosen_by_keys_or_in_the_strip_and_kept(
    qtbot: QtBot, build: Build, tmp_path: Path
) -> None:
    path = tmp_path / "deep.json"
    path.write_bytes(encode_experiment(experiment(*[layer(4, "tanh")] * 59, layer(1))))
    laboratory = build(str(path))
    [lane] = laboratory.window.lanes
    between = lane.findChild(QSpinBox, "layers_between")
    assert between is not None

    def drawn() -> list[int]:
        return [view.number for view in lane.heatmaps if view.isVisibleTo(lane)]

    assert between.text() == "⋯"
    between.setFocus()
    between.selectAll()
    qtbot.keyClicks(between, "30")
    qtbot.keyClick(between, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: 30 in drawn())
    assert laboratory.display.state.layer == 30
    assert {1, 30, 60} <= set(drawn())
    qtbot.keyClick(between, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: 31 in drawn() and 30 not in drawn())
    column = lane.graph.layers.columns[40]
    place = lane.graph.mapFromScene(QPointF(column.x, float(column.y.max()) + 4))
    qtbot.mouseClick(lane.graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: 40 in drawn() and 31 not in drawn())
    assert between.text() == "W40"
    assert lane.graph._mark.isVisible()
    session = laboratory.training.session
    assert session is not None
    between.setValue(between.minimum())
    qtbot.waitUntil(lambda: 40 not in drawn())
    assert not lane.graph._mark.isVisible()
    laboratory.training.open(session)
    qtbot.waitUntil(lambda: laboratory.display.state.layer == 40)
    [lane] = laboratory.window.lanes
    qtbot.waitUntil(lambda: 40 in [view.number for view in lane.heatmaps if view.isVisibleTo(lane)])
