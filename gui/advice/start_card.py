"""One start of a ranking: how many seeds learn, where the losses lie, why, and buttons to take it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from engine.advice.advice import Place
from gui.advice.counsel_words import losses_text, reason_text, share_text
from gui.advice.spread_bar import LossScale, SpreadBar
from gui.advice.start_title import StartTitle
from gui.diagnosis.cure_buttons import CureButtons
from gui.findings.advice_text import cure_of, label
from gui.look.theme import Theme
from gui.text.language import translate
from gui.widgets.calm_label import set_label
from gui.widgets.discard import discard


class StartCard(QFrame):
    """The start at a place of the ranking. Signals: `try_requested(Place)`, `keep_requested(Place, bool)`."""

    try_requested = Signal(object)
    keep_requested = Signal(object, bool)

    def __init__(self, position: int) -> None:
        """Make the card of the start at a position, the first one at 0."""
        super().__init__()
        self._position, self._name = position, f"advice.start.{position}"
        self.setObjectName(self._name)
        self.setProperty("card", True)
        self._place: Place | None = None
        self._buttons: CureButtons | None = None
        self.title = StartTitle(f"{self._name}.title")
        self.title.toggled.connect(self._open)
        self._share = self._label(
            "share", "caption", translate("advice", "How many runs learn, each from another seed")
        )
        self._losses = self._label(
            "losses", "muted", translate("advice", "The median loss, and its quartiles")
        )
        self._reason = self._label("reason", "muted", translate("advice", "Why it has its place"))
        self._reason.setWordWrap(True)
        self._bar = SpreadBar()
        self._arrange()

    def _label(self, name: str, style: str, tip: str) -> QLabel:
        label = QLabel()
        label.setObjectName(f"{self._name}.{name}")
        label.setProperty(style, True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setToolTip(tip)
        return label

    def _arrange(self) -> None:
        head, below = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title, 1)
        head.addWidget(self._share)
        below.setSpacing(8)
        below.addWidget(self._bar, 1)
        below.addWidget(self._losses)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 4, 10, 6)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self._column.addLayout(below)
        self._column.addWidget(self._reason)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._bar.set_theme(theme)

    def show_place(self, place: Place, scale: LossScale, *, is_final: bool) -> None:
        """Show a start; only in a final ranking it can be taken, because before that another one may take its place."""
        self.title.setEnabled(is_final)
        if place == self._place:
            return
        before, self._place = self._place, place
        self.title.show_name(self._position + 1, label(place.weights))
        set_label(self._share, share_text(place))
        set_label(self._losses, losses_text(place))
        set_label(self._reason, reason_text(place))
        self._bar.show_place(place, scale, losses_text(place))
        if before is None or before.weights != place.weights:
            self.title.setChecked(False)

    def _open(self, on: bool) -> None:
        if self._buttons is not None:
            self._column.removeWidget(self._buttons)
            discard(self._buttons)
            self._buttons = None
        if on and self._place is not None:
            self._buttons = CureButtons(self._name, cure_of(self._place.weights))
            self._buttons.try_requested.connect(lambda: self.try_requested.emit(self._place))
            self._buttons.keep_requested.connect(
                lambda everywhere: self.keep_requested.emit(self._place, everywhere)
            )
            self._column.addWidget(self._buttons)
