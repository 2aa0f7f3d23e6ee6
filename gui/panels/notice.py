"""One sentence across the window: what was saved, or what went wrong and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPlainTextEdit, QToolButton, QWidget

from gui.look.icons import icon
from gui.look.plain_text import shortened
from gui.look.theme import Theme
from gui.text.language import translate

FRAMES_OF_GOOD_NEWS = 300
DETAILS_HEIGHT = 150


class NoticeView(QFrame):
    """Hidden when there is nothing to say. Errors stay until they are closed, good news go by themselves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.text = QLabel()
        self.text.setObjectName("notice.text")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(1)  # a word without an end does not widen the window
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("notice.close")
        self._close.setToolTip(translate("notice", "Close this message"))
        self._close.setAccessibleName(translate("notice", "Close this message"))
        self._close.clicked.connect(self.hide)
        self._more = QToolButton()
        self._more.setObjectName("notice.more")
        self._more.setText(translate("notice", "Details"))
        self._more.setToolTip(translate("notice", "Where it happened in the program, to copy into a report"))
        self._more.setAccessibleName(translate("notice", "Details"))
        self._more.setCheckable(True)
        self.details = QPlainTextEdit()
        self.details.setObjectName("notice.details")
        self.details.setAccessibleName(translate("notice", "Details"))
        self.details.setReadOnly(True)
        self.details.setFixedHeight(DETAILS_HEIGHT)
        self._more.toggled.connect(self.details.setVisible)
        self._frames = 0
        self._arrange()
        self.hide()

    def _arrange(self) -> None:
        layout = QGridLayout(self)
        layout.setContentsMargins(10, 4, 6, 4)
        layout.setColumnStretch(0, 1)
        for column, widget in enumerate((self.text, self._more, self._close)):
            layout.addWidget(widget, 0, column)
        layout.addWidget(self.details, 1, 0, 1, 3)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._close.setIcon(icon("close", theme))

    def show_message(self, text: str, *, failed: bool, details: str = "") -> None:
        """Show one sentence, and behind a button what a report of a mistake in the program needs."""
        self.text.setText(shortened(text))
        self.details.setPlainText(details)
        self._more.setVisible(bool(details))
        self._more.setChecked(False)
        self.details.hide()
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
