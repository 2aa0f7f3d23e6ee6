"""IDX files that others made: what they may hold, and that a broken one costs one sentence."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.datasets.images import Idx
from tests.engine.data_files import (
    FOUR,
    GOOD_IDX,
    IMAGES,
    MEGABYTE,
    TRAIN,
    idx_bytes,
    load_in,
    peak_of_refusal,
    refusal,
)


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_idx_files_are_images_and_classes(digits_folder: Path) -> None:
    data = load_in(digits_folder, FOUR)
    np.testing.assert_array_equal(data.x_train, IMAGES.reshape(5, 6) / 255.0)
    np.testing.assert_array_equal(data.x_test, IMAGES[2:].reshape(3, 6) / 255.0)
    assert data.y_train.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_array_equal(data.y_test, data.y_train[2:])
    assert data.image_shape == (3, 2)
    assert data.class_names == ("0", "1", "2")


def test_idx_without_test_files_has_no_test_set(digits_folder: Path) -> None:
    data = load_in(digits_folder, TRAIN)
    assert data.x_test is None
    assert data.image_shape == (3, 2)


def test_gzipped_idx_files_are_the_same(
    digits_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    zipped = tmp_path_factory.mktemp("zipped")
    for file in digits_folder.iterdir():
        (zipped / file.name).write_bytes(gzip.compress(file.read_bytes()))
    np.testing.assert_array_equal(load_in(zipped, FOUR).x_train, load_in(digits_folder, FOUR).x_train)
    np.testing.assert_array_equal(load_in(zipped, FOUR).y_test, load_in(digits_folder, FOUR).y_test)


def test_raw_idx_pixels_are_bytes(digits_folder: Path) -> None:
    choice = Idx(train_images="images", train_labels="labels", pixels="raw")
    np.testing.assert_array_equal(load_in(digits_folder, choice).x_train, IMAGES.reshape(5, 6))


def test_idx_limits_take_the_first_samples_and_keep_all_classes(digits_folder: Path) -> None:
    choice = Idx(
        train_images="images",
        train_labels="labels",
        test_images="t-images",
        test_labels="t-labels",
        train=2,
        test=1,
    )
    data, whole = load_in(digits_folder, choice), load_in(digits_folder, FOUR)
    assert data.x_test is not None
    np.testing.assert_array_equal(data.x_train, whole.x_train[:2])
    np.testing.assert_array_equal(data.y_train, whole.y_train[:2])
    assert data.x_test.shape == (1, 6)


def test_two_labels_become_one_column(tmp_path: Path) -> None:
    (tmp_path / "images").write_bytes(idx_bytes(IMAGES[:3]))
    (tmp_path / "labels").write_bytes(idx_bytes(np.array([7, 3, 7])))
    data = TRAIN.load()
    assert data.y_train.tolist() == [[1], [0], [1]]
    assert data.class_names == ("3", "7")


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (Idx(train_images="images", train_labels="labels", train=6), "data.train: must be at most 5, "),
        (Idx(train_images="images", train_labels="labels", test=1), "data.test: must be at most 0, "),
        (
            Idx(train_images="images", train_labels="labels", test_images="t-images"),
            "data.test_labels: is missing: test images and test labels go together",
        ),
        (
            Idx(train_images="images", train_labels="labels", test_labels="t-labels"),
            "data.test_images: is missing: test images and test labels go together",
        ),
        (
            Idx(train_images="images", train_labels="t-labels"),
            "t-labels: must have 5 labels, one for each image of images, got 3",
        ),
        (
            Idx(train_images="labels", train_labels="labels"),
            "labels: must hold images, unsigned bytes (type 8) in 3 dimensions, got type 8 in 1",
        ),
        (
            Idx(train_images="images", train_labels="images"),
            "images: must hold labels, unsigned bytes (type 8) in 1 dimension, got type 8 in 3",
        ),
        (Idx(train_images="images", train_labels="none"), "none: cannot be read (No such file or directory)"),
        (Idx(train_images=".", train_labels="labels"), ": is not an ordinary file"),
    ],
)
def test_idx_files_that_do_not_fit_together_are_refused(
    digits_folder: Path, choice: Idx, sentence: str
) -> None:
    assert sentence in refusal(choice, digits_folder)


def test_test_images_of_another_size_are_refused(digits_folder: Path) -> None:
    (digits_folder / "t-images").write_bytes(idx_bytes(IMAGES[2:].reshape(3, 2, 3)))
    sentence = "t-images: must have images of 3 x 2 like the training file, got 2 x 3"
    assert refusal(FOUR, digits_folder) == sentence


def test_labels_of_one_class_are_refused(digits_folder: Path) -> None:
    (digits_folder / "labels").write_bytes(idx_bytes(np.zeros(5)))
    sentence = "labels: has samples of one class only, so there is nothing to tell apart"
    assert refusal(TRAIN, digits_folder) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "images: is not an IDX file of images"),
        (b"hello, world", "images: is not an IDX file of images"),
        (GOOD_IDX[:9], "images: is cut short: its header is not complete"),
        (GOOD_IDX[:-1], "images: is cut short: 30 bytes of numbers announced, 29 there"),
        (GOOD_IDX + b"x", "images: goes on after the 30 bytes of numbers that it announces"),
        (
            b"\0\0\x0d" + GOOD_IDX[3:],
            "images: must hold images, unsigned bytes (type 8) in 3 dimensions, got type 13",
        ),
        (
            struct.pack(">HBB3I", 0, 8, 3, 0, 28, 28),
            "images: announces 0 x 28 x 28 numbers, must be from 1 to",
        ),
        (
            struct.pack(">HBB3I", 0, 8, 3, *[2**32 - 1] * 3),
            "images: announces 4,294,967,295 x 4,294,967,295 x",
        ),
        (gzip.compress(GOOD_IDX, mtime=0)[:-9], "images: is cut short"),
        (
            gzip.compress(GOOD_IDX[:-1], mtime=0),
            "images: is cut short: 30 bytes of numbers announced, 29 there",
        ),
        (gzip.compress(GOOD_IDX + b"x", mtime=0), "images: goes on after the 30 bytes of numbers"),
        (gzip.compress(GOOD_IDX, mtime=0)[:-8] + bytes(8), "images: is damaged"),
        (gzip.compress(GOOD_IDX, mtime=0) + b"PK", "images: is damaged"),
        (gzip.compress(GOOD_IDX, mtime=0)[:10] + b"\xff" * 20, "images: is damaged"),
    ],
)
def test_a_broken_idx_file_costs_one_sentence(digits_folder: Path, content: bytes, sentence: str) -> None:
    (digits_folder / "images").write_bytes(content)
    assert refusal(TRAIN, digits_folder).startswith(sentence)


def test_a_gzip_bomb_is_not_unpacked(digits_folder: Path) -> None:
    (digits_folder / "images").write_bytes(gzip.compress(GOOD_IDX + bytes(100 * MEGABYTE), 1))
    assert peak_of_refusal(TRAIN, digits_folder) < 8 * MEGABYTE


def test_a_large_count_without_bytes_costs_no_memory(digits_folder: Path) -> None:
    (digits_folder / "images").write_bytes(struct.pack(">HBB3I", 0, 8, 3, 60000, 28, 28))
    assert (
        refusal(TRAIN, digits_folder)
        == "images: is cut short: 47,040,000 bytes of numbers announced, 0 there"
    )
    assert peak_of_refusal(TRAIN, digits_folder) < 8 * MEGABYTE


def test_a_file_larger_than_any_idx_is_refused(digits_folder: Path) -> None:
    with (digits_folder / "images").open("wb") as file:
        file.truncate(100 * MEGABYTE)
    assert refusal(TRAIN, digits_folder) == "images: is larger than the 64 MB that are read at most"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a thing of Unix")
def test_a_pipe_is_not_read(digits_folder: Path) -> None:
    (digits_folder / "images").unlink()
    os.mkfifo(digits_folder / "images")
    assert refusal(TRAIN, digits_folder) == "images: is not an ordinary file"
