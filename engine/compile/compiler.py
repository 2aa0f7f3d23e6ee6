"""Experiment → tape: writes one training step down as a list of instructions.

Names on the tape, with samples as rows: `X` inputs, `Y` targets, `Z2` and `A2` of layer 2, `H1` the inputs of layer 2
with a last column of ones, `P2` the weights of layer 2 with the biases as last row, `G2` their gradient, `dZ2` and `dA2`
the gradients of the loss; `theta`, `gradient` and `state_0` … are the flat vectors. With batches, `batch` holds the
numbers of the samples of this step, which are taken from `X_all` and `Y_all`; with dropout, `mask2` holds 0 or
1/(1 - dropout) for every output of layer 2. Both are drawn before the step.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from engine.compile.low_rank import LowRankUpdate
from engine.compile.step import Step
from engine.core.arrays import AnyArray, Floats
from engine.experiments.experiment import Batch, Experiment
from engine.model.layout import Layout
from engine.tape.blas import aligned_zeros, limit_blas_to_one_thread, up_to_block
from engine.tape.instructions import Phase, Tape
from engine.tape.kernels import MAX_SAMPLES_PER_CHUNKED_PRODUCT, Product
from engine.tape.products import write_product
from engine.tape.writer import TapeWriter

CHUNK_SIZE = 6144
"""Numbers in a chunk of a flat vector: three chunks fit into the second-level cache together."""


def compile_step(experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> Step:
    """Return the training step of `experiment` on the samples `inputs` (n, inputs) and `targets` (n, outputs)."""
    limit_blas_to_one_thread()
    with np.errstate(all="ignore"):  # what is too large for float32 is infinite there
        return _Compiler(experiment, layout, inputs, targets).compile()


def over_all_samples(experiment: Experiment) -> Experiment:
    """Return the experiment as it is measured: on all samples at once and without dropout.

    Nothing that is measured comes back into the training, so its products need not keep neurons equal.
    """
    layers = [msgspec.structs.replace(layer, dropout=0.0) for layer in experiment.network.layers]
    network = msgspec.structs.replace(experiment.network, layers=layers)
    return msgspec.structs.replace(experiment, network=network, batch=Batch(), arithmetic="blas")


_ROWS: dict[tuple[int, int, str], AnyArray] = {}


def _rows_with_ones(inputs: Floats, rows: int, dtype: np.dtype[Any]) -> AnyArray:
    """Return inputs (n, inputs) as (n, rows), locked, with a last column of ones if there is room for it.

    Steps on the same inputs share it as long as these live: lanes of pictures would fill the memory with copies.
    """
    key = (id(inputs), rows, dtype.str)
    if key not in _ROWS:
        made = np.ones((len(inputs), rows), dtype)
        made[:, : inputs.shape[1]] = inputs
        made.flags.writeable = False
        _ROWS[key] = made
        weakref.finalize(inputs, _ROWS.pop, key, None)
    return _ROWS[key]


class _Compiler:
    def __init__(self, experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> None:
        self.experiment = experiment
        self.layout = layout
        self.layers = experiment.network.layers
        self.batched = experiment.batch.size != "full"
        self.samples = len(inputs) if experiment.batch.size == "full" else experiment.batch.size
        dtype = experiment.float_type
        self.writer = TapeWriter(dtype, targets, batched=self.batched)
        self.kernels: dict[Product, str] = {}
        self.dropouts: dict[str, float] = {}
        arrays = self.writer.arrays
        for name in ("theta", "gradient", "update", *self._state_names()):
            arrays[name] = aligned_zeros((layout.size,), dtype)
        arrays["loss"] = np.zeros((), dtype)
        arrays["update_number"] = np.zeros((), dtype)
        self._make_layer_arrays()
        if self.batched:
            self._make_batch_arrays(inputs, targets)
        else:
            arrays["X"][...] = inputs
            arrays["Y"] = targets.astype(dtype)

    def _state_names(self) -> list[str]:
        return [f"state_{index}" for index in range(self.experiment.optimizer.state_count)]

    def _make_batch_arrays(self, inputs: Floats, targets: Floats) -> None:
        """Keep all samples as rows, with the column of ones, so that a batch is one `take`."""
        arrays, dtype = self.writer.arrays, self.writer.dtype
        block = self.layout.blocks[0]
        arrays["X_all"] = _rows_with_ones(inputs, block.rows, dtype)
        arrays["Y_all"] = targets.astype(dtype)
        arrays["Y"] = np.zeros((self.samples, targets.shape[1]), dtype)
        arrays["batch"] = np.zeros(self.samples, np.intp)
        arrays["H0"] = aligned_zeros((self.samples, block.rows), dtype)
        arrays["X"] = arrays["H0"][:, : block.fan_in]

    def _make_layer_arrays(self) -> None:
        arrays = self.writer.arrays
        if not self.batched:
            self._make_units("H0", "X", self.layout.blocks[0].fan_in, ones=self.layout.blocks[0].has_bias)
        for number, block in enumerate(self.layout.blocks, start=1):
            arrays[f"P{number}"] = block.of(arrays["theta"])
            arrays[f"W{number}"] = block.weights(arrays["theta"])
            arrays[f"G{number}"] = block.of(arrays["gradient"])
            hidden = number < len(self.layers)
            self._make_units(
                f"H{number}", f"A{number}", block.fan_out, ones=hidden and self.layout.blocks[number].has_bias
            )
            for name in ("Z", "dZ"):
                self._make_units(f"{name}{number}_whole", f"{name}{number}", block.fan_out, ones=False)
            if hidden:
                rows = self.layout.blocks[number].rows
                arrays[f"dA{number}_whole"] = aligned_zeros((rows, self.samples), self.writer.dtype).T
                arrays[f"dA{number}"] = arrays[f"dA{number}_whole"][:, : block.fan_out]
            if self.layers[number - 1].dropout:
                self._make_dropout_arrays(number)

    def _make_dropout_arrays(self, number: int) -> None:
        """Set the outputs that go on to the next layer apart from those that the derivative needs."""
        arrays = self.writer.arrays
        arrays[f"A{number}_masked"] = arrays[f"A{number}"]
        arrays[f"A{number}"] = np.zeros_like(arrays[f"A{number}_masked"])
        arrays[f"mask{number}"] = np.ones_like(arrays[f"A{number}"])
        self.dropouts[f"mask{number}"] = self.layers[number - 1].dropout

    def _make_units(self, whole: str, units: str, count: int, *, ones: bool) -> None:
        """Make an array (samples, count), one neuron after the other in memory, zeros behind it up to whole blocks.

        `units` is that array, `whole` includes a last column of ones if wanted; the zeroed surroundings spare padded
        products a copy. A single neuron needs none, and alone those of stacked runs are one long array.
        """
        arrays, dtype = self.writer.arrays, self.writer.dtype
        columns = count + ones
        memory = aligned_zeros((up_to_block(columns, dtype) if columns > 1 else 1, self.samples), dtype)
        memory[count : count + ones] = 1.0
        arrays[units] = memory[:count].T
        arrays[whole] = memory[: count + ones].T
        arrays[f"{units}_surrounded"] = arrays[f"{whole}_surrounded"] = memory.T

    def compile(self) -> Step:
        if self.batched:
            self._write_batch()
        for number in range(1, len(self.layers) + 1):
            self._write_forward(number)
        self._write_loss()
        for number in range(len(self.layers), 0, -1):
            self._write_backward(number)
        self._write_weight_decay()
        self._write_update()
        tape = Tape(self.writer.arrays, tuple(self.writer.instructions))
        return Step(tape, self.layout, self.kernels, f"A{len(self.layers)}", self.dropouts)

    def _write_batch(self) -> None:
        self.writer.at(Phase.FORWARD)
        options = {"axis": 0, "mode": "'clip'"}  # without a mode, take() makes a copy first
        self.writer.emit("np.take", "X_all", "batch", out="H0", options=options, formula="X = X_all[batch]")
        self.writer.emit("np.take", "Y_all", "batch", out="Y", options=options, formula="Y = Y_all[batch]")

    def _write_forward(self, number: int) -> None:
        self.writer.at(Phase.FORWARD, number)
        bias = f" + b{number}" if self.layout.blocks[number - 1].has_bias else ""
        self._write_product(
            Product(
                left=f"P{number}.T",
                right=f"H{number - 1}.T",
                out=f"Z{number}.T",
                formula=f"Z{number} = {self._inputs(number)}·W{number}{bias}",
                rows=self._alike(number),
            )
        )
        self.layers[number - 1].activation.write_forward(self.writer, f"Z{number}", f"A{number}")
        if self.layers[number - 1].dropout:
            self.writer.emit("np.multiply", f"A{number}", f"mask{number}", out=f"A{number}_masked")

    def _write_loss(self) -> None:
        self.writer.at(Phase.LOSS)
        self.experiment.loss.write_loss(self.writer, f"A{len(self.layers)}", "Y", "loss")

    def _write_backward(self, number: int) -> None:
        self.writer.at(Phase.BACKWARD, number)
        layer, z, a, dz = self.layers[number - 1], f"Z{number}", f"A{number}", f"dZ{number}"
        if number == len(self.layers):
            self.experiment.loss.write_backward(self.writer, layer.activation, z, a, "Y", dz)
        else:
            self._write_product(
                Product(
                    # all of P, because np.dot copies operands with gaps; the row that belongs to b is left unread
                    left=f"P{number + 1}",
                    right=f"dZ{number + 1}.T",
                    out=f"dA{number}_whole.T",
                    formula=f"dA{number} = dZ{number + 1}·W{number + 1}ᵀ",
                    rows=self._alike(number),
                )
            )
            if layer.dropout:
                self.writer.emit("np.multiply", f"dA{number}", f"mask{number}", out=f"dA{number}")
            layer.activation.write_backward(self.writer, z, a, f"dA{number}", dz)
        self.writer.for_show = self._is_low_rank
        bias = f", db{number} = Σ dZ{number}" if self.layout.blocks[number - 1].has_bias else ""
        self._write_product(
            Product(
                left=f"dZ{number}.T",
                right=f"H{number - 1}",
                out=f"G{number}.T",
                formula=f"dW{number} = {self._inputs(number)}ᵀ·dZ{number}{bias}",
                rows=self._alike(number),
                columns=self._alike(number - 1),
            )
        )
        self.writer.for_show = False

    def _write_weight_decay(self) -> None:
        if not self.experiment.weight_decay:
            return
        arrays = self.writer.arrays
        arrays["decay"] = aligned_zeros((self.layout.size,), self.writer.dtype)
        for block in self.layout.blocks:
            block.weights(arrays["decay"])[...] = self.experiment.weight_decay
        self.writer.at(Phase.BACKWARD)
        self.writer.for_show = self._is_low_rank
        for _ in self._chunks():
            self.writer.emit("np.multiply", "decay", "theta", out="update", formula="λ·W")
            self.writer.emit("np.add", "gradient", "update", out="gradient", formula="g = g + λ·W")
        self.writer.for_show = False

    def _write_update(self) -> None:
        self.writer.at(Phase.UPDATE)
        optimizer = self.experiment.optimizer
        rate = optimizer.low_rank_rate
        if self._is_low_rank and rate is not None:
            update = LowRankUpdate(self.writer, self.layout, self._write_product, self._alike)
            update.write(rate, self.experiment.weight_decay)
            return
        optimizer.write_preparation(self.writer)
        for _ in self._chunks():
            optimizer.write_update(self.writer)

    @property
    def _is_low_rank(self) -> bool:
        """Return whether W can be updated without forming its gradient: few samples, plain SGD.

        With several samples only where that is quicker; it rounds otherwise than what everyone writes, so not in
        the arithmetic that shows the rounding.
        """
        quicker = self.experiment.arithmetic == "exact" and self.layout.size > 2 * CHUNK_SIZE
        few = self.batched and self.samples <= (MAX_SAMPLES_PER_CHUNKED_PRODUCT if quicker else 1)
        return few and self.experiment.optimizer.low_rank_rate is not None

    def _chunks(self) -> Iterator[None]:
        """Let the names of the flat vectors stand for one chunk of them after the other.

        A short vector is a single chunk.
        """
        for chunk, (start, stop) in enumerate(pairwise(self._chunk_bounds())):
            self._choose_chunk(chunk, start, stop)
            yield
        self.writer.aliases = {}

    def _chunk_bounds(self) -> list[int]:
        size = self.layout.size
        count = -(-size // CHUNK_SIZE) if size > 2 * CHUNK_SIZE else 1
        return [round(size * index / count) for index in range(count + 1)]

    def _choose_chunk(self, chunk: int, start: int, stop: int) -> None:
        if stop - start == self.layout.size:
            return
        arrays = self.writer.arrays
        for name in ("theta", "gradient", "decay", *self._state_names()):
            if name in arrays:
                arrays[f"{name}_{chunk}"] = arrays[name][start:stop]
                self.writer.aliases[name] = f"{name}_{chunk}"
        arrays[f"update_{chunk}"] = arrays["update"][: stop - start]
        self.writer.aliases["update"] = f"update_{chunk}"

    def _write_product(self, product: Product) -> None:
        self.kernels[product] = write_product(self.writer, product, self.experiment.arithmetic)

    def _alike(self, number: int) -> int:
        """Return how many units of a layer have to be treated alike: the neurons of hidden layers."""
        return self.layout.widths[number] if 0 < number < len(self.layers) else 0

    def _inputs(self, number: int) -> str:
        return "X" if number == 1 else f"A{number - 1}"
