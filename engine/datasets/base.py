"""What every kind of data has in common: its samples, and how they are brought to a common scale."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Annotated, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from engine.core.randomness import Purpose, stream
from engine.core.registry import Choice, named
from engine.datasets.dataset import Dataset

Seed: TypeAlias = Annotated[int, Meta(ge=0, lt=2**32)]
Columns: TypeAlias = npt.NDArray[np.float64]


class Data(Choice, frozen=True, kw_only=True):
    """A kind of data.

    `scale`: `unit` shifts and stretches every input so that the training samples go from 0 to 1. `standardize` then
    gives every input, every target or both the mean 0 and the deviation 1 over the training samples. Test samples are
    changed in the same way; a column that is constant in training is only shifted to 0. `shuffle_labels` deals the
    targets of the training samples out anew (Zhang and others 2017); those of test samples stay.
    """

    scale: Annotated[
        Literal["unit"] | None,
        named("scale", "With unit, every input goes from 0 to 1 in the training samples."),
    ] = None
    standardize: Annotated[
        Literal["inputs", "targets", "both"] | None,
        named("standardize", "What is given the mean 0 and the deviation 1 over the training samples."),
    ] = None

    shuffle_labels: Annotated[
        bool,
        named(
            "shuffle labels",
            "Whether training targets are dealt out anew at random: nothing but memory helps.",
        ),
    ] = False

    @abstractmethod
    def unscaled(self) -> Dataset:
        """Return the samples as they are; the same choice gives the same bits every time."""

    def load(self) -> Dataset:
        """Return the samples as the network gets them."""
        data = self.unscaled()
        if self.shuffle_labels:
            order = stream(0, Purpose.LABELS).permutation(len(data.y_train))
            data = replace(data, y_train=data.y_train[order])
        if self.scale == "unit":
            data = replace(data, **_changed(data, "x", unit_scale(data.x_train)))
        if self.standardize in {"inputs", "both"}:
            data = replace(data, **_changed(data, "x", standard_scale(data.x_train)))
        if self.standardize in {"targets", "both"}:
            data = replace(data, **_changed(data, "y", standard_scale(data.y_train)), class_names=())
        return data


@dataclass(frozen=True)
class Scale:
    """What is done to the columns of an array: `shift` (columns,) is taken away from them, `size` divides the rest.

    First they are multiplied by powers of two, to the `exponents`, which rounds nothing: training samples are then
    below 1, and neither their sums nor their squares overflow.
    """

    exponents: npt.NDArray[np.int32]
    shift: Columns
    size: Columns

    def __call__(self, values: Columns) -> Columns:
        """Return changed values (n, columns)."""
        changed = np.ldexp(values, self.exponents)
        changed -= self.shift
        changed /= np.where(self.size == 0.0, 1.0, self.size)
        return changed


def unit_scale(train: Columns) -> Scale:
    """Return what brings the columns of training samples (n, columns) to 0 to 1; constant ones to 0."""
    exponents, small = _near_one(train)
    least: Columns = small.min(axis=0)
    return Scale(exponents, least, small.max(axis=0) - least)


def standard_scale(train: Columns) -> Scale:
    """Return what gives the columns of training samples (n, columns) mean 0 and population deviation 1."""
    exponents, small = _near_one(train)
    first: Columns = small[0]
    constant = (small == first).all(axis=0)
    means = np.where(constant, first, small.mean(axis=0))  # a mean is rounded
    squares = small - means
    squares *= squares
    return Scale(exponents, means, np.sqrt(squares.mean(axis=0)))


def _near_one(train: Columns) -> tuple[npt.NDArray[np.int32], Columns]:
    """Return the exponents of powers of two that bring columns below 1, and the columns brought there."""
    exponents: npt.NDArray[np.int32] = -np.frexp(np.abs(train).max(axis=0))[1]
    return exponents, np.ldexp(train, exponents)


def _changed(data: Dataset, letter: str, scale: Scale) -> dict[str, Columns]:
    """Return the fields of a dataset for inputs x, or targets y, that a scale was applied to."""
    fields = {name: getattr(data, name) for name in (f"{letter}_train", f"{letter}_test")}
    return {name: scale(values) for name, values in fields.items() if values is not None}
