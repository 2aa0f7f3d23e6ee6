"""A diagnosis that a process of its own makes."""

from __future__ import annotations

from functools import partial

from engine.core.own_process import Report, in_own_process
from engine.doctor.diagnosis import SEEDS, Doctor, Tell
from engine.doctor.progress import Progress
from engine.experiments.variants import LaneSpec, load_datasets
from engine.symptoms.findings import Diagnosis
from engine.trials.trials import Trials, memory_plan


def consult(
    spec: LaneSpec,
    seeds: int = SEEDS,
    tell: Tell = lambda _stage, _findings: None,
    memory: int | None = None,
) -> Diagnosis:
    """Return the diagnosis of a lane, made in another process in `memory` bytes; `tell` is told how far it is.

    Raise Cancelled at a checkpoint where nobody wants it any more, and InitscopeError where it cannot be made.
    """
    return in_own_process("doctor", partial(diagnose, spec, seeds, memory), tell)


def diagnose(spec: LaneSpec, seeds: int, memory: int | None, report: Report) -> Diagnosis:
    """Return the diagnosis of a lane, as the process makes it."""
    plan, progress = memory_plan(memory), Progress(report.share)
    [dataset] = load_datasets([spec], plan)
    trials = Trials(report.is_orphaned, plan, progress.go_on)
    return Doctor(trials, spec.experiment, dataset, seeds, report.tell, progress).diagnose(spec.name)
