"""The advisor: which start suits a network on its data, by theory and by a race."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from time import perf_counter
from typing import Any

import msgspec

from engine.advice.advice import Advice, OtherActivation, Place, are_tied, is_reliable, quartiles, reason_for
from engine.advice.candidates import candidates, written
from engine.advice.gains import Gains, Look
from engine.advice.race import Budget, Plan, Race, plan
from engine.advice.race_news import RaceNews, Tell
from engine.advice.theory import Theory, theory_of
from engine.core.errors import InitscopeError
from engine.core.randomness import seeds_from
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.memory import MemoryPlan
from engine.model.activations import Activation, Elu, LeakyRelu, Relu, Selu, Tanh
from engine.model.initializers import GlorotNormal, HeNormal, LecunNormal, WeightInitializer
from engine.trials.outcome import Outcome, Share
from engine.trials.trials import Stopped, Trials

LOOKS = 3
"""From so many seeds a start is looked at, and another activation is tried."""

RACE_SHARE = 0.85
"""The share of the seconds that a race has at most; in the rest other activations are tried, if no start helps."""

OTHERS: tuple[tuple[Activation, WeightInitializer], ...] = (
    (Relu(), HeNormal()),
    (Tanh(), GlorotNormal()),
    (LeakyRelu(slope=0.1), HeNormal()),
    (Elu(), HeNormal()),
    (Selu(), LecunNormal()),
)
"""The activations that are tried where no start helps, each with the weights that suit it."""

LEAST_GAIN = 1e-30
"""A gain of nothing is counted as this."""


@dataclass(frozen=True)
class _Start:
    weights: WeightInitializer
    experiment: Experiment
    gains: Gains
    stays_equal: bool

    @property
    def distance(self) -> float:
        """Return how far it is from keeping the size of signals and gradients."""
        sizes = (max(gain, LEAST_GAIN) for gain in (self.gains.signal, self.gains.gradient))
        return sum(abs(log(size)) for size in sizes)


class Advisor:
    """Finds out which start suits one experiment."""

    def __init__(
        self,
        name: str,
        experiment: Experiment,
        dataset: Dataset,
        memory: MemoryPlan | None = None,
        tell: Tell = lambda _advice: None,
    ) -> None:
        """Advise on the experiment, whose variant has this `name`; `tell` hears the advice so far now and then."""
        self._name, self._experiment, self._dataset = name, experiment, dataset
        self._memory, self._tell = memory, tell
        self._look = Look(experiment, dataset)

    def look(self) -> Advice:
        """Return what theory says of the start as it is, and what layers do to signals: there are no places yet."""
        experiment, look = self._experiment, self._look
        return Advice(
            name=self._name,
            activations=tuple(dict.fromkeys(layer.activation for layer in experiment.network.layers[:-1])),
            gains=look.gains(experiment, self._seeds(LOOKS)),
            theory=theory_of(look.at_start(experiment, experiment.seed), look.input_square),
            planned=experiment.steps,
        )

    def advise(self, seeds: int, seconds: float, is_asked: Callable[[], bool] = lambda: False) -> Advice:
        """Race from `seeds` seeds within `seconds`, and return the advice; when asked, end with what there is."""
        began = perf_counter()
        budget = Budget(RACE_SHARE * seconds, is_asked)
        found = self.look()
        self._tell(found)
        starts = sorted(self._starts(found.theory), key=lambda start: start.distance)
        news = RaceNews(self._tell)
        trials = self._trials(budget, news.count_run)
        planned = self._plan(trials, len(starts), seeds, budget)
        race = Race(trials, [start.experiment for start in starts], self._seeds(seeds), planned, budget)

        def ranking(done: int) -> Advice:
            places = tuple(self._places([(starts[number], outcome) for number, outcome in race.ranking()]))
            told = replace(found, places=places, starts=len(starts), steps=planned.steps)
            return replace(told, done=done, runs=planned.runs, seconds=perf_counter() - began)

        news.begin(ranking)
        race.run()
        advice = ranking(news.done)
        self._tell(advice)
        helps = advice.learns or not advice.places
        other = None if helps else self._other(planned.steps, (1.0 - RACE_SHARE) * seconds, is_asked)
        return replace(
            advice,
            other=other,
            is_complete=race.is_complete,
            was_asked=budget.was_asked,
            seconds=perf_counter() - began,
        )

    def _seeds(self, count: int) -> list[int]:
        return seeds_from(self._experiment.seed, count)

    def _trials(self, budget: Budget, on_run: Callable[[], object] = lambda: None) -> Trials:
        trials = Trials(budget.is_over, self._memory, on_run)
        trials.take_data(self._experiment, self._dataset)
        return trials

    def _plan(self, trials: Trials, starts: int, seeds: int, budget: Budget) -> Plan:
        per_step = trials.seconds_per_step(self._experiment)
        steps = trials.steps_for(self._experiment)
        return plan(starts, seeds, steps, budget.seconds_left, per_step)

    @property
    def _present(self) -> list[WeightInitializer]:
        return [layer.weights for layer in self._experiment.network.layers]

    def _starts(self, theory: Theory) -> Iterator[_Start]:
        """Yield the starts that this network can have."""
        for weights in candidates(self._look.widths, theory.critical, self._present):
            try:
                experiment = self._changed([("network.layers.*.weights", written(weights))])
                gains = self._look.gains(experiment, self._seeds(LOOKS))
            except InitscopeError:  # numbers that its precision does not hold, for example
                continue
            yield _Start(weights, experiment, gains, self._look.stays_equal(experiment))

    def _changed(self, changes: list[tuple[str, Any]]) -> Experiment:
        return with_changes(self._experiment, changes)

    def _places(self, ran: Sequence[tuple[_Start, Outcome]]) -> Iterator[Place]:
        if not ran:
            return
        best = quartiles(ran[0][1])
        for number, (start, outcome) in enumerate(ran):
            low, high = quartiles(outcome)
            yield Place(
                weights=start.weights,
                share=outcome.share(),
                median=outcome.loss,
                low=low,
                high=high,
                gains=start.gains,
                reason=reason_for(start.gains, outcome, stays_equal=start.stays_equal),
                is_present=all(weights == start.weights for weights in self._present),
                is_tied=number > 0 and are_tied((low, high), best),
            )

    def _other(self, steps: int, seconds: float, is_asked: Callable[[], bool]) -> OtherActivation | None:
        """Return the hidden activation with which the network learns best, if it does from most seeds."""
        trials = self._trials(Budget(seconds, is_asked))
        found: list[OtherActivation] = []
        try:
            for activation, weights in OTHERS:
                if self._is_used(activation):
                    continue
                experiment = self._with_activation(activation, weights)
                share = trials.run(experiment, self._seeds(LOOKS), steps).share()
                found.append(OtherActivation(activation, weights, share))
        except Stopped:
            pass
        good = [other for other in found if is_reliable(other.share)]
        return min(good, key=lambda other: _loss(other.share), default=None)

    def _is_used(self, activation: Activation) -> bool:
        hidden = self._experiment.network.layers[:-1]
        return not hidden or all(type(layer.activation) is type(activation) for layer in hidden)

    def _with_activation(self, activation: Activation, weights: WeightInitializer) -> Experiment:
        return self._changed(
            [
                ("network.layers.hidden.activation", msgspec.to_builtins(activation)),
                ("network.layers.*.weights", written(weights)),
            ]
        )


def _loss(share: Share) -> float:
    return float("inf") if share.loss is None else share.loss
