"""Files that others made: what they may hold, and that a broken one costs one sentence."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits

from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.datasets import Data, Dataset
from engine.datasets.files import Csv, Npz
from engine.datasets.images import Idx


def load_in(folder: Path, choice: Data) -> Dataset:
    """Load data whose file names are relative to a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return choice.load()
    finally:
        os.chdir(before)


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


MEGABYTE = 2**20


def refusal(choice: Data, folder: Path) -> str:
    """Return the sentence of the error that loading raises, without the folder's name."""
    with pytest.raises(InitscopeError) as caught:
        load_in(folder, choice)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence.replace(f"{folder}{os.sep}", "")


def peak_of_refusal(choice: Data, folder: Path) -> int:
    """Return how many bytes of memory it takes at most to refuse a file."""
    tracemalloc.start()
    try:
        refusal(choice, folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def assert_loads_or_explains(choice: Data, folder: Path) -> None:
    try:
        load_in(folder, choice)
    except (FileError, ExperimentError):
        return  # what the sentences say is the matter of other tests


# IDX


def idx_bytes(values: npt.NDArray[Any]) -> bytes:
    return (
        struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        + values.astype(np.uint8).tobytes()
    )


IMAGES = np.arange(5 * 3 * 2).reshape(5, 3, 2) * 8
LABELS = np.array([2, 0, 1, 1, 2])
TRAIN = Idx(train_images="images", train_labels="labels")
FOUR = Idx(train_images="images", train_labels="labels", test_images="t-images", test_labels="t-labels")


@pytest.fixture
def digits_folder(tmp_path: Path) -> Path:
    """Four IDX files: five training images of 3 x 2 pixels, and the last three of them as test images."""
    for name, values in (
        ("images", IMAGES),
        ("labels", LABELS),
        ("t-images", IMAGES[2:]),
        ("t-labels", LABELS[2:]),
    ):
        (tmp_path / name).write_bytes(idx_bytes(values))
    return tmp_path


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
            "t-labels: must have one label for each of the 5 images of images, got 3",
        ),
        (
            Idx(train_images="labels", train_labels="labels"),
            "labels: must hold images, unsigned bytes (type 8) in 3 dimensions, got type 8 in 1",
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


GOOD_IDX = idx_bytes(IMAGES)


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
        (gzip.compress(GOOD_IDX)[:-9], "images: is cut short"),
        (gzip.compress(GOOD_IDX[:-1]), "images: is cut short: 30 bytes of numbers announced, 29 there"),
        (gzip.compress(GOOD_IDX + b"x"), "images: goes on after the 30 bytes of numbers"),
        (gzip.compress(GOOD_IDX)[:-8] + bytes(8), "images: cannot be read (CRC check failed"),
        (gzip.compress(GOOD_IDX)[:10] + b"\xff" * 20, "images: is damaged"),
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


# NPZ

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])
NPZ = Npz("data.npz")


def npy_bytes(descr: str, shape: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + data


def save_members(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def test_class_numbers_of_an_npz_become_one_hot(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y, x_test=X[:2], y_test=Y[1:3])
    data = NPZ.load()
    np.testing.assert_array_equal(data.x_train, X)
    np.testing.assert_array_equal(data.y_train, np.eye(3)[Y])
    np.testing.assert_array_equal(data.x_test, X[:2])
    np.testing.assert_array_equal(data.y_test, np.eye(3)[Y[1:3]])
    assert data.class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    "numbers", [[0, 1, 1, 0, 0, 1], [-1, 1, 1, -1, -1, 1], [3.0, 7.0, 7.0, 3.0, 3.0, 7.0]]
)
def test_two_class_numbers_of_an_npz_become_one_column(tmp_path: Path, numbers: list[float]) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=np.array(numbers))
    data = NPZ.load()
    assert data.y_train.tolist() == [[0], [1], [1], [0], [0], [1]]
    assert data.class_names == tuple(str(int(number)) for number in sorted(set(numbers)))


def test_a_class_of_the_test_samples_alone_is_a_class(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y, x_test=X, y_test=Y + 1)
    data = NPZ.load()
    assert data.y_test is not None
    assert data.y_train.shape == data.y_test.shape == (6, 4)


def test_targets_of_an_npz_stay_as_they_are(tmp_path: Path) -> None:
    targets = np.linspace(-3, 3, 12).reshape(6, 2)
    np.savez(tmp_path / "data.npz", x_train=X, y_train=targets)
    data = NPZ.load()
    np.testing.assert_array_equal(data.y_train, targets)
    assert (data.x_test, data.class_names, data.image_shape) == (None, (), None)


def test_images_of_an_npz_become_rows_of_pixels(tmp_path: Path) -> None:
    source: Any = load_digits()
    np.savez(tmp_path / "data.npz", x_train=source.images, y_train=source.target)
    data = NPZ.load()
    np.testing.assert_array_equal(data.x_train, source.data)
    assert data.image_shape == (8, 8)


@pytest.mark.parametrize("dtype", ["bool", "uint8", ">i2", "int64", "uint64", "float16", ">f4", "float64"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_numbers_of_every_type_and_order_become_float64(
    tmp_path: Path, dtype: str, order: Any, save: Callable[..., None]
) -> None:
    x = np.array([[0, 1, 1], [1, 1, 0]]).astype(dtype, order=order)
    save(tmp_path / "data.npz", x_train=x, y_train=np.array([0, 1]))
    data = NPZ.load()
    assert data.x_train.dtype == np.float64
    assert data.x_train.tolist() == [[0, 1, 1], [1, 1, 0]]


class Trap:
    """Unpickling this makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


def test_an_object_array_is_refused_and_never_unpickled(tmp_path: Path) -> None:
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    np.savez(tmp_path / "data.npz", x_train=trap, y_train=Y)
    sentence = refusal(NPZ, tmp_path)
    assert sentence.startswith(
        "data.npz: array x_train must hold numbers of at most 64 bits, got Python objects"
    )
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x_train": X}, "data.npz: has no array y_train; it holds: 'x_train'"),
        ({"a": X, "b": X}, "data.npz: has no array x_train; it holds: 'a', 'b'"),
        ({}, "data.npz: has no array x_train; it holds: nothing"),
        ({"x_train": X, "y_train": Y, "x_test": X}, "data.npz: has an array x_test alone: x_test and y_test"),
        ({"x_train": X, "y_train": Y, "y_test": Y}, "data.npz: has an array y_test alone: x_test and y_test"),
        (
            {"x_train": X, "y_train": Y[:5]},
            "data.npz: array y_train must have one row for each of the 6 samples",
        ),
        ({"x_train": X[0], "y_train": Y}, "data.npz: array x_train must be samples (n, inputs) or images"),
        (
            {"x_train": np.ones((2, 2, 2, 2)), "y_train": Y[:2]},
            "data.npz: array x_train must be samples (n, inputs)",
        ),
        (
            {"x_train": X[:0], "y_train": Y[:0]},
            "data.npz: array x_train must have from 1 to 67,108,864 numbers",
        ),
        (
            {"x_train": np.float64(1), "y_train": Y},
            "data.npz: array x_train must have from 1 to 67,108,864 numbers",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :1], "y_test": Y},
            "data.npz: array x_test must have samples like those of x_train (6, 2), got shape (6, 1)",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X, "y_test": X},
            "data.npz: array y_test must have targets like those of y_train (6,), got shape (6, 2)",
        ),
        (
            {"x_train": X, "y_train": X, "x_test": X, "y_test": X[:, :1]},
            "data.npz: array y_test must have targets like those of y_train (6, 2), got shape (6, 1)",
        ),
        (
            {"x_train": X, "y_train": X[:, :, None]},
            "data.npz: array y_train must be targets (n, outputs) or class",
        ),
        (
            {"x_train": X, "y_train": Y / 2},
            "data.npz: array y_train must be whole class numbers, or have shape",
        ),
        (
            {"x_train": X, "y_train": Y * 1e300},
            "data.npz: array y_train must be whole class numbers, or have shape",
        ),
        ({"x_train": X, "y_train": Y * 0}, "data.npz: has samples of one class only"),
        (
            {"x_train": np.ones((1001, 1)), "y_train": np.arange(1001)},
            "data.npz: has 1,001 different classes, at most 1,000 are possible",
        ),
        (
            {"x_train": np.ones((100_000, 1)), "y_train": np.arange(100_000) % 1000},
            "data.npz: is too large: 100,000 samples of 1,000 classes",
        ),
        (
            {"x_train": X.astype(str), "y_train": Y},
            "data.npz: array x_train must hold numbers of at most 64 bits, got text",
        ),
        (
            {"x_train": X, "y_train": X.astype(bytes)},
            "data.npz: array y_train must hold numbers of at most 64 bits, got text",
        ),
        (
            {"x_train": X * 1j, "y_train": Y},
            "data.npz: array x_train must hold numbers of at most 64 bits, got complex",
        ),
        (
            {"x_train": X.astype("m8[s]"), "y_train": Y},
            "data.npz: array x_train must hold numbers of at most 64 bits, got values of type timedelta64[s]",
        ),
        (
            {"x_train": np.zeros(6, [("a", "f8"), ("b", "f8")]), "y_train": Y},
            "data.npz: array x_train must hold numbers of at most 64 bits, got values of type",
        ),
        (
            {"x_train": np.where(X == 5, np.nan, X), "y_train": Y},
            "data.npz: array x_train must hold finite numbers, got nan at [2, 1]",
        ),
        (
            {"x_train": X, "y_train": np.where(X == 0, -np.inf, X)},
            "data.npz: array y_train must hold finite numbers, got -inf at [0, 0]",
        ),
    ],
)
def test_arrays_that_are_no_data_are_refused(tmp_path: Path, arrays: dict[str, Any], sentence: str) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    assert refusal(NPZ, tmp_path).startswith(sentence)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (b"", "array x_train has a header that makes no sense"),
        (b"not an array at all", "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(6, 2)")[:20], "array x_train has a header that makes no sense"),
        (npy_bytes("'no such type'", "(6, 2)"), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(6, 'two')"), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "__import__('os').getcwd()"), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(" * 300 + ")" * 300), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(6, 2)" + " " * 2000), "array x_train has a header that makes no sense"),
        (npy_bytes(r"'\d'", "(6, 2)"), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(6, 2", b""), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(6, 2)", version=b"\x02\x00"), "array x_train is in a version of the format"),
        (npy_bytes("'<f8'", "(6, 2)", bytes(95)), "is cut short: 96 bytes of numbers announced, 95 there"),
        (npy_bytes("'<f8'", "(6, 2)", bytes(97)), "goes on after the 96 bytes of numbers that it announces"),
        (npy_bytes("'<f8'", "(-6, -2)", bytes(96)), "array x_train must have from 1 to 67,108,864 numbers"),
        (npy_bytes("'<f8'", "(10**9, 2)"), "array x_train has a header that makes no sense"),
        (
            npy_bytes("'<f8'", "(1000000000, 2)"),
            "array x_train must have from 1 to 67,108,864 numbers, got shape",
        ),
        (
            npy_bytes("'<f8'", f"({10**300}, 2)"),
            "array x_train must have from 1 to 67,108,864 numbers, got shape",
        ),
        (npy_bytes("'<f8'", "(60000, 784)"), "is cut short: 376,320,000 bytes of numbers announced, 0 there"),
        (
            npy_bytes("('<f8', (1000000,))", "(6, 2)"),
            "array x_train must hold numbers of at most 64 bits, got",
        ),
        (npy_bytes("'|O'", "(6,)"), "array x_train must hold numbers of at most 64 bits, got Python objects"),
        (npy_bytes("'<f16'", "(1, 1)", bytes(16)), "array x_train must hold numbers of at most 64 bits, got"),
    ],
)
def test_a_broken_array_of_an_npz_costs_one_sentence_and_no_memory(
    tmp_path: Path, member: bytes, sentence: str
) -> None:
    save_members(tmp_path / "data.npz", x_train=member, y_train=b"")
    assert refusal(NPZ, tmp_path).startswith(f"data.npz: {sentence}")
    assert peak_of_refusal(NPZ, tmp_path) < 8 * MEGABYTE


def test_an_npz_bomb_is_not_unpacked(tmp_path: Path) -> None:
    save_members(
        tmp_path / "data.npz", x_train=npy_bytes("'<f8'", "(6, 2)", bytes(100 * MEGABYTE)), y_train=b""
    )
    assert peak_of_refusal(NPZ, tmp_path) < 8 * MEGABYTE


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_npz_packed_by_another_program_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w", method) as archive:
        archive.writestr("x_train.npy", npy_bytes("'<f8'", "(6, 2)", X.tobytes()))
        archive.writestr("y_train.npy", b"")
    sentence = "data.npz: array x_train is packed in a way that NumPy does not use"
    assert refusal(NPZ, tmp_path) == sentence


def test_an_npz_with_a_huge_table_of_contents_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        for number in range(40_000):
            archive.writestr(zipfile.ZipInfo(f"{number}.npy"), b"")
    assert "its table of contents is too large" in refusal(NPZ, tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", b"hello, world", bytes(1000)])
def test_a_file_that_is_no_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    assert refusal(NPZ, tmp_path).startswith("data.npz: is not an NPZ file, or damaged")


def test_a_member_that_is_no_array_is_not_taken_for_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("x_train", b"")
    assert refusal(NPZ, tmp_path) == "data.npz: has no array x_train; it holds: nothing"


def test_an_npz_larger_than_any_data_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "data.npz").open("wb") as file:
        file.truncate(513 * MEGABYTE)
    assert refusal(NPZ, tmp_path) == "data.npz: is larger than the 512 MB that are read at most"


def test_an_npz_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(NPZ, tmp_path) == "data.npz: cannot be read (No such file or directory)"


# CSV

CSV = Csv("data.csv", test_share=0.0)


def write_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    (folder / "data.csv").write_bytes(text.encode(encoding))
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "a,b,y\n1,2,3\n4,5,6.5\n",
        "1,2,3\n4,5,6.5",
        "a;b;y\r\n1;2;3\r\n4;5;6.5\r\n",
        "a\tb\ty\n1\t2\t3\n\n4\t5\t6.5\n",
        '"a, first",b,y\n"1", 2 ,3\n4,5, 6.5\n',
        "\ufeffa,b,y\n1,2,3\n4e0,+5,.65e1\n",
    ],
)
def test_a_csv_is_read_with_or_without_header_and_in_all_its_dialects(tmp_path: Path, text: str) -> None:
    data = load_in(write_csv(tmp_path, text), CSV)
    assert data.x_train.tolist() == [[1, 2], [4, 5]]
    assert data.y_train.tolist() == [[3], [6.5]]
    assert (data.x_test, data.class_names) == (None, ())


@pytest.mark.parametrize("target", ["b", 1, -2])
def test_the_target_is_a_column_by_name_or_number(tmp_path: Path, target: int | str) -> None:
    data = load_in(
        write_csv(tmp_path, "a,b,c\n1,2,3\n4,5,6\n"), Csv("data.csv", target=target, test_share=0.0)
    )
    assert data.x_train.tolist() == [[1, 3], [4, 6]]
    assert data.y_train.tolist() == [[2], [5]]


def test_class_names_become_one_hot_in_their_order(tmp_path: Path) -> None:
    data = load_in(write_csv(tmp_path, "1,dog\n2,cat\n3,owl\n4,cat\n"), CSV)
    assert data.class_names == ("cat", "dog", "owl")
    assert data.y_train.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]]


def test_two_class_names_become_one_column(tmp_path: Path) -> None:
    data = load_in(write_csv(tmp_path, "x,animal\n1,dog\n2,cat\n3,cat\n"), CSV)
    assert data.class_names == ("cat", "dog")
    assert data.y_train.tolist() == [[1], [0], [0]]


def test_numbers_are_classes_where_it_is_said(tmp_path: Path) -> None:
    choice = Csv("data.csv", target_as="classes", test_share=0.0)
    data = load_in(write_csv(tmp_path, "1,10\n2,2\n3,other\n4,10\n"), choice)
    assert data.class_names == ("2", "10", "other")
    assert data.y_train.argmax(axis=1).tolist() == [1, 0, 2, 1]


@pytest.mark.parametrize(("header", "rows"), [(None, 3), (False, 3), (True, 2)])
def test_a_header_of_numbers_is_one_only_where_it_is_said(
    tmp_path: Path, header: bool | None, rows: int
) -> None:
    choice = Csv("data.csv", header=header, test_share=0.0)
    assert load_in(write_csv(tmp_path, "0,1,2\n1,2,3\n4,5,6\n"), choice).samples == rows


def test_the_test_share_is_drawn_with_the_seed_and_keeps_the_order(tmp_path: Path) -> None:
    write_csv(tmp_path, "".join(f"{number},{number % 7}\n" for number in range(100)))
    first, again, other = (Csv("data.csv", test_share=0.3, seed=seed).load() for seed in (1, 1, 2))
    assert first.x_test is not None
    assert first.y_test is not None
    train, test = first.x_train[:, 0].tolist(), first.x_test[:, 0].tolist()
    assert len(test) == 30
    assert sorted(train + test) == list(range(100))
    assert (train, test) == (sorted(train), sorted(test))
    np.testing.assert_array_equal(first.y_test, first.x_test % 7)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert (first.x_train != other.x_train).any()


def test_one_row_is_left_for_training(tmp_path: Path) -> None:
    data = load_in(write_csv(tmp_path, "1,2\n3,4\n5,6\n"), Csv("data.csv", test_share=0.99))
    assert data.x_test is not None
    assert (data.samples, len(data.x_test)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "data.csv: is empty"),
        ("\n \n", "data.csv: is empty"),
        ("a,b\n", "data.csv: has a header but no samples"),
        ("a\n1\n", "data.csv: must have at least two columns, inputs and a target, got 1"),
        ("a,b\n1,2\n3,4,5\n", "data.csv: row 3 must have 2 cells like the rows before it, got 3"),
        ("a,b\n1,2\n\n3\n", "data.csv: row 4 must have 2 cells like the rows before it, got 1"),
        ("a,b\n1,2\nx,4\n", "data.csv: row 3, column 'a' must be a number, got 'x'"),
        ("1,2\nx,4\n", "data.csv: row 2, column 0 (counted from 0) must be a number, got 'x'"),
        ("a,b\n1,2\n,4\n", "data.csv: row 3, column 'a' must be a number, got ''"),
        ("a,b\n1,2\n3,\n", "data.csv: row 3, column 'b' must be a number, got ''"),
        ("a,b\n1,2\n3,dog\n", "data.csv: row 3, column 'b' must be a number, got 'dog'"),
        ("a,b\n1,cat\n3,\n", "data.csv: row 3, column 'b' must be a class, but is empty"),
        ("a,b\nnan,2\n", "data.csv: row 2, column 'a' must be a number, got 'nan'"),
        ("a,b\n-inf,2\n", "data.csv: row 2, column 'a' must be a number, got '-inf'"),
        ("a,b\n1e999,2\n", "data.csv: row 2, column 'a' must be a number, got '1e999'"),
        ("a,b\n1_000,2\n", "data.csv: row 2, column 'a' must be a number, got '1_000'"),
        ("a;b\n1,5;2\n", "data.csv: row 2, column 'a' must be a number, got '1,5'"),
        ("a,b\n1,cat\n2,cat\n", "data.csv: has samples of one class only"),
        ('a,b\n1,2\n"3,4\n5,6\n', "data.csv: row 3 is not a row of CSV"),
        ("a,b\n" + "1" * 200_000 + ",2\n", "data.csv: row 2 is not a row of CSV (field larger than"),
        ("a,b\n" + "1," * 600_000 + "2\n", "data.csv: has more than 1,000,000 rows, or more than 1,048,576"),
        ("\n" * 1_000_001, "data.csv: has more than 1,000,000 rows, or more than 1,048,576"),
        ("".join(f"{n},name{n}\n" for n in range(1001)), "data.csv: has 1,001 different classes"),
    ],
)
def test_a_broken_csv_costs_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    assert refusal(CSV, write_csv(tmp_path, text)).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "target", "sentence"),
    [
        (
            "a,b\n1,2\n",
            "c",
            "data.target: must be the name of one column, got 'c'; the columns begin with 'a', 'b'",
        ),
        (
            "a,a\n1,2\n",
            "a",
            "data.target: must be the name of one column, got 'a'; the columns begin with 'a', 'a'",
        ),
        ("1,2\n3,4\n", "1", "data.target: must be a column number, because the file has no header"),
        ("1,2\n3,4\n", 2, "data.target: must be a column from 0 to 1, or -1 (the last) to -2, got 2"),
        ("1,2\n3,4\n", -3, "data.target: must be a column from 0 to 1, or -1 (the last) to -2, got -3"),
    ],
)
def test_a_target_that_is_no_column_is_refused(
    tmp_path: Path, text: str, target: int | str, sentence: str
) -> None:
    assert refusal(Csv("data.csv", target=target), write_csv(tmp_path, text)) == sentence


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_csv_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    write_csv(tmp_path, "größe,y\n1,2\n", encoding)
    assert refusal(CSV, tmp_path) == "data.csv: is not text in UTF-8"


def test_a_csv_larger_than_any_data_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "data.csv").open("wb") as file:
        file.truncate(65 * MEGABYTE)
    assert refusal(CSV, tmp_path) == "data.csv: is larger than the 64 MB that are read at most"


# Damage of every kind


def good_npz() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x_train=X, y_train=Y)
    return buffer.getvalue()


SAMPLES = [
    (NPZ, "data.npz", good_npz()),
    (TRAIN, "images", gzip.compress(GOOD_IDX)),
    (TRAIN, "images", GOOD_IDX),
    (CSV, "data.csv", b'"a",b,y\n1,2.5,cat\n3,4,"dog"\n'),
]


@pytest.mark.parametrize(("choice", "name", "content"), SAMPLES)
def test_a_file_cut_anywhere_loads_or_explains_itself(
    digits_folder: Path, choice: Data, name: str, content: bytes
) -> None:
    for length in range(len(content)):
        (digits_folder / name).write_bytes(content[:length])
        assert_loads_or_explains(choice, digits_folder)


@pytest.mark.parametrize("value", [0x00, 0xFF, 0x55])
@pytest.mark.parametrize(("choice", "name", "content"), SAMPLES)
def test_a_file_with_any_byte_changed_loads_or_explains_itself(
    digits_folder: Path, choice: Data, name: str, content: bytes, value: int
) -> None:
    for place in range(len(content)):
        (digits_folder / name).write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
        assert_loads_or_explains(choice, digits_folder)
