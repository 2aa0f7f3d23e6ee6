"""The weights of a network as the edges of its graph, in the colour and width of their size."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSimpleTextItem,
)

from engine.core.arrays import Floats
from engine.model.layout import Layout
from engine.report.probes import NeuronRef
from gui.canvas.scene import SceneView
from gui.look.colours import EXACTLY_ZERO, HALF, NOT_A_NUMBER, Scale, mixed
from gui.look.theme import Theme
from gui.present.graph_layout import GraphLayout
from gui.text import words

PENS_PER_SIGN = 10
"""Number of pens for positive weights, and as many for negative ones."""
ABOVE_EDGES = PENS_PER_SIGN + 1
"""Height (z value) of what lies above all edges."""
THINNEST_EDGE, THICKEST_EDGE = 1.01, 2.5
ZERO_PEN, NOT_DRAWN = PENS_PER_SIGN + 1, PENS_PER_SIGN + 2
FAINTEST_EDGE = 0.25
"""Strength of the colour of the weakest edges, which fade into the background."""
PEN_OF_COLOUR = np.sign(np.arange(2 * HALF + 3) - HALF) * np.ceil(
    np.abs(np.arange(2 * HALF + 3) - HALF) * (PENS_PER_SIGN / HALF)
).astype(np.intp)
PEN_OF_COLOUR[NOT_A_NUMBER], PEN_OF_COLOUR[EXACTLY_ZERO] = NOT_DRAWN, ZERO_PEN
"""Maps each place in the lookup table of colours to a pen, from -PENS_PER_SIGN to PENS_PER_SIGN."""
ZERO_DASHES = (1.0, 4.0)
"""A weight of exactly 0 is dotted: widths of the pen that are line, and that are gap."""
MAX_EDGES = 500
"""Maximum number of edges drawn per layer of weights; the strongest are chosen."""
MAX_EDGES_WITH_GAPS = 150
"""The same maximum for layers with neurons left out, where more edges would only cover each other."""

_Edge: TypeAlias = tuple[float, float, float, float]
"""The two ends of an edge: x, y, x, y."""


Cell: TypeAlias = tuple[int | None, int | None]
"""Row and column of a matrix of weights, counted from 0; None stands for all of them."""
NUMBER_PLACES = (0.5, 0.35, 0.65, 0.22, 0.78)
"""Where on an edge its number can stand, as shares of its length, the best place first."""
LEAST_LENGTH, ROOM_PER_NUMBER = 60.0, 2500.0
"""The length of edges from which on numbers may fit, and the room from which on they stand on all of them, in pixels."""
NUMBER_ROOM = 2.0
"""Pixels that stay free around the number on an edge."""


class EdgeNumbers:
    """Numbers on the edges of a graph, where there is room: on those of a chosen cell first."""

    def __init__(self, view: SceneView) -> None:
        self._view = view
        self._items: list[tuple[QGraphicsRectItem, QGraphicsSimpleTextItem]] = []
        self.written: dict[tuple[int, int, int], str] = {}
        """What is written on which edge: its layer, counted from 1, its row and its column."""

    def show(
        self, graph: GraphLayout, layer: int, numbers: Floats, chosen: Cell, taken: list[QRectF]
    ) -> None:
        """Write numbers (fan_in, fan_out) of the weights into a layer, nowhere on `taken` areas, which grow by them."""
        left, right = graph.columns[layer - 1], graph.columns[layer]
        edges = [
            (int(row), int(column), QLineF(left.x, float(y), right.x, float(z)))
            for row, y in zip(left.units, left.y, strict=True)
            for column, z in zip(right.units, right.y, strict=True)
        ]
        inside = QRectF(
            QPointF(left.x + graph.radius, 0.0),
            QPointF(right.x - graph.radius, self._view.drawing.sceneRect().bottom()),
        )
        has_room = inside.width() * inside.height() >= ROOM_PER_NUMBER * len(edges)
        first = [edge for edge in edges if _is_in(chosen, edge[0], edge[1])]
        others = [edge for edge in edges if edge not in first] if has_room else []
        for row, column, line in [*first, *others] if inside.width() >= LEAST_LENGTH else []:
            text = words.number(float(numbers[row, column]))
            self._write(
                text, line, inside, taken, is_chosen=_is_in(chosen, row, column), key=(layer, row, column)
            )

    def clear(self) -> None:
        """Write nothing."""
        for item in [item for pair in self._items for item in pair]:
            self._view.drawing.removeItem(item)
        self._items, self.written = [], {}

    def _write(
        self,
        text: str,
        line: QLineF,
        inside: QRectF,
        taken: list[QRectF],
        *,
        is_chosen: bool,
        key: tuple[int, int, int],
    ) -> None:
        item = self._view.text_item(10, bold=is_chosen)
        item.setText(text)
        size = item.boundingRect()
        for share in NUMBER_PLACES:
            size.moveCenter(line.pointAt(share))
            room = size.adjusted(-NUMBER_ROOM, 0, NUMBER_ROOM, 0)
            if inside.contains(room) and not any(room.intersects(other) for other in taken):
                break
        else:
            self._view.drawing.removeItem(item)
            return
        theme = self._view.theme
        ground = self._view.drawing.addRect(size, QPen(Qt.PenStyle.NoPen), QColor(theme.surface))
        ground.setZValue(ABOVE_EDGES)
        item.setZValue(ABOVE_EDGES + 1)
        item.setPos(size.topLeft())
        item.setBrush(QColor(theme.text if is_chosen else theme.muted))
        taken.append(room)
        self._items.append((ground, item))
        self.written[key] = text


def _is_in(cell: Cell, row: int, column: int) -> bool:
    return cell[0] in {None, row} and cell[1] in {None, column}


class Edges:
    """The edges of a graph. All edges of one pen are one item, which Qt paints faster than an item per edge."""

    def __init__(self, scene: QGraphicsScene, widths: Sequence[int]) -> None:
        """Add items to a scene for a network with layers of these `widths`."""
        self._widest = max(widths)
        self.items = [QGraphicsPathItem() for _ in range(2 * PENS_PER_SIGN + 2)]
        for index, item in enumerate(self.items):
            # strong edges lie above weak ones
            item.setZValue(abs(index - PENS_PER_SIGN) if index <= 2 * PENS_PER_SIGN else 0)
            scene.addItem(item)
        self.clear()

    def clear(self) -> None:
        """Draw no edges, until they are placed again."""
        self._weights = np.empty(0, np.intp)
        self._ends: list[_Edge] = []
        self._neurons = np.empty((0, 2), np.intp)
        self._layers: list[tuple[slice, int]] = []
        self.levels = np.empty(0, np.intp)
        """The pen of each edge, from -PENS_PER_SIGN to NOT_DRAWN."""
        self.drawn: list[list[int]] = [[] for _ in self.items]
        """The edges that each item draws."""
        for item in self.items:
            item.setPath(QPainterPath())

    @property
    def placed(self) -> bool:
        """Return whether it is known where edges begin and end."""
        return len(self._weights) > 0

    def set_pens(self, scale: Scale, theme: Theme) -> None:
        """Take the colours of a scale, on the surface of a theme."""
        for index, item in enumerate(self.items):
            share = (index - PENS_PER_SIGN) / PENS_PER_SIGN if index <= 2 * PENS_PER_SIGN else 0.0
            strength = FAINTEST_EDGE + (1 - FAINTEST_EDGE) * abs(share)
            strong = scale.colour(float(np.sign(share)) * (0.5 + 0.5 * abs(share)))
            colour = mixed(QColor(theme.surface), strong, strength) if share else QColor(theme.border)
            pen = QPen(colour, THINNEST_EDGE + (THICKEST_EDGE - THINNEST_EDGE) * abs(share))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if index > 2 * PENS_PER_SIGN:
                pen.setColor(QColor(theme.faint))
                pen.setDashPattern(ZERO_DASHES)
            item.setPen(pen)

    def place(self, layout: Layout, graph: GraphLayout) -> None:
        """Note the place of each drawn weight in the flat vector of parameters, and the ends of its edge."""
        positions = np.arange(layout.size)
        places, ends, neurons, start = [], [], [], 0
        self._layers = []
        for number, block in enumerate(layout.blocks):
            left, right = graph.columns[number : number + 2]
            drawn = block.weights(positions)[np.ix_(left.units, right.units)]
            lines = np.empty((*drawn.shape, 4))
            lines[..., 0], lines[..., 2] = left.x + graph.radius, right.x - graph.radius
            lines[..., 1], lines[..., 3] = left.y[:, np.newaxis], right.y[np.newaxis, :]
            places.append(drawn.ravel())
            ends.append(lines.reshape(-1, 4))
            codes = self._code(number, left.units), self._code(number + 1, right.units)
            neurons.append(
                np.stack(np.broadcast_arrays(codes[0][:, np.newaxis], codes[1]), -1).reshape(-1, 2)
            )
            most = MAX_EDGES if drawn.size == block.fan_in * block.fan_out else MAX_EDGES_WITH_GAPS
            self._layers.append((slice(start, start + drawn.size), most))
            start += drawn.size
        self._weights = np.concatenate(places)
        self._ends = [tuple(edge) for edge in np.concatenate(ends).tolist()]
        self._neurons = np.concatenate(neurons)

    def _code(self, layer: int, units: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return one number for each of some neurons of a layer that no neuron of another layer has."""
        return np.asarray(units, np.intp) + self._widest * layer

    def show(
        self,
        theta: Floats,
        scale: Scale,
        alone: NeuronRef | None,
        layers: Collection[int] | None = None,
    ) -> None:
        """Draw the weights of the flat vector `theta`: those of the neuron `alone`, or of all if it is None.

        Of those only the ones that lead into some `layers`, if they are given.
        """
        weights = theta[self._weights]
        levels = PEN_OF_COLOUR[scale.places(scale.shares(weights))]
        if alone is not None:
            code = self._code(alone.layer, np.array(alone.neuron))
            levels[(self._neurons != code).all(axis=1)] = NOT_DRAWN
        else:
            self._leave_out_weakest(levels, weights)
        for number, (layer, _) in enumerate(self._layers, start=1):
            if layers is not None and number not in layers:
                levels[layer] = NOT_DRAWN
        if not np.array_equal(levels, self.levels):
            self._draw(levels)

    def _draw(self, levels: npt.NDArray[np.intp]) -> None:
        self.levels = levels
        order = np.argsort(levels, kind="stable")
        bounds = np.searchsorted(levels[order], np.arange(-PENS_PER_SIGN, NOT_DRAWN + 1)).tolist()
        edges = order.tolist()
        for index, item in enumerate(self.items):
            members = edges[bounds[index] : bounds[index + 1]]
            if members != self.drawn[index]:
                self.drawn[index] = members
                item.setPath(_path([self._ends[edge] for edge in members]))

    def _leave_out_weakest(self, levels: npt.NDArray[np.intp], weights: Floats) -> None:
        for layer, most in self._layers:
            if layer.stop - layer.start > most:
                weakest = np.argpartition(np.abs(weights[layer]), -most)[:-most]
                levels[layer][weakest] = NOT_DRAWN


def _path(edges: list[_Edge]) -> QPainterPath:
    """Return a path of separate lines. For few lines it is faster than an array."""
    path = QPainterPath()
    for x1, y1, x2, y2 in edges:
        path.moveTo(x1, y1)
        path.lineTo(x2, y2)
    return path


ARC_HEIGHT, ARC_PEN, ARC_TOP = 14.0, 1.6, 2.0
"""How high an arc rises over the neurons at its ends, its width, and the least distance of it from the top, in pixels."""


class Arcs:
    """An arc over each residual layer, from the neurons before it to its own, which what they get is added to."""

    def __init__(self, drawing: QGraphicsScene) -> None:
        self._item = QGraphicsPathItem()
        self._item.setZValue(-1)
        drawing.addItem(self._item)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._item.setPen(QPen(QColor(theme.accent), ARC_PEN))

    def show(self, residuals: Sequence[bool], graph: GraphLayout) -> None:
        """Draw the arcs of the layers that are residual."""
        path = QPainterPath()
        for layer, is_residual in enumerate(residuals if graph.columns else (), start=1):
            if is_residual:
                left, right = graph.columns[layer - 1 : layer + 1]
                start, end = (float(column.y.min()) - graph.radius for column in (left, right))
                path.moveTo(left.x, start)
                over = max(min(start, end) - ARC_HEIGHT, ARC_TOP)
                path.cubicTo(left.x, over, right.x, over, right.x, end)
        self._item.setPath(path)

    @property
    def count(self) -> int:
        """Return how many arcs are drawn."""
        path = self._item.path()
        return sum(path.elementAt(place).isMoveTo() for place in range(path.elementCount()))
