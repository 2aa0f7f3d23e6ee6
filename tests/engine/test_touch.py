"""Touching: what a change of the weights at one step does, and what it leaves alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.core.errors import InitscopeError
from engine.experiments.experiment import Experiment
from engine.session.lab import Lab
from engine.training.edits import AddNoise, CopyNeuron, Edit, SetWeight
from tests.builders import constant, experiment, layer, refused, same_bits, trainer_of
from tests.engine.acting import drop, fork

ADAM = {"kind": "adam", "learning_rate": 0.05}
EQUAL = experiment(layer(10, "sigmoid", constant(0.5)), layer(1, weights=constant(0.5)))
"""Ten equal neurons."""
DEEP = experiment(layer(6, "tanh"), layer(5, "sigmoid"), layer(1), optimizer=ADAM)
"""Two hidden layers, an optimizer that remembers two numbers for each parameter."""


def group_sizes(lab: Lab, lane: int, hidden: int = 0) -> list[int]:
    """Return how many neurons the groups of a hidden layer (from 0) have at the shown step, ascending."""
    labels = lab.snapshot().lanes[lane].layers[hidden].symmetry.labels
    return sorted(Counter(labels).values())


def state_of(chosen: Experiment, steps: int) -> Floats:
    trainer = trainer_of(chosen)
    with np.errstate(all="ignore"):
        for _ in range(steps):
            trainer.advance()
    state = np.empty_like(trainer.initial_state)
    trainer.save(state)
    return state


def touched(chosen: Experiment, edit: Edit, steps: int = 20) -> tuple[Floats, Floats]:
    """Return the state of a run after some steps, and what an edit makes of it."""
    state = state_of(chosen, steps)
    return state, edit.apply(state, trainer_of(chosen).layout, steps)


# One nudge splits 10 into 9 + 1


@pytest.mark.parametrize("row", [0, 1, 2], ids=["from input 1", "from input 2", "bias"])
def test_one_nudged_weight_splits_ten_equal_neurons_into_nine_and_one(row: int) -> None:
    lab = Lab(EQUAL)
    lab.train(120)
    assert group_sizes(lab, 0) == [10]
    fork(lab, 0, SetWeight(1, row, 3, 0.7))
    assert lab.step == 120
    assert group_sizes(lab, 0) == [10], "the touched lane stays as it was"
    assert group_sizes(lab, 1) == [1, 9]
    lab.train(400)
    assert group_sizes(lab, 1) == [1, 9]
    assert group_sizes(lab, 0) == [10]


def test_a_nudged_outgoing_weight_splits_them_too() -> None:
    lab = Lab(EQUAL)
    lab.train(5)
    fork(lab, 0, SetWeight(2, 3, 0, 0.7))
    assert group_sizes(lab, 1) == [1, 9]


def test_two_nudged_neurons_make_three_groups() -> None:
    lab = Lab(EQUAL)
    fork(lab, 0, SetWeight(1, 0, 3, 0.7))
    fork(lab, 1, SetWeight(1, 0, 8, 0.9))
    assert group_sizes(lab, 2) == [1, 1, 8]
    lab.train(300)
    assert group_sizes(lab, 2) == [1, 1, 8]


def test_two_neurons_nudged_to_the_same_value_are_one_group_of_two() -> None:
    lab = Lab(EQUAL)
    fork(lab, 0, SetWeight(1, 0, 3, 0.7))
    fork(lab, 1, SetWeight(1, 0, 8, 0.7))
    lab.train(300)
    assert group_sizes(lab, 2) == [2, 8]


@pytest.mark.parametrize(("layer", "row", "neuron"), [(1, 0, 0), (1, 2, 5), (2, 4, 1), (2, 6, 4), (3, 2, 0)])
def test_a_nudge_changes_one_number_and_nothing_that_the_optimizer_remembers(
    layer: int, row: int, neuron: int
) -> None:
    state, edited = touched(DEEP, SetWeight(layer, row, neuron, 7.0))
    changed = np.flatnonzero(state != edited)
    layout = trainer_of(DEEP).layout
    assert layout.blocks[layer - 1].of(edited[: layout.size])[row, neuron] == 7.0
    assert len(changed) == 1
    assert edited[changed[0]] == 7.0


def test_a_nudge_and_another_one_back_change_no_future() -> None:
    lab = Lab(DEEP)
    lab.train(30)
    value = float(lab.snapshot().lanes[0].layers[0].weights[1, 2])
    fork(lab, 0, SetWeight(1, 1, 2, value + 1))
    fork(lab, 1, SetWeight(1, 1, 2, value))
    lab.train(40)
    old, _, new = lab.snapshot().lanes
    assert same_bits(old.theta, new.theta)
    assert same_bits(old.loss_curve.low, new.loss_curve.low)


# Tying


@pytest.mark.parametrize("optimizer", [{"kind": "sgd", "learning_rate": 0.5, "momentum": 0.9}, ADAM])
@pytest.mark.parametrize(("hidden", "first", "second"), [(1, 4, 1), (2, 0, 3)])
def test_a_neuron_and_its_copy_are_one_group_and_stay_one(
    optimizer: dict[str, Any], hidden: int, first: int, second: int
) -> None:
    lab = Lab(experiment(layer(6, "tanh"), layer(5, "sigmoid"), layer(1), optimizer=optimizer))
    lab.train(37)
    width = 7 - hidden
    assert group_sizes(lab, 0, hidden - 1) == [1] * width
    fork(lab, 0, CopyNeuron(hidden, first, second))
    for _ in range(2):
        labels = lab.snapshot().lanes[1].layers[hidden - 1].symmetry.labels
        assert labels[first] == labels[second]
        assert group_sizes(lab, 1, hidden - 1) == [1] * (width - 2) + [2]
        lab.train(500)


def test_tying_copies_column_bias_outgoing_row_and_their_memory_and_nothing_else() -> None:
    state, edited = touched(DEEP, CopyNeuron(1, 4, 1))
    layout = trainer_of(DEEP).layout
    before, after = state.reshape(3, -1), edited.reshape(3, -1)
    incoming, outgoing = layout.blocks[0].of(after), layout.blocks[1].weights(after)
    assert (incoming[..., 1] == layout.blocks[0].of(before)[..., 4]).all()
    assert (outgoing[:, 1] == layout.blocks[1].weights(before)[:, 4]).all()
    assert (state != edited).sum() == 3 * (3 + 5)


# Breaking the symmetry


@pytest.mark.parametrize("noise", [1e-1, 1e-3, 1e-7])
def test_noise_parts_all_neurons_in_proportion(noise: float) -> None:
    lab = Lab(EQUAL)
    lab.train(120)
    fork(lab, 0, AddNoise(noise, seed=1))
    assert group_sizes(lab, 1) == [1] * 10
    spread = lab.snapshot().lanes[1].layers[0].symmetry.spread
    assert noise < spread < 5 * noise
    assert group_sizes(lab, 0) == [10]


def test_noise_changes_the_weights_into_hidden_layers_only() -> None:
    state, edited = touched(DEEP, AddNoise(0.1, seed=1))
    layout = trainer_of(DEEP).layout
    moved = (state != edited).reshape(3, -1)
    first, second, last = (block.of(moved[0]) for block in layout.blocks)
    assert first[:2].all()
    assert second[:6].all()
    for part in (first[2], second[6], last):
        assert not part.any(), "biases and output weights stay"
    assert not moved[1:].any(), "what the optimizer remembers stays"


def test_noise_is_a_function_of_seed_and_step_and_grows_with_its_size() -> None:
    state, layout = state_of(DEEP, 20), trainer_of(DEEP).layout
    one = AddNoise(0.1, seed=1).apply(state, layout, 20)
    assert same_bits(one, AddNoise(0.1, seed=1).apply(state, layout, 20))
    for other in (
        AddNoise(0.1, seed=2).apply(state, layout, 20),
        AddNoise(0.1, seed=1).apply(state, layout, 21),
    ):
        assert not same_bits(one, other)
    twice = AddNoise(0.2, seed=1).apply(state, layout, 20)
    np.testing.assert_allclose(twice - state, 2 * (one - state), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("edit", [SetWeight(1, 0, 0, 0.3), CopyNeuron(1, 0, 2), AddNoise(1e-2, seed=0)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_edit_leaves_the_state_that_it_was_given(edit: Edit, dtype: str) -> None:
    chosen = experiment(layer(6, "tanh"), layer(1), dtype=dtype)
    state, edited = touched(chosen, edit)
    assert same_bits(state, state_of(chosen, 20))
    assert edited.dtype == state.dtype
    assert not same_bits(state, edited)


# What is not possible


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (SetWeight(4, 0, 0, 1.0), "there is no layer 4, there are 3 layers"),
        (SetWeight(0, 0, 0, 1.0), "there is no layer 0, there are 3 layers"),
        (SetWeight(1, 3, 0, 1.0), "layer 1 has no weight in row 4 of neuron 1"),
        (SetWeight(1, -1, 0, 1.0), "layer 1 has no weight in row 0 of neuron 1"),
        (SetWeight(1, 0, 6, 1.0), "layer 1 has no weight in row 1 of neuron 7"),
        (SetWeight(1, 0, 0, float("nan")), "a weight must be a finite number, got nan"),
        (CopyNeuron(3, 0, 0), "only neurons of a hidden layer can be copied, layer 3 is the output"),
        (
            CopyNeuron(1, 2, 2),
            "layer 1 has 6 neurons, and one can be copied onto another one; got 3 and 3",
        ),
        (
            CopyNeuron(2, 0, 5),
            "layer 2 has 5 neurons, and one can be copied onto another one; got 1 and 6",
        ),
        (AddNoise(0.0, 1), "the noise must be a number above 0, got 0"),
        (AddNoise(float("inf"), 1), "the noise must be a number above 0, got inf"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence_and_changes_nothing(
    edit: Edit, sentence: str
) -> None:
    lab = Lab(DEEP)
    with refused(sentence):
        fork(lab, 0, edit)
    assert len(lab.lanes) == 1


def test_a_network_without_hidden_layers_has_no_symmetry_to_break() -> None:
    with refused("noise goes into hidden layers, and there is none"):
        fork(Lab(experiment(layer(1))), 0, AddNoise(0.1, 1))


def test_a_value_that_is_too_large_for_the_run_is_refused() -> None:
    lab = Lab(experiment(layer(4), layer(1), dtype="float32"))
    with refused("the changed weights are too large for float32"):
        fork(lab, 0, SetWeight(1, 0, 0, 1e300))


# What changes nothing is refused


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (CopyNeuron(1, 0, 3), "COPY_OF_EQUAL(layer=1, source=1, target=4)"),
        (SetWeight(1, 0, 3, 0.5), "WEIGHT_AS_IT_IS(value=0.5)"),
        (AddNoise(1e-30, 1), "NOISE_ROUNDED_AWAY(std=1e-30)"),
    ],
)
def test_an_edit_that_changes_nothing_makes_no_lane(edit: Edit, problem: str) -> None:
    lab = Lab(EQUAL)
    with pytest.raises(InitscopeError) as refusal:
        fork(lab, 0, edit)
    assert str(refusal.value) == problem
    assert len(lab.lanes) == 1


def test_neurons_that_only_the_optimizer_tells_apart_are_worth_a_copy() -> None:
    """Their weights are equal bit for bit, what momentum remembers of them is not: a copy changes what comes."""
    lab = Lab(DEEP)
    lab.train(10)
    layers = lab.snapshot().lanes[0].layers
    rows = [*layers[0].weights[:, 0], *([] if layers[0].biases is None else [layers[0].biases[0]])]
    for row, value in enumerate(rows):
        fork(lab, len(lab.lanes) - 1, SetWeight(1, row, 1, float(value)))
        if len(lab.lanes) > 2:
            drop(lab, 1)
    for neuron, value in enumerate(layers[1].weights[0]):
        fork(lab, len(lab.lanes) - 1, SetWeight(2, 1, neuron, float(value)))
        if len(lab.lanes) > 2:
            drop(lab, 1)
    labels = lab.snapshot().lanes[1].layers[0].symmetry.labels
    assert labels[0] == labels[1]
    fork(lab, 1, CopyNeuron(1, 0, 1))
    assert len(lab.lanes) == 3
