"""The update of a step on few samples: W changes without its gradient, a matrix of low rank, being formed first.

W = (1 - learning rate·λ)·W - (learning rate·dZ)ᵀ·H in place, a few neurons at a time, so that they stay in the cache:
about half the memory traffic of computing the gradient matrix first. Plain SGD only; the gradient itself is still on
the tape for those who want to see it, but training passes it by.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.model.layout import Block, Layout
from engine.tape.blas import ALIGNMENT, aligned_zeros
from engine.tape.kernels import Product
from engine.tape.writer import TapeWriter

WEIGHTS_PER_CHUNK = 16_384
"""Weights that are changed together: three arrays of this size have to fit into the second-level cache."""

MIN_LENGTH_FOR_NUMPY = 256
"""From this length on, NumPy computes the outer product of two vectors faster than BLAS."""

NEURONS_PER_BLOCK = 4
"""With several samples, chunks have a multiple of this many neurons; zeros stand for missing ones."""


class LowRankUpdate:
    """Writes the update of all layers from the arrays `dZ1`, `H0`, … of a step.

    `write_product` appends a product to the tape; `alike(n)` is how many units of layer n must be treated alike.
    """

    def __init__(
        self,
        writer: TapeWriter,
        layout: Layout,
        write_product: Callable[[Product], None],
        alike: Callable[[int], int],
    ) -> None:
        self._writer = writer
        self._layout = layout
        self._write_product = write_product
        self._samples = len(writer.arrays["Y"])
        self._units_alike = alike
        self._whole = _whole(self._samples, writer.dtype.itemsize)

    def write(self, learning_rate: float, weight_decay: float) -> None:
        """Append the update of one layer after the other, of each a few neurons at a time."""
        largest = max(self._neurons_at_once(block) * block.rows for block in self._layout.blocks)
        self._writer.arrays["change"] = aligned_zeros((largest,), self._writer.dtype)
        for number, block in enumerate(self._layout.blocks, start=1):
            self._writer.at(self._writer.phase, number)
            self._write_delta(number, block, learning_rate)
            if weight_decay:
                self._make_factors(number, block, 1.0 - learning_rate * weight_decay)
            for part, first in enumerate(range(0, block.fan_out, self._neurons_at_once(block))):
                self._write_part(number, block, part, first)

    def _alike(self, number: int) -> int:
        # products of two vectors have no sums, which alone can be rounded in several ways
        return self._units_alike(number) if self._samples > 1 else 0

    def _write_delta(self, number: int, block: Block, learning_rate: float) -> None:
        arrays, several = self._writer.arrays, self._neurons_at_once(block)
        whole = aligned_zeros((-(-block.fan_out // several) * several, self._samples), self._writer.dtype)
        arrays[f"delta{number}_whole"] = whole
        arrays[f"delta{number}"] = whole[: block.fan_out].T
        formula = f"δ{number} = η·dZ{number}"
        self._writer.emit("np.multiply", f"dZ{number}", learning_rate, out=f"delta{number}", formula=formula)

    def _make_factors(self, number: int, block: Block, shrink: float) -> None:
        """Make one factor for each weight: NumPy is twice as fast on whole rows as on rows without their biases."""
        factors = aligned_zeros((self._neurons_at_once(block), block.rows), self._writer.dtype)
        factors[:, : block.fan_in], factors[:, block.fan_in :] = shrink, 1.0
        self._writer.arrays[f"shrink{number}"] = factors

    def _write_part(self, number: int, block: Block, part: int, first: int) -> None:
        """Append the update of some neurons: columns of W, which are rows in memory."""
        arrays, several, mine = self._writer.arrays, self._neurons_at_once(block), f"{number}_{part}"
        arrays[f"P{mine}"] = arrays[f"P{number}"].T[first : first + several]
        count = len(arrays[f"P{mine}"])
        arrays[f"delta{mine}"] = arrays[f"delta{number}_whole"][first : first + several]
        change = arrays["change"][: several * block.rows].reshape(several, block.rows)
        arrays[f"change{mine}_whole"], arrays[f"change{mine}"] = change, change[:count]
        if f"shrink{number}" in arrays:
            arrays[f"shrink{mine}"] = arrays[f"shrink{number}"][:count]
            formula = f"W{number} = (1 − η·λ)·W{number}"
            self._writer.emit("np.multiply", f"P{mine}", f"shrink{mine}", out=f"P{mine}", formula=formula)
        left, right, out = f"delta{mine}", f"H{number - 1}", f"change{mine}_whole"
        formula = f"Δ{number} = δ{number}ᵀ·" + ("X" if number == 1 else f"A{number - 1}")
        if self._samples == 1 and block.rows >= MIN_LENGTH_FOR_NUMPY:
            self._writer.emit("np.multiply", left, right, out=out, formula=formula)
        else:
            rows = several if self._alike(number) else 0
            self._write_product(Product(left, right, out, formula, rows, columns=self._alike(number - 1)))
        self._writer.emit("np.subtract", f"P{mine}", f"change{mine}", out=f"P{mine}", formula="θ = θ − Δ")

    def _neurons_at_once(self, block: Block) -> int:
        parts = -(-block.fan_out * block.rows // WEIGHTS_PER_CHUNK)
        return -(-block.fan_out // (parts * self._whole)) * self._whole


def _whole(samples: int, itemsize: int) -> int:
    """Return the number that the neurons in a chunk must be a multiple of.

    Products of equal shape and alignment are computed in the same order, so equal neurons stay equal across chunks.
    """
    if samples == 1:
        return 1
    whole = NEURONS_PER_BLOCK
    while whole * samples * itemsize % ALIGNMENT:
        whole *= 2
    return whole
