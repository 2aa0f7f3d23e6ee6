"""The experiment panel: everything that an experiment file can say, to be changed while the lanes follow."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from engine.core.arrays import Floats
from gui.editor.form import Form, InLane
from gui.forms.field_row import FieldRow, Requests, Surroundings
from gui.forms.kind_row import FieldRows
from gui.forms.layer_block import LayerList
from gui.forms.number_field import LiveNumber
from gui.forms.simple_rows import NumberRow
from gui.forms.small_pictures import ThumbnailView
from gui.look.handlers import shielded
from gui.look.theme import LIGHT, Theme
from gui.panels.panel_head import PanelHead, Section
from gui.text.language import translate

WIDTH = 288
"""Pixels that the panel is wide at first."""
SMALLEST_WIDTH = 250
SHARE_OF_DIFFERENCES = 0.28
"""The largest share of the height for the list of what differs in lanes, which scrolls where it is longer."""
FOLDED = {"random", "numbers", "about"}
"""Sections that are closed at first."""


class ExperimentPanel(QWidget):
    """Signals: `set_requested(lane or None, path, value, in_lane, is_final)`, `lane_chosen(name or None)`,
    `moment_chosen(in_lane)`: "new" or "same" from the shown step on, None from the start; `taken_back()` where what is
    being dragged is to be as it was before.

    A value is final where it was typed, stepped or let go, and not while it is dragged. What is asked for stays on the
    screen until the next form says what is so.
    """

    set_requested = Signal(object, str, object, object, bool)
    lane_chosen = Signal(object)
    moment_chosen = Signal(object)
    taken_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiment_panel")
        self.setAccessibleName(translate("experiment panel", "Experiment"))
        self.setMinimumWidth(SMALLEST_WIDTH)
        self._theme = LIGHT
        self._form: Form | None = None
        self._swept: list[LiveNumber] = []
        self._refused: FieldRow | None = None
        self.head = PanelHead()
        self.head.lane_chosen.connect(self.lane_chosen)
        self.head.moment_chosen.connect(self._choose_moment)
        self._requests = Requests(self)
        self._requests.requested.connect(self._ask)
        self._requests.taken_back.connect(self._forget_refusals)
        self._requests.taken_back.connect(self.taken_back)
        self._requests.lane_picked.connect(self.lane_chosen)
        self._requests.swept.connect(self._note_sweep)
        self.head.differences.back_requested.connect(
            lambda path, value: self._requests.requested.emit(path, value, True)
        )
        self.thumbnail = ThumbnailView()
        self.thumbnail.setParent(self)  # until there is a form that says what the data are
        self.every_layer, self.layers = FieldRows(self._requests), LayerList(self._requests)
        self._sections: dict[str, tuple[Section, FieldRows]] = {}
        self._of_all = Section("all_layers", self.every_layer)
        self._of_each = Section("layers", self.layers)
        self._arrange()

    def _arrange(self) -> None:
        whole = QWidget()
        whole.setObjectName("experiment_rows")
        self._rows = QVBoxLayout(whole)
        self._rows.setContentsMargins(8, 4, 6, 10)
        self._rows.setSpacing(6)
        self._rows.addWidget(self._of_all)
        self._rows.addWidget(self._of_each)
        self._rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(whole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(scroll, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.thumbnail.set_theme(theme)
        if self._form is not None:
            self.show_form(self._form)

    def show_form(self, form: Form) -> None:
        """Show what is so, in place: what somebody drags or writes in is left alone."""
        self._form = form
        around = Surroundings(self._theme, tuple(lane.name for lane in form.lanes), form.chosen)
        self.head.show_form(form, around)
        self._of_all.show_title(translate("experiment panel", "All layers"))
        self._of_each.show_title(translate("experiment panel", "Layers"))
        self.every_layer.show_fields(form.every_layer, around)
        self.layers.show_layers(form.layers, around, form.layers_refused)
        for place, section in enumerate((*form.before, *form.after)):
            after = 2 if place >= len(form.before) else 0  # the layers stand between
            if section.name not in self._sections:
                self._sections[section.name] = self._new_section(section.name, place + after)
            box, rows = self._sections[section.name]
            box.show_title(section.title)
            rows.show_fields(section.fields, around)

    def _new_section(self, name: str, place: int) -> tuple[Section, FieldRows]:
        rows = FieldRows(self._requests)
        pictures = [self.thumbnail] if name == "data" else []
        section = Section(name, *pictures, rows, is_open=name not in FOLDED)
        self._rows.insertWidget(place, section)
        return section, rows

    def show_refusal(self, path: str, text: str) -> None:
        """Say at its field, or the nearest there is, why a value was refused; the next request takes that back."""
        self._forget_refusals()
        row = self._row_of(path)
        if row is None:
            self.head.show_refusal(text)
            return
        row.show_refusal(text)
        self._refused = row
        section = row.parentWidget()
        while section is not None and not isinstance(section, Section):
            section = section.parentWidget()
        if section is not None:
            section.unfold()

    def show_thumbnail(self, points: Floats, classes: Floats) -> None:
        """Show the data as points (n, 2) of the plane, each of a class (n,) from 0."""
        self.thumbnail.show_points(points, classes)

    def show_images(self, images: Floats) -> None:
        """Show the first of the data's images (n, height, width)."""
        self.thumbnail.show_images(images)

    def show_table(self, inputs: Floats, targets: Floats) -> None:
        """Show the first samples: inputs (n, inputs) and targets (n, outputs)."""
        self.thumbnail.show_table(inputs, targets)

    def tick(self) -> None:
        """Let numbers that are swept go on, and layers come that are still missing; to be called at every frame.

        The layers wait while something is dragged or swept: the lanes that follow would hesitate at each of them.
        """
        self._swept = [number for number in self._swept if isValid(number) and number.is_sweeping]
        if not self._swept and QWidget.keyboardGrabber() is None:
            self.layers.tick()
        for number in self._swept:
            number.tick()

    def _note_sweep(self, number: LiveNumber) -> None:
        """Take note of a number that begins or ends to be swept: asking all of them at each frame takes too long."""
        self._swept = [*(one for one in self._swept if one is not number and isValid(one)), number]

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the list of differences a share of the height, beside the fields."""
        super().resizeEvent(event)
        self.head.differences.limit(round(SHARE_OF_DIFFERENCES * self.height()))

    @shielded
    def hideEvent(self, event: QHideEvent) -> None:
        """End what nobody sees."""
        super().hideEvent(event)
        self.stop_sweeps()

    def stop_sweeps(self) -> None:
        """End all sweeps where they are."""
        for row in self.findChildren(NumberRow):
            row.stop()

    def _choose_moment(self, in_lane: InLane) -> None:
        self.stop_sweeps()  # what is swept would go on from another moment
        self.moment_chosen.emit(in_lane)

    def _row_of(self, path: str) -> FieldRow | None:
        rows = [row for row in self.findChildren(FieldRow) if f"{path}.".startswith(f"{row.field.path}.")]
        return max(rows, key=lambda row: len(row.field.path), default=None)

    def _forget_refusals(self) -> None:
        self.head.show_refusal("")
        if self._refused is not None and isValid(self._refused):
            self._refused.show_refusal("")
        self._refused = None

    def _ask(self, path: str, value: object, is_final: bool) -> None:
        assert self._form is not None, "controls come with a form"
        self._forget_refusals()
        self.set_requested.emit(self._form.chosen, path, value, self._form.in_lane, is_final)
