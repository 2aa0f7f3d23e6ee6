"""Which class a sample belongs to and which one a network takes it for: one output tells two classes apart."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Bools, Floats

Classes: TypeAlias = npt.NDArray[np.intp]
"""Classes of samples (samples,), or how many of each class (rows) are taken for each class (columns)."""


def are_classes(y: Floats) -> bool:
    """Return whether targets y (samples, outputs) are classes: 0 and 1 of one output, or one 1 among several.

    In place of 0 all others may be -1.
    """
    if not (np.isin(y, (0.0, 1.0)).all() or np.isin(y, (-1.0, 1.0)).all()):
        return False
    if y.shape[1] == 1:
        return bool(y.min() < y.max())
    return bool(((y == 1.0).sum(axis=1) == 1).all())


def class_count(outputs: int) -> int:
    """Return how many classes a number of outputs tells apart."""
    return 2 if outputs == 1 else outputs


def class_numbers(values: Floats, threshold: float = 0.5) -> Classes:
    """Return the class (samples,) of outputs or targets (samples, outputs); one output is above a threshold or not."""
    if values.shape[1] == 1:
        return (values[:, 0] > threshold).astype(np.intp)
    return values.argmax(axis=1)


def balanced_weights(y: Floats) -> Floats:
    """Return what a sample of each class weighs (classes,) so that all classes of targets y weigh the same together.

    That is n / (classes · samples of the class), as scikit-learn has it; a class without samples weighs 1.
    """
    counts = np.bincount(class_numbers(y), minlength=class_count(y.shape[1]))
    found = np.count_nonzero(counts)
    return np.where(counts > 0, len(y) / (found * np.maximum(counts, 1)), 1.0)


def hits(a: Floats, y: Floats, threshold: float = 0.5) -> Bools:
    """Return which samples (samples,) are taken for their class; where the network gives NaN, for none."""
    return (class_numbers(a, threshold) == class_numbers(y)) & ~np.isnan(a).any(axis=1)


def confusion(a: Floats, truth: Classes, threshold: float = 0.5) -> Classes:
    """Return (classes, classes) how often samples of a class `truth` (samples,) are taken for each class (column).

    Samples for which the network gives NaN are taken for none.
    """
    count = class_count(a.shape[1])
    pairs = truth * count + class_numbers(a, threshold)
    undefined = np.isnan(a).any(axis=1)
    if undefined.any():
        pairs = pairs[~undefined]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)
