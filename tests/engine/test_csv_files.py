"""CSV files that others made: what they may hold, and that a broken one costs one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.datasets.files import Csv
from tests.engine.data_files import CSV, MEGABYTE, load_in, refusal


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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
        ("1,cat\n3,\n", "data.csv: row 2, column 1 (counted from 0) must be a class, but is empty"),
        ("a,b\nnan,2\n", "data.csv: row 2, column 'a' must be a number, got 'nan'"),
        ("a,b\n-inf,2\n", "data.csv: row 2, column 'a' must be a number, got '-inf'"),
        ("a,b\n1e999,2\n", "data.csv: row 2, column 'a' must be a number, got '1e999'"),
        ("a,b\n1_000,2\n", "data.csv: row 2, column 'a' must be a number, got '1_000'"),
        ("a;b\n1,5;2\n", "data.csv: row 2, column 'a' must be a number, got '1,5'"),
        ("a,b\n1,cat\n2,cat\n", "data.csv: has samples of one class only"),
        ('a,b\n1,2\n"3,4\n5,6\n', "data.csv: row 3 is not a row of CSV"),
        (
            "a;b\n0,5;1\n",
            "data.csv: row 2, column 'a' must be a number, got '0,5'; numbers have a decimal point",
        ),
        ("1;0,5;1\n", "data.csv: row 1, column 1 (counted from 0) must be a number, got '0,5'; numbers have"),
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
