"""The low-rank update: plain SGD on few samples changes W without forming the gradient matrix first.

W = (1 - learning rate·λ)·W - (learning rate·dZ)ᵀ·H is computed in place for a chunk of neurons at a time, which stays in
the cache. This takes about half the memory traffic of computing the gradient matrix first. The gradient is still on the
tape for those who want to see it; training skips it.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.model.layout import Block, Layout
from engine.tape.blas import ALIGNMENT, aligned_zeros
from engine.tape.kernels import Product
from engine.tape.writer import TapeWriter

MAX_SAMPLES_PER_LOW_RANK_UPDATE = 48
"""With more samples, the step computes the gradient matrix first."""

WEIGHTS_PER_CHUNK = 16_384
"""Maximum number of weights in a chunk: three arrays of this size must fit into the second-level cache."""

MIN_LENGTH_FOR_NUMPY = 256
"""NumPy computes outer products of vectors of at least this length faster than BLAS."""

NEURONS_PER_BLOCK = 4
"""With several samples, the number of neurons in a chunk is a multiple of this; zeros stand for missing neurons."""


class LowRankUpdate:
    """Writes the update of all layers, which reads the arrays `dZ1`, `H0`, … of a step.

    `write_product` appends a product to the tape; `alike(n)` returns how many units of layer n must be treated alike.
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
        self._multiple = _neurons_multiple(self._samples, writer.dtype.itemsize)

    def write(self, learning_rate: float, weight_decay: float) -> None:
        """Append the update of one layer after another, each of them in chunks of neurons."""
        largest = max(self._neurons_per_chunk(block) * block.rows for block in self._layout.blocks)
        self._writer.arrays["change"] = aligned_zeros((largest,), self._writer.dtype)
        for number, block in enumerate(self._layout.blocks, start=1):
            self._writer.at(self._writer.phase, number)
            self._write_delta(number, block, learning_rate)
            if weight_decay:
                self._make_factors(number, block, 1.0 - learning_rate * weight_decay)
            for chunk, first in enumerate(range(0, block.fan_out, self._neurons_per_chunk(block))):
                self._write_chunk(number, block, chunk, first)

    def _alike(self, number: int) -> int:
        # A product of two vectors has no sums, and only sums can be rounded in several ways.
        return self._units_alike(number) if self._samples > 1 else 0

    def _write_delta(self, number: int, block: Block, learning_rate: float) -> None:
        """Append η·dZ, with room for whole chunks of neurons."""
        arrays, neurons = self._writer.arrays, self._neurons_per_chunk(block)
        whole = aligned_zeros((-(-block.fan_out // neurons) * neurons, self._samples), self._writer.dtype)
        arrays[f"delta{number}_whole"] = whole
        arrays[f"delta{number}"] = whole[: block.fan_out].T
        formula = f"δ{number} = η·dZ{number}"
        self._writer.emit("np.multiply", f"dZ{number}", learning_rate, out=f"delta{number}", formula=formula)

    def _make_factors(self, number: int, block: Block, shrink: float) -> None:
        """Make one factor for each parameter of a chunk: `shrink` for weights and 1 for biases.

        NumPy is twice as fast on whole rows as on rows without their biases.
        """
        factors = aligned_zeros((self._neurons_per_chunk(block), block.rows), self._writer.dtype)
        factors[:, : block.fan_in], factors[:, block.fan_in :] = shrink, 1.0
        self._writer.arrays[f"shrink{number}"] = factors

    def _write_chunk(self, number: int, block: Block, chunk: int, first: int) -> None:
        """Append the update of a chunk of neurons from neuron `first` on: columns of W, which are rows in memory."""
        arrays, neurons, name = self._writer.arrays, self._neurons_per_chunk(block), f"{number}_{chunk}"
        arrays[f"P{name}"] = arrays[f"P{number}"].T[first : first + neurons]
        count = len(arrays[f"P{name}"])
        arrays[f"delta{name}"] = arrays[f"delta{number}_whole"][first : first + neurons]
        change = arrays["change"][: neurons * block.rows].reshape(neurons, block.rows)
        arrays[f"change{name}_whole"], arrays[f"change{name}"] = change, change[:count]
        if f"shrink{number}" in arrays:
            arrays[f"shrink{name}"] = arrays[f"shrink{number}"][:count]
            formula = f"W{number} = (1 − η·λ)·W{number}"
            self._writer.emit("np.multiply", f"P{name}", f"shrink{name}", out=f"P{name}", formula=formula)
        left, right, out = f"delta{name}", f"H{number - 1}", f"change{name}_whole"
        formula = f"Δ{number} = δ{number}ᵀ·" + ("X" if number == 1 else f"A{number - 1}")
        if self._samples == 1 and block.rows >= MIN_LENGTH_FOR_NUMPY:
            self._writer.emit("np.multiply", left, right, out=out, formula=formula)
        else:
            rows = neurons if self._alike(number) else 0
            self._write_product(Product(left, right, out, formula, rows, columns=self._alike(number - 1)))
        self._writer.emit("np.subtract", f"P{name}", f"change{name}", out=f"P{name}", formula="θ = θ − Δ")

    def _neurons_per_chunk(self, block: Block) -> int:
        chunks = -(-block.fan_out * block.rows // WEIGHTS_PER_CHUNK)
        return -(-block.fan_out // (chunks * self._multiple)) * self._multiple


def _neurons_multiple(samples: int, itemsize: int) -> int:
    """Return the number of which the neurons in a chunk must be a multiple, for numbers of `itemsize` bytes.

    BLAS computes products of equal shape and alignment in the same order, so equal neurons stay equal across chunks.
    """
    if samples == 1:
        return 1
    multiple = NEURONS_PER_BLOCK
    while multiple * samples * itemsize % ALIGNMENT:
        multiple *= 2
    return multiple
