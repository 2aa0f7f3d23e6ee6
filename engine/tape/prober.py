"""Finds out by trial whether a kernel keeps equal neurons equal bit for bit."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import numpy as np

from engine.core.arrays import AnyArray
from engine.core.cancellation import checkpoint
from engine.tape.blas import ALIGNMENT
from engine.tape.kernels import Product
from engine.tape.writer import TapeWriter

RESULTS_TO_COMPARE = 4096
"""The approximate number of results that a probe compares on each side."""

MIN_DRAWS, MAX_DRAWS = 4, 64
"""The limits of how many random draws a probe tries. Large products, too, get several draws, because perhaps only their
last column differs."""

DRAWN_AT_ONCE = 2**20
"""How many random numbers are drawn between two checkpoints: about ten milliseconds."""


class Prober:
    """Probes each form of a product once: what the probe finds out holds for all arrays of that form."""

    def __init__(self) -> None:
        self._verdicts: dict[tuple[object, ...], bool] = {}

    def keeps_equality(self, draft: TapeWriter, product: Product) -> bool:
        """Return whether the instructions of `draft` compute `product` alike for all neurons that are to be alike.

        The numbers in the operands and in the result are the same afterwards.
        """
        calls = [instruction.call for instruction in draft.instructions]
        forms = ((call.func, *map(_form, call.args), *map(_form, call.keywords.values())) for call in calls)
        key = (product.rows, product.columns, *forms)
        if key not in self._verdicts:
            self._verdicts[key] = _Trial.of(draft, product).is_passed()
        return self._verdicts[key]


def _form(argument: object) -> object:
    """Return everything about an array that BLAS could choose a kernel by, except its numbers."""
    if not isinstance(argument, np.ndarray):
        return argument
    array = cast(AnyArray, argument)
    return array.dtype.str, array.shape, array.strides, array.ctypes.data % ALIGNMENT


def _fill(array: AnyArray, rng: np.random.Generator) -> None:
    """Put random numbers into an array (rows, columns), part by part: at once they would take its room once more."""
    rows = max(1, DRAWN_AT_ONCE // array.shape[1])
    for first in range(0, len(array), rows):
        checkpoint()
        part = array[first : first + rows]
        part[...] = rng.standard_normal(part.shape)


@dataclass(frozen=True)
class _Trial:
    """Equal neurons with random numbers go in; are all their results equal?"""

    draft: TapeWriter
    product: Product
    left: AnyArray
    right: AnyArray
    out: AnyArray

    @classmethod
    def of(cls, draft: TapeWriter, product: Product) -> _Trial:
        return cls(draft, product, product.left.array, product.right.array, product.out.array)

    def is_passed(self) -> bool:
        rng = np.random.default_rng(0)
        with self._restored_arrays():
            return all(self._is_draw_passed(rng, by_rows=by_rows) for by_rows in self._draws())

    @contextmanager
    def _restored_arrays(self) -> Generator[None, None, None]:
        arrays = self.left, self.right, self.out
        before = [array.copy() for array in arrays]
        try:
            yield
        finally:
            for array, numbers in zip(arrays, before, strict=True):
                array[...] = numbers

    def _draws(self) -> Iterator[bool]:
        """Yield for each draw whether the rows are made equal (True) or the columns (False).

        The shorter the sums, the more draws: short sums often round alike by chance.
        """
        inner = self.left.shape[1]
        count = int(np.clip(RESULTS_TO_COMPARE // self.out.size, MIN_DRAWS + 400 // inner, MAX_DRAWS))
        for _ in range(count):
            checkpoint()
            if self.product.rows > 1:
                yield True
            if self.product.columns > 1:
                yield False

    def _is_draw_passed(self, rng: np.random.Generator, *, by_rows: bool) -> bool:
        _fill(self.left, rng)
        _fill(self.right, rng)
        rows, columns = self.product.rows, self.product.columns
        if by_rows:
            self.left[:rows] = self.left[:1].copy()
        else:
            self.right[:, :columns] = self.right[:, :1].copy()
        for instruction in self.draft.instructions:
            instruction.call()
        neurons = self.out[:rows] if by_rows else self.out[:, :columns].T
        return bool(np.array_equal(neurons, np.broadcast_to(neurons[0], neurons.shape)))
