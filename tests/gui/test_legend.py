"""The legend of the curves names every lane, or shows all dots where there is no room for all names."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication

from gui.plots.legend import Legend

from .conftest import Build


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_no_name_of_the_legend_is_cut(build: Build, size: tuple[int, int]) -> None:
    window = build("circles", size).window
    QApplication.processEvents()
    legend = window.curves.findChild(Legend)
    assert legend is not None
    assert legend.text().count("●") == 4
    named = [name for name in ("zeros", "large", "xavier", "he") if re.search(rf"\b{name}\b", legend.text())]
    assert len(named) in {0, 4}
    assert legend.sizeHint().width() <= legend.width()
    assert all(name in legend.toolTip() for name in ("zeros", "large", "xavier", "he"))


def test_a_wide_legend_has_names_and_a_narrow_one_dots(build: Build) -> None:
    window = build("circles", (1920, 1080)).window
    legend = window.curves.findChild(Legend)
    assert legend is not None
    legend.resize(600, legend.height())
    assert "xavier" in legend.text()
    legend.resize(80, legend.height())
    assert "xavier" not in legend.text()


@pytest.mark.parametrize("width", [0, 5, 12, 20, 40, 80, 200])
def test_no_width_shows_some_of_the_lanes_only(build: Build, width: int) -> None:
    window = build("circles").window
    legend = window.curves.findChild(Legend)
    assert legend is not None
    legend.resize(width, legend.height())
    assert legend.text().count("●") in {0, 4}
    assert not legend.text() or legend.sizeHint().width() <= width
