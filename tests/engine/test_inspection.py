"""What the import shows of a file before anything is made of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.importing.inspection import inspect_file
from engine.importing.sample_arrays import Roles
from tests.builders import refused
from tests.own_arrays import WEIGHTS

from .data_files import GOOD_IDX, LABELS, X, Y, idx_bytes


def test_a_table_shows_its_columns_its_first_rows_and_its_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("height,width,kind\n" + "".join(f"{n},{n / 4},{'ab'[n % 2]}\n" for n in range(50)))
    found = inspect_file(path)
    [table] = found.arrays
    assert (found.holds, found.columns, found.target) == ("data", ("height", "width", "kind"), 2)
    assert (found.classes, found.widths) == (("a", "b"), None)
    assert (table.shape, table.least, table.most) == ((50, 3), 0, 49)
    assert (len(table.preview), table.preview[1]) == (6, ("1", "0.25", "b"))


def test_state_dicts_are_weights_with_the_architecture_that_pytorch_means() -> None:
    found = inspect_file(WEIGHTS / "2-3-3-1.pt")
    assert (found.holds, found.widths) == ("weights", (2, 3, 3, 1))
    assert found.network is not None
    assert [layer.transposed for layer in found.network.layers] == [True] * 3
    assert [array.shape for array in found.arrays[:2]] == [(3, 2), (3,)]


def test_our_own_weights_are_weights_and_a_table_without_a_name_is_data(tmp_path: Path) -> None:
    assert inspect_file(WEIGHTS / "2-3-3-1.npz").widths == (2, 3, 3, 1)
    np.save(tmp_path / "a.npy", np.column_stack([X, Y]))
    found = inspect_file(tmp_path / "a.npy")
    assert (found.holds, found.roles, found.classes) == ("data", Roles("array"), ("0", "1", "2"))


def test_arrays_of_samples_are_told_from_their_names_and_what_cannot_be_read_is_listed(
    tmp_path: Path,
) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=Y * 0.5, names=np.array(["a", "b"]), odd=np.array([np.nan]))
    found = inspect_file(tmp_path / "a.npz")
    assert (found.holds, found.roles, found.classes) == ("data", Roles("x", "y"), ())
    inputs, _, names, odd = found.arrays
    assert (inputs.dtype, inputs.least, inputs.most, inputs.preview[0]) == ("float64", 0, 11, ("0", "1"))
    assert (names.shape, names.least, names.preview, odd.most) == ((2,), None, (), None)


@pytest.mark.parametrize(("data", "shape"), [(GOOD_IDX, (5, 3, 2)), (idx_bytes(LABELS), (5,))])
def test_images_and_labels_of_idx_files_are_data(tmp_path: Path, data: bytes, shape: tuple[int, ...]) -> None:
    (tmp_path / "a").write_bytes(data)
    [array] = inspect_file(tmp_path / "a").arrays
    assert (array.shape, array.dtype, array.least) == (shape, "uint8", 0)


def test_many_arrays_are_listed_and_only_the_first_looked_at(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **{f"W{n}": np.eye(2) for n in range(70)})  # type: ignore[arg-type]
    found = inspect_file(tmp_path / "a.npz")
    assert (found.widths, found.holds) == ((2,) * 71, "weights")
    assert (len(found.arrays), found.arrays[-1].least) == (70, None)


def test_what_is_no_table_and_no_arrays_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\0\1\2")
    with refused("…a: is not text in UTF-8"):
        inspect_file(tmp_path / "a")
