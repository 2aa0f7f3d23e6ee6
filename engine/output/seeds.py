"""The same experiment from many seeds: what came of each of them, and all of them together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec
import numpy as np

from engine.core.errors import InitscopeError
from engine.core.randomness import seeds_from
from engine.datasets import Dataset
from engine.ensemble.stack import can_share
from engine.ensemble.sweep import Starts
from engine.experiments.variants import LaneSpec, load_datasets
from engine.output.result import (
    Ends,
    Progress,
    default_every,
    final_report,
    run_variants,
    strict_json,
)
from engine.training.edits import Edit
from engine.training.loop import Watcher
from engine.training.watchers import DivergenceWatch, StopAtDivergence, StopWhenAsked
from engine.trials.trials import memory_plan

CORES = os.cpu_count() or 1
"""How many seeds train at the same time."""
FIGURES = ("loss", "train_accuracy", "test_accuracy", "mean_abs_error")


@dataclass(frozen=True)
class SeedResult:
    """What came of one seed, as it stands in the JSON; `left_out` says which edits were not possible."""

    seed: int
    final: dict[str, Any]
    status: str
    left_out: tuple[InitscopeError, ...] = ()


def run_other_seeds(
    spec: LaneSpec,
    seeds: int,
    steps: int | None,
    progress: Progress | None,
    memory: int | None,
    ends: Ends,
    edits: Sequence[Edit],
) -> list[SeedResult]:
    """Train a variant from the `seeds` - 1 seeds after its own, compiled once for all of them, on all cores.

    Those that the driver does not train go in stacked passes, and those with edits or a condition one by one. Raise as
    `run_variants` does.
    """
    chosen = seeds_from(spec.experiment.seed, seeds)[1:]
    [dataset] = load_datasets([spec], memory_plan(memory))
    planned = spec.experiment.steps if steps is None else steps
    bench = _Bench(spec, dataset, planned, ends)
    if edits or ends.condition or can_share(bench.starts.trainer):
        return _as_lanes(spec, chosen, planned, progress, memory, ends, edits)
    benches = [bench, *(_Bench(spec, dataset, planned, ends) for _ in range(min(CORES, len(chosen)) - 1))]
    done = count(1)
    found: list[SeedResult] = []

    def run_some(number: int) -> None:
        for result in benches[number].results(chosen[number :: len(benches)]):
            found.append(result)
            if progress:
                progress(f"{spec.name}, seed {result.seed}", next(done), len(chosen))

    with ThreadPoolExecutor(len(benches)) as pool:
        list(pool.map(run_some, range(len(benches))))
    return sorted(found, key=lambda result: chosen.index(result.seed))


def _as_lanes(
    spec: LaneSpec,
    seeds: Sequence[int],
    steps: int,
    progress: Progress | None,
    memory: int | None,
    ends: Ends,
    edits: Sequence[Edit],
) -> list[SeedResult]:
    """Train each seed as a lane of its own, in one pass with others where that is quick."""
    names = {f"{spec.name}, seed {seed}": seed for seed in seeds}
    specs = [
        LaneSpec(name, msgspec.structs.replace(spec.experiment, seed=seed)) for name, seed in names.items()
    ]
    found = run_variants(
        specs, steps, None, progress, curve=False, memory=memory, ends=ends, edits=[edits] * len(specs)
    )
    return [
        SeedResult(names[one.name], one.report["final"], one.report["status"], one.left_out) for one in found
    ]


class _Bench:
    """Trains a variant from one seed after the other."""

    def __init__(self, spec: LaneSpec, dataset: Dataset, steps: int, ends: Ends) -> None:
        self.starts = Starts(spec.experiment, dataset, steps)
        self._experiment, self._steps, self._ends = spec.experiment, steps, ends
        self._losses = np.empty(steps)

    def results(self, seeds: Sequence[int]) -> Iterator[SeedResult]:
        """Yield what comes of each, until somebody asks for the end."""
        for seed in seeds:
            if self._ends.are_asked:
                return
            with np.errstate(
                all="ignore"
            ):  # infinite numbers are results; what NumPy says of them each thread sets
                yield self._result(seed)

    def _result(self, seed: int) -> SeedResult:
        trainer = self.starts.trainer
        self.starts.begin(msgspec.structs.replace(self._experiment, seed=seed))
        divergence = DivergenceWatch(trainer)
        watchers: list[Watcher] = [divergence]
        if self._experiment.on_divergence == "stop":
            watchers.append(StopAtDivergence(divergence, default_every(self._steps)))
        if self._ends.asked:
            watchers.append(StopWhenAsked(self._ends.asked))
        self.starts.train(self._losses, watchers)
        divergence.look(trainer.step_number)
        end = "finished" if trainer.step_number == self._steps else "stopped"
        return SeedResult(seed, final_report(trainer), "diverged" if divergence.found else end)


def add_seeds(document: dict[str, Any], seeds: Sequence[int], others: Sequence[Sequence[SeedResult]]) -> None:
    """Add what came of the other seeds to what `run --json` prints; `seeds` are the variants' own, which come first."""
    for variant, seed, of_variant in zip(document["variants"], seeds, others, strict=False):
        own = SeedResult(seed, variant["final"], variant["status"])
        _add_to_variant(variant, [own, *of_variant])


def _add_to_variant(variant: dict[str, Any], results: Sequence[SeedResult]) -> None:
    reports = strict_json(
        [{"seed": one.seed, "final": dict(one.final), "status": one.status} for one in results]
    )
    variant["seeds"] = reports
    states = [report["status"] for report in reports]
    variant["seeds_summary"] = {
        "seeds": len(reports),
        **{state: states.count(state) for state in ("finished", "diverged", "stopped")},
        **{figure: _spread([report["final"][figure] for report in reports]) for figure in FIGURES},
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
