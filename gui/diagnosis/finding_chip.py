"""What the doctor has found in a lane, in one line that a click explains."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.look.handlers import shielded
from gui.look.theme import Theme
from gui.text.language import translate

PADDING = 14
"""Pixels at the left and right of the text."""


class FindingChip(QToolButton):
    """As much of a text as there is room for; invisible without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        kept = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(kept)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.warning}; background: {theme.surface}; font-size: 12px; font-weight: 600;"
            f" border: 1px solid {theme.warning}; border-radius: 8px; padding: 1px 6px; }}"
            f"QToolButton:hover {{ background: {theme.raised}; }}"
            f"QToolButton:focus {{ background: {theme.warning}; color: {theme.surface}; }}"
        )

    def show_text(self, text: str, *, keeps_room: bool) -> None:
        """Show a text; without one, hide, and keep the room where other lanes have a text, so that all are alike."""
        policy = self.sizePolicy()
        if policy.retainSizeWhenHidden() != keeps_room:
            policy.setRetainSizeWhenHidden(keeps_room)
            self.setSizePolicy(policy)
        if text == self._whole:
            return
        self._whole = text
        said = translate("lane", "{0}. Click to read how that is known and what cures it.").format(text)
        self.setToolTip(said)
        self.setAccessibleName(said)
        self._elide()
        self.updateGeometry()
        self.setVisible(bool(text))

    def sizeHint(self) -> QSize:
        """Return the room that the whole text needs."""
        self.ensurePolished()
        return QSize(
            self.fontMetrics().horizontalAdvance(self._whole) + PADDING + 4, self.fontMetrics().height() + 4
        )

    def minimumSizeHint(self) -> QSize:
        """Return hardly any room: a long text must not widen the lane."""
        return QSize(1, self.sizeHint().height())

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(0, self.width() - PADDING)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room))
