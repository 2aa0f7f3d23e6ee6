"""What a changed setting brings along: other data has other outputs, and a loss the activation that it is made for.

The activation of the outputs can be changed alone, so that every combination can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
from msgspec import UnsetType

from engine.core.errors import ExperimentError
from engine.core.registry import kind_of
from engine.datasets import AnyData, Dataset
from engine.experiments.changes import plain, with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.schema import KIND, kinds_in, options_at
from engine.importing.fitting import output_for
from engine.kinds.loss import Loss, Mismatch
from engine.session.commands import Together
from engine.session.recipe import Recipe
from engine.training.edits import Set
from gui.editor.starting_values import class_of, starting_value

Changes: TypeAlias = list[tuple[str, Any]]
LAYERS = "network.layers"
"""The path of all layers."""

OF_TARGETS = {Mismatch.TARGETS_NO_SHARES, Mismatch.TARGETS_NO_SIDES}
IDENTITY = "identity"
"""The activation of outputs for a loss that is made for no particular one."""


def changes_for(experiment: Experiment, path: str, value: Any, dataset: Dataset | None = None) -> Changes:
    """Return the changes that put `value` at `path` and whatever has to follow it, for `with_changes`.

    `dataset` is the data of the experiment after the change, if it is at hand. Where nothing makes the value fit, checks
    of the last try say why.
    """
    asked: Changes = [(path, value)]
    tried = asked
    for more in _followers(experiment, path, value, dataset):
        tried = asked + more
        if suits(experiment, tried, dataset):
            break
    return tried


def layers_of(experiment: Experiment, picks: list[Any]) -> list[Any]:
    """Return layers as an experiment file has them: a pick is one of its own, counted from 0, or a new one."""
    own = plain(experiment)["network"]["layers"]
    return [own[pick] if isinstance(pick, int) else pick for pick in picks]


def layers_of_all(recipe: Recipe, picks: list[Any], where: Literal["new", "same"] | UnsetType) -> Together:
    """Return what arranges the layers of all lanes anew, each with its own; lanes with other layers keep theirs."""
    common = recipe.experiment
    sets = [] if where == "new" else [Set(LAYERS, layers_of(common, picks))]
    count = len(common.network.layers)
    for lane in recipe.lanes:
        own = len(lane.experiment.network.layers)
        mine = picks if own == count else list(range(own))
        sets.append(Set(LAYERS, layers_of(lane.experiment, mine), lane=lane.name, in_lane=where))
    return Together(tuple(sets))


def changed_data(experiment: Experiment, path: str, value: Any) -> AnyData | None:
    """Return the data that an experiment has once `value` stands at `path`, None if that is no matter of its data.

    Raise ExperimentError where the value makes no sense.
    """
    if path.split(".", maxsplit=1)[0] != "data":
        return None
    return with_changes(experiment, [(path, value)]).data


def suits(experiment: Experiment, changes: Changes, dataset: Dataset | None) -> bool:
    """Return whether an experiment with changes makes sense and its loss suits its outputs, and its data if at hand."""
    try:
        check_changes(experiment, changes, dataset)
    except ExperimentError:
        return False
    found = with_changes(experiment, changes)
    targets = np.eye(2)[:, : found.output_layer.units] if dataset is None else dataset.y_train
    mismatch = found.loss.mismatch(found.output_layer.activation, targets)
    return mismatch is None or (dataset is None and mismatch in OF_TARGETS)


def check_changes(experiment: Experiment, changes: Changes, dataset: Dataset | None) -> None:
    """Raise ExperimentError if an experiment with changes makes no sense."""
    found = with_changes(experiment, changes)
    if dataset is not None:
        found.check_data(dataset)


def _followers(experiment: Experiment, path: str, value: Any, dataset: Dataset | None) -> Iterator[Changes]:
    """Yield what may have to follow a change, what changes least first."""
    last = f"network.layers.{len(experiment.network.layers) - 1}"
    if path == "loss":
        yield from ([], [_needed(f"{last}.activation", value)])
    elif path.startswith("data") and dataset is not None:
        yield from _for_data(experiment, last, dataset)


def _needed(path: str, loss: Any) -> tuple[str, Any]:
    """Return the change to the activation that a loss is made for."""
    kind = loss.get(KIND) if isinstance(loss, dict) else None
    activations = (activation for found, activation in _losses() if found[KIND] == kind)
    return path, {KIND: next(activations, IDENTITY)}


def _losses() -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every loss and the activation it is made for."""
    for struct in kinds_in(options_at("loss", {})).values():
        usual = class_of(struct, Loss).usual_activation
        yield starting_value(struct), IDENTITY if usual is None else kind_of(usual)


def _for_data(experiment: Experiment, last: str, dataset: Dataset) -> Iterator[Changes]:
    """Yield what may follow other data: as many outputs, batches that it has, a loss for its targets."""
    base: Changes = []
    if experiment.output_layer.units != dataset.outputs:
        base.append((f"{last}.units", dataset.outputs))
    if experiment.batch.size != "full" and experiment.batch.size > dataset.samples:
        base.append(("batch.size", dataset.samples))
    activation, loss = output_for(dataset)
    suited: Changes = [
        *base,
        ("loss", {KIND: kind_of(loss)}),
        (f"{last}.activation", {KIND: kind_of(activation)}),
    ]
    goes_on = experiment.output_layer.units == dataset.outputs or not experiment.loss.classifies
    yield from ([base, suited] if goes_on else [suited, base])
