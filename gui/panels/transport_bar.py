"""The bar at the bottom: play, step, rewind, the timeline over all recorded steps, and the speed."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.report.snapshot import Activity, Snapshot
from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.text.language import translate
from gui.timeline.mark_strip import MarkStrip
from gui.timeline.step_scale import Part, StepScale, part_around, zoomed
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.fields import NumberField, Slider

FLAT_OUT = inf
MAX_STEP = 1_000_000_000
SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0, 600.0, 6000.0, FLAT_OUT)
"""Steps per second; up to 60 every step is shown."""
EVERY_STEP = SPEEDS.index(60.0)
BUTTONS = ("to_start", "ten_back", "step_back", "play", "step_forward", "ten_forward", "to_end")


def speed_text(speed: float) -> str:
    """Return a speed in words."""
    if speed == FLAT_OUT:
        return translate("transport", "as fast as it goes")
    if speed == 1:
        return translate("transport", "1 step per second")
    if speed == SPEEDS[EVERY_STEP]:
        return translate("transport", "60 steps/s, every step shown")
    return translate("transport", "{0} steps/s").format(f"{speed:,.0f}")


class TransportView(QFrame):
    """Signals: `step_requested(int)` from the timeline or the step field, `speed_requested(float)`.

    `part_requested((first, last) or None)` for a part of the steps, or all of them, when somebody turns the wheel.
    """

    step_requested = Signal(int)
    speed_requested = Signal(float)
    part_requested = Signal(object)

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.slider = Slider()
        self.slider.setObjectName("timeline.slider")
        self.slider.setAccessibleName(translate("transport", "Timeline"))
        self.slider.setToolTip(
            translate("transport", "Drag to any recorded step, turn the wheel to see fewer steps")
        )
        self.slider.setRange(0, 0)
        self.slider.valueChanged.connect(self._ask_for)
        self._part: Part | None = None
        self._end = 0
        self.marks = MarkStrip(self.slider)
        self.marks.step_requested.connect(self.step_requested)
        self.step = NumberField()
        self.step.setObjectName("timeline.step")
        self.step.setAccessibleName(translate("transport", "Step"))
        self.step.setToolTip(
            translate("transport", "The shown step; type another one and press Enter to go there")
        )
        self.step.setRange(0, MAX_STEP)
        self.step.setKeyboardTracking(False)
        self.step.setGroupSeparatorShown(True)
        self.step.setButtonSymbols(NumberField.ButtonSymbols.NoButtons)
        self.step.setMinimumWidth(64)
        self.step.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.step.valueChanged.connect(self.step_requested)
        self.step.lineEdit().returnPressed.connect(self.step.clearFocus)
        self._total = ElidedLabel()
        self._total.setProperty("muted", True)
        self._total.setToolTip(
            translate(
                "transport", "The newest step or the planned number of steps; on the way to a step, that step"
            )
        )
        self.speed = Slider()
        self.speed.setObjectName("transport.speed")
        self.speed.setAccessibleName(translate("transport", "Speed"))
        self.speed.setToolTip(translate("transport", "From one step per second to as fast as it goes"))
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setMinimumWidth(50)
        self.speed.setMaximumWidth(110)
        self.speed.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._speed_text = ElidedLabel()
        self._speed_text.setProperty("muted", True)
        self._speed_text.setMaximumWidth(172)
        self._speed_text.setToolTip(self.speed.toolTip())
        self.speed.valueChanged.connect(self._speed_changed)
        self.speed.setValue(EVERY_STEP)
        self._arrange(actions)

    def _arrange(self, actions: Mapping[str, QAction]) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 12, 7)
        layout.setSpacing(4)
        for name in BUTTONS:
            layout.addWidget(self._button(actions, name))
        layout.addSpacing(6)
        for name in ("rewind", "new_seed"):
            layout.addWidget(self._button(actions, name))
        layout.addSpacing(8)
        self.slider.setMinimumWidth(40)
        timeline = QVBoxLayout()
        timeline.setSpacing(0)
        timeline.addWidget(self.marks)
        timeline.addWidget(self.slider)
        layout.addLayout(timeline, 1)
        layout.addSpacing(6)
        caption = QLabel(translate("transport", "step"))
        caption.setProperty("muted", True)
        caption.setToolTip(self.step.toolTip())
        layout.addWidget(caption)
        layout.addWidget(self.step)
        layout.addWidget(self._total)
        layout.addSpacing(10)
        layout.addWidget(self.speed)
        layout.addSpacing(6)
        layout.addWidget(self._speed_text)

    def _button(self, actions: Mapping[str, QAction], name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"transport.{name}")
        button.setDefaultAction(actions[name])
        button.setAccessibleName(actions[name].toolTip())
        button.setIconSize(QSize(20, 20))
        button.setProperty("primary", name == "play")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    @property
    def steps_per_second(self) -> float:
        """Return the chosen speed."""
        return SPEEDS[self.speed.value()]

    def show_speed(self, steps_per_second: float) -> None:
        """Choose the fastest speed that is not above another one."""
        slower = [place for place, speed in enumerate(SPEEDS) if speed <= steps_per_second]
        self.speed.setValue(max(slower, default=0))

    def show_snapshot(self, snapshot: Snapshot, planned: int, moment: float | None = None) -> None:
        """Show where a snapshot stands on the timeline, and where in its step an operation is; asks for nothing."""
        self._end = max(snapshot.last_step, min(snapshot.goal or 0, MAX_STEP))  # how far it is to a far step
        with QSignalBlocker(self.slider), QSignalBlocker(self.step):
            self.slider.setRange(*self._steps(snapshot.step, has_operation=moment is not None))
            self.slider.setPageStep(max(10, self._end // 20))
            if not self.slider.isSliderDown():
                self.slider.setValue(snapshot.step)
            if not self.step.lineEdit().hasFocus() or not self.step.lineEdit().isModified():
                self.step.setValue(snapshot.step)
        self.marks.show_snapshot(snapshot, moment)
        self._total.write(self._progress(snapshot, planned))

    def show_part(self, steps: Part | None) -> None:
        """Show a part of the steps from the next snapshot on, or all of them."""
        self._part = steps

    def _steps(self, step: int, *, has_operation: bool) -> tuple[int, int]:
        """Return the first and the last step of the timeline.

        While an operation of the newest step is shown, there is room for this step, if its phases can be seen.
        """
        first, last = part_around(self._part, step, self._end)
        left, right = self.slider.ends()
        is_longer = has_operation and last == self._end
        return first, last + (is_longer and StepScale(first, last + 1, left, right - left).has_wide_steps)

    def _ask_for(self, step: int) -> None:
        """Ask for a step; behind the newest one there is only the room for its phases."""
        if step > self._end:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._end)
        self.step_requested.emit(min(step, self._end))

    @shielded
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ask for fewer steps around the one under the pointer, or for more."""
        x, turned = self.slider.mapFrom(self, event.position().toPoint()).x(), event.angleDelta().y()
        left, right = self.slider.ends()
        if not turned or not left <= x <= right:
            event.ignore()
            return
        event.accept()
        first, last = self.slider.minimum(), self.slider.maximum()
        middle = StepScale(first, last, left, right - left).step_at(x)
        length = self._end if self._part is None else self._part[1] - self._part[0]
        self.part_requested.emit(zoomed((first, first + length), self._end, middle, turned))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.marks.set_theme(theme)

    @staticmethod
    def _progress(snapshot: Snapshot, planned: int) -> str:
        if snapshot.activity is Activity.SEEKING and snapshot.goal is not None:
            return translate("transport", "→ {0}").format(f"{snapshot.goal:,}")
        return translate("transport", "of {0}").format(f"{max(snapshot.last_step, planned):,}")

    def _speed_changed(self, position: int) -> None:
        self._speed_text.write(speed_text(SPEEDS[position]))
        self.speed_requested.emit(SPEEDS[position])
