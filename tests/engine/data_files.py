"""Data files for tests: good ones of every kind, and what loading a bad one says and costs."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.datasets import Data, Dataset
from engine.datasets.files import Csv, Npz
from engine.datasets.images import Idx
from gui.text.error_words import sentence


def load_in(folder: Path, choice: Data) -> Dataset:
    """Load data whose file names are relative to a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return choice.load()
    finally:
        os.chdir(before)


MEGABYTE = 2**20


def refusal(choice: Data, folder: Path) -> str:
    """Return the sentence of the error that loading raises, without the folder's name."""
    with pytest.raises(InitscopeError) as caught:
        load_in(folder, choice)
    line = sentence(caught.value)
    assert "\n" not in line
    return line.replace(f"{folder}{os.sep}", "")


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


def idx_bytes(values: npt.NDArray[Any]) -> bytes:
    return (
        struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        + values.astype(np.uint8).tobytes()
    )


IMAGES = np.arange(5 * 3 * 2).reshape(5, 3, 2) * 8
LABELS = np.array([2, 0, 1, 1, 2])
TRAIN = Idx(train_images="images", train_labels="labels")
FOUR = Idx(train_images="images", train_labels="labels", test_images="t-images", test_labels="t-labels")
GOOD_IDX = idx_bytes(IMAGES)
X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])
NPZ = Npz("data.npz")
CSV = Csv("data.csv", test_share=0.0)
