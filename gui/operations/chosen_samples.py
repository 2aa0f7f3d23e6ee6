"""Which samples of many stand for all: spread over the classes or targets, the same for every matrix of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.core.arrays import AnyArray

MOST_ROWS, SPREAD_ROWS = 12, 6
"""The most samples whose rows are all shown, and how many are chosen of more."""
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Samples:
    """The `rows` of sample matrices that are shown, ascending, and the `numbers` of these samples, counted from 1.

    They are `some` of `total` rows, or all. `fixed` is the row of the sample that somebody has fixed; None if nobody
    has, or if it is not in the batch, which `is_missing` says.
    """

    rows: Rows
    numbers: Rows
    total: int
    fixed: int | None = None
    is_missing: bool = False

    @property
    def are_some(self) -> bool:
        """Return whether rows are left out."""
        return len(self.rows) < self.total

    def number(self, row: int) -> int:
        """Return the number of the sample in a row that is shown."""
        return int(self.numbers[np.searchsorted(self.rows, row)])

    def nearest(self, row: int) -> int:
        """Return the row that is shown and nearest to some row."""
        return int(self.rows[np.abs(self.rows - row).argmin()])


def samples_of(arrays: Mapping[str, AnyArray], fixed: int | None) -> Samples:
    """Return the samples of a step that are shown; `fixed` is the number of one (from 0) that is always among them."""
    targets, batch = arrays["Y"], arrays.get("batch")
    numbers = np.arange(len(targets)) if batch is None else batch.astype(np.intp)
    places = np.flatnonzero(numbers == fixed) if fixed is not None else np.empty(0, np.intp)
    row = int(places[0]) if len(places) else None
    rows = spread_rows(targets, row)
    return Samples(rows, numbers[rows] + 1, len(targets), row, fixed is not None and row is None)


def spread_rows(targets: AnyArray, fixed: int | None = None) -> Rows:
    """Return rows of targets (samples, outputs), ascending: all of a few, else some of every class or of all sizes."""
    count = len(targets)
    if count <= MOST_ROWS:
        return np.arange(count)
    kinds, kind = np.unique(targets, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    if len(kinds) > SPREAD_ROWS:
        chosen = order[_evenly(count, SPREAD_ROWS)]
    else:
        members = [np.flatnonzero(kind == number) for number in range(len(kinds))]
        shares = [len(part) for part in np.array_split(np.arange(SPREAD_ROWS), len(kinds))]
        chosen = np.concatenate(
            [some[_evenly(len(some), share)] for some, share in zip(members, shares, strict=True)]
        )
    if fixed is not None and fixed not in chosen:
        alike = np.flatnonzero(kind[chosen] == kind[fixed])
        chosen[alike[-1] if len(alike) else -1] = fixed
    return np.unique(chosen)


def _evenly(count: int, wanted: int) -> Rows:
    """Return places from 0 to `count` - 1 with equal distances, at most as many as there are."""
    return np.arange(min(wanted, count)) * count // min(wanted, count)
