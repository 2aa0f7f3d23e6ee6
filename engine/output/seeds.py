"""The same experiment from many seeds: what came of each of them, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from engine.core.randomness import seeds_from
from engine.experiments.variants import LaneSpec
from engine.output.result import Ends, Progress, VariantResult, run_variants, strict_json
from engine.training.edits import Edit

FIGURES = ("loss", "train_accuracy", "test_accuracy", "mean_abs_error")


def run_other_seeds(
    spec: LaneSpec,
    seeds: int,
    steps: int | None,
    progress: Progress | None,
    memory: int | None,
    ends: Ends,
    edits: Sequence[Edit],
) -> list[tuple[int, VariantResult]]:
    """Train a variant from the `seeds` - 1 seeds after its own, in one pass where that is quick.

    Raise as `run_variants` does.
    """
    others = dict[str, int]()
    specs: list[LaneSpec] = []
    for seed in seeds_from(spec.experiment.seed, seeds)[1:]:
        name = f"{spec.name}, seed {seed}"
        others[name] = seed
        specs.append(LaneSpec(name, msgspec.structs.replace(spec.experiment, seed=seed)))
    found = run_variants(
        specs, steps, None, progress, curve=False, memory=memory, ends=ends, edits=[edits] * len(specs)
    )
    return [(others[result.name], result) for result in found]


def add_seeds(
    document: dict[str, Any], seeds: Sequence[int], others: Sequence[Sequence[tuple[int, VariantResult]]]
) -> None:
    """Add what came of the other seeds to what `run --json` prints; `seeds` are the variants' own, which come first."""
    for variant, seed, of_variant in zip(document["variants"], seeds, others, strict=False):
        _add_to_variant(variant, seed, [(other, strict_json(result.report)) for other, result in of_variant])


def _add_to_variant(variant: dict[str, Any], seed: int, others: Sequence[tuple[int, dict[str, Any]]]) -> None:
    reports = [(seed, variant), *others]
    variant["seeds"] = [
        {"seed": number, "final": report["final"], "status": report["status"]} for number, report in reports
    ]
    states = [report["status"] for _, report in reports]
    variant["seeds_summary"] = {
        "seeds": len(reports),
        **{state: states.count(state) for state in ("finished", "diverged", "stopped")},
        **{figure: _spread([report["final"][figure] for _, report in reports]) for figure in FIGURES},
    }


def _spread(values: Sequence[float | str | None]) -> dict[str, float] | None:
    """Return where finite numbers lie; None if there are none."""
    numbers = np.array([value for value in values if isinstance(value, (int, float))], float)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    return {
        "lowest": float(numbers.min()),
        "median": float(np.median(numbers)),
        "highest": float(numbers.max()),
        "mean": float(numbers.mean()),
        "deviation": float(numbers.std()),
    }
