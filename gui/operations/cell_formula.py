"""A formula written out for one cell with the numbers of a run: `0.50·0.58 + 0.90·0.73 + 1.00·1.34`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.core.arrays import AnyArray
from gui.canvas.graph_edges import Cell
from gui.operations.formula_tree import Node
from gui.text import words

MOST_TERMS = 5
"""The most terms of a sum that are written; of longer ones the first and the last, of products those that count most."""
SUM, PRODUCT, POWER, ATOM = range(4)
"""How close parts of a formula stand together."""

OVER_ONE = {
    "²": ("{0}²", ATOM, POWER),
    "√": ("√{0}", ATOM, POWER),
    "minus": ("−{0}", PRODUCT, SUM),
}
"""How signs over one part are written, how close its parts have to stand, and how close those of the whole do."""
OVER_TWO = {
    "+": ("{0} + {1}", (SUM, PRODUCT), SUM),
    "−": ("{0} − {1}", (SUM, PRODUCT), SUM),
    "/": ("{0} / {1}", (PRODUCT, POWER), PRODUCT),
    "^": ("{0}^{1}", (ATOM, ATOM), POWER),
}
"""The same of signs between two parts."""


@dataclass(frozen=True)
class Written:
    """A part of a formula as text, and how close its own parts stand together."""

    text: str
    level: int

    def within(self, level: int) -> str:
        """Return it as part of something whose parts stand so close, in brackets if they are needed."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True)
class CellFormula:
    """Formulas over `arrays` and `numbers`, by name. Vectors have one number for each column."""

    arrays: Mapping[str, AnyArray]
    numbers: Mapping[str, float]

    def write(self, node: Node, row: int, column: int) -> Written:
        """Return a part of a formula for a cell."""
        inner = node.parts[0] if node.parts else node
        if node.sign in {"name", "number"}:
            return self._leaf(node.name, row, column)
        if node.sign in OVER_ONE:
            text, inside, level = OVER_ONE[node.sign]
            return Written(text.format(self.write(inner, row, column).within(inside)), level)
        if node.sign == "ᵀ":
            return self.write(inner, column, row)
        if node.sign in {"index", "call"}:
            return Written(self._with_brackets(node, row, column), ATOM)
        if node.sign == "sum":
            cells, count = self._summed(node, row, column)
            return _sum([self.write(inner, *cell) for cell in cells], count)
        return self._joined(node, row, column)

    def _with_brackets(self, node: Node, row: int, column: int) -> str:
        """Return one of all samples, or a function of some numbers."""
        if node.sign == "index":
            return f"{node.parts[0].name}[{self._chosen(node.parts[1], row)}]"
        return f"{node.name}({', '.join(self.write(part, row, column).text for part in node.parts)})"

    def _joined(self, node: Node, row: int, column: int) -> Written:
        """Return two parts with a sign between them."""
        left, right = node.parts
        if node.sign == "·" and self._is_matrix_product(node):
            factors = [
                (self.write(left, row, place), self.write(right, place, column))
                for place in self._telling(left, right, row, column)
            ]
            return _sum([_times(*pair) for pair in factors], self.shape(left)[1], ends_with_dots=True)
        first, second = self.write(left, row, column), self.write(right, row, column)
        if node.sign in {"·", "⊙"}:
            return _times(first, second)
        text, (inside, outside), level = OVER_TWO[node.sign]
        return Written(text.format(first.within(inside), second.within(outside)), level)

    def _telling(self, left: Node, right: Node, row: int, column: int) -> list[int]:
        """Return the places of the terms of a product of matrices that are written, the largest of many."""
        count = self.shape(left)[1]
        first, second = self._numbers_of(left, (row, None)), self._numbers_of(right, (None, column))
        if count <= MOST_TERMS or first is None or second is None:
            return _few(count)
        with np.errstate(all="ignore"):
            sizes = np.nan_to_num(np.abs(first * second), nan=np.inf)
        return sorted(np.argsort(-sizes, kind="stable")[:MOST_TERMS].tolist())

    def _numbers_of(self, node: Node, cell: Cell) -> AnyArray | None:
        """Return a row or a column of a matrix, but for a number that it is multiplied by; None of other formulas."""
        row, column = cell
        if node.sign == "ᵀ":
            return self._numbers_of(node.parts[0], (column, row))
        if node.sign == "·":
            return self._numbers_of(node.parts[1], cell)
        if node.sign != "name":
            return None
        return self.arrays[node.name][row] if column is None else self.arrays[node.name][:, column]

    def _leaf(self, name: str, row: int, column: int) -> Written:
        if name in self.arrays:
            text = words.number(float(_at(self.arrays[name], row, column)))
        elif name in self.numbers:
            text = f"{self.numbers[name]:g}".replace("-", "−")
        else:
            text = name
        return Written(text, SUM if text.startswith("−") else ATOM)

    def _chosen(self, node: Node, row: int) -> str:
        """Return the number of the sample that a batch has in a row, which counts from 1."""
        return f"{int(self.arrays[node.name][row]) + 1}" if node.name in self.arrays else node.name

    def _summed(self, node: Node, row: int, column: int) -> tuple[list[tuple[int, int]], int]:
        """Return the cells that a sum is over, or some of them, and how many there are."""
        rows, columns = _as_matrix(self.shape(node.parts[0]))
        match node.name:
            case "Σᵢ":
                return [(place, column) for place in _few(rows)], rows
            case "Σⱼ":
                return [(row, place) for place in _few(columns)], columns
            case _:
                return [divmod(place, columns) for place in _few(rows * columns)], rows * columns

    def shape(self, node: Node) -> tuple[int, ...]:
        """Return the shape of a part; () for a number."""
        if node.sign == "name" and node.name in self.arrays:
            return self.arrays[node.name].shape
        shapes = [self.shape(part) for part in node.parts]
        if node.sign == "ᵀ":
            return shapes[0][::-1]
        if node.sign == "·" and self._is_matrix_product(node):
            return shapes[0][0], shapes[1][1]
        if node.sign == "sum":
            rows = _as_matrix(shapes[0])[0]
            return {"Σᵢ": shapes[0][1:], "Σⱼ": (rows, 1)}.get(node.name, ())
        return np.broadcast_shapes(*shapes) if shapes else ()

    def _is_matrix_product(self, node: Node) -> bool:
        return all(len(self.shape(part)) == 2 for part in node.parts)

    def used(self, node: Node, row: int | None, column: int | None) -> Iterator[tuple[str, Cell]]:
        """Yield which cells of which arrays the cell of a part comes from."""
        if node.sign == "name":
            if node.name in self.arrays:
                yield node.name, (row, column)
            return
        for part, cell in zip(node.parts, self._cells(node, row, column), strict=True):
            yield from self.used(part, *cell)

    def _cells(self, node: Node, row: int | None, column: int | None) -> list[Cell]:
        """Return for each part which cells of it the cell of a node comes from."""
        if node.sign == "ᵀ":
            return [(column, row)]
        if node.sign == "·" and self._is_matrix_product(node):
            return [(row, None), (None, column)]
        if node.sign == "sum":
            return [{"Σᵢ": (None, column), "Σⱼ": (row, None)}.get(node.name, (None, None))]
        return [(row, column)] * len(node.parts)


def _times(left: Written, right: Written) -> Written:
    return Written(f"{left.within(PRODUCT)}·{right.within(POWER)}", PRODUCT)


def _sum(terms: list[Written], count: int, *, ends_with_dots: bool = False) -> Written:
    """Return terms with plus signs between; dots, before the last or at the end, stand for those left out of `count`."""
    texts = [term.within(PRODUCT) if number else term.text for number, term in enumerate(terms)]
    if count > len(texts):
        texts.insert(len(texts) if ends_with_dots else -1, "…")
    return Written(" + ".join(texts), SUM if len(texts) > 1 else terms[0].level)


def _few(count: int) -> list[int]:
    """Return the places of the terms of a sum that are written: all, or the first ones and the last."""
    return list(range(count)) if count <= MOST_TERMS else [*range(MOST_TERMS - 1), count - 1]


def _as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape if len(shape) == 2 else (1, shape[0] if shape else 1)


def _at(array: AnyArray, row: int, column: int) -> float:
    """Return a cell of an array, which can have one row or column in place of many."""
    rows, columns = _as_matrix(array.shape)
    return float(array.reshape(rows, columns)[min(row, rows - 1), min(column, columns - 1)])
