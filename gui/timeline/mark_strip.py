"""Marks above the timeline for what happened: each says what on hover, and a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.report.curve import MarkKind
from engine.report.snapshot import Activity, Snapshot
from gui.findings.mark_words import mark_text
from gui.look.handlers import shielded
from gui.look.hover import Hover
from gui.look.plain_text import LONGEST_NAME, shortened
from gui.look.theme import LIGHT, Theme
from gui.text.language import translate
from gui.timeline.mark_layout import LaneMark, MarkPlace, marks_of, placed
from gui.widgets.fields import Slider

HEIGHT, SIZE, NEAR = 13, 4.0, 6
"""Height of the strip, half the size of a mark, and how near to one the pointer has to be, in pixels."""
MOST_LINES = 12
"""Marks of one place that are told."""
DRAWS_PER_MOVE = 20
"""While training plays, marks move along once in so many snapshots."""
CORNERS: dict[MarkKind, tuple[tuple[float, float], ...]] = {
    MarkKind.DIVERGED: ((-1, -1), (0, -0.35), (1, -1), (0.35, 0), (1, 1), (0, 0.35), (-1, 1), (-0.35, 0)),
    MarkKind.PARTED: ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    MarkKind.EDITED: ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
    MarkKind.SETTING: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    MarkKind.BASE_RATE: ((-1.2, -0.3), (1.2, -0.3), (1.2, 0.3), (-1.2, 0.3)),
}
"""The corners of the sign for a kind of mark, in half sizes, the most important kind first; the others are rings."""
SAME_SIGN = {MarkKind.JOINED: MarkKind.PARTED, MarkKind.REGROUPED: MarkKind.PARTED}


class MarkStrip(QWidget):
    """Stands above a slider, whose steps it shares. Signals: `step_requested(int)`."""

    step_requested = Signal(int)

    def __init__(self, slider: Slider, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline.marks")
        self.setAccessibleName(translate("marks", "Marks on the timeline"))
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self._slider, self._theme = slider, LIGHT
        self._marks: tuple[LaneMark, ...] = ()
        self._end = self._snapshots = 0
        self.places: tuple[MarkPlace, ...] = ()
        self.hover = Hover(self, self._text_at)
        self.hover.explain(
            translate(
                "marks",
                "What happened: ◆ columns part or become equal, ○ a neuron dies, – the loss comes to the base rate, "
                "× diverged, ▲ weights edited, ■ a setting changed. Point at a mark to read it, click it to go there.",
            )
        )

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_snapshot(self, snapshot: Snapshot, end: int) -> None:
        """Show the marks of all lanes on a timeline that ends with step `end`."""
        self._snapshots += 1
        stays = snapshot.activity is Activity.PLAYING and self._snapshots % DRAWS_PER_MOVE > 0
        marks = marks_of(snapshot.lanes)
        if marks == self._marks and (stays or end == self._end):
            return
        self._marks, self._end = marks, end
        self._place()

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the marks in the new width."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        first, last = self._slider.ends()
        places = placed(self._marks, self._end, first, last - first)
        if places != self.places:
            self.places = places
            self.update()

    @shielded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign of every place, in the colour of its lane, or of texts where it is of several lanes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in self.places:
            self._draw(painter, place)
        painter.end()

    def _draw(self, painter: QPainter, place: MarkPlace) -> None:
        lanes, theme = {one.lane for one in place.marks}, self._theme
        colour = theme.text if len(lanes) > 1 else theme.lanes[place.marks[0].lane % len(theme.lanes)]
        middle = QPointF(place.x + 0.5, HEIGHT / 2)
        kinds = {SAME_SIGN.get(one.mark.kind, one.mark.kind) for one in place.marks}
        corners = next((corners for kind, corners in CORNERS.items() if kind in kinds), None)
        painter.setPen(Qt.PenStyle.NoPen if corners else QPen(QColor(colour), 1.6))
        painter.setBrush(QColor(colour) if corners else Qt.BrushStyle.NoBrush)
        if corners:
            painter.drawPolygon(QPolygonF([middle + QPointF(SIZE * x, SIZE * y) for x, y in corners]))
        else:
            painter.drawEllipse(middle, SIZE - 0.5, SIZE - 0.5)

    def _near(self, place: QPoint) -> MarkPlace | None:
        """Return the marks under the pointer, the nearest ones; None beside all of them."""
        near = [found for found in self.places if abs(found.x - place.x()) <= NEAR]
        return min(near, key=lambda found: abs(found.x - place.x()), default=None)

    def _text_at(self, place: QPoint) -> str:
        near = self._near(place)
        if near is None:
            return ""
        told = [
            translate("marks", "step {0}, {1}: {2}").format(
                f"{one.mark.step:,}", shortened(one.name, LONGEST_NAME), mark_text(one.mark)
            )
            for one in near.marks[:MOST_LINES]
        ]
        left = len(near.marks) - MOST_LINES
        return "\n".join([*told, translate("marks", "… and {0} more").format(left)] if left > 0 else told)

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what happened under the pointer."""
        self.setCursor(
            Qt.CursorShape.PointingHandCursor
            if self._near(event.position().toPoint())
            else Qt.CursorShape.ArrowCursor
        )
        self.hover.move(event)

    @shielded
    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing any more."""
        super().leaveEvent(event)
        self.hover.leave()

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the mark that is clicked."""
        near = self._near(event.position().toPoint())
        if near is not None and event.button() is Qt.MouseButton.LeftButton:
            self.step_requested.emit(near.step)
