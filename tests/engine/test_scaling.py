"""`standardize` and `scale` of data: what scikit-learn makes of the training samples, and the same for test samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from engine.datasets import AnyData, Data
from engine.datasets.drawn import Moons
from engine.datasets.files import Csv, NamedArrays, Npz
from engine.datasets.images import Digits, Mnist
from engine.datasets.tables import Table
from engine.experiments.experiment_file import parse_experiment
from tests.builders import by_kind, document, layer

from .data_files import GOOD_IDX, LABELS, TRAIN, idx_bytes, load_in

MIXED = np.column_stack(
    [
        np.random.default_rng(5).normal(1e3, 1.0, 50),
        np.random.default_rng(6).normal(0, 3e-200, 50),
        np.full(50, 0.1),
        np.arange(50.0),
    ]
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    np.savez(tmp_path / "a.npz", x_train=MIXED, y_train=MIXED[:, :2], x_test=MIXED[:9], y_test=MIXED[:9, :2])
    lines = [",".join(map(repr, row)) for row in MIXED.tolist()]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    (tmp_path / "images").write_bytes(GOOD_IDX)
    (tmp_path / "labels").write_bytes(idx_bytes(LABELS))
    return tmp_path


EVERY_SORT: list[Data] = [
    Table(x=MIXED[:5, 2:].tolist(), y=MIXED[:5, :1].tolist()),
    Moons(test=30),
    Mnist(train=30, test=10),
    Digits(train=50, test=10),
    TRAIN,
    Npz("a.npz"),
    Csv("a.csv", test_share=0.3),
    NamedArrays(
        path="a.npz", inputs="x_train", test_inputs="x_test", targets="y_train", test_targets="y_test"
    ),
]


def scaled(choice: Data, **fields: Any) -> Data:
    return msgspec.structs.replace(choice, **fields)


def assert_scaled_as(scaler: Any, train: Any, test: Any, found: tuple[Any, Any]) -> None:
    np.testing.assert_allclose(found[0], scaler.fit_transform(train), rtol=1e-9, atol=1e-9)
    if test is not None:
        np.testing.assert_allclose(found[1], scaler.transform(test), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("choice", EVERY_SORT, ids=lambda choice: choice.label)
def test_data_are_scaled_as_scikit_learn_scales_them(choice: Data, files: Path) -> None:
    plain = load_in(files, choice)
    both = load_in(files, scaled(choice, standardize="both"))
    unit = load_in(files, scaled(choice, scale="unit"))
    usual = np.abs(plain.x_train).max(axis=0) > 1e-100  # scikit-learn takes the squares of others for 0
    x_test = None if plain.x_test is None else plain.x_test[:, usual]
    tests = [None if data.x_test is None else data.x_test[:, usual] for data in (both, unit)]
    assert_scaled_as(StandardScaler(), plain.x_train[:, usual], x_test, (both.x_train[:, usual], tests[0]))
    assert_scaled_as(MinMaxScaler(), plain.x_train[:, usual], x_test, (unit.x_train[:, usual], tests[1]))
    assert (unit.y_train == plain.y_train).all()
    assert (unit.image_shape, unit.class_names) == (plain.image_shape, plain.class_names)
    assert not both.class_names, "targets are numbers now"
    assert not both.x_train.flags.writeable


@pytest.mark.parametrize("what", ["inputs", "targets", "both"])
def test_only_what_is_named_is_standardized(what: str) -> None:
    plain, found = Moons().load(), Moons(standardize=what).load()  # type: ignore[arg-type]
    assert (found.x_train == plain.x_train).all() == (what == "targets")
    assert (found.y_train == plain.y_train).all() == (what == "inputs")
    changed = found.y_train if what == "targets" else found.x_train
    np.testing.assert_allclose([changed.mean(axis=0), changed.std(axis=0) - 1], 0, atol=1e-12)


def test_constant_columns_are_exactly_0_and_the_largest_and_smallest_numbers_do_no_harm() -> None:
    x = [[0.1, 1.7e308, 5e-324, -1.7e308], [0.1, -1.7e308, 0.0, -1.7e308], [0.1, 0.0, 5e-324, -1.7e308]]
    table = Table(x=x, y=[[0.0], [1.0], [1.0]])
    for choice in (scaled(table, standardize="inputs"), scaled(table, scale="unit")):
        found = choice.load().x_train
        assert not found[:, [0, 3]].any()
        assert np.isfinite(found).all()
        assert np.ptp(found[:, 1:3], axis=0).min() >= 1
    assert scaled(table, scale="unit").load().x_train[:, 2].tolist() == [1, 0, 1]


def test_data_without_either_field_are_the_same_bits(files: Path) -> None:
    for choice in EVERY_SORT:
        as_it_is = load_in(files, Unscaled(choice))  # type: ignore[arg-type]
        assert load_in(files, choice).x_train.tobytes() == as_it_is.x_train.tobytes()


class Unscaled:
    """Loads a choice without the step that scales."""

    def __init__(self, choice: Data) -> None:
        self.load = choice.unscaled


def test_no_kind_of_data_goes_round_the_scaling() -> None:
    assert all("load" not in vars(kind) for kind in by_kind(AnyData).values())


def test_standardized_targets_are_numbers_and_no_shares() -> None:
    data = {"kind": "moons", "standardize": "both"}
    squared = document(layer(3), layer(1, "identity"), data=data, loss={"kind": "squared-error"})
    numbers, shares = (
        parse_experiment(msgspec.json.encode(one)) for one in (squared, document(layer(1), data=data))
    )
    numbers.check_data(numbers.data.load())
    y = shares.data.load().y_train
    assert shares.loss.mismatch(shares.output_layer.activation, y) is not None
