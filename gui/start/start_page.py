"""The start page: what one can begin with. It covers the window until something is chosen, or Esc closes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.report.preview import Preview
from gui.look.handlers import shielded
from gui.look.icons import icon
from gui.look.plain_text import LONGEST_NAME, entry, shortened, tip
from gui.look.theme import LIGHT, Theme
from gui.start.clinic_links import ClinicLinks
from gui.start.preset_card import CARD_WIDTH, CardText, PresetCard
from gui.text.language import translate

WIDEST, SPACE, AROUND = 1120, 14, 58
MOST_RECENT, LONGEST_FILE = 4, 22
"""How many recent files are offered, and how many characters of their names are seen."""
BARE = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
"""Modifiers with which keys mean something to the window below, or write capitals."""


class StartPage(QScrollArea):
    """Signals: `preset_chosen(str)`, a name; `file_chosen(str)`, a path; `new_requested()`, `open_requested()`;
    `import_requested()`; `opened()`.
    """

    preset_chosen = Signal(str)
    file_chosen = Signal(str)
    new_requested = Signal()
    open_requested = Signal()
    import_requested = Signal()
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start")
        self.setAccessibleName(translate("start", "Start page"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cards: list[PresetCard] = []
        self.files: list[QPushButton] = []
        self._theme, self._columns = LIGHT, 0
        self.clinic = ClinicLinks()
        self.clinic.chosen.connect(self.preset_chosen)
        self._grid, self._recent = QGridLayout(), QHBoxLayout()
        self._grid.setSpacing(SPACE)
        self._arrange()
        self.show_recent(())
        self.hide()

    def _arrange(self) -> None:
        page = QWidget()
        page.setObjectName("start_page")
        outer = QHBoxLayout(page)
        self._column = QFrame()
        self._column.setMaximumWidth(WIDEST)
        outer.addWidget(self._column)
        inner = QVBoxLayout(self._column)
        inner.setContentsMargins(20, 14, 20, 14)
        inner.setSpacing(SPACE)
        inner.addStretch(1)
        inner.addLayout(self._head())
        inner.addLayout(self._grid)
        inner.addLayout(self._foot())
        inner.addWidget(self.clinic)
        inner.addStretch(2)
        self.setWidget(page)

    def _head(self) -> QHBoxLayout:
        title = QLabel(translate("start", "What do the initial weights do to a network?"))
        title.setProperty("opening", True)
        below = QLabel(translate("start", "Choose an experiment to watch, or begin with one of your own."))
        below.setProperty("muted", True)
        self._close = QToolButton()
        self._close.setObjectName("start.close")
        self._close.setToolTip(translate("start", "Close the start page (Esc)"))
        self._close.setAccessibleName(translate("start", "Close the start page"))
        self._close.clicked.connect(self.hide)
        texts, head = QVBoxLayout(), QHBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(title)
        texts.addWidget(below)
        head.addLayout(texts, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _foot(self) -> QHBoxLayout:
        self._open = QPushButton(translate("start", "Open file…"))
        self._open.setObjectName("start.open")
        self._open.setAccessibleName(translate("start", "Open file"))
        self._open.setToolTip(translate("start", "Open an experiment file of yours"))
        self._import = QPushButton(translate("start", "Import data or weights…"))
        self._import.setObjectName("start.import")
        self._import.setAccessibleName(translate("start", "Import data or weights"))
        self._import.setToolTip(
            translate("start", "Learn samples of your own, or start from weights of your own")
        )
        for button, asked in ((self._open, self.open_requested), (self._import, self.import_requested)):
            button.setAutoDefault(True)
            button.clicked.connect(asked)
        self._label = QLabel(translate("start", "Recent:"))
        self._label.setProperty("muted", True)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addWidget(self._open)
        foot.addWidget(self._import)
        foot.addWidget(self._label)
        foot.addLayout(self._recent)
        foot.addStretch(1)
        return foot

    def show_cards(self, presets: Sequence[CardText], new: CardText) -> None:
        """Offer shipped experiments, and a new one after them."""
        for text in presets:
            card = PresetCard(text)
            card.clicked.connect(lambda _checked=False, name=text.name: self.preset_chosen.emit(name))
            self.cards.append(card)
        card = PresetCard(new)
        card.clicked.connect(self.new_requested)
        self.cards.append(card)
        self._lay_out(3)

    def show_preview(self, name: str, preview: Preview) -> None:
        """Draw the picture on the card of an experiment."""
        for card in self.cards:
            if card.name == name:
                card.show_preview(preview, self._theme)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Offer the files that were opened or saved last, the newest first."""
        for button in self.files:
            button.deleteLater()
        self.files = [self._file_button(path) for path in paths[:MOST_RECENT]]
        for button in self.files:
            self._recent.addWidget(button)
        self._label.setVisible(bool(self.files))
        self._fit_files()

    def _fit_files(self) -> None:
        """Show as many recent files as there is room for."""
        for number, button in enumerate(self.files):
            button.setVisible(number <= self._columns)

    def _file_button(self, path: str) -> QPushButton:
        name = Path(path).stem
        button = QPushButton(entry(shortened(name, LONGEST_FILE)))
        button.setProperty("link", True)
        button.setAutoDefault(True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip(tip(path))
        button.setAccessibleName(shortened(name, LONGEST_NAME))
        button.clicked.connect(lambda: self.file_chosen.emit(path))
        return button

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._close.setIcon(icon("close", theme))
        for card in self.cards:
            card.set_theme(theme)

    def _lay_out(self, columns: int) -> None:
        """Put the cards into some columns."""
        if columns != self._columns:
            self._columns = columns
            self._fit_files()
            self.clinic.lay_out(columns)
            for number, card in enumerate(self.cards):
                self._grid.addWidget(card, *divmod(number, columns))
            for column in range(self._grid.columnCount()):
                self._grid.setColumnStretch(column, int(column < columns))

    @shielded
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have as many columns as there is room for."""
        super().resizeEvent(event)
        self._lay_out(max(1, min(3, (self.viewport().width() - AROUND) // (CARD_WIDTH + SPACE))))

    @shielded
    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the first card."""
        super().showEvent(event)
        self.raise_()
        if self.cards:
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.opened.emit()

    @shielded
    def hideEvent(self, event: QHideEvent) -> None:
        """Give the keys back to the window: none of its buttons has pressed for them."""
        super().hideEvent(event)
        below = self.parentWidget()
        if below is not None and below.isVisible():
            below.setFocus(Qt.FocusReason.OtherFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Stay on the page: what is below it cannot be seen."""
        moved = super().focusNextPrevChild(forward)
        focused = self.window().focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            (self._close if forward else self.clinic.links[-1]).setFocus(Qt.FocusReason.TabFocusReason)
        return moved

    def event(self, event: QEvent) -> bool:
        """Keep keys without a modifier from the window below, which is not seen."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.modifiers() in BARE
        ):
            event.accept()
            return True
        return super().event(event)

    @shielded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the page with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
