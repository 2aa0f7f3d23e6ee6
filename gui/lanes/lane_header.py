"""The head of a lane: its colour and name, its alarms, its loss and accuracy, in one line or in two."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.report.condition import Health
from engine.report.snapshot import Activity, LaneSnapshot, Snapshot
from gui.findings import alarm_words, score_words
from gui.lanes.lane_title import LaneTitle
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.seeds.seeds_chip import SeedsChip
from gui.seeds.shown_seeds import SeedsOfLane
from gui.text.language import translate
from gui.widgets.alarm_chip import AlarmChip
from gui.widgets.calm_label import CalmLabel

ROOM_FOR_LOSS = 160
"""Pixels that colour, alarms and loss need beside the name; with fewer, the name has a line of its own."""
SPACING, MOST_OF_NAME, MENU_WIDTH = 8, 120, 22
"""Pixels between the parts, those of the name that stay readable beside a long alarm, and those of the menu's button."""
STATE_HEIGHT = 20
"""Pixels: lanes with and without alarms are alike."""
AROUND_STATE = MENU_WIDTH + 2 * SPACING
"""Pixels of the line that are neither for the title nor for alarms, loss and accuracy."""


class LaneHeader(QWidget):
    """Signals: `alarms_clicked()`, `menu_requested()`: somebody wants to know what can be done with the lane,
    `seed_chosen(seed)` of many.
    """

    alarms_clicked = Signal()
    seed_chosen = Signal(object)
    menu_requested = Signal()

    def __init__(self, index: int, name: str) -> None:
        super().__init__()
        self._health: Health | None = None
        self._is_narrow = self._is_tiny = self._is_high = False
        self._shown: tuple[LaneSnapshot, int] | None = None
        self.title = LaneTitle(index, name)
        self.alarms = AlarmChip()
        self.alarms.setObjectName(f"lane.{index}.alarms")
        self.alarms.setAccessibleName(translate("lane", "Alarms of {0}").format(name))
        self.alarms.clicked.connect(self.alarms_clicked)
        self.seeds = SeedsChip()
        self.seeds.setObjectName(f"lane.{index}.seeds")
        self.seeds.setAccessibleName(translate("lane", "Seeds of {0}").format(name))
        self.seeds.seed_chosen.connect(self.seed_chosen)
        self.scores = CalmLabel()
        self.scores.setProperty("muted", True)
        self.scores.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.menu = QToolButton()
        self.menu.setText("⋯")
        self.menu.setAutoRaise(True)
        self.menu.setFixedSize(MENU_WIDTH, MENU_WIDTH)
        self.menu.setObjectName(f"lane.{index}.menu")
        self.menu.setAccessibleName(translate("lane", "Menu of {0}").format(name))
        self.menu.setToolTip(
            translate("lane", "Rename, copy, move, hide or remove this lane, or keep its curves")
        )
        self.menu.clicked.connect(self.menu_requested)
        self._arrange()

    def _arrange(self) -> None:
        self._state = QWidget()
        self._state.setMinimumHeight(STATE_HEIGHT)
        state = QHBoxLayout(self._state)
        state.setContentsMargins(0, 0, 0, 0)
        state.setSpacing(SPACING)
        state.addWidget(self.alarms)
        state.addWidget(self.seeds)
        state.addStretch()
        state.addWidget(self.scores)
        self._line = QHBoxLayout()
        self._line.setSpacing(SPACING)
        self._line.addWidget(self.title, 1)
        self._line.addWidget(self._state)
        self._line.addWidget(self.menu)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._lines.addLayout(self._line)

    def wants_two_lines(self, width: int) -> bool:
        """Return whether the name would be cut beside alarms and loss in a head of some width."""
        return min(self.title.width_of_name(), MOST_OF_NAME) + ROOM_FOR_LOSS > width

    def set_high(self, on: bool) -> None:
        """Give the name a line of its own, or have everything in one."""
        if on == self._is_high:
            return
        self._is_high = on
        if on:
            self._line.removeWidget(self._state)
            self._lines.addWidget(self._state)
        else:
            self._lines.removeWidget(self._state)
            self._line.insertWidget(1, self._state)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.title.set_theme(theme)
        self.alarms.set_theme(theme)
        self.seeds.set_theme(theme)

    def show_lane(self, lane: LaneSnapshot, snapshot: Snapshot) -> None:
        """Show the numbers and alarms of a lane."""
        width = self.scores.minimumWidth()
        self._shown = lane, snapshot.step
        self._write_scores()
        if snapshot.activity is not Activity.PLAYING or self.scores.underMouse():
            self.scores.setToolTip(score_words.details(lane))
        if self._show_alarms(lane.insight.health) or self.scores.minimumWidth() != width:
            self._fit()

    def show_seeds(self, seeds: SeedsOfLane | None, own: int, step: int) -> None:
        """Show what came of many seeds of the lane, whose own one is `own`, beside a step; None without others."""
        if self.seeds.show_seeds(seeds, own, step):
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
        """Share the width out between name, chip of the alarms and loss; the name comes first.

        Loss and accuracy are bare numbers where there is little room, and the loss stands alone where there is less.
        """
        name = 0 if self._is_high else self.title.width_up_to(MOST_OF_NAME) + AROUND_STATE
        for self._is_narrow, self._is_tiny in ((False, False), (True, False), (True, True)):
            self._write_scores()
            self.seeds.set_narrow(is_narrow=self._is_narrow, is_tiny=self._is_tiny)
            taken = self.scores.minimumWidth() + self.seeds.width_needed()
            room = self.width() - name - taken - SPACING
            if room >= self.alarms.least_width():
                break
        self.alarms.fit(room)
