"""The card of an experiment: its picture, its title, and the question that it answers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout

from engine.report.preview import Preview
from gui.look.theme import Theme
from gui.start.thumbnail import HEIGHT, WIDTH, thumbnail

MARGIN = 14
CARD_WIDTH = WIDTH + 2 * MARGIN


@dataclass(frozen=True)
class CardText:
    """What stands on a card; `name` tells the experiments apart."""

    name: str
    title: str
    question: str


class PresetCard(QPushButton):
    """A button; Enter and Space press it, too."""

    def __init__(self, text: CardText) -> None:
        super().__init__()
        self.name = text.name
        self.setObjectName(f"start.{text.name}")
        self.setProperty("tile", True)
        self.setAutoDefault(True)  # so that Enter presses it
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text.title)
        self.setAccessibleDescription(text.question)
        self.setToolTip(text.question)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._layout = QVBoxLayout(self)
        self._picture = QLabel()
        self._picture.setFixedHeight(HEIGHT)
        self._preview: Preview | None = None
        self._arrange(text)

    def _arrange(self, text: CardText) -> None:
        title, question = QLabel(text.title), QLabel(text.question)
        title.setProperty("heading", True)
        question.setProperty("small", True)
        layout = self._layout
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(4)
        layout.addWidget(self._picture)
        layout.addSpacing(6)
        for label in (title, question):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addStretch(1)
        for label in (self._picture, title, question):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the room that picture and texts need in the present width."""
        return QSize(CARD_WIDTH, self._layout.totalHeightForWidth(max(self.width(), CARD_WIDTH)))

    def show_preview(self, preview: Preview, theme: Theme) -> None:
        """Draw the picture."""
        self._preview = preview
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the picture in the colours of a theme, if there is one."""
        if self._preview is not None:
            self._picture.setPixmap(thumbnail(self._preview, theme))
