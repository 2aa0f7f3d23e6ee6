"""The first line of a lane: its colour and name, its alarms, its loss and accuracy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from engine.report.condition import Health
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from gui.findings import alarm_words, score_words
from gui.look.handlers import shielded
from gui.look.plain_text import tip
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.alarm_chip import AlarmChip
from gui.widgets.calm_label import CalmLabel

ROOM_FOR_SCORES = 246
"""Pixels that colour, alarms, loss and accuracy need beside the name; with fewer, the last two are bare numbers."""
ROOM_FOR_BARE_SCORES = 200
"""The same for bare numbers; with fewer, the accuracy is left out."""
SPACING, MOST_OF_NAME, MENU_WIDTH = 8, 120, 22
"""Pixels between the parts, those of the name that stay readable beside a long alarm, and those of the menu's button."""


class LaneHeader(QWidget):
    """Signals: `alarms_clicked()`, `menu_requested()`: somebody wants to know what can be done with the lane."""

    alarms_clicked = Signal()
    menu_requested = Signal()

    def __init__(self, index: int, name: str) -> None:
        super().__init__()
        self._index, self._lane_name = index, name
        self._health: Health | None = None
        self._is_narrow = self._is_tiny = False
        self._shown: tuple[LaneSnapshot, int] | None = None
        self._chip = QLabel()
        self._chip.setFixedSize(10, 10)
        self._chip.setToolTip(translate("lane", "The colour of this lane in the curves"))
        self._name = QLabel(name)
        self._name.setProperty("heading", True)
        self._name.setToolTip(tip(name))
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.alarms = AlarmChip()
        self.alarms.setObjectName(f"lane.{index}.alarms")
        self.alarms.setAccessibleName(translate("lane", "Alarms of {0}").format(name))
        self.alarms.clicked.connect(self.alarms_clicked)
        self.scores = CalmLabel()
        self.scores.setProperty("muted", True)
        self.scores.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.menu = QToolButton()
        self.menu.setText("⋯")
        self.menu.setAutoRaise(True)
        self.menu.setFixedSize(MENU_WIDTH, MENU_WIDTH)
        self.menu.setObjectName(f"lane.{index}.menu")
        self.menu.setAccessibleName(translate("lane", "Menu of {0}").format(name))
        self.menu.setToolTip(translate("lane", "Rename, copy, move or remove this lane"))
        self.menu.clicked.connect(self.menu_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self._chip)
        row.addWidget(self._name, 1)
        row.addWidget(self.alarms)
        row.addWidget(self.scores)
        row.addWidget(self.menu)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        colour = theme.lanes[self._index % len(theme.lanes)]
        self._chip.setStyleSheet(f"background: {colour}; border-radius: 5px;")
        self.alarms.set_theme(theme)

    def show_lane(self, lane: LaneSnapshot, snapshot: Snapshot) -> None:
        """Show the numbers and alarms of a lane."""
        width = self.scores.minimumWidth()
        self._shown = lane, snapshot.step
        self._write_scores()
        if snapshot.activity is not Activity.PLAYING or self.scores.underMouse():
            self.scores.setToolTip(score_words.details(lane))
        if self._show_alarms(lane.insight.health) or self.scores.minimumWidth() != width:
            self._fit()

    def _write_scores(self) -> None:
        if self._shown is not None:
            lane, step = self._shown
            said = score_words.head(lane, step, is_narrow=self._is_narrow)
            if self._is_tiny:
                said = said.partition(" · ")[0].split()[-1]  # the loss alone: the name comes first
            # The accuracy comes a few frames after the step, and gets rid of its brackets then; nothing is to move.
            self.scores.write(said, spare="" if "(" in said else "()")

    def _show_alarms(self, health: Health | None) -> bool:
        """Show what was looked at last; while training plays that is a few times in a second."""
        if health is None or health is self._health:
            return False
        self._health, alarms = health, health.alarms
        said = [alarm_words.sentence(alarm, health) for alarm in alarms]
        return self.alarms.show_alarms(alarm_words.chip(alarms) if alarms else "", said)

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width out."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Share the width out between name, chip of the alarms and loss; the name comes first."""
        name = min(self._name.fontMetrics().horizontalAdvance(self._lane_name), MOST_OF_NAME)
        self._is_narrow = self.width() - name < ROOM_FOR_SCORES
        self._is_tiny = self.width() - name < ROOM_FOR_BARE_SCORES
        self._write_scores()
        others = self._chip.width() + name + self.scores.minimumWidth() + MENU_WIDTH + 4 * SPACING
        self.alarms.fit(self.width() - others)
        layout = self.layout()
        assert layout is not None, "made at the start"
        layout.activate()
        metrics, width = self._name.fontMetrics(), self._name.width()
        self._name.setText(metrics.elidedText(self._lane_name, Qt.TextElideMode.ElideRight, width))
