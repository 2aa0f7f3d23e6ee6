"""Numbers that change on every frame always fit their labels, and do not arrange the window anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.lanes.lane_view import LaneView
from gui.widgets.calm_label import CalmLabel

from .conftest import Build
from .test_real_use import press, shown


class Arrangements(QObject):
    """Counts how often something inside of a widget is arranged anew."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__(inside)
        self._inside = inside
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and isinstance(watched, QWidget):
            self.count += watched is self._inside or self._inside.isAncestorOf(watched)
        return False


@pytest.fixture
def label(qtbot: QtBot) -> Iterator[CalmLabel]:
    parent = QWidget()
    qtbot.addWidget(parent)
    found = CalmLabel()
    row = QHBoxLayout(parent)
    row.addStretch()
    row.addWidget(found)
    parent.show()
    yield found
    parent.close()


@pytest.mark.parametrize(
    "texts",
    [("0.6931", "0.6844"), ("1.111e-11", "8.888e-88"), ("0", "1.234e+12", "NaN", "0.5"), ("", "0.5000")],
    ids=["alike", "wider digits", "other lengths", "empty first"],
)
def test_every_text_fits(label: CalmLabel, texts: tuple[str, ...]) -> None:
    for text in texts:
        label.write(text)
        QApplication.processEvents()
        needed = QLabel(text).sizeHint()
        assert label.text() == text
        assert label.width() >= needed.width()
        assert label.height() >= needed.height()
        assert label.width() <= needed.width() + 20, "and no room is kept that nothing needs"


@pytest.mark.parametrize("before", ["0.4444", "0.11", "12.34", "NaN"])
def test_the_size_of_a_label_does_not_depend_on_what_it_said_before(label: CalmLabel, before: str) -> None:
    label.write("0.1111")
    size = label.size()
    label.write(before)
    label.write("0.1111")
    assert label.size() == size
    label.write("0.4444")
    assert label.size() == size, "digits are not equally wide, their room is"


def test_texts_alike_do_not_arrange_anything_anew(label: CalmLabel) -> None:
    label.write("0.6931")
    QApplication.processEvents()
    arrangements = Arrangements(label.window())
    QApplication.instance().installEventFilter(arrangements)
    for text in ("0.6932", "0.5011", "0.4000"):
        label.write(text)
        QApplication.processEvents()
    assert not arrangements.count


def test_steps_forward_do_not_arrange_the_lanes_anew(qtbot: QtBot, build: Build) -> None:
    laboratory = build("circles")
    press(qtbot, laboratory, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(laboratory).step == 1)
    QApplication.processEvents()
    arrangements = [Arrangements(lane) for lane in laboratory.window.findChildren(LaneView)]
    for one in arrangements:
        QApplication.instance().installEventFilter(one)
    for step in range(2, 12):
        press(qtbot, laboratory, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda step=step: shown(laboratory).step == step)
        QApplication.processEvents()
    assert sum(one.count for one in arrangements) <= 8, "only for a longer number or other words"
