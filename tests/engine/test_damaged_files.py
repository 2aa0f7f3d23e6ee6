"""Files of every kind, cut anywhere or changed in any byte: they load, or explain themselves."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import Data
from tests.engine.data_files import (
    CSV,
    GOOD_IDX,
    NPZ,
    TRAIN,
    X,
    Y,
    assert_loads_or_explains,
)


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def good_npz() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x_train=X, y_train=Y)
    return buffer.getvalue()


SAMPLES = [
    (NPZ, "data.npz", good_npz()),
    (TRAIN, "images", gzip.compress(GOOD_IDX, mtime=0)),
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
