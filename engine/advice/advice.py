"""What the advisor says, as data: a ranking of starts by a race, and what theory says. The words are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.advice.gains import Gains
from engine.advice.race import RELIABLE
from engine.advice.theory import Theory
from engine.model.activations import Activation
from engine.model.initializers import WeightInitializer
from engine.trials.outcome import Outcome, Share

LEAST_GAIN, MOST_GAIN = 0.1, 10.0
"""Between these, from end to end, signal and gradient are said to keep their size."""


class Reason(str, Enum):
    """Why a start does as it does."""

    NOTHING_BACK = "nothing-back"
    """No gradient reaches the first layer at step 0."""
    EQUAL = "equal"
    """The neurons of a hidden layer are equal, and stay so."""
    DIVERGES = "diverges"
    """Half of the runs end with numbers that are not finite."""
    KEEPS = "keeps"
    SIGNAL_FADES = "signal-fades"
    SIGNAL_GROWS = "signal-grows"
    GRADIENT_FADES = "gradient-fades"
    GRADIENT_GROWS = "gradient-grows"


@dataclass(frozen=True)
class Place:
    """A start in the ranking: what came of its runs, the `gains` at its step 0, and why.

    `low` and `high` are the quartiles of the losses. `is_present` says that the network starts so now, `is_tied` that
    its quartiles overlap those of the first place, or nearly so.
    """

    weights: WeightInitializer
    share: Share
    median: float
    low: float
    high: float
    gains: Gains
    reason: Reason
    is_present: bool = False
    is_tied: bool = False


@dataclass(frozen=True)
class OtherActivation:
    """An activation of the hidden layers with which the network learns, with the weights it was tried with."""

    activation: Activation
    weights: WeightInitializer
    share: Share


@dataclass(frozen=True)
class Advice:
    """The advice for one network.

    `gains` and `theory` are those of the network as it starts now. All runs did `steps` of the `planned` updates.
    `starts` is how many there are, and `done` of `runs` runs are done; `seconds` is how long that took. `is_complete`
    says that all have raced to the end, and `was_asked` that somebody has asked to stop. `other` is given where no start
    learns from most seeds and an activation was found that does. Before a race there are no places, starts and runs.
    """

    name: str
    activations: tuple[Activation, ...]
    gains: Gains
    theory: Theory
    planned: int
    places: tuple[Place, ...] = ()
    steps: int = 0
    starts: int = 0
    done: int = 0
    runs: int = 0
    seconds: float = 0.0
    is_complete: bool = False
    was_asked: bool = False
    other: OtherActivation | None = None

    @property
    def learns(self) -> bool:
        """Return whether the first start learns from most seeds."""
        return bool(self.places) and is_reliable(self.places[0].share)


def is_reliable(share: Share) -> bool:
    """Return whether most seeds learn."""
    return share.learned >= RELIABLE * share.seeds


SAME = 1e-3
"""Losses that differ by a smaller share are the same: nobody would choose by that."""


def are_tied(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether the quartiles of two starts overlap, or are the same in all digits that matter."""
    (low, high), (lowest, highest) = one, other
    return low <= highest * (1.0 + SAME) and lowest <= high * (1.0 + SAME)


def quartiles(outcome: Outcome) -> tuple[float, float]:
    """Return the quartiles of the losses of runs; infinite where they are not finite."""
    losses = sorted(run.loss if np.isfinite(run.loss) else np.inf for run in outcome.runs)
    return losses[(len(losses) - 1) // 4], losses[-(-3 * (len(losses) - 1) // 4)]


def reason_for(gains: Gains, outcome: Outcome, *, stays_equal: bool) -> Reason:
    """Return why a start does as it does: what is worst."""
    if gains.gradient == 0.0:
        return Reason.NOTHING_BACK
    if stays_equal:
        return Reason.EQUAL
    if 2 * sum(run.diverged for run in outcome.runs) > len(outcome.runs):
        return Reason.DIVERGES
    return _of_sizes(gains)


def _of_sizes(gains: Gains) -> Reason:
    forward, backward = gains.signal, gains.gradient
    away = {
        Reason.SIGNAL_FADES: LEAST_GAIN / forward if forward else np.inf,
        Reason.SIGNAL_GROWS: forward / MOST_GAIN,
        Reason.GRADIENT_FADES: LEAST_GAIN / backward,
        Reason.GRADIENT_GROWS: backward / MOST_GAIN,
    }
    worst = max(away, key=lambda reason: away[reason])
    return worst if away[worst] > 1.0 else Reason.KEEPS
