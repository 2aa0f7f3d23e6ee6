"""A compiled training step: its tape, and its arrays by what they are instead of by their names on the tape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.compile.step_arrays import LayerOnTape, StepArrays
from engine.core.arrays import AnyArray, Floats
from engine.experiments.experiment import Experiment
from engine.model.layout import Block, Layout
from engine.native.lowering import quick_calls
from engine.tape.instructions import Phase, Renumbering, Tape
from engine.tape.kernels import Product
from engine.tape.writer import TapeArray


@dataclass(frozen=True)
class LayerArrays:
    """The live arrays of one layer of a step; None where the layer or the step has none.

    `inputs` (samples, fan_in) is what W multiplies, `feed` the same with a last column of ones where there are biases.
    `parameters` and `gradient` are (rows, fan_out), W with b as last row; `weights`, `weight_gradient` (fan_in, fan_out)
    and `biases`, `bias_gradient` (fan_out,) are their parts. `z`, `a`, `error` (dA), `delta` (dZ) and the dropout `mask`
    are (samples, fan_out). `u` is what the activation gets and `u_delta` (dU) its gradient: `z` and `delta` themselves,
    unless the layer is normalized, by way of `normalized` (N). `memory` is what the optimizer remembers of the
    parameters, (rows, fan_out) each. `f` is what the activation gives: `a` itself, unless the layer is residual.
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
    u: Floats
    u_delta: Floats
    normalized: Floats | None
    f: Floats
    gradient: Floats
    weight_gradient: Floats
    bias_gradient: Floats | None
    memory: tuple[Floats, ...]


@dataclass(frozen=True)
class Step:
    """A compiled training step.

    `tape` runs it; `arrays` are those that the step was compiled with, of which the tape has the live ones by the same
    names. `kernels` gives for each product the name of the kernel that computes it. `renumbered` returns the numbers of
    the step of another experiment on the same arrays, or None where that step does not do the same. `decays_apart`:
    weight decay is no part of the gradient.
    """

    tape: Tape
    layout: Layout
    arrays: StepArrays
    kernels: dict[Product, str]
    renumbered: Callable[[Experiment], Renumbering | None]
    decays_apart: bool = False

    def run(self, *phases: Phase, theta: Floats | None = None) -> None:
        """Do some phases of the step; if `theta` (parameters,) is given, it replaces the parameters first.

        Infinite numbers are results and raise nothing.
        """
        if theta is not None:
            self.theta[...] = theta
        with np.errstate(all="ignore"):
            for call in self._calls(phases):
                call()

    def _calls(self, phases: tuple[Phase, ...]) -> list[Callable[[], object]]:
        if phases not in self._known_calls:
            self._known_calls[phases] = quick_calls(self.tape.calls(phases))
        return self._known_calls[phases]

    @cached_property
    def _known_calls(self) -> dict[tuple[Phase, ...], list[Callable[[], object]]]:
        return {}

    @property
    def theta(self) -> Floats:
        """Return the live parameters (parameters,)."""
        return self._live(self.arrays.theta)

    @property
    def gradient(self) -> Floats:
        """Return the live gradient (parameters,), weight decay included."""
        return self._live(self.arrays.gradient)

    @property
    def pull(self) -> Floats | None:
        """Return what weight decay and l1 add to the gradient (parameters,) at the live parameters; None without them."""
        decay, lasso = self.arrays.decay, self.arrays.lasso
        if self.decays_apart:
            decay = None
        if decay is None and lasso is None:
            return None
        found = np.zeros_like(self.theta)
        if decay is not None:
            found += self._live(decay) * self.theta
        if lasso is not None:
            found += self._live(lasso) * np.sign(self.theta)
        return found

    @cached_property
    def memory(self) -> tuple[Floats, ...]:
        """Return what the optimizer remembers, live vectors (parameters,) each."""
        return tuple(map(self._live, self.arrays.states))

    @property
    def update_number(self) -> Floats:
        """Return the live number of updates done, a 0-d array that optimizers count up."""
        return self._live(self.arrays.update_number)

    @property
    def loss(self) -> Floats:
        """Return the live loss, a 0-d array."""
        return self._live(self.arrays.loss)

    @property
    def inputs(self) -> Floats:
        """Return the live inputs of the network (samples, inputs)."""
        return self._live(self.arrays.samples.inputs)

    @property
    def targets(self) -> Floats:
        """Return the live targets of the network (samples, outputs)."""
        return self._live(self.arrays.samples.targets)

    @property
    def outputs(self) -> Floats:
        """Return the live outputs of the network (samples, outputs)."""
        return self.layers[-1].a

    @property
    def batch(self) -> npt.NDArray[np.intp] | None:
        """Return the live numbers (samples,) of the training samples of the step; None where it uses all of them."""
        source = self.arrays.samples.source
        return None if source is None else self._live(source.chosen)

    @cached_property
    def dropouts(self) -> tuple[tuple[Floats, float], ...]:
        """Return each live dropout mask (samples, fan_out), to be drawn before the step, with its share of zeros."""
        found = [layer.dropout for layer in self.arrays.layers if layer.dropout is not None]
        return tuple((self._live(dropout.mask), dropout.share) for dropout in found)

    @cached_property
    def layers(self) -> tuple[LayerArrays, ...]:
        """Return the live arrays of every layer, the output layer last."""
        return tuple(
            self._arrays_of(layer, block)
            for layer, block in zip(self.arrays.layers, self.layout.blocks, strict=True)
        )

    def _arrays_of(self, layer: LayerOnTape, block: Block) -> LayerArrays:
        theta, gradient, feed = self.theta, self.gradient, self._live(layer.feed)
        return LayerArrays(
            inputs=feed[:, : block.fan_in],
            feed=feed,
            parameters=block.of(theta),
            weights=block.weights(theta),
            biases=block.biases(theta),
            z=self._live(layer.z),
            a=self._live(layer.a),
            mask=None if layer.dropout is None else self._live(layer.dropout.mask),
            error=None if layer.error is None else self._live(layer.error.of_outputs),
            delta=self._live(layer.delta),
            u=self._live(layer.u),
            u_delta=self._live(layer.u_delta),
            f=self._live(layer.f),
            normalized=None if layer.norm is None else self._live(layer.norm.normalized),
            gradient=block.of(gradient),
            weight_gradient=block.weights(gradient),
            bias_gradient=block.biases(gradient),
            memory=tuple(block.of(state) for state in self.memory),
        )

    def _live(self, array: TapeArray) -> AnyArray:
        return self.tape.arrays[array.name]
