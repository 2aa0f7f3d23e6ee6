"""The records of an instruction: how the driver could do a call of NumPy, each way to be tried before it is used.

What the fields of a record mean, n being its dimensions and s its strides in bytes:

* LOOP: an inner loop on data with dimensions n and strides s, as NumPy calls it.
* TAKE: n0 rows of n1 bytes, picked of n2 rows by the numbers in data[1]; rows are s0 apart, numbers s1, results s2.
* COPY, CAST_BOOL, NARROW, WIDEN: n0 numbers of data[0] to data[1], s0 and s1 apart; results have n1 bytes. The last
  three turn truth values into numbers, float64 into float32, and float32 into float64.
* FILL: n0 numbers of n1 bytes of data[0] to data[2] where data[1] is true.
* MASK: n0 numbers of n1 bytes of data[0] times truth values of data[1], to data[2].
* OUTER, OUTER_FUSED: the number in data[0] times n0 numbers of n1 bytes of data[1], to data[2].
* FEED: n0 bytes of row `step` of data[0], which has n1 rows s0 apart, to data[1].
* SAVE: n0 bytes of data[0] to a row of data[1], which has n1 rows s1 apart, every n2 steps; n3 have passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from engine.core.arrays import AnyArray
from engine.native.driver import RECORD, Operation
from engine.native.inner_loops import InnerLoop, LoweringError, inner_loop

Records = list[AnyArray]


_CASTS = {
    ("bool", "float64"): Operation.CAST_BOOL,
    ("bool", "float32"): Operation.CAST_BOOL,
    ("float64", "float32"): Operation.NARROW,
    ("float32", "float64"): Operation.WIDEN,
}
"""The operations that copy numbers of one type to another."""


class Way:
    """The records of one way to do a call, and the working arrays that belong to it."""

    def __init__(self) -> None:
        self.records: Records = []
        self.scratch: list[AnyArray] = []

    def add(
        self,
        operation: Operation,
        data: Sequence[int],
        *,
        dimensions: Sequence[int],
        strides: Sequence[int] = (),
        outer: int = 1,
        outer_strides: Sequence[int] = (),
        loop: InnerLoop | None = None,
    ) -> None:
        """Append a record."""
        record = np.zeros((), RECORD)
        record["operation"] = operation
        if loop is not None:
            record["loop"], record["context"], record["auxdata"] = loop[:3]
        record["data"][: len(data)] = data
        record["outer"] = outer
        record["outer_strides"][: len(outer_strides)] = outer_strides
        record["dimensions"][: len(dimensions)] = dimensions
        record["strides"][: len(strides)] = strides
        self.records.append(record)

    def working(self, like: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
        """Return a working array of the shape and memory order of another."""
        self.scratch.append(np.zeros_like(like, dtype=dtype))
        return self.scratch[-1]

    def copy(self, values: AnyArray, out: AnyArray) -> None:
        """Append out = values; raise LoweringError where that is a cast that the driver does not know."""
        casts = (values.dtype.name, out.dtype.name)
        if values.dtype != out.dtype and casts not in _CASTS:
            raise LoweringError
        operation = _CASTS.get(casts, Operation.COPY)
        axes = _axes([values, out])
        self.add(
            operation,
            _addresses([values, out]),
            dimensions=(axes.count, out.itemsize),
            strides=axes.strides,
            outer=axes.outer,
            outer_strides=axes.outer_strides,
        )


def ways(call: partial[object]) -> Iterator[Way]:
    """Yield the ways in which the driver could do a call, the likeliest first.

    Raise LoweringError where there is none, or none is left.
    """
    function: Any = call.func
    keywords = dict(call.keywords)
    if function is np.copyto:
        out, values = call.args
        yield _copying(out, values, keywords.get("where"))
    elif function is np.dot:
        left, right = call.args
        yield from _products(left, right, keywords["out"])
    elif function is np.take:
        yield _taking(*call.args, **keywords)
    elif isinstance(function, np.ufunc):
        *operands, out = (*call.args, *([keywords.pop("out")] if "out" in keywords else []))
        if keywords:
            raise LoweringError
        if function is np.multiply and [operand.dtype.kind for operand in operands] == ["f", "b"]:
            yield _masking(operands[0], operands[1], out)
        yield _elementwise(function, operands, out)
    elif isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "reduce":
        yield from _reductions(function.__self__, call.args[0], **keywords)
    raise LoweringError


class _Axes:
    """How to walk through arrays of one shape: `outer` times over `count` numbers, with the strides of each array."""

    def __init__(self, pairs: list[tuple[int, tuple[int, ...]]]) -> None:
        (self.count, self.strides), (self.outer, self.outer_strides) = pairs


def _axes(arrays: Sequence[AnyArray]) -> _Axes:
    """Return the walk through arrays, of which the last is the result; the others are broadcast to it.

    Axes that follow one another in the memory of all arrays are one. Raise LoweringError where more than two are left.
    """
    out = arrays[-1]
    spread = [np.broadcast_to(array, out.shape) for array in arrays]
    found = [axis for axis in range(out.ndim) if out.shape[axis] != 1]
    found.sort(key=lambda axis: [abs(array.strides[axis]) for array in reversed(spread)])
    pairs: list[tuple[int, tuple[int, ...]]] = []
    for axis in found:
        strides = tuple(array.strides[axis] for array in spread)
        if pairs and strides == tuple(pairs[-1][0] * stride for stride in pairs[-1][1]):
            pairs[-1] = (pairs[-1][0] * out.shape[axis], pairs[-1][1])
        else:
            pairs.append((out.shape[axis], strides))
    while len(pairs) < 2:
        pairs.append((1, (0,) * len(arrays)))
    if len(pairs) > 2:
        raise LoweringError
    return _Axes(pairs)


def address(array: AnyArray) -> int:
    """Return where an array begins in memory."""
    return array.__array_interface__["data"][0]


def _addresses(arrays: Sequence[AnyArray]) -> list[int]:
    return [address(array) for array in arrays]


def _elementwise(function: np.ufunc, operands: list[AnyArray], out: AnyArray) -> Way:
    """Return out = function(operands), number by number."""
    way = Way()
    dtypes = inner_loop(function, [*(operand.dtype for operand in operands), None]).dtypes
    if dtypes[-1] != out.dtype:
        raise LoweringError
    arrays = [_cast(way, operand, dtype) for operand, dtype in zip(operands, dtypes, strict=False)]
    axes = _axes([*arrays, out])
    way.add(
        Operation.LOOP,
        _addresses([*arrays, out]),
        dimensions=(axes.count,),
        strides=axes.strides,
        outer=axes.outer,
        outer_strides=axes.outer_strides,
        loop=inner_loop(function, dtypes, axes.strides),
    )
    return way


def _cast(way: Way, operand: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """Return an operand in the type that a loop reads, in a working array if it has another one."""
    if operand.dtype == dtype:
        return operand
    numbers = way.working(operand, dtype)
    way.copy(operand, numbers)
    return numbers


def _copying(out: AnyArray, values: AnyArray, where: AnyArray | None) -> Way:
    """Return out = values, everywhere or where a mask is true."""
    way = Way()
    if where is None:
        way.copy(values, out)
        return way
    if values.dtype != out.dtype:
        raise LoweringError
    axes = _axes([values, where, out])
    way.add(
        Operation.FILL,
        _addresses([values, where, out]),
        dimensions=(axes.count, out.itemsize),
        strides=axes.strides,
        outer=axes.outer,
        outer_strides=axes.outer_strides,
    )
    return way


def _masking(values: AnyArray, mask: AnyArray, out: AnyArray) -> Way:
    """Return out = values * mask, without the truth values as numbers."""
    if values.dtype != out.dtype:
        raise LoweringError
    way = Way()
    axes = _axes([values, mask, out])
    way.add(
        Operation.MASK,
        _addresses([values, mask, out]),
        dimensions=(axes.count, out.itemsize),
        strides=axes.strides,
        outer=axes.outer,
        outer_strides=axes.outer_strides,
    )
    return way


def _taking(values: AnyArray, indices: AnyArray, *, axis: int, mode: str, out: AnyArray) -> Way:
    """Return out = values[indices], whole rows; numbers outside are those of the first or last row."""
    if axis != 0 or mode != "clip" or values.strides[1] != values.itemsize or out.strides[1] != out.itemsize:
        raise LoweringError
    way = Way()
    way.add(
        Operation.TAKE,
        _addresses([values, indices, out]),
        dimensions=(len(indices), values.shape[1] * values.itemsize, len(values)),
        strides=(values.strides[0], indices.strides[0], out.strides[0]),
    )
    return way


def _products(left: AnyArray, right: AnyArray, out: AnyArray) -> Iterator[Way]:
    """Yield ways of out = left · right."""
    if left.ndim == 1:
        if left.size == 1:
            yield _elementwise(np.multiply, [left, right], out.reshape(1))
        yield _generalized(
            np.vecdot, [left, right, out], dimensions=(1, left.size), strides=(*left.strides, *right.strides)
        )
        return
    if left.shape[1] == 1:
        for operation in (Operation.OUTER_FUSED, Operation.OUTER):
            way = Way()
            way.add(
                operation,
                _addresses([left, right, out]),
                dimensions=(right.shape[1], out.itemsize),
                strides=(0, right.strides[1], out.strides[1]),
                outer=len(left),
                outer_strides=(left.strides[0], 0, out.strides[0]),
            )
            yield way
    yield _generalized(
        np.matmul,
        [left, right, out],
        dimensions=(1, *left.shape, right.shape[1]),
        strides=(*left.strides, *right.strides, *out.strides),
    )


def _generalized(
    function: np.ufunc, arrays: list[AnyArray], dimensions: tuple[int, ...], strides: tuple[int, ...]
) -> Way:
    """Return one call of a function on whole vectors or matrices."""
    way = Way()
    loop = inner_loop(function, [arrays[0].dtype, arrays[1].dtype, None])
    way.add(Operation.LOOP, _addresses(arrays), dimensions=dimensions, strides=(0, 0, 0, *strides), loop=loop)
    return way


def _reductions(
    function: np.ufunc, values: AnyArray, *, out: AnyArray, axis: int | None = 0, keepdims: bool = False
) -> Iterator[Way]:
    """Yield ways of reducing all numbers to one, or the numbers of each row to one."""
    loop = inner_loop(function, [out.dtype, values.dtype, None])
    if axis is None:
        flat = (values.T if values.T.flags.c_contiguous else values).reshape(-1)
        if not np.shares_memory(flat, values):
            raise LoweringError
        rows, out = flat.reshape(1, -1), out.reshape(1, 1)
    elif axis in {1, -1} and values.ndim == 2 and keepdims:
        rows = values
    else:
        raise LoweringError
    for skipped in (1, 0):
        for whole_rows in (True, False):
            yield _reduction(loop, rows, out, skipped=skipped, whole_rows=whole_rows)


def _reduction(loop: InnerLoop, rows: AnyArray, out: AnyArray, *, skipped: int, whole_rows: bool) -> Way:
    """Return the reduction of `rows` (n, m) to `out` (n, 1), row by row or column by column.

    It begins with the first column if that is `skipped` then, otherwise with zeros.
    """
    way = Way()
    way.copy(rows[:, :1] if skipped else way.working(out, out.dtype), out)
    (count, length), (row, column), result = rows.shape, rows.strides, out.strides[0]
    length -= skipped
    along = ((0, column, 0), length), ((result, row, result), count)
    (strides, number), (outer_strides, outer) = along if whole_rows else along[::-1]
    start = address(rows) + skipped * column
    way.add(
        Operation.LOOP,
        (address(out), start, address(out)),
        dimensions=(number,),
        strides=strides,
        outer=outer,
        outer_strides=outer_strides,
        loop=loop,
    )
    return way
