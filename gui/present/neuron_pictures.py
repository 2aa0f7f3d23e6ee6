"""Neurons of the first layer as pictures: the incoming weights of each, arranged like the pixels of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from engine.core.arrays import Floats
from gui.present.badges import HEIGHT, Badge, badge_width, neighbours_by_group
from gui.present.matrix_picture import Box, MatrixShape, Pixels, Places, strongest
from gui.text.language import translate

SMALLEST_PICTURE = 14
"""Minimum pixels on the longer side of a neuron's picture; where not all pictures fit, the first ones are shown."""
LARGEST_PICTURE = 64
SMALL_PICTURE = 2 * HEIGHT
"""Pictures narrower than this have room for a badge only where another of their group is beside them."""


@dataclass(frozen=True)
class NeuronPictures:
    """The first `shown` neurons of a layer, `per_row` side by side.

    Each pixel shows the strongest of `block` × `block` weights and is `zoom` pixels of the screen wide.
    """

    shape: MatrixShape
    image: tuple[int, int]
    shown: int
    per_row: int
    block: int
    zoom: float

    bias_cells = 0
    columns_per_cell = 1
    numbers = 0

    @property
    def cell(self) -> tuple[float, float]:
        """Return width and height of one pixel of a neuron's picture, in pixels of the screen."""
        return self.zoom, self.zoom

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height of all pictures, in pixels of the screen."""
        height, width = self._pitch
        return self.zoom * (width * self.per_row), self.zoom * (height * self._rows)

    @property
    def weights_height(self) -> float:
        """Return the height of what is shown."""
        return self.size[1]

    @property
    def _rows(self) -> int:
        return ceil(self.shown / self.per_row)

    @property
    def _pitch(self) -> tuple[int, int]:
        """Return the pixels from one picture to the next, down and across: a gap of one between them."""
        return ceil(self.image[0] / self.block) + 1, ceil(self.image[1] / self.block) + 1

    def summary(self, values: Floats) -> Floats:
        """Return the pictures (shown, height, width) in W and b (rows, fan_out)."""
        columns = np.ascontiguousarray(values[: self.shape.fan_in, : self.shown])
        pictures = strongest(columns.reshape(*self.image, self.shown), (self.block, self.block))
        return np.moveaxis(pictures, -1, 0)

    def pixels(self, colours: Pixels, ground: Pixels) -> Pixels:
        """Return all pictures in rows, each on the `ground` of its neuron; the last colour is for empty places."""
        height, width = self._pitch
        canvas = np.full((self._rows * self.per_row, height, width), ground[-1], np.uint32)
        canvas[: self.shown] = ground[: self.shown, np.newaxis, np.newaxis]
        canvas[: self.shown, :-1, :-1] = colours
        rows = canvas.reshape(self._rows, self.per_row, height, width).swapaxes(1, 2)
        return rows.reshape(self._rows * height, self.per_row * width)

    def badges(self, labels: Sequence[int], colours: Sequence[str | None]) -> list[Badge]:
        """Return the numbers of groups in the corner of each picture.

        Small pictures have one for each row of a group, and none if they stand alone: it would hide too much of them.
        """
        height, width = (self.zoom * side for side in self._pitch)
        small = width < SMALL_PICTURE
        badges: list[Badge] = []
        for line in range(self._rows):
            places = slice(line * self.per_row, min((line + 1) * self.per_row, self.shown))
            for group in neighbours_by_group(labels[places], colours[places]):
                if small and group.end - group.first == 1:
                    continue
                badges += [
                    Badge(
                        group.number,
                        place * width + badge_width(group.number) / 2,
                        line * height + HEIGHT / 2,
                        group.colour,
                    )
                    for place in range(group.first, group.first + 1 if small else group.end)
                ]
        return badges

    def place_at(self, x: float, y: float) -> tuple[Places, Places] | None:
        """Return the rows and columns of W that a place inside the pictures shows; None between them."""
        height, width = self._pitch
        line, row = divmod(int(y / self.zoom), height)
        position, column = divmod(int(x / self.zoom), width)
        neuron = line * self.per_row + position
        if neuron >= self.shown or row == height - 1 or column == width - 1:
            return None
        return self._inputs(row, column), np.array([neuron])

    def _inputs(self, row: int, column: int) -> Places:
        """Return which inputs a pixel of the pictures shows."""
        pixels = np.arange(self.shape.fan_in).reshape(self.image)
        down, across = row * self.block, column * self.block
        return pixels[down : down + self.block, across : across + self.block].ravel()

    def cell_at(self, x: float, y: float) -> Box:
        """Return the pixel of the pictures around a place inside them."""
        return x // self.zoom * self.zoom, y // self.zoom * self.zoom, self.zoom, self.zoom

    def row_name(self, row: int) -> str:
        """Return the name of an input."""
        down, across = divmod(row, self.image[1])
        return translate("heatmap", "pixel row {0}, column {1}").format(down + 1, across + 1)

    def titles(self, number: int) -> list[str]:
        """Return what can stand above the pictures of layer `number`, the longest first."""
        whole = f"W{number}  {self.shape.fan_in}×{self.shape.fan_out}"
        if self.shown == self.shape.fan_out:
            pictures = translate("heatmap", "each neuron as a picture of its {0}×{1} weights").format(
                *self.image
            )
            neurons = self.shown  # lupdate finds no text whose number is an attribute
            short = translate("heatmap", "%n neuron(s)", None, neurons)
        else:
            pictures = translate("heatmap", "neurons 1–{0} as pictures of their {1}×{2} weights").format(
                self.shown, *self.image
            )
            short = translate("heatmap", "neurons 1–{0}").format(self.shown)
        few = translate("heatmap", "{0} of {1}").format(self.shown, self.shape.fan_out)
        return [f"{whole}, {pictures}", f"{whole}, {short}", f"W{number}, {short}", f"W{number}: {few}"]


def fit_pictures(shape: MatrixShape, image: tuple[int, int], width: float, height: float) -> NeuronPictures:
    """Return pictures as large as they fit, of all neurons or, where there is no room, of the first ones."""
    across, down, block, zoom = 1, 1, 1, 1.0
    for block, zoom in _sizes(max(image)):
        across, down = (
            max(1, int(room / (zoom * (ceil(side / block) + 1))))
            for room, side in ((width, image[1]), (height, image[0]))
        )
        if across * down >= shape.fan_out:
            break
    shown = min(shape.fan_out, across * down)
    rows = ceil(shown / across)
    return NeuronPictures(shape, image, shown, ceil(shown / rows), block, zoom)


def _sizes(side: int) -> list[tuple[int, float]]:
    """Return (block, zoom) for pictures of images of some side, the largest first."""
    halves = range(max(2, 2 * LARGEST_PICTURE // side), 1, -1)
    whole = [(1, half / 2) for half in halves if side * half / 2 >= SMALLEST_PICTURE]
    blocks = [block for block in range(2, side) if side / block >= SMALLEST_PICTURE]
    parts = [(block, eighth / 8) for block in blocks for eighth in range(15, 7, -1)]
    return whole + parts or [(1, float(ceil(SMALLEST_PICTURE / side)))]
