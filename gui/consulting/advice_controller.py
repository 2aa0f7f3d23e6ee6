"""Has starts race in another process, shows what is known of that of each lane, and makes a start into an action."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from engine.advice.advice import Advice
from engine.advice.counsel import take_counsel
from engine.experiments.variants import LaneSpec
from engine.session.action_log import ActionLog
from engine.symptoms.findings import Cure
from gui.advice.counsel_state import Counsel, Stage
from gui.consulting.attempts import Attempts
from gui.consulting.inquiries import Inquiries, Tell
from gui.controllers.display_controller import DisplayController
from gui.text.language import translate

PAGE = "advice"


class AdviceController(QObject):
    """While its page is open, what theory says of the explained lane is looked up without being asked.

    Signals: `counsel_shown(lane number, Counsel)` for the lane that is explained.
    """

    counsel_shown = Signal(int, object)

    def __init__(
        self, display: DisplayController, attempts: Attempts, memory: int | None, parent: QObject
    ) -> None:
        """A race takes at most `memory` bytes."""
        super().__init__(parent)
        self._display, self._attempts, self._memory = display, attempts, memory
        self._looks = Inquiries[None, Advice](self.show)
        self._races = Inquiries[Advice | None, Advice](self.show)
        self._is_dragged = False

    @property
    def is_at_rest(self) -> bool:
        """Return whether nothing is being worked out."""
        return self._looks.is_at_rest and self._races.is_at_rest

    def begin(self, seconds: int) -> None:
        """Let starts race on the lane that is explained, for so many seconds at most."""
        lane = self._attempts.lane
        known = self._races.about(lane)
        if lane is None or (known is not None and known.is_open):
            return
        spec, memory = LaneSpec(lane.name, lane.experiment), self._memory

        def work(tell: Tell[Advice | None]) -> Advice:
            return take_counsel(spec, seconds, tell, memory)

        self._looks.give_up(self._looks.about(lane))
        self._races.begin(lane, None, work)

    def end_race(self) -> None:
        """End the race on the explained lane with the ranking so far; without one, give it up."""
        known = self._races.about(self._attempts.lane)
        if known is None or not known.is_open:
            return
        advice = known.news
        if advice is None or not advice.places:
            self._races.give_up(known)
            self.look()
        else:
            self._races.end_with(known, replace(advice, was_asked=True))

    def stop(self) -> None:
        """End what is being done."""
        self._looks.stop()
        self._races.stop()

    def tick(self) -> None:
        """Show how far it is."""
        self._looks.take()
        self._races.take()
        if not self._races.is_at_rest:
            self.show()

    def take_log(self, log: ActionLog | None) -> None:
        """Something was done or undone, or another experiment was opened: lanes may have others now."""
        if log is not None:
            self._is_dragged = log.is_open
            self._looks.take_log(log)
            self._races.take_log(log)
            self.look()

    def look(self, *_news: object) -> None:
        """Look up what theory says of the explained lane, if the page is open, and show what is known."""
        state, lane = self._display.state, self._attempts.lane
        if (
            lane is not None
            and (state.side, state.page) == (True, PAGE)
            and not self._is_dragged
            and self._looks.about(lane) is None
            and self._races.about(lane) is None
        ):
            spec, memory = LaneSpec(lane.name, lane.experiment), self._memory
            self._looks.begin(lane, None, lambda _tell: take_counsel(spec, None, memory=memory))
        self.show()

    def show(self) -> None:
        """Show what is known of the start of the explained lane."""
        number, lanes = self._attempts.number, self._attempts.lanes
        if number < len(lanes):
            counsel = self._counsel(number)
            self.counsel_shown.emit(number, replace(counsel, is_touched=bool(lanes[number].edits)))

    def open(self, cure: Cure, label: str) -> None:
        """Open a lane with another start, or another activation, beside the explained one."""
        self._attempts.open(cure.changes, translate("advice", "{0} with {1}").replace("{1}", label))

    def keep(self, cure: Cure, everywhere: bool) -> None:
        """Write another start into the explained lane, or into all of them; the lane that tried it goes."""
        self._attempts.keep(cure.changes, everywhere)

    def _counsel(self, number: int) -> Counsel:
        lane = self._attempts.lanes[number]
        look, race = self._looks.about(lane), self._races.about(lane)
        theory = None if look is None else look.result
        if race is None:
            stage = Stage.LOOKING if look is not None and look.is_open else Stage.REST
            return Counsel(stage, theory, refusal="" if look is None else look.refusal)
        if not race.is_open:
            return Counsel(advice=race.result or theory, refusal=race.refusal)
        stage = Stage.WAITING if self._races.waits(race) else Stage.RACING
        return Counsel(stage, race.news or theory, self._races.share(race))
