"""The plane of two inputs as a network sees it: maps, the decision boundary, neurons, predictions."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.presets import open_target
from engine.insight.data_space import MOST_ROWS, DataSpace, zero_lines
from engine.session.lab import Lab
from engine.training.trainer import Trainer
from tests.builders import NORMAL, advance, experiment, layer, same_bits, table, trainer_of

SQUARED = {"loss": {"kind": "squared-error"}}
GAUSSIANS = {"data": {"kind": "gaussians", "train": 90, "test": 30, "noise": 0.3, "seed": 1, "classes": 3}}
ENTROPY = {"loss": {"kind": "cross-entropy"}}


def straight_line(theta: list[float]) -> Trainer:
    """Return one sigmoid neuron without a hidden layer, with weights and bias."""
    trainer = trainer_of(experiment(layer(1)))
    trainer.theta[:] = theta
    return trainer


def three_classes() -> Trainer:
    trainer = trainer_of(experiment(layer(6, "tanh"), layer(3, "softmax"), **GAUSSIANS, **ENTROPY))
    advance(trainer, 200)
    return trainer


def test_zero_weights_on_circles_predict_class_0_for_all_100_test_samples() -> None:
    lab = Lab(open_target("circles"))
    for steps in (0, 50):
        lab.train(steps)
        trainer = lab.lanes[0].trainer
        found = DataSpace(trainer).predictions(trainer.theta)
        assert found is not None
        assert found.counts == (100, 0)
        assert found.accuracy == 0.5


def test_exactly_one_half_counts_as_class_0() -> None:
    trainer = straight_line([0.0, 0.0, 0.0])
    space = DataSpace(trainer)
    assert (space.maps(trainer.theta).outputs == 0.5).all()
    found = space.predictions(trainer.theta)
    assert found is not None
    assert found.counts == (60, 0)


def test_predictions_are_right_as_often_as_the_trainer_measures() -> None:
    lab = Lab(open_target("circles"))
    lab.train(300)
    for lane in lab.lanes:
        found, measured = (
            DataSpace(lane.trainer).predictions(lane.trainer.theta),
            lane.trainer.measure_test(),
        )
        assert found is not None
        assert measured is not None
        assert found.accuracy == measured.accuracy
        assert sum(found.counts) == 100


def test_without_test_samples_the_training_samples_are_predicted() -> None:
    trainer = trainer_of(experiment(layer(3), layer(1)))
    advance(trainer, 30)
    space = DataSpace(trainer)
    found = space.predictions(trainer.theta)
    assert not space.plane.has_test_samples
    assert found is not None
    assert sum(found.counts) == 60
    assert found.accuracy == trainer.measure_training().accuracy


def test_of_several_classes_the_largest_output_is_predicted() -> None:
    trainer = three_classes()
    space = DataSpace(trainer)
    found, measured = space.predictions(trainer.theta), trainer.measure_test()
    assert found is not None
    assert measured is not None
    assert found.accuracy == measured.accuracy
    assert len(found.counts) == 3
    assert sum(found.counts) == 30
    assert space.plane.class_names == ("0", "1", "2")
    np.testing.assert_array_equal(space.plane.classes, trainer.dataset.y_train.argmax(axis=1))


def test_a_map_is_the_network_at_the_centres_of_the_cells() -> None:
    trainer = trainer_of(experiment(layer(3, "tanh"), layer(1)))
    space = DataSpace(trainer)
    first, second = trainer.layout.blocks
    x = space.plane.grid(MOST_ROWS)
    ones = np.ones((len(x), 1))
    hidden = np.tanh(np.hstack([x, ones]) @ first.of(trainer.theta))
    output = 1 / (1 + np.exp(-np.hstack([hidden, ones]) @ second.of(trainer.theta)))
    maps = space.maps(trainer.theta)
    assert maps.outputs.dtype == np.float32
    np.testing.assert_allclose(maps.outputs, output.reshape(1, MOST_ROWS, MOST_ROWS), rtol=1e-6)
    neurons = space.neuron_maps(trainer.theta, 1)
    np.testing.assert_allclose(neurons, hidden.T.reshape(3, MOST_ROWS, MOST_ROWS), rtol=1e-6, atol=1e-7)
    assert same_bits(space.neuron_maps(trainer.theta, 2), maps.outputs)


def test_input_1_grows_to_the_right_and_input_2_upwards() -> None:
    trainer = straight_line([1.0, 0.0, 0.0])
    space = DataSpace(trainer)
    across, up = space.neuron_maps(trainer.theta, 0)
    assert (np.diff(across, axis=1) > 0).all()
    assert (np.diff(across, axis=0) == 0).all()
    assert (np.diff(up, axis=0) < 0).all()
    assert across.min() > space.plane.left
    assert up.max() < space.plane.top


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_the_boundary_of_one_neuron_is_its_straight_line_even_where_it_saturates(size: float) -> None:
    weights = np.array([0.7, -1.3, 0.2]) * size
    trainer = straight_line(weights.tolist())
    ends = DataSpace(trainer).maps(trainer.theta).boundary.reshape(-1, 2)
    assert len(ends) > MOST_ROWS
    np.testing.assert_allclose(ends @ weights[:2] + weights[2], 0, atol=1e-12 * size)


def test_where_all_outputs_are_equal_there_is_no_boundary() -> None:
    trainer = straight_line([0.0, 0.0, 3.0])
    assert not len(DataSpace(trainer).maps(trainer.theta).boundary)


def test_between_classes_the_two_largest_outputs_are_equal_at_the_boundary() -> None:
    trainer = three_classes()
    space = DataSpace(trainer)
    maps = space.maps(trainer.theta)
    winner = maps.outputs.argmax(axis=0)
    assert len(np.unique(winner)) == 3
    plane = space.plane
    cell = (plane.right - plane.left) / len(winner)
    for x, y in maps.boundary.mean(axis=1):
        column, row = int((x - plane.left) / cell - 0.5), int((plane.top - y) / cell - 0.5)
        around = winner[row : row + 2, column : column + 2]
        assert len(np.unique(around)) > 1, "the prediction changes in this square"


def test_without_classes_the_boundary_is_the_middle_of_the_targets_and_nothing_is_predicted() -> None:
    data = table([[0, 0], [1, 0], [0, 1], [1, 1]], [[-1], [2], [3], [5]])
    trainer = trainer_of(experiment(layer(1, "identity"), data=data, **SQUARED))
    trainer.theta[:] = [3.0, 1.0, 0.5]
    space = DataSpace(trainer)
    assert space.predictions(trainer.theta) is None
    assert (space.plane.middle, space.plane.reach) == (2.0, 3.0)
    assert space.plane.class_names == ()
    np.testing.assert_array_equal(space.plane.classes, [0, 0, 1, 1])
    ends = space.maps(trainer.theta).boundary.reshape(-1, 2)
    np.testing.assert_allclose(ends @ [3.0, 1.0] + 0.5, 2.0, atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_shown_as_they_are(value: float) -> None:
    trainer = trainer_of(experiment(layer(3), layer(1)))
    theta = np.full_like(trainer.theta, np.nan)
    theta[0] = value
    space = DataSpace(trainer)
    maps, found = space.maps(theta), space.predictions(theta)
    assert np.isnan(maps.outputs).all()
    assert not len(maps.boundary)
    assert found is not None
    assert found.undefined == 60
    assert found.counts == (60, 0), "as the loss counts them"


def test_maps_are_copies_and_looking_changes_nothing() -> None:
    trainer = three_classes()
    theta, step = trainer.theta.copy(), trainer.step_number
    space = DataSpace(trainer)
    maps = space.maps(theta)
    neurons = space.neuron_maps(theta, 1)
    before = maps.outputs.copy(), maps.boundary.copy(), neurons.copy()
    space.maps(np.zeros_like(theta))
    space.predictions(np.zeros_like(theta))
    for array, kept in zip((maps.outputs, maps.boundary, neurons), before, strict=True):
        assert same_bits(array, kept)
        assert not array.flags.writeable
    assert same_bits(trainer.theta, theta)
    assert trainer.step_number == step
    assert same_bits(space.maps(theta).outputs, maps.outputs), "the same weights give the same map"


def test_batches_and_dropout_do_not_change_what_is_shown() -> None:
    plain = trainer_of(experiment(layer(4), layer(1)))
    noisy = trainer_of(experiment(layer(4, dropout=0.5), layer(1), batch={"size": 7}))
    advance(noisy, 10)
    theta = noisy.theta.copy()
    assert same_bits(DataSpace(noisy).maps(theta).outputs, DataSpace(plain).maps(theta).outputs)


def test_single_precision_is_looked_at_in_its_own_precision() -> None:
    trainer = trainer_of(experiment(layer(4), layer(1), dtype="float32"))
    maps = DataSpace(trainer).maps(trainer.theta)
    assert np.isfinite(maps.outputs).all()
    assert maps.boundary.dtype == np.float64


def test_the_plane_is_a_square_around_training_and_test_samples() -> None:
    lab = Lab(open_target("circles"))
    planes = [DataSpace(lane.trainer).plane for lane in lab.lanes]
    plane, dataset = planes[0], lab.lanes[0].trainer.dataset
    assert dataset.x_test is not None
    samples = np.concatenate([dataset.x_train, dataset.x_test])
    assert (samples > [plane.left, plane.bottom]).all()
    assert (samples < [plane.right, plane.top]).all()
    assert plane.right - plane.left == pytest.approx(plane.top - plane.bottom)
    sides = [(p.left, p.right, p.bottom, p.top) for p in planes]
    assert len(set(sides)) == 1, "lanes that share their data share the plane"


@pytest.mark.parametrize(
    ("x", "ratio"),
    [
        ([[0, 0], [1, 2]], 1.0),
        ([[0, 0], [1, 500]], 500.0),
        ([[3, 4]], 1.0),
        ([[0, 1], [8, 1]], 1.0),
    ],
)
def test_inputs_have_one_unit_unless_they_are_far_apart(x: list[list[float]], ratio: float) -> None:
    y = [[index % 2] for index in range(len(x))]
    plane = DataSpace(trainer_of(experiment(layer(1), data=table(x, y)))).plane
    assert (plane.top - plane.bottom) / (plane.right - plane.left) == pytest.approx(ratio)
    assert (np.array(x) > [plane.left, plane.bottom]).all()
    assert (np.array(x) < [plane.right, plane.top]).all()


def test_large_networks_have_a_coarser_grid() -> None:
    trainer = trainer_of(experiment(layer(200), layer(50), layer(1)))
    rows = DataSpace(trainer).maps(trainer.theta).outputs.shape[1]
    assert 8 <= rows < MOST_ROWS / 2
    small = trainer_of(experiment(layer(10, weights=NORMAL), layer(5), layer(1)))
    assert DataSpace(small).maps(small.theta).outputs.shape[1] == MOST_ROWS


def along_the_side(values: Floats, place: Floats) -> float:
    """Return the value at a place (column, row) on a side between two neighbours, on the straight line between them."""
    (x, y), (column, row) = place, np.floor(place).astype(int)
    if x == column:
        below = values[min(row + 1, len(values) - 1), column]
        return values[row, column] + (y - row) * (below - values[row, column])
    assert y == row, "a line ends on a side of a square"
    return values[row, column] + (x - column) * (values[row, column + 1] - values[row, column])


def test_lines_end_where_the_values_between_neighbours_are_0_and_never_break_off() -> None:
    for seed in range(20):
        values = np.random.default_rng(seed).standard_normal((9, 12))
        ends = zero_lines(values).reshape(-1, 2)
        for place in ends:
            assert along_the_side(values, place) == pytest.approx(0, abs=1e-12)
        count = Counter(map(tuple, ends.round(9).tolist()))
        edge = {place for place in count if place[0] in (0, 11) or place[1] in (0, 8)}
        assert all(count[place] == (1 if place in edge else 2) for place in count)


def test_values_that_are_not_finite_have_no_lines() -> None:
    values = np.array([[1.0, np.nan, -1.0], [1.0, np.inf, -np.inf], [2.0, 3.0, -4.0]])
    assert np.isfinite(zero_lines(values)).all()
