"""The curves of a lane as they were after some steps, from training it once more."""

from __future__ import annotations

from time import perf_counter

from engine.core.cancellation import checkpoint
from engine.report.probes import Probes
from engine.report.snapshot import LaneSnapshot
from engine.session.lab import Lab
from engine.session.recipe import LaneRecipe, Recipe

SLICE = 0.02
"""Seconds of training between two looks whether anybody still wants it."""
CURVES = Probes(scores=True, gradients=True, at_rest=True)


def curves_after(made_from: LaneRecipe, steps: int, memory: int | None = None) -> LaneSnapshot:
    """Return a lane with its curves up to `steps`.

    Raise InitscopeError where there can be no such lane, or none within `memory` bytes.
    """
    lab = Lab(Recipe(made_from.experiment, (made_from,)), memory=memory)
    while lab.last_step < steps:
        checkpoint()
        lab.train(steps - lab.last_step, perf_counter() + SLICE)
    shown = lab.snapshot(probes=CURVES)
    while lab.grows(CURVES):
        checkpoint()
        shown = lab.snapshot(probes=CURVES)
    return shown.lanes[0]
