"""Advice on the start of a network: the ranking of a race, theory, and another activation where no start helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from engine.advice.candidates import candidates
from engine.advice.race import Race, Racer, spread
from engine.advice.theory import Gains, MeanField, gains_of, mean_field
from engine.core.errors import ExperimentError
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.trials.outcome import Outcome
from engine.trials.trials import Stopped, Trials

FADING, GROWING = 0.7, 1.4
"""A signal that is multiplied by less or more than this in each layer fades or grows."""

OTHERS = (("tanh", "glorot-normal"), ("relu", "he-normal"), ("selu", "lecun-normal"))
"""Activations with their starts, tried where no start helps."""


class Reason(str, Enum):
    """What a start does to signals, and how it compares with the best one."""

    KEEPS = "keeps"
    FADES = "fades"
    GROWS = "grows"
    TIED = "tied"


@dataclass(frozen=True)
class Choice:
    """A start in the ranking, with the reason for its place; `forward` and `backward` are gains per layer."""

    weights: dict[str, object]
    outcome: Outcome
    spread: float
    reason: Reason
    forward: float
    backward: float


@dataclass(frozen=True)
class Advice:
    """The `ranking` of starts, the best first; `gains` and `field` are about the present start.

    `activation` is one that learns where no start does; None where a start does, or nothing helps. `steps` are those of
    each run.
    """

    name: str
    ranking: tuple[Choice, ...]
    gains: Gains
    field: MeanField | None
    steps: int
    activation: str | None = None
    is_complete: bool = True


def advise(
    trials: Trials,
    name: str,
    experiment: Experiment,
    dataset: Dataset,
    race: Race,
    tell: Callable[[int, int], object] = lambda _left, _seeds: None,
) -> Advice:
    """Return which start is right for an experiment; when stopped, without a ranking."""
    trials.take_data(experiment, dataset)
    gains, field = gains_of(experiment, dataset), mean_field(experiment, dataset)
    try:
        racers = race.run(candidates(experiment), tell)
        activation = None if racers[0].outcome.learns else _other_activation(trials, experiment, race.steps)
    except Stopped:
        return Advice(name, (), gains, field, race.steps, is_complete=False)
    ranking = tuple(_choice(racer, dataset) for racer in racers)
    return Advice(name, ranking, gains, field, race.steps, activation)


def _choice(racer: Racer, dataset: Dataset) -> Choice:
    forward, backward = gains_of(racer.experiment, dataset).per_layer()
    reason = Reason.KEEPS
    if forward < FADING or backward < FADING:
        reason = Reason.FADES
    elif forward > GROWING or backward > GROWING:
        reason = Reason.GROWS
    if racer.is_tied:
        reason = Reason.TIED
    return Choice(racer.weights, racer.outcome, spread(racer.outcome), reason, forward, backward)


def _other_activation(trials: Trials, experiment: Experiment, steps: int) -> str | None:
    """Return an activation of the hidden layers with which the network learns from a usual start."""
    hidden = range(len(experiment.network.layers) - 1)
    for activation, start in OTHERS:
        changes = [(f"network.layers.{number}.activation", {"kind": activation}) for number in hidden]
        try:
            other = with_changes(experiment, [*changes, ("network.layers.*.weights", {"kind": start})])
        except ExperimentError:
            continue
        if trials.run(other, [experiment.seed, experiment.seed + 1, experiment.seed + 2], steps).learns:
            return activation
    return None
