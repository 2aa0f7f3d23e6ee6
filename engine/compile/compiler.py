"""The compiler: writes one training step of an experiment as a tape.

These are the names on the tape, with n samples as rows and layer 2 as the example:

* `X` (n, inputs) and `Y` (n, outputs) are the inputs and targets of the network.
* `Z2` and `A2` (n, fan_out) are the weighted sums and the outputs of the layer; `dZ2` and `dA2` are the gradients of the
  loss with respect to them.
* `H1` (n, rows) holds the inputs of the layer, with a last column of ones if the layer has biases.
* `P2` (rows, fan_out) holds the weights, with the biases as last row; `W2` (fan_in, fan_out) is the weights alone, and
  `G2` (rows, fan_out) is the gradient of `P2`.
* `theta`, `gradient` and `state_0`, `state_1` … (parameters,) are the flat vectors of all layers.
* `batch` (n,) holds the numbers of the samples of a mini-batch, which the step takes from `X_all` and `Y_all`.
* `mask2` (n, fan_out) holds 0 or 1/(1 - dropout) for every output of the layer.

`batch` and the masks are drawn before the step.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from engine.compile.chunks import is_chunked, over_chunks
from engine.compile.low_rank import MAX_SAMPLES_PER_LOW_RANK_UPDATE, LowRankUpdate
from engine.compile.step import Step
from engine.core.arrays import AnyArray, Floats
from engine.experiments.experiment import Batch, Experiment
from engine.model.layout import Layout
from engine.tape.blas import aligned_zeros, limit_blas_to_one_thread, up_to_block
from engine.tape.instructions import Phase, Tape
from engine.tape.kernels import Product
from engine.tape.products import write_product
from engine.tape.writer import TapeWriter


def compile_step(experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> Step:
    """Return the training step of `experiment` on the samples `inputs` (n, inputs) and `targets` (n, outputs)."""
    limit_blas_to_one_thread()
    with np.errstate(all="ignore"):  # a number too large for float32 becomes infinite
        return _Compiler(experiment, layout, inputs, targets).compile()


def over_all_samples(experiment: Experiment) -> Experiment:
    """Return the experiment in the form that measuring uses: all samples at once and no dropout.

    Measured values never enter the training, so plain BLAS products do: they may round equal neurons differently.
    """
    layers = [msgspec.structs.replace(layer, dropout=0.0) for layer in experiment.network.layers]
    network = msgspec.structs.replace(experiment.network, layers=layers)
    return msgspec.structs.replace(experiment, network=network, batch=Batch(), arithmetic="blas")


_ROWS: dict[tuple[int, int, str], AnyArray] = {}
"""The results of `_rows_with_ones` that are in use."""


def _rows_with_ones(inputs: Floats, rows: int, dtype: np.dtype[Any]) -> AnyArray:
    """Return a locked copy (n, rows) of `inputs` (n, fan_in), with a last column of ones if `rows` is fan_in + 1.

    Steps on the same inputs share one copy, because a copy per lane of a picture data set would fill the memory. The copy
    is dropped together with the inputs.
    """
    key = (id(inputs), rows, dtype.str)
    if key not in _ROWS:
        copy = np.ones((len(inputs), rows), dtype)
        copy[:, : inputs.shape[1]] = inputs
        copy.flags.writeable = False
        _ROWS[key] = copy
        weakref.finalize(inputs, _ROWS.pop, key, None)
    return _ROWS[key]


class _Compiler:
    """Makes the arrays of a step, and writes its instructions in the order of its phases."""

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
        """Make the arrays of all samples, with their column of ones, so that one `take` makes a batch."""
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
        """Make `A2_masked`, the outputs for the next layer, next to `A2`, which the derivative of the layer needs."""
        arrays = self.writer.arrays
        arrays[f"A{number}_masked"] = arrays[f"A{number}"]
        arrays[f"A{number}"] = np.zeros_like(arrays[f"A{number}_masked"])
        arrays[f"mask{number}"] = np.ones_like(arrays[f"A{number}"])
        self.dropouts[f"mask{number}"] = self.layers[number - 1].dropout

    def _make_units(self, whole: str, units: str, count: int, *, ones: bool) -> None:
        """Make an array named `units` (samples, count), in which the numbers of one neuron are contiguous in memory.

        `whole` names the same array, with a last column of ones if `ones`. The array is surrounded by zeros up to whole
        blocks, so that padded products need no copy. A single neuron gets no zeros: it needs no padding, and its arrays
        on a batch axis are one contiguous array.
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
        options = {"axis": 0, "mode": "'clip'"}  # in its default mode, take() buffers `out`
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
                    # All of P, because np.dot copies operands with gaps; nobody reads the result for the bias row.
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
        for _ in self._over_chunks():
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
        for _ in self._over_chunks():
            optimizer.write_update(self.writer)

    def _over_chunks(self) -> Iterator[None]:
        """Let the names of the flat vectors stand for one chunk of them after another."""
        names = ("theta", "gradient", "decay", *self._state_names())
        return over_chunks(self.writer, [name for name in names if name in self.writer.arrays], "update")

    @property
    def _is_low_rank(self) -> bool:
        """Return whether plain SGD updates W from the samples of a batch, without the gradient matrix.

        With several samples this is faster only on large networks, and it rounds differently from the textbook formula;
        the `blas` arithmetic, which exists to show rounding, therefore does without.
        """
        if not self.batched or self.experiment.optimizer.low_rank_rate is None:
            return False
        large = self.experiment.arithmetic == "exact" and is_chunked(self.layout.size)
        return self.samples <= (MAX_SAMPLES_PER_LOW_RANK_UPDATE if large else 1)

    def _write_product(self, product: Product) -> None:
        self.kernels[product] = write_product(self.writer, product, self.experiment.arithmetic)

    def _alike(self, number: int) -> int:
        """Return how many units of a layer must be treated alike: all neurons of a hidden layer, otherwise 0."""
        return self.layout.widths[number] if 0 < number < len(self.layers) else 0

    def _inputs(self, number: int) -> str:
        return "X" if number == 1 else f"A{number - 1}"
