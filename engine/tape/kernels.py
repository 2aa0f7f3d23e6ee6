"""The kernels that can compute a matrix product: BLAS on chunks, plain BLAS, BLAS on padded operands, and einsum."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from engine.core.arrays import AnyArray
from engine.tape.blas import BLOCK_SIZE, SMALL_BLOCK_SIZE, aligned_zeros, round_up
from engine.tape.writer import TapeArray, TapeWriter

MAX_MULTIPLY_ADDS_WITHOUT_PACKING = 1_000_000
"""The most multiply-adds of a product for which BLAS does not pack (copy and reorder) the operands."""

MAX_SAMPLES_PER_CHUNKED_PRODUCT = 48
"""The most samples of a product that is computed in chunks; with more, packing takes only a small part of its time."""

MIN_NEURONS_PER_CHUNK = 16
"""The fewest neurons in a chunk; smaller chunks are no faster than the whole product."""


@dataclass(frozen=True, slots=True)
class Product:
    """out = left · right, of arrays of a tape as they lie in memory (`out` is C-contiguous).

    `rows` is the number of leading rows of `left` that belong to neurons that must be treated alike, `columns` the
    number of such leading columns of `right`. Both are 0 where a side holds samples or inputs.
    """

    left: TapeArray
    right: TapeArray
    out: TapeArray
    formula: str
    rows: int = 0
    columns: int = 0


class Kernel(ABC):
    """One way to compute a product.

    `name` is what reports call it. `is_always_exact` says that it keeps equal neurons equal without having been probed.
    """

    name: ClassVar[str]
    is_always_exact: ClassVar[bool] = False

    def draft(self, writer: TapeWriter, product: Product) -> TapeWriter:
        """Return the product as a draft of `writer`, with the working arrays that it needs."""
        draft = writer.draft()
        self._write(draft, product)
        return draft

    @abstractmethod
    def _write(self, draft: TapeWriter, product: Product) -> None:
        """Append the instructions of the product to the draft."""


def kernels_of(product: Product) -> Iterator[Kernel]:
    """Yield the kernels to try for a product, usually the fastest first; the last one is always exact."""
    if chunks := _chunk_count(product):
        yield Chunked(chunks)
    yield Plain()
    for rows, columns in paddings(product):
        yield Padded(rows, columns)
    yield Einsum()


@dataclass(frozen=True)
class Plain(Kernel):
    """One call of BLAS."""

    name = "plain"

    def _write(self, draft: TapeWriter, product: Product) -> None:
        draft.emit("np.dot", product.left, product.right, out=product.out, formula=product.formula)


@dataclass(frozen=True)
class Einsum(Kernel):
    """NumPy's own loops, which treat every row and column alike."""

    name = "einsum"
    is_always_exact = True

    def _write(self, draft: TapeWriter, product: Product) -> None:
        operands = "'ij,jk->ik'", product.left, product.right
        draft.emit("np.einsum", *operands, out=product.out, formula=product.formula)


@dataclass(frozen=True)
class Chunked(Kernel):
    """BLAS on equal chunks of neurons, each of them small enough for BLAS not to pack its operands."""

    name = "chunked"
    chunks: int

    def _write(self, draft: TapeWriter, product: Product) -> None:
        left, out, name = product.left.array, product.out.array, product.out.name
        right = draft.add(f"{name}_right", aligned_zeros(product.right.array.shape, draft.dtype))
        contiguous = f"{product.formula} (with a contiguous second factor)"
        draft.emit("np.copyto", product.right, out=right, formula=contiguous)
        neurons = len(left) // self.chunks
        for chunk in range(self.chunks):
            mine = slice(chunk * neurons, (chunk + 1) * neurons)
            left_chunk = draft.add(f"{name}_left{chunk}", left[mine])
            out_chunk = draft.add(f"{name}_chunk{chunk}", out[mine])
            draft.emit("np.dot", left_chunk, right, out=out_chunk, formula=product.formula)


def _chunk_count(product: Product) -> int:
    """Return the number of equal chunks of neurons that make a product faster, or 0.

    Chunks are faster only for few samples and many inputs.
    """
    (rows, inner), columns = product.left.array.shape, product.right.array.shape[1]
    multiply_adds = rows * inner * columns
    if not 1 < columns <= MAX_SAMPLES_PER_CHUNKED_PRODUCT or product.rows < rows:
        return 0
    if multiply_adds <= MAX_MULTIPLY_ADDS_WITHOUT_PACKING:
        return 0
    fewest = -(-multiply_adds // MAX_MULTIPLY_ADDS_WITHOUT_PACKING)
    counts = range(fewest, rows // MIN_NEURONS_PER_CHUNK + 1)
    return next((count for count in counts if rows % count == 0), 0)


@dataclass(frozen=True)
class Padded(Kernel):
    """BLAS on operands that are padded with zeros to whole blocks; `rows` and `columns` are the padded sizes."""

    name = "padded"
    rows: int
    columns: int

    def _write(self, draft: TapeWriter, product: Product) -> None:
        rows, columns = product.out.array.shape
        inner = product.left.array.shape[1]
        name = product.out.name
        left = _pad_operand(draft, product.left, f"{name}_left", (self.rows, inner))
        right = _pad_operand(draft, product.right, f"{name}_right", (inner, self.columns))
        whole = draft.add(f"{name}_padded", aligned_zeros((self.rows, self.columns), draft.dtype))
        part = draft.add(f"{name}_padded_part", whole.array[:rows, :columns])
        draft.emit("np.dot", left, right, out=whole, formula=product.formula)
        draft.emit("np.copyto", part, out=product.out, formula=f"{product.formula} (without padding)")


def paddings(product: Product) -> list[tuple[int, int]]:
    """Return the sizes (rows, columns) that a product can be padded to, the fastest first.

    Sides without neurons are padded too: where they end inside a block, some BLAS kernels round neurons differently.
    """
    rows, columns = product.out.array.shape
    sizes = {
        (padded_rows, padded_columns)
        for block in (SMALL_BLOCK_SIZE, BLOCK_SIZE[product.out.array.dtype.itemsize])
        for padded_rows in (rows, round_up(rows, block))
        for padded_columns in (columns, round_up(columns, block))
    } - {(rows, columns)}
    return sorted(sizes, key=lambda size: _padding_cost(product, size))


def _padding_cost(product: Product, size: tuple[int, int]) -> tuple[int, int]:
    """Return how many numbers have to be copied first, and how many numbers the result has."""
    inner = product.left.array.shape[1]
    operands = (product.left, (size[0], inner)), (product.right, (inner, size[1]))
    copied = sum(prod(shape) for operand, shape in operands if _padded_in_place(operand, shape) is None)
    return copied, prod(size)


def _pad_operand(draft: TapeWriter, operand: TapeArray, name: str, shape: tuple[int, int]) -> TapeArray:
    """Return an operand of `shape`, called `name`, that holds `operand` and zeros; without a copy where possible."""
    rows, columns = operand.array.shape
    if (rows, columns) == shape:
        return operand
    in_place = _padded_in_place(operand, shape)
    if in_place is not None:
        return draft.add(name, in_place.T).T if operand.is_transposed else draft.add(name, in_place)
    padded = draft.add(name, aligned_zeros(shape, draft.dtype))
    part = draft.add(f"{name}_part", padded.array[:rows, :columns])
    draft.emit("np.copyto", operand, out=part, formula=f"{operand} (with padding)")
    return padded


def _padded_in_place(operand: TapeArray, shape: tuple[int, int]) -> AnyArray | None:
    """Return an operand widened to `shape` by the zeros next to it in memory, or None where there are not enough."""
    whole = operand.array if operand.surrounded is None else operand.surrounded
    rows, columns = shape
    return whole[:rows, :columns] if whole.shape[0] >= rows and whole.shape[1] >= columns else None
