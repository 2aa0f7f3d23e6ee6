"""Marks above the timeline for what happened, and for the phases inside a step: a click goes there."""

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
from gui.timeline.phases import PHASES, phase_names
from gui.timeline.step_scale import StepScale
from gui.widgets.fields import Slider

HEIGHT, SIZE, NEAR = 13, 4.0, 6
"""Height of the strip, half the size of a mark, and how near to one the pointer has to be, in pixels."""
STEP_TICK, PHASE_TICK, PLAYHEAD = 6.0, 3.0, 4.0
"""Heights of the ticks for steps and phases, and half the width of the sign for the shown operation, in pixels."""
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
    """Stands above a slider, whose steps it shares.

    Signals: `step_requested(int)`, `phase_requested(step, name of a phase)` where steps are wide enough for phases.
    """

    step_requested = Signal(int)
    phase_requested = Signal(int, str)

    def __init__(self, slider: Slider, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline.marks")
        self.setAccessibleName(translate("marks", "Marks on the timeline"))
        self.setFixedHeight(HEIGHT)
        self.setMouseTracking(True)
        self._slider, self._theme = slider, LIGHT
        self._marks: tuple[LaneMark, ...] = ()
        self._snapshots = 0
        self._scale = StepScale(0, 0, 0, 0)
        self._moment: float | None = None
        self.has_phases = False
        """Whether the phases of each step are marked."""
        self.places: tuple[MarkPlace, ...] = ()
        self.hover = Hover(self, self._text_at)
        self.hover.explain(
            translate(
                "marks",
                "What happened: ◆ columns part or become equal, ○ a neuron dies, – the loss comes to the base rate, "
                "× diverged, ▲ weights edited, ■ a setting changed. Point at a mark to read it, click it to go there. "
                "Turn the wheel to see fewer steps, with their phases.",
            )
        )

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_snapshot(self, snapshot: Snapshot, moment: float | None = None) -> None:
        """Show the marks of all lanes, and the `moment` of an operation: its step and the share of it that is done."""
        self._snapshots += 1
        plays = snapshot.activity is Activity.PLAYING
        stays = plays and self._snapshots % DRAWS_PER_MOVE > 0
        marks, scale = marks_of(snapshot.lanes), self._scale if stays else self._scale_of_slider()
        phases = not plays and scale.has_wide_steps
        if (marks, scale, phases, moment) != (self._marks, self._scale, self.has_phases, self._moment):
            self._marks, self._scale, self.has_phases, self._moment = marks, scale, phases, moment
            self.places = placed(marks, scale)
            self.update()

    def _scale_of_slider(self) -> StepScale:
        left, right = self._slider.ends()
        return StepScale(self._slider.minimum(), self._slider.maximum(), left, right - left)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the marks in the new width."""
        super().resizeEvent(event)
        self._scale = self._scale_of_slider()
        self.has_phases = self.has_phases and self._scale.has_wide_steps
        self.places = placed(self._marks, self._scale)

    @shielded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sign of every place, in the colour of its lane, or of texts where it is of several lanes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.has_phases:
            self._draw_phases(painter)
        for place in self.places:
            self._draw(painter, place)
        painter.end()

    def _draw_phases(self, painter: QPainter) -> None:
        """Draw a tick where each step begins, lower ones where its phases begin, and the shown operation on its phase."""
        for number in range(len(PHASES) * (self._scale.last - self._scale.first) + 1):
            step, phase = divmod(number, len(PHASES))
            x = self._scale.x(self._scale.first + step + phase / len(PHASES))
            painter.setPen(QPen(QColor(self._theme.faint if phase else self._theme.muted), 1.01))
            painter.drawLine(
                QPointF(x + 0.5, HEIGHT - (PHASE_TICK if phase else STEP_TICK)), QPointF(x + 0.5, HEIGHT)
            )
        if self._moment is not None:
            self._draw_playhead(painter, self._moment)

    def _draw_playhead(self, painter: QPainter, moment: float) -> None:
        phase = int(moment * len(PHASES)) / len(PHASES)
        painter.setPen(QPen(QColor(self._theme.accent), 2.0))
        painter.drawLine(
            QPointF(self._scale.x(phase), HEIGHT - 1.0),
            QPointF(self._scale.x(phase + 1 / len(PHASES)), HEIGHT - 1.0),
        )
        tip = QPointF(self._scale.x(moment) + 0.5, HEIGHT - 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawPolygon(
            QPolygonF([tip, tip + QPointF(-PLAYHEAD, -2 * PLAYHEAD), tip + QPointF(PLAYHEAD, -2 * PLAYHEAD)])
        )

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

    def _phase_at(self, place: QPoint) -> tuple[int, str] | None:
        """Return the step and the phase at a place; None where they are not marked."""
        moment = self._scale.step_at(place.x()) if self.has_phases else -1.0
        if not self._scale.first <= moment < self._scale.last:
            return None
        return int(moment), PHASES[int(moment % 1 * len(PHASES))]

    def _text_at(self, place: QPoint) -> str:
        near, phase = self._near(place), self._phase_at(place)
        if near is None and phase is not None:
            return translate("marks", "step {0}: {1}").format(f"{phase[0]:,}", phase_names()[phase[1]])
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
        place = event.position().toPoint()
        is_somewhere = self._near(place) or self._phase_at(place)
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_somewhere else Qt.CursorShape.ArrowCursor)
        self.hover.move(event)

    @shielded
    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing any more."""
        super().leaveEvent(event)
        self.hover.leave()

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the mark that is clicked, or to the phase."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint()
        near, phase = self._near(place), self._phase_at(place)
        if near is not None:
            self.step_requested.emit(near.step)
        elif phase is not None:
            self.phase_requested.emit(*phase)
