"""NPZ files that others made: what they may hold, and that a broken one costs one sentence and no memory."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.engine.data_files import MEGABYTE, NPZ, X, Y, peak_of_refusal, refusal


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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
            "data.npz: array y_train must have 6 rows, one for each sample",
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
        (npy_bytes("'<f8'", "(-6, -2)", bytes(96)), "array x_train has a header that makes no sense"),
        (npy_bytes("'<f8'", "(True, 2)", bytes(16)), "array x_train has a header that makes no sense"),
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


def test_an_npz_whose_contents_point_to_a_place_before_it_is_damaged(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x_train=X, y_train=Y)
    content = bytearray((tmp_path / "data.npz").read_bytes())
    [start] = struct.unpack("<I", content[-6:-2])
    content[-6:-2] = struct.pack("<I", start + 100)
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
