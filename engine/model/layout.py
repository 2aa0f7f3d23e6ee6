"""All parameters of a network in one flat vector, and what part of it is which weight matrix.

In memory a layer is (fan_out, fan_in) with the bias as a last column, so that one product gives X·W + b. Outside this
file weights are always (fan_in, fan_out): column j is neuron j. Behind the weights and biases of all layers come the
scales and shifts of normalized layers, and at the very end running averages, which are no parameters: their gradient is
always 0, and every step writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from engine.kinds.normalizations import NAMES_OF_AVERAGES, NAMES_OF_LEARNT

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
class Norm:
    """The place of what a normalized layer of `fan_out` neurons has besides, in a flat vector.

    Its scales begin at `start`, and its shifts follow them. The running means begin at `averages`, and the running
    variances follow them; None where it keeps none.
    """

    start: int
    fan_out: int
    averages: int | None

    def learnt(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view (…, 2, fan_out) of the scales and shifts in (…, parameters)."""
        return self._rows(flat, self.start)

    def running(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number] | None:
        """Return the view (…, 2, fan_out) of the running means and variances, or None where there are none."""
        return None if self.averages is None else self._rows(flat, self.averages)

    def named(self, flat: npt.NDArray[Number]) -> dict[str, npt.NDArray[Number]]:
        """Return views (…, fan_out) of all of them, by their names."""
        rows, running = self.learnt(flat), self.running(flat)
        found = {name: rows[..., place, :] for place, name in enumerate(NAMES_OF_LEARNT)}
        if running is not None:
            found |= {name: running[..., place, :] for place, name in enumerate(NAMES_OF_AVERAGES)}
        return found

    def _rows(self, flat: npt.NDArray[Number], start: int) -> npt.NDArray[Number]:
        part = flat[..., start : start + 2 * self.fan_out]
        return part.reshape(*part.shape[:-1], 2, self.fan_out)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each layer's parameters lie in a flat vector of `size` numbers.

    `norms` has an entry for each layer, None for one that is not normalized. `residuals` says of each layer whether it
    adds its inputs to its outputs.
    """

    blocks: tuple[Block, ...]
    norms: tuple[Norm | None, ...]
    residuals: tuple[bool, ...]
    size: int

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of units of every layer, the inputs first."""
        return (self.blocks[0].fan_in, *(block.fan_out for block in self.blocks))

    def chain(self, index: int) -> range:
        """Return the layers (from 0) that residual connections join, one of them `index`.

        It begins at -1 where those of the inputs of the network are passed on.
        """
        first, last = index, index
        while first >= 0 and self.residuals[first]:
            first -= 1
        while last + 1 < len(self.residuals) and self.residuals[last + 1]:
            last += 1
        return range(first, last + 1)

    def connections(self, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return the view of the weights and biases of all layers, without what normalized layers have besides."""
        return flat[..., : self.blocks[-1].stop]

    def columns(self, index: int, flat: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return all that the neurons of layer `index` (from 0) learn of their own, (…, numbers, fan_out).

        These are W with b as its last row, and where the layer is normalized a row of scales and one of shifts behind
        it: then it is a copy, otherwise a view.
        """
        whole, norm = self.blocks[index].of(flat), self.norms[index]
        return whole if norm is None else np.concatenate([whole, norm.learnt(flat)], axis=-2)


@dataclass(frozen=True, slots=True)
class LayerForm:
    """What of a layer decides how many parameters it has: its units, its biases, and how it is normalized.

    `is_normalized` layers learn a scale and a shift of each neuron; those that `keep_averages` have running ones, too.
    `is_residual` ones add their inputs to their outputs, which takes no parameters.
    """

    units: int
    has_bias: bool
    is_normalized: bool = False
    keep_averages: bool = False
    is_residual: bool = False


def layout_of_layers(inputs: int, layers: Iterable[LayerForm]) -> Layout:
    """Return the layout of layers behind so many inputs."""
    forms = list(layers)
    blocks: list[Block] = []
    start = 0
    for fan_in, form in zip([inputs, *(form.units for form in forms)], forms, strict=False):
        rows = fan_in + form.has_bias
        blocks.append(Block(start, start + rows * form.units, fan_in, form.units, rows))
        start = blocks[-1].stop
    learnt, start = _placed(forms, [form.is_normalized for form in forms], start)
    averages, size = _placed(forms, [form.keep_averages for form in forms], start)
    norms = (
        None if place is None else Norm(place, form.units, average)
        for form, place, average in zip(forms, learnt, averages, strict=True)
    )
    return Layout(tuple(blocks), tuple(norms), tuple(form.is_residual for form in forms), size)


def _placed(forms: Sequence[LayerForm], chosen: Sequence[bool], start: int) -> tuple[list[int | None], int]:
    """Return where two numbers for each neuron of the chosen layers begin, one layer behind the other, and the end."""
    places: list[int | None] = []
    for form, is_chosen in zip(forms, chosen, strict=True):
        places.append(start if is_chosen else None)
        start += 2 * form.units * is_chosen
    return places, start
