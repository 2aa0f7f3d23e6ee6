"""What is shown of an operation in a lane: the matrices that it reads, the one that it writes, and one cell of that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.core.arrays import AnyArray
from engine.report.answers import DoneOperation, Walk
from engine.report.snapshot import LaneSnapshot
from gui.canvas.graph_view import Work
from gui.look.colours import GRADIENT_DECADES, Scale, colour_limit, largest
from gui.operations.cell_formula import Cell, CellFormula
from gui.operations.formula_tree import Node, put_in, tree_of
from gui.present.frame import Frame
from gui.text import words
from gui.text.language import translate

WEIGHTS = re.compile(r"[Wb]\d+")
OF_PARAMETERS = re.compile(r"(?:[a-z]\d?)?[Wb](\d+)")
"""What is about the weights or biases of a layer: W1, dW1, mb1; all other arrays are about samples."""


@dataclass(frozen=True)
class ShownOperation:
    """Operation number `place` of a step of a lane; `cell` is a row and column of what it writes, where that has them.

    `scales` are the colours of each array, by name, the same in all lanes.
    """

    lane: LaneSnapshot
    walk: Walk
    place: int
    cell: tuple[int, int]
    scales: Mapping[str, Scale]

    @property
    def done(self) -> DoneOperation:
        """Return the operation."""
        return self.walk.operations[self.place]

    @cached_property
    def before(self) -> dict[str, AnyArray]:
        """Return all arrays as they are before the operation."""
        done = self.walk.operations[: self.place]
        return {**self.walk.given, **{operation.target: operation.value for operation in done}}

    @property
    def known(self) -> dict[str, AnyArray]:
        """Return all arrays as they are after it."""
        return {**self.before, self.done.target: self.done.value}

    @property
    def all_names(self) -> list[str]:
        """Return the names of all arrays of the step, in the order in which they come up."""
        return list(dict.fromkeys([*self.walk.given, *(done.target for done in self.walk.operations)]))

    @cached_property
    def chosen(self) -> tuple[int, int]:
        """Return the row and column that are shown: the chosen ones, or the nearest that there are."""
        rows, columns = _shape(self.done.value)
        return min(self.cell[0], rows - 1), min(self.cell[1], columns - 1)

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
        return Work(layers, layer, is_backward=done.phase == "backward")

    @property
    def lines(self) -> list[str]:
        """Return the chosen cell written out with its numbers, and below it that of another neuron of its group."""
        row, column = self.chosen
        twin = self._twin(column)
        return [self._line(row, place) for place in ([column] if twin is None else [column, twin])]

    def _line(self, row: int, column: int) -> str:
        done = self.done
        value = words.number(float(done.value.reshape(_shape(done.value))[row, column]))
        name = f"{done.target}{cell_name(done.target, done.value.ndim, row, column)}"
        if self._tree is None:
            return f"{name} = {value}"
        return f"{name} = {self._formula.write(self._tree, row, column).text} = {value}"

    def _twin(self, column: int) -> int | None:
        """Return another neuron of the group that a column is of; None where there is none."""
        if not 1 <= self.done.layer < len(self.lane.layers):
            return None
        labels = self.lane.layers[self.done.layer - 1].symmetry.labels
        if column >= len(labels) or _shape(self.done.value)[1] != len(labels):
            return None
        others = [place for place, label in enumerate(labels) if label == labels[column] and place != column]
        return others[0] if others else None

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


def cell_name(target: str, dimensions: int, row: int, column: int) -> str:
    """Return what a cell of an array is called; all places count from 1."""
    if dimensions == 0:
        return ""
    if not OF_PARAMETERS.fullmatch(target):
        if dimensions == 1:
            return translate("operations", "[{0}]").format(column + 1)
        return translate("operations", "[sample {0}, neuron {1}]").format(row + 1, column + 1)
    if dimensions == 1:
        return translate("operations", "[neuron {0}]").format(column + 1)
    return translate("operations", "[input {0}, neuron {1}]").format(row + 1, column + 1)


def operations_of(frame: Frame) -> list[ShownOperation | None]:
    """Return the shown operation of the leading lane, and the same one of the others; None where there is none."""
    walks = [lane.insight.walk for lane in frame.snapshot.lanes]
    leading = walks[frame.lead]
    if frame.operation is None or leading is None:
        return [None] * len(walks)
    key = _keys(leading)[min(frame.operation, len(leading.operations) - 1)]
    scales = _scales([walk for walk in walks if walk is not None], frame.scales.weights)
    return [
        ShownOperation(lane, walk, _keys(walk).index(key), frame.cell, scales)
        if walk is not None and key in _keys(walk)
        else None
        for lane, walk in zip(frame.snapshot.lanes, walks, strict=True)
    ]


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
