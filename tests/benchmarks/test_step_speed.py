"""One step of `circles` against plain NumPy as a course or a forum post writes it.

Run with: pytest -m benchmark tests/benchmarks -s
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.session.lab import Lab
from tests.benchmarks.peers import CirclesProgram, CirclesProgramWithLoss, measured_in_turns

pytestmark = pytest.mark.benchmark

ROUNDS, STEPS_PER_ROUND = 300, 60
WANTED = 2.0


@pytest.mark.parametrize("variant", ["he", "zeros"])
def test_a_recorded_exact_step_of_circles_is_at_least_twice_as_fast_as_plain_numpy(
    benchmark: BenchmarkFixture, variant: str
) -> None:
    (spec,) = lane_specs(open_target("circles"), [variant])
    lab = Lab(spec.experiment)
    (lane,) = lab.lanes
    assert lane.trainer.experiment.arithmetic == "exact"
    plain, with_loss = CirclesProgram(lane), CirclesProgramWithLoss(lane)
    ours, theirs, theirs_with_loss = measured_in_turns(
        lab, plain, with_loss, rounds=ROUNDS, steps_per_round=STEPS_PER_ROUND
    )
    ratio = theirs / ours
    print(
        f"\ncircles {variant}: {ours * 1e6:.1f} us recorded; plain NumPy {theirs * 1e6:.1f} us, {ratio:.2f} times; "
        f"with its loss {theirs_with_loss * 1e6:.1f} us, {theirs_with_loss / ours:.2f} times"
    )
    benchmark.extra_info.update(plain_us=theirs * 1e6, recorded_us=ours * 1e6, ratio=ratio)
    benchmark.pedantic(lab.train, args=(STEPS_PER_ROUND,), rounds=20)
    assert lane.history.stride == 1, "every state is recorded"
    assert lane.history.keyframes == lane.history.length == len(lane.history.losses)
    assert ratio >= WANTED
