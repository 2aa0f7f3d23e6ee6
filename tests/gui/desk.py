"""An experiment panel alone, used with real clicks and keys, and a number that is pulled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.core.errors import InitscopeError
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.variants import lane_specs
from gui.editor.consequences import LAYERS, changed_data, changes_for, layers_of
from gui.editor.form import FROM_START, Moment
from gui.editor.form_builder import form_of
from gui.forms.field_row import FieldRow
from gui.forms.number_field import LiveNumber
from gui.panels.experiment_panel import ExperimentPanel
from gui.text.error_words import sentence

LEFT = Qt.MouseButton.LeftButton


class Hands:
    """Mouse and keys in an experiment panel, whoever answers it; `clicks` counts what the mouse has done."""

    def __init__(self, qtbot: QtBot, panel: ExperimentPanel) -> None:
        self.qtbot, self.panel, self.clicks = qtbot, panel, 0

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        QApplication.processEvents()  # new rows are shown by then
        [found] = [
            one for one in self.panel.findChildren(kind, f"edit.{name}") if one.isVisibleTo(self.panel)
        ]
        return found

    def rows(self) -> list[FieldRow]:
        return [row for row in self.panel.findChildren(FieldRow) if row.isVisibleTo(self.panel)]

    def click(self, widget: QWidget) -> None:
        self.clicks += 1
        for scroll in self.panel.findChildren(QScrollArea):
            if scroll.isAncestorOf(widget):
                scroll.ensureWidgetVisible(widget)
        self.qtbot.mouseClick(widget, LEFT)

    def pick(self, name: str, label: str) -> None:
        """Open a box and click on an entry."""
        box: QComboBox = self.find(name)
        self.click(box)
        index = box.model().index(box.findText(label), 0)
        assert index.isValid(), label
        view = box.view()
        view.scrollTo(index)
        QApplication.processEvents()
        self.clicks += 1
        self.qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())
        self.qtbot.waitUntil(lambda: not view.isVisible(), timeout=5_000)

    def type(self, name: str, text: str) -> None:
        """Click into a number, write over it and press Enter."""
        field: LiveNumber = self.find(name)
        if not field.hasFocus():
            self.click(field.lineEdit())
        self.qtbot.keyClicks(field.lineEdit(), text)
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    def labels(self, name: str) -> list[str]:
        box: QComboBox = self.find(name)
        return [box.itemText(place) for place in range(box.count())]


class Desk(Hands):
    """A panel on an experiment that becomes what the panel asks for."""

    def __init__(self, qtbot: QtBot, found: Experiment) -> None:
        super().__init__(qtbot, ExperimentPanel())
        self.experiment, self.lane, self.moment = found, None, FROM_START
        self._loaded: dict[bytes, Dataset] = {}
        self.asked: list[tuple[Any, ...]] = []
        qtbot.addWidget(self.panel)
        self.panel.set_requested.connect(self.answer)
        self.panel.lane_chosen.connect(self.choose_lane)
        self.panel.moment_chosen.connect(self.choose_moment)
        self.show()
        self.panel.resize(288, 720)
        self.panel.show()
        self.panel.activateWindow()
        QApplication.processEvents()

    def show(self) -> None:
        lanes = [(spec.name, spec.experiment) for spec in lane_specs(self.experiment)]
        data = self.data(self.experiment)
        self.panel.show_form(form_of(self.experiment, lanes, self.lane, data, self.moment))

    def data(self, found: Experiment) -> Dataset:
        """Return the data of an experiment, as the lanes have it at hand."""
        key = msgspec.json.encode(found.data)
        if key not in self._loaded:
            self._loaded[key] = found.data.load()
        return self._loaded[key]

    def choose_lane(self, name: Any) -> None:
        self.lane = name
        self.show()

    def choose_moment(self, in_lane: Any) -> None:
        """Change values from the start, or from step 20 on."""
        self.moment = Moment(in_lane, 20 if in_lane else 0)
        self.show()

    def answer(self, lane: Any, path: str, value: Any, in_lane: Any, is_final: bool) -> None:
        self.asked.append((lane, path, value, in_lane, is_final))
        refused = ""
        if path == LAYERS:
            value = layers_of(self.experiment, value)
        try:
            if lane is None:
                data = changed_data(self.experiment, path, value)
                dataset = self.data(self.experiment) if data is None else data.load()
                found = with_changes(self.experiment, changes_for(self.experiment, path, value, dataset))
                found.check_data(self.data(found))
                self.experiment = found
        except InitscopeError as error:
            refused = sentence(error)
        self.show()
        if refused:
            self.panel.show_refusal(path, refused)


def pull(widget: QWidget, *pixels: int, keys: Any = Qt.KeyboardModifier.NoModifier) -> Iterator[int]:
    """Press, move to each distance in turn, and release; yield the distance after each move."""

    begin = QPoint(10, 8)
    QTest.mousePress(widget, LEFT, keys, begin)
    for x in pixels:
        at, where = QPointF(begin) + QPointF(x, 0), QPointF(widget.mapToGlobal(begin)) + QPointF(x, 0)
        QApplication.sendEvent(
            widget, QMouseEvent(QEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, LEFT, keys)
        )
        yield x
    QTest.mouseRelease(widget, LEFT, keys, begin + QPoint(pixels[-1], 0))
