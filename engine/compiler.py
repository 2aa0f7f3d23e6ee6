"""Experiment → tape: writes one training step down as a list of instructions.

Names on the tape, with samples as rows: `X` inputs, `Y` targets, `Z2` and `A2` of layer 2, `H1` the inputs of layer 2
with a last column of ones, `P2` the weights of layer 2 with the biases as last row, `G2` their gradient, `dZ2` and `dA2`
the gradients of the loss; `theta`, `gradient` and `state_0` … are the flat vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arithmetic import Product, aligned_zeros, limit_blas_to_one_thread, up_to_block, write_product
from engine.experiment import Experiment
from engine.network import Layout
from engine.randomness import Floats
from engine.tape import Phase, Tape, TapeWriter


@dataclass(frozen=True)
class Step:
    """A compiled training step.

    `tape` runs it; `ways` says for each product how it is computed. The tape's `loss` is a 0-d array, `output` is
    the name of the network's outputs (samples, outputs).
    """

    tape: Tape
    layout: Layout
    ways: dict[str, str]
    output: str


def compile_step(experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> Step:
    """Return the step of `experiment` on the samples `inputs` (n, inputs) and `targets` (n, outputs)."""
    limit_blas_to_one_thread()
    return _Compiler(experiment, layout, inputs, targets).compile()


class _Compiler:
    def __init__(self, experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> None:
        self.experiment = experiment
        self.layout = layout
        self.layers = experiment.network.layers
        self.samples = len(inputs)
        dtype = experiment.float_type
        self.writer = TapeWriter(dtype, hard_targets=bool(np.isin(targets, (0.0, 1.0)).all()))
        self.ways: dict[str, str] = {}
        arrays = self.writer.arrays
        for name in ("theta", "gradient", "update", *self._state_names()):
            arrays[name] = aligned_zeros((layout.size,), dtype)
        arrays["loss"] = np.zeros((), dtype)
        arrays["update_number"] = np.zeros((), dtype)
        self._make_layer_arrays()
        arrays["X"][...] = inputs
        arrays["Y"] = targets.astype(dtype)

    def _state_names(self) -> list[str]:
        return [f"state_{index}" for index in range(self.experiment.optimizer.state_count)]

    def _make_layer_arrays(self) -> None:
        arrays = self.writer.arrays
        self._make_units("H0", "X", self.layout.blocks[0].fan_in, ones=self.layout.blocks[0].has_bias)
        for number, block in enumerate(self.layout.blocks, start=1):
            arrays[f"P{number}"] = block.of(arrays["theta"])
            arrays[f"W{number}"] = block.weights(arrays["theta"])
            arrays[f"G{number}"] = block.of(arrays["gradient"])
            hidden = number < len(self.layers)
            self._make_units(
                f"H{number}", f"A{number}", block.fan_out, ones=hidden and self.layout.blocks[number].has_bias
            )
            for name in ("Z", "dZ", "dA"):
                self._make_units(f"{name}{number}_whole", f"{name}{number}", block.fan_out, ones=False)

    def _make_units(self, whole: str, units: str, count: int, *, ones: bool) -> None:
        """Make an array (samples, count), one neuron after the other in memory, zeros behind it up to whole blocks.

        `units` is that array, `whole` includes a last column of ones if wanted; the zeroed surroundings spare padded
        products a copy.
        """
        arrays, dtype = self.writer.arrays, self.writer.dtype
        memory = aligned_zeros((up_to_block(count + ones, dtype), self.samples), dtype)
        memory[count : count + ones] = 1.0
        arrays[units] = memory[:count].T
        arrays[whole] = memory[: count + ones].T
        arrays[f"{units}_surrounded"] = arrays[f"{whole}_surrounded"] = memory.T

    def compile(self) -> Step:
        for number in range(1, len(self.layers) + 1):
            self._write_forward(number)
        self._write_loss()
        for number in range(len(self.layers), 0, -1):
            self._write_backward(number)
        self._write_weight_decay()
        self._write_update()
        tape = Tape(self.writer.arrays, tuple(self.writer.instructions))
        return Step(tape, self.layout, self.ways, f"A{len(self.layers)}")

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
                    left=f"W{number + 1}",
                    right=f"dZ{number + 1}.T",
                    out=f"dA{number}.T",
                    formula=f"dA{number} = dZ{number + 1}·W{number + 1}ᵀ",
                    rows=self._alike(number),
                )
            )
            layer.activation.write_backward(self.writer, z, a, f"dA{number}", dz)
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

    def _write_weight_decay(self) -> None:
        arrays = self.writer.arrays
        decay = self.experiment.weight_decay
        if decay:
            self.writer.at(Phase.BACKWARD)
            arrays["decay"] = np.zeros(self.layout.size, self.writer.dtype)
            for block in self.layout.blocks:
                block.weights(arrays["decay"])[...] = decay
            self.writer.emit("np.multiply", "decay", "theta", out="update")
            self.writer.emit("np.add", "gradient", "update", out="gradient", formula="g = g + λ·W")

    def _write_update(self) -> None:
        self.writer.at(Phase.UPDATE)
        self.writer.emit("np.add", "update_number", 1.0, out="update_number")
        self.experiment.optimizer.write_update(self.writer)

    def _write_product(self, product: Product) -> None:
        self.ways[product.formula] = write_product(self.writer, product, self.experiment.arithmetic)

    def _alike(self, number: int) -> int:
        """Return how many units of a layer have to be treated alike: all but the outputs, which have targets."""
        return self.layout.widths[number] if number < len(self.layers) else 0

    def _inputs(self, number: int) -> str:
        return "X" if number == 1 else f"A{number - 1}"
