"""Which start is right for one lane: what the present one does, a race within some seconds, and its ranking."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from engine.advice.advice import Advice, OtherActivation, Place
from gui.advice.counsel_state import Counsel
from gui.advice.counsel_words import basis, text, title
from gui.advice.other_card import OtherCard
from gui.advice.spread_bar import loss_scale
from gui.advice.start_card import StartCard
from gui.advice.theory_card import TheoryCard
from gui.findings.advice_text import cure_of, cure_of_other, label, label_of_other
from gui.look.theme import LIGHT, Theme
from gui.side.asking_page import AskingPage
from gui.text.language import translate
from gui.widgets.discard import discard
from gui.widgets.fields import NumberField

SECONDS, MOST_SECONDS = 20, 3600
"""How long a race may take, where nobody says it, and at most."""

FEW = 5
"""The best starts, which are shown at once."""


class AdvicePanel(AskingPage):
    """Signals: those of an `AskingPage`, `race_requested(seconds)`, `try_requested(Cure, str)` and
    `keep_requested(Cure, bool)`, of a start or of another activation, whose label the text is.
    """

    race_requested = Signal(int)
    try_requested = Signal(object, str)
    keep_requested = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__("advice", translate("advice", "Race"), translate("advice", "Stop"))
        self._theme = LIGHT
        self._counsel: Counsel | None = None
        self._other: OtherCard | None = None
        self.cards: list[StartCard] = []
        self.ask.setToolTip(translate("advice", "Let all starts that make sense race on this lane's data"))
        self.cancel.setToolTip(translate("advice", "End the race with the ranking so far"))
        self.title.setToolTip(translate("advice", "The first of the ranking"))
        self.text.setToolTip(translate("advice", "What comes of the race"))
        self.basis.setToolTip(translate("advice", "What the ranking rests on"))
        self.seconds = NumberField()
        self.seconds.setObjectName("advice.seconds")
        self.seconds.setAccessibleName(translate("advice", "Seconds of the race"))
        self.seconds.setToolTip(translate("advice", "How many seconds the race may take"))
        self.seconds.setRange(1, MOST_SECONDS)
        self.seconds.setValue(SECONDS)
        self.seconds.setSuffix(translate("advice", " s"))
        self.head.insertWidget(1, self.seconds)
        self.asked.connect(lambda: self.race_requested.emit(self.seconds.value()))
        self._more = self._more_button()
        self.theory = TheoryCard()
        self._place_below(self._more, self.theory)
        self.show_counsel(0, Counsel())

    @property
    def shown(self) -> Advice | None:
        """Return what is shown of a lane's start, None while nothing is known."""
        return None if self._counsel is None else self._counsel.advice

    def _more_button(self) -> QPushButton:
        more = QPushButton()
        more.setObjectName("advice.more")
        more.setProperty("link", True)
        more.setProperty("tight", True)
        more.setCheckable(True)
        more.setToolTip(translate("advice", "The whole ranking, or its best part"))
        more.toggled.connect(self._show_some)
        return more

    def _place_below(self, *widgets: QPushButton | TheoryCard) -> None:
        for widget in widgets:
            self.list.insertWidget(self.list.count() - 1, widget)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.theory.set_theme(theme)
        for card in self.cards:
            card.set_theme(theme)

    def show_counsel(self, index: int, counsel: Counsel) -> None:
        """Show what is known of the start of lane `index`."""
        self.lanes.show_lane(index)
        if counsel == self._counsel:
            return
        self._counsel = counsel
        self.show_progress(counsel.share if counsel.is_open else None)
        self.seconds.setEnabled(not counsel.is_open)
        self.say(title(counsel), text(counsel), basis(counsel))
        advice = counsel.advice
        self.theory.setVisible(advice is not None)
        if advice is not None:
            self.theory.show_advice(advice)
        self._show_other(None if advice is None else advice.other)
        self._show_places(advice, is_final=not counsel.is_open)

    def _show_places(self, advice: Advice | None, *, is_final: bool) -> None:
        places = () if advice is None else advice.places
        while len(self.cards) < len(places):
            self._add_card()
        scale = loss_scale(places) if places else None
        for card, place in zip(self.cards, places, strict=False):
            assert scale is not None, "there are places"
            card.show_place(place, scale, is_final=is_final)
        if is_final and places and not self.cards[0].title.isChecked():
            self.cards[0].title.setChecked(True)
        self._show_some()

    def _add_card(self) -> None:
        card = StartCard(len(self.cards))
        card.set_theme(self._theme)
        card.try_requested.connect(self._try)
        card.keep_requested.connect(self._keep)
        self.cards.append(card)
        self.list.insertWidget(self.list.indexOf(self._more), card)

    def _show_some(self) -> None:
        """Show the best starts of the ranking, or all."""
        count = 0 if self.shown is None else len(self.shown.places)
        shown = count if self._more.isChecked() else min(FEW, count)
        for number, card in enumerate(self.cards):
            card.setVisible(number < shown)
        self._more.setVisible(count > FEW)
        said = (
            translate("advice", "Only the best {0}") if shown > FEW else translate("advice", "All {0} starts")
        )
        self._more.setText(said.format(FEW if shown > FEW else count))
        self._more.setAccessibleName(self._more.text())

    def _show_other(self, other: OtherActivation | None) -> None:
        if self._other is not None:
            self.list.removeWidget(self._other)
            discard(self._other)
            self._other = None
        if other is not None:
            cure = cure_of_other(other)
            self._other = OtherCard(other)
            self._other.try_requested.connect(partial(self.try_requested.emit, cure, label_of_other(other)))
            self._other.keep_requested.connect(partial(self.keep_requested.emit, cure))
            self.list.insertWidget(self.list.indexOf(self.basis) + 1, self._other)

    def _try(self, place: Place) -> None:
        self.try_requested.emit(cure_of(place.weights), label(place.weights))

    def _keep(self, place: Place, everywhere: bool) -> None:
        self.keep_requested.emit(cure_of(place.weights), everywhere)
