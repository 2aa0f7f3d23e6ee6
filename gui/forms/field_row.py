"""A row of the panel: caption, control, which lanes differ, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from gui.editor.form import FormField
from gui.look.plain_text import entry, shortened, tip
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.elided_label import ElidedLabel

CAPTION_WIDTH = 98
MARK = QSize(14, 20)
BARS_IN_ROW, BARS_HEIGHT, BAR_SHARE = 4, 14, 0.84
"""Bars of a mark side by side, the height of all of them in pixels, and the share of its place that a bar fills."""
SHARPNESS = 2
"""How many pixels of the screen one of a mark has at most."""
LONGEST_REFUSAL = 300


class Requests(QObject):
    """What the controls of the panel ask for.

    Signals: `requested(path, value, is_final)`, `taken_back()` of what is being dragged, `lane_picked(name)`,
    `swept(number)` where a sweep begins or ends.
    """

    requested = Signal(str, object, bool)
    taken_back = Signal()
    lane_picked = Signal(object)
    swept = Signal(object)


@dataclass(frozen=True)
class Surroundings:
    """What rows need to know beside their field: the theme, the names of all lanes, and the one that is edited."""

    theme: Theme
    lanes: tuple[str, ...]
    chosen: str | None

    def colour(self, lane: str) -> str:
        """Return the colour of a lane."""
        colours = self.theme.lanes
        return colours[self.lanes.index(lane) % len(colours)] if lane in self.lanes else self.theme.muted


class LaneMark(QToolButton):
    """Marks, in their colours, the lanes whose value is another one.

    A click shows the values and leads to a lane; while a lane is edited, it takes back the common value.
    """

    def __init__(self, requests: Requests) -> None:
        super().__init__()
        self._requests = requests
        self._field: FormField | None = None
        self._around: Surroundings | None = None
        self.setFixedSize(MARK)
        self.setIconSize(MARK)
        self.setProperty("mark", True)
        self.clicked.connect(self._answer)

    def show_field(self, field: FormField, around: Surroundings) -> None:
        """Show which lanes differ; nothing where none does."""
        self._field, self._around = field, around
        self.setObjectName(f"edit.{field.path}.lanes")
        is_held = around.chosen is not None and bool(field.refused)
        self.setEnabled(bool(field.differs) and not is_held)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if self.isEnabled() else Qt.FocusPolicy.NoFocus)
        self.setIcon(_bars([around.colour(difference.lane) for difference in field.differs]))
        usual = translate("experiment panel", "common value: {0}").format(field.usual)
        values = [f"{shortened(one.lane)}: {one.text}" for one in field.differs]
        told = [*values, usual, field.refused if is_held else self._told()]
        everywhere = translate("experiment panel", "Every lane has this value")
        self.setToolTip(tip("\n".join(told) if field.differs else everywhere))
        self.setAccessibleName(translate("experiment panel", "Lanes that differ"))

    def _told(self) -> str:
        assert self._around is not None
        if self._around.chosen is None:
            return translate("experiment panel", "Click: edit one of these lanes")
        return translate("experiment panel", "Click: back to the common value")

    def _answer(self) -> None:
        assert self._field is not None
        assert self._around is not None
        if self._around.chosen is not None:
            self._requests.requested.emit(self._field.path, self._field.common, True)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in self._field.differs:
            action = QAction(entry(f"{one.lane}: {one.text}"), menu)
            action.triggered.connect(lambda _=False, lane=one.lane: self._requests.lane_picked.emit(lane))
            menu.addAction(action)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))


def wrapped_label(kind: str) -> QLabel:
    """Return a label of several lines whose longest word does not widen the panel."""
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty(kind, True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _bars(colours: list[str]) -> QIcon:
    """Return a bar for each colour, side by side, in as many rows as they need."""
    picture = QPixmap(MARK * SHARPNESS)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(SHARPNESS, SHARPNESS)
    height = BARS_HEIGHT / max(-(-len(colours) // BARS_IN_ROW), 1)
    for place, colour in enumerate(colours):
        row, column = divmod(place, BARS_IN_ROW)
        bar = QRectF(1 + column * 3, (MARK.height() - BARS_HEIGHT) / 2 + row * height, 2, height * BAR_SHARE)
        painter.fillRect(bar, QColor(colour))
    painter.end()
    picture.setDevicePixelRatio(SHARPNESS)
    return QIcon(picture)


class FieldRow(QWidget):
    """The base of all rows: subclasses put their controls into `controls` and show values.

    Controls that are `held` cannot be used where the value of the field cannot be changed.
    """

    def __init__(self, field: FormField, requests: Requests, caption: ElidedLabel | None = None) -> None:
        super().__init__()
        self.field, self.requests = field, requests
        self._shown: tuple[FormField, Surroundings] | None = None
        self._is_stale = False  # what is on the screen was asked for and may not be so
        self._is_held = False
        self.held: list[QWidget] = []
        self.mark = LaneMark(requests)
        self.caption = caption or ElidedLabel()
        self.refusal = wrapped_label("refusal")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.hide()
        self.controls = QHBoxLayout()
        self.controls.setSpacing(3)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(3)
        self.grid.setVerticalSpacing(2)
        self.grid.addWidget(self.caption, 0, 0)
        self.grid.addLayout(self.controls, 0, 1)
        self.grid.addWidget(self.mark, 0, 2)
        self.grid.addWidget(self.refusal, 1, 0, 1, 3)
        self.grid.setColumnStretch(1, 1)

    def explain(self, widget: QWidget, name: str = "") -> None:
        """Give a control its name, and tell what it is for."""
        widget.setObjectName(f"edit.{self.field.path}{name}")
        widget.setAccessibleName(self.field.label)
        widget.setToolTip(tip(self.field.description))
        widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.controls.addWidget(widget, 1)
        self.held.append(widget)

    def show_field(self, field: FormField, around: Surroundings) -> None:
        """Show a field; a control that somebody is at is left alone."""
        self.field = field
        if (field, around) == self._shown and not self._is_stale:
            self.show_parts(field, around)
            return
        self._shown, self._is_stale = (field, around), False
        self.caption.write(field.label)
        self.mark.show_field(field, around)
        if self._is_held:
            self._hold(field, is_held=False)  # before the value may say something of its own
        self.show_value(field, around)
        self._hold(field, is_held=bool(field.refused))

    def _hold(self, field: FormField, *, is_held: bool) -> None:
        """Let nobody change the value, and say why, where that is so; otherwise leave that to the row."""
        told = tip(f"{field.description}\n{field.refused}".strip())
        self.caption.setEnabled(not is_held)
        self.caption.setToolTip(told)
        if is_held or self._is_held:
            for widget in self.held:
                widget.setEnabled(not is_held)
                widget.setToolTip(told)
        self._is_held = is_held

    def show_value(self, field: FormField, around: Surroundings) -> None:
        """Show the value of the field."""
        raise NotImplementedError

    def show_parts(self, field: FormField, around: Surroundings) -> None:
        """Show the rows inside this one, where its own value is as it was."""

    def ask(self, value: object, is_final: bool = True) -> None:
        """Ask for a value of this field."""
        self._is_stale = True
        self.requests.requested.emit(self.field.path, value, is_final)

    def show_refusal(self, text: str) -> None:
        """Say beneath the field why a value was refused; an empty text takes that back."""
        self.refusal.setText(shortened(text, LONGEST_REFUSAL))
        self.refusal.setVisible(bool(text))
