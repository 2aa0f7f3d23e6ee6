"""`--data FILE`: which data an experiment makes of a file, so that it suits the network."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.core.errors import FileError, InitscopeError
from engine.datasets import Dataset
from engine.experiments.experiment import Experiment
from engine.experiments.experiment_file import encode_experiment, parse_experiment, read_experiment
from engine.experiments.presets import open_target
from engine.importing.own_files import open_with_own
from tests.builders import document, layer, refused
from tests.own_arrays import WEIGHTS, write_safetensors

from .data_files import GOOD_IDX, IMAGES, LABELS, X, Y, idx_bytes

SOFTMAX = {"loss": {"kind": "cross-entropy"}}
SQUARED = {"loss": {"kind": "squared-error"}}


def opened(
    folder: Path, name: str, outputs: int = 1, changes: list[tuple[str, Any]] | None = None, **how: Any
) -> Experiment:
    """Return an experiment of `outputs` outputs on the data in a file."""
    activation = "softmax" if how.get("loss") == SOFTMAX["loss"] else "sigmoid"
    text = msgspec.json.encode(document(layer(2), layer(outputs, activation), **how))
    (folder / "mine.json").write_bytes(text)
    return open_with_own(partial(open_target, str(folder / "mine.json")), changes or [], folder / name, None)


def loaded(folder: Path, name: str, outputs: int = 1, **how: Any) -> Dataset:
    return opened(folder, name, outputs, **how).data.load()


def targets(data: Dataset) -> list[Any]:
    return data.y_train.tolist() if data.outputs > 1 else data.y_train[:, 0].tolist()


def table_of(folder: Path, *last: object, delimiter: str = ",") -> str:
    """Write a CSV file whose last column holds these values; return its name."""
    rows = [["height", "width", "what"], *([n, n / 2, value] for n, value in enumerate(last))]
    (folder / "a.csv").write_text("\n".join(delimiter.join(map(str, row)) for row in rows))
    return "a.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_two_words_in_the_last_column_are_0_and_1(tmp_path: Path, delimiter: str) -> None:
    data = loaded(tmp_path, table_of(tmp_path, "yes", "no", "yes", delimiter=delimiter))
    assert (targets(data), data.class_names) == ([1, 0, 1], ("no", "yes"))
    assert data.x_train.tolist() == [[0, 0], [1, 0.5], [2, 1]]
    assert data.x_test is None, "all rows are learned"


def test_more_words_are_a_column_each(tmp_path: Path) -> None:
    data = loaded(tmp_path, table_of(tmp_path, "b", "a", "c"), 3, **SOFTMAX)
    assert targets(data) == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_two_words_are_a_column_each_where_the_network_has_two_outputs(tmp_path: Path) -> None:
    assert targets(loaded(tmp_path, table_of(tmp_path, "b", "a"), 2, **SOFTMAX)) == [[0, 1], [1, 0]]


@pytest.mark.parametrize("numbers", [[0, 1, 1], [0.25, 0.5, 1]])
def test_numbers_stay_numbers(tmp_path: Path, numbers: list[float]) -> None:
    assert targets(loaded(tmp_path, table_of(tmp_path, *numbers))) == numbers
    assert targets(loaded(tmp_path, table_of(tmp_path, -3, 7, 12), **SQUARED)) == [-3, 7, 12]


def test_whole_numbers_are_classes_where_the_network_has_an_output_for_each(tmp_path: Path) -> None:
    name = table_of(tmp_path, 2, 1, 3)
    assert targets(loaded(tmp_path, name, 3, **SOFTMAX)) == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert targets(loaded(tmp_path, table_of(tmp_path, 0, 1), 2, **SOFTMAX)) == [[1, 0], [0, 1]]


def test_two_labels_that_are_no_shares_are_0_and_1_for_a_loss_that_needs_shares(tmp_path: Path) -> None:
    assert targets(loaded(tmp_path, table_of(tmp_path, -1, 1, -1))) == [0, 1, 0]
    assert targets(loaded(tmp_path, table_of(tmp_path, -1, 1, -1), **SQUARED)) == [-1, 1, -1]


def test_outputs_that_do_not_fit_are_said_with_both_numbers_and_what_to_do(tmp_path: Path) -> None:
    name = table_of(tmp_path, "b", "a", "c")
    with refused(
        f"{tmp_path / name}: has targets for 3 outputs, and the network ends in 1; "
        "--set network.layers.1.units=3 makes them fit",
        FileError,
    ):
        opened(tmp_path, name)
    changed = opened(tmp_path, name, changes=[("network.layers.1.units", 3), ("data.test_share", 0.4)])
    assert (changed.data.load().outputs, changed.data.load().samples) == (3, 2)


def test_another_column_can_be_the_target(tmp_path: Path) -> None:
    data = opened(
        tmp_path, table_of(tmp_path, 5, 6, 7), changes=[("data.target", "width"), ("loss", SQUARED["loss"])]
    )
    assert data.data.load().y_train[:, 0].tolist() == [0, 0.5, 1]


ARRAYS: dict[str, dict[str, Any]] = {
    "npz": {"x_train": X, "y_train": Y % 2},
    "npz of columns": {"x_train": X, "y_train": Y[:, np.newaxis] % 2},
    "other names": {"X": X, "y": Y % 2},
    "scikit-learn": {"data": X, "target": Y % 2, "target_names": np.array(["a", "b"])},
    "by shape": {"points": X, "which": Y % 2},
    "one table": {"all": np.column_stack([X, Y % 2])},
}


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=list(ARRAYS))
def test_arrays_are_found_by_their_names_or_their_shapes(tmp_path: Path, arrays: dict[str, Any]) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    data = loaded(tmp_path, "a.npz")
    assert (data.x_train == X).all()
    assert targets(data) == [0, 1, 0, 0, 1, 0]


def test_the_usual_names_give_the_usual_kind_of_data(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2])
    chosen = opened(tmp_path, "a.npz", 3, **SOFTMAX)
    assert msgspec.to_builtins(chosen.data) == {
        "kind": "npz",
        "path": str(tmp_path / "a.npz"),
        "scale": None,
        "standardize": None,
        "shuffle_labels": False,
    }


def test_test_samples_in_other_arrays_are_found_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X_train=X, Y_train=Y * 0.5, X_test=X[:2], Y_test=Y[:2] * 0.5)
    data = loaded(tmp_path, "a.npz")
    assert data.x_test is not None
    assert data.y_test is not None
    assert (data.x_test.tolist(), data.y_test.tolist()) == (X[:2].tolist(), [[0], [0.5]])


def test_npy_and_safetensors_are_data_too(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.column_stack([X, Y * 0.25]))
    write_safetensors(tmp_path / "a.safetensors", {"x": X, "y": Y * 0.25})
    for name in ("a.npy", "a.safetensors"):
        data = loaded(tmp_path, name)
        assert (data.x_train == X).all()
        assert (data.y_train[:, 0] == Y * 0.25).all()


def test_images_of_idx_files_find_their_labels(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(GOOD_IDX)
    with refused(
        "…is an IDX file of images whose labels must lie beside it, there is no train-labels-idx1-ubyte"
    ):
        opened(tmp_path, "train-images-idx3-ubyte", 3, **SOFTMAX)
    for part in ("train", "t10k"):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(GOOD_IDX)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS))
    data = loaded(tmp_path, "train-images-idx3-ubyte", 3, **SOFTMAX)
    assert (data.image_shape, data.samples, data.x_test is None) == (IMAGES.shape[1:], 5, False)


def test_pictures_of_an_array_keep_their_shape(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES[..., np.newaxis], labels=LABELS)
    data = loaded(tmp_path, "a.npz", 3, **SOFTMAX)
    assert (data.inputs, data.image_shape, data.class_names) == (6, (3, 2), ("0", "1", "2"))


def test_an_experiment_on_data_of_ones_own_is_saved_and_read_again(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=X, y=Y)
    chosen = opened(tmp_path, "a.npz", 3, **SOFTMAX)
    assert parse_experiment(encode_experiment(chosen)) == chosen
    (tmp_path / "saved.json").write_bytes(encode_experiment(chosen))
    assert read_experiment(tmp_path / "saved.json") == chosen


def test_variants_that_differed_in_their_data_only_become_one(tmp_path: Path) -> None:
    chosen = open_with_own(
        partial(open_target, "zero-gradient"), [], tmp_path / table_of(tmp_path, 0, 1), None
    )
    assert not chosen.variants
    assert chosen.data.load().inputs == 2


def test_files_that_are_no_data_are_refused_in_a_sentence(tmp_path: Path) -> None:
    np.savez(tmp_path / "three.npz", a=X, b=X, c=Y)
    for path, said in (
        (WEIGHTS / "2-3-3-1.pt", "is a file of PyTorch weights, not of samples; --start takes it as …"),
        (
            tmp_path / "three.npz",
            "does not say which arrays are inputs and targets of the same samples; it holds …",
        ),
        (tmp_path / "missing.csv", "cannot be read (No such file or directory)"),
        (tmp_path / "keras.h5", "is an HDF5 file, as Keras writes, which is not read; np.savez(…"),
        (
            tmp_path / "noise",
            "is not a file of arrays that can be read (NPZ, NPY, safetensors, PyTorch), nor …",
        ),
        (tmp_path / "a\udcff.csv", "its name is not UTF-8, so no experiment file can tell it"),
    ):
        (tmp_path / "keras.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
        (tmp_path / "noise").write_bytes(b"\xff\0\1\2")
        with refused(f"…{said}"):
            open_with_own(partial(open_target, "circles"), [], path, None)


def test_arrays_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=Y, wide=np.ones((6, 3)), short=Y[:2], half=Y * 0.5)
    named = {"kind": "arrays", "path": str(tmp_path / "a.npz"), "inputs": "x", "targets": "y"}
    for fields, said in (
        ({"targets": "short"}, "array short must have a row for each of the 6 samples of x, got 2"),
        ({"inputs": "y", "targets": None}, "array y must be a table (n, columns) whose last column is …"),
        ({"test_inputs": "x"}, "data.test_targets: is missing: test_inputs and test_targets go together"),
        (
            {"test_inputs": "wide", "test_targets": "y"},
            "array wide must have samples like the training samples (6, 2)…",
        ),
        (
            {"targets": "wide", "target_as": "classes"},
            "array wide must be targets (n, outputs) or class numbers …",
        ),
        (
            {"targets": "half", "target_as": "classes"},
            "array half must be whole class numbers, or have shape …",
        ),
        ({"targets": "none"}, "has no array none; it holds: …"),
    ):
        chosen = parse_experiment(msgspec.json.encode(document(layer(1), data=named | fields)))
        with refused(f"…{said}", InitscopeError):
            chosen.data.load()
