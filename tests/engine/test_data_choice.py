"""What the import makes of a choice: the data of an experiment, what is told of them, and what has to follow."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.core.errors import FileError
from engine.core.registry import kind_of
from engine.datasets import Dataset
from engine.experiments.changes import with_changes
from engine.experiments.experiment import Experiment
from engine.importing.data_choice import (
    DataChoice,
    document_of,
    first_choice,
    outlook,
    problem_of,
    with_usual_form,
)
from engine.importing.fitting import changes_to_learn, changes_to_start, learns
from engine.importing.inspection import FileContents, inspect_file
from engine.importing.weight_arrays import StoredNetwork
from engine.model.initializers import File
from tests.builders import experiment, layer, refused
from tests.own_arrays import WEIGHTS

from .data_files import GOOD_IDX, LABELS, X, Y, idx_bytes

START = experiment(layer(4, "tanh"), layer(1))


def loaded(contents: FileContents, choice: DataChoice) -> Dataset:
    return with_changes(START, [("data", document_of(contents, choice))]).data.load()


def fitted(data: Dataset, begun: Experiment = START) -> Experiment:
    found = with_changes(begun, changes_to_learn(begun, data))
    found.check_data(data)
    return found


def table(folder: Path, text: str) -> FileContents:
    (folder / "a.csv").write_text(text)
    return inspect_file(folder / "a.csv")


IRIS = "sepal,petal,kind\n" + "".join(f"{n},{n / 7},{'abc'[n % 3]}\n" for n in range(30))
FILES: dict[str, dict[str, Any]] = {
    "images": {"x": np.arange(24.0).reshape(6, 2, 2), "y": Y},
    "two classes": {"x": X, "y": Y % 2},
    "numbers": {"x": X, "y": Y * 1.5},
    "many outputs": {"x": X, "y": np.column_stack([Y * 0.5, Y, Y])},
    "with test": {"x_train": X, "y_train": Y, "x_test": X[:2], "y_test": Y[:2]},
    "last column": {"all": np.column_stack([X, Y * 0.25])},
}


def files(folder: Path) -> dict[str, FileContents]:
    found = {"words": table(folder, IRIS)}
    for name, arrays in FILES.items():
        np.savez(folder / f"{name}.npz", **arrays)  # type: ignore[arg-type]
        found[name] = inspect_file(folder / f"{name}.npz")
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(GOOD_IDX)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS))
    found["idx"] = inspect_file(folder / "train-images-idx3-ubyte")
    return found


@pytest.mark.parametrize("name", ["words", *FILES, "idx"])
def test_what_is_told_beforehand_is_what_comes(tmp_path: Path, name: str) -> None:
    contents = files(tmp_path)[name]
    choice = first_choice(contents)
    for chosen in (choice, replace(choice, scaling="none"), replace(choice, scaling="unit", test_share=0.5)):
        assert problem_of(contents, chosen) is None
        told, data = outlook(contents, chosen), loaded(contents, chosen)
        test = 0 if data.x_test is None else len(data.x_test)
        assert (told.train, told.test, told.inputs) == (data.samples, test, data.inputs)
        assert told.sketch.outputs == data.outputs
        told_ends, ends = fitted(told.sketch), fitted(data)
        assert (told_ends.loss, told_ends.output_layer) == (ends.loss, ends.output_layer)


def test_what_is_not_chosen_is_chosen_well(tmp_path: Path) -> None:
    found = {name: first_choice(contents) for name, contents in files(tmp_path).items()}
    classes = {name for name, choice in found.items() if choice.form == "classes"}
    assert classes == {"words", "two classes", "idx"}
    assert found["words"].scaling == found["two classes"].scaling == "standardize"
    assert found["idx"].scaling == "unit"
    assert (found["with test"].inputs, found["with test"].targets) == ("x_train", "y_train")
    assert (found["last column"].inputs, found["last column"].targets) == ("all", None)


def test_large_numbers_to_predict_are_standardized_with_the_inputs(tmp_path: Path) -> None:
    contents = table(tmp_path, "rooms,price\n" + "".join(f"{n % 5},{100.5 + 7 * n}\n" for n in range(30)))
    choice = first_choice(contents)
    data = loaded(contents, choice)
    assert (choice.form, choice.scaling) == ("numbers", "both")
    np.testing.assert_allclose(
        [data.x_train.std(), data.y_train.std(), data.y_train.mean()], [1, 1, 0], atol=1e-12
    )
    words = with_usual_form(contents, replace(choice, column=0))
    assert (words.form, words.scaling) == ("classes", "standardize")


def test_the_column_is_named_in_the_experiment_where_its_name_is_the_only_one(tmp_path: Path) -> None:
    contents = table(tmp_path, "a,b,b\n1,2,3\n2,3,4\n")
    for column, target in ((0, "a"), (1, 1), (2, 2)):
        assert document_of(contents, replace(first_choice(contents), column=column))["target"] == target


def test_words_in_another_column_are_said_with_their_row_before_anything_is_read_again(
    tmp_path: Path,
) -> None:
    contents = table(tmp_path, "a,b,c\n1,x,3\n2,y,z\n")
    problem = problem_of(contents, replace(first_choice(contents), column=2))
    with refused("…a.csv: row 2, column 'b' must be a number, got 'x'", FileError):
        raise problem or AssertionError
    np.savez(tmp_path / "a.npz", x=X, y=Y, short=Y[:2], line=Y)
    arrays = inspect_file(tmp_path / "a.npz")
    for choice, said in (
        (
            DataChoice(inputs="x", targets="short"),
            "array short must have a row for each of the 6 samples of x, got 2",
        ),
        (
            DataChoice(inputs="line"),
            "array line must be a table (n, columns) whose last column is the target, …",
        ),
    ):
        with refused(f"…{said}", FileError):
            raise problem_of(arrays, choice) or AssertionError


@pytest.mark.parametrize(
    ("targets", "activation", "loss"),
    [
        ([[0], [1], [1]], "sigmoid", "binary-cross-entropy"),
        ([[0, 1], [1, 0], [0, 1]], "softmax", "cross-entropy"),
        ([[0, 1], [1, 1], [0, 0]], "sigmoid", "binary-cross-entropy"),
        ([[0.5], [7], [-1]], "identity", "squared-error"),
    ],
)
def test_a_network_gets_the_outputs_that_targets_ask_for(targets: Any, activation: str, loss: str) -> None:
    data = Dataset(np.ones((3, 2)), np.array(targets, np.float64))
    found = fitted(data, experiment(layer(4, "tanh"), layer(7, "identity"), loss={"kind": "squared-error"}))
    assert (kind_of(found.output_layer.activation), kind_of(found.loss)) == (activation, loss)
    assert found.widths(data) == (2, 4, data.outputs)
    assert learns(found, data)


def test_what_fits_already_is_seen_and_what_cannot_be_reached_is_not(tmp_path: Path) -> None:
    zeros_and_ones = Dataset(np.ones((2, 2)), np.array([[0.0], [1.0]]))
    assert learns(START, zeros_and_ones)
    squared = experiment(layer(4), layer(1), loss={"kind": "squared-error"})
    assert learns(squared, zeros_and_ones)
    assert not learns(squared, Dataset(np.ones((2, 2)), np.array([[0.0], [3.0]])))
    assert not learns(START, Dataset(np.ones((2, 2)), np.eye(2)))


def test_starts_from_files_and_batches_that_fit_no_more_go(tmp_path: Path) -> None:
    file = {"kind": "file", "path": str(WEIGHTS / "2-3-3-1.npz"), "array": "W1"}
    begun = experiment(layer(3, weights=file), layer(1), batch={"size": 100})
    found = fitted(Dataset(np.ones((5, 9)), np.eye(5)), begun)
    assert [kind_of(one.weights) for one in found.network.layers] == [
        "glorot-normal",
        kind_of(begun.output_layer.weights),
    ]
    assert found.batch.size == 5


# Weights


def network(path: Path, *, rows_are_neurons: bool) -> StoredNetwork:
    [ways] = inspect_file(path).networks
    return next(way for way in ways if way.layers[0].transposed == rows_are_neurons)


def started(begun: Experiment, path: Path, stored: StoredNetwork) -> tuple[Experiment, Dataset]:
    found = with_changes(begun, changes_to_start(begun, begun.data.load(), path, stored))
    data = found.data.load()
    found.check_data(data)
    return found, data


def test_an_experiment_of_the_same_architecture_starts_from_a_file_and_stays_as_it_is() -> None:
    path = WEIGHTS / "2-3-3-1.pt"
    begun = experiment(layer(3, "tanh"), layer(3, "relu", dropout=0.25), layer(1))
    found, data = started(begun, path, network(path, rows_are_neurons=True))
    assert all(isinstance(one.weights, File) for one in found.network.layers)
    assert found.widths(data) == (2, 3, 3, 1)
    assert [one.dropout for one in found.network.layers] == [0, 0.25, 0]
    assert found.data == begun.data


def test_another_architecture_takes_the_place_of_the_network() -> None:
    path = WEIGHTS / "2-3-3-1.pt"
    for begun in (START, experiment(layer(1))):
        found, data = started(begun, path, network(path, rows_are_neurons=True))
        assert found.widths(data) == (2, 3, 3, 1)
        assert {kind_of(one.activation) for one in found.network.layers[:-1]} == {"tanh"}
        assert found.loss == begun.loss


@pytest.mark.parametrize(
    ("widths", "kind"), [((64, 7, 10), "digits"), ((2, 5, 3), "spirals"), ((2, 4), "spirals")]
)
def test_data_of_the_program_come_with_weights_that_fit_no_other(
    tmp_path: Path, widths: tuple[int, ...], kind: str
) -> None:
    pairs = list(pairwise(widths))
    np.savez(tmp_path / "a.npz", **{f"W{n}": np.ones(pair) for n, pair in enumerate(pairs)})  # type: ignore[arg-type]
    stored = network(tmp_path / "a.npz", rows_are_neurons=False)
    found, data = started(START, tmp_path / "a.npz", stored)
    assert (found.widths(data), kind_of(found.data)) == (widths, kind)
    assert kind_of(found.loss) == "cross-entropy"
    assert found.output_layer.biases is None, "the file has none"


def test_weights_without_data_and_matrices_that_are_no_network_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", W1=np.ones((30, 5)), W2=np.ones((5, 2)))
    np.savez(tmp_path / "b.npz", W1=np.ones((2, 5)), W2=np.ones((6, 1)))
    for name, said in (
        (
            "a.npz",
            "holds the weights of a network 30-5-2, for which there are no data here; import data with …",
        ),
        (
            "b.npz",
            "holds matrices of 2×5, 6×1, which are no network in this order: each must have as many rows …",
        ),
    ):
        with refused(f"…{said}", FileError):
            started(START, tmp_path / name, network(tmp_path / name, rows_are_neurons=False))


def test_what_is_chosen_survives_a_file(tmp_path: Path) -> None:
    for contents in files(tmp_path).values():
        document = document_of(contents, first_choice(contents))
        found = with_changes(START, [("data", document)])
        assert msgspec.to_builtins(found.data) | document == msgspec.to_builtins(found.data)
