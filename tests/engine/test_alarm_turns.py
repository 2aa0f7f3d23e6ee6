"""Every lane is looked at a few times in a second while training plays, and all of them when it rests."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.experiments.presets import open_target
from engine.pace.alarm_turns import MOST_SHARE, SECONDS_BETWEEN_LOOKS, AlarmTurns
from engine.report.probes import Probes
from engine.session.lab import Lab


def looks(lanes: int, seconds: float, cost: float, frame: float = 1 / 60) -> list[tuple[float, int]]:
    """Return when which lane is looked at while training plays for some seconds, and a look takes `cost`."""
    turns, found, now = AlarmTurns(), [], 0.0
    while now < seconds:
        for lane in turns.lanes(lanes, now, resting=False):
            found.append((now, lane))
            turns.looked(lanes, cost, now)
        now += frame
    return found


def test_where_training_rests_all_lanes_are_looked_at() -> None:
    assert AlarmTurns().lanes(4, 0.0, resting=True) == (0, 1, 2, 3)


@pytest.mark.parametrize("lanes", [1, 3, 8])
def test_lanes_have_their_turns_one_after_another(lanes: int) -> None:
    found = looks(lanes, 10.0, cost=0.001)
    assert [lane for _, lane in found] == [number % lanes for number in range(len(found))]
    times = [now for now, lane in found if lane == 0]
    apart = [after - before for before, after in pairwise(times)]
    assert min(apart) >= SECONDS_BETWEEN_LOOKS - 1e-9
    assert max(apart) < SECONDS_BETWEEN_LOOKS + lanes / 60 + 1e-9


def test_looking_takes_a_small_share_of_the_time() -> None:
    cost = 0.1
    assert len(looks(4, 20.0, cost)) * cost <= 20.0 * MOST_SHARE + cost


def test_time_is_kept_free_in_a_frame_in_which_a_lane_has_its_turn() -> None:
    turns = AlarmTurns()
    turns.looked(1, 0.004, now=0.0)
    assert turns.reserve(0.1) == 0.0
    assert turns.reserve(1.0) == 0.004


def test_a_lane_that_has_no_turn_shows_what_was_seen_last_and_at_which_step() -> None:
    lab = Lab(open_target("columns"))
    assert lab.snapshot().lanes[0].insight.health is None
    first = lab.snapshot(probes=Probes(alarms=(0, 1, 2)))
    lab.train(5)
    second = lab.snapshot(probes=Probes(alarms=(1,)))
    steps = [lane.insight.health.step for lane in second.lanes if lane.insight.health]
    assert steps == [0, 5, 0]
    assert second.lanes[0].insight.health is first.lanes[0].insight.health
    again = lab.snapshot(probes=Probes(alarms=(1,)))
    assert again.lanes[1].insight.health is second.lanes[1].insight.health, "the same step is looked at once"


def test_a_run_that_starts_anew_forgets_what_was_seen() -> None:
    lab = Lab(open_target("columns"))
    lab.train(5)
    lab.snapshot(probes=Probes(alarms=(0,)))
    lab.restart()
    assert lab.snapshot().lanes[0].insight.health is None
