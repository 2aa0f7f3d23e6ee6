"""A number that can be typed, stepped, dragged to the right and left, and swept there and back."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.forms.number_steps import NumberSteps
from gui.look.handlers import shielded
from gui.text.words import number_in
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.fields import SteppedText

FIRST_PIXELS = 4
"""How far the pointer goes before a click becomes a drag."""
SWEEP_FRAMES = 240
"""Frames of a sweep there and back: four seconds."""
LEFT = Qt.MouseButton.LeftButton


class Drag:
    """Follows a pointer that drags a number sideways, wherever it was pressed."""

    def __init__(self, field: LiveNumber) -> None:
        self._field, self._from, self._start = field, QPointF(), 0.0
        self.is_pressed = self.is_moving = self._was_moving = False

    def press(self, event: QMouseEvent) -> None:
        """Begin; nothing changes until the pointer has gone some way."""
        self._from, self._start = event.globalPosition(), self._field.number()
        self.is_pressed, self.is_moving, self._was_moving = event.button() is LEFT, False, False

    def move(self, event: QMouseEvent) -> None:
        """Let the number follow: Shift is fine, Ctrl snaps."""
        pixels = event.globalPosition().x() - self._from.x()
        if not self.is_pressed or (not self.is_moving and abs(pixels) < FIRST_PIXELS):
            return
        if not self.is_moving:
            self.is_moving = self._was_moving = True
            self._field.grabKeyboard()  # for Esc
        keys = event.modifiers()
        self._field.ask(
            self._field.steps.dragged(
                self._start,
                pixels,
                fine=bool(keys & Qt.KeyboardModifier.ShiftModifier),
                snap=bool(keys & Qt.KeyboardModifier.ControlModifier),
            ),
            is_final=False,
        )

    def release(self) -> bool:
        """End; return whether something was dragged, which then stays if nobody has taken it back."""
        if self.end():
            self._field.ask(self._field.number(), is_final=True)
        return self._was_moving

    def end(self) -> bool:
        """Follow the pointer no more; return whether it was dragging."""
        was_moving, self.is_pressed, self.is_moving = self.is_moving, False, False
        if was_moving:
            self._field.releaseKeyboard()
        return was_moving


class DragEdit(QLineEdit):
    """The text of a number: a click writes in it, pressing and moving drags it. While it is written in, it is a text."""

    def __init__(self, field: LiveNumber) -> None:
        super().__init__(field)
        self._field, self._drags = field, False
        self.setFrame(False)
        self.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # it would have the focus before it knows that it is dragged
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag, unless somebody has begun to write."""
        self._drags = event.button() is LEFT and not self._field.is_written
        if self._drags:
            self._field.drag.press(event)
        else:
            super().mousePressEvent(event)

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag on."""
        if self._drags:
            self._field.drag.move(event)
        else:
            super().mouseMoveEvent(event)

    @shielded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; what was only clicked can be written over."""
        if not self._drags:
            super().mouseReleaseEvent(event)
        elif not self._field.drag.release():
            self._click(event)
        self._drags = False

    def _click(self, event: QMouseEvent) -> None:
        """Begin to write: over all of it, or where the pointer is if somebody was there already."""
        if self.hasFocus():
            self.setCursorPosition(self.cursorPositionAt(event.position().toPoint()))
        else:
            self._field.setFocus(Qt.FocusReason.MouseFocusReason)
            self.selectAll()


class DragLabel(ElidedLabel):
    """The caption of a number, which can be dragged, too."""

    def __init__(self, field: LiveNumber) -> None:
        super().__init__()
        self._field = field
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    @shielded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if self._field.isEnabled():
            self._field.drag.press(event)

    @shielded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag on."""
        self._field.drag.move(event)

    @shielded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self._field.drag.release()


class LiveNumber(SteppedText):
    """Signals: `requested(value, is_final)`: a number, the word that stands for it, or a text that is neither;
    `taken_back()` where what was dragged is to be as it was before.

    The field shows what is asked for until it is told what is so.
    """

    requested = Signal(object, bool)
    taken_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps = NumberSteps()
        self.drag = Drag(self)
        self._value: Any = 0.0
        self._asked: Any = None
        self._word, self._start = ("", None), 1.0
        self._sweep: float | None = None
        self._swept_from = 0.0
        self.is_written = (
            False  # by hand, and not yet taken; Qt's own flag is taken back before Enter is told
        )
        self.setLineEdit(DragEdit(self))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lineEdit().textEdited.connect(self._notice)
        self.lineEdit().returnPressed.connect(self._take_text)

    @property
    def is_busy(self) -> bool:
        """Return whether somebody drags, sweeps or writes, so that nothing may be put over it."""
        return self.drag.is_moving or self._sweep is not None or self.is_written

    @property
    def is_sweeping(self) -> bool:
        """Return whether the number goes there and back by itself."""
        return self._sweep is not None

    def set_range(
        self, steps: NumberSteps, word: str = "", value_of_word: object = None, start: float = 1.0
    ) -> None:
        """Say how the number moves, which word may stand instead, and where the number begins after it."""
        self.steps, self._word, self._start = steps, (word, value_of_word), start

    def show_value(self, value: object) -> None:
        """Show what is so, unless somebody is at it."""
        self._value = value
        if not self.is_busy:
            self._asked = value
            self._write(value)

    def number(self) -> float:
        """Return the number that is shown, or where one begins."""
        is_number = isinstance(self._asked, int | float) and not isinstance(self._asked, bool)
        return self._asked if is_number else self._start

    def ask(self, value: object, *, is_final: bool) -> None:
        """Show a value and ask for it; while it is dragged, only where it is another one."""
        changed = value != self._asked or type(value) is not type(self._asked)
        self._asked = value
        self._write(value)
        if changed or is_final:
            self.requested.emit(value, is_final)

    def start_sweep(self) -> None:
        """Let the number go there and back, a bit at every tick."""
        self._sweep, self._swept_from = 0.0, self.number()

    def stop_sweep(self) -> None:
        """Stay where the number is."""
        if self._sweep is not None:
            self._sweep = None
            self.ask(self.number(), is_final=True)

    def tick(self) -> None:
        """Go on with a sweep, if there is one; once for every frame."""
        if self._sweep is not None:
            self._sweep += 1 / SWEEP_FRAMES
            self.ask(self.steps.swept(self._swept_from, self._sweep), is_final=False)

    def stepBy(self, steps: int) -> None:
        """Step up or down: arrow buttons and keys."""
        self.ask(self.steps.stepped(self.number(), steps), is_final=True)
        self.selectAll()

    def stepEnabled(self) -> SteppedText.StepEnabledFlag:
        """Return that both ways are open: the ends are where a step changes nothing."""
        return SteppedText.StepEnabledFlag.StepUpEnabled | SteppedText.StepEnabledFlag.StepDownEnabled

    def event(self, event: QEvent) -> bool:
        """Take Esc while the number is dragged, and leave the keys of the window to it: Space plays, as everywhere."""
        if event.type() is QEvent.Type.ShortcutOverride and self.drag.is_moving:
            assert isinstance(event, QKeyEvent)
            event.setAccepted(event.key() == Qt.Key.Key_Escape)
            return event.isAccepted()
        return super().event(event)

    @shielded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what is being written or dragged; a drag takes no other keys."""
        is_escape, was_moving = event.key() == Qt.Key.Key_Escape, self.drag.is_moving
        if is_escape and (self.is_written or was_moving):
            self.drag.end()
            self._asked = self._value
            self._write(self._value)
            if was_moving:
                self.taken_back.emit()
        elif not was_moving:
            super().keyPressEvent(event)

    @shielded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was written."""
        super().focusOutEvent(event)
        self._take_text()

    def _notice(self) -> None:
        self.is_written = True

    def _take_text(self) -> None:
        if self.is_written:
            self.is_written = False
            self.ask(self._value_of(self.lineEdit().text().strip()), is_final=True)

    def _value_of(self, text: str) -> object:
        word, value = self._word
        if word and text.casefold() in {word.casefold(), ""}:
            return value
        number = number_in(text)
        if number is None:
            return text
        is_integer = number.is_integer() and (self.steps.is_whole or text.lstrip("+-−").isdecimal())
        return int(number) if is_integer else number

    def _write(self, value: object) -> None:
        word, value_of_word = self._word
        text = word if word and value == value_of_word else number_text(value)
        if text != self.lineEdit().text():
            self.lineEdit().setText(text)
            if self.hasFocus():
                self.selectAll()
        self.is_written = False


def number_text(value: object) -> str:
    """Return a number as it is typed, or another value as it stands."""
    if value is None:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
