"""How long it takes until a recorded step is there that somebody scrubs to, with all that the window asks for.

Run with `pytest -m benchmark tests/benchmarks/test_scrubbing.py -s`. The time of the processor is told beside that of the
clock: it says what the clock would say on a machine that has nothing else to do.
"""

from __future__ import annotations

import random
from time import perf_counter, thread_time

import numpy as np
import pytest

from engine.experiments.presets import open_target
from engine.report.snapshot import Activity
from engine.session.lab import Lab
from gui.present.display_state import DisplayState, probes_for

pytestmark = pytest.mark.benchmark

SEEKS = 200
WANTED = {"circles": (15_000, 16.0), "mnist-per-sample": (4_000, 50.0)}
"""Steps that are recorded, and the most milliseconds of the processor that a seek may take (95th percentile)."""


@pytest.mark.parametrize("target", list(WANTED))
def test_random_seeks_in_a_recorded_run(target: str) -> None:
    steps, wanted = WANTED[target]
    lab = Lab(open_target(target))
    lab.train(steps)
    probes = probes_for(DisplayState(), [lane.name for lane in lab.lanes])
    chance = random.Random(1)
    clock, processor = list[float](), list[float]()
    for _ in range(SEEKS):
        begun, worked = perf_counter(), thread_time()
        lab.move(chance.randrange(steps))
        lab.snapshot(Activity.SEEKING, probes=probes)
        clock.append(1000 * (perf_counter() - begun))
        processor.append(1000 * (thread_time() - worked))
    stride = max(lane.history.stride for lane in lab.lanes)
    told = ", ".join(
        f"{name} median {np.median(times):.1f} ms, p95 {np.percentile(times, 95):.1f} ms"
        for name, times in (("clock", clock), ("processor", processor))
    )
    print(f"\n{target}, {steps:,} steps, {len(lab.lanes)} lanes, every {stride} recorded: {told}")
    assert np.percentile(processor, 95) <= wanted
