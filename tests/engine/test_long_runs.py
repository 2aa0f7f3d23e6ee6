"""A run of any length fits into its memory, and nothing of it is lost: every step can be seen, with its loss."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.insight.replayer import Replayer
from engine.recording.past import Past
from engine.session.lab import Lab
from engine.training.edits import SetWeight
from tests.builders import experiment, layer, same_bits, table, trainer_of
from tests.engine.acting import fork

pytestmark = pytest.mark.untraced

EXPERIMENT = experiment(
    layer(2, "tanh"),
    layer(1),
    data=table([[0.0], [0.3], [0.6], [1.0]], [[0], [1], [1], [0]]),
    optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9},
)
STATE_BYTES = 2 * 7 * 8
"""Of a 1-2-1 network: its seven parameters and their velocities."""

STEPS_APART = 1009
"""Steps between two snapshots; no multiple of any distance of keyframes."""

SMALL_BYTES = 2**18
"""Bytes of what does not grow with the run: curves, the arrays of a snapshot."""


@dataclass(frozen=True)
class Run:
    """A run that was stopped at some step, and what it took, in bytes."""

    lab: Lab
    budget: int
    most_recorded: int
    grown: int
    peak: int

    @property
    def steps(self) -> int:
        return self.lab.last_step


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((30_011, 2**16), id="30,011-steps"),
        pytest.param((1_000_000, 2**21), id="a-million-steps", marks=pytest.mark.slow),
    ],
)
def run(request: pytest.FixtureRequest, way_of_training: str) -> Run:  # anew for each way
    """Train as the window does, with a look at the newest step now and then."""
    steps, budget = request.param
    lab = Lab(EXPERIMENT, budget=budget)
    lab.train(1)
    lab.snapshot()  # NumPy imports some of its parts when they are first used
    history = lab.lanes[0].history
    most_recorded = 0
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    while lab.last_step < steps:
        lab.train(min(STEPS_APART, steps - lab.last_step))
        lab.snapshot()
        most_recorded = max(most_recorded, history.state_bytes)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Run(lab, budget, most_recorded, after - before, peak - before)


@pytest.fixture(scope="module")
def looks(run: Run) -> list[int]:
    """Return steps to look at: the ends, around keyframes, and any others, in no order."""
    stride = run.lab.lanes[0].history.stride
    some = np.random.default_rng(0).integers(0, run.steps, 20).tolist()
    return [*some, 0, run.steps, 1, run.steps - 1, 5 * stride, 5 * stride - 1, 5 * stride + 1]


@pytest.fixture(scope="module")
def plain(run: Run, looks: list[int]) -> tuple[Floats, dict[int, Floats]]:
    """Return the losses of the same run without a lab, and its states at the steps to look at."""
    trainer = trainer_of(EXPERIMENT)
    losses, states = np.empty(run.steps), {}
    with np.errstate(all="ignore"):
        for step in range(run.steps + 1):
            if step in looks:
                states[step] = np.empty_like(trainer.initial_state)
                trainer.save(states[step])
            if step < run.steps:
                losses[step] = trainer.advance()
    return losses, states


def test_recorded_states_never_take_more_than_the_budget(run: Run) -> None:
    assert run.budget < run.steps * STATE_BYTES / 10, "all states would not fit"
    assert run.budget / 4 < run.most_recorded <= run.budget


def test_memory_grows_by_the_budget_alone(run: Run) -> None:
    """Losses that are kept are dropped by halves, and the half that stays is copied once."""
    assert run.grown <= run.budget + SMALL_BYTES
    assert run.peak <= run.budget + run.lab.lanes[0].history.loss_bytes // 2 + SMALL_BYTES


def test_the_loss_of_every_step_is_kept_or_computed_again(
    run: Run, plain: tuple[Floats, dict[int, Floats]]
) -> None:
    history = run.lab.lanes[0].history
    assert 0 < history.first_loss < run.steps, "some are dropped"
    assert same_bits(history.losses, plain[0][history.first_loss :])
    replayer = Replayer(run.lab.lanes[0].trainer, Past(history))
    for first in (0, 1000, history.first_loss - 20, history.first_loss, run.steps - 40):
        assert same_bits(replayer.losses(first, first + 40), plain[0][first : first + 40])


def test_the_curve_has_every_loss(run: Run, plain: tuple[Floats, dict[int, Floats]]) -> None:
    curve = run.lab.snapshot().lanes[0].loss_curve
    stretches = [plain[0][start : start + curve.every] for start in range(0, run.steps, curve.every)]
    assert same_bits(curve.low, np.array([stretch.min() for stretch in stretches]))
    assert same_bits(curve.high, np.array([stretch.max() for stretch in stretches]))
    np.testing.assert_allclose(curve.mean, [stretch.mean() for stretch in stretches], rtol=1e-12)


def test_any_step_is_seen_exactly_as_it_was(
    run: Run, looks: list[int], plain: tuple[Floats, dict[int, Floats]]
) -> None:
    lane = run.lab.lanes[0]
    seen = np.empty_like(lane.trainer.initial_state)
    for step in looks:
        run.lab.move(step)
        shown = run.lab.snapshot()
        lane.visit(step).save(seen)
        assert shown.step == step
        assert same_bits(seen, plain[1][step])


def test_the_curves_keep_their_number_of_points(run: Run) -> None:
    lane = run.lab.snapshot().lanes[0]
    for curve in (lane.loss_curve, *lane.spread_curves):
        assert 128 <= len(curve.low) <= 512
        assert (len(curve.low) - 1) * curve.every < run.steps <= len(curve.low) * curve.every


NOISY_EXPERIMENT = experiment(layer(6, "tanh"), layer(1), batch={"size": 1, "shuffle": True})


def test_what_is_shown_is_the_same_where_losses_were_dropped() -> None:
    """Mean losses and the curves of forks, of forks of forks too, have losses from before and after edits."""
    edits = ((1500, SetWeight(1, 0, 0, 2.0)), (1512, SetWeight(1, 1, 1, -3.0)))
    small, large = (Lab(NOISY_EXPERIMENT, budget=budget) for budget in (2**12, 2**26))
    for lab in (small, large):
        lab.train(5000)
        for number, (step, edit) in enumerate(edits):
            lab.move(step)
            fork(lab, number, edit)
            lab.catch_up()
    assert [lane.history.first_loss > 1600 for lane in small.lanes] == [True] * 3
    assert [lane.history.first_loss for lane in large.lanes] == [0] * 3
    for step in (0, 1, 700, 1499, 1500, 1501, 1511, 1512, 1513, 1520, 4999, 5000, 1512, 3000):
        for lab in (small, large):
            lab.move(step)
        for one, other in zip(small.snapshot().lanes, large.snapshot().lanes, strict=True):
            assert one.smoothing > 20
            assert one.mean_loss == pytest.approx(other.mean_loss, rel=1e-12)
            assert same_bits(one.theta, other.theta)
    for one, other in zip(small.lanes, large.lanes, strict=True):
        all_losses = other.history.losses
        curve = one.history.loss_curve()
        assert curve.length == len(all_losses) == 5000
        for point in range(len(curve.low)):
            stretch = all_losses[point * curve.every : (point + 1) * curve.every]
            assert (curve.low[point], curve.high[point]) == (stretch.min(), stretch.max())
