"""Edges of the network graph: exactly zero is dotted, and a neuron under the pointer shows its own alone."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from gui.canvas.graph_edges import ZERO_PEN
from gui.canvas.graph_view import GraphView
from gui.present.graph_layout import lay_out

from .conftest import Build


def drawn(graph: GraphView) -> int:
    return sum(map(len, graph.edges.drawn))


def test_an_edge_of_exactly_zero_is_dotted(build: Build) -> None:
    lanes = build("circles").window.lanes
    zeros, he = lanes[0].graph, lanes[3].graph
    assert (zeros.edges.levels == ZERO_PEN).all()
    assert zeros.edges.items[-1].pen().style() is Qt.PenStyle.CustomDashLine
    assert (he.edges.levels != ZERO_PEN).all()


def test_the_edges_of_the_neuron_under_the_pointer_are_shown_alone(qtbot: QtBot, build: Build) -> None:
    graph = build("circles").window.lanes[3].graph
    everything = drawn(graph)
    assert everything == 2 * 10 + 10 * 5 + 5 * 1
    place = graph.mapFromScene(QPointF(graph.layers.columns[1].x, float(graph.layers.columns[1].y[0])))
    qtbot.mouseMove(graph.viewport(), place)
    qtbot.waitUntil(lambda: drawn(graph) == 2 + 5)
    qtbot.mouseMove(graph.viewport(), QPoint(1, 1))
    qtbot.waitUntil(lambda: drawn(graph) == everything)


def test_no_neuron_hides_one_of_another_layer_in_a_narrow_graph() -> None:
    for width in (45, 63, 105, 300):
        layout = lay_out((2, 10, 5, 1), width, 120)
        first, second = layout.columns[0].x, layout.columns[1].x
        assert second - first > 2 * layout.radius
        assert first - layout.radius >= 0
        assert layout.columns[-1].x + layout.radius <= width
