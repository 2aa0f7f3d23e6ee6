"""Work about the experiments of lanes that another process does, one after the other, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from engine.core.background import Background
from engine.core.errors import InitscopeError
from engine.experiments.experiment import Experiment
from engine.session.action_log import ActionLog
from engine.session.recipe import LaneRecipe
from gui.text.error_words import sentence

N = TypeVar("N")
R = TypeVar("R")

Tell = Callable[[N], None]


@dataclass
class Inquiry(Generic[N, R]):
    """What was asked about an experiment, whichever lanes have it; `key` names the work on it.

    `news` is what was told last while it `is_open`; then there is a `result`, or a `refusal`, which says why not.
    """

    experiment: Experiment
    key: str
    news: N
    is_open: bool = True
    result: R | None = None
    refusal: str = ""


class Inquiries(Generic[N, R]):
    """What is known belongs to the experiment of a lane: it goes when that changes, and comes back with undo."""

    def __init__(self, changed: Callable[[], object]) -> None:
        """`changed` is called when something else is known of a lane."""
        self._changed, self._background = changed, Background()
        self._known: list[Inquiry[N, R]] = []
        self._opened: Experiment | None = None
        self._asked = 0

    @property
    def is_at_rest(self) -> bool:
        """Return whether nothing is being worked on."""
        return not any(inquiry.is_open for inquiry in self._known)

    def about(self, lane: LaneRecipe | None) -> Inquiry[N, R] | None:
        """Return what is known of a lane, or asked about it."""
        return next((one for one in self._known if lane and one.experiment == lane.experiment), None)

    def share(self, inquiry: Inquiry[N, R]) -> float:
        """Return which share of the work is done, 0 to 1."""
        return self._background.share(inquiry.key) or 0.0

    def waits(self, inquiry: Inquiry[N, R]) -> bool:
        """Return whether something else is worked on before it."""
        return next((one is not inquiry for one in self._known if one.is_open), False)

    def begin(self, lane: LaneRecipe, news: N, work: Callable[[Tell[N]], R]) -> None:
        """Have work done about a lane, which tells its news; until it does, they are `news`."""
        self.give_up(self.about(lane))
        self._asked += 1
        inquiry = Inquiry[N, R](lane.experiment, f"inquiry {self._asked}", news)
        self._known = [one for one in self._known if one.experiment != lane.experiment] + [inquiry]
        self._background.ask(
            inquiry.key,
            partial(work, partial(_note, inquiry)),
            partial(self._end, inquiry),
            partial(self._refuse, inquiry),
        )
        self._changed()

    def give_up(self, *inquiries: Inquiry[N, R] | None) -> None:
        """Give up what is still being worked on: nothing is known then."""
        gone = [inquiry for inquiry in inquiries if inquiry is not None and inquiry.is_open]
        for inquiry in gone:
            self._background.give_up(inquiry.key)
        if gone:
            self._known = [one for one in self._known if not any(one is other for other in gone)]
            self._changed()

    def end_with(self, inquiry: Inquiry[N, R], result: R) -> None:
        """End work before it is done, with what is known of it."""
        self._background.give_up(inquiry.key)
        self._end(inquiry, result)

    def take(self) -> None:
        """Take note of what was done."""
        self._background.take()

    def stop(self) -> None:
        """End what is being done."""
        self._background.stop()

    def take_log(self, log: ActionLog) -> None:
        """Something was done or undone, or another experiment was opened: lanes may have others now."""
        if log.experiment is not self._opened:
            self._opened = log.experiment
            self.give_up(*self._known)
            self._known = []
        wanted = [lane.experiment for lane in log.recipe.lanes]
        self.give_up(*(one for one in self._known if one.experiment not in wanted))
        self._changed()

    def _end(self, inquiry: Inquiry[N, R], result: R) -> None:
        inquiry.is_open, inquiry.result = False, result
        self._changed()

    def _refuse(self, inquiry: Inquiry[N, R], error: InitscopeError) -> None:
        inquiry.is_open, inquiry.refusal = False, sentence(error)
        self._changed()


def _note(inquiry: Inquiry[N, R], news: N) -> None:
    """Take note of news, in the thread that waits for the work."""
    inquiry.news = news
