"""The low-rank update: plain SGD on few samples changes W without forming the gradient matrix first.

W = (1 - learning rate·λ)·W - (learning rate·dZ)ᵀ·H is computed in place for a chunk of neurons at a time, which stays in
the cache. This takes about half the memory traffic of computing the gradient matrix first. The gradient is still on the
tape for those who want to see it; training skips it.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.compile.step_arrays import StepArrays
from engine.core.arrays import AnyArray
from engine.model.layout import Block, Layout
from engine.tape.blas import ALIGNMENT, aligned_zeros, round_up
from engine.tape.kernels import Product
from engine.tape.writer import TapeArray, TapeWriter

MAX_SAMPLES_PER_LOW_RANK_UPDATE = 48
"""The most samples of a low-rank update; with more, the step computes the gradient matrix first."""

WEIGHTS_PER_CHUNK = 16_384
"""The most weights in a chunk: three arrays of this size have to fit into the second-level cache."""

MIN_LENGTH_FOR_NUMPY = 256
"""The length of two vectors from which on NumPy computes their outer product faster than BLAS."""

NEURONS_PER_BLOCK = 4
"""With several samples, a chunk has a multiple of this number of neurons; zeros stand for missing neurons."""


class LowRankUpdate:
    """Writes the update of all layers, which reads `delta` and `feed` of each.

    `write_product` appends a product to the tape; `alike(n)` returns how many units of layer n must be treated alike, and
    `inputs(n)` what a formula calls its inputs.
    """

    def __init__(
        self,
        writer: TapeWriter,
        layout: Layout,
        arrays: StepArrays,
        write_product: Callable[[Product], None],
        alike: Callable[[int], int],
        inputs: Callable[[int], str],
    ) -> None:
        self._writer = writer
        self._layout = layout
        self._arrays = arrays
        self._write_product = write_product
        self._units_alike = alike
        self._inputs = inputs
        self._multiple = _neurons_multiple(arrays.sample_count, writer.dtype.itemsize)

    def write(self, learning_rate: float, weight_decay: float) -> None:
        """Append the update of one layer after another, each of them in chunks of neurons."""
        largest = max(self._neurons_per_chunk(block) * block.rows for block in self._layout.blocks)
        change = self._writer.add("change", aligned_zeros((largest,), self._writer.dtype))
        for number in range(1, len(self._layout.blocks) + 1):
            self._writer.at(self._writer.phase, number)
            self._write_layer(number, change, learning_rate, weight_decay)

    def _write_layer(self, number: int, change: TapeArray, learning_rate: float, weight_decay: float) -> None:
        block = self._layout.blocks[number - 1]
        neurons = self._neurons_per_chunk(block)
        scaled = self._write_scaled_delta(number, learning_rate)
        factors = self._factors(block, 1.0 - learning_rate * weight_decay) if weight_decay else None
        for chunk, first in enumerate(range(0, block.fan_out, neurons)):
            name, mine = f"{number}_{chunk}", slice(first, first + neurons)
            parameters = self._writer.add(
                f"P{name}", self._arrays.layers[number - 1].parameters.array.T[mine]
            )
            if factors is not None:
                self._write_shrinking(number, name, parameters, factors)
            delta = self._writer.add(f"delta{name}", scaled[mine])
            memory = change.array[: neurons * block.rows].reshape(neurons, block.rows)
            whole = self._writer.add(f"change{name}_whole", memory)
            self._write_change(number, delta, whole)
            part = self._writer.add(f"change{name}", memory[: len(parameters.array)])
            self._writer.emit("np.subtract", parameters, part, out=parameters, formula="θ = θ − Δ")
        self._finish_layer(number, decays=factors is not None)

    def _finish_layer(self, number: int, *, decays: bool) -> None:
        inputs, delta = self._inputs(number), f"(η·{self._arrays.layers[number - 1].delta})"
        kept = f"(1 − η·λ)·W{number}" if decays else f"W{number}"
        self._writer.finish(f"W{number} ← {kept} − {inputs}ᵀ·{delta}")
        if self._layout.blocks[number - 1].has_bias:
            self._writer.finish(f"b{number} ← b{number} − Σᵢ{delta}")

    def _write_scaled_delta(self, number: int, learning_rate: float) -> AnyArray:
        """Append η·dZ and return it, (neurons, samples), with rows of zeros up to whole chunks of neurons."""
        block, delta = self._layout.blocks[number - 1], self._arrays.layers[number - 1].delta
        rows = round_up(block.fan_out, self._neurons_per_chunk(block))
        whole = self._writer.add(
            f"delta{number}_whole", aligned_zeros((rows, self._arrays.sample_count), self._writer.dtype)
        )
        scaled = self._writer.add(f"delta{number}", whole.array[: block.fan_out].T)
        self._writer.emit("np.multiply", delta, learning_rate, out=scaled, formula=f"δ{number} = η·{delta}")
        return whole.array

    def _factors(self, block: Block, shrink: float) -> AnyArray:
        """Return one factor for each parameter of a chunk, (neurons, rows): `shrink` for weights and 1 for biases.

        NumPy is twice as fast on whole rows as on rows without their biases.
        """
        factors = aligned_zeros((self._neurons_per_chunk(block), block.rows), self._writer.dtype)
        factors[:, : block.fan_in], factors[:, block.fan_in :] = shrink, 1.0
        return factors

    def _write_shrinking(self, number: int, name: str, parameters: TapeArray, factors: AnyArray) -> None:
        """Append the weight decay of a chunk of neurons."""
        shrink = self._writer.add(f"shrink{name}", factors[: len(parameters.array)])
        formula = f"W{number} = (1 − η·λ)·W{number}"
        self._writer.emit("np.multiply", parameters, shrink, out=parameters, formula=formula)

    def _write_change(self, number: int, delta: TapeArray, change: TapeArray) -> None:
        """Append what is taken off the parameters of a chunk of neurons."""
        neurons, rows = change.array.shape
        feed = self._arrays.layers[number - 1].feed
        formula = f"Δ{number} = δ{number}ᵀ·{self._inputs(number)}"
        if self._arrays.sample_count == 1 and rows >= MIN_LENGTH_FOR_NUMPY:
            self._writer.emit("np.multiply", delta, feed, out=change, formula=formula)
            return
        alike = neurons if self._alike(number) else 0
        self._write_product(Product(delta, feed, change, formula, alike, columns=self._alike(number - 1)))

    def _alike(self, number: int) -> int:
        # A product of two vectors has no sums, and only sums can be rounded in several ways.
        return self._units_alike(number) if self._arrays.sample_count > 1 else 0

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
