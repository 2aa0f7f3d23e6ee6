"""All parameters of a network in one flat vector, and what part of it is which weight matrix.

In memory a layer is (fan_out, fan_in) with the bias as a last column, so that one product gives X·W + b. Outside this
file weights are always (fan_in, fan_out): column j is neuron j.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import ExperimentError
from engine.experiment import Experiment
from engine.initializers import Array, Initializer
from engine.randomness import Floats, Purpose, Rng, Source, stream

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Block:
    """The place of one layer's parameters in a flat vector: positions `start` to `stop`.

    `rows` is how many numbers feed one neuron: fan_in, and 1 for the bias if there is one.
    """

    start: int
    stop: int
    fan_in: int
    fan_out: int
    rows: int

    @property
    def has_bias(self) -> bool:
        """Return whether the layer has biases."""
        return self.rows > self.fan_in

    def of(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view (…, fan_in [+ 1], fan_out) of this layer in (…, parameters): W with b as its last row."""
        part = flat[..., self.start : self.stop]
        return part.reshape(*part.shape[:-1], self.fan_out, self.rows).swapaxes(-1, -2)

    def weights(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view (…, fan_in, fan_out) of W."""
        return self.of(flat)[..., : self.fan_in, :]

    def biases(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number] | None:
        """Return the view (…, fan_out) of b, or None where the layer has none."""
        return self.of(flat)[..., self.fan_in, :] if self.has_bias else None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each layer's parameters lie in a flat vector of `size` numbers."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Return the number of parameters."""
        return self.blocks[-1].stop

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of units of every layer, the inputs first."""
        return (self.blocks[0].fan_in, *(block.fan_out for block in self.blocks))


def layout_of(experiment: Experiment, inputs: int) -> Layout:
    """Return the layout of an experiment's network on data with so many inputs."""
    return layout_of_layers(
        inputs, [(layer.units, layer.biases is not None) for layer in experiment.network.layers]
    )


def layout_of_layers(inputs: int, layers: Iterable[tuple[int, bool]]) -> Layout:
    """Return the layout of layers of so many units, with biases or without."""
    blocks: list[Block] = []
    start, fan_in = 0, inputs
    for units, has_bias in layers:
        rows = fan_in + has_bias
        stop = start + rows * units
        blocks.append(Block(start, stop, fan_in, units, rows))
        start, fan_in = stop, units
    return Layout(tuple(blocks))


def initial_parameters(experiment: Experiment, layout: Layout) -> Floats:
    """Return the flat vector (parameters,) with which training of `experiment` starts, in its dtype."""
    flat = np.zeros(layout.size)
    legacy = np.random.RandomState(experiment.seed) if experiment.stream == "mt19937" else None
    transposed = experiment.draw == "fan_out_first"

    def rng(purpose: Purpose, layer: int) -> Rng:
        return legacy or stream(experiment.seed, purpose, layer)

    for number, (layer, block) in enumerate(
        zip(experiment.network.layers, layout.blocks, strict=True), start=1
    ):
        shape = (block.fan_in, block.fan_out)
        weights = Source(rng(Purpose.WEIGHTS, number), shape, transposed)
        path = f"network.layers.{number - 1}"
        block.weights(flat)[...] = _sampled(
            layer.weights, shape, weights, f"{path}.weights", experiment.float_type
        )
        biases = block.biases(flat)
        if layer.biases is not None and biases is not None:
            source = Source(rng(Purpose.BIASES, number), (block.fan_out,))
            biases[...] = _sampled(layer.biases, shape, source, f"{path}.biases", experiment.float_type)
    return flat.astype(experiment.float_type)


def _sampled(
    initializer: Initializer, shape: tuple[int, int], source: Source, path: str, dtype: np.dtype[Any]
) -> Array:
    with np.errstate(all="ignore"):
        values = initializer.sample(*shape, source)
        finite = np.isfinite(values.astype(dtype)).all()
    if not finite:
        raise ExperimentError(path, f"must give finite numbers, these are too large for {dtype}")
    return values
