"""Where the matrices of an operation stand: the large ones side by side in rows, all of the step below them, small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gui.canvas.matrix_section import MIN_NUMBER_CELL, TITLE_HEIGHT
from gui.operations.chosen_samples import MOST_ROWS
from gui.operations.shown_operation import ShownOperation, all_arrays

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""

GAP, ROW_GAP, SMALL_GAP, SMALL_TITLE = 10.0, 4.0, 6.0, 12.0
LEGIBLE_CELL, HIGHEST_CELL, LOWEST_MATRIX = 14.0, 40.0, 8.0
"""The height of a cell, in pixels, that a number fits into, the largest one, and the least height of a matrix."""
FEW_LINES = 2
"""Matrices with so many lines are as high as their numbers, however many lines others have."""
NUMBER_CELL, WIDEST_CELL, MOST_WITH_NUMBERS = 54.0, 90.0, 8
"""Least width of a cell for every usual number, its largest width, and how many columns have such cells if they can."""
WITHOUT_NUMBERS = 120.0
"""Least width of a matrix that has no room for numbers."""
SMALL_CELL, SMALLEST, LARGEST = 5.0, (12.0, 8.0), (40.0, 18.0)
"""The side of a cell of a small picture, and the limits of its width and height."""


def wanted_sizes(shapes: Sequence[tuple[int, ...]], width: float) -> list[tuple[float, float, int]]:
    """Return for each matrix the least width with legible numbers, the best width, and its rows.

    One whose numbers do not fit into the whole width needs less: it is seen as a picture. Those of some samples have the
    numbers of the samples above them, which need room.
    """
    return [
        (
            WITHOUT_NUMBERS
            if columns * MIN_NUMBER_CELL[0] > width and not FEW_LINES < rows <= MOST_ROWS
            else NUMBER_CELL * min(columns, MOST_WITH_NUMBERS),
            WIDEST_CELL * min(columns, MOST_WITH_NUMBERS),
            rows,
        )
        for rows, columns in shapes
    ]


def boxes_in_rows(sizes: Sequence[tuple[float, float, int]], width: float, height: float) -> list[Box]:
    """Return a box for each matrix, side by side as long as there is room."""
    rows = _broken(sizes, width)
    titles = sum(TITLE_HEIGHT + ROW_GAP for _ in rows)
    cells = _cell_heights([max(sizes[index][2] for index in row) for row in rows], height - titles)
    boxes: dict[int, Box] = {}
    top = 0.0
    for row, cell in zip(rows, cells, strict=True):
        least, deepest = sum(sizes[index][0] for index in row), max(sizes[index][2] for index in row)
        room = width - GAP * (len(row) - 1) - 4
        left = 2.0
        for index in row:
            own = min(sizes[index][0] * room / least, sizes[index][1])
            lines, lowest = sizes[index][2], min(LEGIBLE_CELL, deepest * cell)
            boxes[index] = (left, top, own, max(lines * cell, lowest))
            left += own + GAP
        top += deepest * cell + TITLE_HEIGHT + ROW_GAP
    return [boxes[index] for index in range(len(sizes))]


def _cell_heights(lines: list[int], height: float) -> list[float]:
    """Return how high the cells of each row of matrices are; rows have so many lines, and all of them some height."""
    few = [count for count in lines if count <= FEW_LINES]
    same = height / sum(lines)
    if same >= LEGIBLE_CELL or len(few) == len(lines):
        return [min(max(same, LOWEST_MATRIX), HIGHEST_CELL)] * len(lines)
    many = (height - sum(few) * LEGIBLE_CELL) / (sum(lines) - sum(few))
    return [
        LEGIBLE_CELL if count <= FEW_LINES else min(max(many, LOWEST_MATRIX / count), HIGHEST_CELL)
        for count in lines
    ]


def _broken(sizes: Sequence[tuple[float, float, int]], width: float) -> list[list[int]]:
    """Return which matrices stand side by side, row by row."""
    rows: list[list[int]] = [[]]
    taken = 0.0
    for index, (least, _, _) in enumerate(sizes):
        if rows[-1] and taken + least > width - 4:
            rows.append([])
            taken = 0.0
        rows[-1].append(index)
        taken += least + GAP
    return rows


def small_boxes(shown: ShownOperation, width: float) -> tuple[list[tuple[str, Box]], float]:
    """Return a box for every array of the step, in the order in which they come up, and the height of all."""
    known = all_arrays(shown.walk)
    boxes: list[tuple[str, Box]] = []
    left = top = 0.0
    for name, array in known.items():
        rows, columns = array.shape if array.ndim == 2 else (1, array.size)
        wide = max(min(max(columns * SMALL_CELL, SMALLEST[0]), LARGEST[0]), 6.0 * len(name))
        high = min(max(rows * SMALL_CELL, SMALLEST[1]), LARGEST[1])
        if left and left + wide > width - 2:
            left, top = 0.0, top + LARGEST[1] + SMALL_TITLE + 2
        boxes.append((name, (left + 1, top, wide, high)))
        left += wide + SMALL_GAP
    return boxes, top + LARGEST[1] + SMALL_TITLE + 2
