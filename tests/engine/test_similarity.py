"""How alike neurons are that are not equal: against figures that are known, and what the documents found."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np
import pytest

from engine.core.arrays import Floats
from engine.experiments.presets import open_target
from engine.experiments.variants import single_variant, variants_of
from engine.health.health_check import HealthCheck
from engine.recording.envelope import Envelope
from engine.recording.samples import Samples
from engine.report.curve import Curve
from engine.report.equality import LayerSimilarity
from engine.symmetry.groups import mean_abs_cosine
from engine.symmetry.similarity import (
    acts_like,
    effective_rank,
    evenly,
    first_above,
    layer_similarity,
    mean_abs_correlation,
    number_of_directions,
    random_cosine,
    random_directions,
)
from engine.training.trainer import Trainer
from tests.builders import advance, experiment, lane_of, layer, trainer_of

pytestmark = pytest.mark.untraced

STILL = Curve(1, np.zeros(2), np.zeros(2))


def preset(name: str, variant: str) -> Trainer:
    whole = open_target(name)
    return trainer_of(next(single_variant(whole, v) for v in variants_of(whole) if v.name == variant))


def hidden(trainer: Trainer) -> tuple[LayerSimilarity, ...]:
    return HealthCheck(trainer).similarity([STILL] * (len(trainer.layout.blocks) - 1))


# the baseline


@pytest.mark.parametrize(("size", "cosine"), [(1, 1.0), (2, 2 / pi), (3, 0.5), (4, 4 / (3 * pi))])
def test_random_directions_have_a_known_cosine(size: int, cosine: float) -> None:
    assert random_cosine(size) == pytest.approx(cosine, rel=1e-12)


def test_two_inputs_have_the_figure_of_the_facts() -> None:
    assert round(random_cosine(2), 2) == 0.64


@pytest.mark.parametrize("size", [2, 3, 10, 784])
def test_the_baseline_is_what_random_columns_have(size: int) -> None:
    columns = np.random.default_rng(0).standard_normal((size, 500))
    assert mean_abs_cosine(columns) == pytest.approx(random_cosine(size), rel=0.03)


def test_in_many_dimensions_the_baseline_falls_with_the_root_of_their_number() -> None:
    assert random_cosine(10**6) == pytest.approx(sqrt(2 / (pi * 10**6)), rel=1e-5)


# outputs


def test_a_neuron_and_its_mirror_image_correlate_fully() -> None:
    a = np.tanh(np.random.default_rng(1).standard_normal(50))
    assert mean_abs_correlation(np.stack([a, -a], axis=1)) == (pytest.approx(1.0), 0)


def test_the_correlation_is_that_of_numpy() -> None:
    outputs = np.random.default_rng(2).standard_normal((40, 6)) ** 3 + 5
    pairs = np.abs(np.corrcoef(outputs.T))[np.triu_indices(6, k=1)]
    assert mean_abs_correlation(outputs)[0] == pytest.approx(pairs.mean(), rel=1e-12)


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_the_correlation_does_not_depend_on_the_size_of_the_outputs(size: float) -> None:
    outputs = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0]])
    expected = np.corrcoef(outputs.T)[0, 1]
    assert mean_abs_correlation(outputs * size)[0] == pytest.approx(expected)


def test_neurons_that_never_vary_are_left_out_and_counted() -> None:
    varies = np.arange(6.0)
    outputs = np.stack([varies, np.ones(6), np.zeros(6), varies**2], axis=1)
    found, constant = mean_abs_correlation(outputs)
    assert constant == 2
    assert found == pytest.approx(np.corrcoef(varies, varies**2)[0, 1])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_noise_in_the_last_bits_is_no_variation(dtype: Any) -> None:
    flat = np.ones(8, dtype)
    flat[::2] = np.nextafter(dtype(1), dtype(2))
    outputs = np.stack([flat, flat[::-1], np.arange(8, dtype=dtype)], axis=1)
    assert mean_abs_correlation(outputs) == (None, 2)


@pytest.mark.parametrize("outputs", [np.ones((3, 4)), np.full((3, 2), np.nan), np.full((3, 2), np.inf)])
def test_without_two_finite_neurons_that_vary_there_is_no_correlation(outputs: Floats) -> None:
    assert mean_abs_correlation(outputs)[0] is None


# effective rank


def test_equal_columns_have_rank_one() -> None:
    assert effective_rank(np.full((2, 10), 0.5)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("fan_in", "units"), [(5, 5), (8, 5), (5, 8)])
def test_orthogonal_columns_have_full_rank(fan_in: int, units: int) -> None:
    tall = np.linalg.qr(np.random.default_rng(3).standard_normal((max(fan_in, units), 5)))[0]
    assert effective_rank(tall if fan_in >= units else tall.T) == pytest.approx(5.0)


def test_the_effective_rank_is_the_exponential_of_the_entropy_of_the_singular_values() -> None:
    weights = np.random.default_rng(4).standard_normal((30, 7)) * np.logspace(0, -3, 7)
    singular = np.linalg.svd(weights, compute_uv=False)
    shares = singular / singular.sum()
    assert effective_rank(weights) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-9)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_the_effective_rank_does_not_depend_on_the_size_of_the_weights(size: float) -> None:
    weights = np.array([[1.0, 0.0], [0.0, 3.0]])
    assert effective_rank(weights * size) == pytest.approx(effective_rank(weights))


def test_zeros_have_rank_zero_and_infinite_weights_none() -> None:
    assert effective_rank(np.zeros((3, 4))) == 0.0
    assert effective_rank(np.array([[1.0, np.inf]])) is None


# as how many neurons they act


def test_equal_neurons_act_like_one_and_independent_ones_like_all() -> None:
    a = np.random.default_rng(5).standard_normal((4000, 1))
    assert acts_like(np.repeat(a, 10, axis=1)) == pytest.approx(1.0)
    assert acts_like(np.random.default_rng(6).standard_normal((4000, 10))) == pytest.approx(10.0, rel=0.02)


def test_a_neuron_and_its_mirror_image_act_like_one_and_two_halves_of_relu_do_not() -> None:
    z = np.random.default_rng(7).standard_normal(1000)
    assert acts_like(np.tanh(np.stack([z, -z], axis=1))) == pytest.approx(1.0)
    halves = np.maximum(np.stack([z, -z], axis=1), 0.0)
    r = np.corrcoef(halves.T)[0, 1]
    assert acts_like(halves) == pytest.approx(2 / (1 + r**2))


def test_acting_alike_is_the_participation_ratio_of_the_eigenvalues_of_the_correlations() -> None:
    outputs = np.random.default_rng(8).standard_normal((50, 6)) @ np.random.default_rng(9).standard_normal(
        (6, 6)
    )
    values = np.linalg.eigvalsh(np.corrcoef(outputs.T))
    assert acts_like(outputs) == pytest.approx(values.sum() ** 2 / (values**2).sum())


@pytest.mark.parametrize(("cosine", "directions"), [(0.75, 1.77), (0.86, 1.35)])
def test_a_hundred_columns_of_one_cosine_point_in_few_directions(cosine: float, directions: float) -> None:
    gram = np.full((100, 100), cosine) + (1 - cosine) * np.eye(100)
    assert number_of_directions(np.linalg.cholesky(gram).T) == pytest.approx(directions, abs=0.01)


@pytest.mark.parametrize("size", [1e-300, 1e-20, 1e20, 1e300])
def test_directions_do_not_depend_on_the_size_of_columns(size: float) -> None:
    columns = np.array([[1.0, 0.0, 0.0], [1.0, 2.0, 0.0]])
    assert number_of_directions(columns * size) == pytest.approx(2 / (1 + 0.5))
    assert number_of_directions(
        (columns[:, [0, 0, 0, 0]]).astype(np.float32) * np.float32(1e20)
    ) == pytest.approx(1)


def test_random_columns_point_in_about_as_many_directions_as_is_said() -> None:
    columns = np.random.default_rng(10).standard_normal((20, 100))
    assert number_of_directions(columns) == pytest.approx(random_directions(20, 100), rel=0.05)


@pytest.mark.parametrize("outputs", [np.ones((3, 4)), np.full((3, 2), np.nan), np.full((3, 2), np.inf)])
def test_without_two_neurons_that_vary_nothing_acts_like_anything(outputs: Floats) -> None:
    assert acts_like(outputs) is None


def test_columns_that_are_not_finite_point_nowhere() -> None:
    assert number_of_directions(np.array([[1.0, np.inf]])) is None
    assert number_of_directions(np.array([[1.0, 0.0]])) is None, "one column is left"


# when they part


def test_the_first_step_above_a_threshold_is_found() -> None:
    curve = Envelope()
    curve.extend(np.array([0.0, 0.1, 0.5, 0.6, 0.2]))
    assert first_above(curve.curve(), 0.5) == 3
    assert first_above(curve.curve(), 0.6) is None


def test_a_curve_of_every_fourth_step_gives_a_step_that_it_knows() -> None:
    samples = Samples(1)
    samples.extend(
        100, 4, lambda first, count, every: (first + every * np.arange(count))[:, np.newaxis] / 100.0
    )
    assert first_above(samples.curves()[0], 0.5) == 52


# whole layers


def test_a_wide_layer_is_compared_on_some_of_its_neurons() -> None:
    rng = np.random.default_rng(5)
    similar = layer_similarity(rng.standard_normal((784, 1000)), rng.random((50, 1000)), STILL)
    assert similar.units == 1000
    assert similar.neurons == similar.largest_rank < 150
    assert similar.mean_abs_cosine == pytest.approx(similar.random_cosine, rel=0.05)


@pytest.mark.parametrize(
    ("count", "most", "places"), [(3, 5, [0, 1, 2]), (10, 5, [0, 2, 4, 6, 8]), (3, 2, [0, 1])]
)
def test_places_are_chosen_evenly(count: int, most: int, places: list[int]) -> None:
    assert evenly(count, most).tolist() == places


def test_all_positive_weights_are_nearly_one_neuron() -> None:
    first, second = hidden(preset("mnist-per-sample", "rand"))
    assert first.mean_abs_cosine == pytest.approx(0.75, abs=0.01)
    assert first.correlation is not None
    assert first.correlation > 0.97
    assert second.correlation == pytest.approx(1.000, abs=5e-4)
    assert first.random_cosine < 0.03


def test_centred_weights_are_not() -> None:
    for layer_ in hidden(preset("mnist-per-sample", "xavier")):
        assert layer_.mean_abs_cosine == pytest.approx(layer_.random_cosine, rel=0.1)
        assert layer_.correlation is not None
        assert layer_.correlation < 0.2


def test_weight_decay_pulls_all_positive_columns_together() -> None:
    trainer = preset("mnist-per-sample", "rand-decay")
    advance(trainer, 4000)
    assert hidden(trainer)[0].mean_abs_cosine == pytest.approx(0.9997, abs=5e-5)


def test_small_random_weights_become_more_alike_first() -> None:
    small = {"kind": "normal", "std": 1e-3}
    chosen = experiment(
        layer(20, "tanh", small),
        layer(1, "sigmoid", small),
        data={"kind": "moons", "train": 205, "noise": 0.15, "seed": 0},
        optimizer={"kind": "sgd", "learning_rate": 1.0},
    )
    trainer, cosines, ranks = trainer_of(chosen), [], []
    for step in (0, 50, 8000):
        advance(trainer, step - trainer.step_number)
        (found,) = hidden(trainer)
        cosines.append(found.mean_abs_cosine)
        ranks.append(found.effective_rank)
    start, condensed, later = cosines
    assert start == pytest.approx(random_cosine(2), abs=0.1)
    assert condensed > 0.99
    assert start < later < condensed
    assert ranks[1] < min(ranks[0], ranks[2])


def test_each_ten_times_less_noise_costs_about_as_many_steps_more() -> None:
    def parted_at(noise: float) -> int:
        nearly = {"kind": "constant-noise", "value": 0.5, "std": noise}
        chosen = experiment(
            layer(8, "tanh", nearly),
            layer(1, "sigmoid", {"kind": "constant", "value": 0.5}),
            optimizer={"kind": "sgd", "learning_rate": 1.0},
        )
        step = first_above(lane_of(chosen, 10_000).snapshot(0).spread_curves[0], 0.5)
        assert step is not None
        return step

    first, second, third = (parted_at(noise) for noise in (1e-2, 1e-3, 1e-4))
    assert 1000 < first < second < third
    assert second - first == pytest.approx(third - second, rel=0.3)
