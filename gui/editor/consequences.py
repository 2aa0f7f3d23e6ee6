"""What a changed setting brings along: other data has other outputs, and a loss has the activation it is made for.

Without that nobody could get from one valid experiment to another: neither the loss nor the activation of the outputs
could be changed first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from engine.core.errors import ExperimentError
from engine.core.registry import kind_of
from engine.datasets import AnyData, Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.experiments.schema import KIND, kinds_in, options_at
from engine.model.losses import Loss
from gui.editor.starting_values import class_of, starting_value

Changes: TypeAlias = list[tuple[str, Any]]
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
        if fits(experiment, tried, dataset):
            break
    return tried


def changed_data(experiment: Experiment, path: str, value: Any) -> AnyData | None:
    """Return the data that an experiment has once `value` stands at `path`, None if that is no matter of its data.

    Raise ExperimentError where the value makes no sense.
    """
    if path.split(".", maxsplit=1)[0] != "data":
        return None
    return with_changes(experiment, [(path, value)]).data


def fits(experiment: Experiment, changes: Changes, dataset: Dataset | None) -> bool:
    """Return whether an experiment with changes makes sense, on its data where that is at hand."""
    try:
        check_changes(experiment, changes, dataset)
    except ExperimentError:
        return False
    return True


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
    elif path == f"{last}.activation":
        yield from ([], *([("loss", loss)] for loss, _ in _losses()))
    elif path.startswith("data") and dataset is not None:
        yield from _for_data(experiment, last, dataset)


def _needed(path: str, loss: Any) -> tuple[str, Any]:
    """Return the change to the activation that a loss is made for."""
    kind = loss.get(KIND) if isinstance(loss, dict) else None
    activations = (activation for found, activation in _losses() if found[KIND] == kind)
    return path, {KIND: next(activations, IDENTITY)}


def _losses() -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every loss and the activation it is made for: the most particular first, that for any targets last."""
    for struct in reversed(kinds_in(options_at("loss", {})).values()):
        required = class_of(struct, Loss).required_activation
        yield starting_value(struct), IDENTITY if required is None else kind_of(required)


def _for_data(experiment: Experiment, last: str, dataset: Dataset) -> Iterator[Changes]:
    """Yield what may follow other data: as many outputs, batches that it has, a loss for its targets."""
    base: Changes = []
    if experiment.output_layer.units != dataset.outputs:
        base.append((f"{last}.units", dataset.outputs))
    if experiment.batch.size != "full" and experiment.batch.size > dataset.samples:
        base.append(("batch.size", dataset.samples))
    losses = [
        [*base, ("loss", loss), (f"{last}.activation", {KIND: activation})] for loss, activation in _losses()
    ]
    goes_on = experiment.output_layer.units == dataset.outputs or not experiment.loss.classifies
    yield from ([base, *losses] if goes_on else [*losses, base])
