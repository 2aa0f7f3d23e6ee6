"""How a matrix becomes a picture: one cell per number, or, where there is less room, one for a block of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from gui.present.badges import Badge, above_columns, neighbours_by_group
from gui.text.language import translate

Pixels = npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in pixels, from the corner of a picture."""

CELL_HEIGHTS = (1.0, 64.0)
WIDEST_CELL, HIGHEST_CELL = 3.2, 1.6
"""Maximum ratio of the width of a cell to its height, and of its height to its width."""
BIAS_HEIGHT = 5.0
"""Pixels that the row of biases has at least, however low the other rows are."""


@dataclass(frozen=True)
class MatrixShape:
    """Rows and columns of W: inputs and neurons, and whether there is a row of biases beneath, and of scales and shifts.

    `image` is (height, width) where the inputs are the pixels of an image.
    """

    fan_in: int
    fan_out: int
    has_bias: bool
    image: tuple[int, int] | None = None
    is_normalized: bool = False

    @property
    def own_rows(self) -> int:
        """Return how many rows stand beneath W, apart from it."""
        return self.has_bias + 2 * self.is_normalized

    @property
    def rows(self) -> int:
        """Return the rows of W and of those beneath it."""
        return self.fan_in + self.own_rows


@dataclass(frozen=True)
class MatrixPicture:
    """W with b as its last row, and scales and shifts behind it where the layer is normalized.

    A cell shows the number of largest absolute value in its block. Each row beneath W is `bias_cells` cells high.
    """

    shape: MatrixShape
    block: tuple[int, int]
    cell: tuple[float, float]
    bias_cells: int

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height in pixels of the screen."""
        rows, columns = self._cells
        return columns * self.cell[0], (rows + self.bias_cells * self.shape.own_rows) * self.cell[1]

    @property
    def weights_height(self) -> float:
        """Return the height of W without b."""
        return self._cells[0] * self.cell[1]

    @property
    def numbers(self) -> int:
        """Return how many cells could hold their number; none where a cell stands for more than one."""
        return self.shape.rows * self.shape.fan_out if self.block == (1, 1) else 0

    @property
    def columns_per_cell(self) -> int:
        """Return how many neurons a cell shows."""
        return self.block[1]

    @property
    def _cells(self) -> tuple[int, int]:
        return ceil(self.shape.fan_in / self.block[0]), ceil(self.shape.fan_out / self.block[1])

    def summary(self, values: Floats) -> Floats:
        """Return what the cells show of W and b (rows, fan_out)."""
        if self.block == (1, 1):
            return values
        weights, biases = values[: self.shape.fan_in], values[self.shape.fan_in :]
        parts = [strongest(weights, self.block)]
        if len(biases):
            parts.append(strongest(biases, (1, self.block[1])))
        return np.concatenate(parts)

    def pixels(self, colours: Pixels, _ground: Pixels) -> Pixels:
        """Return one pixel per cell, and more than one for low biases."""
        if self.bias_cells <= 1:
            return colours
        rows = self._cells[0]
        return np.concatenate([colours[:rows], np.repeat(colours[rows:], self.bias_cells, axis=0)])

    def badges(self, labels: Sequence[int], colours: Sequence[str | None]) -> list[Badge]:
        """Return the numbers of groups above the columns, for neurons with these labels and colours."""
        _, neurons = self.block
        return above_columns(neighbours_by_group(labels[::neurons], colours[::neurons]), self.cell[0])

    def place_at(self, x: float, y: float) -> tuple[Places, Places] | None:
        """Return the rows and columns of W and b that a place inside the picture shows."""
        row, column = int(y / self.cell[1]), min(int(x / self.cell[0]), self._cells[1] - 1)
        columns = np.arange(self.shape.fan_out)[column * self.block[1] : (column + 1) * self.block[1]]
        if row >= self._cells[0]:
            return np.array([self.shape.fan_in + self._own_row(y)]), columns
        return np.arange(self.shape.fan_in)[row * self.block[0] : (row + 1) * self.block[0]], columns

    def _own_row(self, y: float) -> int:
        """Return which of the rows beneath W is at a height."""
        row = (y - self.weights_height) / (self.bias_cells * self.cell[1])
        return min(int(row), self.shape.own_rows - 1)

    def cell_at(self, x: float, y: float) -> Box:
        """Return the cell around a place inside the picture; the cells of biases may be higher."""
        width, height = self.cell
        left, biases = x // width * width, self.weights_height
        if self.bias_cells and y >= biases:
            high = self.bias_cells * height
            return left, biases + self._own_row(y) * high, width, high
        return left, y // height * height, width, height

    def row_name(self, row: int) -> str:
        """Return the name of an input."""
        return translate("heatmap", "input {0}").format(row + 1)

    def titles(self, number: int) -> list[str]:
        """Return what can stand above the picture of layer `number`, the longest first."""
        whole = f"W{number}  {self.shape.fan_in}×{self.shape.fan_out}"
        inputs, neurons = self.block
        if inputs == neurons == 1:
            return [whole]
        if neurons == 1:
            long, short = (
                translate("heatmap", "each row shows {0} inputs"),
                translate("heatmap", "{0} inputs a row"),
            )
        else:
            long, short = (
                translate("heatmap", "each cell shows {0}×{1} weights"),
                translate("heatmap", "{0}×{1} a cell"),
            )
        long, short = long.format(inputs, neurons), short.format(inputs, neurons)
        return [f"{whole}, {long}", f"{whole}, {short}", f"W{number}, {short}", whole]


def fit_matrix(shape: MatrixShape, cell_width: float, height: float) -> MatrixPicture:
    """Return the picture with cells of about some width that fits a height; no cell is smaller than a pixel."""
    columns = ceil(1 / cell_width) if cell_width < 1 else 1
    cell_width *= columns
    rows, cell_height = 1, height / shape.rows
    if cell_height < BIAS_HEIGHT:
        height = max(height - BIAS_HEIGHT * shape.own_rows, 1)
        rows = ceil(shape.fan_in * CELL_HEIGHTS[0] / height)
        cell_height = height / ceil(shape.fan_in / rows)
    cell_height = min(cell_height, CELL_HEIGHTS[1], max(cell_width * HIGHEST_CELL, CELL_HEIGHTS[0]))
    cell_width = min(cell_width, cell_height * WIDEST_CELL)
    bias_cells = max(1, int(BIAS_HEIGHT / cell_height)) if shape.own_rows else 0
    return MatrixPicture(shape, (rows, columns), (cell_width, cell_height), bias_cells)


def strongest(numbers: Floats, block: tuple[int, int]) -> Floats:
    """Return for each block of rows and columns (the first two axes) the number of largest absolute value, sign kept."""
    if block == (1, 1):
        return numbers
    high, low = (_reduced(extreme, numbers, block) for extreme in (np.maximum, np.minimum))
    return np.where(high >= -low, high, low)


def _reduced(extreme: np.ufunc, numbers: Floats, block: tuple[int, int]) -> Floats:
    """Return the extreme of each block, first of its rows and then of its columns; the last blocks may be smaller.

    Whole rows at once are up to 20 times as fast as `reshape` and `max` over two axes, whose inner loop is a block.
    """
    for axis, size in enumerate(block):
        before = (slice(None),) * axis
        found = numbers[(*before, slice(0, None, size))].copy()
        for place in range(1, size):
            others = numbers[(*before, slice(place, None, size))]
            part = found[(*before, slice(others.shape[axis]))]
            extreme(part, others, out=part)
        numbers = found
    return numbers
