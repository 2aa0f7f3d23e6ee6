"""The variants of an experiment: which experiment each of them runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from engine.core.cancellation import checkpoint
from engine.core.errors import ExperimentError, InitscopeError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment, Variant
from engine.experiments.memory import MemoryPlan, default_limit


@dataclass(frozen=True)
class LaneSpec:
    """A lane to be made: its name and its experiment, which has no variants itself."""

    name: str
    experiment: Experiment


def lane_specs(experiment: Experiment, names: Sequence[str] = ()) -> list[LaneSpec]:
    """Return the lanes of an experiment, all or those named; raise ExperimentError for a name it does not have."""
    variants = variants_of(experiment)
    known = [variant.name for variant in variants]
    for name in names:
        if name not in known:
            raise ExperimentError("variants", Problem.NO_VARIANT, name=name, names=known)
    return [
        LaneSpec(variant.name, single_variant(experiment, variant))
        for variant in variants
        if not names or variant.name in names
    ]


def load_datasets(
    specs: Sequence[LaneSpec], plan: MemoryPlan, known: Sequence[tuple[Experiment, Dataset]] = ()
) -> list[Dataset]:
    """Return the data of each lane; lanes that use the same data share it, also with those that are `known`.

    Raise FileError for a file that is wrong, ExperimentError where a lane does not fit its data, and InitscopeError
    if the lanes would take more memory than planned.
    """
    keys = [msgspec.json.encode(spec.experiment.data) for spec in specs]
    there = {msgspec.json.encode(experiment.data): dataset for experiment, dataset in known}
    loaded: dict[bytes, Dataset] = {}
    for spec, key in zip(specs, keys, strict=True):
        if key not in loaded:
            checkpoint()
            loaded[key] = there[key] if key in there else spec.experiment.data.load()
            for other, other_key in zip(specs, keys, strict=True):
                if other_key == key:
                    other.experiment.check_data(loaded[key])
            plan.check([(s.experiment, loaded[k]) for s, k in zip(specs, keys, strict=True) if k in loaded])
    return [loaded[key] for key in keys]


def load_alone(experiment: Experiment, memory: int | None = None) -> Dataset:
    """Return the data of an experiment that runs alone, in at most `memory` bytes; raise as `load_datasets` does."""
    return load_datasets(
        [LaneSpec(experiment.name, experiment)], MemoryPlan(default_limit() if memory is None else memory)
    )[0]


def single_variant(experiment: Experiment, variant: Variant) -> Experiment:
    """Return the experiment that one variant of `experiment` runs; it has no variants itself."""
    alone = msgspec.structs.replace(experiment, variants=[])  # the others would be copied again and again
    return with_changes(alone, list(variant.set.items()))


def variants_of(experiment: Experiment) -> list[Variant]:
    """Return the variants of an experiment; one that changes nothing, with its name, if it has none."""
    return list(experiment.variants) or [Variant(name=experiment.name)]


def checked_name(name: str, taken: Collection[str]) -> str:
    """Return a name that a lane may have; raise InitscopeError where no file could hold it, or another lane has it."""
    try:
        msgspec.convert({"name": name}, Variant)
    except msgspec.ValidationError as error:
        raise InitscopeError(Problem.NAME_FORM) from error
    if name in taken:
        raise InitscopeError(Problem.NAME_TAKEN, name=name)
    return name


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return a name that no other lane has: the wanted one, or with a number behind it."""
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)
