"""The one place where matrices are multiplied, so that equal neurons stay equal bit for bit.

BLAS computes the last rows and columns of a block in another order than the others. For some widths, shapes, memory
orders and processors, plain products therefore pull identical neurons apart in the last bit. In the mode `exact` every
product of a tape is probed first, on arrays of exactly the form that it will use. Equal neurons must give equal results;
otherwise the next kernel is tried. Every kernel treats all neurons alike; none copies one neuron onto another.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from engine.tape.kernels import Plain, Product, kernels_of
from engine.tape.prober import Prober
from engine.tape.writer import TapeWriter

Mode: TypeAlias = Literal["exact", "blas"]

_PROBER = Prober()
"""The prober of all tapes: the lanes of an experiment compile the same products many times."""


def write_product(writer: TapeWriter, product: Product, mode: Mode) -> str:
    """Append a product to the tape with the first kernel that keeps equal neurons equal; return the kernel's name.

    The mode `blas` takes the plain kernel unprobed.
    """
    if mode == "blas":
        kernel = Plain()
        draft = kernel.draft(writer, product)
    else:
        kernel, draft = next(
            (kernel, draft)
            for kernel in kernels_of(product)
            for draft in [kernel.draft(writer, product)]
            if kernel.is_always_exact or _PROBER.keeps_equality(draft, product)
        )
    writer.adopt(draft)
    return kernel.name


def is_exact_plainly(product: Product) -> bool:
    """Return whether BLAS keeps equal neurons equal in a product without any precautions."""
    writer = TapeWriter(product.out.array.dtype)
    return _PROBER.keeps_equality(Plain().draft(writer, product), product)
