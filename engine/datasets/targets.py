"""Classes as target columns: one column of 0 and 1 for two classes, one-hot columns for more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.errors import FileError
from engine.core.problems import Problem
from engine.formats.bounded_reading import MAX_VALUES, parse_number

MAX_CLASSES = 1000
Columns: TypeAlias = npt.NDArray[np.float64]


def class_columns(numbers: npt.NDArray[np.integer[Any]], classes: int, *, one_hot: bool = False) -> Columns:
    """Return the targets of samples (n,) whose classes are numbers from 0 to `classes` - 1.

    (n, 1) with 0 and 1 for two classes, otherwise, or if it shall be `one_hot`, (n, classes) with 1 in the column
    of the class.
    """
    if classes == 2 and not one_hot:
        return numbers.astype(np.float64)[:, np.newaxis]
    columns = np.zeros((len(numbers), classes))
    columns[np.arange(len(numbers)), numbers] = 1.0
    return columns


def encode_numbers(
    path: Path, parts: Sequence[npt.NDArray[np.integer[Any]]], *, one_hot: bool = False
) -> tuple[list[Columns], tuple[str, ...]]:
    """Return the targets of each part (training, test) and the names of the classes of all parts together.

    Class numbers need not start at 0 nor be without gaps: the k-th smallest number is class k.
    """
    classes = np.unique(np.concatenate(parts))
    _check_classes(path, len(classes), sum(map(len, parts)))
    places = [np.searchsorted(classes, part) for part in parts]
    columns = [class_columns(place, len(classes), one_hot=one_hot) for place in places]
    return columns, tuple(str(number) for number in classes.tolist())


def encode_names(
    path: Path, labels: Sequence[str], *, one_hot: bool = False
) -> tuple[Columns, tuple[str, ...]]:
    """Return the targets of samples with class names, and the names in the order of the classes.

    Names that are numbers come first and in their order, so that 2 stands before 10; then the others.
    """
    names = sorted(set(labels), key=class_rank)
    _check_classes(path, len(names), len(labels))
    position = {name: number for number, name in enumerate(names)}
    # a NumPy array of text would give every label the room of the longest one
    numbers = np.array([position[label] for label in labels])
    return class_columns(numbers, len(names), one_hot=one_hot), tuple(names)


def class_rank(name: str) -> tuple[bool, float, str]:
    """Return what sorts the names of classes."""
    number = parse_number(name)
    return number is None, number or 0.0, name


def _check_classes(path: Path, classes: int, samples: int) -> None:
    if classes < 2:
        raise FileError(path, Problem.ONE_CLASS)
    if classes > MAX_CLASSES:
        raise FileError(path, Problem.TOO_MANY_CLASSES, classes=classes, most=MAX_CLASSES)
    if classes * samples > MAX_VALUES:
        raise FileError(path, Problem.TOO_MANY_TARGETS, samples=samples, classes=classes)
