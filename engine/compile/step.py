"""A compiled training step: its tape, and its arrays by what they are instead of by their names on the tape."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.core.arrays import Floats
from engine.model.layout import Layout
from engine.tape.instructions import Phase, Tape
from engine.tape.kernels import Product


@dataclass(frozen=True)
class LayerArrays:
    """The live arrays of one layer of a step; None where the layer or the step has none.

    `inputs` (samples, fan_in) is what W multiplies, `feed` the same with a last column of ones where there are biases.
    `parameters` and `gradient` are (rows, fan_out), W with b as last row; `weights`, `weight_gradient` (fan_in, fan_out)
    and `biases`, `bias_gradient` (fan_out,) are their parts. `z`, `a`, `error` (dA), `delta` (dZ) and the dropout `mask`
    are (samples, fan_out). `memory` is what the optimizer remembers of the parameters, (rows, fan_out) each.
    """

    inputs: Floats
    feed: Floats
    parameters: Floats
    weights: Floats
    biases: Floats | None
    z: Floats
    a: Floats
    mask: Floats | None
    error: Floats | None
    delta: Floats
    gradient: Floats
    weight_gradient: Floats
    bias_gradient: Floats | None
    memory: tuple[Floats, ...]


@dataclass(frozen=True)
class Step:
    """A compiled training step.

    `tape` runs it; `kernels` gives for each product the name of the kernel that computes it. `output` is the name of the
    array of the network's outputs (samples, outputs). `dropouts` gives the name of each dropout mask, which has to be
    drawn before the step, and its share of zeros.
    """

    tape: Tape
    layout: Layout
    kernels: dict[Product, str]
    output: str
    dropouts: dict[str, float]

    def run(self, *phases: Phase, theta: Floats | None = None) -> None:
        """Do some phases of the step, with other parameters `theta` (parameters,) if there are any.

        Infinite numbers are results.
        """
        if theta is not None:
            self.theta[...] = theta
        with np.errstate(all="ignore"):
            for call in self._calls(phases):
                call()

    def _calls(self, phases: tuple[Phase, ...]) -> tuple[Callable[[], object], ...]:
        if phases not in self._known_calls:
            self._known_calls[phases] = self.tape.calls(phases)
        return self._known_calls[phases]

    @cached_property
    def _known_calls(self) -> dict[tuple[Phase, ...], tuple[Callable[[], object], ...]]:
        return {}

    @property
    def theta(self) -> Floats:
        """Return the live parameters (parameters,)."""
        return self.tape.arrays["theta"]

    @property
    def gradient(self) -> Floats:
        """Return the live gradient (parameters,), weight decay included."""
        return self.tape.arrays["gradient"]

    @cached_property
    def decay_factors(self) -> Floats | None:
        """Return λ for each weight and 0 for each bias (parameters,); None without weight decay."""
        return self.tape.arrays.get("decay")

    @cached_property
    def memory(self) -> tuple[Floats, ...]:
        """Return what the optimizer remembers, live vectors (parameters,) each."""
        arrays = self.tape.arrays
        return tuple(array for name, array in arrays.items() if re.fullmatch(r"state_\d+", name))

    @property
    def update_number(self) -> Floats:
        """Return the live number of updates done, a 0-d array that optimizers count up."""
        return self.tape.arrays["update_number"]

    @property
    def loss(self) -> Floats:
        """Return the live loss, a 0-d array."""
        return self.tape.arrays["loss"]

    @property
    def inputs(self) -> Floats:
        """Return the live inputs of the network (samples, inputs)."""
        return self.tape.arrays["X"]

    @property
    def outputs(self) -> Floats:
        """Return the live outputs of the network (samples, outputs)."""
        return self.tape.arrays[self.output]

    @property
    def batch(self) -> npt.NDArray[np.intp] | None:
        """Return the live numbers (samples,) of the training samples of the step; None where it uses all of them."""
        return self.tape.arrays.get("batch")

    @cached_property
    def layers(self) -> tuple[LayerArrays, ...]:
        """Return the live arrays of every layer, the output layer last."""
        return tuple(self._arrays_of(number) for number in range(1, len(self.layout.blocks) + 1))

    def _arrays_of(self, number: int) -> LayerArrays:
        arrays, block = self.tape.arrays, self.layout.blocks[number - 1]
        return LayerArrays(
            inputs=arrays[f"H{number - 1}"][:, : block.fan_in],
            feed=arrays[f"H{number - 1}"],
            parameters=block.of(arrays["theta"]),
            weights=block.weights(arrays["theta"]),
            biases=block.biases(arrays["theta"]),
            z=arrays[f"Z{number}"],
            a=arrays[f"A{number}"],
            mask=arrays.get(f"mask{number}"),
            error=arrays.get(f"dA{number}"),
            delta=arrays[f"dZ{number}"],
            gradient=block.of(arrays["gradient"]),
            weight_gradient=block.weights(arrays["gradient"]),
            bias_gradient=block.biases(arrays["gradient"]),
            memory=tuple(block.of(state) for state in self.memory),
        )
