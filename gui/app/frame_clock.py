"""The heartbeat of the window: the only timer. Every frame it takes at most one letter of the training thread.

Between frames it collects garbage.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.pace.frame_budget import FRAME_SECONDS
from engine.session.commands import Command
from engine.session.mailbox import Mailbox
from gui.app import garbage

FRAME_MILLISECONDS = round(1000 * FRAME_SECONDS)
PATIENCE = 0.003
"""Seconds that a frame waits for a letter that is nearly ready."""
LATE_MILLISECONDS = 3
"""From one look for a letter that is late to the next: waiting for the next frame would halve the frames of large
networks, whose steps take a little longer than a frame."""


class FrameClock(QObject):
    """Signals: `letter_arrived(Letter)`, at most 60 times a second; `ticked()` at every frame."""

    letter_arrived = Signal(object)
    ticked = Signal()

    def __init__(self, mailbox: Mailbox[Command], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = mailbox
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Begin to beat."""
        garbage.take_over()
        self._timer.start()

    def stop(self) -> None:
        """Stop beating; does nothing if it does not beat."""
        if self._timer.isActive():
            self._timer.stop()
            garbage.hand_back()

    def tick(self) -> None:
        """Do one frame. The training thread waits until its letter is on the screen."""
        letter = self._mailbox.take(PATIENCE)
        if letter is not None:
            try:
                self.letter_arrived.emit(letter)
            finally:
                self._mailbox.shown()
        late = letter is None and self._mailbox.is_working
        interval = LATE_MILLISECONDS if late else FRAME_MILLISECONDS
        if interval != self._timer.interval():
            # Setting it begins a new interval: done at every frame, 16 ms would be counted from its end.
            self._timer.setInterval(interval)
        if not late:
            self.ticked.emit()
        garbage.collect()
