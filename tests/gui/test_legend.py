"""The legend of the curves names every lane, or shows all dots where there is no room for all names."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.session.commands import Duplicate
from gui.plots.legend import Legend

from .conftest import Build


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_no_name_of_the_legend_is_cut(build: Build, size: tuple[int, int]) -> None:
    window = build("circles", size).window
    QApplication.processEvents()
    legend = window.curves.findChild(Legend, "curves.legend")
    assert legend is not None
    assert legend.text().count("●") == 4
    named = [name for name in ("zeros", "large", "xavier", "he") if re.search(rf"\b{name}\b", legend.text())]
    assert len(named) in {0, 4}
    assert legend.sizeHint().width() <= legend.width()
    assert all(name in legend.toolTip() for name in ("zeros", "large", "xavier", "he"))


ENTRIES = tuple((name, "#7c3aed") for name in ("zeros", "large", "xavier", "he"))


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.write(ENTRIES)
    legend.show()
    return legend


def test_a_wide_legend_has_names_and_a_narrow_one_dots(legend: Legend) -> None:
    legend.resize(600, 20)
    assert "xavier" in legend.text()
    legend.resize(80, 20)
    assert "xavier" not in legend.text()


@pytest.mark.parametrize("width", [0, 5, 12, 20, 40, 80, 200])
def test_no_width_shows_some_of_the_lanes_only(legend: Legend, width: int) -> None:
    legend.resize(width, 20)
    assert legend.text().count("●") in {0, 4}
    assert not legend.text() or legend.sizeHint().width() <= legend.width()


def test_names_without_room_in_the_first_plot_stand_above_all_of_them(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles", (1920, 1080))
    curves = laboratory.window.curves
    names = curves.findChild(Legend, "curves.names")
    assert names is not None
    assert not names.isVisible()
    for number in range(4):
        laboratory.training.act(Duplicate(f"he, for the time number {number}", lane="he"))
    qtbot.waitUntil(names.isVisible)
    QApplication.processEvents()
    assert all(f"number {number}" in names.text() for number in range(4))
    assert names.sizeHint().width() <= names.width()
