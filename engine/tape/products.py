"""The one place where matrices are multiplied, so that equal neurons stay equal bit for bit.

BLAS computes the last rows and columns of a block in another order than the others, so plain products pull identical
neurons apart in the last bit, for some widths, shapes, memory orders and processors. In the mode `exact` every product
of a tape is therefore probed, on arrays just like those it will use: equal neurons in, equal neurons out, or the next
way is taken. All ways treat all neurons alike; none copies one neuron onto another.

Ways, in this order: `parts`, BLAS on some neurons at a time, where that is quicker; `plain` BLAS; `padded`, BLAS on
operands filled up with zeros to whole blocks; `einsum`, NumPy's own loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from engine.core.arrays import AnyArray
from engine.tape.instructions import Tape, TapeWriter

Mode: TypeAlias = Literal["exact", "blas"]
ALIGNMENT = 64
BLOCK = {8: 8, 4: 16}
"""Whole blocks of BLAS kernels, in numbers, for an item size in bytes."""

SMALL_BLOCK = 4
"""Whole blocks of the kernels for small products."""

SMALL = 1_000_000
"""Products of up to so many multiplications BLAS does at once, without packing the factors first …"""

FEW = 48
"""… which takes much of the time with up to so many samples."""

LEAST_NEURONS = 16
"""Parts of fewer neurons are no quicker."""


@cache
def limit_blas_to_one_thread() -> None:
    """Limit BLAS to one thread for this process: two change the bits of wide products and slow small ones down."""
    threadpool_limits(limits=1, user_api="blas")


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
    """Return a zeroed C-ordered array that begins at a 64-byte boundary, so that a probe holds for every run."""
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size].view(dtype).reshape(shape)


def up_to_block(count: int, dtype: np.dtype[Any]) -> int:
    """Return `count` rounded up to whole BLAS blocks."""
    block = BLOCK[dtype.itemsize]
    return _up_to(block, count)


def _up_to(block: int, count: int) -> int:
    return -(-count // block) * block


@dataclass(frozen=True, slots=True)
class Product:
    """out = left · right, as operands of a tape in memory order (rows first, `out` C-contiguous).

    `rows`: how many leading rows of `left` belong to neurons that must be treated alike; `columns`: how many leading
    columns of `right`. 0 where a side holds samples or inputs.
    """

    left: str
    right: str
    out: str
    formula: str
    rows: int = 0
    columns: int = 0


def write_product(writer: TapeWriter, product: Product, mode: Mode) -> str:
    """Append the product to the tape in the first way that keeps equal neurons equal; return that way's name."""
    name, way = next(
        (name, way)
        for name, way in _ways(writer, product, mode)
        if mode == "blas" or name == "einsum" or _keeps_equality(writer, product, way)
    )
    writer.instructions.extend(way.instructions)
    writer.arrays.update(way.arrays)
    return name


def is_exact_plainly(tape: Tape, product: Product) -> bool:
    """Return whether BLAS keeps equal neurons equal in a product of a tape without any precautions."""
    writer = TapeWriter(tape.arrays[product.out.removesuffix(".T")].dtype)
    writer.arrays = tape.arrays
    return _keeps_equality(writer, product, _plain(writer, product))


def _ways(writer: TapeWriter, product: Product, mode: Mode) -> Iterator[tuple[str, TapeWriter]]:
    if mode == "exact" and (parts := _parts(writer, product)):
        yield "parts", _in_parts(writer, product, parts)
    yield "plain", _plain(writer, product)
    for rows, columns in _paddings(writer, product):
        yield "padded", _padded(writer, product, rows, columns)
    yield "einsum", _einsum(writer, product)


def _paddings(writer: TapeWriter, product: Product) -> list[tuple[int, int]]:
    """Return sizes (rows, columns) up to which a product can be padded, the quickest first.

    Also sides that hold no neurons: where they end in part of a block, some kernels round neurons differently there.
    """
    rows, columns = writer.resolve(product.out).shape
    blocks = SMALL_BLOCK, BLOCK[writer.dtype.itemsize]
    sizes = {
        (padded_rows, padded_columns)
        for block in blocks
        for padded_rows in (rows, _up_to(block, rows))
        for padded_columns in (columns, _up_to(block, columns))
    } - {(rows, columns)}
    inner = writer.resolve(product.left).shape[1]

    def cost(size: tuple[int, int]) -> tuple[int, int]:
        """Return how many numbers have to be copied first, and how many there are in the result."""
        left, right = (size[0], inner), (inner, size[1])
        copied = sum(
            prod(shape)
            for operand, shape in ((product.left, left), (product.right, right))
            if _surrounded(writer, operand, shape) is None
        )
        return copied, prod(size)

    return sorted(sizes, key=cost)


def _draft(writer: TapeWriter) -> TapeWriter:
    draft = TapeWriter(writer.dtype)
    draft.arrays = dict(writer.arrays)
    draft.at(writer.phase, writer.layer)
    draft.for_show = writer.for_show
    return draft


def _plain(writer: TapeWriter, product: Product) -> TapeWriter:
    draft = _draft(writer)
    draft.emit("np.dot", product.left, product.right, out=product.out, formula=product.formula)
    return draft


def _parts(writer: TapeWriter, product: Product) -> int:
    """Return in how many equal parts of neurons a product is quicker, 0 where it is not: few samples, many inputs."""
    (rows, inner), columns = writer.resolve(product.left).shape, writer.resolve(product.right).shape[1]
    if not 1 < columns <= FEW or product.rows < rows or rows * inner * columns <= SMALL:
        return 0
    least = -(-rows * inner * columns // SMALL)
    return next((parts for parts in range(least, rows // LEAST_NEURONS + 1) if rows % parts == 0), 0)


def _in_parts(writer: TapeWriter, product: Product, parts: int) -> TapeWriter:
    draft = _draft(writer)
    left, out, name = draft.resolve(product.left), draft.resolve(product.out), product.out.removesuffix(".T")
    draft.arrays[f"{name}_right"] = aligned_zeros(draft.resolve(product.right).shape, draft.dtype)
    in_order = f"{product.formula} (with its second factor in order)"
    draft.emit("np.copyto", product.right, out=f"{name}_right", formula=in_order)
    neurons = len(left) // parts
    for part in range(parts):
        mine = slice(part * neurons, (part + 1) * neurons)
        draft.arrays[f"{name}_left{part}"], draft.arrays[f"{name}_part{part}"] = left[mine], out[mine]
        draft.emit(
            "np.dot", f"{name}_left{part}", f"{name}_right", out=f"{name}_part{part}", formula=product.formula
        )
    return draft


def _einsum(writer: TapeWriter, product: Product) -> TapeWriter:
    draft = _draft(writer)
    draft.emit(
        "np.einsum", "'ij,jk->ik'", product.left, product.right, out=product.out, formula=product.formula
    )
    return draft


def _padded(writer: TapeWriter, product: Product, padded_rows: int, padded_columns: int) -> TapeWriter:
    draft = _draft(writer)
    rows, columns = draft.resolve(product.out).shape
    inner = draft.resolve(product.left).shape[1]
    name = product.out.removesuffix(".T")
    left = _pad_operand(draft, product.left, f"{name}_left", (padded_rows, inner))
    right = _pad_operand(draft, product.right, f"{name}_right", (inner, padded_columns))
    whole = f"{name}_padded"
    draft.arrays[whole] = aligned_zeros((padded_rows, padded_columns), writer.dtype)
    draft.arrays[f"{whole}_part"] = draft.arrays[whole][:rows, :columns]
    draft.emit("np.dot", left, right, out=whole, formula=product.formula)
    draft.emit("np.copyto", f"{whole}_part", out=product.out, formula=f"{product.formula} (without padding)")
    return draft


def _pad_operand(draft: TapeWriter, operand: str, name: str, shape: tuple[int, int]) -> str:
    """Return an operand of `shape` that holds `operand` and zeros: its own zeroed surroundings, or a copy."""
    array = draft.resolve(operand)
    if array.shape == shape:
        return operand
    surrounded = _surrounded(draft, operand, shape)
    if surrounded is not None:
        draft.arrays[name] = surrounded
        return f"{name}.T" if operand.endswith(".T") else name
    draft.arrays[name] = aligned_zeros(shape, draft.dtype)
    draft.arrays[f"{name}_part"] = draft.arrays[name][: array.shape[0], : array.shape[1]]
    draft.emit("np.copyto", operand, out=f"{name}_part", formula=f"{operand} (with padding)")
    return name


def _surrounded(writer: TapeWriter, operand: str, shape: tuple[int, int]) -> AnyArray | None:
    """Return the memory of an operand with so many more units that it has `shape`, or None where there are not so many.

    Behind the units of a factor there are zeros.
    """
    base, dot, _ = operand.partition(".T")
    samples, units = shape[::-1] if dot else shape
    whole = writer.arrays.get(f"{base}_surrounded", writer.arrays[base])
    return whole[:, :units] if whole.shape[0] == samples and whole.shape[1] >= units else None


_VERDICTS: dict[tuple[object, ...], bool] = {}
"""What was found out about arrays in memory of this form: lanes and forks compile the same products many times."""


def _keeps_equality(writer: TapeWriter, product: Product, way: TapeWriter) -> bool:
    """Return whether one way keeps equal neurons equal: tried once for arrays of this shape, order and alignment."""
    calls = [instruction.call for instruction in way.instructions]
    forms = ((call.func, *map(_form, call.args), *map(_form, call.keywords.values())) for call in calls)
    key = (product.rows, product.columns, *forms)
    if key not in _VERDICTS:
        _VERDICTS[key] = _try(writer, product, way)
    return _VERDICTS[key]


def _form(argument: object) -> object:
    """Return all of an array that a kernel could choose by, but for its numbers."""
    if not isinstance(argument, np.ndarray):
        return argument
    array = cast(AnyArray, argument)
    return array.dtype.str, array.shape, array.strides, array.ctypes.data % ALIGNMENT


def _try(writer: TapeWriter, product: Product, way: TapeWriter) -> bool:
    """Run one way on equal neurons with random numbers and compare the results bit for bit."""
    left, right, out = (writer.resolve(name) for name in (product.left, product.right, product.out))
    before = left.copy(), right.copy(), out.copy()
    try:
        return all(
            _outputs_equal(left, right, out, product, way, draw)
            for draw in _draws(out, left.shape[1], product.rows, product.columns)
        )
    finally:
        for array, kept in zip((left, right, out), before, strict=True):
            array[...] = kept


def _draws(out: AnyArray, inner: int, rows: int, columns: int) -> Iterator[tuple[np.random.Generator, bool]]:
    """Yield (generator, rows or columns) until about 4,096 results were compared on each side.

    Repeatedly also for large ones: only a last column may differ, and short sums often round alike by chance.
    """
    repeats = int(np.clip(4096 // out.size, 4 + 400 // inner, 64))
    rng = np.random.default_rng(0)
    for _ in range(repeats):
        if rows > 1:
            yield rng, True
        if columns > 1:
            yield rng, False


def _outputs_equal(
    left: AnyArray,
    right: AnyArray,
    out: AnyArray,
    product: Product,
    way: TapeWriter,
    draw: tuple[np.random.Generator, bool],
) -> bool:
    rng, by_rows = draw
    left[...] = rng.standard_normal(left.shape)
    right[...] = rng.standard_normal(right.shape)
    if by_rows:
        left[: product.rows] = left[:1].copy()
    else:
        right[:, : product.columns] = right[:, :1].copy()
    for instruction in way.instructions:
        instruction.call()
    neurons = out[: product.rows] if by_rows else out[:, : product.columns].T
    return bool(np.array_equal(neurons, np.broadcast_to(neurons[0], neurons.shape)))
