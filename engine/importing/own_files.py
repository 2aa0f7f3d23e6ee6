"""An experiment on data and from weights of people's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment, Variant
from engine.experiments.variants import lane_specs, single_variant, variants_of
from engine.importing.own_data import check_names, data_of_file
from engine.importing.own_start import start_of_file

Changes: TypeAlias = list[tuple[str, Any]]


def open_with_own(
    opened: Callable[[Changes], Experiment],
    changes: Changes,
    data: Path | None,
    start: Path | None,
    names: Sequence[str] = (),
) -> Experiment:
    """Return the experiment that `opened` gives, with `changes` made to it, on the data and from the weights in files.

    Only the variants called `names` are left of it, or all; of those that differ in nothing any more only one, which
    is then the experiment itself. Raise FileError where a file does not fit the network.
    """
    check_names(data, start)
    of_data = [change for change in changes if data is not None and change[0].startswith("data.")]
    experiment = opened([change for change in changes if change not in of_data])
    if names:
        chosen = [variant for variant in variants_of(experiment) if variant.name in names]
        lane_specs(experiment, names)  # says which there are
        experiment = msgspec.structs.replace(experiment, variants=chosen)
    changed = experiment if data is None else on_own_data(experiment, data, of_data)
    changed = changed if start is None else from_own_start(changed, start)
    return changed if names else _with_distinct_variants(changed, experiment.variants)


def on_own_data(experiment: Experiment, file: Path, changes: Changes) -> Experiment:
    """Return an experiment with the data in a file, changed by `changes`, in all its variants."""
    target = dict(changes).get("data.target", -1)
    document = data_of_file(file, experiment, target if isinstance(target, int | str) else -1)
    variants = [_without(variant, {"data"}) for variant in experiment.variants]
    changed = with_changes(
        msgspec.structs.replace(experiment, variants=variants), [("data", document), *changes]
    )
    outputs = changed.data.load().outputs
    for spec in lane_specs(changed):
        units = spec.experiment.output_layer.units
        if units != outputs:
            last = len(spec.experiment.network.layers) - 1
            raise FileError(file, Problem.DATA_OUTPUTS, outputs=outputs, got=units, layer=last)
    return changed


def from_own_start(experiment: Experiment, file: Path) -> Experiment:
    """Return an experiment whose variants all start from the weights in a file."""
    inputs = experiment.data.load().inputs
    rest = [_without(variant, {"weights", "biases"}) for variant in experiment.variants]
    bare = msgspec.structs.replace(experiment, variants=rest)
    starts = [
        start_of_file(file, single_variant(bare, variant), inputs, variant.name)
        for variant in variants_of(bare)
    ]
    if all(start == starts[0] for start in starts) and not any(map(_changes_network, rest)):
        return with_changes(bare, starts[0])
    variants = [
        Variant(name=variant.name, set={**variant.set, **dict(start)})
        for variant, start in zip(rest, starts, strict=True)
    ]
    return msgspec.structs.replace(bare, variants=variants)


def _without(variant: Variant, fields: set[str]) -> Variant:
    """Return a variant that leaves these fields, and what lies in them, as they are."""
    rest = {path: value for path, value in variant.set.items() if not set(path.split(".")) & fields}
    return Variant(name=variant.name, set=rest)


def _changes_network(variant: Variant) -> bool:
    return any(path.split(".")[0] == "network" for path in variant.set)


def _with_distinct_variants(experiment: Experiment, before: Sequence[Variant]) -> Experiment:
    """Return an experiment without the variants whose own changes a file took away; `before` is what they were."""
    kept: list[Variant] = []
    for variant in experiment.variants:
        is_as_before = variant in before
        if is_as_before or variant.set not in [other.set for other in [*kept, *before]]:
            kept.append(variant)
    if kept == experiment.variants:
        return experiment
    is_one = len(kept) < 2 and not any(variant.set for variant in kept)
    return msgspec.structs.replace(experiment, variants=[] if is_one else kept)
