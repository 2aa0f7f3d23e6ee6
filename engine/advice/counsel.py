"""Advice that a process of its own works out."""

from __future__ import annotations

from functools import partial
from time import perf_counter

from engine.advice.advice import Advice
from engine.advice.advisor import RACE_SHARE, Advisor
from engine.advice.race_news import Tell
from engine.core.own_process import Report, in_own_process
from engine.experiments.variants import LaneSpec, load_datasets
from engine.trials.trials import memory_plan

SEEDS = 60
"""From so many seeds the best starts run, if there is time."""


def take_counsel(
    spec: LaneSpec,
    seconds: float | None,
    tell: Tell = lambda _advice: None,
    memory: int | None = None,
) -> Advice:
    """Return the advice for a lane, worked out in another process in `memory` bytes; `tell` is told what is known so far.

    The race has at most `seconds`; None stands for no race. Raise Cancelled at a checkpoint where nobody wants it any
    more, and InitscopeError where there can be no advice.
    """
    return in_own_process("advisor", partial(advise, spec, seconds, memory), tell)


def advise(spec: LaneSpec, seconds: float | None, memory: int | None, report: Report) -> Advice:
    """Return the advice for a lane, as the process works it out."""
    plan, began = memory_plan(memory), perf_counter()
    [dataset] = load_datasets([spec], plan)

    def tell(advice: Advice) -> None:
        report.tell(advice)
        if seconds is not None and advice.runs:
            report.share(max(RACE_SHARE * advice.done / advice.runs, (perf_counter() - began) / seconds))

    advisor = Advisor(spec.name, spec.experiment, dataset, plan, tell)
    return advisor.look() if seconds is None else advisor.advise(SEEDS, seconds, report.is_orphaned)
