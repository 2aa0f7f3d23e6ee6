"""What stands beside the pointer is exact, stays as long as the pointer stays, and is true of the shown step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.canvas.heatmap_view import HeatmapView
from gui.canvas.scene import SceneView
from gui.lanes.space_view import SpaceView
from gui.look.hover import TIP_MILLISECONDS

from .conftest import Build
from .test_real_use import shown, wait_for_step


def rest(view: SceneView, place: QPoint) -> None:
    """Let the pointer rest at a place of a view for so long that Qt asks for the tooltip of the widget there."""
    viewport = view.viewport()
    event = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)


def point_at(qtbot: QtBot, view: SceneView, place: QPoint) -> None:
    """Move the pointer to a place from the one beside it: where it is already, no event would come."""
    qtbot.mouseMove(view.viewport(), place - QPoint(1, 0))
    qtbot.mouseMove(view.viewport(), place)


def cell(heatmap: HeatmapView, row: int, neuron: int) -> QPoint:
    width, height = heatmap.arrangement.cell
    corner = heatmap._weights.frame.rect().topLeft()  # pyright: ignore[reportPrivateUsage]
    return heatmap.mapFromScene(corner.x() + (neuron + 0.5) * width, corner.y() + (row + 0.5) * height)


def weight_text(heatmap: HeatmapView, value: float) -> str:
    return f"weight from input 1 to neuron 2 = {value:.17g}"


def test_the_exact_value_of_a_cell_stays_while_the_pointer_stays(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    heatmap = laboratory.window.lanes[2].heatmaps[0]
    exact = weight_text(heatmap, shown(laboratory).lanes[2].layers[0].weights[0, 1])
    place = cell(heatmap, 0, 1)
    point_at(qtbot, heatmap, place)
    assert QToolTip.text() == exact
    rest(heatmap, place)
    assert QToolTip.text() == exact, "the general tooltip must not take its place"
    assert heatmap.toolTipDuration() == TIP_MILLISECONDS > 3_600_000


def test_a_value_that_changes_under_a_resting_pointer_is_said_anew(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    heatmap = laboratory.window.lanes[2].heatmaps[0]
    point_at(qtbot, heatmap, cell(heatmap, 0, 1))
    before = QToolTip.text()
    laboratory.training.go_to(40)
    wait_for_step(qtbot, laboratory, 40)
    exact = weight_text(heatmap, shown(laboratory).lanes[2].layers[0].weights[0, 1])
    assert exact != before
    qtbot.waitUntil(lambda: QToolTip.text() == exact)
    rest(heatmap, cell(heatmap, 0, 1))
    assert QToolTip.text() == exact


def test_between_the_cells_and_after_the_pointer_the_general_text_is_back(qtbot: QtBot, build: Build) -> None:
    laboratory = build("columns")
    heatmap = laboratory.window.lanes[2].heatmaps[0]
    general = heatmap.toolTip()
    assert general.startswith("Rows are inputs")
    point_at(qtbot, heatmap, cell(heatmap, 0, 1))
    assert heatmap.toolTip() != general
    point_at(qtbot, heatmap, QPoint(1, 1))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
    rest(heatmap, QPoint(1, 1))
    assert QToolTip.text() == general
    point_at(qtbot, heatmap, cell(heatmap, 0, 1))
    QApplication.sendEvent(heatmap, QEvent(QEvent.Type.Leave))
    assert heatmap.toolTip() == general


def test_a_place_of_the_data_space_keeps_its_output(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    view = laboratory.window.findChild(SpaceView, "lane.0.space")
    assert isinstance(view, SpaceView)
    qtbot.waitUntil(lambda: view.isVisible() and view._shown is not None)  # pyright: ignore[reportPrivateUsage]
    middle = view.mapFromScene(view._square.center())  # pyright: ignore[reportPrivateUsage]
    point_at(qtbot, view, middle)
    exact = view.text_at(view.mapToScene(middle))
    assert "output" in exact
    rest(view, middle)
    assert QToolTip.text() == exact


@pytest.mark.parametrize("text", ["<img src='file:///etc/x'>", "<b>bold</b>"])
def test_a_hostile_text_is_no_markup(qtbot: QtBot, text: str) -> None:
    class Place(SceneView):
        def text_at(self, place: object) -> str:
            return text

        def mouseMoveEvent(self, event: object) -> None:
            self.hover.move(event)  # pyright: ignore[reportArgumentType]

    view = Place("a drawing")
    view.setMouseTracking(True)
    qtbot.addWidget(view)
    view.show()
    point_at(qtbot, view, QPoint(5, 5))
    assert "&lt;" in QToolTip.text()
    QToolTip.hideText()
