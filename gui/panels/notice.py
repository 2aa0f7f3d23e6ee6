"""One sentence across the window: what was saved, or what went wrong and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gui.look.icons import icon
from gui.look.theme import Theme
from gui.text.language import say

FRAMES_OF_GOOD_NEWS = 300


class NoticeView(QFrame):
    """Hidden when there is nothing to say. Errors stay until they are closed, good news go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = QLabel()
        self.text.setObjectName("notice.text")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("notice.close")
        self._close.setToolTip(say("Close this message"))
        self._close.setAccessibleName(say("Close this message"))
        self._close.clicked.connect(self.hide)
        self._frames = 0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 6, 4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self._close)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._close.setIcon(icon("close", theme))

    def show_message(self, text: str, *, failed: bool) -> None:
        """Show one sentence."""
        self.text.setText(text)
        self.setProperty("failed", failed)
        self.style().unpolish(self)
        self.style().polish(self)
        self._frames = 0 if failed else FRAMES_OF_GOOD_NEWS
        self.show()

    def count_down(self) -> None:
        """Let a frame go by; good news disappear after some."""
        if self._frames:
            self._frames -= 1
            if not self._frames:
                self.hide()
