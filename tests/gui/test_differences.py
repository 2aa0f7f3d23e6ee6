"""The panel lists everything in which lanes differ, marks all of them at a field, and leads back to common values."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from engine.experiments.experiment_file import parse_experiment
from gui.forms.field_row import LaneMark
from gui.panels.difference_list import DifferenceList
from tests.builders import document, layer

from .desk import Desk

RATE = "optimizer.learning_rate"


def desk_of(qtbot: QtBot, variants: dict[str, dict[str, object]]) -> Desk:
    """Return a panel on an experiment with variants by name."""
    named = [{"name": name, "set": changes} for name, changes in variants.items()]
    return Desk(qtbot, parse_experiment(msgspec.json.encode(document(layer(3), layer(1), variants=named))))


def text_of(found: DifferenceList) -> str:
    """Return what is read there, without what only allows a line to break."""
    read = QTextDocument()
    read.setHtml(found.label.text())
    return read.toPlainText().replace("\u200b", "")


def test_a_list_that_is_longer_than_its_room_is_whole_and_scrolls_and_leads_back(qtbot: QtBot) -> None:
    changes: dict[str, object] = {
        RATE: 0.25,
        "seed": 5,
        "batch.size": 16,
        "weight_decay": 0.1,
        "network.layers.0.units": 7,
    }
    variants = {f"a variant with the number {number}": changes for number in range(7)}
    desk = desk_of(qtbot, {**variants, "as the others": {}})
    found: DifferenceList = desk.find("differences")
    told = text_of(found)
    assert (
        told.count("learning rate: 0.25 instead of 0.5") == told.count("batch size: 16 instead of full") == 7
    )
    assert "as the others all common values" in told
    assert all(name in told for name in variants)
    bar = found.verticalScrollBar()
    assert found.label.heightForWidth(found.viewport().width()) == bar.maximum() + found.viewport().height()
    assert bar.maximum() > 0
    assert found.height() < desk.panel.height() / 3

    found.label.setFocus()
    qtbot.keyClick(found.label, Qt.Key.Key_Tab)
    qtbot.keyClick(found.label, Qt.Key.Key_Return)
    assert desk.lane == "a variant with the number 0"
    assert text_of(found).count("instead of") == len(changes)
    qtbot.keyClick(found.label, Qt.Key.Key_Tab)
    qtbot.keyClick(found.label, Qt.Key.Key_Return)
    assert desk.asked == [(desk.lane, "network.layers.0.units", 3, None, True)]

    assert text_of(found).count("back") == len(changes)
    desk.click(desk.find("from_here"))
    assert text_of(found).count("instead of") == len(changes)
    assert text_of(found).count("back") == 1, "all others only count at the start"
    found.label.setFocus()
    qtbot.keyClick(found.label, Qt.Key.Key_Tab)
    qtbot.keyClick(found.label, Qt.Key.Key_Return)
    assert desk.asked[1:] == [(desk.lane, RATE, 0.5, "new", True)]


def test_a_field_marks_all_eight_lanes_and_names_the_common_value(qtbot: QtBot) -> None:
    desk = desk_of(qtbot, {f"rate {number}": {RATE: float(number)} for number in range(1, 9)})
    mark: LaneMark = desk.find(f"{RATE}.lanes")
    picture = mark.icon().pixmap(mark.iconSize()).toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert seen >= {colour.lower() for colour in desk.panel._theme.lanes}
    assert "rate 8: 8" in mark.toolTip()
    assert "common value: 0.5" in mark.toolTip()
    desk.choose_lane("rate 3")
    desk.click(desk.find(f"{RATE}.lanes"))
    assert desk.asked == [("rate 3", RATE, 0.5, None, True)]
