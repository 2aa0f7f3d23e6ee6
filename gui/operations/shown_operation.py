"""What is shown of an operation in a lane: the matrices that it reads, the one that it writes, and one cell of that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.core.arrays import AnyArray, Floats
from engine.report.answers import DoneOperation, Walk
from engine.report.snapshot import LaneSnapshot
from gui.canvas.graph_edges import Cell
from gui.canvas.graph_view import Work
from gui.look.colours import GRADIENT_DECADES, Scale, colour_limit, largest
from gui.operations.cell_formula import CellFormula
from gui.operations.chosen_samples import Samples, samples_of
from gui.operations.formula_tree import Node, put_in, tree_of
from gui.present.frame import Frame
from gui.text import words
from gui.text.language import translate

WEIGHTS = re.compile(r"(?:[Wb]|scale|shift)\d+")
OF_EDGES, WEIGHTS_ONLY = re.compile(r"d?W(\d+)"), re.compile(r"W(\d+)")
"""W1 and dW1, and W1 alone."""
OF_PARAMETERS = re.compile(r"(?:(?:[a-z]\d?)?(?:[Wb]|scale|shift)|running_mean|running_var)(\d+)")
"""What is about the weights or biases of a layer: W1, dW1, mb1, scale1; all other arrays are about samples."""
STATISTIC = re.compile(r"(?:μ|var|σ)\d+")
"""What has one number for each neuron, or one for each sample in a column."""


@dataclass(frozen=True)
class ShownOperation:
    """Operation number `place` of a step of a lane; `cell` is a row and column of what it writes, where that has them.

    `scales` are the colours of each array, by name, the same in all lanes. `samples` are those whose rows are shown.
    """

    lane: LaneSnapshot
    walk: Walk
    place: int
    cell: tuple[int, int]
    scales: Mapping[str, Scale]
    samples: Samples

    @property
    def done(self) -> DoneOperation:
        """Return the operation."""
        return self.walk.operations[self.place]

    @cached_property
    def before(self) -> dict[str, AnyArray]:
        """Return all arrays as they are before the operation."""
        done = self.walk.operations[: self.place]
        return {**self.walk.given, **{operation.target: operation.value for operation in done}}

    @cached_property
    def known(self) -> dict[str, AnyArray]:
        """Return all arrays as they are after it."""
        return {**self.before, self.done.target: self.done.value}

    @cached_property
    def chosen(self) -> tuple[int, int]:
        """Return the row and column that are written out: the chosen ones, or the nearest that are shown.

        Of a matrix of samples the row is that of the sample that somebody has fixed.
        """
        rows, columns = _shape(self.done.value)
        row, column = min(self.cell[0], rows - 1), min(self.cell[1], columns - 1)
        if self.is_of_samples(self.done.target):
            fixed = self.samples.fixed
            row = self.samples.nearest(row) if fixed is None else fixed
        return row, column

    def is_of_samples(self, name: str) -> bool:
        """Return whether the rows of an array are samples."""
        array = self.known.get(name)
        is_matrix = array is not None and array.ndim == 2 and len(array) == self.samples.total
        return is_matrix and not OF_PARAMETERS.fullmatch(name)

    def rows_of(self, name: str, array: AnyArray) -> AnyArray:
        """Return the rows of an array that are shown, (rows, columns); a vector is one row."""
        rows = array.reshape(_shape(array))
        return rows[self.samples.rows] if self.is_of_samples(name) else rows

    def place_of(self, name: str, row: int) -> int:
        """Return at which place of those that are shown a row of an array is."""
        if not self.is_of_samples(name):
            return row
        return int(np.searchsorted(self.samples.rows, self.samples.nearest(row)))

    def row_at(self, name: str, place: int) -> int:
        """Return the row of an array at a place of those that are shown."""
        return int(self.samples.rows[place]) if self.is_of_samples(name) else place

    def cell_name(self, name: str, row: int, column: int) -> str:
        """Return what a cell of an array is called; samples have the numbers that they have in the data."""
        number = self.samples.number(row) if self.is_of_samples(name) else row + 1
        return _cell_name(name, self.known[name].ndim, number, column + 1)

    @property
    def used(self) -> list[tuple[str, Cell]]:
        """Return which cells the chosen one comes from."""
        return [] if self._tree is None else list(self._formula.used(self._tree, *self.chosen))

    @property
    def work(self) -> Work:
        """Return the layers whose weights it reads or writes, and the layer that the result belongs to."""
        done, last = self.done, len(self.lane.layers)
        found = [OF_PARAMETERS.fullmatch(name) for name in (*done.reads, done.target)]
        layer = done.layer if done.layer or done.phase == "forward" else last
        layers = frozenset(int(match[1]) for match in found if match)
        direction = {"backward": -1, "update": 0}.get(done.phase, 1)
        return Work(layers, layer, direction, numbers=tuple(self._on_edges()))

    def _on_edges(self) -> Iterator[tuple[int, Floats, Cell]]:
        """Yield the matrices of weights, or of what is about them, whose numbers stand on the edges of a layer.

        That is what the operation writes or, if that is about no weights, the weights that it reads.
        """
        target = OF_EDGES.fullmatch(self.done.target)
        if target:
            yield int(target[1]), self.done.value, (None, self.chosen[1])
            return
        for name, cell in dict(self.used).items():
            if match := WEIGHTS_ONLY.fullmatch(name):
                yield int(match[1]), self.before[name], cell

    @property
    def lines(self) -> list[str]:
        """Return the chosen cell written out with its numbers, and below it that of another neuron of its group."""
        row, column = self.chosen
        twin = self._twin(column)
        if twin is not None:
            return [self._line(row, column), self._line(row, twin)]
        sender = self._twin_sender(row)
        return [self._line(place, column) for place in ([row] if sender is None else [row, sender])]

    def _line(self, row: int, column: int) -> str:
        done = self.done
        value = words.number(float(done.value.reshape(_shape(done.value))[row, column]))
        name = f"{done.target}{self.cell_name(done.target, row, column)}"
        if self._tree is None:
            return f"{name} = {value}"
        return f"{name} = {self._formula.write(self._tree, row, column).text} = {value}"

    def _twin(self, column: int) -> int | None:
        """Return another neuron of the group that a column is of; None where there is none."""
        return self._another(self.done.layer, column, _shape(self.done.value)[1])

    def _twin_sender(self, row: int) -> int | None:
        """Return another neuron of the group that a row of outgoing weights is of; None where there is none."""
        found = OF_EDGES.fullmatch(self.done.target)
        return self._another(int(found[1]) - 1, row, len(self.done.value)) if found else None

    def _another(self, layer: int, neuron: int, count: int) -> int | None:
        """Return another neuron of the group of one of the `count` neurons of a hidden layer; None without one."""
        if not 1 <= layer < len(self.lane.layers):
            return None
        labels = self.lane.layers[layer - 1].symmetry.labels
        if neuron >= len(labels) or count != len(labels):
            return None
        others = (place for place, label in enumerate(labels) if label == labels[neuron] and place != neuron)
        return next(others, None)

    @cached_property
    def _tree(self) -> Node | None:
        tree = tree_of(self.done.formula)
        return tree and self._with_sums(tree)

    def _with_sums(self, node: Node) -> Node:
        """Write functions out that add up other cells, as softmax does."""
        parts = tuple(map(self._with_sums, node.parts))
        formula = self.walk.functions.get(node.name, "") if node.sign == "call" else ""
        written = re.sub(r"Σ (\w+\(z\))", r"Σⱼ(\1)", formula)
        tree = tree_of(f"f = {written}") if written != formula else None
        return put_in(tree, "z", parts[0]) if tree else Node(node.sign, parts, node.name)

    @cached_property
    def _formula(self) -> CellFormula:
        return CellFormula(self.before, self.walk.numbers)


def _cell_name(target: str, dimensions: int, row: int, column: int) -> str:
    """Return what a cell of an array is called; its row and column count from 1."""
    if dimensions == 0:
        return ""
    if STATISTIC.fullmatch(target) and dimensions == 2:
        return translate("operations", "[sample {0}]").format(row)
    if not OF_PARAMETERS.fullmatch(target) and not (STATISTIC.fullmatch(target) and dimensions == 1):
        if dimensions == 1:
            return translate("operations", "[{0}]").format(column)
        return translate("operations", "[sample {0}, neuron {1}]").format(row, column)
    if dimensions == 1:
        return translate("operations", "[neuron {0}]").format(column)
    return translate("operations", "[{0}, neuron {1}]").format(_source(target, row), column)


def _source(weights: str, row: int) -> str:
    """Return what a row of weights, or of their gradient, comes from."""
    found = OF_PARAMETERS.fullmatch(weights)
    if found is None or int(found.group(1)) == 1:
        return translate("operations", "input {0}").format(row)
    return translate("operations", "neuron {0} of layer {1}").format(row, int(found.group(1)) - 1)


def operations_of(frame: Frame) -> list[ShownOperation | None]:
    """Return the shown operation of the leading lane, and the same one of the others; None where there is none."""
    walks = [lane.insight.walk for lane in frame.snapshot.lanes]
    leading = walks[frame.lead]
    if frame.operation is None or leading is None:
        return [None] * len(walks)
    key = _keys(leading)[min(frame.operation, len(leading.operations) - 1)]
    scales = _scales([walk for walk in walks if walk is not None], frame.scales.weights)
    return [
        ShownOperation(
            lane, walk, _keys(walk).index(key), frame.cell, scales, samples_of(all_arrays(walk), frame.sample)
        )
        if walk is not None and key in _keys(walk)
        else None
        for lane, walk in zip(frame.snapshot.lanes, walks, strict=True)
    ]


def all_arrays(walk: Walk) -> dict[str, AnyArray]:
    """Return all arrays of a step as they are after it, in the order in which they come up."""
    return {**walk.given, **{done.target: done.value for done in walk.operations}}


def _keys(walk: Walk) -> list[tuple[str, str, int]]:
    """Return for each operation its phase, what it writes, and how often the phase has written that before."""
    keys: list[tuple[str, str, int]] = []
    for done in walk.operations:
        same = sum(key[:2] == (done.phase, done.target) for key in keys)
        keys.append((done.phase, done.target, same))
    return keys


def _scales(walks: Sequence[Walk], as_weights: Scale) -> dict[str, Scale]:
    """Return the colours of each array, by name: up to the largest number that it has in any lane.

    They are logarithmic for gradients, and for all others where those of the weights are.
    """
    sizes: dict[str, float] = {}
    for walk in walks:
        values = [*walk.given.items(), *((done.target, done.value) for done in walk.operations)]
        for name, value in values:
            sizes[name] = max(sizes.get(name, 0.0), largest(value))
    weights = max((size for name, size in sizes.items() if WEIGHTS.fullmatch(name)), default=0.0)
    return {
        name: Scale(
            colour_limit(weights if WEIGHTS.fullmatch(name) else size),
            GRADIENT_DECADES if name.startswith("d") else as_weights.decades,
            as_weights.theme,
        )
        for name, size in sizes.items()
    }


def _shape(array: AnyArray) -> tuple[int, int]:
    return array.shape if array.ndim == 2 else (1, array.size)
