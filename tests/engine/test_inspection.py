"""What the import shows of a file before anything is made of it."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.archives.any_arrays import read_headers
from engine.core.cancellation import cancellable
from engine.importing.inspection import inspect_file
from engine.importing.sample_arrays import Roles
from engine.importing.table_columns import MAX_COLUMNS, table_in
from tests.builders import refused
from tests.own_arrays import WEIGHTS

from .data_files import GOOD_IDX, LABELS, X, Y, idx_bytes


def test_a_table_shows_its_columns_its_first_rows_and_its_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("height,width,kind\n" + "".join(f"{n},{n / 4},{'ab'[n % 2]}\n" for n in range(50)))
    found = inspect_file(path)
    assert (found.holds, found.widths) == ("data", None)
    table = found.table
    assert table is not None
    assert ([column.name for column in table.columns], table.target) == (["height", "width", "kind"], 2)
    assert (table.rows, table.columns[0].as_targets.most) == (50, 49)
    assert table.columns[2].as_targets.names == ("a", "b")
    assert (len(table.preview), table.preview[1]) == (6, ("1", "0.25", "b"))


@pytest.mark.parametrize(
    ("text", "target", "form"),
    [
        ("1,rose,3\n2,lily,5\n", 1, "classes"),
        ("label,x,y1\n0,1,2.5\n1,2,3\n", 0, "classes"),
        ("1,2,3\n2,5,4\n7,8,9\n", 2, "numbers"),
        ("1,2,0.5\n2,5,0.25\n", 2, "numbers"),
        ("1;-1\n2;1\n3;1\n", 1, "classes"),
        ("".join(f"{n},{n % 3}\n" for n in range(15)), 1, "classes"),
    ],
)
def test_the_column_of_targets_is_found_and_what_it_is_taken_for(
    tmp_path: Path, text: str, target: int, form: str
) -> None:
    (tmp_path / "a.csv").write_text(text)
    table = table_in(tmp_path / "a.csv")
    assert table.target == target
    assert table.columns[target].as_targets.usual_form(table.rows) == form


def test_many_different_values_and_many_columns_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("".join(f"{n},{n % 7}\n" for n in range(3000)))
    numbers, few = table_in(tmp_path / "a.csv").columns
    assert (numbers.as_targets.different, numbers.as_targets.can_be_classes) == (None, False)
    assert (few.as_targets.different, few.as_targets.names) == (7, tuple("0123456"))
    (tmp_path / "wide.csv").write_text(",".join(["1"] * 5000) + "\n" + ",".join(["2"] * 4999) + ",9")
    wide = table_in(tmp_path / "wide.csv")
    assert (len(wide.columns), wide.places[-1], wide.width) == (MAX_COLUMNS, 4999, 5000)
    assert wide.columns[-1].as_targets.most == 9


def test_how_much_of_a_large_table_was_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1.25,2.5,3.75\n" * 20_000)
    shares: list[float] = []
    with cancellable(lambda: False, shares.append):
        table_in(tmp_path / "a.csv")
    assert shares == sorted(shares)
    assert shares[0] < 0.1 < 0.9 < shares[-1] <= 1


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
    assert (found.holds, found.roles) == ("data", Roles("array"))
    assert found.arrays[0].last_column is not None
    assert found.arrays[0].last_column.names == ("0", "1", "2")


def test_arrays_of_samples_are_told_from_their_names_and_what_cannot_be_read_is_listed(
    tmp_path: Path,
) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=Y * 0.5, names=np.array(["a", "b"]), odd=np.array([np.nan]))
    found = inspect_file(tmp_path / "a.npz")
    assert (found.holds, found.roles) == ("data", Roles("x", "y"))
    inputs, _, names, odd = found.arrays
    assert (inputs.dtype, inputs.least, inputs.most, inputs.preview[0]) == ("float64", 0, 11, ("0", "1"))
    assert (names.shape, names.least, names.preview, odd.most) == ((2,), None, (), None)


@pytest.mark.parametrize("opened", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
def test_images_and_labels_of_idx_files_find_each_other(tmp_path: Path, opened: str) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(GOOD_IDX)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS))
    images, labels = inspect_file(tmp_path / opened).arrays
    assert (images.shape, labels.shape, images.dtype, images.least) == ((5, 3, 2), (5,), "uint8", 0)


def test_what_is_zipped_and_no_idx_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"1,2\n3,4\n"))
    with refused("…a.csv.gz: is not an IDX file of images"):
        inspect_file(tmp_path / "a.csv.gz")


def test_many_arrays_are_listed_and_only_the_first_looked_at(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **{f"W{n}": np.eye(2) for n in range(70)})  # type: ignore[arg-type]
    found = inspect_file(tmp_path / "a.npz")
    assert (found.widths, found.holds) == ((2,) * 71, "weights")
    assert (len(found.arrays), found.arrays[-1].least) == (70, None)


def test_what_is_no_table_and_no_arrays_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\0\1\2")
    with refused("…a: is not a file of arrays that can be read …"):
        inspect_file(tmp_path / "a")
    (tmp_path / "latin.csv").write_bytes("höhe,art\n1,2\n".encode("latin-1"))
    with refused("…latin.csv: is not text in UTF-8"):
        inspect_file(tmp_path / "latin.csv")


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_weights_of_keras_are_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    hdf5 = b"\x89HDF\r\n\x1a\n" + bytes(99)
    if name.endswith(".h5"):
        (tmp_path / name).write_bytes(hdf5)
    else:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("config.json", "{}")
            archive.writestr("model.weights.h5", hdf5)
    for look in (inspect_file, read_headers):
        with refused(
            f"…{name}: is … Keras…which is not read; np.savez(file, *model.get_weights()) writes one …"
        ):
            look(tmp_path / name)
