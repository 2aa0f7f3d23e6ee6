"""Drawn data, written data and the digits that come with the program."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn import datasets
from sklearn.datasets import load_digits, make_blobs, make_circles, make_moons

from engine.core.errors import ExperimentError
from engine.core.registry import kind_of
from engine.datasets import AnyData, Data, Dataset
from engine.datasets.drawn import FUNCTIONS, Circles, Gaussians, Moons, Spirals, Synthetic, Xor
from engine.datasets.images import FOLDER, Bundled, Digits, Mnist
from engine.datasets.synthetic import around_circle
from engine.datasets.tables import Table
from tests.builders import by_kind, refused

SIZES = (2, 3, 7, 100, 301)
NOISES = (0.0, 0.05, 1.5)
DRAWN: tuple[type[Synthetic], ...] = (Circles, Moons, Xor, Gaussians, Spirals)


def read(document: dict[str, Any]) -> Data:
    return msgspec.json.decode(json.dumps(document), type=AnyData)


def assert_equal_data(one: Dataset, other: Dataset) -> None:
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_every_kind_has_the_name_of_the_file_format() -> None:
    names = (
        "table circles moons xor gaussians spirals function linear-teacher iris diabetes "
        "mnist digits idx npz csv arrays"
    )
    assert list(by_kind(AnyData)) == names.split()


# Drawn points


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("samples", SIZES)
def test_circles_equal_scikit_learn_bit_for_bit(samples: int, noise: float) -> None:
    x, y = make_circles(samples, noise=noise or None, factor=0.5, random_state=np.random.RandomState(7))
    data = Circles(train=samples, noise=noise, factor=0.5, seed=7, stream="mt19937").load()
    np.testing.assert_array_equal(data.x_train, x)
    np.testing.assert_array_equal(data.y_train, y[:, np.newaxis])


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("samples", SIZES)
def test_moons_equal_scikit_learn_bit_for_bit(samples: int, noise: float) -> None:
    x, y = make_moons(samples, noise=noise or None, random_state=np.random.RandomState(7))
    data = Moons(train=samples, noise=noise, seed=7, stream="mt19937").load()
    np.testing.assert_array_equal(data.x_train, x)
    np.testing.assert_array_equal(data.y_train, y[:, np.newaxis])


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("samples", SIZES)
def test_gaussians_equal_scikit_learn_bit_for_bit(samples: int, noise: float, classes: int) -> None:
    centers = around_circle(classes, 2.5)
    rng = np.random.RandomState(7)
    x, y = make_blobs(samples, centers=centers, cluster_std=noise, random_state=rng)
    choice = Gaussians(train=samples, noise=noise, classes=classes, radius=2.5, seed=7, stream="mt19937")
    data = choice.load()
    np.testing.assert_array_equal(data.x_train, x)
    numbers = data.y_train[:, 0] if classes == 2 else data.y_train.argmax(axis=1)
    np.testing.assert_array_equal(numbers, y)


def test_gaussian_centers_lie_evenly_on_a_circle() -> None:
    x = Gaussians(train=4, noise=0.0, classes=4, radius=3.0).load().x_train
    expected = {(3, 0), (0, 3), (-3, 0), (0, -3)}
    assert {(round(a), round(b)) for a, b in x.tolist()} == expected
    np.testing.assert_allclose(np.hypot(x[:, 0], x[:, 1]), 3.0)


def test_xor_without_noise_is_the_textbook_problem() -> None:
    data = Xor(train=8, noise=0.0).load()
    rows = sorted(map(tuple, np.hstack([data.x_train, data.y_train]).tolist()))
    assert rows == sorted([(-1, -1, 0), (1, 1, 0), (-1, 1, 1), (1, -1, 1)] * 2)


def test_xor_points_are_those_of_scikit_learn_blobs_at_the_corners() -> None:
    corners = np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]])
    x, corner = make_blobs(50, centers=corners, cluster_std=0.4, random_state=np.random.RandomState(3))
    data = Xor(train=50, noise=0.4, seed=3, stream="mt19937").load()
    np.testing.assert_array_equal(data.x_train, x)
    np.testing.assert_array_equal(data.y_train[:, 0], corner >= 2)


def test_a_spiral_arm_turns_as_far_as_it_says() -> None:
    data = Spirals(train=400, noise=0.0, classes=2, turns=1.5).load()
    for arm in (0, 1):
        x = data.x_train[data.y_train[:, 0] == arm]
        x = x[np.argsort(np.hypot(x[:, 0], x[:, 1]))]
        radius, angle = np.hypot(x[:, 0], x[:, 1]), np.unwrap(np.arctan2(x[:, 1], x[:, 0]))
        np.testing.assert_allclose(radius, np.arange(1, 201) / 200)
        np.testing.assert_allclose(angle[-1] - angle[0], 2 * np.pi * 1.5 * 199 / 200)
        np.testing.assert_allclose(x[-1], [-1 if arm == 0 else 1, 0], atol=1e-12)


@pytest.mark.parametrize("kind", [Gaussians, Spirals])
def test_two_classes_are_one_column_and_more_are_one_hot(kind: type[Gaussians | Spirals]) -> None:
    two, five = kind(train=10).load().y_train, kind(train=13, classes=5).load().y_train
    assert two.shape == (10, 1)
    assert two.sum() == 5
    assert five.shape == (13, 5)
    assert five.sum(axis=0).tolist() == [3, 3, 3, 2, 2]
    assert (five.sum(axis=1) == 1).all()


@pytest.mark.parametrize("kind", [Gaussians, Spirals])
def test_fewer_samples_than_classes_leave_classes_empty(kind: type[Gaussians | Spirals]) -> None:
    assert kind(train=3, classes=5).load().y_train.sum(axis=0).tolist() == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("stream", ["pcg64", "mt19937"])
def test_equal_seeds_draw_equal_points_and_other_seeds_others(kind: type[Synthetic], stream: Any) -> None:
    first, again, other = (kind(seed=seed, test=20, stream=stream).load() for seed in (1, 1, 2))
    assert_equal_data(first, again)
    assert (first.x_train != other.x_train).any()
    assert first.x_test is not None
    assert first.x_test.shape == (20, 2)


@pytest.mark.parametrize("kind", DRAWN)
def test_test_points_have_a_seed_of_their_own(kind: type[Synthetic]) -> None:
    drawn = kind(train=20, test=20, seed=1, test_seed=2, stream="mt19937").load()
    alone = kind(train=20, seed=2, stream="mt19937").load()
    np.testing.assert_array_equal(drawn.x_test, alone.x_train)
    np.testing.assert_array_equal(drawn.y_test, alone.y_train)


@pytest.mark.parametrize("kind", DRAWN)
def test_pcg64_draws_other_test_points_than_training_points_from_one_seed(kind: type[Synthetic]) -> None:
    data = kind(train=20, test=20, seed=1).load()
    assert data.x_test is not None
    assert (data.x_train != data.x_test).any()


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "moons", "noise": -0.1},
        {"kind": "moons", "train": 1},
        {"kind": "gaussians", "classes": 1},
        {"kind": "gaussians", "radius": 0.0},
        {"kind": "spirals", "turns": 0.0},
        {"kind": "circles", "factor": 1.0},
        {"kind": "xor", "factor": 0.5},
        {"kind": "mnist", "pixels": "inverted"},
        {"kind": "mnist", "train": 0},
        {"kind": "idx"},
        {"kind": "npz", "path": ""},
        {"kind": "npz", "path": "a\0b"},
        {"kind": "csv", "path": "a.csv", "test_share": 1.0},
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(document)


# Samples written in the experiment file


def test_a_table_is_what_is_written() -> None:
    data = read({"kind": "table", "x": [[0.5, 1], [2, 3]], "y": [[1], [0]]}).load()
    assert data.x_train.tolist() == [[0.5, 1.0], [2.0, 3.0]]
    assert data.y_train.tolist() == [[1.0], [0.0]]
    assert (data.x_test, data.image_shape, data.class_names) == (None, None, ())


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ([[1.0], [2.0]], [[1.0]], "data.y: must have 2 rows, one for each row of data.x, got 1"),
        ([[1.0, 2.0], [3.0]], [[1.0], [2.0]], "data.x.1: must have 2 numbers like the rows before it, got 1"),
    ],
)
def test_a_table_with_rows_that_do_not_fit_is_refused(x: Any, y: Any, sentence: str) -> None:
    with refused(sentence, ExperimentError):
        Table(x, y).load()


# The digits that come with the program


def test_digits_equal_scikit_learn_in_the_order_of_a_permutation() -> None:
    source: Any = load_digits()
    order = np.random.RandomState(0).permutation(1797)
    data = Digits(pixels="raw", train=1796, test=1).load()
    assert data.x_test is not None
    assert data.y_test is not None
    np.testing.assert_array_equal(np.vstack([data.x_train, data.x_test]), source.data[order])
    numbers = np.vstack([data.y_train, data.y_test]).argmax(axis=1)
    np.testing.assert_array_equal(numbers, source.target[order])


def test_mnist_is_stored_in_the_order_of_a_permutation_of_sorted_digits() -> None:
    order = np.random.RandomState(0).permutation(5000)
    data = Mnist(train=4999, test=1).load()
    assert data.y_test is not None
    numbers = np.vstack([data.y_train, data.y_test]).argmax(axis=1)
    np.testing.assert_array_equal(numbers, order // 500)


@pytest.mark.parametrize(
    ("choice", "shape", "train", "test"),
    [(Mnist(), (28, 28), 4000, 1000), (Digits(), (8, 8), 1437, 360)],
)
def test_bundled_digits_are_images_with_ten_classes(
    choice: Bundled, shape: tuple[int, int], train: int, test: int
) -> None:
    data = choice.load()
    assert data.x_test is not None
    assert data.y_test is not None
    assert data.image_shape == shape
    assert data.class_names == tuple("0123456789")
    assert (data.samples, data.inputs, data.outputs) == (train, shape[0] * shape[1], 10)
    assert data.x_test.shape == (test, data.inputs)
    assert data.y_train.sum(axis=0).min() > 0
    assert (data.y_test.sum(axis=1) == 1).all()


@pytest.mark.parametrize(("kind", "brightest"), [(Mnist, 255.0), (Digits, 16.0)])
def test_scaled_pixels_are_raw_pixels_over_the_brightest(kind: type[Bundled], brightest: float) -> None:
    raw, scaled = kind(pixels="raw", train=100).load(), kind(pixels="scaled", train=100).load()
    assert raw.x_train.max() == brightest
    assert scaled.x_train.max() == 1.0
    np.testing.assert_array_equal(scaled.x_train, raw.x_train / brightest)
    np.testing.assert_array_equal(scaled.y_train, raw.y_train)


@pytest.mark.parametrize("kind", [Mnist, Digits])
def test_training_digits_are_the_first_and_test_digits_the_last(kind: type[Bundled]) -> None:
    few, many = kind(train=10, test=20).load(), kind(train=30, test=50).load()
    assert few.x_test is not None
    assert many.x_test is not None
    np.testing.assert_array_equal(few.x_train, many.x_train[:10])
    np.testing.assert_array_equal(few.x_test, many.x_test[-20:])


def test_no_test_digits_are_no_test_set() -> None:
    data = Digits(test=0).load()
    assert data.x_test is None
    assert data.y_test is None


@pytest.mark.parametrize(("choice", "most"), [(Mnist(train=4001), "5,000"), (Digits(train=1438), "1,797")])
def test_training_and_test_digits_do_not_overlap(choice: Bundled, most: str) -> None:
    with refused(f"data.train: and data.test must be at most {most} together, got …", ExperimentError):
        choice.load()


def test_the_bundled_files_are_small_and_hold_bytes() -> None:
    for name, shape, limit in (("mnist.npz", (5000, 784), 900_000), ("digits.npz", (1797, 64), 60_000)):
        assert (FOLDER / name).stat().st_size < limit
        with np.load(FOLDER / name, allow_pickle=False) as arrays:
            assert arrays["pixels"].shape == shape
            assert {arrays["pixels"].dtype, arrays["labels"].dtype} == {np.dtype(np.uint8)}


@pytest.mark.parametrize(
    "choice", [Moons(test=5), Mnist(train=5), Digits(), Table([[1.0]], [[0.0]])], ids=kind_of
)
def test_loaded_arrays_cannot_be_written(choice: Data) -> None:
    data = choice.load()
    for values in (data.x_train, data.y_train, data.x_test, data.y_test):
        assert values is None or not values.flags.writeable


# Named functions, linear teachers, bundled tables, shuffled labels


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gives_its_values(name: str) -> None:
    data = read(
        {
            "kind": "function", "function": name, "inputs": 2, "amplitude": 2.0, "frequency": 0.5,
            "phase": 0.1, "offset": -1.0, "train": 50, "test": 20,
        }
    ).load()  # fmt: skip
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert x is not None
        u = 0.5 * x.sum(axis=1, keepdims=True) + 0.1
        np.testing.assert_allclose(y, 2 * FUNCTIONS[name](u) - 1, rtol=1e-13)
        assert -3 <= x.min() < -2.5 < 2.5 < x.max() < 3


def test_inputs_of_a_function_can_be_normal_and_its_targets_noisy() -> None:
    data = read(
        {"kind": "function", "function": "linear", "drawn": "normal", "train": 5000, "noise": 0.5}
    ).load()
    assert data.x_train.std() == pytest.approx(1.0, rel=0.05)
    assert (data.y_train - data.x_train).std() == pytest.approx(0.5, rel=0.05)


def test_a_function_that_overflows_is_refused() -> None:
    with refused("data.function: gives numbers that are too large…"):
        read({"kind": "function", "function": "exponential", "frequency": 1e5}).load()


def test_the_inputs_of_a_linear_teacher_are_white_and_its_singular_values_are_those_given() -> None:
    values = [5.0, 2.0, 0.5]
    data = read({"kind": "linear-teacher", "inputs": 6, "outputs": 4, "singular_values": values}).load()
    np.testing.assert_allclose(data.x_train.T @ data.x_train / 100, np.eye(6), atol=1e-12)
    found = np.linalg.svd(data.x_train.T @ data.y_train / 100, compute_uv=False)
    np.testing.assert_allclose(found, [5.0, 2.0, 0.5, 0.0], atol=1e-12)
    with refused("data.singular_values: must be a list of length 2 or less, got 3"):
        read({"kind": "linear-teacher", "inputs": 2, "singular_values": values}).load()


@pytest.mark.parametrize("kind", ["iris", "diabetes"])
def test_bundled_tables_are_those_of_scikit_learn(kind: str) -> None:
    theirs = datasets.load_iris() if kind == "iris" else datasets.load_diabetes(scaled=False)
    data = read({"kind": kind, "test_share": 0.0}).load()
    np.testing.assert_array_equal(data.x_train, theirs.data)
    if kind == "iris":
        np.testing.assert_array_equal(data.y_train, np.eye(3)[theirs.target])
        assert list(data.class_names) == list(theirs.target_names)
    else:
        np.testing.assert_array_equal(data.y_train[:, 0], theirs.target)
    parted = read({"kind": kind}).load()
    assert parted.x_test is not None
    assert len(parted.x_test) + parted.samples == data.samples
    assert len(parted.x_test) == pytest.approx(0.2 * data.samples, abs=1)


def test_shuffled_labels_are_dealt_out_anew_and_no_others() -> None:
    plain, shuffled = (
        read({"kind": "digits", "train": 300, "shuffle_labels": is_so}).load() for is_so in (False, True)
    )
    np.testing.assert_array_equal(plain.x_train, shuffled.x_train)
    np.testing.assert_array_equal(plain.y_test, shuffled.y_test)
    np.testing.assert_array_equal(plain.y_train.sum(axis=0), shuffled.y_train.sum(axis=0))
    assert 0.02 < (plain.y_train == shuffled.y_train).all(axis=1).mean() < 0.25
