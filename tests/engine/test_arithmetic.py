"""Every kernel computes the right product, and equal neurons get equal results from the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from engine.tape.blas import aligned_zeros, up_to_block
from engine.tape.kernels import Einsum, Padded, Plain, Product, kernels_of, paddings
from engine.tape.products import write_product
from engine.tape.writer import TapeArray, TapeWriter
from tests.builders import experiment, layer, trainer_of

pytestmark = pytest.mark.untraced

SAMPLES = (1, 4, 32, 300)
WIDTHS = (1, 2, 5, 6, 8, 10, 13, 33)
NEW_DRAWS = 8
"""Products per shape, with other numbers than those that the kernel was probed with."""


@dataclass(frozen=True)
class Shape:
    """out (rows, columns) = left (rows, inner) · right (inner, columns); the first `equal_…` of each are neurons."""

    rows: int
    inner: int
    columns: int
    equal_rows: int
    equal_columns: int


def products_of_a_layer(samples: int, width: int) -> Iterator[Shape]:
    """Yield the products of a hidden layer: outputs, gradients of its inputs, gradients of its weights."""
    for other in (2, 3, 10, width):
        yield Shape(width, other + 1, samples, width, 0)
        yield Shape(width, other, samples, width, 0)
        yield Shape(width, samples, other + 1, width, other)
        yield Shape(1, samples, width + 1, 0, width)


ORDERS = ((False, False), (True, False), (False, True))
"""Which operands are the transposed view of an array, as the weights, the samples or none of them are."""


def writer_for(shape: Shape, dtype: str, transposed: tuple[bool, bool]) -> tuple[TapeWriter, Product]:
    """Return a tape with the arrays of a product, and the product."""
    writer = TapeWriter(np.dtype(dtype))
    sides = {"left": (shape.rows, shape.inner), "right": (shape.inner, shape.columns)}
    operands: dict[str, TapeArray] = {}
    for (name, size), turned in zip(sides.items(), transposed, strict=True):
        operand = writer.add(name, aligned_zeros(size[::-1] if turned else size, writer.dtype))
        operands[name] = operand.T if turned else operand
    out = writer.add("out", aligned_zeros((shape.rows, shape.columns), writer.dtype))
    return writer, Product(
        **operands, out=out, formula="", rows=shape.equal_rows, columns=shape.equal_columns
    )


def run(writer: TapeWriter) -> None:
    for instruction in writer.instructions:
        instruction.call()


def fill(product: Product, rng: np.random.Generator) -> tuple[Any, Any]:
    """Fill the operands with random numbers and return them as they stand in the product."""
    operands = product.left.array, product.right.array
    for operand in operands:
        operand[...] = rng.standard_normal(operand.shape)
    return operands


def assert_equal_neurons_stay_equal(writer: TapeWriter, product: Product, rng: np.random.Generator) -> None:
    left, right = fill(product, rng)
    left[: product.rows] = left[:1].copy()
    run(writer)
    rows = product.out.array[: product.rows]
    assert (rows == rows[:1]).all()

    left, right = fill(product, rng)
    right[:, : product.columns] = right[:, :1].copy()
    run(writer)
    columns = product.out.array[:, : product.columns]
    assert (columns == columns[:, :1]).all()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("samples", SAMPLES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equal_neurons_give_equal_results_bit_for_bit(dtype: str, samples: int, width: int) -> None:
    rng = np.random.default_rng(1)
    for shape in products_of_a_layer(samples, width):
        for transposed in ORDERS:
            writer, product = writer_for(shape, dtype, transposed)
            write_product(writer, product, "exact")
            for _ in range(NEW_DRAWS):
                assert_equal_neurons_stay_equal(writer, product, rng)


def each_padding(writer: TapeWriter, product: Product) -> list[TapeWriter]:
    return [Padded(*size).draft(writer, product) for size in paddings(product)]


KERNELS: dict[str, Callable[[TapeWriter, Product], list[TapeWriter]]] = {
    "plain": lambda writer, product: [Plain().draft(writer, product)],
    "padded": each_padding,
    "einsum": lambda writer, product: [Einsum().draft(writer, product)],
}
"""Drafts by every kernel, so that each is tested on every processor, whichever is chosen there."""


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("samples", SAMPLES)
def test_every_kernel_gives_the_product_that_numpy_gives(samples: int, kernel: str) -> None:
    rng = np.random.default_rng(2)
    for width in WIDTHS:
        for shape in products_of_a_layer(samples, width):
            for transposed in ORDERS:
                writer, product = writer_for(shape, "float64", transposed)
                left, right = fill(product, rng)
                for tape in KERNELS[kernel](writer, product):
                    product.out.array[...] = np.nan
                    run(tape)
                    np.testing.assert_allclose(product.out.array, left @ right, rtol=0, atol=1e-12)


WIDE = Shape(100, 785, 32, 100, 0)
"""Outputs of a layer with many inputs, which are faster to compute in chunks of neurons."""


@pytest.mark.parametrize("rows", [100, 128, 130, 96])
def test_a_wide_product_is_tried_in_chunks_of_neurons_first_and_is_the_product_that_numpy_gives(
    rows: int,
) -> None:
    rng = np.random.default_rng(5)
    writer, product = writer_for(replace(WIDE, rows=rows, equal_rows=rows), "float64", (False, True))
    assert next(kernels_of(product)).name == "chunked"
    write_product(writer, product, "exact")  # some processors round the neurons of these chunks differently
    for _ in range(NEW_DRAWS):
        assert_equal_neurons_stay_equal(writer, product, rng)
    left, right = fill(product, rng)
    run(writer)
    np.testing.assert_allclose(product.out.array, left @ right, rtol=0, atol=1e-11)


def test_neurons_that_cannot_be_split_into_equal_chunks_are_computed_together() -> None:
    writer, product = writer_for(replace(WIDE, rows=101, equal_rows=101), "float64", (False, True))
    assert write_product(writer, product, "exact") != "chunked"


@pytest.mark.parametrize("samples", SAMPLES)
def test_the_chosen_kernel_gives_the_product_that_numpy_gives(samples: int) -> None:
    rng = np.random.default_rng(3)
    for shape in products_of_a_layer(samples, 13):
        writer, product = writer_for(shape, "float64", (False, False))
        write_product(writer, product, "exact")
        left, right = fill(product, rng)
        run(writer)
        np.testing.assert_allclose(product.out.array, left @ right, rtol=0, atol=1e-12)


def test_choosing_a_kernel_leaves_the_operands_as_they_were() -> None:
    writer, product = writer_for(Shape(13, 5, 7, 13, 5), "float64", (False, True))
    left, right = fill(product, np.random.default_rng(4))
    before = left.copy(), right.copy()
    write_product(writer, product, "exact")
    np.testing.assert_array_equal(left, before[0])
    np.testing.assert_array_equal(right, before[1])


def test_blas_is_always_the_plain_product() -> None:
    for width in WIDTHS:
        writer, product = writer_for(Shape(width, 5, 7, width, 0), "float64", (False, False))
        assert write_product(writer, product, "blas") == "plain"
        assert len(writer.instructions) == 1


def test_a_product_without_neurons_to_treat_alike_is_plain() -> None:
    writer, product = writer_for(Shape(13, 33, 7, 13, 7), "float64", (False, False))
    assert write_product(writer, replace(product, rows=0, columns=0), "exact") == "plain"


@pytest.mark.parametrize(("dtype", "block"), [("float64", 8), ("float32", 16)])
def test_padding_goes_up_to_whole_blocks(dtype: str, block: int) -> None:
    assert [up_to_block(n, np.dtype(dtype)) for n in (1, block - 1, block, block + 1)] == [
        block,
        block,
        block,
        2 * block,
    ]


@pytest.mark.parametrize("shape", [(1,), (3, 5), (301, 7)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_arrays_begin_at_a_boundary_of_64_bytes(dtype: str, shape: tuple[int, ...]) -> None:
    array = aligned_zeros(shape, np.dtype(dtype))
    assert (array.shape, array.dtype.name, array.ctypes.data % 64) == (shape, dtype, 0)
    assert not array.any()


def test_blas_uses_one_thread_once_an_experiment_was_compiled() -> None:
    trainer_of(experiment(layer(2), layer(1)))
    threads = [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]
    assert set(threads) <= {1}
