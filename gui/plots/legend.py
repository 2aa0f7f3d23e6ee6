"""The names of the lanes beside their colours: no name is cut, no lane left out; those out of view are led to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.look.handlers import shielded
from gui.look.plain_text import tip
from gui.text.lane_names import fitting
from gui.text.language import translate

DOT, AFTER_DOT, SHARPNESS = 9, 3, 3
"""Pixels of a dot in the colour of a lane and behind it, and how many pixels of the screen one of them has at most."""
AROUND = DOT + AFTER_DOT + 16
"""Pixels of an entry that are not for its text."""
HEIGHT, GAP, ROW_GAP, BEFORE_BUTTONS = 18, 2, 2, 6
"""Pixels: of an entry, between two of them and two rows, and between the last one and the button after it."""


@dataclass(frozen=True)
class Entry:
    """The name and the colour of a lane, and on which side of what is seen it is: -1 left, 1 right, 0 in view."""

    name: str
    colour: str
    side: int = 0


class Legend(QWidget):
    """A dot and a name for each lane, in as many rows as they need; in `one_row` only where all fit into it.

    Signals: `lane_wanted(lane number)` when an entry is clicked whose lane is out of view, `fitted(whether all fit)`
    when that has changed.
    """

    lane_wanted = Signal(int)
    fitted = Signal(bool)

    def __init__(self, name: str, *, one_row: bool) -> None:
        super().__init__()
        self.setObjectName(name)
        self._one_row, self.has_names, self._is_wanted = one_row, True, True
        self._entries: dict[int, Entry] = {}
        self._buttons: dict[int, QToolButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)

    def write(self, entries: Mapping[int, Entry]) -> None:
        """Show lanes by their numbers."""
        if dict(entries) == self._entries:
            return
        self._entries = dict(entries)
        for number in self._buttons.keys() - entries.keys():
            button = self._buttons.pop(number)
            button.hide()
            button.deleteLater()
        for number, entry in entries.items():
            if number not in self._buttons:
                self._buttons[number] = self._new_button(number)
            _show(self._buttons[number], entry)
        self._fit()

    def show_names(self, on: bool) -> None:
        """Show the names, or leave them out where they stand elsewhere, and go on telling whether they would fit."""
        if on != self._is_wanted:
            self._is_wanted = on
            self._fit()

    def _new_button(self, number: int) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{self.objectName()}.{number}")
        button.setProperty("legend", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(DOT + AFTER_DOT, DOT))
        button.clicked.connect(lambda: self.lane_wanted.emit(number))
        return button

    @property
    def texts(self) -> list[str]:
        """Return what is written, from left to right and from top to bottom; nothing where nothing is shown."""
        return [
            button.text().replace("&&", "&") for button in self._buttons.values() if not button.isHidden()
        ]

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the names anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        widths = self._write_names()
        places = self._places(widths)
        rows = 1 + max((place.y() for place in places.values()), default=0) // (HEIGHT + ROW_GAP)
        fits = not self._one_row or _in_one_row(widths) <= self._room
        for number, place in places.items():
            self._buttons[number].setGeometry(place.x(), place.y(), widths[number], HEIGHT)
            self._buttons[number].setVisible(fits and self._is_wanted)
        self.setFixedHeight(1 if not fits else rows * (HEIGHT + ROW_GAP) - ROW_GAP)
        if fits != self.has_names:
            self.has_names = fits
            self.fitted.emit(fits)

    def _write_names(self) -> dict[int, int]:
        """Write the names, whole where even one of them has room, and return the widths of their buttons."""
        names = [entry.name for entry in self._entries.values()]
        widths = dict[int, int]()
        for place, (number, entry) in enumerate(self._entries.items()):
            button = self._buttons[number]
            button.ensurePolished()
            advance = button.fontMetrics().horizontalAdvance
            arrow = advance("‹ ") if any(one.side for one in self._entries.values()) else 0
            room = self.width() - AROUND - arrow
            name = entry.name if self._one_row else fitting(names, place, advance, max(room, 1))
            text = ("‹ " if entry.side < 0 else "") + name + (" ›" if entry.side > 0 else "")
            button.setText(text.replace("&", "&&"))
            widths[number] = AROUND + advance(name) + arrow  # alike in view and out of it: nothing moves
        return widths

    def _places(self, widths: Mapping[int, int]) -> dict[int, QPoint]:
        """Return where the entries stand: a row after the other, the last one of a single row at the right."""
        room = self._room
        begin = max(room - _in_one_row(widths), 0) if self._one_row else 0
        places, at = dict[int, QPoint](), QPoint(begin, 0)
        for number, width in widths.items():
            if at.x() and at.x() + width > room:
                at = QPoint(0, at.y() + HEIGHT + ROW_GAP)
            places[number] = QPoint(at)
            at += QPoint(width + GAP, 0)
        return places

    @property
    def _room(self) -> int:
        return self.width() - (BEFORE_BUTTONS if self._one_row else 0)

    def sizeHint(self) -> QSize:
        """Return the height that is needed; any width will do."""
        return QSize(1, self.minimumHeight())


def _in_one_row(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _show(button: QToolButton, entry: Entry) -> None:
    """Show a dot, and whether a click leads to the lane."""
    told = {
        -1: translate("curves", "This lane is out of view on the left. Click: go there"),
        0: translate("curves", "The colour of this lane in the curves"),
        1: translate("curves", "This lane is out of view on the right. Click: go there"),
    }
    button.setIcon(_dot(entry.colour))
    button.setEnabled(bool(entry.side))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus if entry.side else Qt.FocusPolicy.NoFocus)
    button.setCursor(Qt.CursorShape.PointingHandCursor if entry.side else Qt.CursorShape.ArrowCursor)
    button.setAccessibleName(entry.name)
    button.setToolTip(tip(f"{entry.name}\n{told[entry.side]}"))


def _dot(colour: str) -> QIcon:
    """Return a dot that looks the same where it cannot be clicked."""
    picture = QPixmap((DOT + AFTER_DOT) * SHARPNESS, DOT * SHARPNESS)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(0, 0, DOT * SHARPNESS, DOT * SHARPNESS)
    painter.end()
    picture.setDevicePixelRatio(SHARPNESS)
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        icon.addPixmap(picture, mode)
    return icon
