"""The chip of a lane that has alarms: the worst one and how many others there are, or only how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.look.theme import Theme


class AlarmChip(QToolButton):
    """Hidden without alarms. A click on it asks for more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._text = self._number = ""
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.warning}; background: {theme.surface}; font-size: 11px;"
            f" border: 1px solid {theme.warning}; border-radius: 8px; padding: 0px 5px; }}"
            f"QToolButton:hover {{ background: {theme.raised}; }}"
            f"QToolButton:focus {{ background: {theme.warning}; color: {theme.surface}; }}"
        )

    def show_alarms(self, text: str, sentences: Sequence[str]) -> bool:
        """Show what the worst alarm is, and all of them in full to a pointer; without sentences, hide.

        Return whether it may need other room than before.
        """
        before = self._text, self._number
        self._text, self._number = text, f"! {len(sentences)}"
        self.setToolTip("\n".join(sentences))
        self.setAccessibleDescription("\n".join(sentences))
        if before == (self._text, self._number):
            return False
        self.setVisible(bool(sentences))
        return True

    def fit(self, room: int) -> None:
        """Say what the worst alarm is where `room` pixels are enough, else only how many alarms there are."""
        text = self._text if self._width_of(self._text) <= room else self._number
        if text != self.text():
            self.setText(text)

    def least_width(self) -> int:
        """Return how many pixels it needs to say how many alarms there are."""
        return 0 if self.isHidden() else self._width_of(self._number)

    def _width_of(self, text: str) -> int:
        self.ensurePolished()
        around = self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())
        return self.fontMetrics().horizontalAdvance(text) + around
