"""The legend of the curves names every lane once, cuts no name, and leads to lanes that are out of view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from engine.session.commands import Duplicate
from gui.app.application import Laboratory
from gui.plots.legend import Entry, Legend

from .conftest import Build
from .test_real_use import child

NAMES = ("zeros", "large", "xavier", "he")
ENTRIES = {number: Entry(name, "#7c3aed") for number, name in enumerate(NAMES)}


@pytest.fixture
def legend(qtbot: QtBot, request: pytest.FixtureRequest) -> Legend:
    legend = Legend("legend", one_row=request.param)
    qtbot.addWidget(legend)
    legend.write(ENTRIES)
    legend.show()
    return legend


@pytest.mark.parametrize("legend", [True], indirect=True)
def test_a_row_has_all_names_or_none(legend: Legend) -> None:
    for width in (0, 5, 12, 80, 200, 250, 300, 600):
        legend.resize(width, 20)
        assert tuple(legend.texts) == (NAMES if legend.has_names else ())
    assert legend.has_names
    legend.show_names(False)
    assert not legend.texts
    assert legend.has_names


@pytest.mark.parametrize("legend", [True], indirect=True)
def test_the_name_of_a_lane_alone_is_whole_or_stands_elsewhere(legend: Legend) -> None:
    legend.write({0: Entry("six-layers", "#7c3aed")})
    for width in range(0, 200, 10):
        legend.resize(width, 20)
        assert legend.texts == (["six-layers"] if legend.has_names else [])
        shown = [button for button in legend.findChildren(QToolButton) if not button.isHidden()]
        assert all(legend.rect().contains(button.geometry()) for button in shown)
    assert legend.has_names


@pytest.mark.parametrize("legend", [False], indirect=True)
def test_rows_have_all_names_at_every_width(legend: Legend) -> None:
    for width in (90, 150, 600):
        legend.resize(width, 20)
        assert tuple(legend.texts) == NAMES
        for button in legend.findChildren(QToolButton):
            assert legend.rect().contains(button.geometry())
            assert button.fontMetrics().horizontalAdvance(button.text()) < button.width()
    assert legend.height() < 20
    long = {
        n: Entry(f"a name that is far too long for a narrow window, number {n}", "#000000") for n in range(8)
    }
    legend.write(long)
    legend.resize(150, 20)
    assert len(set(legend.texts)) == 8


def names_of(laboratory: Laboratory) -> list[list[str]]:
    """Return what the legends of the window say, in the first plot and above all plots."""
    curves = laboratory.window.curves
    legends = [curves.findChild(Legend, name) for name in ("curves.legend", "curves.names")]
    return [legend.texts if legend is not None and legend.isVisible() else [] for legend in legends]


def test_names_stand_at_one_place_and_lead_to_lanes_out_of_view(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1280, 720))
    assert names_of(laboratory) == [list(NAMES), []]
    for number in range(4):
        laboratory.training.act(Duplicate(f"he number {number} & more", lane="he"))
    qtbot.waitUntil(lambda: len(laboratory.window.lanes) == 8)
    QApplication.processEvents()
    new = [f"he number {number} & more" for number in (3, 2, 1, 0)]
    assert names_of(laboratory) == [[], [*NAMES, *new]], "all eight lanes are in view"
    laboratory.display.set_editor(True)
    qtbot.waitUntil(lambda: names_of(laboratory)[1][-1].endswith(" ›"))
    cut = [
        plot
        for plot in laboratory.window.curves.drawings
        if plot.viewport().visibleRegion().boundingRect() != plot.viewport().rect()
    ]
    assert not cut, "the axes below the curves have room, too"
    box, last = laboratory.window.figure.lanes_box, laboratory.window.lanes[-1]
    assert not box.viewport().rect().contains(last.mapTo(box.viewport(), last.rect().bottomRight()))
    assert not child(laboratory, "curves.names.0").isEnabled()
    qtbot.mouseClick(child(laboratory, "curves.names.7"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert box.viewport().rect().contains(last.mapTo(box.viewport(), last.rect().bottomRight()))
    assert names_of(laboratory)[1][0] == "‹ zeros"
    assert names_of(laboratory)[1][-1] == new[-1]


def test_an_enlarged_plot_has_the_names(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1280, 720))
    laboratory.display.enlarge("card.spread")
    qtbot.waitUntil(lambda: names_of(laboratory) == [[], list(NAMES)])
