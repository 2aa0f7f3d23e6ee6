"""The cells of heatmaps: where they lie and what they say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.insight.tracer import walk_through
from gui.canvas.matrix_section import TITLE_HEIGHT
from gui.operations.cell_formula import CellFormula
from gui.operations.formula_tree import tree_of
from gui.operations.small_matrices import boxes_in_rows, wanted_sizes
from gui.present.matrix_picture import MatrixPicture, MatrixShape
from gui.present.neuron_pictures import NeuronPictures
from gui.text.words import Own, cell_text, drag_text, weight_name
from tests.builders import trainer_of
from tests.engine.test_operations import random_experiment


def test_a_cell_lies_around_each_place_in_it_and_the_cells_of_biases_are_higher() -> None:
    matrix = MatrixPicture(MatrixShape(4, 3, has_bias=True), (1, 1), (10.0, 2.0), bias_cells=3)
    assert matrix.cell_at(0.0, 0.0) == (0.0, 0.0, 10.0, 2.0)
    assert matrix.cell_at(29.9, 7.9) == (20.0, 6.0, 10.0, 2.0)
    assert {matrix.cell_at(15.0, y) for y in (8.0, 11.0, 13.9)} == {(10.0, 8.0, 10.0, 6.0)}


def test_scales_and_shifts_have_rows_of_their_own_beneath_the_biases() -> None:
    matrix = MatrixPicture(MatrixShape(4, 3, True, is_normalized=True), (1, 1), (10.0, 2.0), bias_cells=3)
    assert matrix.size == (30.0, 26.0)
    assert [matrix.cell_at(15.0, y)[1] for y in (8.0, 14.0, 25.9)] == [8.0, 14.0, 20.0]
    rows = [int(matrix.place_at(15.0, y)[0][0]) for y in (7.9, 8.0, 14.0, 25.9)]  # type: ignore[index]
    assert rows == [3, 4, 5, 6]
    colours = np.arange(21, dtype=np.uint32).reshape(7, 3)
    assert matrix.pixels(colours, colours)[:, 0].tolist() == [0, 3, 6, 9, 12, 12, 12, 15, 15, 15, 18, 18, 18]


def test_a_cell_of_neurons_as_pictures_is_one_of_their_pixels() -> None:
    pictures = NeuronPictures(MatrixShape(4, 3, True, (2, 2)), (2, 2), shown=3, per_row=3, block=1, zoom=2.5)
    assert pictures.cell_at(6.0, 2.4) == (5.0, 0.0, 2.5, 2.5)


def test_weights_and_biases_are_called_by_their_places_counted_from_1() -> None:
    assert weight_name("input 3", 0) == "weight from input 3 to neuron 1"
    assert weight_name(Own.BIAS, 1) == "bias of neuron 2"
    assert weight_name(Own.SCALE, 1) == "scale of neuron 2"


def test_a_cell_says_its_number_exactly_and_whether_it_stands_for_more_numbers() -> None:
    assert (
        cell_text("gradient", Own.BIAS, 4, 0.1, 1) == "gradient of the bias of neuron 5 = 0.10000000000000001"
    )
    assert cell_text("weight", "input 1", 0, -2.0, 6) == (
        "weight from input 1 to neuron 1 = -2, the strongest of 6"
    )


def test_a_dragged_weight_says_what_it_was_and_what_it_becomes() -> None:
    change, advice = drag_text("bias of neuron 1", 0.5, -0.25).splitlines()
    assert change == "bias of neuron 1: 0.50 → −0.25"
    assert advice == "Release: a new lane from here on. Esc: no change."


@pytest.mark.parametrize("seed", range(60))
def test_every_formula_of_every_kind_of_step_can_be_written_out_for_a_cell(seed: int) -> None:
    walk = walk_through(trainer_of(random_experiment(seed)))
    for done in walk.operations:
        drawn = done.target == "batch" or done.target.startswith("mask")
        assert tree_of(done.formula) is not None or drawn, done.formula


def test_a_function_of_several_numbers_is_written_with_all_of_them() -> None:
    arrays, tree = {"M": np.array([[0.25, -3.0]])}, tree_of("P = min(max(M, −1), 0.5) / n")
    assert tree is not None
    written = CellFormula(arrays, {"n": 2.0})
    assert written.write(tree, 0, 1).text == "min(max(−3.00, −1), 0.5) / 2"
    assert list(written.used(tree, 0, 1)) == [("M", (0, 1))]


def test_rows_of_one_sample_stay_legible_beside_matrices_of_hundreds_of_rows() -> None:
    for shapes in ([(1, 784), (784, 100), (1, 100), (1, 100)], [(1, 100), (100, 10), (1, 10), (1, 10)]):
        boxes = boxes_in_rows(wanted_sizes(shapes, 290.0), 290.0, 130.0)
        assert all(height >= 13 for _, _, _, height in boxes), "a number fits into each row"
        assert boxes[1][3] > 60, "the large matrix has what is left"
        assert max(top + TITLE_HEIGHT + height for _, top, _, height in boxes) <= 130
        assert all(left + width <= 290 for left, _, width, _ in boxes)


def test_of_a_long_product_of_matrices_the_terms_that_count_most_are_written() -> None:
    x, w = np.zeros((1, 784)), np.full((784, 2), 0.5)
    x[0, [3, 400, 401, 402, 700, 783]] = [1.0, 6.0, -5.0, 4.0, 3.0, 2.0]
    arrays = {"X": x, "W1": w, "dZ": np.ones((1, 2))}
    formula = CellFormula(arrays, {"η": 0.1})
    product, update = tree_of("Z1 = X·W1"), tree_of("W1 ← W1 − Xᵀ·(η·dZ)")
    assert product is not None
    assert update is not None
    expected = "6.00·0.50 + (−5.00)·0.50 + 4.00·0.50 + 3.00·0.50 + 2.00·0.50 + …"
    assert formula.write(product, 0, 1).text == expected
    x[0, 500] = np.nan
    assert "NaN·0.50" in formula.write(product, 0, 1).text
    assert formula.write(update, 400, 0).text == "0.50 − 6.00·(0.1·1.00)"
