"""Variants in lockstep: every step is recorded, and every recorded step is exactly what it was."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import numpy as np
import pytest

from engine.core.errors import ExperimentError
from engine.experiments.experiment import Experiment
from engine.experiments.presets import open_target
from engine.experiments.variants import lane_specs
from engine.report.probes import Probes
from engine.report.snapshot import Snapshot
from engine.session.commands import NewSeed
from engine.session.lab import Lab
from engine.session.lane import Lane
from engine.session.recipe import LaneRecipe
from engine.symmetry.groups import spread
from engine.training.edits import Set
from tests.builders import (
    NORMAL,
    advance,
    constant,
    experiment,
    lane_of,
    layer,
    recorded_states,
    refused,
    same_bits,
    table,
    trainer_of,
)

from .acting import perform
from .recorded_lanes import (
    EXPERIMENTS,
    STEPS,
    TINY_BUDGET,
    WANDERING_STEPS,
    assert_same_lane,
    every_budget,
    every_experiment,
    fresh_at,
    lab_after,
    shown,
)

pytestmark = pytest.mark.untraced


@every_experiment
def test_every_step_is_recorded(name: str) -> None:
    lane = lab_after(EXPERIMENTS[name]).lanes[0]
    assert lane.history.length == lane.trainer.step_number == STEPS
    run = trainer_of(EXPERIMENTS[name])
    for state, loss in zip(recorded_states(lane), lane.history.losses, strict=False):
        assert same_bits(state, run.theta)
        run.advance()
        assert run.loss == loss


@every_budget
@every_experiment
def test_a_past_step_is_shown_exactly_as_it_was(name: str, budget: int) -> None:
    lab = lab_after(EXPERIMENTS[name], budget=budget)
    for step in WANDERING_STEPS:
        assert_same_lane(shown(lab, step), fresh_at(EXPERIMENTS[name], step))


@every_experiment
def test_a_tiny_budget_keeps_few_keyframes_and_is_not_exceeded(name: str) -> None:
    lane = lab_after(EXPERIMENTS[name], budget=TINY_BUDGET).lanes[0]
    assert lane.history.stride > 1
    assert lane.history.state_bytes <= max(TINY_BUDGET, 4 * lane.trainer.initial_state.nbytes)
    assert len(lane.history.losses) == STEPS


@every_budget
@every_experiment
def test_going_on_after_a_look_at_the_past_repeats_the_same_future(name: str, budget: int) -> None:
    lab = lab_after(EXPERIMENTS[name], budget=budget)
    shown(lab, 30)
    lab.train(20)
    assert (lab.step, lab.last_step) == (STEPS + 20, STEPS + 20)
    assert_same_lane(lab.snapshot().lanes[0], fresh_at(EXPERIMENTS[name], STEPS + 20))


@every_experiment
def test_training_on_from_a_recorded_state_repeats_the_same_future_bit_for_bit(name: str) -> None:
    lane = lane_of(EXPERIMENTS[name], STEPS)
    other = lane_of(EXPERIMENTS[name]).trainer
    number, state = lane.history.keyframe_before(40)
    other.restore(state, number)
    advance(other, STEPS - 40)
    assert same_bits(other.theta, lane.trainer.theta)
    assert other.loss == lane.trainer.loss


@every_experiment
def test_restart_repeats_the_run_from_the_same_weights(name: str) -> None:
    lab = lab_after(EXPERIMENTS[name])
    before = lab.snapshot().lanes[0]
    shown(lab, 12)
    lab.restart()
    assert (lab.step, lab.last_step) == (0, 0)
    assert_same_lane(lab.snapshot().lanes[0], fresh_at(EXPERIMENTS[name], 0))
    lab.train(STEPS)
    again = lab.snapshot().lanes[0]
    assert_same_lane(before, again)
    assert same_bits(before.loss_curve.low, again.loss_curve.low)
    assert same_bits(before.spread_curves[0].low, again.spread_curves[0].low)


def test_looking_at_a_step_changes_nothing_in_the_run() -> None:
    looked, plain = Lab(EXPERIMENTS["adam"]), Lab(EXPERIMENTS["adam"])
    for step in range(1, 31):
        looked.train(1)
        shown(looked, step // 2)
    plain.train(30)
    assert_same_lane(shown(looked, 30), plain.snapshot().lanes[0])


# Lockstep


def test_variants_train_in_lockstep_and_share_their_data() -> None:
    lab = lab_after(open_target("columns"), 25)
    assert [lane.name for lane in lab.lanes] == ["zeros", "constant-2", "random"]
    assert [lane.trainer.step_number for lane in lab.lanes] == [25, 25, 25]
    assert len({id(lane.trainer.dataset) for lane in lab.lanes}) == 1


def test_a_lane_trains_as_if_it_were_alone() -> None:
    lab = lab_after(open_target("circles"), 40)
    specs = lane_specs(open_target("circles"))
    for lane, spec in zip(lab.snapshot().lanes, specs, strict=True):
        assert_same_lane(lane, fresh_at(spec.experiment, 40))


def test_variants_with_other_data_have_their_own() -> None:
    variants = [{"name": "few"}, {"name": "many", "set": {"data.train": 80}}]
    lab = Lab(experiment(layer(2), layer(1), variants=variants))
    assert [lane.trainer.dataset.samples for lane in lab.lanes] == [60, 80]


def test_an_experiment_without_variants_has_one_lane_with_its_name() -> None:
    assert [lane.name for lane in Lab(experiment(layer(1), name="alone")).lanes] == ["alone"]


def test_lanes_can_be_chosen_by_name_and_keep_their_order() -> None:
    specs = lane_specs(open_target("circles"), ["he", "zeros"])
    assert [spec.name for spec in specs] == ["zeros", "he"]


def test_an_unknown_lane_is_refused_with_the_names_that_there_are() -> None:
    with refused("…no variant hey; there are: zeros, large, xavier, he", ExperimentError):
        lane_specs(open_target("circles"), ["he", "hey"])


@pytest.mark.parametrize(("wanted", "step"), [(-5, 0), (0, 0), (7, 7), (10, 10), (11, 10), (10**12, 10)])
def test_moving_stays_within_the_recorded_steps(wanted: int, step: int) -> None:
    lab = lab_after(EXPERIMENTS["sgd"], 10)
    lab.move(wanted)
    assert lab.step == step


def test_a_deadline_that_has_passed_still_allows_one_step() -> None:
    lab = Lab(EXPERIMENTS["sgd"])
    lab.train(1000, deadline=-math.inf)
    assert (lab.step, lab.last_step, lab.lanes[0].history.length) == (1, 1, 1)


# Randomness


def initial(chosen: Experiment) -> list[dict[str, Any]]:
    """Return the parameters of every layer with which a run starts."""
    trainer = Lane(LaneRecipe("test", "test", chosen), chosen.data.load(), TINY_BUDGET).trainer
    blocks = trainer.layout.blocks
    return [{"W": block.weights(trainer.theta), "b": block.biases(trainer.theta)} for block in blocks]


@pytest.mark.parametrize("other", [constant(1.0), {"kind": "he-uniform"}, {"kind": "orthogonal"}])
def test_another_initializer_changes_the_weights_of_its_layer_and_nothing_else(other: dict[str, Any]) -> None:
    def build(weights: dict[str, Any]) -> Experiment:
        middle = layer(4, weights=weights, biases=NORMAL)
        return experiment(layer(5, biases=NORMAL), middle, layer(1, biases=NORMAL), seed=3)

    one, two = build(NORMAL), build(other)
    same = [
        (same_bits(a["W"], b["W"]), same_bits(a["b"], b["b"]))
        for a, b in zip(initial(one), initial(two), strict=True)
    ]
    assert same == [(True, True), (False, True), (True, True)]
    np.testing.assert_array_equal(one.data.load().x_train, two.data.load().x_train)


def test_equal_seeds_start_equal_and_other_seeds_do_not() -> None:
    one, same, other = (initial(experiment(layer(4), layer(1), seed=seed)) for seed in (5, 5, 6))
    for a, b, c in zip(one, same, other, strict=True):
        assert same_bits(a["W"], b["W"])
        assert not np.isin(a["W"], c["W"]).any()


def test_the_seed_of_the_weights_does_not_change_the_data() -> None:
    one, other = (experiment(layer(4), layer(1), seed=seed).data.load() for seed in (5, 6))
    assert same_bits(one.x_train, other.x_train)


# Snapshots


def arrays_of(snapshot: Snapshot) -> list[np.ndarray]:
    found: list[np.ndarray | None] = []
    for lane in snapshot.lanes:
        found += [lane.theta, lane.gradient, lane.loss_curve.low, lane.loss_curve.high]
        found += [array for curve in lane.spread_curves for array in (curve.low, curve.high)]
        for part in lane.layers:
            found += [part.weights, part.gradient, part.biases, part.bias_gradient]
    return [array for array in found if array is not None]


def test_every_array_of_a_snapshot_is_locked() -> None:
    for array in arrays_of(lab_after(open_target("circles"), 3).snapshot()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_a_snapshot_does_not_change_as_the_run_goes_on() -> None:
    lab = lab_after(EXPERIMENTS["adam"])
    snapshot = lab.snapshot()
    before = [array.copy() for array in arrays_of(snapshot)]
    lab.train(STEPS)
    lab.snapshot()
    for array, kept in zip(arrays_of(snapshot), before, strict=True):
        assert same_bits(array, kept)


def test_the_layers_of_a_snapshot_are_its_parameters_by_layer() -> None:
    lane = lab_after(EXPERIMENTS["sgd"], 5).snapshot().lanes[0]
    assert [part.weights.shape for part in lane.layers] == [(2, 6), (6, 5), (5, 1)]
    flat = np.concatenate([np.vstack([p.weights, p.biases]).T.ravel() for p in lane.layers])
    assert same_bits(flat, lane.theta)
    assert len(lane.hidden_layers) == 2


def test_the_spread_curve_is_the_spread_of_every_step() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    lane = lab.lanes[0]
    states = recorded_states(lane)[:-1]
    curves = lab.snapshot().lanes[0].spread_curves
    for curve, block in zip(curves, lane.trainer.layout.blocks[:-1], strict=True):
        assert curve.every == 1
        assert same_bits(curve.low, spread(block.weights(states)))


def test_a_layer_of_one_neuron_has_no_spread_that_could_be_0() -> None:
    lab = lab_after(experiment(layer(1), layer(3), layer(1)))
    one, three = lab.snapshot().lanes[0].spread_curves
    assert np.isnan(one.low).all()
    assert (three.low > 0).all()


def test_the_loss_curve_is_the_loss_of_every_step() -> None:
    lab = lab_after(EXPERIMENTS["sgd"])
    assert same_bits(lab.snapshot().lanes[0].loss_curve.low, lab.lanes[0].history.losses)


def test_the_spread_curve_of_few_keyframes_is_true_where_it_has_points() -> None:
    full, thin = lab_after(EXPERIMENTS["sgd"]), lab_after(EXPERIMENTS["sgd"], budget=TINY_BUDGET)
    every_step = full.snapshot().lanes[0].spread_curves[0]
    some = thin.snapshot().lanes[0].spread_curves[0]
    assert some.every > 1
    assert same_bits(some.low, every_step.low[:: some.every].copy())


@pytest.mark.parametrize(
    ("preset", "baselines"),
    [
        ("circles", [math.log(2)] * 4),
        ("zero-gradient", [math.log(2), 0.636514168294813]),  # 1 of 3 samples is a 0
        ("columns", [3.0] * 3),  # targets 1, 3, 2, 0: a sigmoid comes nearest to their mean with 1
    ],
)
def test_the_baseline_of_every_lane_is_the_least_loss_of_a_constant_output(
    preset: str, baselines: list[float]
) -> None:
    lanes = Lab(open_target(preset)).snapshot().lanes
    assert [lane.baseline for lane in lanes] == pytest.approx(baselines)


def test_the_baseline_of_a_sum_is_that_of_a_batch() -> None:
    data = table([[0.0], [1.0], [2.0], [3.0]], [[0.0], [2.0], [4.0], [6.0]])
    loss = {"kind": "squared-error", "reduction": "sum"}
    chosen = experiment(layer(1, "identity"), data=data, loss=loss, batch={"size": 2})
    assert Lab(chosen).snapshot().lanes[0].baseline == 5.0, (
        "half of the squares 9, 1, 1, 9, and half of those"
    )


def test_a_run_whose_weights_become_infinite_is_shown_as_diverged() -> None:
    growing = experiment(
        layer(3, "identity", constant(0.5)),
        layer(1, "identity", constant(0.5)),
        loss={"kind": "squared-error"},
        optimizer={"kind": "sgd", "learning_rate": 100.0},
    )
    lab = Lab(growing)
    assert lab.snapshot().lanes[0].divergence is None
    lab.train(100)
    divergence = lab.snapshot().lanes[0].divergence
    assert divergence is not None
    assert np.isfinite(shown(lab, divergence.step).theta).all()
    assert not np.isfinite(shown(lab, divergence.step + 1).theta).all()


@pytest.mark.parametrize("name", ["zero-gradient", "circles"])
def test_lanes_with_data_of_their_own_keep_them_with_a_new_seed(name: str) -> None:
    lab = Lab(open_target(name))
    before = [lane.trainer.dataset for lane in lab.lanes]
    perform(lab, NewSeed(9))
    assert [lane.trainer.dataset for lane in lab.lanes] == before
    assert {lane.trainer.experiment.seed for lane in lab.lanes} == {9}


@pytest.mark.parametrize("samples", [60, 61])
def test_another_number_of_samples_or_others_of_the_same_number_begin_the_view_anew(samples: int) -> None:
    lab = Lab(experiment(layer(3), layer(1)))
    before = lab.generation
    perform(lab, Set("data.train", samples))
    perform(lab, Set("data.noise", 0.3))
    assert lab.generation == before + 1 + (samples != 60)
    assert lab.lanes[0].trainer.dataset.samples == samples


EVERYTHING = Probes(
    causes=True, health=True, small=True, change=True, gradients=True, scores=True, marks=True, walk=True
)


@every_experiment
def test_the_memory_of_a_lab_is_free_as_soon_as_nobody_has_it(name: str) -> None:
    """What waits for the garbage collector holds all recorded states, and the window while they are given back."""
    gc.disable()
    try:
        lab = lab_after(EXPERIMENTS[name])
        lab.snapshot(probes=EVERYTHING)
        perform(lab, Set("optimizer.learning_rate", 0.02))
        lab.train(3)
        lab.snapshot(probes=EVERYTHING)
        parts = [
            weakref.ref(part) for part in (lab, lab.lanes[0], lab.lanes[0].trainer, lab.lanes[0].history)
        ]
        del lab
        assert [part() for part in parts] == [None] * 4
    finally:
        gc.enable()


LEAKY = {"activation": {"kind": "leaky-relu", "slope": 0.1}}
LAYERS = [
    layer(6, weights={"kind": "lsuv"}) | LEAKY,
    layer(4, biases=NORMAL) | LEAKY,
    layer(1, weights={"kind": "lsuv"}),
]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("optimizer.learning_rate", 0.3),
        ("network.layers.0.activation.slope", 0.3),
        ("network.layers.1.activation.slope", 0.3),
        ("network.layers.1.weights.std", 0.3),
        ("seed", 9),
        ("weight_decay", 0.01),
    ],
)
@pytest.mark.parametrize(
    "layers", [LAYERS, [LAYERS[1], LAYERS[1], layer(1)]], ids=["scaled to the data", "drawn"]
)
def test_a_changed_number_starts_and_trains_as_if_it_had_been_there_from_the_start(
    layers: list[dict[str, Any]], path: str, value: float
) -> None:
    lab = lab_after(experiment(*layers, weight_decay=0.02), 20)
    perform(lab, Set(path, value))
    lab.train(30)
    fresh = Lab(lab.experiment)
    fresh.train(30)
    for one, other in zip(recorded_states(lab.lanes[0]), recorded_states(fresh.lanes[0]), strict=True):
        assert same_bits(one, other)
    assert same_bits(lab.lanes[0].trainer.initial_state, fresh.lanes[0].trainer.initial_state)
    assert lab.lanes[0].history.length == fresh.lanes[0].history.length == 30
