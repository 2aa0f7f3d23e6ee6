"""A lane from many seeds beside its own run: each seed is its run alone, and the bands are where these lie."""

from __future__ import annotations

import threading

import msgspec
import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.background import Background
from engine.core.own_process import SharedNumber
from engine.experiments.experiment import Experiment
from engine.report.curve import smoothed
from engine.reruns.company import Band, Company
from engine.reruns.following import Following, follow
from engine.session.commands import ManySeeds, NewSeed, OneSeed, Remove, Rename
from engine.session.recipe import LaneRecipe, after, beginning
from engine.training.edits import Set
from engine.trials.trials import Trials
from tests.builders import experiment, lane_of, layer, refused, same_bits

SEEDS = [7, 8, 9, 10, 11]
STEPS = 60
XAVIER = {"kind": "xavier-normal"}
LEARNS_OFTEN = experiment(
    layer(3, "tanh", XAVIER),
    layer(1, "sigmoid", XAVIER),
    optimizer={"kind": "adam", "learning_rate": 0.05},
    seed=7,
)
MINI_BATCHES = experiment(layer(3, "tanh"), layer(1), batch={"size": 4, "shuffle": True}, seed=7, steps=STEPS)
DIVERGES = experiment(
    layer(4, "relu"),
    layer(1, "identity"),
    loss={"kind": "squared-error"},
    optimizer={"kind": "sgd", "learning_rate": 20.0},
    seed=7,
)


def recipe_of(chosen: Experiment) -> LaneRecipe:
    return beginning(chosen).lanes[0]


def company_after(lane: LaneRecipe, *goals: int) -> Company:
    following = Following(lane, SEEDS, None)
    for goal in goals:
        while not (following.go_on(goal) and (found := following.company()).is_complete):
            pass
    return found


def is_band_of(band: Band, steps: Floats, values: Floats) -> bool:
    """Return whether a band is that of values (seeds, points), of which some may not be finite."""
    good = np.isfinite(values)
    known = good.any(axis=0)
    shown = np.where(good, values, np.nan)[:, known]
    expected = (np.nanmin(shown, axis=0), np.nanmedian(shown, axis=0), np.nanmax(shown, axis=0))
    return (
        same_bits(band.steps, steps)
        and (band.finite == good.sum(axis=0)).all()
        and bool(np.isnan(band.middle[~known]).all())
        and all(
            same_bits(found[known], there)
            for found, there in zip((band.low, band.middle, band.high), expected, strict=True)
        )
    )


@pytest.mark.parametrize(
    "chosen", [LEARNS_OFTEN, MINI_BATCHES, DIVERGES], ids=["full", "batches", "diverges"]
)
def test_the_bands_are_where_the_runs_of_each_seed_alone_lie(chosen: Experiment) -> None:
    company = company_after(recipe_of(chosen), 20, STEPS)
    alone = [lane_of(msgspec.structs.replace(chosen, seed=seed), STEPS) for seed in SEEDS]
    with np.errstate(all="ignore"):
        shown = [lane.snapshot(STEPS - 1) for lane in alone]
    smoothing = shown[0].smoothing
    if smoothing > 1:
        means = [smoothed(lane.loss_curve, smoothing) for lane in shown]
        assert is_band_of(company.loss, means[0][0], np.stack([mean for _, mean in means]))
    else:
        losses = np.stack([lane.history.losses for lane in alone])
        assert is_band_of(company.loss, np.arange(float(STEPS)), losses)
    spreads = np.stack([lane.spread_curves[0].low for lane in shown])
    assert is_band_of(company.spreads[0], np.arange(float(STEPS)), spreads)
    with np.errstate(all="ignore"):
        ends = [lane.trainer.measure_training() for lane in alone]
    for member, end in zip(company.members, ends, strict=True):
        np.testing.assert_equal((member.loss, member.accuracy), (end.loss, end.accuracy))
    assert [member.has_diverged for member in company.members] == [
        not np.isfinite(lane.trainer.theta).all() for lane in alone
    ]
    assert any(member.has_diverged for member in company.members) == (chosen is DIVERGES)


def test_as_many_learn_as_the_doctor_and_the_advisor_say() -> None:
    trials = Trials().run(LEARNS_OFTEN, SEEDS, 12)
    company = company_after(recipe_of(LEARNS_OFTEN), 12)
    assert [member.has_learned for member in company.members] == [run.learned for run in trials.runs]
    assert 0 < company.learned == trials.learned < len(SEEDS)
    assert company.accuracy is not None
    assert company.accuracy.high[-1] == max(member.accuracy or 0.0 for member in company.members)


def test_what_is_changed_on_the_way_is_changed_for_every_seed() -> None:
    slower = Set("optimizer.learning_rate", 0.01, lane="test", step=30, in_lane="same")
    [edited] = after(beginning(LEARNS_OFTEN), slower).lanes
    company = company_after(edited, STEPS)
    plain = company_after(recipe_of(LEARNS_OFTEN), STEPS)
    assert same_bits(company.loss.low[:31], plain.loss.low[:31])
    assert not (company.loss.low[32:] == plain.loss.low[32:]).any()


def test_seeds_follow_a_lane_in_a_process_that_ends_at_once_when_nobody_wants_it() -> None:
    goal, told, background = SharedNumber(10), list[Company](), Background()
    arrived, refusals = threading.Event(), list[object]()

    def tell(company: Company) -> None:
        told.append(company)
        if company.step == goal.value and company.is_complete:
            arrived.set()

    background.ask(
        "seeds",
        lambda: follow(recipe_of(LEARNS_OFTEN), SEEDS, goal, None, tell),
        refusals.append,
        refusals.append,
    )
    assert arrived.wait(60)
    arrived.clear()
    goal.value = 25
    assert arrived.wait(60)
    background.stop()
    background.take()
    assert told[-1].step == 25
    assert not refusals
    again = company_after(recipe_of(LEARNS_OFTEN), 25)
    assert same_bits(told[-1].loss.middle, again.loss.middle)
    assert told[-1].members == again.members


def test_seeds_that_take_too_much_memory_are_refused() -> None:
    with refused("…memory…"):
        follow(recipe_of(LEARNS_OFTEN), SEEDS, SharedNumber(1), 1000, lambda _company: None)


def test_which_lanes_have_many_seeds_goes_with_their_names_and_changes_no_run() -> None:
    recipe = beginning(
        experiment(layer(2), variants=[{"name": "one", "set": {}}, {"name": "two", "set": {}}])
    )
    many = after(after(recipe, ManySeeds(3, 8, lane="one")), ManySeeds(2**32 - 1, 2, lane="two", step=5))
    assert many.makes_the_same(recipe)
    assert [(one.lane, one.all_seeds) for one in many.seeds] == [
        ("one", list(range(3, 11))),
        ("two", [2**32 - 1, 0]),
    ]
    assert [one.seeds for one in after(many, ManySeeds(3, 16, lane="one")).seeds] == [2, 16]
    assert [one.lane for one in after(many, Rename("eins", lane="one")).seeds] == ["eins", "two"]
    for gone in (Remove(lane="one"), OneSeed(lane="one")):
        assert [one.lane for one in after(many, gone).seeds] == ["two"]
    assert after(many, NewSeed(5, lane="one")).seeds == many.seeds
