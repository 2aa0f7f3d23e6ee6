"""In what lanes differ: for each, its values and the common ones, all of them, and the ways back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea

from gui.editor.form import Form, FormLane, LaneDifference
from gui.forms.field_row import Surroundings, wrapped_label
from gui.look.handlers import shielded
from gui.look.plain_text import LONGEST_NAME
from gui.text.lane_names import told_apart
from gui.text.language import translate

LONGEST_WORD, BREAK = 24, "\u200b"
"""Letters in a row behind which a line may break, and the sign that lets it."""
INDENT = 13
"""Pixels before what a lane has."""


class DifferenceList(QScrollArea):
    """A text that scrolls where it is higher than there is room for.

    Signals: `lane_picked(name)` after a click on the name of a lane, `back_requested(path, common value)`.
    """

    lane_picked = Signal(object)
    back_requested = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("edit.differences")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.label = wrapped_label("small")
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.label.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.label.setAccessibleName(translate("experiment panel", "Differences of the lanes"))
        self.label.linkActivated.connect(self._follow)
        self.setWidget(self.label)
        self._lanes: list[FormLane] = []
        self._most = 1

    def show_form(self, form: Form, around: Surroundings) -> None:
        """Show the lane that is edited, or all of them, those without differences, too."""
        self._lanes = [lane for lane in form.lanes if form.chosen in {None, lane.name}]
        names = told_apart([lane.name for lane in self._lanes], LONGEST_NAME)
        blocks = [
            "".join(_block(number, name, lane, form.chosen is None, around))
            for number, (name, lane) in enumerate(zip(names, self._lanes, strict=True))
        ]
        text = "".join(blocks)
        if text != self.label.text():
            self.label.setText(text)
            self.label.setToolTip(
                translate("experiment panel", "Click the name of a lane to edit this lane alone")
                if form.chosen is None
                else translate("experiment panel", "Click “back” to give the lane the common value")
                if any(one.path for lane in self._lanes for one in lane.differences)
                else ""
            )
            self._fit()

    def limit(self, height: int) -> None:
        """Be at most so many pixels high."""
        self._most = height
        self._fit()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the text has in the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        needed = self.label.heightForWidth(self.viewport().width())
        self.setFixedHeight(max(min(needed, self._most), 1))

    def _follow(self, link: str) -> None:
        lane, _, place = link.partition("/")
        found = self._lanes[int(lane)]
        if place:
            difference = found.differences[int(place)]
            self.back_requested.emit(difference.path, difference.common)
        else:
            self.lane_picked.emit(found.name)


def _block(number: int, name: str, lane: FormLane, leads: bool, around: Surroundings) -> Iterator[str]:
    """Yield the name of a lane and a paragraph for each difference."""
    title = f"<b>{_breakable(name)}</b>"
    if leads:
        title = f'<a href="{number}" style="color:{around.theme.text}">{title}</a>'
    square = f'<span style="color:{around.colour(lane.name)}">■</span>'
    if not lane.differences:
        usual = translate("experiment panel", "all common values")
        yield f'<p style="margin:0">{square} {title} <span style="color:{around.theme.muted}">{usual}</span></p>'
        return
    yield f'<p style="margin:0">{square} {title}</p>'
    for place, one in enumerate(lane.differences):
        back = "" if leads or not one.path else _way_back(number, place, around)
        told = _told(one, around.theme.muted)
        yield f'<p style="margin:0 0 0 {INDENT}px">{told}{back}</p>'


def _told(one: LaneDifference, muted: str) -> str:
    value = f"{_breakable(one.label)}: {_breakable(one.text)}"
    if not one.usual:
        return value
    usual = translate("experiment panel", "instead of {0}").format(one.usual)
    return f'{value} <span style="color:{muted}">{_breakable(usual)}</span>'


def _way_back(lane: int, place: int, around: Surroundings) -> str:
    text = translate("experiment panel", "back")
    return f' <a href="{lane}/{place}" style="color:{around.theme.accent}">{text}</a>'


def _breakable(text: str) -> str:
    """Return a text as it is written, whose long words may be broken."""
    return escape(re.sub(rf"(\S{{{LONGEST_WORD}}})", rf"\1{BREAK}", text))
