"""The variants of an experiment: which experiment each of them runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from engine.core.errors import ExperimentError
from engine.core.problems import Problem
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment, Variant


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


def load_datasets(specs: Sequence[LaneSpec]) -> list[Dataset]:
    """Return the data of each lane; lanes that use the same data share it. Raise FileError for a file that is wrong."""
    loaded: dict[bytes, Dataset] = {}
    for spec in specs:
        key = _data_key(spec.experiment)
        if key not in loaded:
            loaded[key] = spec.experiment.data.load()
    return [loaded[_data_key(spec.experiment)] for spec in specs]


def _data_key(experiment: Experiment) -> bytes:
    return msgspec.json.encode(experiment.data)


def single_variant(experiment: Experiment, variant: Variant) -> Experiment:
    """Return the experiment that one variant of `experiment` runs; it has no variants itself."""
    return with_changes(experiment, [("variants", []), *variant.set.items()])


def variants_of(experiment: Experiment) -> list[Variant]:
    """Return the variants of an experiment; one that changes nothing, with its name, if it has none."""
    return list(experiment.variants) or [Variant(name=experiment.name)]
