"""From the calls of a tape to stretches of records for the driver, and single calls where it has none.

A way of doing a call is used only after a trial in which it wrote the same bits as the call. What the trial finds out
holds for all arrays of the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any, TypeAlias, cast

import numpy as np

from engine.core.arrays import AnyArray
from engine.core.cancellation import checkpoint
from engine.native.driver import RECORD, Call, DriverError, load_driver
from engine.native.inner_loops import LoweringError
from engine.native.records import Way, address, ways
from engine.tape.blas import ALIGNMENT
from engine.tape.instructions import without_dispatch

NumPyCall: TypeAlias = "partial[object]"

FEWEST_CALLS = 3
"""The fewest calls of NumPy for which one call of the driver is quicker."""

MAX_BYTES = 2**20
"""The most bytes of an array that is changed: with larger ones, calling takes little of the time, and a trial long."""

RESULTS_TO_COMPARE = 512
"""The approximate number of results that a trial compares."""

MIN_DRAWS, MAX_DRAWS = 6, 30
"""The limits of how many draws a trial tries."""

TINY = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 1e-30, -1e-30, 1e-200, -1e-200)
HUGE = (np.inf, -np.inf, np.nan, 1e30, -1e30, 1e200, -1e200)
"""The numbers where ways differ that agree on all others. In float32 some of them are 0 or infinite."""

POOL_SIZE = 4093
"""How many random numbers there are to draw; a prime, so that rows of an array do not begin with the same of them."""


@dataclass(frozen=True)
class Stretch:
    """Neighbouring calls and, unless it is None, the `program` (records,) that does the same in the driver.

    `kept` are the arrays that the addresses in the program point to.
    """

    calls: list[NumPyCall]
    program: AnyArray | None
    kept: list[AnyArray]

    def quick_calls(self) -> list[Callable[[], object]]:
        """Return what does the calls once, in the quickest way."""
        if self.program is None or len(self.calls) < FEWEST_CALLS:
            return [without_dispatch(call) for call in self.calls]
        return [Call([self.program], self).once]


def quick_calls(calls: Sequence[NumPyCall]) -> list[Callable[[], object]]:
    """Return what does calls once, in order and in the quickest way."""
    return [quick for stretch in lower(calls) for quick in stretch.quick_calls()]


@cache
def is_driving() -> bool:
    """Return whether there is a driver here that this NumPy lets do its work."""
    numbers = np.ones(3)
    return lower([partial(np.negative, numbers, numbers)])[0].program is not None


def lower(calls: Iterable[NumPyCall]) -> list[Stretch]:
    """Return the calls in order, in as few stretches as there can be that are all program or all calls."""
    stretches: list[Stretch] = []
    was_lowered = None
    groups: list[tuple[list[NumPyCall], list[Way]]] = []
    for call in calls:
        way = _tried_way(call) if load_driver() is not None else None
        if was_lowered != (way is not None):
            groups.append(([], []))
            was_lowered = way is not None
        groups[-1][0].append(call)
        if way is not None:
            groups[-1][1].append(way)
    for together, found in groups:
        records = [record for way in found for record in way.records]
        program = np.array(records, RECORD) if found else None
        stretches.append(Stretch(together, program, [array for way in found for array in way.scratch]))
    return stretches


_VERDICTS: dict[object, int | None] = {}
"""For each form of a call the number of the way that writes the same bits; None where there is none."""


def _tried_way(call: NumPyCall) -> Way | None:
    """Return a way to do a call that was seen to write the same bits, or None where there is none."""
    if any(array.nbytes > MAX_BYTES for array in _operands(call) if array.flags.writeable):
        return None
    form = _form(call)
    if form not in _VERDICTS:
        checkpoint()
        _VERDICTS[form] = _Trial(call).equal_way()
    number = _VERDICTS[form]
    return None if number is None else next(islice(ways(call), number, None))


def _form(call: NumPyCall) -> object:
    """Return everything about a call that its way may depend on, which is all but the numbers in its arrays."""
    arrays = _operands(call)
    forms = [(array.dtype.str, array.shape, array.strides, _alignment(array)) for array in arrays]
    distances = [
        address(other) - address(array) if np.may_share_memory(array, other) else None
        for index, array in enumerate(arrays)
        for other in arrays[:index]
    ]
    options = [operand for operand in call.keywords.values() if not isinstance(operand, np.ndarray)]
    return call.func, (*call.keywords, *options, *forms, *distances)


def _alignment(array: AnyArray) -> int:
    """Return where an array begins within a cache line; of a single number, that is no matter to a loop."""
    return address(array) % (ALIGNMENT if array.size > 1 else array.itemsize)


def _operands(call: NumPyCall) -> list[AnyArray]:
    """Return the arrays that a call reads and writes."""
    operands = (*call.args, *call.keywords.values())
    return [cast(AnyArray, operand) for operand in operands if isinstance(operand, np.ndarray)]


class _Trial:
    """Compares the ways of a call with the call itself; the numbers in its arrays are the same afterwards."""

    def __init__(self, call: NumPyCall) -> None:
        self._call = call
        self._out: AnyArray = (
            call.args[0] if call.func is np.copyto else call.keywords.get("out", call.args[-1])
        )
        self._changing = [array for array in _operands(call) if array.flags.writeable]

    def equal_way(self) -> int | None:
        """Return the number of the first way that writes the same bits in every draw, or None."""
        with self._restored_arrays(), np.errstate(all="ignore"):
            try:
                for number, way in enumerate(ways(self._call)):
                    if self._is_equal(way):
                        return number
            except LoweringError:
                pass
        return None

    @contextmanager
    def _restored_arrays(self) -> Generator[None, None, None]:
        before = [array.copy() for array in self._changing]
        try:
            yield
        finally:
            for array, numbers in zip(self._changing, before, strict=True):
                array[...] = numbers

    def _is_equal(self, way: Way) -> bool:
        rng = np.random.default_rng(0)
        driver = Call([np.array(way.records, RECORD)], way)
        draws = int(np.clip(RESULTS_TO_COMPARE // max(1, self._out.size), MIN_DRAWS, MAX_DRAWS))
        return all(self._is_draw_equal(driver, rng, _pools()[draw % 3]) for draw in range(draws))

    def _is_draw_equal(self, driver: Call, rng: np.random.Generator, pool: AnyArray) -> bool:
        numbers = [_drawn(array, rng, pool) for array in self._changing]
        self._put(numbers)
        self._call()
        wanted = self._out.tobytes()
        self._put(numbers)
        try:
            driver.once()
        except DriverError:
            return False
        return self._out.tobytes() == wanted

    def _put(self, numbers: Sequence[AnyArray]) -> None:
        for array, drawn in zip(self._changing, numbers, strict=True):
            array[...] = drawn


@cache
def _pools() -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return what is drawn from: ordinary numbers, zeros and tiny numbers, ordinary numbers and a few huge ones.

    All numbers stand there twice, one time after the other.
    """
    rng = np.random.default_rng(0)
    ordinary = rng.standard_normal(POOL_SIZE)
    some_huge = ordinary.copy()
    some_huge[rng.integers(POOL_SIZE, size=POOL_SIZE // 32)] = rng.choice(HUGE, POOL_SIZE // 32)
    pools = ordinary, rng.choice(TINY, POOL_SIZE), some_huge
    return tuple(np.tile(pool, 2) for pool in pools)  # type: ignore[return-value]


def _drawn(array: AnyArray, rng: np.random.Generator, pool: AnyArray) -> Any:
    """Return numbers for an array: of the pool from a random place on, truth values, or indices near 0."""
    if array.dtype.kind == "i":
        return rng.integers(-2, 6, array.shape)
    start = int(rng.integers(POOL_SIZE))
    drawn = (
        pool[start : start + array.size] if array.size <= POOL_SIZE else np.resize(pool[start:], array.size)
    )
    numbers = drawn.reshape(array.shape)
    return numbers > 0 if array.dtype.kind == "b" else numbers
