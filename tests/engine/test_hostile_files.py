"""What is no experiment: deep JSON, tables, arrays, archives, names that no file can have. Each is one sentence."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.core.errors import ExperimentError, FileError
from engine.experiments.experiment_file import parse_experiment, read_experiment
from engine.experiments.presets import FOLDER, open_target
from gui.text.error_words import sentence
from tests.builders import document, layer, refused
from tests.own_arrays import WEIGHTS, write_safetensors

CIRCLES = json.loads((FOLDER / "circles.json").read_text(encoding="utf-8"))


def refusal(text: str) -> ExperimentError:
    with pytest.raises(ExperimentError) as caught:
        parse_experiment(text)
    assert "\n" not in sentence(caught.value)
    return caught.value


@pytest.mark.parametrize("depth", [65, 500, 990, 3000, 100_000])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("complete", [True, False])
def test_json_that_is_nested_too_deep_is_refused(
    opened: str, closed: str, depth: int, *, complete: bool
) -> None:
    text = opened * depth + ("1" + closed * depth if complete else "")
    said = sentence(refusal(text))
    deep = "is nested too deep: at most 64 lists or objects may lie in each other"
    assert said == deep or (not complete and said.startswith("is not valid JSON ("))


def test_what_is_put_into_an_experiment_may_not_be_nested_too_deep_either() -> None:
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    changes = [("variants", deep), *((f"variants{'.0' * (59 * n)}", deep) for n in range(1, 30))]
    with pytest.raises(ExperimentError):
        open_target("columns", changes)
    with refused("…is not there…", ExperimentError):
        open_target("columns", [(".".join(["network"] * 3000), 1)])


@pytest.mark.parametrize("text", ['{"steps": 0,5}', '{"weight_decay": 0,5, "steps": 3}', "0,5"])
def test_a_decimal_comma_gets_a_hint(text: str) -> None:
    assert sentence(refusal(text)).endswith("; numbers have a decimal point: 0.5, not 0,5")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(CIRCLES), encoding="utf-8-sig")
    assert read_experiment(path) == parse_experiment(json.dumps(CIRCLES))


def saved_arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, x_train=np.ones((2, 2)), y_train=np.ones((2, 1)))


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")


OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "data.npz": (
        saved_arrays,
        (
            "is an NPZ file of arrays, not an experiment; an experiment file takes its samples from the arrays "
            'x_train and y_train with "data": {"kind": "npz", "path": "data.npz"}'
        ),
    ),
    "weights.json": (saved_arrays, "is an NPZ file of arrays, not an experiment"),
    "iris.csv": (
        lambda path: path.write_text("a,b,kind\n1,2,x\n"),
        (
            'is a table (CSV), not an experiment; an experiment file takes its rows with "data": '
            '{"kind": "csv", "path": "iris.csv", "target": -1}, where target is the column'
        ),
    ),
    "one.csv": (lambda path: path.write_text("a,b\n"), "is a table (CSV), not an experiment"),
    "iris.txt": (lambda path: path.write_bytes(b"\xef\xbb\xbf1;2\r\n3;4\r\n"), "is a table (CSV)"),
    "tabs": (lambda path: path.write_text("1\t2\n3\t4\n"), "is a table (CSV)"),
    "x.npy": (lambda path: np.save(path, np.ones(3)), "is a single NumPy array, not an experiment"),
    "labels.gz": (lambda path: path.write_bytes(gzip.compress(b"x")), "is an IDX file as MNIST has"),
    "images": (lambda path: path.write_bytes(b"\0\0\x08\x03"), "is an IDX file as MNIST has"),
    "model.pt": (
        lambda path: path.write_bytes((WEIGHTS / "2-3-3-1.pt").read_bytes()),
        "is a file of PyTorch, not an experiment; --start FILE lets any experiment start from its weights",
    ),
    "model.safetensors": (
        lambda path: write_safetensors(path, {"w": np.eye(2)}),
        "is a safetensors file, not an experiment; --start FILE lets any experiment start from its weights",
    ),
    "iris.xlsx": (zipped, "is a spreadsheet or an archive, not an experiment"),
    "notes.txt": (lambda path: path.write_text("hello,\nworld"), "is not valid JSON"),
    "latin.json": (lambda path: path.write_bytes(b'{"name": "\xe9"}'), "is not text in UTF-8"),
    "half.json": (lambda path: path.write_text('{"a": 1,\n"b": 2,\n'), "is not valid JSON"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_something_else_is_said_to_be_that(name: str, tmp_path: Path) -> None:
    write, said = OTHERS[name]
    write(tmp_path / name)
    with refused(f"{tmp_path / name}: {said}…", FileError):
        read_experiment(tmp_path / name)


def test_how_a_csv_file_is_said_to_be_used_is_right(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("a,b,kind\n1,2,x\n3,4,y\n")
    with pytest.raises(FileError) as caught:
        read_experiment(tmp_path / "iris.csv")
    data = json.loads(str(caught.value.values["data"]))
    (tmp_path / "mine.json").write_text(json.dumps({**document(layer(2), layer(1)), "data": data}))
    assert read_experiment(tmp_path / "mine.json").data.load().class_names == ("x", "y")


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_one_sentence(name: str) -> None:
    with pytest.raises(FileError) as caught:
        open_target(name)
    assert "\n" not in sentence(caught.value)
